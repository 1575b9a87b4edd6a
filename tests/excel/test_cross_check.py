"""Our one reader against openpyxl, the other library, on cells of every kind: where they differ, the difference is known."""

from __future__ import annotations

import random
from datetime import date, datetime, time
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from syncer.core.model import Book
from syncer.core.values import Scalar
from syncer.excel.reader import read_book
from tests.excel.handmade import xlsx

TEXTS = (
    "清扫",
    " 前后　",
    "行1\n行2",
    "007",
    "2.10",
    "A4 纸",
    "𠮷野家",
    "é",
    "100%",
    "〔2026〕12号",
    "#楼",
    "a_b",
    "x" * 300,
)
CHINESE_DATES = (*range(27, 37), *range(50, 59))


def generated(count: int, seed: int) -> dict[tuple[int, int], Scalar]:
    """Cells of all kinds at random 1-based places."""
    chance = random.Random(seed)
    makers = (
        lambda: chance.choice(TEXTS) + str(chance.randrange(100)),
        lambda: chance.choice(TEXTS),
        lambda: chance.randrange(-(10**6), 10**12),
        lambda: round(chance.uniform(-1, 1) * 10 ** chance.randrange(-3, 9), chance.randrange(1, 9)),
        lambda: chance.random() < 0.5,
        lambda: date.fromordinal(date(2026, 1, 1).toordinal() + chance.randrange(-9000, 9000)),
        lambda: datetime(2026, chance.randrange(1, 13), chance.randrange(1, 28), chance.randrange(1, 24), 30, 15),
        lambda: time(chance.randrange(1, 24), chance.randrange(60)),
    )
    places = chance.sample([(row, column) for row in range(1, 60) for column in range(1, 30)], count)
    return {place: chance.choice(makers)() for place in places}


def by_xlsxwriter(path: Path, cells: dict[tuple[int, int], Scalar], *, date_1904: bool) -> Path:
    with xlsxwriter.Workbook(path, {"date_1904": date_1904, "strings_to_numbers": False}) as workbook:
        formats = {
            kind: workbook.add_format({"num_format": text})
            for kind, text in ((date, "yyyy-mm-dd"), (datetime, "yyyy-mm-dd hh:mm:ss"), (time, "hh:mm"))
        }
        sheet = workbook.add_worksheet("S")
        for (row, column), value in cells.items():
            match value:
                case bool():
                    sheet.write_boolean(row - 1, column - 1, value)
                case int() | float():
                    sheet.write_number(row - 1, column - 1, value)
                case date() | time():
                    sheet.write_datetime(row - 1, column - 1, value, formats[type(value)])
                case _:
                    sheet.write_string(row - 1, column - 1, str(value))
    return path


def by_openpyxl(path: Path, cells: dict[tuple[int, int], Scalar], *, date_1904: bool) -> Path:
    workbook = openpyxl.Workbook()
    workbook.epoch = CALENDAR_MAC_1904 if date_1904 else workbook.epoch
    sheet = workbook.active
    assert sheet is not None
    for (row, column), value in cells.items():
        sheet.cell(row, column, value)  # type: ignore[arg-type]
    workbook.save(path)
    return path


def seen_by_openpyxl(path: Path) -> dict[tuple[int, int], object]:
    sheet = openpyxl.load_workbook(path, data_only=True).worksheets[0]
    return {
        (cell.row, cell.column): _as_ours(cell.value)
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None
    }


def _as_ours(value: object) -> object:
    """What is only another way of saying the same: whole floats, midnights."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value.date() if isinstance(value, datetime) and value.time() == time.min else value


def seen_by_us(path: Path) -> dict[tuple[int, int], Scalar]:
    book = read_book(path)
    assert isinstance(book, Book), book
    rows = book.tables[0].rows
    return {(r, c): value for r, row in enumerate(rows, 1) for c, value in enumerate(row, 1) if value is not None}


@pytest.mark.parametrize("date_1904", [False, True], ids=["1900", "1904"])
@pytest.mark.parametrize("write", [by_xlsxwriter, by_openpyxl])
def test_generated_cells_read_alike_in_both_and_as_they_were_written(
    tmp_path: Path, write: object, *, date_1904: bool
) -> None:
    cells = generated(400, seed=20261128 + date_1904)
    path = write(tmp_path / "a.xlsx", cells, date_1904=date_1904)  # type: ignore[operator]
    ours = seen_by_us(path)
    assert ours == seen_by_openpyxl(path)
    assert ours == {place: _as_ours(value) for place, value in cells.items()}
    assert {place: type(value) for place, value in ours.items()} == {
        place: type(_as_ours(value)) for place, value in cells.items()
    }


def test_chinese_built_in_date_formats_are_dates_to_us_and_numbers_to_openpyxl(tmp_path: Path) -> None:
    data = "".join(f'<c r="{chr(65 + at)}1" s="{at}"><v>46093</v></c>' for at in range(len(CHINESE_DATES)))
    path = xlsx(tmp_path / "a.xlsx", f'<row r="1">{data}</row>', formats=CHINESE_DATES)
    assert set(seen_by_us(path).values()) == {date(2026, 3, 12)}


TEXTS_IN_XML: dict[str, tuple[str, str, Scalar]] = {
    "rich text": ("", '<si><r><t>甲</t></r><r><rPr><b/></rPr><t xml:space="preserve"> 乙 </t></r></si>', "甲 乙 "),
    "phonetic guide": ("", '<si><t>東京</t><rPh sb="0" eb="2"><t>トウキョウ</t></rPh></si>', "東京"),
    "escaped line end": ("", "<si><t>甲_x000D_\n乙</t></si>", "甲\r\n乙"),
    "escaped letter": ("", "<si><t>_x0041_4</t></si>", "A4"),
    "an escape escaped": ("", "<si><t>_x005F_x0041_</t></si>", "_x0041_"),
    "kept spaces": ("", '<si><t xml:space="preserve">  前后  </t></si>', "  前后  "),
    "blank": ("", "<si><t></t></si>", None),
    "in the cell": ('t="inlineStr"><is><t>甲_x000D_乙</t></is>', "", "甲\r乙"),
    "in the cell, rich": ('t="inlineStr"><is><r><t>甲</t></r><r><t>乙</t></r></is>', "", "甲乙"),
}


@pytest.mark.parametrize("case", TEXTS_IN_XML.values(), ids=TEXTS_IN_XML)
def test_a_text_is_read_as_excel_shows_it(tmp_path: Path, case: tuple[str, str, Scalar]) -> None:
    cell, shared, expected = case
    content = cell or 't="s"><v>0</v>'
    xml = f'<row r="1"><c r="A1" {content}</c></row>'
    assert seen_by_us(xlsx(tmp_path / "a.xlsx", xml, shared=shared)).get((1, 1)) == expected
