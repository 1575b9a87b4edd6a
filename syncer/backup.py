"""The daily backup of database and kept bytes to ``[backup] folder``.

    syncer-2026-11-21/   syncer.db, 留存清单.txt (what of ``kept`` belongs to it), 怎样恢复.txt
    kept/                the kept bytes, shared by all backups: only what is missing is copied
    工作区.txt            whose backups these are: another workspace's would drop each other's kept bytes

A backup is written under a hidden name and renamed when it is whole and checked; older ones go only after that. One of the
same day is replaced where it is this very database's; the last one of a database that was lost stays, beside its successor's.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, count
from pathlib import Path
from uuid import uuid4

import structlog

from syncer import fs
from syncer.belonging import is_foreign
from syncer.store.damage import BACKUP, backup_home, backups, is_sound
from syncer.store.disk import TEMPORARY, Disk, make_folders
from syncer.whereabouts import DATABASE
from syncer.workspace import Office

LIST, README, KEPT, OWNER = "留存清单.txt", "怎样恢复.txt", "kept", "工作区.txt"
RETRY = timedelta(hours=1)  # after a backup that failed
_DONE, _FAILED = "backup", "backup_failed"  # keys in the store: when it was made last; when it failed, and why
_FOLDER = "backup_folder"  # key in the store: the folder of the newest one

log = structlog.get_logger()


class BackupError(Exception):
    """A backup could not be made; the message says why, for people."""


@dataclass(frozen=True, slots=True)
class Backup:
    """One backup that was made: its folder, how many kept files were copied for it, and how many old ones went."""

    folder: Path
    copied: int
    dropped: int


def daily_backup(office: Office) -> Backup | None:
    """Makes today's backup if its hour has come, or has passed since the last one; ``None`` if nothing was done.

    A failure is logged and kept for `backup_words`, and tried again after an hour; it never stops the caller.
    """
    now = office.clock()
    if not _is_due(office, now):
        return None
    try:
        made = make_backup(office, now)
    except (OSError, sqlite3.Error, BackupError) as error:
        office.store.set(_FAILED, f"{now.isoformat(timespec='seconds')} {error}")
        log.warning("backup failed", reason=str(error))
        return None
    office.store.set(_DONE, now.isoformat(timespec="seconds"))
    office.store.set(_FAILED, "")
    log.info("backup", folder=str(made.folder), copied=made.copied, dropped=made.dropped)
    return made


def backup_words(office: Office) -> str:
    """Returns what status has to say of the backups; ``""`` where none is wanted and while all is well."""
    if not office.workspace.config.backup.folder:
        return ""
    failed = office.store.get(_FAILED)
    if not failed:
        return ""
    when, _, why = failed.partition(" ")
    last = office.store.get(_DONE)
    since = f"最近一次成功是{last[:16].replace('T', ' ')}" if last else "还没有成功过"
    return f"{when[:16].replace('T', ' ')}备份没有做成：{why}（{since}；一小时后再试）"


def _is_due(office: Office, now: datetime) -> bool:
    config = office.workspace.config.backup
    if not config.folder:
        return False
    failed = office.store.get(_FAILED).partition(" ")[0]
    if failed and timedelta() <= now - datetime.fromisoformat(failed) < RETRY:
        return False
    due = datetime.combine(now.date(), config.at)
    due = due if due <= now else due - timedelta(days=1)
    since, until = (moment.isoformat(timespec="seconds") for moment in (due, now))
    return not since <= office.store.get(_DONE) <= until  # one made later than now was made by a clock that was wrong


def make_backup(office: Office, now: datetime) -> Backup:
    """Makes the backup of a day; a second one of the same day takes the place of the first, where that is of the same database.

    Raises:
        BackupError: no folder is configured, it is another workspace's, or the database is damaged: the older backups stay.
        OSError: the folder cannot be written.
    """
    home = backup_home(office.workspace.root, office.workspace.config.backup.folder)
    if home is None:
        raise BackupError("没有配置备份文件夹 / no backup folder is configured")
    make_folders(home)
    _claim(home, office.workspace.root)
    _sweep(home)
    target = _named(office, home, f"{BACKUP}{now:%Y-%m-%d}")
    database = _database_copy(office)
    try:
        if database and not is_sound(database):
            office.store.doubt()
            raise BackupError("数据库已损坏，没有备份；以前的备份都还在 / the database is damaged; older backups stay")
        copied = _copy_kept(office, home / KEPT)
        _put_in_place(office, target, database)
    finally:
        if database:
            fs.remove(database)
    return Backup(target, copied, _drop_old(home, target, office.workspace.config.backup.keep))


def _claim(home: Path, root: Path) -> None:
    """Notes whose backups these are. A workspace that was moved takes them along."""
    note = home / OWNER
    known = fs.read(note).decode("utf-8-sig", errors="replace").strip() if fs.exists(note) else ""
    if is_foreign(known, root):
        raise BackupError(
            f"备份文件夹 {home} 是另一个工作区的：{known}；请在 syncer.toml 的 [backup] 里给这个工作区另写一个文件夹 / "
            f"the backup folder is that of the workspace {known}: name another one"
        )
    if known != str(root):
        disk = Disk(home)
        disk.write(note, f"{root}\r\n".encode("utf-8-sig"))
        fs.remove_tree(disk.temporary_folder(note))


def _database_copy(office: Office) -> Path | None:
    """Copies SQLite as it stands between two transactions; ``None`` for another database.

    The copy is made on the local disk: SQLite's locks are not to be trusted on a share.
    """
    source = office.store.engine.url.database
    if office.store.engine.dialect.name != "sqlite" or not source:
        return None
    copy = office.disk.temporary_folder(office.workspace.config.folders.state / DATABASE) / f"{uuid4().hex}.part"
    with closing(sqlite3.connect(source, timeout=30)) as db, closing(sqlite3.connect(copy)) as out:
        db.backup(out)
        out.execute("PRAGMA journal_mode=DELETE")  # one file, without a log beside it
    return copy


def _copy_kept(office: Office, target: Path) -> int:
    """Copies the kept files that are missing; their names say what they hold, so that one that is there needs no look."""
    fs.make_folder(target)
    disk, copied = Disk(target), 0
    for path in office.kept.files():
        there = target / path.parent.name / path.name
        if not fs.exists(there):
            disk.copy(path, there)
            copied += 1
    return copied


def _named(office: Office, home: Path, day: str) -> Path:
    """Returns where the backup of a day goes; noted first, so that this database knows its own again."""
    ours = office.store.get(_FOLDER)
    if not ours.startswith(day):
        names = chain([day], (f"{day}-{number}" for number in count(2)))
        ours = next(name for name in names if not fs.exists(home / name))
        office.store.set(_FOLDER, ours)
    return home / ours


def _put_in_place(office: Office, target: Path, database: Path | None) -> None:
    """Writes one backup's own files under a hidden name, and gives it its name when all of it is on disk."""
    home = target.parent
    half = home / f".{BACKUP}{uuid4().hex}.part"
    fs.make_folder(half)
    disk = Disk(half)
    if database:
        disk.write(half / DATABASE, fs.read(database))
    listed = "\n".join(f"{path.parent.name}/{path.name}" for path in office.kept.files())
    disk.write(half / LIST, listed.encode())
    disk.write(half / README, _readme(office, with_database=database is not None).encode("utf-8-sig"))
    fs.remove_tree(disk.temporary_folder(half / DATABASE))
    fs.sync_folder(half)
    if fs.exists(target):
        fs.replace(target, home / f".{BACKUP}{uuid4().hex}.part")
    fs.replace(half, target)
    fs.sync_folder(home)
    _sweep(home)


