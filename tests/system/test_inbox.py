"""待我处理.xlsx in a real office: she decides in the book, or on the command line, and what she wrote is never lost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from syncer.control import ledger_in_force
from syncer.core.calendar import Week
from syncer.core.model import Ledger
from syncer.core.state import Question
from syncer.core.values import Scalar
from syncer.excel.inboxbook import DONE, HEADER_ROW, WAITING
from syncer.excel.patch import patch_cells
from syncer.inbox import InboxPublished, publish_inbox, take_decisions
from syncer.requests import Request, leave_request
from syncer.store.disk import digest
from syncer.sync import sync
from syncer.workspace import Office
from tests.office.clerk import Clerk
from tests.system.bureau import FIRST_ROW, PASSWORD, Bureau

USAGE, DONE_CODE, PERSON = 2, 0, 1


class Desk:
    """The coordinator's desk: her office, its ledger, and the book on it."""

    def __init__(self, bureau: Bureau, office: Office) -> None:
        self.bureau, self.office = bureau, office
        self.ledger: Ledger = ledger_in_force(office, date.today())
        self.path = office.workspace.inbox_book

    def sync(self) -> None:
        sync(self.office)

    def publish(self) -> InboxPublished:
        return publish_inbox(self.office, self.ledger)

    def waiting(self) -> list[Question]:
        return self.office.store.questions.open(self.ledger)

    def question(self, name: str) -> Question:
        found = self.office.store.questions.get(self.ledger, name)
        assert found
        return found

    def rows(self, sheet: str = WAITING) -> dict[str, dict[str, Any]]:
        """Returns what the book shows, by id and header."""
        page: Any = openpyxl.load_workbook(self.path)[sheet]
        heads = [cell.value for cell in page[HEADER_ROW]]
        lines = page.iter_rows(min_row=HEADER_ROW + 1, values_only=True)
        return {str(line[0]): dict(zip(heads, line, strict=False)) for line in lines if line[0]}

    def typed(self, cells: Mapping[tuple[str, str], Scalar], sheet: str = WAITING) -> bytes:
        """Returns the book with (id, header) → content typed into it; a header that is new stands right of all others."""
        page: Any = openpyxl.load_workbook(self.path)[sheet]
        columns = {cell.value: cell.column for cell in page[HEADER_ROW]}
        rows = {cell.value: cell.row for cell in page["A"]}
        places: dict[tuple[int, int], Scalar] = {}
        for (name, head), value in cells.items():
            column = columns.setdefault(head, page.max_column + 1)
            places |= {(HEADER_ROW, column): head, (rows[name], column): value}
        return patch_cells(self.path.read_bytes(), {sheet: places})

    def decide(self, cells: Mapping[tuple[str, str], Scalar], sheet: str = WAITING) -> None:
        """Types, saves and has it read."""
        self.save(self.typed(cells, sheet))
        take_decisions(self.office, self.ledger)

    def save(self, data: bytes) -> None:
        half = self.path.with_suffix(".half")
        half.write_bytes(data)
        half.replace(self.path)


@pytest.fixture(scope="module")
def _proposed(_handed_out: Bureau, tmp_path_factory: pytest.TempPathFactory) -> Bureau:
    bureau = _handed_out.copied(tmp_path_factory.mktemp("proposed") / "创建")
    for unit in ("宣传科", "工会"):
        bureau.type(unit, "任务清单", {FIRST_ROW: {"重点任务": f"{unit}改的题目"}})
    with Office(bureau.opened()) as office:
        sync(office)
        Desk(bureau, office).publish()
    return bureau


@pytest.fixture
def desk(_proposed: Bureau, tmp_path: Path) -> Iterator[Desk]:
    """Two proposals wait, one of 宣传科 and one of 工会, and the book lies on the desk."""
    bureau = _proposed.copied(tmp_path / "创建")
    with Office(bureau.opened()) as office:
        yield Desk(bureau, office)


