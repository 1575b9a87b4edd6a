"""All of the program's calls to the disk go through the one seam, or a fault there would never be tried."""

from __future__ import annotations

import ast
import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from syncer import fs
from syncer.store.kept import Kept
from tests.faults.injection import PACKAGE, Plan, injected

OUTSIDE = {
    "fs.py": "the seam itself",
    "resources.py": "what is shipped with the program",
    "config.py": "read once, at the start",
    "whereabouts.py": "read once, at the start",
    "store/damage.py": "asked at the start, before there is anything to lose",
    "excel/reader.py": "runs in a reading child, on kept copies",
    "excel/preflight.py": "runs in a reading child, on kept copies",
    "excel/reading.py": "the children's own plumbing",
    "excel/live/checklist.py": "runs in the worker that Excel is reached through, on a file of its own",
}
CALLS = {"read_bytes", "read_text", "write_bytes", "write_text", "unlink", "mkdir", "rmdir", "iterdir", "glob", "rglob"}
CALLS |= {"rename", "touch", "is_file", "is_dir", "scandir", "listdir", "fsync", "utime", "rmtree", "copyfile"}


def direct_calls(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            of_the_seam = isinstance(node.func.value, ast.Name) and node.func.value.id in {"fs", "entry"}
            bare = node.func.attr in {"stat", "exists"} or (node.func.attr == "open" and _is_path(node.func.value))
            if (node.func.attr in CALLS or bare) and not of_the_seam:
                yield f"{path.relative_to(PACKAGE).as_posix()}:{node.lineno} {node.func.attr}"


def _is_path(value: ast.expr) -> bool:
    return isinstance(value, ast.Name) and value.id in {"path", "target", "file", "temporary"}


def test_no_other_part_of_the_flow_touches_the_disk_by_itself() -> None:
    found = [
        call
        for path in sorted(PACKAGE.rglob("*.py"))
        if path.relative_to(PACKAGE).as_posix() not in OUTSIDE
        and path.relative_to(PACKAGE).parts[0] not in {"commands", "sample"}  # what a person starts and looks at
        for call in direct_calls(path)
    ]
    assert [call for call in found if not call.startswith("watch/network.py")] == []
    assert [call.partition(" ")[2] for call in found] == ["read_text"]  # which file systems are mounted


def test_the_times_of_files_are_made_text_in_one_place() -> None:
    """Some have a year that no calendar has; one such file must not end a pass."""
    there = [
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if "fromtimestamp(" in path.read_text("utf-8")
    ]
    assert there == ["store/disk.py"]


def test_whether_something_stands_there_is_never_guessed(tmp_path: Path) -> None:
    assert fs.exists(tmp_path)
    assert not fs.exists(tmp_path / "gone")
    (tmp_path / "file").touch()
    assert not fs.exists(tmp_path / "file" / "below")
    with injected(Plan(1, "ESTALE")), pytest.raises(OSError, match="injected"):
        fs.exists(tmp_path)


def test_bytes_whose_folder_could_not_be_synced_are_not_called_kept_before_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[Path] = []
    kept = Kept(tmp_path / "kept")
    whole = fs.sync_folder

    def failing(folder: Path) -> None:
        if folder.parent == kept.folder:
            raise OSError(errno.EIO, "Input/output error")
        whole(folder)

    with monkeypatch.context() as patch:
        patch.setattr(fs, "sync_folder", failing)
        for _ in range(2):
            with pytest.raises(OSError, match="Input/output"):
                kept.put(b"PK a save")
    monkeypatch.setattr(fs, "sync_folder", synced.append)
    sha256 = kept.put(b"PK a save")
    assert synced == [kept.path(sha256).parent]
    assert kept.read(sha256) == b"PK a save"


@pytest.mark.skipif(os.name == "nt", reason="Windows syncs no folders")
@pytest.mark.parametrize(("number", "fails"), [(errno.EIO, True), (errno.ENOSPC, True), (errno.EINVAL, False)])
def test_only_a_file_system_that_syncs_no_folders_at_all_is_let_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, fails: bool
) -> None:
    def refused(_: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", refused)
    if fails:
        with pytest.raises(OSError, match=os.strerror(number)):
            fs.sync_folder(tmp_path)
    else:
        fs.sync_folder(tmp_path)
