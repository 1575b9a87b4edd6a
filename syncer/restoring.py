"""The ledger back to a moment ("undo the day"): what differs from then becomes questions, and nothing moves before she agrees.

Which cells and rows differ is `syncer.core.merging.time_travel`'s to say, from the history alone; here it meets the database and the
ledger in force. What 台账设置 or the program itself says (plan cells, system columns) is not restored here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import count

from syncer.core.delivery.handout import task_cell
from syncer.core.encode import dump_row, dump_scalar
from syncer.core.merging.time_travel import CellBack, Cells, RowBack, RowPlace, as_it_stood, differences
from syncer.core.model import Ledger, Owner, Sheet, Source
from syncer.core.reading.rows import ReadRow, from_plan, row_key
from syncer.core.state import Change, Question, question_id
from syncer.core.values import Scalar, column_letter, same, show
from syncer.errors import ConfigError
from syncer.store.trail import HeldRow, Trail
from syncer.workspace import Office

REMOVE = "remove"
"""How the payload of a question begins about a row that was added since: to agree takes it out. A digest of the whole row follows."""

SUMMARY_SIGNS = 200


def way_back(office: Office, ledger: Ledger, moment: datetime, unit: str = "") -> list[Question]:
    """Returns one question for every cell and row that differs from how it stood at ``moment``. Asks nothing yet.

    ``unit`` is a unit's code; without it the whole ledger goes back.

    Raises:
        ConfigError: the moment lies ahead, or before the first workbook was handed out.
    """
    at = moment.isoformat(timespec="seconds")
    trail = Trail(office.store.engine)
    opened = trail.opened()
    if at > office.now():
        raise ConfigError(f"{_clock(at)} 还没有到 / that moment lies ahead")
    if not opened or at < opened:
        raise ConfigError(
            f"{_clock(at)} 时台账还没有开始，最早是 {_clock(opened) or '（还没有下发）'} / the ledger did not exist then"
        )
    held = {row.place: row for row in trail.rows(ledger, unit)}
    since = trail.changes(ledger, since=at, unit=unit)
    now = {place: row.cells for place, row in held.items()}
    last = {(c.unit, c.sheet, c.row_id): c for c in since}
    steps = [s for step in differences(now, as_it_stood(now, since)) if (s := _restorable(ledger, step))]
    places = {code: trail.columns(code) for code in {step.place[0] for step in steps}}
    return [_question(ledger, step, at, office.now(), held, last, places) for step in steps]


def ask(office: Office, ledger: Ledger, questions: Sequence[Question], unit: str = "") -> list[Question]:
    """Puts the questions into the inbox; returns them under the ids they got.

    They take the place of what an earlier request about the same unit (or the ledger) left open. Where the same thing was
    asked and ruled before, it is asked anew: the answer stays on record.
    """
    store = office.store.questions
    asked = [replace(question, id=_unused(office, ledger, question.id)) for question in questions]
    others = [q for q in store.open(ledger) if q.kind == "restore" and unit and q.unit != unit]
    store.stand({"restore"}, [*others, *asked])
    return asked


def is_as_asked(office: Office, ledger: Ledger, question: Question) -> bool:
    """Tells whether what a question of this kind would change stands as it did when it was asked."""
    rows = {row.place: row.cells for row in Trail(office.store.engine).rows(ledger, question.unit)}
    cells = rows.get((question.unit, question.sheet, question.row_id))
    if question.column:
        return cells is not None and same(cells.get(question.column), question.current)
    if takes_out(question):
        return cells is not None and question.payload == _to_take_out(cells)
    return cells is None


def takes_out(question: Question) -> bool:
    """Whether to agree to a question of this kind takes a row out."""
    return not question.column and question.payload.partition(":")[0] == REMOVE


def _to_take_out(cells: Cells) -> str:
    """The payload of a question about a row: its words may be cut short, and she agrees to no more than she was shown."""
    told = repr(sorted((column, dump_scalar(value)) for column, value in cells.items()))
    return f"{REMOVE}:{hashlib.sha256(told.encode()).hexdigest()[:16]}"


def _unused(office: Office, ledger: Ledger, question_id: str) -> str:
    for number in count(2):
        known = office.store.questions.get(ledger, question_id)
        if known is None or known.state != "ruled":
            break
        question_id = f"{question_id.partition('-')[0]}-{number}"
    return question_id


def _restorable(ledger: Ledger, step: CellBack | RowBack) -> CellBack | RowBack | None:
    """A step without what is not restored here; ``None`` where nothing is left of it."""
    unit, code, row_id = step.place
    sheet = ledger.sheet(code)
    if sheet is None or ledger.unit(unit) is None:
        return None
    if isinstance(step, CellBack):
        return step if _is_restored(ledger, sheet, row_id, step.column) else None
    if from_plan(sheet, row_id):
        return None
    then = {column: value for column, value in step.then.items() if _is_restored(ledger, sheet, row_id, column)}
    return RowBack(step.place, step.now, then) if then or not step.gone else None


def _is_restored(ledger: Ledger, sheet: Sheet, row_id: str, code: str) -> bool:
    column = sheet.column(code)
    if column is None:
        return code.startswith("+")
    task = ledger.task(row_id) if from_plan(sheet, row_id) else None
    return column.owner is not Owner.SYSTEM and (task is None or task_cell(task, column) is None)


def _question(
    ledger: Ledger,
    step: CellBack | RowBack,
    at: str,
    now: str,
    held: Mapping[RowPlace, HeldRow],
    last: Mapping[RowPlace, Change],
    places: Mapping[str, Mapping[str, Mapping[str, int]]],
) -> Question:
    unit, code, row_id = step.place
    row, change = held.get(step.place), last.get(step.place)
    source = row.source if row else change.source if change else Source()
    question = Question("", "restore", unit, code, row_id, source=source, at=now)
    if isinstance(step, CellBack):
        column = places.get(unit, {}).get(code, {}).get(step.column, 0)
        question = replace(
            question,
            row_key=_key(ledger, code, row_id, row.raw if row else {}),
            column=step.column,
            current=step.now,
            incoming=step.then,
            cell=f"{column_letter(column)}{source.row}" if column and source.row else "",
            text=f"恢复到{_clock(at)}时的内容",
        )
    elif step.gone:
        then = _row(row_id, source.row, step.then)
        question = replace(
            question,
            row_key=_key(ledger, code, row_id, then.raw),
            incoming=_summary(ledger, code, step.then),
            payload=dump_row(then),
            text=f"{_clock(at)}时有这一行，后来没有了：同意后加回",
        )
    else:
        question = replace(
            question,
            row_key=_key(ledger, code, row_id, row.raw if row else {}),
            current=_summary(ledger, code, step.now),
            payload=_to_take_out(step.now),
            text=f"这一行是{_clock(at)}以后添加的：同意后移出台账",
        )
    return replace(question, id=_id(question, at))


def _id(question: Question, at: str) -> str:
    values = (dump_scalar(question.current), dump_scalar(question.incoming), question.payload)
    return question_id("restore", at, question.unit, question.sheet, question.row_id, question.column, *values)


def _row(row_id: str, number: int, cells: Cells) -> ReadRow:
    raw = {column: value for column, value in cells.items() if not column.startswith("+")}
    extra = {column[1:]: value for column, value in cells.items() if column.startswith("+")}
    return ReadRow(row_id, number, raw, extra)


def _key(ledger: Ledger, code: str, row_id: str, raw: Mapping[str, Scalar]) -> str:
    sheet = ledger.sheet(code)
    return row_key(sheet, raw, row_id) if sheet else row_id


def _summary(ledger: Ledger, code: str, cells: Cells) -> str:
    """A row in words: what it holds, in the order of its sheet."""
    sheet = ledger.sheet(code)
    known = [column.code for column in sheet.columns] if sheet else []
    order = [c for c in known if c in cells] + sorted(c for c in cells if c not in known)
    return "；".join(show(cells[column]) for column in order)[:SUMMARY_SIGNS]


def _clock(iso: str) -> str:
    return iso.replace("T", " ")[:16] if iso.endswith(":00") else iso.replace("T", " ")
