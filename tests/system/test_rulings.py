"""What the coordinator rules, from the question to the merged ledger and back again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from syncer.control import ledger_in_force
from syncer.core.model import Ledger
from syncer.core.state import Question
from syncer.core.values import Scalar
from syncer.errors import ConfigError
from syncer.inbox import inbox_of
from syncer.rulings import rule, undo
from syncer.sync import sync
from syncer.workspace import Office
from tests.system.bureau import FIRST_ROW, PASSWORD, Bureau, texts

UNIT = "宣传科"
TREES: dict[str, Scalar] = {"日期": "2026-3-12", "活动名称": "植树", "类别": "主题活动", "参加人数": 30}


@pytest.fixture
def bureau(request: pytest.FixtureRequest, _handed_out: Bureau, tmp_path: Path) -> Bureau:
    """A bureau of a test's own; for those who ask for the conflict the one in which it stands."""
    base = request.getfixturevalue("_disputed") if "conflict" in request.fixturenames else _handed_out
    return base.copied(tmp_path / "创建")


@pytest.fixture
def office(bureau: Bureau) -> Iterator[Office]:
    with Office(bureau.opened()) as opened:
        yield opened


def ledger_of(office: Office) -> Ledger:
    return ledger_in_force(office, office.clock().date())


def waiting(office: Office, kind: str) -> list[Question]:
    return [q for q in office.store.questions.open(ledger_of(office)) if q.kind == kind]


def the_only(office: Office, kind: str) -> Question:
    (question,) = waiting(office, kind)
    return question


def ruled(office: Office, question: Question, take: str, value: Scalar = None) -> None:
    rule(office, ledger_of(office), question.id, take, value, by="inbox")
    sync(office)


def activity(bureau: Bureau) -> dict[str, object]:
    (row,) = bureau.master_rows("活动台账", UNIT)
    return row


@pytest.fixture(scope="module")
def _disputed(_handed_out: Bureau, tmp_path_factory: pytest.TempPathFactory) -> Bureau:
    """The workbook says 50 participants, a copy of its older state says 45."""
    bureau = _handed_out.copied(tmp_path_factory.mktemp("disputed") / "创建")
    with Office(bureau.opened()) as office:
        bureau.type(UNIT, "活动台账", {FIRST_ROW: TREES})
        sync(office)
        older = bureau.book(UNIT).read_bytes()
        bureau.type(UNIT, "活动台账", {FIRST_ROW: {"参加人数": 50}})
        sync(office)
        original = bureau.book(UNIT).read_bytes()
        bureau.save(UNIT, older)
        copied = bureau.typed(UNIT, "活动台账", {FIRST_ROW: {"参加人数": 45, "地点": "河边"}})
        bureau.save(UNIT, original)
        bureau.save_as(f"{UNIT} - 副本.xlsx", copied)
        sync(office)
    return bureau


@pytest.fixture
def conflict(office: Office) -> Question:
    """The one question about the two numbers."""
    return the_only(office, "conflict")


def test_a_copy_is_merged_and_only_what_both_changed_is_asked(bureau: Bureau, conflict: Question) -> None:
    assert (conflict.base, conflict.current, conflict.incoming) == (30, 50, 45)
    assert (conflict.source.file, conflict.cell[-1]) == (f"{UNIT} - 副本.xlsx", str(FIRST_ROW))
    assert (activity(bureau)["参加人数"], activity(bureau)["地点"]) == (50, "河边")


@pytest.mark.parametrize(
    ("take", "value", "stands"),
    [("current", None, 50), ("incoming", None, 45), ("base", None, 30), ("value", 48, 48)],
)
def test_the_ruled_value_stands_in_the_master_and_is_not_asked_again(
    bureau: Bureau, office: Office, conflict: Question, take: str, value: Scalar, stands: float
) -> None:
    ruled(office, conflict, take, value)
    assert activity(bureau)["参加人数"] == stands
    bureau.type(UNIT, "学习教育", {FIRST_ROW: {"日期": "2026-3-5", "形式": "党课", "主题": "第一课"}})
    bureau.save_as(f"{UNIT} - 副本.xlsx", (bureau.units / f"{UNIT} - 副本.xlsx").read_bytes())
    sync(office)
    assert activity(bureau)["参加人数"] == stands
    assert waiting(office, "conflict") == []


