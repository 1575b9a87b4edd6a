"""The coordinator rules: what each answer does to the merged ledger, from the inbox and from the command line alike.

What is ruled stands in the database at once; the master follows at the next publishing, the unit's own cell or row at the
next delivery into its workbook.
"""

from __future__ import annotations

import difflib
import json
from dataclasses import replace

from syncer import fs
from syncer.core.calendar import Week
from syncer.core.encode import load_row
from syncer.core.inbox.choices import CHOICES, fitting, word_of
from syncer.core.model import Ledger, Owner
from syncer.core.reading.cells import CellReader
from syncer.core.reading.rows import ReadRow, from_plan, own_columns
from syncer.core.roster import roster_of
from syncer.core.state import Question
from syncer.core.template.overrides import plan_header
from syncer.core.template.plan import as_number
from syncer.core.values import Scalar, show
from syncer.errors import ConfigError
from syncer.receiving import TURNED_AWAY
from syncer.reports import issue_week
from syncer.restoring import is_as_asked, takes_out
from syncer.store.disk import stat_mark
from syncer.store.facts import Admission, Seen
from syncer.store.steps import Effects, Override, RuledCell, Ruling
from syncer.view import view
from syncer.workspace import Office

FINAL = frozenset(
    {"weekly", "lost", "doubted", "unplaced", "backup", "template"}
)  # what follows from these cannot be taken back here

OF_FILES = TURNED_AWAY | {"backup"}


def rule(office: Office, ledger: Ledger, question_id: str, take: str, value: Scalar = None, *, by: str) -> None:
    """Records a ruling and what follows from it. The same ruling given twice is one.

    ``take`` is one of current, incoming, base, value, accept, reject, as far as the kind of question knows it.

    Raises:
        ConfigError: there is no such question, it was settled already, or the answer does not fit it.
    """
    question = _find(office, ledger, question_id)
    taken = fitting(question.kind, take)
    if not taken:
        words = "、".join(CHOICES.get(question.kind, {}))
        raise ConfigError(
            f"事项 {question.id} 不能这样处理；可选：{words or '（只供查看）'} / no such answer to this question"
        )
    if question.state == "ruled" and question.ruling == taken and question.value == value:
        return
    if question.state != "open":
        said = (
            f"已处理为“{word_of(question.kind, question.ruling)}”，要改请先撤销"
            if question.state == "ruled"
            else "已经自行了结"
        )
        raise ConfigError(f"事项 {question.id} {said} / this question is settled already")
    _prepare(office, ledger, question, taken, value)
    effects = _effects(office, ledger, question, taken, value)
    _refuse_unseen(office, question, effects)
    ruling = Ruling(taken, value if taken == "value" else None, office.now(), by)
    office.store.questions.rule(question, ruling, effects)


def undo(office: Office, ledger: Ledger, question_id: str) -> None:
    """Takes a ruling back: what it changed stands as before and the question waits again.

    Raises:
        ConfigError: there is nothing to take back, or one of its cells has changed, or is asked about again, since.
    """
    question = _find(office, ledger, question_id)
    if question.state != "ruled":
        raise ConfigError(f"事项 {question.id} 还没有处理，无需撤销 / nothing to take back")
    if question.kind in FINAL and question.ruling in {"accept", "value"}:
        raise ConfigError(
            f"事项 {question.id} 已经生效，不能在这里撤销；内容要退回用 syncer restore，台账设置的改动请在台账设置里改回来 / it has taken effect already"
        )
    if question.ruling == "reject" and question.kind in OF_FILES and not _lies_there(office, question):
        raise ConfigError(
            f"事项 {question.id} 已经按“{word_of(question.kind, question.ruling)}”处理完毕，不能撤销；还要用那份文件，请再放一次（收件箱的在“未收”里），或者用 syncer restore / it has taken effect already"
        )
    if newer := _asked_again(office, ledger, question):
        raise ConfigError(
            f"事项 {question.id} 的同一格后来又有新事项 {newer}，请直接处理那一项 / the same cell is asked about again: see {newer}"
        )
    if question.kind in OF_FILES:
        facts = json.loads(question.payload)
        if question.kind in {"doubted", "backup"}:
            office.store.questions.withdraw_admission(facts["sha256"])
        office.store.received.withdraw(facts["path"], facts["sha256"])
    if not office.store.questions.undo(question, office.now()):
        raise ConfigError(f"事项 {question.id} 涉及的内容后来又有改动，不能撤销 / its cells have changed since")


