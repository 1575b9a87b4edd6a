"""Failures of the program's surroundings; faults in data are `syncer.core.problems.Problem` values instead."""

from __future__ import annotations

from syncer.core.problems import Problem


class SyncerError(Exception):
    """Something the person at the command line must hear; ``exit_code`` is the contract's."""

    exit_code = 2


class ConfigError(SyncerError):
    """The workspace or its configuration cannot be used."""


class BusyError(SyncerError):
    """Somebody else holds the workspace, or a folder cannot be reached: try again later."""

    exit_code = 4


class RefusedError(SyncerError):
    """Refused for safety; ``problems`` say why."""

    exit_code = 5

    def __init__(self, message: str, problems: tuple[Problem, ...] = ()) -> None:
        super().__init__(message)
        self.problems = problems
