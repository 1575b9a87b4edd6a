"""One office's folders as its people see them: who types, who saves, and what can be read there afterwards.

`Bureau.type` is the quick hand: it changes cells by patch and puts the file in place as Excel does, by a rename. Where the
program that saves matters, a test takes a real LibreOffice instead (``tests/office/clerk.py``).
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import openpyxl
from python_calamine import CalamineWorkbook

from syncer.core.values import Scalar
from syncer.excel.patch import patch_cells
from syncer.store.facts import NEW_ROW
from syncer.store.store import Store
from syncer.sync import sync
from syncer.workspace import Office, Workspace
from tests.system.program import run_syncer

LEAF_ROW, FIRST_ROW = 4, 5  # in unit workbooks and in the master alike
UNITS = 16  # of the shipped roster

PASSWORD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(1024, b"\0") + "EncryptedPackage".encode("utf-16-le").ljust(
    512, b"\0"
)
"""What a workbook with a password looks like from outside: a compound file with this stream."""

Line = dict[str, Any]


def made(root: Path, clock: Callable[[], datetime] = datetime.now) -> Bureau:
    """Makes a sample bureau in which every workbook is handed out and nobody has saved yet."""
    from syncer.commands.init import make_workspace

    make_workspace(root, clock().year, sample=True)
    bureau = Bureau(root)
    bureau.set_config("settle_seconds", "0.5", "0.05")  # whether a save has settled is what `tests/watch` asks
    with Office(bureau.opened(), clock) as office:
        sync(office)
    return bureau


@dataclass(frozen=True)
class Bureau:
    """The workspace in ``root``."""

    root: Path

    def copied(self, root: Path) -> Bureau:
        """Copies the whole workspace, its database and times included; the two know nothing of each other."""
        shutil.copytree(self.root, root)
        return Bureau(root)

    @property
    def control(self) -> Path:
        return self.root / "01创建办专用" / "台账设置.xlsx"

    @property
    def units(self) -> Path:
        return self.root / "02各单位填报"

    @property
    def inbox(self) -> Path:
        return self.root / "07收件箱"

    def dropped(self) -> list[str]:
        """What lies in 07 itself."""
        return sorted(path.name for path in self.inbox.iterdir() if path.is_file())

    def put_away(self, folder: str = "已收") -> list[Path]:
        """The files that were put away, by name."""
        return sorted(path for path in (self.inbox / folder).glob("*/*") if path.is_file())

    def receipts(self) -> str:
        path = self.inbox / "已收" / "收件回执.txt"
        return path.read_text(encoding="utf-8-sig") if path.exists() else ""

    @property
    def master(self) -> Path:
        return next(iter(sorted((self.root / "03汇总台账").glob("*.xlsx"))))

    @property
    def status_file(self) -> Path:
        return self.root / "99系统勿动" / "运行状态.txt"

    @property
    def kept(self) -> Path:
        return self.root / ".syncer" / "kept"

    def book(self, unit: str) -> Path:
        return self.units / f"{unit}.xlsx"

    def books(self) -> list[str]:
        """The names in 02, without owner files and what is half written."""
        return sorted(path.name for path in self.units.glob("*.xlsx") if not path.name.startswith(("~", ".")))

    def feedback(self, unit: str) -> Path:
        return self.root / "05填报提示" / f"{unit}填报提示.xlsx"

    def issued_weeklies(self) -> list[Path]:
        return sorted((self.root / "04周报通报").rglob("*.xlsx"))

    # ---- typing

    def type(self, unit: str, sheet: str, cells: Mapping[int, Mapping[str, Scalar]]) -> None:
        """Types into a unit's workbook (row → column name → content) and saves it."""
        self.save(unit, self.typed(unit, sheet, cells))

    def typed(self, unit: str, sheet: str, cells: Mapping[int, Mapping[str, Scalar]]) -> bytes:
        """Returns the workbook as it would be saved."""
        at = columns(self.book(unit), sheet)
        changes = {(row, at[name]): value for row, content in cells.items() for name, value in content.items()}
        return patch_cells(self.book(unit).read_bytes(), {sheet: changes})

    def save(self, unit: str, data: bytes) -> None:
        """Puts bytes in the place of a unit's workbook as Excel does: a file without an ending, renamed at the end."""
        self.save_as(self.book(unit).name, data)

    def save_as(self, name: str, data: bytes) -> None:
        _put(self.units / name, data)

    def drop(self, name: str, data: bytes) -> Path:
        """Puts a file that came by chat or mail into 07."""
        _put(self.inbox / name, data)
        return self.inbox / name

    def save_control(self, cells: Mapping[str, Mapping[tuple[int, int], Scalar]]) -> None:
        """Changes cells (sheet → (row, column) → content) of 台账设置 and saves, as the coordinator does."""
        _put(self.control, patch_cells(self.control.read_bytes(), cells))

    def set_config(self, key: str, shipped: str, wanted: str) -> None:
        """Changes one value of syncer.toml, as shipped until now."""
        settings = self.root / "syncer.toml"
        text = settings.read_text(encoding="utf-8")
        assert f"{key} = {shipped}" in text
        settings.write_text(text.replace(f"{key} = {shipped}", f"{key} = {wanted}"), encoding="utf-8")

    # ---- looking

    def master_rows(self, sheet: str, unit: str = "") -> list[Line]:
        """Returns the rows of one of the master's data sheets by column name; none before there is a master."""
        folder = self.root / "03汇总台账"
        if not any(folder.glob("*.xlsx")):
            return []
        rows = [row for row in lines(self.master, sheet) if row.get("来源")]
        return [row for row in rows if not unit or row["单位"] == unit]

    def questions(self) -> list[Line]:
        """Returns 待处理事项 of the master."""
        return [row for row in lines(self.master, "待处理事项") if row.get("事项")]

    def changed_cells(self, where: str = "true") -> list[tuple[str, Scalar]]:
        """Returns column and new content of every cell in the history, also of those with which a row came."""
        found: list[tuple[str, Scalar]] = []
        for column, new in self.sql(f'select "column", new from change where {where} order by id'):
            content = json.loads(new)
            found += content.items() if column == NEW_ROW else [(column, content)]
        return found

    def sql(self, query: str) -> list[tuple[Any, ...]]:
        """Asks the database, read only."""
        place = self.root / ".syncer" / "syncer.db"
        with closing(sqlite3.connect(f"file:{place}?mode=ro", uri=True, timeout=30)) as db:
            return db.execute(query).fetchall()

    def log(self) -> list[dict[str, Any]]:
        """Returns the log, one object a line; a line that is none fails."""
        place = self.root / ".syncer" / "logs" / "syncer.log"
        return [json.loads(line) for line in place.read_text(encoding="utf-8").splitlines()] if place.exists() else []

    def events(self, name: str, **facts: object) -> list[dict[str, Any]]:
        """Returns the log's entries of this name that say this."""
        return [e for e in self.log() if e.get("event") == name and facts.items() <= e.items()]

    def half_written(self) -> list[Path]:
        """Returns what a write left unfinished, anywhere."""
        return sorted(self.root.rglob("*.part"))

    def opened(self) -> Workspace:
        return Workspace.at(self.root)

    def store(self) -> Store:
        config = self.opened().config
        return Store.in_folder(config.folders.state, config.database.url)

    # ---- the command line

    def syncer(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Runs one command on this workspace."""
        verb, *rest = arguments
        return run_syncer(verb, "-C", str(self.root), *rest)

    def json(self, *arguments: str) -> dict[str, Any]:
        """Runs one command with ``--json`` and returns the one object it prints; its ``exit`` is the exit code."""
        done = self.syncer(*arguments, "--json")
        assert done.stdout, done.stderr
        result: dict[str, Any] = json.loads(done.stdout)
        assert result.get("exit") == done.returncode, (result, done.stderr)
        return result


def _put(path: Path, data: bytes) -> None:
    half = path.with_name(hashlib.sha256(data).hexdigest()[:8].upper())
    half.write_bytes(data)
    half.replace(path)


def columns(path: Path, sheet: str) -> dict[str, int]:
    """Returns where each column of a data sheet stands (1-based), by the name a person reads."""
    leaves = CalamineWorkbook.from_path(path).get_sheet_by_name(sheet).to_python(skip_empty_area=False)[LEAF_ROW - 1]
    return {_plain(str(name)): at for at, name in enumerate(leaves, start=1) if name}


def lines(path: Path, sheet: str) -> list[Line]:
    """Returns the rows of a data sheet by column name; where a name stands twice, the left one."""
    facts = path.stat()
    return [dict(line) for line in _lines(path, sheet, (facts.st_mtime_ns, facts.st_ino, facts.st_size))]


@lru_cache(maxsize=16)
def _lines(path: Path, sheet: str, _: tuple[int, int, int]) -> list[Line]:
    """Who waits for something in a workbook looks into it again and again; it is read when it has changed."""
    rows = CalamineWorkbook.from_path(path).get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    names = [_plain(str(name)) for name in rows[LEAF_ROW - 1]]
    return [dict(reversed(list(zip(names, row, strict=True)))) for row in rows[LEAF_ROW:]]


def _plain(header: str) -> str:
    return header.partition("\n")[0].rstrip("*")


def ids(path: Path, sheet: str) -> list[str]:
    """Returns the hidden row ids of a data sheet, top to bottom."""
    return [str(row["行标识"]) for row in lines(path, sheet) if row["行标识"]]


def texts(path: Path) -> list[str]:
    """Returns every text of a workbook's first sheet."""
    book = openpyxl.load_workbook(path)
    return [str(cell.value) for row in book.worksheets[0].iter_rows() for cell in row if cell.value is not None]


@dataclass(frozen=True)
class Advice:
    """One line of a feedback book: what it is about, and where its link leads."""

    place: str
    column: str
    found: str
    says: str
    link: str


def advice(path: Path) -> list[Advice]:
    """Returns the problems that a feedback book lists."""
    sheet = openpyxl.load_workbook(path).worksheets[0]
    found = []
    for row in sheet.iter_rows():
        if isinstance(row[0].value, int):
            link = row[2].hyperlink
            target = f"{link.target or ''}#{link.location or ''}" if link else ""
            place, column, typed, what, do = (str(cell.value or "") for cell in row[2:7])
            found.append(Advice(place, column, typed, f"{what} {do}", target))
    return found


def snapshot(root: Path, skip: Callable[[Path], bool] = lambda _: False) -> dict[str, tuple[int, str]]:
    """Returns (modification time, digest) of every file below ``root``, by relative path."""
    return {
        path.relative_to(root).as_posix(): (path.stat().st_mtime_ns, hashlib.sha256(path.read_bytes()).hexdigest())
        for path in _files(root)
        if not skip(path)
    }


def _files(root: Path) -> Iterator[Path]:
    return (path for path in sorted(root.rglob("*")) if path.is_file())
