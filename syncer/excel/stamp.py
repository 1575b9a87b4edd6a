"""The stamp that tells whose book a workbook is: names and texts, and back."""

from __future__ import annotations

from collections.abc import Mapping

from syncer.core.model import Stamp
from syncer.core.values import Scalar, show

STAMP_NAMES = (
    "syncer.ledger",
    "syncer.unit",
    "syncer.book",
    "syncer.template",
    "syncer.revision",
    "syncer.guid",
)
"""Custom document properties, and the first column of `STAMP_SHEET`, in this order."""
_MOST = 2**31 - 1  # what every database keeps; no workbook is delivered to so often


def stamp_texts(stamp: Stamp) -> dict[str, str]:
    """Returns what to write for a stamp: name → text, in the order of `STAMP_NAMES`.

    All six are text, the revision too: LibreOffice turns whole numbers in custom properties into floats.
    """
    texts = (
        stamp.ledger_id,
        stamp.unit,
        stamp.book,
        stamp.template_version,
        str(stamp.revision),
        stamp.guid,
    )
    return dict(zip(STAMP_NAMES, texts, strict=True))


def stamp_from(found: Mapping[str, Scalar]) -> Stamp | None:
    """Returns the stamp that these names and values make up; ``None`` without a ledger or a unit.

    ``{"syncer.ledger": "L1", "syncer.unit": "D03", "syncer.revision": 4.0}`` → ``Stamp("L1", "D03", revision=4)``.
    A revision that is no number of ours counts as 0: the stamp still tells whose book it is.
    """
    ledger, unit, book, template, revision, guid = (show(found.get(name)).strip() for name in STAMP_NAMES)
    if not ledger or not unit:
        return None
    return Stamp(ledger, unit, book or "main", template, _whole(revision), guid)


def _whole(text: str) -> int:
    try:
        number = int(float(text))
    except (ValueError, OverflowError):
        return 0
    return number if 0 < number <= _MOST else 0
