"""A fact that is another whenever what is told has changed in a way that no count and no number tells of.

A question that is asked while another is gone, a ruling that is taken back while another is made: as many as before. What the
generated books rest on (`Store.serial`) has this fact in it.
"""

from __future__ import annotations

from uuid import uuid4

from sqlalchemy import Connection

from syncer.store import tables as t
from syncer.store.putting import put

TURNED = "questions_turned"


def turn(db: Connection) -> None:
    """Makes the fact another one, within the transaction that changes what is told."""
    put(db, t.meta, {"key": TURNED}, {"value": uuid4().hex})
