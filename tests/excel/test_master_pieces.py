"""The master put together from pieces: whatever happened before, it is the book that one written whole would be."""

from __future__ import annotations

import hashlib
import io
import re
import warnings
import zipfile
import zlib
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from syncer.core.model import Column, ColumnType, Light, Owner, Row, Settings, Sheet, SheetKind, Source, Unit
from syncer.core.reports.lines import LATE, NOT_YET, REPORTED, Block, LedgerLine, Overview, Stretch, UnitLine
from syncer.core.values import CellError, Scalar
from syncer.excel import assembly, deflate
from syncer.excel.assembly import Filling, Master, Standing, StandingChangedError, assemble
from syncer.excel.master_looks import _looks, look_styles
from syncer.excel.master_rows import TEXT, Line
from syncer.excel.masterbook import lay_out, write_master
from syncer.excel.pieces import RENDERING, Facts, Listing, LoosePieces
from syncer.excel.placements import Placements
from syncer.excel.row_xml import Style, gap_cell, place, row_count, template_of
from syncer.excel.writing import Formats, open_workbook, write_value
from syncer.store.pieces import Pieces
from tests.office.checks import assert_sound
from tests.office.clerk import Clerk

UNITS = tuple(Unit(f"D{at:02d}", name, name) for at, name in enumerate(("办公室", "宣传科", "工会"), 1))
TASKS = Sheet(
    "tasks",
    "任务清单",
    SheetKind.TASKS,
    (
        Column("no", "任务编号", ColumnType.IDENTIFIER, Owner.COORDINATOR),
        Column("this_week", "本周完成情况", ColumnType.LONG_TEXT),
        Column("light", "亮灯", ColumnType.TEXT, Owner.SYSTEM),
    ),
)
RECORDS = Sheet(
    "activities",
    "活动台账",
    SheetKind.RECORDS,
    (
        Column("date", "日期", ColumnType.DATE, group="基本情况"),
        Column("name", "活动名称", group="基本情况"),
        Column("rate", "到会率", ColumnType.PERCENT),
    ),
)
SHEETS = (TASKS, RECORDS)


@dataclass(slots=True)
class Story:
    """A ledger that changes: what each stretch holds now, and how often it was made."""

    rows: dict[tuple[str, str], tuple[Row, ...]] = field(default_factory=dict)
    lines: dict[str, tuple[LedgerLine, ...]] = field(default_factory=dict)
    doubtful: set[tuple[str, str]] = field(default_factory=set)
    units: dict[str, UnitLine] = field(default_factory=dict)
    made: list[str] = field(default_factory=list)

    def view(self) -> Overview:
        return Overview(
            title="2026年台账",
            office="某局",
            as_of=date(2026, 11, 20),
            data_as_of="",
            totals=(("重点任务", len(self.lines)),),
            lights=tuple((light, 0) for light in Light),
            units=tuple(self.units.values()),
            deadlines=(),
            missing=(),
            ledger=tuple(self._task(key) for key in sorted(self.lines)),
            red_yellow=(),
            changes=(),
            questions=(),
            data=tuple(
                (s, tuple(self._unit(s, unit) for unit in UNITS if (s.code, unit.code) in self.rows)) for s in SHEETS
            ),
        )

    def _task(self, key: str) -> Stretch[tuple[LedgerLine, ...]]:
        lines = self.lines[key]

        def make() -> tuple[LedgerLine, ...]:
            self.made.append(key)
            return lines

        return Stretch(key, repr(lines), make)

    def _unit(self, sheet: Sheet, unit: Unit) -> Stretch[Block]:
        rows = self.rows[sheet.code, unit.code]
        marked = frozenset((row.id, "name") for row in rows if (sheet.code, unit.code) in self.doubtful)

        def make() -> Block:
            self.made.append(f"{sheet.code} {unit.code}")
            return Block(unit, rows, marked)

        return Stretch(unit.code, repr((rows, sorted(marked))), make)


ODD = ("=1+1", " 前有空", "后有空 ", "一行\n两行", "a&b<c>\"d'", "_x0041_x0042_", "%s %(a)d", "\x00\x01\x02控\x0b制", "\ud83d半",
       "长" * 40, "<r>x</r>", "＝甲", "\x7f\x85\u2028", "#N/A", "1", "", "　", "😀" * 3)  # fmt: skip
