"""Many saves of one workbook and of a copy of it, in any order: every value that was saved is somewhere afterwards.

Pure: what the store would record is kept in lists. ``SYNCER_SEED`` lets it begin elsewhere; a violation names its story.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from itertools import count
from random import Random

from syncer.core.encode import dump_row
from syncer.core.merging.intake import BookPlan, plan_book
from syncer.core.merging.known_book import KnownBook, SheetContent, first_content
from syncer.core.reading.cells import CellReader
from syncer.core.reading.rows import ReadRow
from syncer.core.state import Change, Question
from syncer.core.values import Scalar, show
from tests.core.tables_as_text import book, compiled
from tests.property.oracle import SavedCell, all_cells, saved_cells, unaccounted

SEED = int(os.environ.get("SYNCER_SEED", "1"))
STORIES, SAVES = int(os.environ.get("SYNCER_STORIES", "60")), 14
LEDGER, _ = compiled()
READER = CellReader(LEDGER)
CODES = ("name", "headcount", "content")

Line = dict[str, Scalar]  # "id" and what is typed


@dataclass
class Office:
    """What a store would hold of one unit, and the two files that its clerks keep saving."""

    known: KnownBook
    bases: dict[str, dict[str, SheetContent]]
    files: dict[str, list[Line]] = field(default_factory=lambda: {"main": [], "copy": []})
    saves: list[SavedCell] = field(default_factory=list)
    history: list[Change] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)

    def save(self, file: str) -> BookPlan:
        text = "\n".join(
            f"| | 2026-03-05 | {line['id']} | {' | '.join(show(line.get(c)) for c in (*CODES[:2], '', CODES[2]))} |"
            for line in self.files[file]
        )
        known = replace(self.known, base=self.bases[file])
        done = plan_book(LEDGER, READER, "D02", book(text), f"{file}.xlsx", known)
        rows = [ReadRow(str(x["id"]), 0, {c: x[c] for c in CODES if x.get(c) is not None}) for x in self.files[file]]
        if done.refusal is None:  # a refused file is kept whole, and asked about as a whole
            self.saves += saved_cells("D02", "activities", rows)
            self.record(done, file)
        return done

    def record(self, done: BookPlan, file: str) -> None:
        held = dict(self.known.held)
        for plan in done.sheets:
            before = {row.id: row for row in self.known.current.get(plan.sheet, ())}
            for d in plan.decisions:
                if d.outcome == "asked":
                    values = {"base": d.base, "current": d.current, "incoming": d.incoming}
                    self.questions.append(Question("", d.kind, "D02", plan.sheet, column=d.column, **values))  # type: ignore[arg-type]
                else:
                    self.history.append(Change("", "D02", plan.sheet, d.row_id, d.column, d.current, d.incoming))
            for row_id in plan.withdrawn:
                cells = all_cells(before[row_id]).items()
                self.history += [Change("", "D02", plan.sheet, row_id, column, v, None) for column, v in cells]
            waiting = (*plan.held, *plan.revived)
            self.questions += [Question("", "row", "D02", plan.sheet, payload=dump_row(row)) for row in waiting]
            settled = {row.id for row in self.bases[file][plan.sheet].rows}  # asked of this file, and no more so
            held[plan.sheet] = held.get(plan.sheet, frozenset()) - settled | {row.id for row in plan.held}
            ids = [row.id for row in plan.rows]
            assert len(set(ids)) == len(ids), "one id on two rows"
        numbers = dict(self.known.last_numbers)
        for plan in done.sheets:
            ours = [int(row.id[-4:]) for row in (*plan.rows, *plan.held) if "-D02-" in row.id]
            numbers[plan.sheet] = max([numbers[plan.sheet], *ours])
        current = {**self.known.current, **{plan.sheet: plan.rows for plan in done.sheets}}
        self.known = KnownBook(self.known.base, current, numbers, held=held)
        self.bases[file] = dict(done.content)


def opened() -> Office:
    content = first_content(LEDGER, "D02")
    known = KnownBook(content, {code: sheet.rows for code, sheet in content.items()}, {"activities": 5, "tasks": 3})
    return Office(known, {"main": content, "copy": content})


def typed(chance: Random, column: str, number: int) -> Scalar:
    return number if column == "headcount" else f"{chance.choice('甲乙丙')}{number}"


def meddle(chance: Random, lines: list[Line], numbers: count[int]) -> None:
    """One thing that a clerk does."""
    line = chance.choice(lines) if lines else None
    column = chance.choice(CODES)
    match chance.choice(("edit", "edit", "edit", "clear", "delete", "reserve", "insert", "copy", "swap")):
        case "edit" if line:
            line[column] = typed(chance, column, next(numbers))
        case "clear" if line:
            line[column] = None
        case "delete" if line:
            lines.remove(line)
        case "copy" if line:
            lines.insert(chance.randrange(len(lines) + 1), dict(line))
        case "swap" if line:
            lines.remove(line)
            lines.insert(chance.randrange(len(lines) + 1), line)
        case what:
            free = [f"HD-D02-{n:04}" for n in range(1, 6) if all(x["id"] != f"HD-D02-{n:04}" for x in lines)]
            row_id = free[0] if what == "reserve" and free else ""
            new = {c: typed(chance, c, next(numbers)) for c in CODES if c == "name" or chance.random() < 0.7}
            lines.insert(chance.randrange(len(lines) + 1), {"id": row_id, **new})


def test_every_saved_value_is_current_or_history_or_in_a_question() -> None:
    met = [0, 0, 0, 0]
    for seed in range(SEED, SEED + STORIES):
        chance, numbers, office = Random(seed), count(1), opened()
        for step in range(SAVES):
            file = chance.choice(("main", "main", "copy"))
            if step and file == "copy" and chance.random() < 0.4:  # 另存为副本
                office.files["copy"] = [dict(line) for line in office.files["main"]]
                office.bases["copy"] = office.bases["main"]
            for _ in range(chance.randrange(4)):
                meddle(chance, office.files[file], numbers)
            done = office.save(file)
            lost = unaccounted(
                office.saves,
                {("D02", sheet): rows for sheet, rows in office.known.current.items()},
                office.history,
                office.questions,
            )
            assert not lost, f"SYNCER_SEED={seed}, save {step} ({file}): {lost}"
            assert done.refusal or is_quiet(office, file), f"SYNCER_SEED={seed}, save {step} ({file}) again"
            for plan in done.sheets:
                found = (plan.withdrawn, plan.vanished, plan.held, plan.revived)
                met = [number + len(rows) for number, rows in zip(met, found, strict=True)]
    assert all(met), f"the stories never came to one of the cases: {met}"


def is_quiet(office: Office, file: str) -> bool:
    """Whether the same file once more changes nothing and asks nothing, but for rows that go on waiting."""
    stood = office.known
    before = len(office.questions), len(office.history)
    done = office.save(file)
    rows = [row for plan in done.sheets for row in plan.rows]
    stands = [row for sheet in ("tasks", "activities") for row in stood.current[sheet]]
    quiet = not any(p.decisions or p.withdrawn or p.vanished or p.revived or p.added for p in done.sheets)
    unasked = len(office.history) == before[1]
    same_rows = sorted((r.id, sorted(r.raw)) for r in rows) == sorted((r.id, sorted(r.raw)) for r in stands)
    return quiet and unasked and same_rows
