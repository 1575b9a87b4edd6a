from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from syncer.core.encode import dump_row, load_row
from syncer.core.problems import Place, Problem
from syncer.core.reading.rows import ReadRow
from syncer.core.state import Question
from syncer.store.facts import Seen
from syncer.store.steps import Effects, Override, RuledCell, Ruling
from syncer.store.store import Store
from tests.core.tables_as_text import book
from tests.store.test_store import BOOKS, LEDGER, RENAMED, STRICT, TREES, issue, questions, record, values

AT = "2026-11-20T17:00:00"


@pytest.fixture
def store(tmp_path: Path, database: str) -> Iterator[Store]:
    """The database of a workspace in which 宣传科's workbook was issued."""
    opened = Store.in_folder(tmp_path / "state", database)
    issue(opened)
    yield opened
    opened.close()


def the_only(store: Store) -> Question:
    (question,) = store.questions.open(LEDGER)
    return question


def trees(store: Store, headcount: float) -> None:
    record(store, book(TREES.replace("| 30 |", f"| {headcount} |"), RENAMED), 3)


def set_headcount(value: float) -> Effects:
    return Effects((RuledCell("D02", "activities", "HD-D02-0001", "headcount", value, value),))


def history(store: Store, row: str) -> list[tuple[str, object, object, str]]:
    return [(c.column, c.old, c.new, c.outcome) for c in store.history(LEDGER, [row])]


def test_a_few_rows_that_a_unit_takes_back_are_withdrawn_and_listed_as_done(store: Store) -> None:
    record(store, book(f"{TREES}\n{BOOKS}"), 2)
    record(store, book(BOOKS), 3)
    assert questions(store) == []
    assert list(values(store)) == ["HD-D02-0002"]
    (done,) = store.questions.ruled(LEDGER)
    assert (done.kind, done.row_id, done.ruling, done.ruled_at) == (
        "withdrawn",
        "HD-D02-0001",
        "unit",
        "2026-11-20T16:03:05",
    )
    assert "植树" in str(done.current)
    assert ("name", "植树", None, "removed") in history(store, "HD-D02-0001")
    assert store.known_book("D02", "2026-11-19T17:00:00").withdrawn_lately == {"activities": 1}
    assert store.known_book("D02", AT).withdrawn_lately == {}


def test_a_withdrawn_row_comes_back_whole_when_that_is_undone(store: Store) -> None:
    record(store, book(f"{TREES}\n{BOOKS}"), 2)
    before = values(store)
    record(store, book(BOOKS), 3)
    (done,) = store.questions.ruled(LEDGER)
    assert store.questions.undo(done, AT)
    assert values(store) == before


def test_a_row_that_waits_goes_on_waiting_while_its_sheet_is_not_there(store: Store) -> None:
    twice = f"{TREES}\n| | 2026-03-05 | | 植树 | 45 |"
    record(store, book(twice), 2)
    asked = [question for question in questions(store) if question[0] == "duplicate"]
    assert len(asked) == 1
    record(store, book(None), 3)
    assert [question for question in questions(store) if question[0] == "duplicate"] == asked
    record(store, book(twice), 4)
    assert [question for question in questions(store) if question[0] == "duplicate"] == asked


def test_what_was_turned_down_is_known_however_much_was_ruled_since(store: Store) -> None:
    asked = [Question(f"q{at}", "unplaced" if at == 0 else "typed", "", at=AT, payload="{}") for at in range(520)]
    store.questions.add(asked)
    for at, question in enumerate(asked):
        store.questions.rule(question, Ruling("reject", None, f"2026-11-20T17:{at // 60:02}:{at % 60:02}", "inbox"))
    assert "q0" not in {question.id for question in store.questions.ruled(LEDGER)}
    assert [question.id for question in store.questions.rejected(LEDGER, {"unplaced"})] == ["q0"]


def test_a_ruled_cell_stands_in_the_ledger_and_in_the_history(store: Store) -> None:
    record(store, book("", RENAMED), 2)
    trees(store, 30)
    question = replace(the_only(store), kind="conflict")
    store.questions.rule(question, Ruling("value", 45, AT, "inbox"), set_headcount(45))
    assert values(store)["HD-D02-0001"]["headcount"] == 45
    assert history(store, "HD-D02-0001")[-1] == ("headcount", 30, 45, "ruled")
    assert questions(store) == []
    (ruled,) = store.questions.ruled(LEDGER)
    assert (ruled.ruling, ruled.value, ruled.ruled_at, ruled.ruled_by) == ("value", 45, AT, "inbox")


