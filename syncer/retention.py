"""How long kept bytes stay: as long as ``[retention] versions_days`` says, and what is still in force or waits, for good."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from syncer.store.kept import Tidied
from syncer.store.trail import Trail
from syncer.workspace import Office

log = structlog.get_logger()

_DONE = "pruned"  # key in the store: the day it was done last
LEAP = timedelta(days=31)  # between two days on which it ran: a long holiday, or a clock that goes wrong
REST_DAYS = 30  # after these nobody is likely to ask for the bytes: they may be packed


def prune_daily(office: Office) -> Tidied | None:
    """Prunes at the first call of a day, so that a machine that is off at night does it too; ``None`` if it was done.

    On the first day after a `LEAP` nothing is deleted: a clock that went years ahead for an hour must not cost what is kept.
    """
    now = office.clock()
    today, last = f"{now:%Y-%m-%d}", office.store.get(_DONE)
    if last == today:
        return None
    leapt = bool(last) and abs(now - datetime.fromisoformat(last)) > LEAP
    done = None if leapt else prune(office, now)
    office.store.set(_DONE, today)
    if done and (done.deleted or done.packed):
        log.info("kept bytes tidied", deleted=done.deleted, packed=done.packed, freed_bytes=done.freed_bytes)
    return done


def prune(office: Office, now: datetime) -> Tidied:
    """Deletes kept bytes that no version within the retention and nothing in force refers to; packs what rests.

    The versions themselves stay in the trail, with what they held: only their files can no longer be brought back. To be
    run between two passes, by whoever holds the workspace: bytes on their way into the trail are not in it yet.
    """
    old = now - timedelta(days=office.workspace.config.retention.versions_days)
    needed = Trail(office.store.engine).needed_bytes(old.isoformat(timespec="seconds"))
    rest = now - timedelta(days=REST_DAYS)
    return office.kept.tidy(needed, old_before=old.timestamp(), rest_before=rest.timestamp())
