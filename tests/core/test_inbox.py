from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from syncer.core.encode import dump_row
from syncer.core.inbox.answers import Answer, Entry, Judged, Read, judge, read_answers
from syncer.core.inbox.choices import CHOICES, taken
from syncer.core.inbox.lines import Inbox, dump_note, grouped, inbox, load_note, typed_value
from syncer.core.model import (
    Book,
    Column,
    ColumnType,
    Ledger,
    Row,
    Settings,
    Sheet,
    SheetKind,
    Source,
    Stamp,
    Table,
    Unit,
)
from syncer.core.reading.rows import ReadRow
from syncer.core.reports.changes import KINDS
from syncer.core.state import Question, question_id
from syncer.core.values import Scalar

SHEET = Sheet(
    "activities",
    "活动台账",
    SheetKind.RECORDS,
    (
        Column("date", "日期", ColumnType.DATE, key=True),
        Column("name", "活动名称", key=True),
        Column("percent", "完成率", ColumnType.PERCENT),
        Column("count", "参加人数", ColumnType.INTEGER),
    ),
    ("D01", "D02"),
)
UNITS = (Unit("D01", "办公室", "办公室"), Unit("D02", "工会", "工会"))
LEDGER = Ledger("v1", Settings(2026), (SHEET,), UNITS, ())
SOURCE = Source("办公室.xlsx", "活动台账", 7, "2026-11-20T16:02:00", 3)


def asked(name: str, kind: str = "conflict", **more: object) -> Question:
    facts: dict[str, object] = {"unit": "D01", "sheet": "activities", "row_id": "HD-D01-0001", "source": SOURCE}
    facts |= {"row_key": "植树", "at": "2026-11-20T16:02:05", "who": "陈样本", "cell": "F7"}
    if kind in {"conflict", "proposal", "mass"}:
        facts |= {"column": "name", "base": "植树", "current": "种树", "incoming": "植树节"}
    return Question(name, kind, **{**facts, **more})  # type: ignore[arg-type]


def box(*waiting: Question, ruled: tuple[Question, ...] = (), rows: tuple[Row, ...] = ()) -> Inbox:
    return inbox(LEDGER, waiting, ruled, rows)


def ruled(question: Question, take: str, value: Scalar = None) -> Question:
    return replace(question, state="ruled", ruling=take, value=value, ruled_at="2026-11-20T17:00:00", ruled_by="inbox")


def answer(here: Inbox, name: str, word: str = "", value: Scalar = None, **more: object) -> Answer:
    """Returns the row of a line as she leaves it."""
    line = next(line for line in (*here.waiting, *here.done) if line.id == name)
    entry = Entry(word, value, str(more.get("undo", "")), str(more.get("note", "")))
    return Answer(4, name, line.check, line.contents, entry)


def said(here: Inbox, *answers: Answer, shown: dict[str, Entry] | None = None) -> Judged:
    return judge(Read(answers, (), 1), here, shown or {})


# ---- lines


def test_a_line_says_where_what_and_who_as_people_write_it() -> None:
    (line,) = box(asked("Q1", column="percent", base=0.5, current=0.6, incoming=None)).waiting
    assert (line.label, line.unit, line.sheet, line.row, line.column) == (
        "两处都改了",
        "办公室",
        "活动台账",
        "植树",
        "完成率",
    )
    assert (line.base, line.current, line.incoming) == ("50%", "60%", "（空）")
    assert (line.who, line.file, line.place, line.saved_at) == (
        "陈样本",
        "办公室.xlsx",
        "活动台账!F7",
        "2026-11-20T16:02:00",
    )
    assert "现为“60%”，办公室报来“（空）”" in line.text


def test_every_kind_has_its_name_and_every_line_its_words() -> None:
    assert set(KINDS) == set(CHOICES)
    for kind in KINDS:
        (line,) = box(asked("Q1", kind)).waiting
        assert line.label != kind
        assert line.text


