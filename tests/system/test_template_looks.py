"""Workbooks look as the coordinator laid them out, also where her template is saved so that its looks cannot be read."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from syncer.excel.reading import Readers
from syncer.resources import shipped
from syncer.store.facts import Save
from syncer.store.kept import Kept
from syncer.store.store import Store
from syncer.template_looks import template_looks
from tests.excel.handmade import strict


def test_a_template_saved_as_strict_keeps_the_looks_it_had(tmp_path: Path) -> None:
    template = tmp_path / "台账设置.xlsx"
    template.write_bytes(shipped("workbook_templates/ledger.xlsx").read_bytes())
    kept, store = Kept(tmp_path / "kept"), Store.in_folder(tmp_path / "state")
    tight = kept.put(strict(template, tmp_path / "严格.xlsx").read_bytes())
    with Readers(1) as readers:
        office: Any = SimpleNamespace(store=store, kept=kept, readers=readers, looks={})
        accept(store, tight)
        assert template_looks(office, tight) == {}  # there never was another
        loose = kept.put(template.read_bytes())
        accept(store, loose)
        looks = template_looks(office, loose)
        assert dict(looks["任务清单"].widths)["重点任务"] > 20
        accept(store, tight)
        assert template_looks(office, tight) == looks
        office.readers = None
        assert template_looks(office, tight) == looks  # read once
    store.close()


def accept(store: Store, sha256: str) -> None:
    store.record_control(Save("", "台账设置.xlsx", sha256, "2026-11-20T16:00:00", "2026-11-20T16:00:05"), ())
