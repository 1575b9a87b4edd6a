"""Rulings that were asked for on the command line while the daemon holds the workspace: it carries them out at its next pass.

A pass reads the merged rows, plans, and writes them; a ruling by another process in between would be written over. So a
command that is not alone leaves a request, one small file each, and the daemon takes them up between two passes.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from uuid import uuid4

from syncer import fs
from syncer.core.encode import from_json, to_json
from syncer.core.model import Ledger
from syncer.core.values import Scalar
from syncer.errors import ConfigError, SyncerError
from syncer.rulings import rule, undo
from syncer.whereabouts import REQUESTS
from syncer.workspace import Office

BY = "command line"


@dataclass(frozen=True, slots=True)
class Request:
    """One ruling asked for (``take`` as in `syncer.core.inbox.choices`), or one to be taken back."""

    question: str
    take: str = ""
    value: Scalar = None
    undo: bool = False


def leave_request(office: Office, request: Request) -> None:
    """Leaves a request for the daemon; it is on the disk when this returns."""
    plain = {**asdict(request), "value": to_json(request.value)}
    name = f"{office.clock():%Y%m%d%H%M%S%f}-{uuid4().hex[:8]}.json"  # in order
    office.disk.write(_folder(office) / name, json.dumps(plain, ensure_ascii=False).encode())


def take_requests(office: Office, ledger: Ledger) -> int:
    """Carries out what was asked for; returns how many rulings that came to. Killed in between, it does them again.

    What does not fit any more (somebody was quicker) is logged and dropped: the inbox shows how the matter stands. So is one that
    cannot be understood (a cut-off file). What disk or share do not let us do now is asked again at the next pass, and nothing
    else waits for it.
    """
    done = 0
    for path in fs.listed(_folder(office)):
        if path.suffix != ".json":
            continue
        name = path.stem
        try:
            request = _understood(fs.read(path))
            name = request.question
            carry_out(office, ledger, request)
            done += 1
        except SyncerError as error:
            _warn(name, str(error))
        except OSError as error:
            _warn(name, error.strerror or type(error).__name__)
            continue
        with suppress(OSError):  # it is asked again, and refused as ruled already
            fs.remove(path)
    return done


def _understood(data: bytes) -> Request:
    try:
        plain = json.loads(data)
        return Request(str(plain["question"]), str(plain["take"]), from_json(plain["value"]), bool(plain["undo"]))
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigError("看不懂的请求文件，没有采用 / a request that cannot be understood was dropped") from error


def _warn(name: str, reason: str) -> None:
    import structlog  # noqa: PLC0415 - 0.1 s at every start, for what hardly ever happens

    structlog.get_logger().warning("request", question=name, reason=reason)


def carry_out(office: Office, ledger: Ledger, request: Request) -> None:
    """Rules, or takes a ruling back, now.

    Raises:
        SyncerError: the question does not allow it.
    """
    if request.undo:
        undo(office, ledger, request.question)
    else:
        rule(office, ledger, request.question, request.take, request.value, by=BY)


def _folder(office: Office) -> Path:
    return office.workspace.config.folders.state / REQUESTS
