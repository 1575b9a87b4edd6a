from __future__ import annotations

import io
import shutil
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest

from syncer.control import take_up
from syncer.core.model import Ledger
from syncer.core.state import Question
from syncer.core.values import Scalar
from syncer.editions import MOST_CELLS, take_typed
from syncer.errors import ConfigError
from syncer.excel.assembly import Master, assemble
from syncer.excel.edition import numbers_in
from syncer.excel.patch import patch_cells
from syncer.master import Numbered, number_edition, withdraw_edition, write_edition
from syncer.publish import _master
from syncer.rulings import rule
from syncer.store.editions import MOST_EDITIONS, Editions
from syncer.sync import sync
from syncer.view import view
from syncer.workspace import Office
from tests.office.checks import assert_sound
from tests.office.clerk import Clerk
from tests.system.bureau import FIRST_ROW, Bureau, columns, lines

DAY = date(2026, 11, 20)
ACTIVITY: dict[str, Scalar] = {"日期": date(2026, 3, 5), "活动名称": "植树", "参加人数": 20}


class Desk:
    """The master as the office publishes it, and somebody who types into it."""

    def __init__(self, bureau: Bureau, office: Office) -> None:
        self.bureau, self.office = bureau, office

    @property
    def ledger(self) -> Ledger:
        return take_up(self.office, DAY).ledger

    @property
    def master(self) -> Path:
        return self.office.workspace.master_book(self.ledger)

    @property
    def editions(self) -> Editions:
        return Editions(self.office.store.engine)

    def remembered(self) -> set[str]:
        """The hashes of the master's contents that an edition still has."""
        return {edition.sha256 for edition in self.editions.of(self.office.workspace.relative(self.master))}

    def laid_out(self, day: date = DAY) -> Master:
        """The master of a day, before it has a number."""
        return _master(self.office, view(self.office, self.ledger, day), "")

    def content(self) -> bytes:
        """The bytes of a master that says no number."""
        return b"".join(assemble(self.laid_out(), self.office.pieces))

    def publish(self, day: date = DAY) -> Numbered:
        edition = number_edition(self.office, self.master, self.laid_out(day))
        write_edition(self.office, self.master, edition)
        return edition

    def save(self, unit: str, sheet: str, row: int, cells: dict[str, Scalar]) -> None:
        """A unit saves; what follows is taken in, and the master published anew."""
        self.bureau.type(unit, sheet, {row: cells})
        sync(self.office, as_of=DAY)
        self.publish()

    def type(self, sheet: str, cells: dict[str, Scalar], row: int = FIRST_ROW, book: bytes = b"") -> None:
        """Types into the master that stands there (or that somebody has had open since) and saves it."""
        at = columns(self.master, sheet)
        changes = {(row, at[name]): value for name, value in cells.items()}
        self.master.write_bytes(patch_cells(book or self.master.read_bytes(), {sheet: changes}))

    def taken(self) -> list[Question]:
        return take_typed(self.office, self.ledger, self.master, self.master.read_bytes())


def opened(bureau: Bureau) -> Office:
    return Office(bureau.opened(), lambda: datetime(2026, 11, 20, 16, 30))


@pytest.fixture(scope="module")
def _published(_handed_out: Bureau, tmp_path_factory: pytest.TempPathFactory) -> Bureau:
    """A bureau with one activity in its master."""
    bureau = _handed_out.copied(tmp_path_factory.mktemp("published") / "创建")
    with opened(bureau) as office:
        Desk(bureau, office).save("宣传科", "活动台账", FIRST_ROW, dict(ACTIVITY))
    return bureau


@pytest.fixture
def desk(_published: Bureau, tmp_path: Path) -> Iterator[Desk]:
    bureau = _published.copied(tmp_path / "创建")
    with opened(bureau) as office:
        yield Desk(bureau, office)


# --- numbers


def test_equal_contents_have_one_number_and_the_same_bytes_whatever_stood_between(desk: Desk) -> None:
    first = desk.publish()
    held = desk.master.read_bytes()
    other = desk.publish(date(2026, 12, 18))
    assert other.number == first.number + 1
    assert desk.master.read_bytes() != held
    again = desk.publish()
    assert (again.number, again.digest, again.is_new) == (first.number, first.digest, False)
    assert desk.master.read_bytes() == held
    assert numbers_in(desk.master) == (first.number,)