def test_a_ruling_can_be_taken_back(bureau: Bureau, office: Office, conflict: Question) -> None:
    ruled(office, conflict, "incoming")
    undo(office, ledger_of(office), conflict.id)
    sync(office)
    assert activity(bureau)["参加人数"] == 50
    assert the_only(office, "conflict").id == conflict.id


def test_a_cell_changed_again_while_its_question_waits_is_asked_about_as_it_stands_now(
    bureau: Bureau, office: Office, conflict: Question
) -> None:
    bureau.type(UNIT, "活动台账", {FIRST_ROW: {"参加人数": 52}})
    sync(office)
    now = the_only(office, "conflict")
    assert (now.current, now.incoming) == (52, 45)
    assert now.digest != conflict.digest, "what was decided on the old values would be taken for these"
    bureau.type(UNIT, "活动台账", {FIRST_ROW: {"参加人数": 45}})
    sync(office)
    assert waiting(office, "conflict") == [], "the unit has taken the other value itself"
    assert activity(bureau)["参加人数"] == 45


def test_an_answer_that_does_not_fit_or_comes_twice_is_told_in_words(office: Office, conflict: Question) -> None:
    ledger = ledger_of(office)
    with pytest.raises(ConfigError, match="没有编号为"):
        rule(office, ledger, "nothing", "current", by="inbox")
    with pytest.raises(ConfigError, match="可选：保留原内容"):
        rule(office, ledger, conflict.id, "nonsense", by="inbox")
    rule(office, ledger, conflict.id, "current", by="inbox")
    rule(office, ledger, conflict.id, "current", by="inbox")  # the same again is one ruling
    with pytest.raises(ConfigError, match="请先撤销"):
        rule(office, ledger, conflict.id, "incoming", by="inbox")


def test_an_accepted_adjustment_of_a_deadline_holds_for_every_unit_until_the_settings_say_otherwise(
    bureau: Bureau, office: Office
) -> None:
    bureau.type(UNIT, "任务清单", {FIRST_ROW: {"完成时限": "11月30日前"}})
    sync(office)
    asked = the_only(office, "proposal")
    number = str(bureau.master_rows("任务清单", UNIT)[0]["任务编号"])
    ruled(office, asked, "accept")
    row = next(r for r in bureau.master_rows("任务清单", UNIT) if r["任务编号"] == number)
    assert row["完成时限"] == "11月30日前"
    undo(office, ledger_of(office), asked.id)
    sync(office)
    row = next(r for r in bureau.master_rows("任务清单", UNIT) if r["任务编号"] == number)
    assert row["完成时限"] == str(asked.current)


def test_vanished_rows_stay_until_their_deletion_is_confirmed(bureau: Bureau, office: Office) -> None:
    rows = {FIRST_ROW + at: {**TREES, "活动名称": f"活动{at}", "日期": f"2026-3-{at + 1}"} for at in range(10)}
    bureau.type(UNIT, "活动台账", rows)
    sync(office)
    blank: dict[str, Scalar] = dict.fromkeys(TREES)
    bureau.type(UNIT, "活动台账", dict.fromkeys(list(rows)[5:], blank))
    sync(office)
    gone = waiting(office, "vanished")
    assert len(gone) == 5
    assert len(bureau.master_rows("活动台账", UNIT)) == 10
    ruled(office, gone[0], "accept")
    assert len(bureau.master_rows("活动台账", UNIT)) == 9
    ruled(office, gone[1], "reject")
    assert len(bureau.master_rows("活动台账", UNIT)) == 9
    assert len(waiting(office, "vanished")) == 3


