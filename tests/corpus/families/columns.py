"""Which columns there are and what they are called: other names, another order, missing, doubled, added, misspelt."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from syncer.core.model import Ledger
from tests.corpus.families.layouts import WRITERS, saved
from tests.corpus.layout import Layout, lay_out
from tests.corpus.page import Case, Page, Record
from tests.corpus.records import ACTIVITIES, sheet_named

RENAMED: Mapping[str, Mapping[str, str]] = {
    "aliases of the settings": {"日期": "活动时间", "活动名称": "活动主题", "参加人数": "参与人数", "地点": "活动地点"},
    "more aliases": {"日期": "开展时间", "活动名称": "名称", "类别": "活动类型", "主要内容": "活动情况", "备注": "说明"},
    "full-width and spaces": {"日期": "日　期", "参加人数": "参加 人数", "活动名称": "活动名称\u200b"},
    "units in brackets": {"参加人数": "参加人数（人）", "日期": "日期（年月日）", "宣传链接": "宣传链接(网址)"},
    "hints below the name": {"类别": "类别\n（请从下拉中选）", "对应任务": "对应任务\n（可多个）", "备注": "备注\n选填"},
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
    "a second 备注": (("备注", "日期"),),
    "a second 日期": (("日期", "备注"),),
    "one left of all": (("是否已报", "活动编号"),),
}


def columns(ledger: Ledger) -> Iterator[Case]:
    """Each way of naming and arranging, in turn by every writer."""
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
        page, header = lay_out(sheet, ACTIVITIES, layout)
        own = _fill_added(page, header, layout)
        case = saved(f"columns-{number:02}", says, page, WRITERS[number % len(WRITERS)], header)
        yield replace(case, meant={sheet.name: _seen(case, layout, own)})


def _fits(first: Mapping[str, Any], second: Mapping[str, Any]) -> bool:
    """Whether two ways go together: what is missing can neither be renamed nor stand first, nor have a column before it."""
    way = {**first, **second}
    touched = {*way.get("names", ()), *way.get("order", ()), *(before for _, before in way.get("added", ()))}
    return not touched & {*way.get("without", ())}


def _fill_added(page: Page, header: int, layout: Layout) -> list[str]:
    """Writes into the unit's own columns, told apart by ``其他``; returns their headers."""
    plain = {layout.names.get(name, name) for name in ACTIVITIES[0]}
    heads = page.rows[header - 1]
    own = []
    for text, before in layout.added:
        places = [at for at, head in enumerate(heads, start=1) if head == text]
        left = before and next((at for at, head in enumerate(heads, 1) if head == layout.names.get(before, before)), 0) - 1
        at = left if left and left in places else places[-1] if text not in plain else places[0]
        for row in range(header + 1, len(page.rows) + 1):
            page.put(row, at, f"其他{row - header}")
        own.append(text)
    return own


def _seen(case: Case, layout: Layout, own: list[str]) -> list[dict[str, Any]]:
    """The records without what stands nowhere, with the unit's own columns."""
    rows: list[dict[str, Any]] = []
    for number, row in enumerate(case.meant["活动台账"], start=1):
        kept = {name: value for name, value in row.items() if name not in layout.without}
        taken = {name for name in ACTIVITIES[0]}
        kept |= {f"+{text}{'(2)' if text in {'备注', '日期'} else ''}": f"其他{number}" for text in own}
        rows.append(kept)
    return rows
