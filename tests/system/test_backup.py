"""The daily backup: whole or not there, once a day, and a workspace restored from it goes on as if nothing had been."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from syncer.backup import KEPT, LIST, README, BackupError, backup_words, daily_backup, make_backup
from syncer.store.damage import backups, is_sound
from syncer.store.disk import Disk
from syncer.sync import sync
from syncer.whereabouts import DATABASE
from syncer.workspace import Office
from tests.system.bureau import FIRST_ROW, Bureau, snapshot

UNIT, ACTIVITIES = "宣传科", "活动台账"
ACTIVITY = {"日期": "2026-3-12", "活动名称": "植树", "类别": "主题活动"}


class Clock:
    """A clock that a test moves."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def home(bureau: Bureau) -> Path:
    """Where the bureau's backups go."""
    _configure(bureau, "备份")
    return bureau.root / "备份"


def _configure(bureau: Bureau, folder: str, keep: int = 3) -> None:
    file = bureau.root / "syncer.toml"
    text = file.read_text(encoding="utf-8").replace('folder = ""', f"folder = '{folder}'")
    file.write_text(text.replace("keep = 14", f"keep = {keep}"), encoding="utf-8")


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime.now().replace(hour=12, minute=0, second=0, microsecond=0) + timedelta(days=1))


@pytest.fixture
def office(bureau: Bureau, home: Path, clock: Clock) -> Iterator[Office]:
    with Office(bureau.opened(), clock) as opened:
        yield opened


def _names(home: Path) -> list[str]:
    return [path.name for path in backups(home)]


def _kept(folder: Path) -> set[str]:
    return {path.name for path in folder.glob("??/*")}


def test_a_workspace_restored_from_a_backup_goes_on_with_nothing_to_do(
    bureau: Bureau, office: Office, clock: Clock, home: Path, tmp_path: Path
) -> None:
    bureau.type(UNIT, ACTIVITIES, {FIRST_ROW: ACTIVITY})
    sync(office)
    made = daily_backup(office)
    assert made
    office.close()
    told = bureau.json("history", "植树")

    fresh = Bureau(tmp_path / "新电脑")
    shutil.copytree(bureau.root, fresh.root, ignore=shutil.ignore_patterns(".syncer", "备份"))
    state = fresh.root / ".syncer"
    state.mkdir()
    shutil.copy(made.folder / DATABASE, state / DATABASE)
    shutil.copytree(home / KEPT, state / KEPT)
    before = snapshot(fresh.units)
    with Office(fresh.opened(), clock) as again:  # on the same day: another one may have other lights
        done = sync(again)
    assert (done.issued, done.taken, done.questions) == ([], [], ())
    assert "STORE-001" not in {p.code for p in done.problems}
    assert snapshot(fresh.units) == before
    assert fresh.json("history", "植树")["changes"] == told["changes"]
    version = fresh.json("restore", UNIT)["versions"][-1]
    target = tmp_path / "旧.xlsx"
    fresh.json("restore", UNIT, "--version", str(version["version"]), "--to", str(target))
    assert target.read_bytes() == bureau.book(UNIT).read_bytes()


def test_a_backup_is_one_sound_database_a_list_and_words_that_say_how_to_restore(office: Office, home: Path) -> None:
    made = daily_backup(office)
    assert made
    assert sorted(path.name for path in made.folder.iterdir()) == sorted((DATABASE, LIST, README))
    assert is_sound(made.folder / DATABASE)
    assert {line.rpartition("/")[2] for line in (made.folder / LIST).read_text("utf-8").splitlines()} == _kept(
        home / KEPT
    )
    words = (made.folder / README).read_text("utf-8-sig")
    assert str(office.workspace.config.folders.state) in words
    assert "syncer sync" in words


def test_a_backup_is_made_once_a_day_after_its_hour_and_a_missed_one_at_the_next_start(
    office: Office, home: Path, clock: Clock
) -> None:
    assert daily_backup(office)
    assert daily_backup(office) is None
    clock.now = (clock.now + timedelta(days=1)).replace(hour=1)  # before half past one
    assert daily_backup(office) is None
    clock.now = clock.now.replace(hour=2)
    assert daily_backup(office)
    clock.now = (clock.now + timedelta(days=3)).replace(hour=0)  # switched off for two nights
    assert daily_backup(office)
    assert len(_names(home)) == 3


def test_only_the_newest_are_left_and_what_none_of_them_lists_goes(office: Office, home: Path, clock: Clock) -> None:
    alone = office.kept.path(office.kept.put(b"PK\x03\x04 kept on the first day only"))
    for _ in range(4):
        assert make_backup(office, clock.now)
        alone.unlink(missing_ok=True)
        clock.now += timedelta(days=1)
    assert len(_names(home)) == 3
    assert _kept(home / KEPT) == {path.name for path in office.kept.files()}
    assert make_backup(office, clock.now).copied == 0


def test_backups_of_a_clock_that_was_ahead_take_no_others_place(office: Office, home: Path, clock: Clock) -> None:
    today = clock.now
    for _ in range(3):
        clock.now += timedelta(days=3650)
        make_backup(office, clock.now)
    ahead = _names(home)
    days = [today + timedelta(days=day) for day in range(4)]
    made = [make_backup(office, clock.now).folder.name for clock.now in days]
    assert _names(home) == [*made[1:], *ahead]


