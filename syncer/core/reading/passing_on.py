"""What in a typed text cannot be passed on as it stands: signs nobody sees, more than a cell holds, places outside."""

from __future__ import annotations

import re
from collections.abc import Iterator

from syncer.core.evidence import why_outside
from syncer.core.model import Column, ColumnType
from syncer.core.texts import CELL_LIMIT, signs_dropped, storable, utf16_units
from syncer.core.values import Scalar

_WEB_ADDRESS = re.compile(r"https?://[^\s/]", re.IGNORECASE)
_LIKE_A_PLACE = re.compile(r"[/\\／＼]|^\s*[A-Za-z][\w.+-]*[:：]\S", re.ASCII)


def told_of_text(raw: Scalar, column: Column) -> Iterator[tuple[str, tuple[tuple[str, str], ...]]]:
    """Yields a code and its facts for everything a clerk is to be told of a text, apart from what it means.

    SAFE-001 control characters, left out wherever the text is shown (kept in the history); SAFE-002 longer than a cell of
    ours holds, cut there; SAFE-003 in a column of web addresses a place that is never made a link: a path or protocol
    that leads out of the unit's own folder.
    """
    if not isinstance(raw, str):
        return
    if dropped := signs_dropped(raw):
        yield "SAFE-001", (("count", str(dropped)),)
    if len(raw) > CELL_LIMIT // 2 and utf16_units(storable(raw)) > CELL_LIMIT:
        yield "SAFE-002", (("count", str(len(raw))),)
    if column.type is ColumnType.LINK and (why := _leads_outside(raw)):
        yield "SAFE-003", (("why", why),)


def _leads_outside(typed: str) -> str:
    is_place = _LIKE_A_PLACE.search(typed) and not _WEB_ADDRESS.search(typed)
    return why_outside(typed) if is_place else ""