def ids(desk: Desk) -> tuple[str, str]:
    proposals = [question for question in desk.waiting() if question.kind == "proposal"]
    first, second = sorted(proposals, key=lambda question: question.unit)
    return first.id, second.id


def test_a_choice_saved_in_the_book_is_a_ruling_and_moves_to_what_is_done(desk: Desk) -> None:
    one, two = ids(desk)
    assert set(desk.rows()) == {one, two}
    desk.decide({(one, "处理意见"): "不 同意", (one, "备注"): "与科长说过"})
    ruled = desk.question(one)
    assert (ruled.state, ruled.ruling, ruled.ruled_by) == ("ruled", "reject", "inbox")
    assert desk.publish().path.endswith("待我处理.xlsx")
    assert set(desk.rows()) == {two}
    done = desk.rows(DONE)[one]
    assert (done["处理结果"], done["备注"], done["由谁"]) == ("不同意", "与科长说过", "待我处理")


def test_a_ruling_is_taken_back_in_the_book(desk: Desk) -> None:
    one, two = ids(desk)
    desk.decide({(one, "处理意见"): "不同意"})
    desk.publish()
    desk.decide({(one, "撤销"): "撤销"}, DONE)
    assert desk.question(one).state == "open"
    desk.publish()
    assert set(desk.rows()) == {one, two}
    assert desk.rows(DONE) == {}


def test_the_same_bytes_are_not_taken_twice_even_over_a_later_ruling(desk: Desk) -> None:
    one, _ = ids(desk)
    saved = desk.typed({(one, "处理意见"): "不同意"})
    desk.save(saved)
    assert take_decisions(desk.office, desk.ledger).decided == 1
    from syncer.rulings import undo

    undo(desk.office, desk.ledger, one)
    desk.save(saved)
    assert take_decisions(desk.office, desk.ledger).decided == 0
    assert desk.question(one).state == "open"
    again = patch_cells(saved, {WAITING: {(1, 1): "同一个窗口又存了一次"}})
    desk.save(again)
    assert take_decisions(desk.office, desk.ledger).decided == 0
    assert desk.question(one).state == "open"


def test_killed_between_ruling_and_remembering_it_is_simply_read_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, _ = ids(desk)
    desk.save(desk.typed({(one, "处理意见"): "不同意"}))
    with monkeypatch.context() as failing:

        def killed(*_: object) -> None:
            raise KeyboardInterrupt

        failing.setattr("syncer.inbox.save_memory", killed)
        with pytest.raises(KeyboardInterrupt):
            take_decisions(desk.office, desk.ledger)
    assert desk.question(one).state == "ruled"
    read = take_decisions(desk.office, desk.ledger)
    assert (read.unused, desk.question(one).ruling) == (0, "reject")


def test_her_bytes_are_kept_and_notes_and_own_columns_come_back(desk: Desk) -> None:
    one, _ = ids(desk)
    saved = desk.typed({(one, "备注"): "再问问", (one, "科长意见"): "原则同意"})
    desk.save(saved)
    take_decisions(desk.office, desk.ledger)
    assert desk.office.kept.find(digest(saved))
    assert desk.bureau.sql("select count(*) from version where kind = 'inbox'") == [(1,)]
    assert desk.publish().path
    row = desk.rows()[one]
    assert (row["备注"], row["科长意见"], row["处理意见"]) == ("再问问", "原则同意", None)


def test_an_unclear_answer_stays_with_its_reason_until_it_is_changed(desk: Desk) -> None:
    one, _ = ids(desk)
    desk.decide({(one, "处理意见"): "行吧"})
    desk.publish()
    assert desk.rows()[one]["处理意见"] == "行吧"
    assert "没看懂“行吧”" in str(desk.rows()[one]["提示"])
    desk.decide({(one, "备注"): "想想"})
    desk.publish()
    assert "没看懂“行吧”" in str(desk.rows()[one]["提示"])
    desk.decide({(one, "处理意见"): "不同意"})
    desk.publish()
    assert desk.question(one).ruling == "reject"
    assert desk.rows(DONE)[one]["提示"] is None