def _drop_old(home: Path, made: Path, keep: int) -> int:
    """Deletes what is older than the newest backups, and the kept files that none of the remaining ones lists.

    Those that are dated after the one just ``made`` come from a clock that was ahead: they stay, and take no other's place.
    """
    known = backups(home)
    old = known[: known.index(made) + 1][:-keep]
    left = [folder for folder in known if folder not in old]
    for folder in old:
        half = home / f".{folder.name}.part"  # first out of sight: a half-deleted backup must not look like one
        fs.replace(folder, half)
        fs.remove_tree(half)
    if old:
        _drop_unlisted(home / KEPT, left)
    return len(old)


def _drop_unlisted(kept: Path, left: Iterable[Path]) -> None:
    listed = {name for folder in left for name in fs.read(folder / LIST).decode().splitlines()}
    for folder in (folder for folder in fs.listed(kept) if folder.name != TEMPORARY):
        for path in fs.listed(folder):
            if f"{folder.name}/{path.name}" not in listed:
                fs.remove(path)


def _sweep(home: Path) -> None:
    """Takes away what a killed backup left half written."""
    for path in fs.listed(home):
        if path.name.startswith(f".{BACKUP}") and path.suffix == ".part":
            fs.remove_tree(path)
    if fs.exists(home / KEPT):
        Disk(home / KEPT).sweep()


def _readme(office: Office, *, with_database: bool) -> str:
    state = office.workspace.config.folders.state
    database_zh = (
        f"2. 把 {state} 里的 syncer.db、syncer.db-wal、syncer.db-shm 移到别处，把这里的 {DATABASE} 复制进去。"
        if with_database
        else "2. 数据库不在这里：它在 PostgreSQL 服务器上，请管理员用同一天的 pg_dump 备份恢复（pg_restore 到新建的空数据库）。"
    )
    database_en = (
        f"2. Move syncer.db, syncer.db-wal and syncer.db-shm away from {state}, copy {DATABASE} there."
        if with_database
        else "2. The database is not here: restore the PostgreSQL server's own backup of that day (pg_dump, pg_restore)."
    )
    lines = (
        f"syncer 备份　{office.now().replace('T', ' ')}",
        "",
        "恢复的办法：",
        "1. 停止 syncer（关掉 syncer run 的窗口或计划任务）。",
        database_zh,
        f"3. 把旁边的 {KEPT} 文件夹里的内容复制到 {state / KEPT}（已有的文件不用覆盖）；哪些属于这一份，见 {LIST}。",
        "4. 运行 syncer sync。备份以后各单位保存的内容会自动补读；各单位的工作簿不用动。",
        "",
        "To restore:",
        "1. Stop syncer.",
        database_en,
        f"3. Copy what is in the folder {KEPT} beside this one to {state / KEPT}; {LIST} lists what belongs to this backup.",
        "4. Run syncer sync. What was saved since the backup is read again; the units' workbooks stay as they are.",
        "",
    )
    return "\r\n".join(lines)
