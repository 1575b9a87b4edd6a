"""How 台账设置.xlsx lays its sheets out, for workbooks that are issued and columns that come new: read once for each state of it."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice

from syncer.core.model import Refusal
from syncer.excel.looks import SheetLooks
from syncer.workspace import Office

LOOKS_SECONDS = 60  # an honest template needs one; what is laid out without its looks stays plain for good
MOST_EARLIER = 5  # control workbooks that are looked at where the one in force cannot be


def template_looks(office: Office, sha256: str) -> Mapping[str, SheetLooks]:
    """Returns the looks of an accepted control workbook by sheet name.

    Where it cannot be opened so (saved as Strict Open XML or .xls, say), those of the last one before it that can; where there is
    none, no looks, which is the default.
    """
    if sha256 not in office.looks:
        earlier = (old for old in office.store.controls() if old != sha256)
        read = (_read(office, one) for one in (sha256, *islice(earlier, MOST_EARLIER)))
        office.looks = {sha256: next((looks for looks in read if looks), {})}
    return office.looks[sha256]


def _read(office: Office, sha256: str) -> Mapping[str, SheetLooks]:
    from syncer.excel.laid_out import read_looks  # noqa: PLC0415 - openpyxl costs 0.15 s

    kept = office.kept.find(sha256)
    read = office.readers.call(read_looks, kept, LOOKS_SECONDS) if kept else {}
    return {} if isinstance(read, Refusal) else read