def test_a_decision_on_contents_that_changed_meanwhile_is_asked_again(desk: Desk) -> None:
    one, _ = ids(desk)
    stale = desk.typed({(one, "处理意见"): "同意"})
    changed = desk.question(one)
    with desk.office.store.engine.begin() as db:
        db.exec_driver_sql("update question set text = '另有补充' where id = ?", (changed.id,))
    desk.save(stale)
    assert take_decisions(desk.office, desk.ledger).unused == 1
    assert desk.question(one).state == "open"
    desk.publish()
    row = desk.rows()[one]
    assert (row["处理意见"], row["校验"]) == (None, desk.question(one).digest)
    assert "内容已经变了，请重新看过再定" in str(row["提示"])


def test_an_open_book_is_not_replaced_and_it_is_said_how_much_it_lacks(desk: Desk) -> None:
    owner = desk.path.with_name(f"~${desk.path.name}")
    owner.write_bytes(b"x")
    before = desk.path.read_bytes()
    desk.bureau.type("办公室", "任务清单", {FIRST_ROW: {"重点任务": "办公室改的题目"}})
    desk.sync()
    assert desk.publish() == InboxPublished(waits=True, new_waiting=1)
    assert desk.path.read_bytes() == before
    owner.unlink()
    assert desk.publish().path
    assert len(desk.rows()) == 3
    assert desk.publish() == InboxPublished()


def test_what_she_saved_is_never_replaced_before_it_is_read(desk: Desk) -> None:
    one, _ = ids(desk)
    saved = desk.typed({(one, "处理意见"): "不同意"})
    desk.save(saved)
    assert desk.publish().waits
    assert desk.path.read_bytes() == saved


def test_a_book_that_cannot_be_read_is_left_alone_and_told(desk: Desk) -> None:
    desk.save(PASSWORD)
    for _ in range(2):
        (problem,) = take_decisions(desk.office, desk.ledger).problems
        assert problem.code == "FILE-004"
        assert desk.publish().waits
    assert desk.path.read_bytes() == PASSWORD


def test_another_workbook_in_its_place_is_kept_and_told(desk: Desk) -> None:
    other = desk.bureau.book("工会").read_bytes()
    desk.save(other)
    take_decisions(desk.office, desk.ledger)
    assert desk.office.kept.find(digest(other))
    assert desk.publish().path
    assert "那一份已留存" in openpyxl.load_workbook(desk.path)[WAITING]["A2"].value


def test_a_lost_book_is_written_again_and_nothing_changed_touches_no_file(desk: Desk) -> None:
    before, mark = desk.path.read_bytes(), desk.path.stat().st_mtime_ns
    assert desk.publish() == InboxPublished()
    assert take_decisions(desk.office, desk.ledger).decided == 0
    assert (desk.path.read_bytes(), desk.path.stat().st_mtime_ns) == (before, mark)
    desk.path.unlink()
    assert desk.publish().path
    assert len(desk.rows()) == 2