VALUES = st.one_of(
    st.none(),
    st.sampled_from(ODD),
    st.text(" =+@'甲乙_x0041&<>%\n\t\r\0\x01\x02\ud800😀", max_size=9),
    st.integers(-(10**16), 10**16),
    st.floats(),
    st.booleans(),
    st.dates(date(1899, 1, 1), date(2100, 1, 1)),
    st.integers(-10, 86_400 * 60_000).map(lambda seconds: datetime(1899, 12, 31) + timedelta(seconds=seconds)),
    st.integers(0, 86_399).map(lambda seconds: (datetime(2000, 1, 1) + timedelta(seconds=seconds)).time()),
    st.integers(-3, 10**6).map(lambda seconds: timedelta(seconds=seconds)),
    st.just(CellError("#REF!")),
)
EXTRA = st.sampled_from(((), (), (("科室备注", "已上会"),)))
SOURCE = Source("02各单位填报/宣传科.xlsx", "activities", 7, "2026-11-20T16:02:00", 3)


def rows(sheet: Sheet) -> st.SearchStrategy[tuple[Row, ...]]:
    values = st.fixed_dictionaries({column.code: VALUES for column in sheet.columns})
    numbers = st.integers(1, 99).map(lambda number: f"HD-{number}")
    row = st.builds(Row, numbers, st.just(sheet.code), st.just("D02"), values, st.just(SOURCE), st.just(""), EXTRA)
    return st.lists(row, max_size=4).map(tuple)


LINES = st.lists(
    st.builds(
        LedgerLine,
        st.integers(0, 2),
        st.sampled_from(("任务", "牵头", "自定")),
        st.just("工会"),
        st.fixed_dictionaries({"no": st.just("1.1"), "this_week": VALUES}),
        st.sampled_from((None, *Light)),
    ),
    max_size=3,
).map(tuple)
UNIT_LINES = st.builds(
    UnitLine,
    code=st.sampled_from(("D01", "D02", "D03")),
    name=st.sampled_from(("工会", "=1+1", "第一党支部联合第二党支部")),
    category=st.sampled_from(("", "科室")),
    tasks=st.integers(0, 2),
    done=st.integers(0, 2),
    percent=st.sampled_from((None, 0.0, 63.3)),
    red=st.integers(0, 2),
    yellow=st.integers(0, 2),
    reported=st.sampled_from(("", REPORTED, NOT_YET, LATE)),
    due=st.sampled_from((None, date(2026, 11, 20))),
    last_saved=st.sampled_from(("", "2026-11-20T16:02:00")),
    receipt=st.one_of(st.just("长" * 200), st.sampled_from(ODD)),
    file=st.sampled_from(("", "02各单位填报/工会 #1.xlsx")),
)
PLACES = st.tuples(st.sampled_from([sheet.code for sheet in SHEETS]), st.sampled_from([unit.code for unit in UNITS]))
CHANGES = st.one_of(
    st.tuples(st.just("line"), st.sampled_from(("T0001", "T0002", "")), LINES),
    *(
        st.tuples(
            st.just("rows"), st.tuples(st.just(sheet.code), st.sampled_from([u.code for u in UNITS])), rows(sheet)
        )
        for sheet in SHEETS
    ),
    st.tuples(st.just("unit"), st.none(), UNIT_LINES),
    st.tuples(st.sampled_from(("doubt", "gone")), PLACES, st.just(())),
)


def apply(story: Story, kind: str, key: Any, content: Any) -> None:
    match kind:
        case "line":
            story.lines[key] = content
        case "rows":
            story.rows[key] = content
        case "unit":
            story.units[content.code] = content
        case "doubt":
            story.doubtful ^= {key}
        case _:
            story.rows.pop(key, None)


class Shelf:
    """A folder with a master in it, and the pieces that it is made of."""

    def __init__(self, folder: Path) -> None:
        self.pieces, self.book = Pieces(folder / "pieces.db"), folder / "master.xlsx"
        self._placed = Placements()

    def publish(self, view: Overview) -> Master:
        master = lay_out(view, Settings(2026), self.pieces)
        self.pieces.remember(master.digest, master.frame, master.plan(), master.numbers)
        placed = Placements()
        if self.book.exists():
            with self.book.open("rb") as stream:
                standing = Standing(stream, Placements.load(self._placed.dump()))
                data = b"".join(assemble(master, self.pieces, standing, placed))
        else:
            data = b"".join(assemble(master, self.pieces, None, placed))
        self.book.write_bytes(data)
        self._placed = placed
        return master