def test_a_backup_that_breaks_off_leaves_the_older_ones_and_nothing_half_written(
    office: Office, home: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    daily_backup(office)
    before = snapshot(home)
    real = Disk.write

    def full(disk: Disk, target: Path, data: bytes) -> None:
        if target.name == README:
            raise OSError(28, "No space left on device")
        real(disk, target, data)

    clock.now += timedelta(days=1)
    with monkeypatch.context() as patch:
        patch.setattr(Disk, "write", full)
        assert daily_backup(office) is None
    assert len(_names(home)) == 1
    assert {k: v for k, v in snapshot(home).items() if not k.startswith(".")} == before
    assert "No space left" in backup_words(office)
    assert daily_backup(office) is None, "not again within the hour"
    clock.now += timedelta(hours=1)
    assert daily_backup(office)
    assert backup_words(office) == ""
    assert not [path for path in home.iterdir() if path.name.startswith(".")]


def test_a_damaged_database_is_not_backed_up_and_the_older_backups_stay(
    office: Office, home: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = make_backup(office, clock.now)
    monkeypatch.setattr("syncer.backup.is_sound", lambda _: False)
    with pytest.raises(BackupError, match="数据库已损坏"):
        make_backup(office, clock.now + timedelta(days=1))
    assert backups(home) == [first.folder]


def test_a_second_backup_of_a_day_takes_the_place_of_the_first(office: Office, home: Path, clock: Clock) -> None:
    make_backup(office, clock.now)
    office.store.set("opened", "2026-01-01T00:00:00")
    again = make_backup(office, clock.now)
    assert backups(home) == [again.folder]
    with closing(sqlite3.connect(again.folder / DATABASE)) as db:
        assert db.execute("SELECT value FROM meta WHERE key = 'opened'").fetchone() == ("2026-01-01T00:00:00",)


def test_without_a_folder_there_is_no_backup_and_no_word_of_it(bureau: Bureau) -> None:
    with Office(bureau.opened()) as office:
        assert daily_backup(office) is None
        assert backup_words(office) == ""


def test_status_says_that_no_backup_could_be_made(bureau: Bureau) -> None:
    (bureau.root / "挡路").write_text("a file where the folder should be")
    _configure(bureau, "挡路")
    with Office(bureau.opened()) as office:
        assert daily_backup(office) is None
    assert "备份没有做成" in bureau.syncer("status").stdout


def test_the_daemon_makes_the_backup_by_itself(bureau: Bureau, home: Path) -> None:
    from tests.system.daemon import DaemonProcess

    with DaemonProcess(bureau) as daemon:
        daemon.wait(lambda: _names(home), "a backup")
    assert is_sound(backups(home)[-1] / DATABASE)


def test_a_backup_folder_of_another_workspace_is_left_alone(
    bureau: Bureau, office: Office, home: Path, clock: Clock, tmp_path: Path
) -> None:
    """Next year's workspace begins with a copied syncer.toml."""
    made = make_backup(office, clock.now)
    before = snapshot(home)
    other = bureau.copied(tmp_path / "明年")
    file = other.root / "syncer.toml"
    file.write_text(file.read_text("utf-8").replace("folder = '备份'", f"folder = '{home}'"), encoding="utf-8")
    with Office(other.opened(), clock) as next_year:
        assert daily_backup(next_year) is None
        assert str(bureau.root) in backup_words(next_year)
        assert snapshot(home) == before
        (bureau.root / "syncer.toml").unlink()  # it had been moved there, not copied
        clock.now += timedelta(hours=2)
        assert daily_backup(next_year)
    assert made.folder in backups(home)


def test_a_clock_that_was_ahead_does_not_end_the_backups(office: Office, home: Path, clock: Clock) -> None:
    today = clock.now
    clock.now += timedelta(days=400)
    assert daily_backup(office)
    clock.now = today
    assert daily_backup(office)
    assert daily_backup(office) is None


def test_the_last_backup_of_a_lost_database_is_not_replaced_by_the_first_of_its_successor(
    bureau: Bureau, home: Path, clock: Clock
) -> None:
    """What is to be put back would be gone the minute it is asked for."""
    with Office(bureau.opened(), clock) as office:
        made = daily_backup(office)
    assert made
    lost = snapshot(made.folder)
    shutil.rmtree(bureau.root / ".syncer")
    with Office(bureau.opened(), clock) as office:
        sync(office)
        first, again = daily_backup(office), make_backup(office, clock.now)
        assert first
        assert first.folder == again.folder
    assert backups(home) == [made.folder, first.folder]
    assert snapshot(made.folder) == lost


def test_a_folder_that_a_person_named_is_no_backup(home: Path) -> None:
    (home / "syncer-2026-11-21（出事前）").mkdir(parents=True)
    (home / "syncer-2026-11-21-10").mkdir()
    (home / "syncer-2026-11-21-9").mkdir()
    assert _names(home) == ["syncer-2026-11-21-9", "syncer-2026-11-21-10"]
