"""The database is deleted: it is built again from the workbooks. It is damaged: refused, with the way out in words."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from syncer.control import ledger_in_force
from syncer.core.calendar import Week
from syncer.errors import EXIT_REFUSED, RefusedError
from syncer.reports import due_week, issue_week
from syncer.store.damage import is_sound
from syncer.store.store import Store
from syncer.sync import sync
from syncer.view import view
from syncer.whereabouts import DATABASE
from syncer.workspace import Office
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


MONDAY = datetime(2026, 11, 16, 9)


def _of_that_monday(bureau: Bureau) -> None:
    """Our own books were first written then."""
    for folder in ("03汇总台账", "05填报提示"):
        for path in (bureau.root / folder).glob("*.xlsx"):
            os.utime(path, (MONDAY.timestamp(), MONDAY.timestamp()))


@pytest.mark.parametrize("issued", [False, True])
def test_after_a_rebuild_a_week_is_issued_that_fell_due_meanwhile_and_none_twice(bureau: Bureau, issued: bool) -> None:
    moment = datetime(2026, 11, 20, 17, 30)
    with Office(bureau.opened(), lambda: moment) as office:
        office.store.set("opened", MONDAY.isoformat())
        sync(office)
        if issued:
            seen = view(office, ledger_in_force(office, moment.date()), moment.date())
            issue_week(office, seen, Week(2026, 47))
            (sheet,) = bureau.issued_weeklies()
            os.utime(sheet, (moment.timestamp(), moment.timestamp()))
    _of_that_monday(bureau)
    shutil.rmtree(bureau.root / ".syncer")
    moment = datetime(2026, 11, 23, 9)
    with Office(bureau.opened(), lambda: moment) as office:
        sync(office)
        due = due_week(office, ledger_in_force(office, moment.date()), moment)
        last = office.store.last_week()
    assert due == (None if issued else Week(2026, 47))
    assert (last.week, last.issued_at) == (("2026-W47", "2026-11-20T17:30:00") if issued else ("", ""))


def test_a_workbook_that_was_renamed_stays_its_units_own_after_a_rebuild(bureau: Bureau) -> None:
    _filled(bureau)
    renamed = bureau.units / f"{UNIT}（张三）.xlsx"
    bureau.book(UNIT).rename(renamed)
    bureau.json("sync")
    before = _content(bureau.master_rows(ACTIVITIES))
    shutil.rmtree(bureau.root / ".syncer")
    done = bureau.json("sync")
    assert (done["issued"], done["conflicts"]) == ([], [])
    assert not bureau.book(UNIT).exists()
    assert bureau.sql(f"select file from book where file like '{UNIT}%'") == [(renamed.name,)]
    assert _content(bureau.master_rows(ACTIVITIES)) == before
    assert "FILE-011" not in {p["code"] for p in done["problems"]}


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


def test_a_database_that_stands_as_it_was_left_is_not_checked_again_for_a_day(
    bureau: Bureau, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / DATABASE
    shutil.copy(bureau.root / ".syncer" / DATABASE, place)
    checked: list[Path] = []

    def is_sound(path: Path) -> bool:
        checked.append(path)
        return True

    monkeypatch.setattr("syncer.store.damage.is_sound", is_sound)

    def opened() -> int:
        checked.clear()
        Store(f"sqlite:///{place}").close()
        return len(checked)

    note = place.with_name(f"{DATABASE}-checked")
    assert [opened(), opened()] == [1, 0]
    note.write_text(
        re.sub(r"^\S+", (datetime.now() - timedelta(hours=25)).isoformat(), note.read_text("utf-8")), "utf-8"
    )
    assert [opened(), opened()] == [1, 0]
    shutil.copy(place, tmp_path / "x.db")
    (tmp_path / "x.db").replace(place)
    assert [opened(), opened()] == [1, 0]
    one = Store(f"sqlite:///{place}")
    assert opened() == 1  # another has it open: it took the note
    one.doubt()
    one.close()


def test_a_database_known_to_be_damaged_is_refused_at_every_opening_though_it_looks_as_it_was_left(
    bureau: Bureau, tmp_path: Path
) -> None:
    place = tmp_path / DATABASE
    shutil.copy(bureau.root / ".syncer" / DATABASE, place)
    Store(f"sqlite:///{place}").close()
    left = place.stat()
    _damage(place, at=4096, length=place.stat().st_size - 4096)
    os.utime(place, ns=(left.st_atime_ns, left.st_mtime_ns))  # as where a disk forgets
    for _ in range(3):
        with pytest.raises(RefusedError):
            Store(f"sqlite:///{place}").files()
        assert not place.with_name(f"{DATABASE}-checked").exists()


def test_soundness_is_told_of_good_and_bad_files(bureau: Bureau, tmp_path: Path) -> None:
    place = bureau.root / ".syncer" / DATABASE
    assert is_sound(place)
    (tmp_path / "x.db").write_bytes(b"not a database at all, but long enough to look like one" * 100)
    assert not is_sound(tmp_path / "x.db")
    (tmp_path / "new.db").write_bytes(b"")
    assert is_sound(tmp_path / "new.db")
