"""Has LibreOffice save many workbooks in another format, one run a format."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.office.tools import SOFFICE, find


def convert(sources: Mapping[str, Path], ending: str, room: Path) -> dict[str, Path]:
    """Returns the saved workbooks by name; nothing where there is no LibreOffice, none for one that it could not open."""
    soffice = find(SOFFICE)
    if not soffice or not sources:
        return {}
    out = room / f"saved-as-{ending}"
    command = [soffice, f"-env:UserInstallation=file://{room}/profile-{ending}", "--headless", "--convert-to", ending]
    command += ["--outdir", str(out), *map(str, sources.values())]
    subprocess.run(command, check=True, capture_output=True, timeout=240)
    made = {name: out / f"{source.stem}.{ending}" for name, source in sources.items()}
    return {name: path for name, path in made.items() if path.exists()}