def test_killed_after_writing_the_book_it_is_still_known_as_ours(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    one, _ = ids(desk)
    desk.decide({(one, "备注"): "x"})

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as failing:
        failing.setattr(desk.office.store.known_files, "record_published", killed)
        with pytest.raises(KeyboardInterrupt):
            desk.publish()
    versions = desk.bureau.sql("select count(*) from version where kind = 'inbox'")
    take_decisions(desk.office, desk.ledger)
    assert desk.bureau.sql("select count(*) from version where kind = 'inbox'") == versions
    assert not desk.publish().waits
    assert desk.publish() == InboxPublished()
    assert desk.rows()[one]["备注"] == "x"


def test_a_permission_error_only_waits(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    one, _ = ids(desk)
    desk.decide({(one, "处理意见"): "不同意"})

    def held(*_: object) -> None:
        raise PermissionError

    with monkeypatch.context() as failing:
        failing.setattr(desk.office.disk, "write", held)
        assert desk.publish().waits
        assert desk.publish().waits, "it is not forgotten"
    assert desk.publish().path


def test_one_answer_goes_for_all_cells_that_a_save_cleared(desk: Desk) -> None:
    state = desk.office.store.state(desk.ledger)
    rows = [row for row in state.rows if row.unit == "D05" and row.sheet == "tasks"]
    cells = [
        Question(
            f"mass{at}",
            "mass",
            "D05",
            "tasks",
            row.id,
            row.text("no"),
            "person",
            "甲",
            "甲",
            None,
            at="2026-11-20T10:00:00",
        )
        for at, row in enumerate(rows)
    ]
    assert len(cells) > 1
    desk.office.store.questions.add(cells)
    desk.publish()
    (group,) = [name for name in desk.rows() if name.startswith("M-")]
    desk.decide({(group, "处理意见"): "保留原内容"})
    assert {desk.question(cell.id).ruling for cell in cells} == {"current"}
    desk.publish()
    assert desk.rows(DONE)[group]["行"] == f"{len(cells)}行"
    undone = desk.bureau.json("resolve", group, "--undo")
    assert sorted(undone["members"]) == sorted(cell.id for cell in cells)
    assert desk.bureau.json("resolve", "mass0", "--take", "incoming")["members"] == ["mass0"]
    assert {desk.question(cell.id).state for cell in cells[1:]} == {"open"}


# ---- the command line


def test_inbox_and_resolve_do_the_same_from_the_command_line(desk: Desk) -> None:
    one, two = ids(desk)
    desk.office.close()
    listed = desk.bureau.json("inbox")
    assert listed["exit"] == PERSON
    assert {item["id"] for item in listed["items"]} == {one, two}
    item = next(item for item in listed["items"] if item["id"] == one)
    assert {"kind", "unit", "sheet", "row_key", "column", "base", "current", "incoming", "source"} <= item.keys()
    assert item["choices"] == {"accept": "同意", "reject": "不同意", "value": "另填"}
    assert "改为" in item["text"]
    said = desk.bureau.syncer("inbox").stdout
    assert one in said
    assert "可选：同意、不同意、另填" in said
    assert "waiting" in desk.bureau.syncer("inbox", "--lang", "en").stdout

    done = desk.bureau.json("resolve", one[:6], "--take", "reject")
    assert (done["state"], done["members"]) == ("done", [one])
    assert desk.question(one).ruled_by == "command line"
    again = desk.bureau.syncer("resolve", one, "--take", "accept")
    assert again.returncode == USAGE
    assert "--undo" in again.stderr
    assert desk.bureau.json("resolve", one, "--undo")["exit"] == DONE_CODE
    assert desk.question(one).state == "open"
    desk.bureau.json("resolve", two, "--take", "另起的题目")
    assert (desk.question(two).ruling, desk.question(two).value) == ("value", "另起的题目")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [(("没有的", "--take", "accept"), "syncer inbox"), (("ID", "--take", "base"), "可选：accept（同意）"), (("ID",), "--take")],
)  # fmt: skip
def test_a_resolve_that_fits_nothing_says_what_would(desk: Desk, arguments: tuple[str, ...], told: str) -> None:
    one, _ = ids(desk)
    done = desk.bureau.syncer("resolve", *(one if part == "ID" else part for part in arguments))
    assert done.returncode == USAGE
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert desk.question(one).state == "open"


def test_what_was_asked_for_while_the_daemon_runs_is_done_at_the_next_pass(desk: Desk) -> None:
    one, two = ids(desk)
    leave_request(desk.office, Request(one, "value", date(2026, 3, 5)))
    leave_request(desk.office, Request("gone", "accept"))
    leave_request(desk.office, Request(two, "reject"))
    leave_request(desk.office, Request(two, undo=True))
    for _ in range(2):
        take_decisions(desk.office, desk.ledger)
        assert desk.question(one).value == date(2026, 3, 5)
        assert desk.question(two).state == "open"
    assert not list(desk.office.workspace.config.folders.state.glob("requests/*"))


def test_a_request_that_cannot_be_understood_is_dropped_and_the_others_are_done(desk: Desk) -> None:
    one, _ = ids(desk)
    folder = desk.office.workspace.config.folders.state / "requests"
    folder.mkdir(exist_ok=True)
    for at, text in enumerate(("", "{", "[]", '{"question": "x"}', "\0\0")):
        (folder / f"0000-{at}.json").write_text(text, "utf-8")
    leave_request(desk.office, Request(one, "reject"))
    take_decisions(desk.office, desk.ledger)
    assert desk.question(one).ruling == "reject"
    assert not list(folder.iterdir())


@pytest.fixture
def week(desk: Desk) -> str:
    """Last week's sheet waits for her word, and 04 cannot be written: a file lies where the folder was."""
    label = str(Week.of(desk.office.clock().date() - timedelta(days=7)).label)
    asked = Question(f"W{label}", "weekly", "", row_id=label, row_key=label, at=desk.office.now(), text="第几周")
    desk.office.store.questions.add([asked])
    desk.publish()
    folder = desk.office.workspace.config.folders.weekly
    folder.rename(folder.with_name("不在"))
    folder.write_bytes(b"")
    return asked.id


def writable_again(desk: Desk) -> None:
    folder = desk.office.workspace.config.folders.weekly
    folder.unlink()
    folder.with_name("不在").rename(folder)


def test_what_the_disk_does_not_let_her_do_is_done_later_and_keeps_nothing_else_back(desk: Desk, week: str) -> None:
    one, _ = ids(desk)
    desk.save(desk.typed({(week, "处理意见"): "定稿", (one, "处理意见"): "不同意"}))
    for _ in range(2):
        read = take_decisions(desk.office, desk.ledger)
        assert (read.waits, [p.code for p in read.problems]) == (True, ["PUB-003"])
        assert (desk.question(one).ruling, desk.question(week).state) == ("reject", "open")
        assert desk.publish().waits, "what she decided is still to be read from it"
    writable_again(desk)
    read = take_decisions(desk.office, desk.ledger)
    assert (read.waits, read.problems) == (False, ())
    assert desk.question(week).ruling == "accept"
    assert [version.kind for version in desk.office.store.versions("")].count("inbox") == 1


def test_what_the_disk_does_not_let_a_request_do_is_asked_again(desk: Desk, week: str) -> None:
    one, _ = ids(desk)
    leave_request(desk.office, Request(week, "accept"))
    leave_request(desk.office, Request(one, "reject"))
    take_decisions(desk.office, desk.ledger)
    assert (desk.question(one).ruling, desk.question(week).state) == ("reject", "open")
    writable_again(desk)
    take_decisions(desk.office, desk.ledger)
    assert desk.question(week).ruling == "accept"


@pytest.mark.office
@pytest.mark.slow
def test_she_decides_in_libreoffice(desk: Desk, clerk: Clerk) -> None:
    one, two = ids(desk)
    rows = {str(name): HEADER_ROW + 1 + at for at, name in enumerate(desk.rows())}
    clerk.open(desk.path)
    column = "K"
    assert clerk.get(WAITING, f"{column}{HEADER_ROW}") == "处理意见"
    clerk.set(WAITING, f"{column}{rows[one]}", "不同意")
    clerk.set(WAITING, f"{column}{rows[two]}", "另填")
    clerk.set(WAITING, f"L{rows[two]}", "商定的题目")
    clerk.sort(WAITING, "C", header_row=HEADER_ROW, descending=True)
    clerk.save()
    assert take_decisions(desk.office, desk.ledger).decided == 2
    assert desk.question(one).ruling == "reject"
    assert (desk.question(two).ruling, desk.question(two).value) == ("value", "商定的题目")
    assert desk.publish().waits, "she has it open"
    clerk.close()
    assert desk.publish().path
    assert desk.rows() == {}
    assert set(desk.rows(DONE)) == {one, two}
