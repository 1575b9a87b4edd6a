"""Whose workbook a file of any name is: by its stamp, and by what stands in it.

Each clue names a unit: the stamp, the line 填报单位, the ids of the rows, tasks that only one unit leads, the file's name. Where
the sure ones agree the unit is known; where they speak for two, or none is there, a person is asked with the likely units.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from syncer.core.model import Book, Ledger, Refusal, SheetKind, Table, Unit
from syncer.core.reading.header_block import HEADER_SEARCH_ROWS
from syncer.core.reading.header_names import header_key
from syncer.core.reading.headers import ROW_ID
from syncer.core.reading.sheet_names import find_table
from syncer.core.reports.lines import FRONT, LEDGER
from syncer.core.roster import Roster, roster_of
from syncer.core.template.schema import COLUMNS, TASKS, UNITS
from syncer.core.values import fold, show

UNPLACED = "RECV-010"
MOST_OFFERED = 5  # units in a dropdown; any other can be named
MOST_IDS, IDS_SHARE = 3, 0.8  # so many ids, and such a share of them, say whose a workbook is: a few may be pasted
_SHORTEST_NAME = 2  # signs of a unit's name that count inside a file name
_OURS: Mapping[str, frozenset[str]] = {
    "汇总台账": frozenset({FRONT, LEDGER}),
    "周报": frozenset({"汇总", "未报送", "下周到期"}),
    "填报提示": frozenset({"填报提示"}),
    "待我处理": frozenset({"待处理", "已处理"}),
}
"""The books that we make ourselves → the sheets by which each is known."""


def owner_of(book: Book, stem: str, roster: Roster, ledger_id: str) -> str | Refusal:
    """Returns the code of the unit a workbook belongs to: by stamp, else by file name and its 填报单位 line.

    Refuses a workbook of another ledger (FILE-013), of nobody (FILE-012), and one whose file name is another unit's
    than its stamp (FILE-014).
    """
    named = roster.find(stem)
    short = {unit.code: unit.short for unit in roster.units}
    if book.stamp is not None:
        if ledger_id and book.stamp.ledger_id and book.stamp.ledger_id != ledger_id:
            return Refusal("FILE-013")
        if book.stamp.unit not in short:
            return Refusal("FILE-012")
        if named and named != book.stamp.unit:
            return Refusal("FILE-014", (("named", short[named]), ("unit", short[book.stamp.unit])))
        return book.stamp.unit
    said = next((code for table in book.tables if (code := filling_unit(table, roster))), None)
    if named and said and named != said:
        return Refusal("FILE-014", (("named", short[named]), ("unit", short[said])))
    return named or said or Refusal("FILE-012")


def filling_unit(table: Table, roster: Roster) -> str | None:
    """Returns the unit that the line 填报单位：… in the first four rows names."""
    for cells in table.rows[:4]:
        for at, cell in enumerate(cells):
            if isinstance(cell, str) and (match := re.match(r"\s*填报单位[^:：]{0,8}[:：]\s*(\S*)", cell)):
                name = match[1] or show(cells[at + 1] if at + 1 < len(cells) else None)
                return roster.find(name)
    return None


@dataclass(frozen=True, slots=True)
class Clue:
    """What speaks for a unit (its code). A clue that is not ``sure`` only ranks it among the likely ones."""

    unit: str
    words: str  # as the coordinator reads it
    sure: bool = True


def whose(book: Book, stem: str, ledger: Ledger) -> str | Refusal:
    """Returns the code of the unit that a workbook is of, or why it is nobody's.

    Refuses our own books (RECV-002 台账设置, RECV-003 a generated one), another ledger's or year's (FILE-013), a unit's that
    is no longer in force (RECV-005), one with no sheet of this ledger (RECV-004), and one that nobody can place (RECV-010:
    its fact ``units`` holds the codes of the likely units, best first, ``likely`` the same in words).
    """
    roster = roster_of(ledger)
    if refusal := _of_no_unit(book, ledger):
        return refusal
    found = tuple(clues(book, stem, ledger, roster))
    sure = {clue.unit for clue in found if clue.sure}
    if len(sure) == 1:
        return sure.pop()
    return _unplaced(found, roster)


def _of_no_unit(book: Book, ledger: Ledger) -> Refusal | None:
    names = {table.name for table in book.tables}
    if names >= {COLUMNS, UNITS, TASKS}:
        return Refusal("RECV-002")
    for what, sheets in _OURS.items():
        if names >= sheets:
            return Refusal("RECV-003", (("what", what),))
    stamp, ours = book.stamp, ledger.settings
    if stamp and ours.ledger_id and stamp.ledger_id and stamp.ledger_id != ours.ledger_id:
        return Refusal("FILE-013")
    if stamp and ledger.unit(stamp.unit) is None:
        return _left(stamp.unit, ledger)
    known = [table for sheet in ledger.sheets if (table := find_table(book, sheet, ledger))]
    if not known:
        return Refusal("RECV-004")
    years = {int(year) for table in known for year in _years(table)}
    if stamp is None and years and ours.year not in years:
        return Refusal("FILE-013")
    return None


def _left(code: str, ledger: Ledger) -> Refusal:
    """A unit that is closed, merged into another, or not opened yet."""
    unit = next((former for former in ledger.former if former.code == code), None)
    heir = unit.merged_into if unit else ""
    return Refusal("RECV-005", (("unit", unit.short if unit else code), ("heir", heir or "—")))


def _years(table: Table) -> Iterator[str]:
    """The years in a title, as our own workbooks carry them: ``…——活动台账（2026年）``."""
    for cell in table.rows[0] if table.rows else ():
        if isinstance(cell, str):
            yield from re.findall(r"[（(](20\d\d)年[）)]\s*$", cell)


def clues(book: Book, stem: str, ledger: Ledger, roster: Roster) -> Iterator[Clue]:
    """Yields everything that speaks for a unit, the plainest first."""
    if book.stamp and ledger.unit(book.stamp.unit):
        yield Clue(book.stamp.unit, "文件里的标记")
    said = dict.fromkeys(code for table in book.tables if (code := filling_unit(table, roster)))
    yield from (Clue(code, "填报单位一栏") for code in said)
    if named := roster.find(stem):
        yield Clue(named, "文件名")
    else:
        yield from (Clue(unit.code, "文件名里有这个名称", sure=False) for unit in _named_within(stem, roster.units))
    if book.stamp is None:  # rows pasted from another unit carry its ids: a stamp says more
        yield from _by_count(_ids(book, ledger), "行标识")
        yield from _by_tasks(book, ledger)


def _named_within(stem: str, units: Sequence[Unit]) -> list[Unit]:
    """The units whose name stands in a file name; of names within names (``宣传科`` in ``市宣传科``) the longer."""
    text = fold(stem)
    found = {
        unit.code: max((fold(name) for name in _names(unit) if fold(name) in text), key=len, default="")
        for unit in units
    }
    longest = {name for name in found.values() if name}
    inner = {name for name in longest if any(name != other and name in other for other in longest)}
    return [unit for unit in units if found[unit.code] and found[unit.code] not in inner]


def _names(unit: Unit) -> Iterator[str]:
    return (name for name in (unit.short, unit.name, *unit.aliases) if len(fold(name)) >= _SHORTEST_NAME)


def _by_count(counted: Counter[str], words: str) -> Iterator[Clue]:
    """The unit that nearly all of them are of; where no one has that, each of them is likely."""
    total = sum(counted.values())
    for unit, number in counted.most_common():
        yield Clue(unit, words, sure=number >= MOST_IDS and number >= IDS_SHARE * total)


def _ids(book: Book, ledger: Ledger) -> Counter[str]:
    """How many row ids of each unit stand in its hidden columns: ``HD-D03-0001`` is of D03."""
    units = {fold(unit.code): unit.code for unit in ledger.units}
    found: Counter[str] = Counter()
    for sheet in ledger.sheets:
        form = re.compile(rf"{re.escape(sheet.prefix)}-(.+)-\d{{4,8}}", re.IGNORECASE)
        for text in _column(find_table(book, sheet, ledger), ROW_ID):
            match = form.fullmatch(text) if sheet.prefix else None
            if match and fold(match[1]) in units:
                found[units[fold(match[1])]] += 1
    return found


def _by_tasks(book: Book, ledger: Ledger) -> Iterator[Clue]:
    """The units that lead every task in 任务清单; sure where it is one, and all of its tasks or a good many stand there."""
    numbers = {fold(task.number): task.id for task in ledger.tasks}
    known = {task.id for task in ledger.tasks}
    listed: set[str] = set()
    for sheet in ledger.sheets:
        column, table = sheet.column("no"), find_table(book, sheet, ledger)
        if sheet.kind is SheetKind.TASKS and table:
            texts = [*_column(table, ROW_ID), *_column(table, column.name if column else "")]
            listed |= {found for text in texts if (found := text if text in known else numbers.get(fold(text)))}
    led = {unit.code: {task.id for task in ledger.led_by(unit.code)} for unit in ledger.units}
    all_led = [code for code, tasks in led.items() if listed and listed <= tasks]
    for code in all_led:
        enough = listed == led[code] or len(listed) >= MOST_IDS
        yield Clue(code, "任务都由它牵头", sure=len(all_led) == 1 and enough)


def _column(table: Table | None, header: str) -> list[str]:
    """What stands in a column of this header, as text, top to bottom; nothing where there is no such column."""
    for number, cells in enumerate(table.rows[:HEADER_SEARCH_ROWS] if table and header else ()):
        at = next((at for at, cell in enumerate(cells) if isinstance(cell, str) and _is_header(cell, header)), None)
        if at is not None and table:
            return [text for row in table.rows[number + 1 :] if len(row) > at and (text := show(row[at]).strip())]
    return []


def _is_header(cell: str, header: str) -> bool:
    return header_key(cell) == header_key(header)


def _unplaced(found: Sequence[Clue], roster: Roster) -> Refusal:
    """The question whose it is, with the likely units, best first."""
    weight: Counter[str] = Counter()
    for clue in found:
        weight[clue.unit] += 10 if clue.sure else 1
    likely = sorted(weight, key=lambda code: -weight[code])[:MOST_OFFERED]  # of equals the one with the plainer clue
    short = {unit.code: unit.short for unit in roster.units}
    words = (f"{short[code]}（{'、'.join(c.words for c in found if c.unit == code)}）" for code in likely)
    return Refusal(UNPLACED, (("units", " ".join(likely)), ("likely", "、".join(words) or "—")))