def test_a_ruling_taken_back_leaves_everything_as_it_was_and_the_question_open(store: Store) -> None:
    record(store, book("", RENAMED), 2)
    trees(store, 30)
    asked = the_only(store)
    store.questions.rule(asked, Ruling("value", 45, AT, "inbox"), set_headcount(45))
    (ruled,) = store.questions.ruled(LEDGER)
    assert store.questions.undo(ruled, AT)
    assert values(store)["HD-D02-0001"]["headcount"] == 30
    assert the_only(store) == asked


def test_a_ruling_is_not_taken_back_over_what_was_typed_since(store: Store) -> None:
    record(store, book("", RENAMED), 2)
    trees(store, 30)
    store.questions.rule(the_only(store), Ruling("value", 45, AT, "inbox"), set_headcount(45))
    record(store, book(TREES.replace("| 30 |", "| 50 |"), RENAMED), 5)
    (ruled,) = store.questions.ruled(LEDGER)
    store.questions.rule(ruled, Ruling("value", 60, AT, "inbox"), set_headcount(60))
    store.questions.rule(ruled, Ruling("value", 61, AT, "inbox"), set_headcount(60))  # changes nothing any more
    store.questions.rule(ruled, Ruling("value", 60, AT, "inbox"), set_headcount(70))
    with store.engine.begin() as db:
        db.exec_driver_sql("UPDATE row SET raw = replace(raw, '70', '71')")
    assert not store.questions.undo(ruled, AT)
    (still,) = store.questions.ruled(LEDGER)
    assert still.ruling == "value"


def test_a_removed_row_leaves_its_values_in_the_history(store: Store) -> None:
    record(store, book(f"{TREES}\n{BOOKS}"), 2)
    record(store, book(BOOKS), 3, STRICT)
    vanished = the_only(store)
    effects = Effects(removed=(("D02", "activities", "HD-D02-0001"),))
    store.questions.rule(vanished, Ruling("accept", at=AT, by="inbox"), effects)
    assert list(values(store)) == ["HD-D02-0002"]
    assert {old for _, old, new, outcome in history(store, "HD-D02-0001") if outcome == "removed"} >= {
        "植树",
        "滨河路",
        30,
    }


def test_a_row_held_back_comes_into_the_ledger_when_it_is_agreed_to(store: Store) -> None:
    twin = TREES.replace("HD-D02-0001", "HD-D02-0003").replace("| 30 |", "| 31 |")
    record(store, book(TREES), 2)
    record(store, book(f"{TREES}\n{twin}"), 3)
    held = the_only(store)
    assert (held.kind, held.row_id) == ("duplicate", "HD-D02-0003")
    assert list(values(store)) == ["HD-D02-0001"]
    row = load_row(held.payload)
    effects = Effects(added=(("D02", "activities", row, {"name": "植树", "headcount": 31}),))
    store.questions.rule(held, Ruling("accept", at=AT, by="inbox"), effects)
    assert values(store)["HD-D02-0003"]["headcount"] == 31


def test_a_row_held_back_is_asked_once_and_settled_when_its_key_is_unique(store: Store) -> None:
    twin = TREES.replace("HD-D02-0001", "HD-D02-0003")
    record(store, book(TREES), 2)
    for minute in (3, 4):
        record(store, book(f"{TREES}\n{twin}"), minute)
        assert [kind for kind, *_ in questions(store)] == ["duplicate"]
    record(store, book(f"{TREES}\n{twin.replace('植树', '护绿')}"), 5)
    assert questions(store) == []
    assert values(store)["HD-D02-0003"]["name"] == "护绿"


def test_a_held_row_survives_the_way_through_json() -> None:
    row = load_row(
        '{"id":"HD-D02-0003","row":7,"raw":{"date":{"d":"2026-03-05"},"headcount":30},"extra":{"天气":"晴"}}'
    )
    assert load_row(dump_row(row)) == row


def test_an_accepted_adjustment_is_on_record_until_it_is_dropped(store: Store) -> None:
    record(store, book("", RENAMED), 2)
    override = Override("T0002", "title", "主题宣讲", "宣讲")
    store.questions.rule(the_only(store), Ruling("accept", at=AT, by="inbox"), Effects(override=override))
    assert store.questions.overrides() == [override]
    (ruled,) = store.questions.ruled(LEDGER)
    assert store.questions.undo(ruled, AT)
    assert store.questions.overrides() == []


