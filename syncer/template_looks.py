"""How 台账设置.xlsx lays its sheets out, for workbooks that are issued and columns that come new: read once for each state of it."""

from __future__ import annotations

from collections.abc import Mapping

from syncer.core.model import Refusal
from syncer.excel.looks import SheetLooks
from syncer.workspace import Office

LOOKS_SECONDS = 60  # an honest template needs one; what is laid out without its looks stays plain for good


def template_looks(office: Office, sha256: str) -> Mapping[str, SheetLooks]:
    """Returns the looks of an accepted control workbook by sheet name; none, which is the default, where it cannot be opened so."""
    if sha256 not in office.looks:
        from syncer.excel.laid_out import read_looks  # noqa: PLC0415 - openpyxl costs 0.15 s

        read = office.readers.call(read_looks, office.kept.path(sha256), LOOKS_SECONDS)
        office.looks = {sha256: {} if isinstance(read, Refusal) else read}
    return office.looks[sha256]