def _lies_there(office: Office, question: Question) -> bool:
    """Whether the file that was turned away still lies where it was, and waits: not put away, not taken in as an old state."""
    facts = json.loads(question.payload)
    seen = office.store.known_files.seen_of(facts["path"])
    if seen is None:
        return question.kind == "backup"  # to be looked at anew
    return seen.sha256 == facts["sha256"] and bool(seen.problems)


def _asked_again(office: Office, ledger: Ledger, question: Question) -> str:
    """The id of a question that waits about the same cell, asked after this one was ruled; ``""`` if there is none."""
    place = (question.unit, question.sheet, question.row_id, question.column)
    waiting = office.store.questions.open(ledger) if question.column else []
    return next((q.id for q in waiting if (q.unit, q.sheet, q.row_id, q.column) == place), "")


def _find(office: Office, ledger: Ledger, question_id: str) -> Question:
    question = office.store.questions.get(ledger, question_id)
    if question is None:
        raise ConfigError(f"没有编号为“{question_id}”的事项；用 syncer inbox 查看 / no such question: see syncer inbox")
    return question


def _effects(office: Office, ledger: Ledger, question: Question, taken: str, value: Scalar) -> Effects:
    """What a ruling changes in the merged ledger. To keep what stands changes nothing: it stands already."""
    place = (question.unit, question.sheet, question.row_id)
    match question.kind, taken:
        case ("conflict" | "mass" | "proposal" | "typed", _):
            chosen = {"incoming": question.incoming, "accept": question.incoming, "base": question.base, "value": value}
            return _cell(office, ledger, question, chosen[taken]) if taken in chosen else Effects()
        case ("vanished", "accept"):
            return _without(ledger, question)
        case ("revived" | "duplicate", "accept"):
            return _with(ledger, question, load_row(question.payload))
        case ("restore", "accept") if question.column:
            return _cell(office, ledger, question, question.incoming)
        case ("restore", "accept") if takes_out(question):
            return Effects(removed=(place,))
        case ("restore", "accept"):
            return _with(ledger, question, load_row(question.payload))
        case _:
            return Effects()


def _cell(office: Office, ledger: Ledger, question: Question, value: Scalar) -> Effects:
    """Sets the cell a question is about; a cell that 任务分解 feeds is set there, for every unit that has the task."""
    sheet = ledger.sheet(question.sheet)
    column = sheet.column(question.column) if sheet else None
    if sheet is None or (column is None and not question.column.startswith("+")):
        return Effects()
    place = (question.unit, question.sheet, question.row_id, question.column)
    if column is None:
        _refuse_without_row(office, ledger, question, value)
        return Effects((RuledCell(*place, value, value),))
    if column.owner is Owner.SYSTEM:
        return Effects()
    if column.owner is Owner.COORDINATOR and from_plan(sheet, question.row_id) and plan_header(column.code):
        wanted = (as_number(value) or value) if column.code == "target" else value
        return Effects(override=Override(question.row_id, column.code, _in_plan(office, ledger, question), wanted))
    _refuse_without_row(office, ledger, question, value)
    typed = CellReader(ledger).read(value, column).value if column.owner is Owner.UNIT else value
    return Effects((RuledCell(*place, value, typed),))


def _refuse_without_row(office: Office, ledger: Ledger, question: Question, value: Scalar) -> None:
    """Refuses to write into a row that is in no workbook: a task not delivered yet, or a row that its unit has taken out since.

    What is to be written would be said to stand in the ledger, and stand nowhere; while the question waits, it is not lost.
    """
    place = (question.unit, question.sheet)
    if value is None or office.store.merged.named(ledger, place, [question.row_id]):
        return
    unit = ledger.unit_name(question.unit)
    raise ConfigError(
        f"事项 {question.id}：{unit}的工作簿里现在没有这一行，写不进去；等这一行写回{unit}的工作簿后再处理，或者改选其他处理 / this row is in no workbook now: answer once it has been delivered"
    )


def _refuse_unseen(office: Office, question: Question, effects: Effects) -> None:
    """Refuses to write over what she has not seen: the cell has been changed since the question was worded, which says so now."""
    for cell in effects.cells if question.column else ():
        if office.store.questions.renew(question, cell):
            raise ConfigError(
                f"事项 {question.id} 的这一格后来又改过，没有处理；目前内容已更新，请看过再定 / the cell has changed since: look again"
            )