def test_two_workspaces_with_one_history_publish_the_same_bytes(desk: Desk, tmp_path: Path) -> None:
    twin = tmp_path / "乙"
    shutil.copytree(desk.bureau.root, twin)
    days = [DAY, date(2026, 12, 18), date(2026, 12, 25), DAY]

    def published(by: Desk) -> Iterator[bytes]:
        for day in days:
            by.publish(day)
            yield by.master.read_bytes()

    here = list(published(desk))
    with Office(Bureau(twin).opened(), desk.office.clock) as office:
        assert list(published(Desk(Bureau(twin), office))) == here


def test_a_numbered_master_differs_in_its_number_alone_and_is_sound(desk: Desk, clerk: Clerk) -> None:
    desk.publish()
    content, data = desk.content(), desk.master.read_bytes()
    books = [openpyxl.load_workbook(io.BytesIO(book)) for book in (content, data)]
    cells = [[[cell.value for cell in row] for sheet in book for row in sheet.iter_rows()] for book in books]
    assert cells[0] == cells[1]
    assert_sound(desk.master, clerk=clerk)


def test_the_last_fifty_contents_are_remembered_and_numbers_are_never_given_twice(desk: Desk) -> None:
    numbers = [number_edition(desk.office, desk.master, _book(str(at))).number for at in range(MOST_EDITIONS + 3)]
    assert numbers == list(range(numbers[0], numbers[0] + MOST_EDITIONS + 3))
    held = [edition.number for edition in desk.editions.of(desk.office.workspace.relative(desk.master))]
    assert held == numbers[:-51:-1]
    assert desk.remembered() == {_book(str(at)).digest for at in range(3, MOST_EDITIONS + 3)}


def test_an_edition_that_could_not_be_written_leaves_its_number_to_the_next(desk: Desk) -> None:
    standing = desk.publish()
    kept = desk.remembered()
    for text in ("甲", "乙"):  # the master stands open in Excel
        lost = number_edition(desk.office, desk.master, _book(text))
        assert lost.number == standing.number + 1
        withdraw_edition(desk.office, lost)
    assert desk.remembered() == kept
    withdraw_edition(desk.office, desk.publish())  # one that people have seen stays
    assert desk.remembered() == kept


def _book(text: str) -> Master:
    stream = io.BytesIO()
    book = openpyxl.Workbook()
    book.properties.created = book.properties.modified = datetime(2026, 1, 1)
    book.worksheets[0]["A1"] = text
    book.save(stream)
    return _BOOKS.setdefault(text, Master(stream.getvalue(), ()))


_BOOKS: dict[str, Master] = {}


# --- typing


def test_a_cell_typed_into_a_data_sheet_is_asked_with_what_the_ledger_holds(desk: Desk) -> None:
    desk.type("活动台账", {"参加人数": 25})
    (question,) = desk.taken()
    assert (question.kind, question.unit, question.sheet, question.column) == (
        "typed",
        "D05",
        "activities",
        "headcount",
    )
    assert (question.base, question.current, question.incoming) == (20, 20, 25)
    assert "植树" in question.row_key
    assert (question.source.file, question.source.row) == (desk.master.name, FIRST_ROW)
    assert question.cell in question.text
    assert "活动台账" in question.text
    assert desk.office.kept.find(question.payload)


def test_it_is_compared_with_what_its_own_edition_held_not_with_what_came_since(desk: Desk) -> None:
    opened = desk.master.read_bytes()
    desk.save("宣传科", "活动台账", FIRST_ROW, {"参加人数": 30, "活动名称": "义务植树"})
    desk.type("活动台账", {"地点": "南山"}, book=opened)
    (question,) = desk.taken()
    assert (question.column, question.base, question.incoming) == ("place", None, "南山")
    desk.type("活动台账", {"参加人数": 25}, book=opened)
    (question,) = desk.taken()
    assert (question.base, question.current, question.incoming) == (20, 30, 25)


def test_what_the_ledger_says_by_now_is_not_asked(desk: Desk) -> None:
    opened = desk.master.read_bytes()
    desk.save("宣传科", "活动台账", FIRST_ROW, {"参加人数": 30})
    desk.type("活动台账", {"参加人数": 30}, book=opened)
    assert desk.taken() == []


