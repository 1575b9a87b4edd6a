"""When the clock alone may bring something to do, though nobody has touched a file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta

from syncer.core.model import Ledger
from syncer.reports import next_issue
from syncer.set_aside import next_tries
from syncer.standing import lost_for_good
from syncer.workspace import Office

AN_HOUR = timedelta(hours=1)  # whatever is not thought of here is seen to after that


def next_hour(office: Office, ledger: Ledger) -> datetime:
    """Returns the first moment that may bring something: midnight, a week's hour, a lost workbook's minute, another try at a file.

    It is no later than an hour from now.
    """
    now = office.clock()
    return min(moment for moment in _moments(office, ledger, now) if moment > now)


def _moments(office: Office, ledger: Ledger, now: datetime) -> Iterator[datetime]:
    yield now + AN_HOUR
    yield datetime.combine(now.date() + timedelta(days=1), time.min)
    yield next_issue(ledger, now)
    yield from lost_for_good(office)
    yield from next_tries(office)