def whole(view: Overview) -> bytes:
    stream = io.BytesIO()
    write_master(stream, view, Settings(2026))
    return stream.getvalue()


@pytest.mark.slow
@settings(max_examples=25)
@given(st.lists(st.lists(CHANGES, min_size=1, max_size=4), min_size=1, max_size=5))
def test_any_sequence_of_changes_comes_to_the_book_that_is_written_whole(
    tmp_path_factory: pytest.TempPathFactory, steps: list[list[tuple[str, Any, Any]]]
) -> None:
    shelf, story = Shelf(tmp_path_factory.mktemp("shelf")), Story()
    for changes in steps:
        for each in changes:
            apply(story, *each)
        shelf.publish(story.view())
        assert shelf.book.read_bytes() == whole(story.view())
    shelf.pieces.close()
    story.made.clear()
    again = Shelf(shelf.book.parent)
    again.publish(story.view())
    assert story.made == []
    assert again.book.read_bytes() == shelf.book.read_bytes()
    again.pieces.close()


# --- what is made again, and what is copied


def filled() -> Story:
    def some(sheet: Sheet, unit: Unit) -> tuple[Row, ...]:
        cells: dict[str, Scalar] = {column.code: f"{unit.short}{column.name}" for column in sheet.columns}
        return tuple(Row(f"HD-{unit.code}-{at}", sheet.code, unit.code, cells, SOURCE) for at in range(3))

    story = Story({(sheet.code, unit.code): some(sheet, unit) for sheet in SHEETS for unit in UNITS})
    line = UnitLine(
        "D02", "工会", "科室", 3, 1, 63.3, 0, 2, LATE, date(2026, 11, 20), "2026-11-20T16:02:00", "长" * 90, "工会.xlsx"
    )
    story.units = {f"D0{at}": replace(line, code=f"D0{at}", tasks=at % 2) for at in range(1, 4)}
    story.lines = {f"T000{at}": (LedgerLine(0, "任务", "工会", {"no": str(at)}),) for at in range(3)}
    return story


def test_only_the_stretch_that_changed_is_made_again(tmp_path: Path) -> None:
    shelf, story = Shelf(tmp_path), filled()
    shelf.publish(story.view())
    assert len(story.made) == len(story.lines) + len(story.rows)
    story.made.clear()
    story.rows["activities", "D02"] = story.rows["activities", "D02"][:2]
    shelf.publish(story.view())
    assert story.made == ["activities D02"]


def test_the_very_stretches_of_the_last_time_are_listed_as_before_unless_their_pieces_are_lost(tmp_path: Path) -> None:
    pieces, story = Pieces(tmp_path / "pieces.db"), filled()
    shown = story.view()
    first = lay_out(shown, Settings(2026), pieces)
    again = lay_out(shown, Settings(2026), pieces)
    assert [other.listing is one.listing for one, other in zip(first.fillings, again.fillings, strict=True)].count(
        False
    ) == 4  # the lists, which are empty, and 首页's
    assert len(story.made) == len(story.lines) + len(story.rows)
    pieces.serve("another ledger")  # all pieces are thrown away
    assert lay_out(shown, Settings(2026), pieces).digest == first.digest
    assert len(story.made) == 2 * (len(story.lines) + len(story.rows))
    pieces.close()


@pytest.mark.parametrize("how", ["closed", "cannot be thrown away"])
def test_pieces_that_were_never_remembered_are_listed_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """Their numbers are given again: another table's rows would stand in their place."""
    shelf, story = Shelf(tmp_path), filled()
    shown = story.view()
    lay_out(shown, Settings(2026), shelf.pieces)
    if how == "closed":
        shelf.pieces.close()
    else:

        def refused(path: Path) -> None:
            raise PermissionError(f"{path} is in use")

        with monkeypatch.context() as patch:
            patch.setattr("syncer.fs.remove", refused)
            with pytest.raises(PermissionError):
                shelf.pieces.serve("another ledger")
    story.lines = {f"T100{at}": lines for at, lines in enumerate(story.lines.values())}
    later = replace(story.view(), data=shown.data)
    shelf.publish(later)
    assert shelf.book.read_bytes() == whole(later)
    shelf.pieces.close()


