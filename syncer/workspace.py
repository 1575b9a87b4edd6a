"""One office's workspace: its folders, the files that stand there under fixed names, and what is held open to work on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Self

from syncer import fs
from syncer.belonging import refuse_foreign
from syncer.beside import Beside
from syncer.config import Config, load_config
from syncer.core.model import Ledger, Unit
from syncer.core.problems import Problem
from syncer.core.texts import file_name, path_text
from syncer.errors import BusyError
from syncer.excel.reading import Readers
from syncer.excel.reading_child import Limits
from syncer.maintained import Maintained
from syncer.pauses import Pauses
from syncer.store.damage import backup_home, way_out
from syncer.store.disk import Disk
from syncer.store.kept import Kept
from syncer.store.pieces import Pieces
from syncer.store.store import Store
from syncer.watch.network import is_network
from syncer.watch.settle import Pace, Settler

if TYPE_CHECKING:
    from syncer.excel.looks import SheetLooks  # brings XlsxWriter, which most commands do without

CONTROL_BOOK = "台账设置.xlsx"
INBOX_BOOK = "待我处理.xlsx"
STATUS_FILE = "运行状态.txt"


@dataclass(frozen=True, slots=True)
class Workspace:
    """Where everything of one office stands."""

    root: Path
    config: Config

    @classmethod
    def at(cls, root: Path) -> Workspace:
        """Opens the workspace in ``root``; raises `ConfigError` where its configuration cannot be used."""
        return cls(root, load_config(root))

    @property
    def control_book(self) -> Path:
        """台账设置.xlsx, the source of truth."""
        return self.config.folders.control / CONTROL_BOOK

    @property
    def inbox_book(self) -> Path:
        """待我处理.xlsx, everything that waits for the coordinator."""
        return self.config.folders.control / INBOX_BOOK

    def unit_book(self, unit: Unit) -> Path:
        """Where a unit's workbook is issued to."""
        return self.config.folders.units / file_name(unit.short, ".xlsx")

    def master_book(self, ledger: Ledger) -> Path:
        """The consolidated master."""
        name = f"{ledger.settings.year}年{ledger.settings.ledger_name}".removesuffix("台账")
        return self.config.folders.master / file_name(name, "汇总台账（自动生成）.xlsx")

    def feedback_book(self, stem: str) -> Path:
        """The 填报提示 of a unit (or of a file that is no unit's)."""
        return self.config.folders.feedback / file_name(stem, "填报提示.xlsx")

    def weekly_folder(self, label: str) -> Path:
        """Where the sheet of a week such as ``2026-W47`` is issued to."""
        year, _, number = label.partition("-W")
        return self.config.folders.weekly / f"{year}年" / f"第{int(number)}周"

    @property
    def status_file(self) -> Path:
        """The heartbeat that a clerk can read."""
        return self.config.folders.system / STATUS_FILE

    def folders(self) -> tuple[Path, ...]:
        """The folders people see, all of them made by ``init``."""
        f = self.config.folders
        return (f.control, f.units, f.master, f.weekly, f.feedback, f.evidence, f.inbox, f.system)

    def relative(self, path: Path) -> str:
        """Returns a path as it is shown and kept: relative to the workspace where it lies inside."""
        text, root = path.as_posix(), f"{self.root.as_posix()}/"
        if text.startswith(root):  # nearly always, and each pass asks it of every file
            return path_text(text.removeprefix(root))
        try:
            return path_text(path.relative_to(self.root).as_posix())
        except ValueError:
            return path_text(str(path))

    def issued_book(self, file: str) -> Path:
        """Returns where the workbook stands in 02 that is kept under this name."""
        return self.place_of(self.relative(self.config.folders.units / file))

    def place_of(self, shown: str) -> Path:
        """Returns where a file lies that is shown and kept as ``shown``: one whose name is no text is found by how that is shown."""
        path = self.root / shown
        if "\\" not in path.name or fs.exists(path):
            return path
        return next((other for other in fs.listed(path.parent) if path_text(other.name) == path.name), path)


@dataclass(slots=True)
class Office:
    """A workspace held open: its database, kept bytes, rendered pieces, disk, readers, helpers, files being saved, clock, and what passes hand on."""

    workspace: Workspace
    clock: Callable[[], datetime] = field(default=datetime.now)
    held_back: dict[Path, str] = field(
        default_factory=dict
    )  # books that could not be replaced: what they would rest on
    pauses: Pauses = field(default_factory=Pauses)  # units whose workbook could not be written
    edition: int = 0  # the number of the master's present content, once a pass has made it
    live: bool = False  # an open master is followed live: what it holds must not be forgotten
    is_beside: bool = False  # by a process that helps another one, which has checked the database
    store: Store = field(init=False)
    kept: Kept = field(init=False)
    pieces: Pieces = field(init=False)
    disk: Disk = field(init=False)
    readers: Readers = field(init=False)
    beside: Beside = field(init=False)
    settler: Settler = field(init=False)
    looks: Mapping[str, Mapping[str, SheetLooks]] = field(default_factory=dict)  # see `syncer.template_looks`
    maintained: Maintained = field(init=False)
    in_force: tuple[object, Ledger, tuple[Problem, ...]] | None = (
        None  # the settings as last compiled, after what they rest on
    )

    def __post_init__(self) -> None:
        config = self.workspace.config
        backups = backup_home(self.workspace.root, config.backup.folder)
        words = way_out(config.folders.state, backups)
        self.store = Store.in_folder(config.folders.state, config.database.url, words, checked=self.is_beside)
        if config.database.url:
            refuse_foreign(self.store, self.workspace.root)
        self.maintained = Maintained(self.store.merged)
        self.kept = Kept(config.folders.state / "kept")
        self.pieces = Pieces(config.folders.state / "pieces.db")
        self.disk = Disk(self.workspace.root)
        self.readers = Readers(config.reading.workers, Limits(config.reading.seconds, config.reading.memory_mib << 20))
        self.beside = Beside(partial(opened_beside, self.workspace))
        share = any(is_network(folder) for folder in (config.folders.units, config.folders.inbox))
        self.settler = Settler(Pace(config.watch.share_settle_seconds if share else config.watch.settle_seconds))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def hold(self) -> None:
        """Keeps others from writing into a database on a server, until this is closed; to be asked again before each pass.

        Raises:
            BusyError: another program holds it.
        """
        if not self.store.hold.take():
            raise BusyError(
                "这个数据库正被另一台电脑上的 syncer 使用，请先停止它\n"
                "a syncer on another computer holds this database: stop it first"
            )

    def close(self) -> None:
        """Ends the processes that read and help, and lets go of the database."""
        self.readers.kill()
        self.beside.let_go(0)
        self.pieces.close()
        self.store.close()

    def now(self) -> str:
        """Returns the clock's time as it is kept: ISO, local, to the second."""
        return self.clock().isoformat(timespec="seconds")


def opened_beside(workspace: Workspace, clock: Callable[[], datetime]) -> Office:
    """Opens an office for a process that helps the one which has it open already."""
    return Office(workspace, clock, is_beside=True)