def test_what_stands_is_asked_once_and_gone_when_it_stands_no_longer(store: Store) -> None:
    one, two = (Question(f"W-{name}", "weekly", "", row_id=name, at=AT) for name in ("2026-W46", "2026-W47"))
    for _ in range(2):
        store.questions.stand({"weekly"}, [one, two])
        assert [q.id for q in store.questions.open(LEDGER)] == ["W-2026-W46", "W-2026-W47"]
    store.questions.rule(one, Ruling("accept", at=AT, by="inbox"))
    store.questions.stand({"weekly"}, [one])
    assert store.questions.open(LEDGER) == []
    store.questions.stand({"weekly"}, [one, two])
    assert [q.id for q in store.questions.open(LEDGER)] == ["W-2026-W47"]


def test_the_same_question_after_a_ruling_is_a_new_one_and_the_ruling_stays_on_record(store: Store) -> None:
    record(store, book("", RENAMED), 2)
    first = the_only(store)
    store.questions.rule(first, Ruling("reject", at=AT, by="inbox"))
    record(store, book(""), 3)
    record(store, book("", RENAMED), 4)
    second = the_only(store)
    assert second.id == f"{first.id}-2"
    assert [q.id for q in store.questions.ruled(LEDGER)] == [first.id]


def test_the_coordinators_remark_stays_with_the_question(store: Store) -> None:
    record(store, book("", RENAMED), 2)
    store.questions.annotate(the_only(store).id, '{"note":"问过了"}')
    assert the_only(store).note == '{"note":"问过了"}'


def test_one_ruling_and_one_taken_back_are_not_nothing(store: Store) -> None:
    """As many questions wait as before, and as many are ruled; what the books list are others."""
    record(store, book(f"{TREES}\n{BOOKS}"), 2)
    asked = [Question(id=name, kind="conflict", unit="D02", sheet="activities", at=AT) for name in ("first", "second")]
    store.questions.add(asked)
    keep = Ruling("current", None, AT, "inbox")
    store.questions.rule(asked[0], keep)
    before = store.serial()
    store.questions.rule(asked[1], keep)
    assert store.questions.undo(asked[0], AT)
    assert store.serial() != before


def test_a_file_that_was_wrong_and_is_gone_changes_what_is_told(store: Store) -> None:
    copy = Problem("FILE-011", Place("宣传科 - 副本.xlsx"), facts=(("original", "宣传科.xlsx"),))
    store.known_files.see("02/宣传科 - 副本.xlsx", Seen("1:2:3:4", "c" * 64, "D02", (copy,)))
    before = store.serial()
    store.known_files.forget(["02/宣传科 - 副本.xlsx"])
    assert store.serial() != before


def test_what_was_typed_into_the_master_is_asked_beside_what_a_save_asks_about_the_same_cell(store: Store) -> None:
    record(store, book("", RENAMED), 2)
    trees(store, 30)
    asked = the_only(store)
    store.questions.add([replace(asked, id="typed", kind="typed", incoming="typed by her")])
    trees(store, 31)
    waiting = {q.kind for q in store.questions.open(LEDGER)}
    assert waiting == {"typed", asked.kind}


def test_a_row_whose_id_was_taken_meanwhile_is_let_in_under_the_next_one_and_can_be_taken_out_again(
    store: Store,
) -> None:
    """Ids of reserved lines are printed: emptied, a line may hold another record by the time she agrees."""
    record(store, book(f"{TREES}\n{BOOKS}"), 2)
    before = values(store)
    held = ReadRow("HD-D02-0002", 9, {"name": "慰问"})
    question = Question("back", "revived", "D02", "activities", "HD-D02-0002", at=AT, payload=dump_row(held))
    store.questions.add([question])
    let_in = Effects(added=(("D02", "activities", held, {"name": "慰问"}),), first_new=6)
    store.questions.rule(question, Ruling("accept", None, AT, "inbox"), let_in)
    assert values(store) == {**before, "HD-D02-0006": {"name": "慰问"}}
    assert store.known_book("D02").last_numbers["activities"] == 6
    assert store.questions.undo(question, AT)
    assert values(store) == before