def test_a_vanished_row_shows_what_it_said_and_a_held_one_what_it_says() -> None:
    gone = Row("HD-D01-0001", "activities", "D01", {"date": date(2026, 3, 5), "name": "植树"})
    held = ReadRow("HD-D01-0009", 9, {"date": date(2026, 3, 5), "name": "种花"})
    one, two = box(asked("Q1", "vanished"), asked("Q2", "duplicate", payload=dump_row(held)), rows=(gone,)).waiting
    assert one.current == "日期：2026-03-05；活动名称：植树"
    assert two.incoming == "日期：2026-03-05；活动名称：种花"


def test_a_payload_that_is_no_row_is_no_fault() -> None:
    for payload in ('{"path":"a.xlsx","sha256":"x"}', "remove", "[1]", ""):
        assert box(asked("Q1", "restore", payload=payload)).waiting[0].incoming == ""


def test_cells_that_one_save_cleared_on_one_sheet_are_one_line() -> None:
    cells = [asked(f"Q{n}", "mass", row_id=f"R{n}", row_key=f"第{n}场", incoming=None) for n in range(23)]
    other = asked("Q99", "mass", sheet="tasks", incoming=None)
    alone = asked("Q98")
    groups = grouped([*cells, other, alone])
    assert [len(group.questions) for group in groups] == [23, 1, 1]
    assert groups[2].id == "Q98"
    (line, *_) = box(*cells, other, alone).waiting
    assert line.id.startswith("M-")
    assert line.current.startswith("清空了23格：第0场 活动名称“种树”；")
    assert line.current.endswith("等")
    assert (line.row, line.column) == ("23行", "活动名称")
    assert len(line.questions) == 23


def test_a_group_is_the_same_whatever_of_it_was_decided_alone() -> None:
    cells = [asked(f"Q{n}", "mass", row_id=f"R{n}", incoming=None) for n in range(3)]
    before = box(*cells).waiting[0]
    after = box(*cells[1:], ruled=(ruled(cells[0], "current"),)).waiting[0]
    assert (before.id, before.check) == (after.id, after.check)
    assert box(*cells[1:]).waiting[0].check != before.check, "a cell that the unit put back is another matter"


def test_what_was_decided_says_how_when_and_by_whom() -> None:
    (line,) = box(ruled=(ruled(asked("Q1", column="percent"), "value", 0.7),)).done
    assert (line.result, line.ruled_at, line.ruled_by) == ("另填：70%", "2026-11-20T17:00:00", "待我处理")
    assert box(ruled=(ruled(asked("Q1", "proposal"), "accept"),)).done[0].result == "同意"
    assert box(ruled=(ruled(asked("Q1", "withdrawn"), "unit"),)).done[0].result == "单位已自行撤回"


def test_notes_and_own_columns_come_back_as_they_were() -> None:
    extra: dict[str, Scalar] = {"科长意见": "同意", "日期": date(2026, 3, 5), "几次": 2}
    assert load_note(dump_note("电话核实", extra)) == ("电话核实", extra)
    assert dump_note("", {"空": None}) == ""
    assert load_note("") == ("", {})


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("conflict", "incoming", ("incoming", "")),
        ("conflict", "改用新内容", ("incoming", "")),
        ("conflict", "85%", ("value", "85%")),
        ("conflict", "accept", ("incoming", "")),
        ("proposal", "incoming", ("accept", "")),
        ("proposal", "不 同 意", ("reject", "")),
        ("proposal", "4月底前", ("value", "4月底前")),
        ("proposal", "base", ("", "")),
        ("conflict", "另填", ("", "")),
        ("vanished", "随便", ("", "")),
        ("vanished", "恢复", ("reject", "")),
        ("weekly", "定稿", ("accept", "")),
        ("conflict", " ", ("", "")),
    ],
)
def test_what_is_typed_on_the_command_line_is_a_take_a_word_or_a_value(
    kind: str, text: str, expected: tuple[str, str]
) -> None:
    assert taken(kind, text) == expected


@pytest.mark.parametrize(
    ("column", "text", "value"),
    [("percent", "85%", 0.85), ("count", "12", 12), ("date", "2026-3-5", date(2026, 3, 5)), ("name", "12", "12"), ("count", "好多", "好多")],
)  # fmt: skip
def test_a_value_given_as_text_becomes_what_a_cell_would_hold(column: str, text: str, value: Scalar) -> None:
    found = typed_value(LEDGER, asked("Q1", column=column), text)
    assert (type(found), found) == (type(value), value)


