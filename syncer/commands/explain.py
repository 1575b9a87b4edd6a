"""``syncer explain``: what a message code means."""

from __future__ import annotations

import argparse
import re

from syncer.commands.console import Console
from syncer.errors import EXIT_DONE, ConfigError
from syncer.messages import CATALOGUE


def run(args: argparse.Namespace) -> int:
    """Prints the catalogue's entry for a code."""
    console = Console(args)
    message = CATALOGUE.get(args.code.upper())
    if message is None:
        raise ConfigError(f"没有代码 {args.code}；有：{'、'.join(CATALOGUE)} / no such code")
    wording = message.en if console.language == "en" else message.zh
    what, expected, do = (re.sub(r"\{(\w+)\}", "…", text) for text in (wording.what, wording.expected, wording.do))
    console.emit(
        {
            "version": 1,
            "exit": EXIT_DONE,
            "code": args.code.upper(),
            "severity": message.severity,
            "what": what,
            "expected": expected,
            "do": do,
        }
    )
    console.page(
        f"{args.code.upper()}：{what}\n应为：{expected}\n怎么办：{do}", f"{what}\nexpected: {expected}\ndo: {do}"
    )
    return EXIT_DONE
