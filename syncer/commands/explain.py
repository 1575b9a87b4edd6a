"""``syncer explain``: what a message code means; without one, the whole catalogue."""

from __future__ import annotations

import argparse
from difflib import get_close_matches

from syncer.commands.console import Console
from syncer.errors import EXIT_DONE, ConfigError
from syncer.message_page import open_places, page
from syncer.messages import CATALOGUE


def run(args: argparse.Namespace) -> int:
    """Prints the catalogue's entry for a code, those of an area (``CHK``), or all; ``--page`` writes docs/messages.md."""
    console = Console(args)
    if args.page:
        args.page.write_text(page(), encoding="utf-8", newline="\n")
        return EXIT_DONE
    asked = args.code.strip().upper()
    if asked in CATALOGUE:
        return _one(console, asked)
    codes = [code for code in CATALOGUE if code.startswith(f"{asked}-") or not asked]
    if not codes:
        raise ConfigError(_unknown(asked))
    for code in codes:
        entry = _entry(code, console.language)
        console.say(f"{code}  {entry['what']}", f"{code}  {entry['what']}")
    entries = [_entry(code, console.language) for code in codes]
    console.emit({"version": 1, "exit": EXIT_DONE, "codes": entries})
    return EXIT_DONE


def _one(console: Console, code: str) -> int:
    entry = _entry(code, console.language)
    console.emit({"version": 1, "exit": EXIT_DONE, **entry})
    what, expected, do = entry["what"], entry["expected"], entry["do"]
    console.page(f"{code}：{what}\n应为：{expected}\n怎么办：{do}", f"{code}: {what}\nexpected: {expected}\ndo: {do}")
    return EXIT_DONE


def _entry(code: str, language: str) -> dict[str, str]:
    message = CATALOGUE[code]
    wording = message.en if language == "en" else message.zh
    words = {name: open_places(getattr(wording, name)) for name in ("what", "expected", "do")}
    return {"code": code, "severity": message.severity.value, **words}


def _unknown(asked: str) -> str:
    near = get_close_matches(asked, CATALOGUE, 3, 0.6)
    areas = "、".join(dict.fromkeys(code.partition("-")[0] for code in CATALOGUE))
    meant = f"您是不是要找 {'、'.join(near)}？" if near else f"代码以这些字母开头：{areas}。"
    meant_en = f"did you mean {', '.join(near)}?" if near else "syncer explain lists them all."
    return f"没有代码 {asked}。{meant}不写代码可列出全部。/ no such code: {meant_en}"