def test_the_same_cell_saved_again_is_the_same_question_and_another_value_is_another(desk: Desk) -> None:
    opened = desk.master.read_bytes()
    desk.type("活动台账", {"参加人数": 25})
    first = desk.taken()
    desk.publish()
    desk.type("活动台账", {"参加人数": 25, "地点": "南山"}, book=opened)
    assert {question.column: question.id for question in desk.taken()}["headcount"] == first[0].id
    assert len(desk.taken()) == 2
    desk.type("活动台账", {"参加人数": 26}, book=opened)
    assert desk.taken()[0].id != first[0].id
    desk.office.store.questions.add(first)
    assert [q.id for q in desk.office.store.questions.open(desk.ledger) if q.kind == "typed"] == [first[0].id]


def test_a_percentage_is_compared_as_a_person_reads_it(desk: Desk) -> None:
    for row in range(FIRST_ROW, FIRST_ROW + 4):  # some of them are counted by the program
        desk.save("宣传科", "任务清单", row, {"完成率": 0.4})
    at = next(n for n, row in enumerate(lines(desk.master, "任务清单"), FIRST_ROW) if row["完成率"] == 0.4)
    desk.type("任务清单", {"完成率": 0.6}, at)
    (question,) = desk.taken()
    assert (question.column, question.current, question.incoming) == ("percent", 0.4, 0.6)


def test_the_plans_own_cell_says_what_the_control_workbook_holds(desk: Desk) -> None:
    desk.type("任务清单", {"重点任务": "改个题目"})
    (question,) = desk.taken()
    task = desk.ledger.task(question.row_id)
    assert task
    assert (question.sheet, question.column, question.row_key) == ("tasks", "title", task.number)
    assert (question.current, question.incoming) == (task.title, "改个题目")


def test_computed_cells_rows_and_sheets_are_said_in_words_and_have_nothing_to_set(desk: Desk) -> None:
    desk.type("红黄灯清单", {"原因": "没有的事"})
    at = columns(desk.master, "活动台账")["活动名称"]
    desk.master.write_bytes(patch_cells(desk.master.read_bytes(), {"活动台账": {(FIRST_ROW + 3, at): "手加的"}}))
    told = desk.taken()
    assert {(q.sheet, q.row_id, q.column) for q in told} == {("", "", "")}
    assert any("红黄灯清单" in q.text and "没有的事" in q.text for q in told)
    assert any("第8行是添上的：手加的" in q.text for q in told)


def test_a_paste_over_a_whole_sheet_is_one_question(desk: Desk) -> None:
    at = columns(desk.master, "任务清单")["备注"]
    rows = range(FIRST_ROW, FIRST_ROW + MOST_CELLS + 1)
    cells: dict[tuple[int, int], Scalar] = {(row, at + c): f"贴{row}" for row in rows for c in (-1, 0)}
    desk.master.write_bytes(patch_cells(desk.master.read_bytes(), {"任务清单": cells}))
    whole = [q for q in desk.taken() if "格不同" in q.text]
    assert len(whole) == 1


def test_a_book_saved_again_by_libreoffice_says_nothing_and_what_is_typed_there_is_found(
    desk: Desk, clerk: Clerk
) -> None:
    desk.save("宣传科", "任务清单", FIRST_ROW, {"完成率": 0.4, "本周完成情况": "开了会\n发了文"})
    clerk.open(desk.master)
    clerk.set("活动台账", "A30", "x")
    clerk.clear("活动台账", "A30")
    clerk.save()
    assert desk.taken() == []
    clerk.sort("任务清单", "D", 4, descending=True)
    clerk.insert_row("活动台账", 5)
    clerk.save()
    assert desk.taken() == []
    letter = openpyxl.utils.get_column_letter(columns(desk.master, "活动台账")["参加人数"])
    clerk.set("活动台账", f"{letter}6", 25)
    clerk.save()
    clerk.close()
    (question,) = desk.taken()
    assert (question.column, question.base, question.incoming, question.cell) == ("headcount", 20, 25, f"{letter}6")