def older_state_back(bureau: Bureau, office: Office, **more: Scalar) -> tuple[Question, bytes]:
    """Says of an activity that 30 came, then 50 (and ``more``); then the first workbook comes back: what is asked, and its bytes."""
    bureau.type(UNIT, "活动台账", {FIRST_ROW: TREES})
    sync(office)
    older = bureau.book(UNIT).read_bytes()
    bureau.type(UNIT, "活动台账", {FIRST_ROW: {"参加人数": 50, **more}})
    sync(office)
    bureau.save(UNIT, older)
    sync(office)
    return the_only(office, "backup"), older


def test_an_older_state_that_comes_back_waits_for_her_and_is_taken_if_she_says_so(
    bureau: Bureau, office: Office
) -> None:
    asked, _ = older_state_back(bureau, office, 地点="河边")
    assert (activity(bureau)["参加人数"], activity(bureau)["地点"]) == (50, "河边")
    ruled(office, asked, "accept")
    assert (activity(bureau)["参加人数"], activity(bureau)["地点"]) == (30, "")
    assert waiting(office, "backup") == []


def test_an_older_state_that_is_not_meant_changes_nothing_and_its_workbook_goes_on(
    bureau: Bureau, office: Office
) -> None:
    asked, _ = older_state_back(bureau, office)
    ruled(office, asked, "reject")
    assert activity(bureau)["参加人数"] == 50
    bureau.type(UNIT, "活动台账", {FIRST_ROW: {"地点": "山上"}})
    sync(office)
    assert (activity(bureau)["参加人数"], activity(bureau)["地点"]) == (50, "山上")


def test_what_she_let_in_is_let_in_once(bureau: Bureau, office: Office) -> None:
    """The copy that the old state came from lies in the folder still, and everything is read again once the settings change."""
    asked, older = older_state_back(bureau, office)
    ruled(office, asked, "accept")
    bureau.type(UNIT, "活动台账", {FIRST_ROW: {"参加人数": 60}, FIRST_ROW + 1: {**TREES, "日期": "2026-3-13"}})
    sync(office)
    bureau.save_as(f"{UNIT} - 备份.xlsx", older)
    bureau.save_control({"任务分解": {(6, 12): "2026年11月30日"}})
    sync(office)
    assert [row["参加人数"] for row in bureau.master_rows("活动台账", UNIT)] == [60, 30]
    assert office.store.questions.open(ledger_of(office)) == []
    (bureau.units / f"{UNIT} - 备份.xlsx").unlink()
    bureau.save(UNIT, older)
    sync(office)
    assert the_only(office, "backup").id != asked.id, "it is asked anew: what she said was about another day"
    assert [row["参加人数"] for row in bureau.master_rows("活动台账", UNIT)] == [60, 30]


def test_what_was_turned_away_and_is_settled_cannot_be_taken_back(bureau: Bureau, office: Office) -> None:
    asked, _ = older_state_back(bureau, office)
    rule(office, ledger_of(office), asked.id, "reject", by="inbox")
    undo(office, ledger_of(office), asked.id)
    sync(office)
    assert the_only(office, "backup").id == asked.id, "nothing had been done yet"
    ruled(office, asked, "reject")
    with pytest.raises(ConfigError, match="syncer restore"):
        undo(office, ledger_of(office), asked.id)


def test_a_cell_changed_since_its_question_was_worded_is_not_written_over_unseen(
    bureau: Bureau, office: Office, conflict: Question
) -> None:
    ruled(office, conflict, "current")
    bureau.type(UNIT, "活动台账", {FIRST_ROW: {"参加人数": 60}})
    sync(office)
    undo(office, ledger_of(office), conflict.id)
    with pytest.raises(ConfigError, match="后来又改过"):
        rule(office, ledger_of(office), conflict.id, "incoming", by="inbox")
    now = the_only(office, "conflict")
    assert (now.current, now.incoming, activity(bureau)["参加人数"]) == (60, 45, 60)
    assert now.digest != conflict.digest
    ruled(office, now, "incoming")
    assert activity(bureau)["参加人数"] == 45


