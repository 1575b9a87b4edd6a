"""The worker process: owns the connection to Excel, carries out one job at a time, and may be killed at any moment.

It takes the end of its pipe for the end of its parent. Whatever it was doing is marked in the book itself (`mark`).
"""

from __future__ import annotations

import traceback
from contextlib import suppress
from importlib import import_module
from multiprocessing.connection import Connection
from typing import Protocol

from syncer.excel.child import go_quiet
from syncer.excel.live.excel_app import Excel, import_xlwings
from syncer.excel.live.refusals import BookClosedError, CannotWriteError, ExcelBusyError, NoExcelError
from syncer.excel.live.report import Report, State


class Job(Protocol):
    """What the worker is asked to do; it is pickled on its way there."""

    def carry_out(self, excel: Excel) -> Report:
        """Does it."""


def serve(connection: Connection, engine: str, patience_seconds: float) -> None:
    """Carries out jobs until the pipe closes. ``engine``: a module whose ``register`` adds an engine for Excel, for tests."""
    go_quiet()
    if engine:
        import_xlwings()
        import_module(engine).register()
    with suppress(EOFError, OSError):  # the parent is gone
        while True:
            job: Job = connection.recv()
            connection.send(_answer(job, patience_seconds))


def _answer(job: Job, patience_seconds: float) -> Report:
    try:
        return job.carry_out(Excel.reach(patience_seconds))
    except NoExcelError as error:
        return Report(State.NO_EXCEL, detail=str(error))
    except ExcelBusyError as error:
        return Report(State.BUSY, wrote=error.wrote)
    except BookClosedError as error:
        return Report(State.CLOSED, wrote=error.wrote)
    except CannotWriteError as error:
        return Report(State.WAITS, wrote=True, detail=str(error))
    except Exception as error:  # noqa: BLE001 - our bug; the parent logs it and goes on
        frames = "".join(traceback.format_tb(error.__traceback__))  # no message: it may quote a cell
        return Report(State.FAULT, wrote=True, detail=f"{type(error).__name__}\n{frames}")
