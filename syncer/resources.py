"""The files shipped with the program: the template workbook and the example configuration."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def shipped(name: str) -> Path:
    """Returns a shipped file, e.g. ``workbook_templates/ledger.xlsx``: from the wheel, or from the checkout beside it."""
    installed = _PACKAGE / "resources" / name
    return installed if installed.exists() else _PACKAGE.parent / name
