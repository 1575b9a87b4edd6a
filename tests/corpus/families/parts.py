"""What programs other than Excel put into the parts of a workbook: each way alone, then every two together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, time
from functools import partial
from typing import Any

from syncer.core.model import Ledger
from syncer.core.values import PICTURE, UNCOMPUTED, CellError
from tests.corpus.by_hand import Way, write_by_hand
from tests.corpus.layout import lay_out
from tests.corpus.page import Asked, Case, Formula, Page, Record, Rich, Typed, meaning
from tests.corpus.pairs import all_pairs
from tests.corpus.records import ACTIVITIES, sheet_named
from tests.corpus.writers import with_openpyxl, with_xlsxwriter

ALONE: Mapping[str, dict[str, Any]] = {
    "rows and cells without r": {"row_numbers": False, "cell_places": False},
    "rows without r": {"row_numbers": False},
    "cells without r": {"cell_places": False},
    "dimension A1, as WPS leaves it": {"dimension": "A1"},
    "dimension one row": {"dimension": "A1:P1"},
    "dimension far too large": {"dimension": "A1:XFD1048576"},
    "dimension not from A1": {"dimension": "C5:F8"},
    "no dimension": {"dimension": "none"},
    "inline texts": {"texts": "inline"},
    "texts as formulas' results": {"texts": "formula string"},
    "texts in two fonts": {"texts": "rich"},
    "texts with readings above": {"texts": "phonetic"},
    "names with a prefix": {"prefix": "x"},
    "absolute targets": {"absolute": True},
    "styled blanks right of the rows": {"styled_blanks": 60},
    "styled rows below": {"styled_rows": 3000},
    "parts in UTF-16": {"encoding": "utf-16"},
    "parts with a byte-order mark": {"signature": True},
    "remarks between the rows": {"remarks": True},
    "days as ISO texts": {"iso_days": True},
    "days from 1904": {"epoch_1904": True},
    "Strict Open XML": {"strict": True},
    "rows from the last to the first": {"order": "backwards"},
    "the part named as in no other file": {"part_names": "xl/worksheets/数据.xml"},
    **{f"days under format {number}": {"day_format": number} for number in (14, 22, 27, 30, 31, 36, 50, 57, 58, 176)},
}
TOGETHER = {
    "cell_places": (True, False),
    "dimension": ("true", "A1", "none"),
    "texts": ("shared", "inline", "rich", "phonetic"),
    "prefix": ("", "x"),
    "absolute": (False, True),
    "styled_rows": (0, 500),
    "day_format": (14, 31, 58, 176),
    "epoch_1904": (False, True),
    "strict": (False, True),
    "remarks": (False, True),
}
DISPIMG = Formula('=DISPIMG("ID_0A1B",1)', '=DISPIMG("ID_0A1B",1)')


def parts(ledger: Ledger) -> Iterator[Case]:
    """The same table, its parts written in many ways."""
    page, header = lay_out(sheet_named(ledger, "活动台账"), ACTIVITIES)
    told = [*ALONE.items(), *((_told(choice), choice) for choice in all_pairs(TOGETHER))]
    for number, (says, way) in enumerate(told, start=1):
        write = partial(write_by_hand, pages=[page], way=Way(**way))
        refused = "FILE-006" if way.get("encoding") == "utf-16" else ""  # no program of an office writes it
        meant = {page.name: meaning(ACTIVITIES)}
        yield Case(f"parts-{number:02}", says, write, meant, refused=refused, header_row=header)


def _told(choice: Mapping[str, Any]) -> str:
    plain = Way()
    return ", ".join(f"{name} {value}" for name, value in choice.items() if getattr(plain, name) != value) or "as Excel"


DAY = date(2026, 3, 5)
CONTENTS: Mapping[str, tuple[str, list[Any]]] = {
    "formulas with a number as result": ("参加人数", [Formula("=10+20", 30), Formula("=SUM(1,2)", 3), 5]),
    "formulas with a text as result": (
        "地点",
        [Formula('="三楼"&"会议室"', "三楼会议室"), Formula('=CONCATENATE("一","楼")', "一楼")],
    ),
    "formulas with a day as result": (
        "日期",
        [Formula("=DATE(2026,3,5)", DAY), DAY],
    ),
    "a formula that is blank": ("主要内容", [Typed(Formula('=""', ""), None), "有内容"]),
    "error values in numbers": ("参加人数", [CellError("#REF!"), CellError("#DIV/0!"), CellError("#N/A"), 5]),
    "error values in texts": (
        "主要内容",
        [CellError("#NAME?"), CellError("#VALUE!"), CellError("#NULL!"), CellError("#NUM!")],
    ),
    "formulas with an error as result": ("参加人数", [Formula("=1/0", CellError("#DIV/0!")), Formula("=A1+1", 8)]),
    "pictures in cells, as WPS keeps them": ("主要内容", [Typed(DISPIMG, Asked(PICTURE)), "有照片"]),
    "a text in several fonts": ("主要内容", [Rich(("清扫", "滨河路", "两侧")), Rich(("一", "二"))]),
    "logical values": ("主要内容", [True, False, "文字"]),
    "times of day": ("主要内容", [time(9, 30), "上午"]),
    "escaped signs": (
        "主要内容",
        [Typed("第一行_x000D_\n第二行", "第一行\n第二行"), Typed("_x005F_x000D_", "_x000D_")],
    ),
}
BY_HAND = {
    "escaped signs",
    "pictures in cells, as WPS keeps them",
    "a formula that is blank",
}  # not in a library's power
UNCACHED: Mapping[str, tuple[str, list[Any]]] = {
    "formulas that nobody computed": ("参加人数", [Typed(Formula("=10+20"), Asked(UNCOMPUTED)), 5]),
    "text formulas that nobody computed": ("地点", [Typed(Formula('="三楼"'), Asked(UNCOMPUTED)), "会议室"]),
    "day formulas that nobody computed": (
        "日期",
        [Typed(Formula("=TODAY()"), Asked(UNCOMPUTED)), ACTIVITIES[2]["日期"]],
    ),
    "formulas into another workbook that nobody computed": (
        "参加人数",
        [Typed(Formula("=[1]表!A1"), Asked(UNCOMPUTED)), 5],
    ),
}


WRITE: Mapping[str, Callable[..., None]] = {
    "openpyxl": with_openpyxl,
    "by hand": write_by_hand,
    "xlsxwriter": with_xlsxwriter,
}


def contents(ledger: Ledger) -> Iterator[Case]:
    """Formulas, errors and pictures in cells, by the writers that can write them."""
    number = 0
    for contents, writers in ((CONTENTS, ("xlsxwriter", "by hand")), (UNCACHED, ("openpyxl", "by hand"))):
        for says, (column, cells) in contents.items():
            page, header, records = _filled(ledger, column, cells)
            for writer in writers:
                if says in BY_HAND and writer != "by hand":
                    continue
                number += 1
                write = WRITE[writer]
                told = f"{says}: {column} · {writer}"
                yield Case(
                    f"contents-{number:02}",
                    told,
                    partial(write, pages=[page]),
                    {page.name: meaning(records)},
                    header_row=header,
                )


def _filled(ledger: Ledger, column: str, cells: list[Any]) -> tuple[Page, int, list[Record]]:
    records: list[Record] = [
        {"日期": ACTIVITIES[0]["日期"], "活动名称": f"第{number}条", "类别": "其他", column: cell}
        for number, cell in enumerate(cells, start=1)
    ]
    page, header = lay_out(sheet_named(ledger, "活动台账"), records)
    return page, header, records
