"""Damaged workbooks: each is read or refused with a code, whatever was done to it. Thousands: ``python -m tests.fuzz.run``."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from syncer.config import Reading
from syncer.core.model import Book, Refusal
from syncer.excel.reader import read_book
from syncer.excel.reading import Readers
from syncer.excel.reading_child import Limits
from syncer.messages import CATALOGUE
from tests.fuzz.mutate import Original, mutant
from tests.fuzz.originals import own_originals
from tests.fuzz.run import VERDICT_SECONDS
from tests.fuzz.verdicts import READ, try_all
from tests.hostile.zips import SHEET, book_parts, packed, sheet_xml

FILES, SEED = 320, 2026


@pytest.fixture(scope="module")
def originals() -> list[Original]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl says what it drops
        return own_originals()


@pytest.fixture(scope="module")
def readers() -> Iterator[Readers]:
    with Readers(1, Limits(memory_bytes=Reading().memory_mib << 20)) as readers:
        yield readers


def test_the_same_number_makes_the_same_file(originals: list[Original]) -> None:
    assert [mutant(originals, 5, n) for n in range(30)] == [mutant(originals, 5, n) for n in range(30)]
    assert mutant(originals, 5, 0) != mutant(originals, 6, 0)


def test_the_originals_themselves_are_read(originals: list[Original], tmp_path: Path) -> None:
    for original in originals:
        path = tmp_path / original.name
        path.write_bytes(original.data)
        assert isinstance(read_book(path), Book), original.name


@pytest.mark.slow
def test_damaged_workbooks_are_read_or_refused_with_a_code_and_in_time(
    originals: list[Original], tmp_path: Path
) -> None:
    def paths() -> Iterator[Path]:
        for number in range(FILES):
            name, data = mutant(originals, SEED, number)
            path = tmp_path / name
            path.write_bytes(data)
            yield path
            path.unlink()

    verdicts = try_all(paths(), Limits(memory_bytes=Reading().memory_mib << 20))
    assert verdicts.faults == []
    assert verdicts.outcomes.total() == FILES
    assert verdicts.outcomes.keys() <= {READ, *CATALOGUE}
    assert verdicts.slowest[0].seconds < VERDICT_SECONDS
    assert verdicts.outcomes[READ] > FILES // 10, "some damage is harmless"


def coded(readers: Readers, path: Path, data: bytes) -> None:
    path.write_bytes(data)
    result = readers.read(path)
    assert isinstance(result, (Book, Refusal))
    if isinstance(result, Refusal):
        assert result.code in CATALOGUE
        assert ("detail", "reader fault") not in result.facts


_HEADS = st.sampled_from(
    [b"", b"PK\3\4", b"PK\5\6", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\xef\xbb\xbf", b"\xff\xfe", b"<?xml", b"b\x14#e"]
)
_any_bytes = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


@_any_bytes
@given(head=_HEADS, data=st.binary(max_size=4000), ending=st.sampled_from([".xlsx", ".xls", ".ods", ".csv", ".et"]))
def test_no_bytes_make_the_reader_raise_anything_but_a_coded_problem(
    readers: Readers, tmp_path: Path, head: bytes, data: bytes, ending: str
) -> None:
    coded(readers, tmp_path / f"a{ending}", head + data)


@_any_bytes
@given(
    part=st.sampled_from(sorted([*book_parts(), "xl/sharedStrings.xml", "docProps/custom.xml"])),
    content=st.binary(max_size=500),
)
def test_no_bytes_in_a_part_make_it_either(readers: Readers, tmp_path: Path, part: str, content: bytes) -> None:
    coded(readers, tmp_path / "a.xlsx", packed(book_parts() | {part: content}))


_SCRAPS = st.sampled_from([
    "<row>", "</row>", '<row r="1">', '<row r="1048576">', "<c>", "</c>", '<c r="A1">', '<c r="XFD1" t="s">', '<c r="B3" t="e">',
    '<c r="C1" t="str">', '<c r="ZZZ9" t="b">', '<c t="d" r="D4">', "<v>", "</v>", "<v/>", "<f>", "</f>", '<f t="shared" si="0"/>', "<is><t>",
    "</t></is>", "0", "-1", "1e308", "#REF!", "2026-02-30", "植树", "&amp;", "&#x10FFFF;", "_x000D_", "[1]表!A1", "DISPIMG(", "<!-- -->", "<![CDATA[x]]>",
])  # fmt: skip


@_any_bytes
@given(scraps=st.lists(_SCRAPS, max_size=40))
def test_no_order_of_tags_makes_it_either(readers: Readers, tmp_path: Path, scraps: list[str]) -> None:
    coded(readers, tmp_path / "a.xlsx", packed(book_parts() | {SHEET: sheet_xml("".join(scraps))}))
