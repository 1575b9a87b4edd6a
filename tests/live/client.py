"""The near end of ``uno_excel.py``: requests from a test, or from the bridge under test."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import tempfile
from pathlib import Path
from typing import Any, Self

from tests.office import tools

SOCKET_VARIABLE = "SYNCER_TESTS_EXCEL"


class ExcelRefusedError(Exception):
    """As pywin32 says that Excel takes no call now: somebody edits a cell, or a dialog stands."""

    hresult = -2147418111  # RPC_E_CALL_REJECTED


class Client:
    """One connection. ``who``: "bridge" meets the faults that a test has set up, "test" does not."""

    def __init__(self, place: str, who: str) -> None:
        self._who = who
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(place)
        self._stream = self._socket.makefile("rw", encoding="utf-8")

    def __getattr__(self, verb: str) -> Any:
        if verb.startswith("_"):
            raise AttributeError(verb)
        return lambda *arguments: self._ask(verb, arguments)

    def _ask(self, verb: str, arguments: tuple[Any, ...]) -> Any:
        self._stream.write(json.dumps([self._who, verb, arguments]) + "\n")
        self._stream.flush()
        found = json.loads(self._stream.readline())
        if "refused" in found:
            raise ExcelRefusedError(verb)
        if "error" in found:
            raise RuntimeError(found["error"])
        return found["value"]

    def hang_up(self) -> None:
        self._stream.close()
        self._socket.close()


class RunningExcel:
    """The stand-in for Excel, running; ends with the tests, however they end."""

    def __enter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory(prefix="excel-")
        self.place = str(Path(self._folder.name) / "socket")
        command = [tools.need(tools.UNO_PYTHON), str(Path(__file__).with_name("uno_excel.py"))]
        command += [tools.need(tools.SOFFICE), str(Path(self._folder.name) / "profile"), self.place]
        env = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**env, "PYTHONIOENCODING": "utf-8"}
        )
        assert self._process.stdout
        assert self._process.stdout.readline() == b"ready\n"
        os.environ[SOCKET_VARIABLE] = self.place
        return self

    def __exit__(self, *_: object) -> None:
        os.environ.pop(SOCKET_VARIABLE, None)
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()
        self._folder.cleanup()
