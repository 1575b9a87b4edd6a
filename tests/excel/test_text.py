"""Tables saved as plain text: encoding, delimiter and quotes are found out, every cell comes as typed."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncer.core.model import Book, Format, Refusal, Table
from syncer.core.values import PICTURE, CellError, Scalar
from syncer.excel.reader import read_book
from syncer.excel.text import read_text

ROWS = '宣传科任务清单,,\r\n任务编号,重点任务,完成率\r\n3.10,“雷锋”志愿服务,95%\r\n007,"一行\n两行, 有“引号”""和""",０.９\r\n'
READ = (
    ("宣传科任务清单",),
    ("任务编号", "重点任务", "完成率"),
    ("3.10", "“雷锋”志愿服务", "95%"),
    ("007", '一行\n两行, 有“引号”"和"', "０.９"),
)


def rows(content: bytes) -> tuple[tuple[Scalar, ...], ...]:
    table = read_text(content)
    assert isinstance(table, Table)
    return table.rows


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-le", "utf-16-be"])
def test_the_encoding_is_found_out(encoding: str) -> None:
    mark = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}.get(encoding, b"")
    assert rows(mark + ROWS.encode(encoding)) == READ


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
@pytest.mark.parametrize("line_end", ["\r\n", "\n", "\r"])
def test_the_delimiter_is_the_one_that_makes_columns(delimiter: str, line_end: str) -> None:
    lines = [["任务编号", "重点任务", "备注"], ["3.1", "志愿服务; 讲习, 宣讲", "甲"], ["3.2", "", "乙|丙"]]
    quoted = [[f'"{cell}"' if any(sign in cell for sign in ",;|") else cell for cell in line] for line in lines]
    text = line_end.join(delimiter.join(line) for line in quoted)
    assert rows(text.encode()) == (tuple(lines[0]), tuple(lines[1]), ("3.2", None, "乙|丙"))


CELLS: dict[str, tuple[str, Scalar]] = {
    "zeros in front": ("007", "007"),
    "zeros behind": ("2.10", "2.10"),
    "zeros kept by a formula": ('"=""007"""', "007"),
    "a formula as text": ("=A1+1", "=A1+1"),
    "error value": ("#REF!", CellError("#REF!")),
    "a column too narrow": ("########", CellError("########")),
    "a heading with a sign": ("#1楼", "#1楼"),
    "WPS picture": ('"=DISPIMG(""ID_5A1C"",1)"', PICTURE),
    "spaces": (" 前后 ", " 前后 "),
    "truth": ("TRUE", "TRUE"),
}


@pytest.mark.parametrize("case", CELLS.values(), ids=CELLS)
def test_a_cell_comes_as_typed(case: tuple[str, Scalar]) -> None:
    field, expected = case
    assert rows(f"甲,{field},乙\r\n".encode()) == (("甲", expected, "乙"),)


def test_trailing_blanks_and_lines_count_for_nothing() -> None:
    assert rows(b"a,b,,,\r\n\r\n,c,,\r\n,,,\r\n,,\r\n") == (("a", "b"), (), (None, "c"))


def test_a_text_in_no_known_encoding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "表.csv"
    path.write_bytes("任务编号,重点任务\r\n".encode() * 300 + b"\xff\xff,\xff\r\n")
    refusal = read_book(path)
    assert isinstance(refusal, Refusal)
    assert refusal.code == "FILE-019"


def test_a_text_file_is_a_book_of_one_table_without_a_name(tmp_path: Path) -> None:
    path = tmp_path / "表.csv"
    path.write_bytes(ROWS.encode("gb18030"))
    assert read_book(path) == Book((Table("", READ),), None, Format.TEXT)


@pytest.mark.parametrize("content", [b"\xef\xbb\xbf", b",,\r\n,,\r\n", b"\xff\xfe"])
def test_a_text_without_a_word_has_no_sheet(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "表.csv"
    path.write_bytes(content)
    refusal = read_book(path)
    assert isinstance(refusal, Refusal)
    assert refusal.code == "FILE-008"
