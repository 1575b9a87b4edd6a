"""The database is deleted: it is built again from the workbooks. It is damaged: refused, with the way out in words."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from syncer.errors import EXIT_REFUSED, RefusedError
from syncer.store.damage import DATABASE, is_sound
from syncer.store.store import Store
from tests.system.bureau import FIRST_ROW, Bureau, Line, ids

UNIT, ACTIVITIES, TASKS = "宣传科", "活动台账", "任务清单"
NEW_ID = "HD-D05-0021"  # the first after those printed on the reserved rows


def _content(rows: list[Line]) -> list[Line]:
    return [{k: v for k, v in row.items() if k not in {"来源", "保存时间"}} for row in rows]


def _filled(bureau: Bureau) -> None:
    """One task reported on, an activity on a reserved row, and one typed below all of them, which got its id from us."""
    bureau.type(UNIT, TASKS, {FIRST_ROW: {"工作状态": "推进中", "本周完成情况": "宣讲三场"}})
    activity = {"日期": "2026-3-12", "活动名称": "植树", "类别": "主题活动"}
    bureau.type(UNIT, ACTIVITIES, {FIRST_ROW: activity, FIRST_ROW + 20: {**activity, "活动名称": "清扫"}})
    bureau.json("sync")


def _damage(place: Path, *, at: int = 0, length: int = 3000) -> None:
    """Overwrites bytes of the file, as a failing disk does."""
    for log in ("-wal", "-shm"):
        place.with_name(place.name + log).unlink(missing_ok=True)
    data = bytearray(place.read_bytes())
    data[at : at + length] = b"\xa5" * length
    place.write_bytes(data)


# ---- deleted


def test_a_deleted_database_is_built_again_from_the_workbooks_and_that_is_said(bureau: Bureau) -> None:
    _filled(bureau)
    before = {sheet: _content(bureau.master_rows(sheet)) for sheet in (TASKS, ACTIVITIES)}
    books = {name: (bureau.units / name).read_bytes() for name in bureau.books()}
    shutil.rmtree(bureau.root / ".syncer")
    done = bureau.json("sync")
    assert "STORE-001" in {p["code"] for p in done["problems"]}
    assert done["conflicts"] == []
    assert {sheet: _content(bureau.master_rows(sheet)) for sheet in (TASKS, ACTIVITIES)} == before
    assert {name: (bureau.units / name).read_bytes() for name in bureau.books()} == books
    again = bureau.json("sync")
    assert (again["issued"], again["read"], again["published"]) == ([], [], [])


def test_ids_that_were_given_out_are_not_given_to_other_rows_after_a_rebuild(bureau: Bureau) -> None:
    _filled(bureau)
    known = bureau.sql("SELECT id, raw FROM row WHERE sheet = 'activities' ORDER BY id")
    assert NEW_ID in {row_id for row_id, _ in known}
    bureau.type(UNIT, ACTIVITIES, {FIRST_ROW + 20: {"行标识": NEW_ID}})  # as the delivery writes it
    bureau.json("sync")
    shutil.rmtree(bureau.root / ".syncer")
    bureau.json("sync")
    assert bureau.sql("SELECT id, raw FROM row WHERE sheet = 'activities' ORDER BY id") == known
    bureau.type(UNIT, ACTIVITIES, {FIRST_ROW + 21: {"日期": "2026-3-15", "活动名称": "慰问", "类别": "主题活动"}})
    bureau.json("sync")
    found = dict(bureau.sql("SELECT id, raw FROM row WHERE sheet = 'activities'"))
    assert len(found) == len(known) + 1
    assert {row_id: found[row_id] for row_id, _ in known} == dict(known)
    assert len(set(ids(bureau.book(UNIT), ACTIVITIES))) == len(ids(bureau.book(UNIT), ACTIVITIES))


def test_a_first_start_is_no_rebuild(bureau: Bureau) -> None:
    assert "STORE-001" not in {p["code"] for p in bureau.json("sync")["problems"]}


# ---- damaged


@pytest.mark.parametrize("verb", [("sync",), ("status",), ("run", "--quiet"), ("history", "3.1")])
@pytest.mark.parametrize("at", [0, 4096])
def test_a_damaged_database_is_refused_with_the_way_out(bureau: Bureau, verb: tuple[str, ...], at: int) -> None:
    place = bureau.root / ".syncer" / DATABASE
    _damage(place, at=at)
    books = {name: (bureau.units / name).read_bytes() for name in bureau.books()}
    data = place.read_bytes()
    ran = bureau.syncer(*verb)
    assert ran.returncode == EXIT_REFUSED
    assert "数据库" in ran.stderr
    assert "已损坏" in ran.stderr
    assert "移到别处" in ran.stderr
    assert "重建" in ran.stderr
    assert str(place.parent) in ran.stderr
    assert "syncer-bug" not in ran.stderr
    assert place.read_bytes() == data
    assert {name: (bureau.units / name).read_bytes() for name in bureau.books()} == books


def test_the_way_out_names_the_newest_backup_and_it_leads_out(bureau: Bureau) -> None:
    _filled(bureau)
    rows = _content(bureau.master_rows(ACTIVITIES))
    config = bureau.root / "syncer.toml"
    config.write_text(config.read_text("utf-8").replace('folder = ""', "folder = '备份'"), encoding="utf-8")
    place = bureau.root / ".syncer" / DATABASE
    for day in ("2026-11-19", "2026-11-20"):
        (bureau.root / "备份" / f"syncer-{day}").mkdir(parents=True)
        with (
            closing(sqlite3.connect(place)) as db,
            closing(sqlite3.connect(bureau.root / "备份" / f"syncer-{day}" / DATABASE)) as out,
        ):
            db.backup(out)
    _damage(place)
    ran = bureau.syncer("sync")
    backup = bureau.root / "备份" / "syncer-2026-11-20" / DATABASE
    assert ran.returncode == EXIT_REFUSED
    assert str(backup) in ran.stderr
    place.replace(bureau.root / "坏.db")
    shutil.copy(backup, place)
    assert bureau.json("sync")["read"] == []
    assert _content(bureau.master_rows(ACTIVITIES)) == rows


def test_moving_a_damaged_database_away_leads_out_too_and_the_kept_versions_stay(bureau: Bureau) -> None:
    _filled(bureau)
    rows = _content(bureau.master_rows(ACTIVITIES))
    kept = {path.name for path in bureau.kept.glob("??/*")}
    place = bureau.root / ".syncer" / DATABASE
    _damage(place)
    place.replace(bureau.root / "坏.db")
    bureau.json("sync")
    assert _content(bureau.master_rows(ACTIVITIES)) == rows
    assert kept <= {path.name for path in bureau.kept.glob("??/*")}


@pytest.mark.parametrize("at", [0, 4096])
def test_damage_that_comes_while_it_is_open_is_refused_in_the_same_words(
    bureau: Bureau, tmp_path: Path, at: int
) -> None:
    place = tmp_path / DATABASE
    shutil.copy(bureau.root / ".syncer" / DATABASE, place)
    store = Store(f"sqlite:///{place}", "请换回备份")
    try:
        store.close()  # its connections; the next one reads the file anew
        _damage(place, at=at, length=place.stat().st_size - at)
        with pytest.raises(RefusedError, match="请换回备份"):
            store.files()
    finally:
        store.close()


def test_soundness_is_told_of_good_and_bad_files(bureau: Bureau, tmp_path: Path) -> None:
    place = bureau.root / ".syncer" / DATABASE
    assert is_sound(place)
    (tmp_path / "x.db").write_bytes(b"not a database at all, but long enough to look like one" * 100)
    assert not is_sound(tmp_path / "x.db")
    (tmp_path / "new.db").write_bytes(b"")
    assert is_sound(tmp_path / "new.db")
