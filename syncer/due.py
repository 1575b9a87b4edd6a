"""When the clock alone may bring something to do, though nobody has touched a file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta

from syncer.core.model import Ledger
from syncer.rebuilding import told_until
from syncer.reports import next_issue
from syncer.set_aside import next_tries
from syncer.standing import lost_for_good
from syncer.workspace import Office

AN_HOUR = timedelta(hours=1)  # whatever is not thought of here is seen to after that


def next_hour(office: Office, ledger: Ledger, began: datetime) -> datetime:
    """Returns the first moment after a pass ``began`` that may bring something to do; it is no later than an hour from then.

    That is midnight, a week's hour, the end of a lost workbook's minute, another try at a file that could not be read, or the
    end of what is told for a day.
    """
    return min(moment for moment in _moments(office, ledger, began) if moment > began)


def _moments(office: Office, ledger: Ledger, began: datetime) -> Iterator[datetime]:
    yield began + AN_HOUR
    yield datetime.combine(began.date() + timedelta(days=1), time.min)
    yield next_issue(ledger, began)
    yield from lost_for_good(office)
    yield from next_tries(office)
    yield from told_until(office)
