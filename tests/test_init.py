"""Making a workspace."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from syncer.commands import init
from syncer.core.model import Refusal
from syncer.core.template.schema import compile_ledger
from syncer.errors import RefusedError
from syncer.excel.reader import read_book
from tests.office.checks import structure_faults


def ledger_of(workbook: Path, year: int) -> tuple[object, list[str]]:
    from datetime import date

    book = read_book(workbook)
    assert not isinstance(book, Refusal)
    ledger, problems = compile_ledger(book.tables, date(year, 1, 1))
    assert ledger is not None
    return ledger, [p.code for p in problems]


def test_the_sample_plan_is_moved_to_the_ledgers_year_without_a_problem(tmp_path: Path) -> None:
    workspace = init.make_workspace(tmp_path / "台账", 2026, sample=True)
    ledger, problems = ledger_of(workspace.control_book, 2026)
    assert problems == []
    assert {t.deadline.due.year for t in ledger.tasks if t.deadline.due} == {2026}  # type: ignore[attr-defined]
    assert ledger.settings.ledger_id  # type: ignore[attr-defined]
    assert structure_faults(workspace.control_book) == []


def test_without_sample_explicit_years_stay_as_worded_and_are_pointed_out(tmp_path: Path) -> None:
    workspace = init.make_workspace(tmp_path / "台账", 2026, sample=False)
    _, problems = ledger_of(workspace.control_book, 2026)
    assert set(problems) == {"TPL-012"}


def test_a_workspace_is_never_made_over_another(tmp_path: Path) -> None:
    workspace = init.make_workspace(tmp_path, 2026, sample=True)
    before = workspace.control_book.read_bytes()
    with pytest.raises(RefusedError, match="已经存在"):
        init.make_workspace(tmp_path, 2027, sample=True)
    assert workspace.control_book.read_bytes() == before


def test_on_a_network_drive_the_state_goes_to_this_machines_own_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(init, "is_network", lambda _: True)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    workspace = init.make_workspace(tmp_path / "share", 2026, sample=True)
    assert not workspace.config.folders.state.is_relative_to(workspace.root)
    text = (workspace.root / "syncer.toml").read_text(encoding="utf-8")
    assert tomllib.loads(text)["folders"]["state"] == str(workspace.config.folders.state)


def test_a_year_without_holiday_arrangements_is_said_loudly(tmp_path: Path) -> None:
    workspace = init.make_workspace(tmp_path / "台账", 2027, sample=True)
    _, problems = ledger_of(workspace.control_book, 2027)
    assert problems == ["TPL-011"]