def _in_plan(office: Office, ledger: Ledger, question: Question) -> Scalar:
    """What 台账设置 itself says: beneath an adjustment that is in force already, and a target without its measure."""
    for known in office.store.questions.overrides():
        if (known.task, known.column) == (question.row_id, question.column):
            return known.said
    task = ledger.task(question.row_id)
    return task.target if task and question.column == "target" else question.current


def _without(ledger: Ledger, question: Question) -> Effects:
    """A row that is gone for good. A task is the plan's: only what the unit had reported on it goes."""
    place = (question.unit, question.sheet, question.row_id)
    sheet = ledger.sheet(question.sheet)
    if sheet and from_plan(sheet, question.row_id):
        return Effects(tuple(RuledCell(*place, code, None, None) for code in sorted(own_columns(sheet))))
    return Effects(removed=(place,))


def _with(ledger: Ledger, question: Question, row: ReadRow) -> Effects:
    """A row that was held back, or is wanted back."""
    sheet = ledger.sheet(question.sheet)
    reader = CellReader(ledger)
    typed: dict[str, Scalar] = {}
    for column in sheet.columns if sheet else ():
        raw = row.raw.get(column.code)
        read = reader.read(raw, column).value if column.owner is Owner.UNIT else raw
        if read is not None:
            typed[column.code] = read
    row = replace(row, id=question.row_id)
    first_new = sheet.reserved_rows + 1 if sheet and not from_plan(sheet, row.id) else 0
    return Effects(added=((question.unit, question.sheet, row, typed),), first_new=first_new)


def _prepare(office: Office, ledger: Ledger, question: Question, taken: str, value: Scalar) -> None:
    """Does what lies outside the merged ledger, before the ruling is recorded: killed in between, it is simply done again."""
    match question.kind, taken:
        case "lost", "accept":
            _put_back(office, question)
        case "restore", "accept":
            if not is_as_asked(office, ledger, question):
                raise ConfigError(
                    f"事项 {question.id} 涉及的内容后来又有改动，没有恢复 / it has changed since it was asked"
                )
        case "weekly", "accept":
            issue_week(office, view(office, ledger, office.clock().date()), Week.parse(question.row_id))
        case "unplaced", "value":
            facts = json.loads(question.payload)
            office.store.questions.admit(facts["sha256"], _unit_named(ledger, show(value)), Admission.PLACED)
            office.store.known_files.forget([facts["path"]])
        case (("doubted" | "backup"), _):
            facts = json.loads(question.payload)
            if taken == "accept" and not question.unit:
                raise ConfigError(f"事项 {question.id}：认不出是哪个单位的，接受不了 / nobody knows whose it is")
            if taken == "accept" or question.kind == "backup":
                how = Admission.TAKE if taken == "accept" else Admission.STALE
                office.store.questions.admit(facts["sha256"], question.unit, how)
                office.store.known_files.forget([facts["path"]])
        case _:
            pass


def _unit_named(ledger: Ledger, name: str) -> str:
    """Returns the code of the unit that she named; a name that is none is not guessed at."""
    code = roster_of(ledger).find(name)
    if code is None:
        near = difflib.get_close_matches(name.strip(), [unit.short for unit in ledger.units], n=1, cutoff=0.5)
        hint = f"，是不是“{near[0]}”？" if near else "；名称以单位名录为准"
        raise ConfigError(f"没有叫“{name}”的单位{hint} / no unit of this name")
    return code


def _put_back(office: Office, question: Question) -> None:
    """Puts a lost workbook back in its place, as it was taken in last; a file that stands there by now is left alone."""
    facts = office.store.deliveries.book(question.unit)
    if facts is None:
        return
    path = office.workspace.issued_book(facts.file)
    if fs.exists(path):
        return
    kept = office.kept.find(facts.sha256)
    if kept is None:
        raise ConfigError(f"事项 {question.id}：留存的那一版已经不在，放不回去 / its kept version is no longer there")
    office.disk.write(path, fs.read(kept), lambda: not fs.exists(path))
    office.store.known_files.see(office.workspace.relative(path), Seen(stat_mark(path), facts.sha256, question.unit))