def test_a_file_under_another_units_name_is_merged_only_when_she_accepts_it(bureau: Bureau, office: Office) -> None:
    other = next(name for name in bureau.books() if name != f"{UNIT}.xlsx").removesuffix(".xlsx")
    bureau.save(other, bureau.typed(UNIT, "活动台账", {FIRST_ROW: TREES}))
    sync(office)
    asked = the_only(office, "doubted")
    assert bureau.master_rows("活动台账", UNIT) == []
    ruled(office, asked, "accept")
    assert activity(bureau)["活动名称"] == "植树"


def test_a_file_that_cannot_be_read_cannot_be_accepted(bureau: Bureau, office: Office) -> None:
    bureau.save(UNIT, PASSWORD)
    sync(office)
    asked = the_only(office, "refused")
    with pytest.raises(ConfigError, match="可选：知道了"):
        rule(office, ledger_of(office), asked.id, "accept", by="inbox")
    ruled(office, asked, "reject")
    assert waiting(office, "refused") == []


def test_the_second_of_two_rows_with_one_key_waits_until_she_agrees(bureau: Bureau, office: Office) -> None:
    bureau.type(UNIT, "活动台账", {FIRST_ROW: TREES, FIRST_ROW + 1: {**TREES, "参加人数": 31}})
    sync(office)
    asked = the_only(office, "duplicate")
    assert activity(bureau)["参加人数"] == 30
    ruled(office, asked, "accept")
    assert sorted(str(row["参加人数"]) for row in bureau.master_rows("活动台账", UNIT)) == ["30.0", "31.0"]
    sync(office)
    assert waiting(office, "duplicate") == []


