"""Web addresses (网址) as people paste them: alone, several, with words around them, without http; and what is none."""

from __future__ import annotations

import re

from syncer.core.reading.readings import NOTHING, How, Reading, asked, plain, says_none, taken
from syncer.core.values import Scalar, show, tidy

_ADDRESS = re.compile(r"https?://[^\s/]", re.IGNORECASE)
_DOMAIN = re.compile(
    r"(?<![\w@.-])(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+(?:com|cn|net|org|gov|edu|info|top|vip|tv|cc|link|cloud)(?![\w@.-])(?:[:/?#]\S*)?",
    re.IGNORECASE | re.ASCII,
)
_PATH = re.compile(r"(?:^|\s)(?:[a-z]:[\\/]|\\\\|file:)|^[^\s/\\]+(?:\\[^\\]+)+$", re.IGNORECASE)


def read_link(raw: Scalar) -> Reading:
    """Reads a cell that holds one web address or several; words around them stay, for they say where it was published.

    CELL-031 notes an address without ``http://``; CELL-032: a path on a PC, which nobody else can open; CELL-011: no
    address at all.
    """
    typed = show(raw)
    text = tidy(typed)
    if _ADDRESS.search(text):
        return taken(text, raw)
    if says_none(text):
        return NOTHING
    folded = plain(text) or ""
    if _ADDRESS.search(folded):  # ｈｔｔｐ：／／
        return taken(folded, raw)
    if _PATH.search(folded):
        return asked(raw, "CELL-032")
    if _DOMAIN.search(folded) and "://" not in folded:
        return Reading(text, How.NORMALISED, "CELL-031")
    return asked(raw, "CELL-011")