def test_without_its_number_it_is_compared_with_the_edition_it_differs_least_from(desk: Desk) -> None:
    desk.type("活动台账", {"参加人数": 25}, book=desk.content())
    assert numbers_in(desk.master) == ()
    desk.office.disk.write(desk.master, typed := desk.master.read_bytes())
    desk.save("宣传科", "活动台账", FIRST_ROW, {"活动名称": "义务植树", "地点": "北山", "参加人数": 31})
    desk.master.write_bytes(typed)
    (question,) = desk.taken()
    assert (question.base, question.current, question.incoming) == (20, 31, 25)


def test_what_cannot_be_compared_is_said_and_kept(desk: Desk) -> None:
    desk.master.write_bytes("不是工作簿".encode())
    (broken,) = desk.taken()
    assert desk.office.kept.find(broken.payload)
    assert "打不开" in broken.text
    edition = desk.publish()
    desk.type("活动台账", {"参加人数": 25})
    desk.editions.withdraw(edition.number)
    (lost,) = desk.taken()
    assert "不再保存" in lost.text
    assert desk.office.kept.find(lost.payload)


def test_a_sync_asks_what_was_typed_and_an_agreement_brings_it_into_the_ledger(bureau: Bureau) -> None:
    with Office(bureau.opened(), lambda: datetime(2026, 11, 20, 16, 30)) as office:
        bureau.type("宣传科", "活动台账", {FIRST_ROW: ACTIVITY})
        sync(office, as_of=DAY)
        at = columns(bureau.master, "活动台账")["参加人数"]
        bureau.master.write_bytes(patch_cells(bureau.master.read_bytes(), {"活动台账": {(FIRST_ROW, at): 25}}))
        (question,) = sync(office, as_of=DAY).questions
        assert question.kind == "typed"
        assert [row["编号"] for row in bureau.questions()] == [question.id]
        assert [row["参加人数"] for row in bureau.master_rows("活动台账")] == [20]
        assert sync(office, as_of=DAY).publication.paths == []
        rule(office, take_up(office, DAY).ledger, question.id, "accept", by="inbox")
        assert sync(office, as_of=DAY).questions == ()
        assert [row["参加人数"] for row in bureau.master_rows("活动台账")] == [25]


def test_nothing_is_agreed_to_that_no_row_could_take(bureau: Bureau, monkeypatch: pytest.MonkeyPatch) -> None:
    """The master shows a new task at once; while its unit's workbook is open all day, no workbook has a row for it."""
    monkeypatch.setenv("SYNCER_DELIVERY__QUIET_SECONDS", "0")
    with Office(bureau.opened(), lambda: datetime(2026, 11, 20, 16, 30)) as office:
        sync(office, as_of=DAY)
        plan = openpyxl.load_workbook(bureau.control)["任务分解"]
        at = next(row for row in range(5, plan.max_row + 2) if not plan.cell(row, 1).value)
        owner = bureau.units / "~$宣传科.xlsx"
        owner.write_bytes(b"\x06zhang".ljust(55, b" ").ljust(165, b"\0"))
        new = {"编号": "9.9", "任务": "新任务", "牵头单位": "宣传科", "完成时限": "2026年12月10日"}
        places = {"编号": 1, "任务": 4, "牵头单位": 9, "完成时限": 12}
        bureau.save_control({"任务分解": {(at, places[name]): text for name, text in new.items()}})
        sync(office, as_of=DAY)
        rows = lines(bureau.master, "任务清单")
        shown = next(number for number, row in enumerate(rows, FIRST_ROW) if row["任务编号"] == "9.9")
        cell = (shown, columns(bureau.master, "任务清单")["本周完成情况"])
        bureau.master.write_bytes(patch_cells(bureau.master.read_bytes(), {"任务清单": {cell: "已经联系场地"}}))
        (question,) = sync(office, as_of=DAY).questions
        with pytest.raises(ConfigError, match="没有这一行"):
            rule(office, take_up(office, DAY).ledger, question.id, "accept", by="inbox")
        assert [q.id for q in sync(office, as_of=DAY).questions] == [question.id]
        owner.unlink()
        sync(office, as_of=DAY)
        sync(office, as_of=DAY)  # what was delivered is taken in
        rule(office, take_up(office, DAY).ledger, question.id, "accept", by="inbox")
        sync(office, as_of=DAY)
        (row,) = (row for row in lines(bureau.master, "任务清单") if row["任务编号"] == "9.9")
        assert row["本周完成情况"] == "已经联系场地"