def test_what_a_doubled_row_is_beside_is_looked_up_once_for_every_state_of_its_sheet(
    bureau: Bureau, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    bureau.type(UNIT, "活动台账", {FIRST_ROW: TREES, FIRST_ROW + 1: {**TREES, "参加人数": 31}})
    sync(office)
    ruled(office, the_only(office, "duplicate"), "reject")
    (line,) = inbox_of(office, ledger_of(office)).done
    assert "植树" in line.current
    looked_at: list[tuple[str, str]] = []
    rows = office.store.merged.rows

    def counted(ledger: Ledger, places: list[tuple[str, str]]) -> object:
        looked_at.extend(places)
        return rows(ledger, places)

    monkeypatch.setattr(office.store.merged, "rows", counted)
    assert inbox_of(office, ledger_of(office)).done == (line,)
    assert looked_at == []
    bureau.type(UNIT, "活动台账", {FIRST_ROW: {"地点": "河边"}})
    sync(office)
    (line,) = inbox_of(office, ledger_of(office)).done
    assert "植树" in line.current
    assert looked_at


def taken_out(bureau: Bureau, office: Office) -> bytes:
    """An activity that the unit has taken out again; returns the workbook as it was before that."""
    bureau.type(UNIT, "活动台账", {FIRST_ROW: TREES})
    sync(office)
    older = bureau.book(UNIT).read_bytes()
    bureau.type(UNIT, "活动台账", {FIRST_ROW: dict.fromkeys(TREES)})
    sync(office)
    return older


def remarked(bureau: Bureau, older: bytes, text: str) -> bytes:
    """An older state of the workbook with a remark on the activity; the workbook itself stays as it is."""
    present = bureau.book(UNIT).read_bytes()
    bureau.save(UNIT, older)
    copied = bureau.typed(UNIT, "活动台账", {FIRST_ROW: {"备注": text}})
    bureau.save(UNIT, present)
    return copied


def test_a_row_that_waits_is_settled_by_no_other_file_than_its_own(bureau: Bureau, office: Office) -> None:
    """Deleted in the workbook, edited in a copy: until somebody decides, the copy's words stand nowhere else."""
    older = taken_out(bureau, office)
    assert bureau.master_rows("活动台账", UNIT) == []
    bureau.save_as(f"{UNIT} - 副本.xlsx", remarked(bureau, older, "补充照片"))
    sync(office)
    asked = the_only(office, "revived")
    bureau.type(UNIT, "学习教育", {FIRST_ROW: {"日期": "2026-3-5", "形式": "党课", "主题": "第一课"}})
    sync(office)
    assert the_only(office, "revived").id == asked.id
    ruled(office, asked, "accept")
    assert (activity(bureau)["活动名称"], activity(bureau)["备注"]) == ("植树", "补充照片")


def test_a_second_copys_words_about_a_deleted_row_do_not_take_the_firsts_away(bureau: Bureau, office: Office) -> None:
    older = taken_out(bureau, office)
    for number, text in enumerate(("补充照片", "补充名单"), start=1):
        bureau.save_as(f"{UNIT} - 副本 ({number}).xlsx", remarked(bureau, older, text))
        sync(office)
    asked = the_only(office, "revived")
    assert "补充名单" in str(asked.incoming)
    history = office.store.history(ledger_of(office), [asked.row_id])
    assert ("补充照片", "asked") in {(change.new, change.outcome) for change in history}


def test_what_an_older_copy_says_of_a_row_that_was_taken_out_comes_into_no_other_record(
    bureau: Bureau, office: Office
) -> None:
    """Another record was typed on the same line, whose id is printed."""
    older = taken_out(bureau, office)
    books: dict[str, Scalar] = {"日期": "2026-4-1", "活动名称": "读书会", "类别": "学习教育", "参加人数": 12}
    bureau.type(UNIT, "活动台账", {FIRST_ROW: books})
    sync(office)
    bureau.save_as(f"{UNIT} - 副本.xlsx", remarked(bureau, older, "补充照片"))
    sync(office)
    assert (activity(bureau)["活动名称"], activity(bureau)["备注"]) == ("读书会", "")
    asked = the_only(office, "revived")
    assert "植树" in str(asked.incoming)
    ruled(office, asked, "accept")
    rows = {row["活动名称"]: row["备注"] for row in bureau.master_rows("活动台账", UNIT)}
    assert rows == {"读书会": "", "植树": "补充照片"}


def test_a_workbook_that_is_gone_is_asked_about_after_a_minute_and_put_back_if_she_says_so(
    bureau: Bureau, office: Office
) -> None:
    bureau.type(UNIT, "活动台账", {FIRST_ROW: TREES})
    sync(office)
    last = bureau.book(UNIT).read_bytes()
    bureau.book(UNIT).unlink()
    sync(office)
    assert waiting(office, "lost") == []  # a save leaves the place empty for a moment too
    an_hour_later = office.clock() + timedelta(hours=1)
    office.clock = lambda: an_hour_later
    sync(office)
    asked = the_only(office, "lost")
    assert activity(bureau)["活动名称"] == "植树"
    ruled(office, asked, "accept")
    assert bureau.book(UNIT).read_bytes() == last
    assert waiting(office, "lost") == []


def test_a_workbook_under_another_name_is_not_lost(bureau: Bureau, office: Office) -> None:
    bureau.book(UNIT).rename(bureau.units / f"{UNIT}改名.xlsx")
    sync(office)
    an_hour_later = office.clock() + timedelta(hours=1)
    office.clock = lambda: an_hour_later
    sync(office)
    assert waiting(office, "lost") == []


def test_a_refusal_is_not_told_any_more_once_the_handed_out_workbook_is_back(bureau: Bureau, office: Office) -> None:
    sync(office)
    bureau.save(UNIT, PASSWORD)
    sync(office)
    assert bureau.feedback(UNIT).exists()
    bureau.book(UNIT).unlink()
    sync(office)
    an_hour_later = office.clock() + timedelta(hours=1)
    office.clock = lambda: an_hour_later
    sync(office)
    ruled(office, the_only(office, "lost"), "accept")
    assert bureau.book(UNIT).exists()
    assert not bureau.feedback(UNIT).exists()


def test_a_copy_that_is_gone_is_named_nowhere_any_more(bureau: Bureau, office: Office, conflict: Question) -> None:
    ruled(office, conflict, "current")
    copy = f"{UNIT} - 副本.xlsx"
    assert any(copy in text for text in texts(bureau.master))
    (bureau.units / copy).unlink()
    sync(office)
    assert not any(copy in text for text in texts(bureau.master))