# ---- answers


def test_a_word_of_the_list_is_a_decision_however_it_is_spaced() -> None:
    here = box(asked("Q1"), asked("Q2", "proposal"))
    found = said(here, answer(here, "Q1", " 改用 新内容　"), answer(here, "Q2"))
    assert [(d.id, d.take, d.value) for d in found.decisions] == [("Q1", "incoming", None)]
    assert not found.unused
    (own,) = said(here, answer(here, "Q2", "另填", "4月底前")).decisions
    assert (own.take, own.value) == ("value", "4月底前")


@pytest.mark.parametrize(
    ("word", "value", "told"),
    [
        ("行吧", None, "没看懂“行吧”。可选：保留原内容、改用新内容、恢复上次、另填。"),
        ("另填", None, "请在“另填值”里填上内容"),
        ("保留原内容", "85%", "请去掉一个"),
        ("", "85%", "没有选“处理意见”"),
    ],
)
def test_an_unclear_answer_is_not_used_and_stays_with_the_reason(word: str, value: Scalar, told: str) -> None:
    here = box(asked("Q1"))
    found = said(here, answer(here, "Q1", word, value))
    assert not found.decisions
    assert told in found.unused["Q1"].hint
    assert (found.unused["Q1"].answer, found.unused["Q1"].value) == (word, value)


def test_a_decision_on_changed_contents_is_asked_again_with_a_blank_answer() -> None:
    before, now = box(asked("Q1")), box(asked("Q1", incoming="植树节活动"))
    found = said(now, answer(before, "Q1", "改用新内容"))
    assert not found.decisions
    assert "内容已经变了，请重新看过再定" in found.unused["Q1"].hint
    assert found.unused["Q1"].answer == ""


def test_an_id_beside_the_contents_of_another_row_decides_nothing() -> None:
    here = box(asked("Q1"), asked("Q2", row_key="种花"))
    one, two = answer(here, "Q1", "改用新内容"), answer(here, "Q2")
    found = said(here, replace(one, contents=two.contents), replace(two, contents=one.contents))
    assert not found.decisions
    assert set(found.unused) == {"Q1"}


def test_an_answer_counts_once_and_a_new_one_in_the_same_window_again() -> None:
    here = box(asked("Q1"))
    first = answer(here, "Q1", "行吧")
    shown = dict(said(here, first).entries)
    again = said(here, first, shown=shown)
    assert (again.unused, again.settled) == ({}, frozenset())
    mended = said(here, answer(here, "Q1", "保留原内容"), shown=shown)
    assert [d.take for d in mended.decisions] == ["current"]
    blanked = said(here, answer(here, "Q1"), shown=shown)
    assert not blanked.decisions
    assert blanked.settled == {"Q1"}


def test_the_same_answer_to_what_is_decided_is_fine_and_another_one_is_told() -> None:
    question = asked("Q1")
    before, now = box(question), box(ruled=(ruled(question, "current"),))
    same = said(now, answer(before, "Q1", "保留原内容"))
    assert (same.decisions, same.unused, same.notices) == ((), {}, ())
    other = said(now, answer(before, "Q1", "改用新内容"))
    assert "已按“保留原内容”处理" in other.unused["Q1"].hint


def test_of_a_file_that_is_nobodys_the_likely_units_are_answers_and_any_other_can_be_named() -> None:
    question = asked("Q1", "unplaced", unit="", sheet="", payload='{"units": "D02 D01"}')
    here = box(question)
    assert here.waiting[0].offers == ("工会", "办公室")
    (picked,) = said(here, answer(here, "Q1", " 办公 室")).decisions
    assert (picked.take, picked.value) == ("value", "办公室")
    (named,) = said(here, answer(here, "Q1", "另填", "宣传科")).decisions
    assert (named.take, named.value) == ("value", "宣传科")
    assert "请去掉一个" in said(here, answer(here, "Q1", "工会", "办公室")).unused["Q1"].hint
    assert "可选：工会、办公室、另填、拒绝。" in said(here, answer(here, "Q1", "宣川科")).unused["Q1"].hint
    now = box(ruled=(ruled(question, "value", "办公室"),))
    assert said(now, answer(here, "Q1", "办公室")).unused == {}
    assert "要改请先撤销" in said(now, answer(here, "Q1", "工会")).unused["Q1"].hint


