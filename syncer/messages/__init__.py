"""The one catalogue of what the program says of data: what is wrong, what was expected, what to do; Chinese and English.

Wordings may use ``{found}``, ``{column}``, ``{key}``, ``{sheet}``, ``{file}``, ``{cell}`` and the facts of the problem. The entries
stand in a module an area.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from syncer.core.problems import Problem, Severity
from syncer.core.texts import line_text
from syncer.core.values import fold
from syncer.messages.adopting import ADOPTING
from syncer.messages.cells import CELLS
from syncer.messages.checks import CHECKS
from syncer.messages.files import FILES
from syncer.messages.our_own import OUR_OWN
from syncer.messages.received import RECEIVED
from syncer.messages.settings import SETTINGS
from syncer.messages.sheets import SHEETS
from syncer.messages.wording import LANGUAGES, Message, Wording

__all__ = ["CATALOGUE", "LANGUAGES", "Message", "Spoken", "Wording", "in_full", "line", "severity_of", "speak"]

_MOST_QUOTED = 200  # signs of a cell in one line

CATALOGUE: Mapping[str, Message] = {**FILES, **RECEIVED, **SHEETS, **CELLS, **CHECKS, **SETTINGS, **ADOPTING, **OUR_OWN}


def severity_of(problem: Problem) -> Severity:
    """Returns how much a problem matters."""
    return CATALOGUE[problem.code].severity


@dataclass(frozen=True, slots=True)
class Spoken:
    """A problem in words."""

    what: str
    expected: str
    do: str
    severity: Severity
    where: str


class _Facts(dict[str, str]):
    """What a wording may name. A problem recorded by an older program may lack a fact that newer words mention."""

    def __missing__(self, name: str) -> str:
        return "…"


def speak(problem: Problem, language: str = "zh_CN") -> Spoken:
    """Puts a problem into words: ``where`` is ``宣传科.xlsx › 材料目录!E17``."""
    message = CATALOGUE[problem.code]
    wording = message.en if language == "en" else message.zh
    facts = _Facts(
        {
            "found": problem.found,
            "column": problem.column,
            "key": problem.row_key,
            "sheet": problem.place.sheet,
            "file": problem.place.file,
            "cell": problem.place.cell,
            **dict(problem.facts),
        }
    )
    where = problem.place.file
    if problem.place.sheet:
        inside = problem.place.sheet + (f"!{problem.place.cell}" if problem.place.cell else "")
        where = f"{where} › {inside}" if where else inside
    return Spoken(
        wording.what.format_map(facts),
        wording.expected.format_map(facts),
        wording.do.format_map(facts),
        message.severity,
        where,
    )


def in_full(spoken: Spoken) -> str:
    """Returns what is wrong and, where that says more, what was expected."""
    if fold(spoken.expected) in fold(f"{spoken.what}\n{spoken.do}"):
        return spoken.what
    return f"{spoken.what}（应为：{spoken.expected}）"


def line(problem: Problem, language: str = "zh_CN") -> str:
    """Returns one printable line: ``CODE where（row · column）：“found” what（应为：expected）。do``."""
    spoken = speak(problem, language)
    message = CATALOGUE[problem.code]
    named = " · ".join(part for part in (problem.row_key, problem.column) if part)
    quoted = problem.found if len(problem.found) <= _MOST_QUOTED else problem.found[:_MOST_QUOTED] + "…"
    found = f"“{quoted}” " if problem.found and "{found}" not in message.zh.what else ""
    if language == "en":
        key = f" ({named})" if named else ""
        said = f"{spoken.what}; expected: {spoken.expected}. {spoken.do}"
        return line_text(f"{problem.code} {spoken.where}{key}: {found}{said}")
    key = f"（{named}）" if named else ""
    return line_text(f"{problem.code} {spoken.where}{key}：{found}{in_full(spoken)}。{spoken.do}")
