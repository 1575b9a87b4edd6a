"""How commands speak: results on stdout (words, or one JSON object), everything else on stderr."""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any

from syncer.core.texts import line_text
from syncer.whereabouts import find_workspace

if TYPE_CHECKING:
    from syncer.workspace import Office, Workspace

# What JSON may hold as it is, and a terminal acts on (C1, reading direction) or no encoding can say (halves of a sign).
_UNSHOWN = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


class Console:
    """Says things in the language and form that were asked for."""

    def __init__(self, args: argparse.Namespace) -> None:
        self.language: str = args.lang
        self.json: bool = args.json
        self.quiet: bool = args.quiet
        self.verbose: bool = args.verbose
        self.said: list[str] = []  # results, as printed

    def words(self, zh: str, en: str) -> str:
        """Returns the wording in the chosen language."""
        return en if self.language == "en" else zh

    def say(self, zh: str, en: str) -> None:
        """Prints a result line, unless JSON or quiet was asked for: one line, whatever was typed into what it quotes."""
        if not self.json and not self.quiet:
            self.print(line_text(self.words(zh, en)))

    def page(self, zh: str, en: str) -> None:
        """Prints several lines of our own words."""
        for zh_line, en_line in zip_longest(zh.split("\n"), en.split("\n"), fillvalue=""):
            self.say(zh_line, en_line)

    def tell(self, text: str) -> None:
        """Prints a line that matters even when quiet: to stderr when stdout carries JSON."""
        print(line_text(text), file=sys.stderr if self.json else sys.stdout)

    def progress(self, done: int, of: int, seconds: float) -> None:
        """Says on stderr how far a long pass is."""
        from syncer.eta import left  # noqa: PLC0415

        if not self.quiet:
            zh, en = left(seconds)
            print(
                self.words(f"已读取{done}/{of}份，还需{zh} …", f"{done} of {of} files read, {en} left …"),
                file=sys.stderr,
            )

    def emit(self, result: dict[str, Any]) -> None:
        """Prints the one JSON object, if JSON was asked for."""
        if self.json:
            self.print(json_text(result))

    def print(self, text: str) -> None:
        """Prints a result as it is, and remembers it."""
        self.said.append(text)
        print(text)


def json_text(result: dict[str, Any]) -> str:
    """Returns JSON that a person can read, and in which nothing typed steers the terminal that shows it."""
    plain = json.dumps(result, ensure_ascii=not _says_all(sys.stdout.encoding), indent=2)
    return _UNSHOWN.sub(lambda sign: f"\\u{ord(sign[0]):04x}", plain)


def _says_all(encoding: str | None) -> bool:
    return encoding is None or encoding.lower().startswith("utf")


def root_of(args: argparse.Namespace) -> Path:
    """Returns the folder of the workspace a command is about; raises `ConfigError` where there is none."""
    named: Path | None = args.workspace
    return named.resolve() if named else find_workspace(Path.cwd(), os.environ)


def workspace_of(args: argparse.Namespace) -> Workspace:
    """Opens the workspace a command is about; raises `ConfigError` where there is none."""
    from syncer.workspace import Workspace  # noqa: PLC0415

    return Workspace.at(root_of(args))


@contextmanager
def office_of(args: argparse.Namespace, *, alone: bool = True) -> Iterator[Office]:
    """Holds a workspace open for a command; with ``alone`` nobody else may write meanwhile (`BusyError`)."""
    from syncer.alone import alone_in  # noqa: PLC0415
    from syncer.workspace import Office  # noqa: PLC0415

    workspace = workspace_of(args)
    state = workspace.config.folders.state
    with alone_in(workspace.root, state) if alone else nullcontext(), Office(workspace) as office:
        if alone:
            office.hold()
        yield office
