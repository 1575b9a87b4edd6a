"""How a call to Excel may end otherwise than well: refused for now, refused for good, the book or Excel itself not there."""

from __future__ import annotations

import sys
from collections.abc import Sequence

_REJECTED, _RETRY_LATER, _EXCEPTION, _IGNORED = -2147418111, -2147417846, -2147352567, -2146777998
_APPLE_BUSY = {-1712, -10003}  # timed out; not allowed now


class NoExcelError(Exception):
    """There is no xlwings, or no Excel in this session that it reaches."""


class _LeftError(Exception):
    """A job was left; ``wrote``: something of it may stand in the book."""

    wrote = False


class ExcelBusyError(_LeftError):
    """Excel took no call for as long as we had patience."""


class BookClosedError(_LeftError):
    """The book is not open, or was closed in the middle."""


class CannotWriteError(Exception):
    """Excel refuses for good: the sheet is protected, say. The message is Excel's."""


def is_refusal(error: Exception) -> bool:
    """Tells whether Excel only does not take a call now, as pywin32, xlwings or appscript say it."""
    code = getattr(error, "hresult", None)
    if code == _EXCEPTION:
        details: Sequence[object] = (*error.args, None, None, None)[2] or ()
        return list(details[5:6]) == [_IGNORED]
    on_windows = sys.platform == "win32" and isinstance(error, AttributeError)  # how pywin32 reports it for a name
    named = type(error).__name__ == "ExcelBusyError"
    return code in {_REJECTED, _RETRY_LATER} or named or on_windows or getattr(error, "errornumber", 0) in _APPLE_BUSY
