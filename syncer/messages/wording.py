"""One message in two languages: what was found, what was expected, what to do next."""

from __future__ import annotations

from dataclasses import dataclass

from syncer.core.problems import Severity

LANGUAGES = ("zh_CN", "en")
NOTE, WARN, ERROR = Severity.NOTE, Severity.WARNING, Severity.ERROR


@dataclass(frozen=True, slots=True)
class Wording:
    """One message in one language: what was found, what was expected, what to do next."""

    what: str
    expected: str
    do: str


@dataclass(frozen=True, slots=True)
class Message:
    """One entry of the catalogue."""

    severity: Severity
    zh: Wording
    en: Wording


def entry(severity: Severity, zh: tuple[str, str, str], en: tuple[str, str, str]) -> Message:
    """Returns a message from its wordings: what, expected, do."""
    return Message(severity, Wording(*zh), Wording(*en))
