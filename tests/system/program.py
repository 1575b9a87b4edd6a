"""The command line as a person calls it: in this process, since an interpreter's start costs more than most commands do, or in one of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest

import syncer
from syncer.cli import run

_SERVES = "run"
"""The verb that takes signals and sets the log up for its whole process."""


def run_syncer(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Runs one command and returns its exit code and what it printed; ``run`` has a process of its own."""
    if arguments[:1] == (_SERVES,):
        return run_program(*arguments, cwd=cwd)
    out, err = _stream(), _stream()
    with _surroundings(cwd), redirect_stdout(out), redirect_stderr(err):
        try:
            code = run(arguments)
        except SystemExit as ended:  # as argparse ends a wrong call, and --help
            code = int(ended.code or 0)
    return subprocess.CompletedProcess(arguments, code, _text(out), _text(err))


def run_program(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Runs one command as a process: what only that shows is the entry point, the encoding, the imports and the end."""
    return subprocess.run(
        [sys.executable, "-m", "syncer", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=600,  # far beyond what any takes; the test has a limit of its own
        cwd=cwd,
        env=environment(),
        encoding="utf-8",
    )


def environment() -> dict[str, str]:
    """The surroundings of a process under test: no workspace from outside, the checkout's own package, and its bytecode kept."""
    dropped = {name for name in os.environ if name.startswith("SYNCER_")} | {"PYTHONDONTWRITEBYTECODE"}
    kept = {name: value for name, value in os.environ.items() if name not in dropped}
    return {**kept, "PYTHONPATH": str(Path(syncer.__file__).parents[1]), "PYTHONIOENCODING": "utf-8"}


@contextmanager
def _surroundings(cwd: Path | None) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch, chdir(cwd or Path.cwd()):
        for name in [name for name in os.environ if name.startswith("SYNCER_")]:
            patch.delenv(name)
        yield


def _stream() -> TextIOWrapper:
    return TextIOWrapper(BytesIO(), encoding="utf-8", write_through=True)


def _text(stream: TextIOWrapper) -> str:
    stream.seek(0)
    return stream.read()