def test_a_sheet_in_which_nothing_changed_is_copied_as_a_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf, story = Shelf(tmp_path), filled()
    shelf.publish(story.view())
    made: list[str] = []

    class Noted(assembly._MadeSheet):
        def __init__(self, content: str, head: bytes, tail: bytes, filling: Filling, *rest: Any) -> None:
            made.append(filling.part)
            super().__init__(content, head, tail, filling, *rest)

    monkeypatch.setattr(assembly, "_MadeSheet", Noted)
    shelf.publish(story.view())
    assert made == []
    story.rows["activities", "D02"] = story.rows["activities", "D02"][:2]
    shelf.publish(story.view())
    assert made == ["xl/worksheets/sheet1.xml", "xl/worksheets/sheet5.xml"]  # 首页 tells how many rows there are
    assert shelf.book.read_bytes() == whole(story.view())


def test_a_stretch_without_a_basis_is_always_made(tmp_path: Path) -> None:
    pieces, story = Pieces(tmp_path / "pieces.db"), filled()
    shown = story.view()
    never = tuple(replace(stretch, basis="") for stretch in shown.ledger)
    for _ in range(2):
        story.made.clear()
        lay_out(replace(shown, ledger=never), Settings(2026), pieces)
        assert {"T0000", "T0001", "T0002"} <= set(story.made)
    pieces.close()


def test_a_book_put_together_again_from_what_is_remembered_is_the_same(tmp_path: Path) -> None:
    shelf, story = Shelf(tmp_path), filled()
    master, held = shelf.publish(story.view()), shelf.book.read_bytes()
    story.rows.clear()
    shelf.publish(story.view())
    remembered = shelf.pieces.book(master.digest)
    assert remembered is not None
    assert b"".join(assemble(Master.of(*remembered), shelf.pieces)) == held


def test_nothing_is_copied_from_a_file_that_is_not_what_it_was(tmp_path: Path) -> None:
    shelf, story = Shelf(tmp_path), filled()
    master, placed = shelf.publish(story.view()), Placements()
    list(assemble(master, shelf.pieces, None, placed))
    spoilt = bytearray(shelf.book.read_bytes())
    part, sheet = next(iter(placed.items()))
    spoilt[max(there.offset for there in sheet.places().values()) + 9] ^= 1  # in its last piece
    with pytest.raises(StandingChangedError):
        list(assemble(master, shelf.pieces, Standing(io.BytesIO(bytes(spoilt)), placed)))
    placed_otherwise = Placements(placed | {part: replace(sheet, content="")})  # piece by piece, not as a whole
    with pytest.raises(StandingChangedError):
        list(assemble(master, shelf.pieces, Standing(io.BytesIO(bytes(spoilt)), placed_otherwise)))
    assert b"".join(assemble(master, shelf.pieces, Standing(shelf.book.open("rb"), placed))) == shelf.book.read_bytes()


def test_the_master_is_sound(tmp_path: Path, clerk: Clerk) -> None:
    story = filled()
    odd = tuple(
        Row(f"HD-{at}", "activities", "D02", {"name": text, "date": text}, SOURCE) for at, text in enumerate(ODD)
    )
    story.rows["activities", "D02"] = (*odd, replace(odd[0], extra=(("备注", "甲"),)))
    story.lines["T0000"] = (*story.lines["T0000"], LedgerLine(1, "牵头", "工会", {"no": "1"}, Light.RED))
    shelf = Shelf(tmp_path)
    shelf.publish(filled().view())
    shelf.publish(story.view())
    assert_sound(shelf.book, clerk=clerk)


def test_rows_are_rendered_as_ever_or_kept_pieces_are_known_to_be_of_another_kind() -> None:
    """Fails where rows come out otherwise: raise `RENDERING` then, or old pieces stand beside new ones; and note the digest here."""
    story, pieces = filled(), LoosePieces()
    odd = tuple(Row(f"HD-{at}", "activities", "D02", {"name": text}, SOURCE) for at, text in enumerate(ODD))
    story.rows["activities", "D02"] = (*odd, replace(odd[0], extra=(("备注", "甲"),)))
    master = lay_out(story.view(), Settings(2026), pieces)
    rendered = hashlib.sha256()
    for number in sorted(master.numbers):
        rendered.update(deflate.unpack(pieces.data(number)))
    assert (RENDERING, rendered.hexdigest()[:16]) == ("1", "1db77d1eadc708be")


# --- cells


