"""Failures of the program's surroundings; faults in data are `syncer.core.problems.Problem` values instead. And the exit codes.

Exit codes (a contract): 0 done · 1 done, and a person is needed · 2 usage or configuration · 3 our bug · 4 busy or
unreachable, try later · 5 refused for safety · 130 interrupted.
"""

from __future__ import annotations

TYPE_CHECKING = False  # as in `typing`, which the command line's help does not need
if TYPE_CHECKING:  # the command line's help needs the exit codes, and nothing of the core
    from syncer.core.problems import Problem

EXIT_DONE, EXIT_PERSON, EXIT_USAGE, EXIT_BUG, EXIT_BUSY, EXIT_REFUSED, EXIT_INTERRUPTED = 0, 1, 2, 3, 4, 5, 130


class SyncerError(Exception):
    """Something the person at the command line must hear; ``exit_code`` is the contract's."""

    exit_code = EXIT_USAGE


class ConfigError(SyncerError):
    """The workspace or its configuration cannot be used."""


class BusyError(SyncerError):
    """Somebody else holds the workspace, or a folder cannot be reached: try again later."""

    exit_code = EXIT_BUSY


def trouble(error: Exception) -> BusyError | None:
    """Returns what to say of a disk, a share or a database that does not let us work now; ``None`` if it is none of these.

    What was under way is done again at the next try: nothing is lost by it.
    """
    from sqlalchemy.exc import OperationalError  # noqa: PLC0415 - 0.1 s that only a failure should cost

    if isinstance(error, OperationalError):
        return BusyError(
            f"数据库暂时用不了：{error.orig}；请稍后再试 / the database cannot be used now, try again later"
        )
    if isinstance(error, OSError):
        what = f"{error.strerror or type(error).__name__} {error.filename or ''}".rstrip()
        return BusyError(f"磁盘或共享盘暂时读写不了：{what}；请稍后再试 / disk or share failed, try again later")
    return None


class RefusedError(SyncerError):
    """Refused for safety; ``problems`` say why."""

    exit_code = EXIT_REFUSED

    def __init__(self, message: str, problems: tuple[Problem, ...] = ()) -> None:
        super().__init__(message)
        self.problems = problems
