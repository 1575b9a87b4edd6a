"""台账设置.xlsx, the source of truth: taking it up when it was saved, and keeping the last good one when it is broken."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import uuid4

from syncer.core.model import Ledger, Refusal
from syncer.core.problems import Place, Problem
from syncer.core.schema import compile_ledger
from syncer.errors import BusyError, ConfigError
from syncer.store.disk import digest, stat_mark
from syncer.store.facts import Save, Seen
from syncer.watch.settle import reads_whole
from syncer.workspace import CONTROL_BOOK, Office

CHECKS = "1"  # raise it when a check was added or changed: every workbook is looked at again


@dataclass(frozen=True, slots=True)
class Control:
    """The ledger in force, and what is wrong with the workbook as it stands now."""

    ledger: Ledger
    problems: tuple[Problem, ...]
    sha256: str  # of the version in force, kept bytes
    changed: bool  # other settings or checks than at the last sync


def take_up(office: Office, as_of: date) -> Control:
    """Compiles the control workbook as it stands; a broken one leaves the last good one in force.

    Raises:
        ConfigError: there is none, or the very first one is broken.
        BusyError: its folder cannot be reached.
    """
    path = office.workspace.control_book
    if not path.parent.is_dir():
        raise BusyError(f"找不到文件夹 {path.parent}（共享盘没有连上？）/ folder not reachable")
    if not path.exists() and not office.store.get("control"):
        raise ConfigError(f"找不到 {path}：请先运行 syncer init / no control workbook: run syncer init first")
    problems: tuple[Problem, ...] = ()
    in_force = office.store.get("control")
    if path.exists():
        problems = _read_if_changed(office, as_of)
        in_force = office.store.get("control")
    if not in_force:
        raise ConfigError("台账设置.xlsx 不可用 / the control workbook cannot be used:\n" + _lines(problems))
    ledger, found = compile_ledger(office.store.control_tables(in_force), as_of)
    if ledger is None:
        raise ConfigError("台账设置.xlsx 不可用 / the control workbook cannot be used:\n" + _lines(found))
    if not ledger.settings.ledger_id:
        ledger = replace(ledger, settings=replace(ledger.settings, ledger_id=_own_ledger_id(office)))
    problems = problems or tuple(_placed(p) for p in found)
    changed = office.store.get("judged_by") not in {"", judged_by(ledger)}
    return Control(ledger, problems, in_force, changed)


def settings_problems(office: Office, as_of: date) -> tuple[Problem, ...]:
    """Returns what is wrong with the settings in force, and with a newer workbook that is not."""
    in_force = office.store.get("control")
    _, found = compile_ledger(office.store.control_tables(in_force), as_of)
    known = office.store.seen().get(office.workspace.relative(office.workspace.control_book))
    return (known.problems if known else ()) or tuple(_placed(p) for p in found)


def judged_by(ledger: Ledger) -> str:
    """Returns what every workbook's content was last judged by: the ledger, and our own checks."""
    return f"{CHECKS}:{ledger.version}"


def ledger_in_force(office: Office, as_of: date) -> Ledger:
    """Returns the ledger in force without taking anything up; before the first sync, the workbook's as it stands."""
    in_force = office.store.get("control")
    if not in_force:
        return take_up(office, as_of).ledger
    ledger, found = compile_ledger(office.store.control_tables(in_force), as_of)
    if ledger is None:
        raise ConfigError("台账设置.xlsx 不可用 / the control workbook cannot be used:\n" + _lines(found))
    return ledger


def _own_ledger_id(office: Office) -> str:
    """Returns an id for a ledger whose control workbook names none, made once."""
    known = office.store.get("ledger_id")
    if not known:
        known = uuid4().hex[:12]
        office.store.set("ledger_id", known)
    return known


def _read_if_changed(office: Office, as_of: date) -> tuple[Problem, ...]:
    """Takes in the file's bytes if they are new and good; returns what is wrong with it if it is not in force."""
    path = office.workspace.control_book
    key = office.workspace.relative(path)
    mark, known = stat_mark(path), office.store.seen().get(key)
    if known and known.stat == mark:
        return known.problems
    time.sleep(office.workspace.config.watch.settle_seconds)
    if stat_mark(path) != mark or not reads_whole(path):
        return known.problems if known else ()  # still being saved: the ledger in force stays, the next pass sees
    data = path.read_bytes()
    sha256 = digest(data)
    if known and known.sha256 == sha256:
        office.store.see(key, replace(known, stat=mark))
        return known.problems
    office.kept.put(data)
    book = office.readers.read(office.kept.path(sha256))
    saved_at = datetime.fromtimestamp(path.stat().st_mtime).isoformat(timespec="seconds")
    problems: tuple[Problem, ...] = ()
    if isinstance(book, Refusal):
        problems = (Problem(book.code, Place(CONTROL_BOOK), facts=book.facts),)
    else:
        ledger, found = compile_ledger(book.tables, as_of)
        if ledger is None:
            problems = tuple(_placed(p) for p in found)
        else:
            save = Save("", CONTROL_BOOK, sha256, saved_at, office.now())
            office.store.record_control(save, book.tables)
    office.store.see(key, Seen(mark, sha256, problems=problems))
    return problems


def _placed(problem: Problem) -> Problem:
    return replace(problem, place=replace(problem.place, file=CONTROL_BOOK))


def _lines(problems: tuple[Problem, ...]) -> str:
    from syncer.messages import line  # noqa: PLC0415

    return "\n".join(line(problem) for problem in problems[:20])