CELLS: tuple[Scalar, ...] = (
    *ODD,
    *(
        None,
        True,
        False,
        0,
        -7,
        86,
        10**15,
        10**16,
        0.95,
        1e-9,
        123456789.123,
        float("nan"),
        float("inf"),
    ),
    *(
        date(1899, 12, 31),
        date(1900, 1, 1),
        date(1900, 2, 28),
        date(1900, 3, 1),
        date(2026, 11, 20),
        date(9999, 12, 31),
    ),
    *(datetime(2026, 11, 20), datetime(2026, 11, 20, 16, 2, 3), time(8, 30), timedelta(hours=30), timedelta(-1)),
    *(CellError("#REF!"), CellError("〔图片〕"), "字" * 40_000),
)


def two_sheets() -> bytes:
    """A book in which every value stands in every look twice: written by XlsxWriter cell by cell, and as rows of ours."""
    stream = io.BytesIO()
    book = open_workbook(stream, datetime(2026, 1, 1))
    formats = Formats(book)
    styles, looks = look_styles(formats, Settings(2026)), dict(_looks(Settings(2026)))
    plain = [look for look, doubtful, back in looks if not doubtful and not back]
    one, other = book.add_worksheet("一"), book.add_worksheet("二")
    first = 4
    for at, value in enumerate(CELLS, first):
        for column, look in enumerate(plain):
            write_value(one, at, column, value, formats(**looks[look, False, False]), formats=formats)
    other.set_row(first, 24)
    book.close()
    lines = [Line((value,) * len(plain), tuple(plain), 24) for value in CELLS]
    pieces = LoosePieces()
    number = pieces.add("", "", deflate.pack(template_of(lines, len(plain), styles)).data)
    filling = Filling(
        "xl/worksheets/sheet2.xml", Listing([(number, len(lines), "")], Facts(len(lines))), len(plain), b"", first + 1
    )
    return b"".join(assemble(Master(stream.getvalue(), (filling,)), pieces))


def test_every_value_is_written_as_xlsxwriter_writes_it() -> None:
    book = two_sheets()
    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        ids = [re.findall(rb' s="(\d+)"', parts.read(f"xl/worksheets/sheet{at}.xml")) for at in (1, 2)]
    assert ids[0] == ids[1]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a number that is no date, in a date's look
        loaded: Any = openpyxl.load_workbook(io.BytesIO(book))
    seen = [
        [(c.coordinate, c.value, c.data_type) for row in sheet.iter_rows() for c in row if c.value] for sheet in loaded
    ]
    assert seen[0] == seen[1]
    read = CalamineWorkbook.from_filelike(io.BytesIO(book))
    assert read.get_sheet_by_name("一").to_python() == read.get_sheet_by_name("二").to_python()


# --- rows and packing


STYLES = {(TEXT, False, False): Style(*"123456"), (TEXT, False, True): Style(*"654321")}


def test_a_template_is_numbered_from_any_row_and_fills_the_gap_or_leaves_it() -> None:
    lines = [Line(("甲",), (TEXT,), 24), Line(("乙", "附"), (TEXT, TEXT), 40.2, 1)]
    template = template_of(lines, 2, STYLES, optional=True)
    assert row_count(template) == 2
    plain = place(template, 99).decode()
    assert re.findall(r'r="(\w+)"', plain) == ["99", "A99", "100", "A100", "B100"]
    assert re.findall(r'ht="([^"]+)"( outlineLevel="1")?', plain) == [("24", ""), ("39.75", ' outlineLevel="1"')]
    filled_in = place(template, 5, gap_cell(2, STYLES)).decode()
    assert re.findall(r'<c r="(B\d)" s="(\d)"', filled_in) == [("B5", "1"), ("B6", "6")]
    assert not set(plain) & set("\0\1\2")


@pytest.mark.parametrize("combines", [True, False])
def test_packed_pieces_end_to_end_are_one_member(monkeypatch: pytest.MonkeyPatch, combines: bool) -> None:
    if not combines:
        monkeypatch.setattr(deflate, "_engine", zlib)
        monkeypatch.setattr(deflate, "_COMBINES", False)
    contents = [b"<row/>" * 900, b"", "汉字".encode() * 50]
    packed = [deflate.pack(content) for content in contents]
    assert [deflate.unpack(piece.data) for piece in packed] == contents
    joined = b"".join(piece.data for piece in packed) + deflate.LAST
    assert zlib.decompress(joined, -zlib.MAX_WBITS) == b"".join(contents)
    crc = 0
    for piece in packed:
        crc = deflate.joined_crc(crc, piece.crc, piece.size)
    assert crc == zlib.crc32(b"".join(contents))