def test_an_answer_to_what_is_gone_is_told_without_a_row() -> None:
    found = said(box(), answer(box(asked("Q1")), "Q1", "同意"))
    assert not found.decisions
    assert "Q1：这一项已经了结" in found.notices[0]


def test_a_ruling_is_taken_back_unless_it_is_another_by_now() -> None:
    question = asked("Q1")
    here = box(ruled=(ruled(question, "current"),))
    (decision,) = said(here, answer(here, "Q1", undo="撤销")).decisions
    assert decision.undo
    later = box(ruled=(ruled(question, "incoming"),))
    assert "没有撤销" in said(later, answer(here, "Q1", undo="撤销")).unused["Q1"].hint
    assert said(box(question), answer(here, "Q1", undo="撤销")).decisions == ()
    assert "只能选" in said(here, answer(here, "Q1", undo="是")).unused["Q1"].hint


def test_a_copied_row_does_not_answer_twice() -> None:
    here = box(asked("Q1"))
    good, blank, other = (answer(here, "Q1", word) for word in ("保留原内容", "", "改用新内容"))
    assert len(said(here, good, blank).decisions) == len(said(here, blank, good).decisions) == 1
    both = said(here, good, other)
    assert [d.take for d in both.decisions] == ["current"]
    assert "不一致" in both.notices[0]


def test_what_is_written_without_an_id_is_told() -> None:
    found = said(box(), Answer(9, "", "", (), Entry("同意")))
    assert found.notices == ("第9行没有编号，所填的“同意”没有采用。",)


def test_notes_are_kept_where_they_changed_and_left_where_their_column_is_gone() -> None:
    here = box(asked("Q1"))
    shown = {"Q1": Entry(note="旧")}
    assert said(here, answer(here, "Q1", note="新"), shown=shown).notes["Q1"].note == "新"
    assert said(here, answer(here, "Q1", note="旧"), shown=shown).notes == {}
    assert said(here, answer(here, "Q1"), shown=shown).notes["Q1"].note == ""
    assert said(here, replace(answer(here, "Q1"), has_note=False), shown=shown).notes == {}


# ---- reading


def test_columns_are_found_by_their_headers_wherever_they_stand() -> None:
    rows: tuple[tuple[Scalar, ...], ...] = (
        ("请在……",),
        (None, "处理 意见", "我的列", "编号", "备注", "校验", None, "备注"),
        (None, "同意", 5, "Q1", "电话", "abc", "无头", "第二个"),
        (),
        (None, None, None, "Q2"),
    )
    book = Book((Table("改过名", rows), Table("我的", (("x",),))), Stamp("L", "-", "inbox", revision=7))
    read = read_answers(book)
    assert read
    assert (read.edition, read.others) == (7, ("我的",))
    assert read.columns == ("我的列", "无标题（G列）", "备注（H列）")
    one, two = read.answers
    assert (one.id, one.check, one.entry.answer, one.entry.note) == ("Q1", "abc", "同意", "电话")
    assert one.entry.extra == (("我的列", 5), ("无标题（G列）", "无头"), ("备注（H列）", "第二个"))
    assert two.entry == Entry()


def test_a_book_without_the_headers_is_not_the_inbox() -> None:
    assert read_answers(Book((Table("Sheet1", (("a", "b"),)),))) is None


def test_two_questions_do_not_meet_in_one_id() -> None:
    """The first eight signs of what these two come to are the same: one would have taken the other's place."""
    one, other = (question_id("proposal", "D02", f"{text}稿") for text in ("建议改为第86576", "拟改为第4601"))
    assert one[:8] == other[:8]
    assert one != other
