"""Which columns there are and what they are called: other names, another order, missing, doubled, added, misspelt."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from syncer.core.model import Ledger
from tests.corpus.families.layouts import WRITERS, saved
from tests.corpus.layout import Layout, lay_out
from tests.corpus.page import Case, Record, meaning
from tests.corpus.records import ACTIVITIES, sheet_named

RENAMED: Mapping[str, Mapping[str, str]] = {
    "aliases of the settings": {"日期": "活动时间", "活动名称": "活动主题", "参加人数": "参与人数", "地点": "活动地点"},
    "more aliases": {
        "日期": "开展时间",
        "活动名称": "名称",
        "类别": "活动类型",
        "主要内容": "活动情况",
        "备注": "说明",
    },
    "full-width and spaces": {"日期": "日　期", "参加人数": "参加 人数", "活动名称": "活动名称\u200b"},
    "units in brackets": {"参加人数": "参加人数（人）", "日期": "日期（年月日）", "宣传链接": "宣传链接(网址)"},
    "hints below the name": {
        "类别": "类别\n（请从下拉中选）",
        "对应任务": "对应任务\n（可多个）",
        "备注": "备注\n选填",
    },
    "numbers before": {"日期": "1.日期", "活动名称": "2.活动名称", "类别": "3.类别", "参加人数": "8、参加人数"},
    "traditional and misspelt": {"参加人数": "參加人數", "主要内容": "主要內容", "活动名称": "活动名程"},
    "shortened": {"参加人数": "人数", "主要内容": "内容", "宣传链接": "链接"},
    "lengthened": {"参加人数": "实际参加人数", "成效": "取得的成效", "主要内容": "活动主要内容"},
    "stars and colons": {"日期": "*日期", "活动名称": "活动名称：", "类别": "类别（必填）*"},
}
ORDERS: Mapping[str, tuple[str, ...]] = {
    "last first": ("备注", "宣传链接", "成效", "主要内容", "参加人数", "活动名称", "日期"),
    "name before day": ("活动名称", "日期"),
    "number of people first": ("参加人数", "类别", "地点"),
}
MISSING: Mapping[str, tuple[str, ...]] = {
    "no remark": ("备注",),
    "no key": ("日期",),
    "no name": ("活动名称",),
    "only what is needed": ("活动编号", "主办", "参与单位", "成效", "宣传链接", "材料编号", "备注", "系统提示"),
    "no system columns": ("活动编号", "材料编号", "系统提示"),
    "no choice": ("类别",),
}
ADDED: Mapping[str, tuple[tuple[str, str], ...]] = {
    "one of her own in the middle": (("经费（元）", "参加人数"),),
    "one at the end": (("分管领导", ""),),
    "two of her own": (("经费（元）", "参加人数"), ("天气", "地点")),
    "a second 备注": (("备注", ""),),
    "a second 日期": (("日期", "备注"),),
    "one left of all": (("是否已报", "活动编号"),),
}


ASKED = {  # what is not read as meant, and why that is right
    "hints below the name": "a header with more below it than a remark in brackets is asked about, not taken",
    "traditional and misspelt": "參加人數 has two signs of four in common with a name: asked about, not taken",
}


def columns(ledger: Ledger) -> Iterator[Case]:
    """Each way of naming and arranging, in turn by every writer; then in pairs."""
    sheet = sheet_named(ledger, "活动台账")
    ways: list[tuple[str, dict[str, Any]]] = [
        *((f"renamed: {says}", {"names": names}) for says, names in RENAMED.items()),
        *((f"order: {says}", {"order": order}) for says, order in ORDERS.items()),
        *((f"missing: {says}", {"without": without}) for says, without in MISSING.items()),
        *((f"added: {says}", {"added": added}) for says, added in ADDED.items()),
    ]
    mixed = [
        (f"{one} + {other}", {**first, **second})
        for (one, first), (other, second) in zip(ways, ways[len(RENAMED) :] + ways[: len(RENAMED)], strict=True)
        if first.keys() != second.keys() and _fits(first, second)
    ]
    for number, (says, way) in enumerate((*ways, *mixed), start=1):
        layout = Layout(levels=1 + number % 2, **way)
        records = [_with_own(record, layout, at) for at, record in enumerate(ACTIVITIES, start=1)]
        page, header = lay_out(sheet, records, layout)
        case = saved(f"columns-{number:02}", says, page, WRITERS[number % len(WRITERS)], header)
        asked = next((why for what, why in ASKED.items() if what in says), "")
        yield replace(case, meant={sheet.name: meaning(records)}, asked=asked)


def _fits(first: Mapping[str, Any], second: Mapping[str, Any]) -> bool:
    """Whether two ways go together: what is missing can neither be renamed nor stand first, nor have a column before it."""
    way = {**first, **second}
    touched = {*way.get("names", ()), *way.get("order", ()), *(before for _, before in way.get("added", ()))}
    return not touched & {*way.get("without", ())}


def _with_own(record: Record, layout: Layout, number: int) -> Record:
    """A record without what stands in no column, with what stands in the unit's own."""
    there = {name: cell for name, cell in record.items() if name not in layout.without}
    return there | {f"+{header}": f"其他{number}" for header, _ in layout.added}
