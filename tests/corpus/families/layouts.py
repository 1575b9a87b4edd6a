"""Where a table stands and how its header looks: titles, levels, decorations, blank columns, in every kind of file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from syncer.core.model import Ledger
from tests.corpus.by_hand import write_by_hand
from tests.corpus.layout import DECORATED, Layout, lay_out
from tests.corpus.page import Case, Page, meaning
from tests.corpus.pairs import all_pairs
from tests.corpus.records import ACTIVITIES, ISSUES, STUDIES, sheet_named
from tests.corpus.writers import as_text, with_openpyxl, with_xlsxwriter

WRITE: dict[str, Callable[..., None]] = {"openpyxl": with_openpyxl, "by hand": write_by_hand}
WRITERS = ("xlsxwriter", "openpyxl", "by hand", "xlsx", "xls", "ods")  # the last three: saved once more by LibreOffice

HEADERS = {
    "titles": (1, 0, 2),
    "fill_in": (True, False),
    "levels": (2, 1, 3),
    "merged": (True, False),
    "decoration": tuple(DECORATED),
    "left": (0, 1),
    "numbered": (False, True),
    "column_numbers": (False, True),
    "ids": ("blank", "given", "none"),
    "writer": WRITERS,
    "records": ("活动台账", "学习教育", "问题整改"),
}
BODIES = {
    "gap": (0, 2, 70),
    "sections": (False, True),
    "subtotals": (False, True),
    "tail": ("", "total", "signature", "both", "remark"),
    "hidden_rows": (False, True),
    "filtered": (False, True),
    "hidden_columns": ((), ("地点",), ("参加人数", "备注")),
    "merged_body": ((), ("日期",), ("日期", "对应任务")),
    "ids": ("blank", "given", "none"),
    "numbered": (False, True),
    "writer": WRITERS,
}
RECORDS = {"活动台账": ACTIVITIES, "学习教育": STUDIES, "问题整改": ISSUES}


def headers(ledger: Ledger) -> Iterator[Case]:
    """Every two ways of a header together."""
    for number, choice in enumerate(all_pairs(HEADERS), start=1):
        writer, sheet = choice.pop("writer"), sheet_named(ledger, choice.pop("records"))
        layout = Layout(**choice)
        page, header = lay_out(sheet, RECORDS[sheet.name], layout)
        says = f"{sheet.name}: " + _told(choice)
        yield saved(f"header-{number:02}", says, page, writer, header, numbered=choice["numbered"])


def bodies(ledger: Ledger) -> Iterator[Case]:
    """Every two ways of what stands between and below the rows together."""
    sheet = sheet_named(ledger, "活动台账")
    for number, choice in enumerate(all_pairs(BODIES), start=1):
        writer = choice.pop("writer")
        page, header = lay_out(sheet, ACTIVITIES, Layout(**choice))
        yield saved(f"body-{number:02}", _told(choice), page, writer, header, numbered=choice["numbered"])


def saved(
    name: str, says: str, page: Page, writer: str, header: int, sheet: str = "", *, numbered: bool = False
) -> Case:
    """Returns the case of one worksheet written one way; what is meant are the records of its sheet.

    With ``numbered`` it has a column 序号, which is the unit's own.
    """
    sheet = sheet or page.name
    again = writer if writer in {"xlsx", "xls", "ods"} else ""
    write = WRITE.get(writer, with_xlsxwriter)
    says = f"{says} · {f'LibreOffice {again}' if again else writer}"
    meant = {sheet: meaning(RECORDS[sheet])}
    if numbered:
        meant = {sheet: tuple({**row, "+序号": number} for number, row in enumerate(meant[sheet], start=1))}
    return Case(name, says, partial(write, pages=[page]), meant, saved_as=again, header_row=header)


def _told(choice: dict[str, object]) -> str:
    """What differs from the ordinary, in a line."""
    plain = Layout()
    odd = {name: value for name, value in choice.items() if getattr(plain, name) != value}
    return (
        ", ".join(
            f"{name} {value}" if value not in {True, False} else f"{name if value else f'no {name}'}"
            for name, value in odd.items()
        )
        or "as issued"
    )


def plain_texts(ledger: Ledger) -> Iterator[Case]:
    """CSV, as programs save it: encodings, separators, line ends."""
    sheet = sheet_named(ledger, "活动台账")
    ways = {
        "encoding": ("gb18030", "utf-8-sig", "utf-8", "utf-16"),
        "separator": (",", "\t", ";"),
        "line_end": ("\r\n", "\n"),
        "titles": (0, 1),
        "levels": (1, 2),
        "tail": ("", "both"),
    }
    for number, choice in enumerate(all_pairs(ways), start=1):
        said = {key: choice[key] for key in ("encoding", "separator", "line_end")}
        layout = Layout(
            titles=choice["titles"], levels=choice["levels"], tail=choice["tail"], fill_in=False, merged=False
        )
        page, header = lay_out(sheet, ACTIVITIES, layout)
        text = as_text(page, **said)
        says = f"{', '.join(f'{key} {value!r}' for key, value in said.items())}; {_told(choice_of(layout))}"
        meant = {sheet.name: meaning(ACTIVITIES)}
        yield Case(
            f"text-{number:02}", says, partial(_write, text=text), meant, "办公室-活动台账.csv", header_row=header
        )


def choice_of(layout: Layout) -> dict[str, object]:
    """The factors of a plain text's layout."""
    return {"titles": layout.titles, "levels": layout.levels, "tail": layout.tail}


def _write(path: Path, text: bytes) -> None:
    path.write_bytes(text)
