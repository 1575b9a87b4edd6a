"""Whose a row is: unit names as other ledgers write them, with did-you-mean."""

from __future__ import annotations

import re
from collections.abc import Iterable

from syncer.core.adopting.likeness import likeness
from syncer.core.adopting.sureness import Sureness
from syncer.core.model import Ledger
from syncer.core.roster import Roster, roster_of
from syncer.core.values import fold, tidy

LONGEST_NAME = 24  # signs; what is longer is a sentence
LIKE_ENOUGH = 0.5  # below it nobody would think of the other name
SURELY_ALIKE = 0.72
_ROLE = re.compile(r"(牵头|责任|主办|配合|协助|协办|参与)(?:单位|科室|部门)?\s*[:：]")
_MARKED = re.compile(r"[(（]\s*(牵头|主办|配合|协助|协办)\s*[)）]")
_SUPPORTING = frozenset({"配合", "协助", "协办", "参与"})
_ENDING = re.compile(r"(?:科室|处室|科|处|室|办|股|部|中心|支部)$")
_EVERY = re.compile(r"^(?:各(?:有关)?|全体|所有|有关|相关)")


class UnitFinder:
    """Finds units by name, alias, or likeness, and takes lists of them apart."""

    def __init__(self, ledger: Ledger) -> None:
        self.roster: Roster = roster_of(ledger)
        self._names = [(name, u.code) for u in ledger.units for name in (u.short, u.name, *u.aliases)]
        self._known: dict[str, tuple[str, Sureness]] = {}
        self._order = {u.code: at for at, u in enumerate(ledger.units)}

    def propose(self, wording: str) -> tuple[str, Sureness]:
        """Returns the unit a wording most likely means and how sure that is; ``""`` where nobody comes near."""
        if wording not in self._known:
            self._known[wording] = self._propose(wording)
        return self._known[wording]

    def _propose(self, wording: str) -> tuple[str, Sureness]:
        if len(fold(wording)) > LONGEST_NAME:
            return "", Sureness.NONE
        if code := self.roster.find(wording):
            return code, Sureness.HIGH
        bare_name = _bare(wording)
        scores = [(max(likeness(wording, name), _stem_likeness(bare_name, name)), code) for name, code in self._names]
        scored = sorted(((score, -self._order[code], code) for score, code in scores), reverse=True)
        best = scored[0] if scored else (0.0, 0, "")
        rival = next((score for score, _, code in scored if code != best[2]), 0.0)
        if best[0] < LIKE_ENOUGH:
            return "", Sureness.NONE
        return best[2], Sureness.MIDDLE if best[0] >= SURELY_ALIKE and best[0] - rival > 0.1 else Sureness.LOW

    def whole(self, wording: str) -> tuple[str, ...]:
        """Returns the units that a wording names for certain: one, or a group's: ``各科室``, ``机关科室``; none if nobody."""
        codes, _ = self.roster.expand(wording)
        return codes or self.roster.expand(_EVERY.sub("", tidy(wording)))[0]

    def within(self, text: str) -> str:
        """Returns the unit whose name stands within a text, the longest name first: ``"宣传科3月台账"``; ``""`` if none."""
        folded = fold(text)
        found = [(len(fold(name)), code) for name, code in self._names if len(fold(name)) >= 2 and fold(name) in folded]
        return max(found, default=(0, ""))[1]

    def knows_some(self, text: str) -> bool:
        """Whether a cell names at least one unit or group of the roster, or a name much like one."""
        leads, supports = split_roles(text)
        parts = [*names_in(leads), *names_in(supports)]
        return any(self.whole(part) or self.propose(part)[1] is Sureness.MIDDLE for part in parts)


def split_roles(text: str) -> tuple[str, str]:
    """Returns (leads, supports) of one cell that may name both: ``"牵头：宣传科；配合：工会"``, ``"宣传科（牵头）、工会（配合）"``."""
    leads: list[str] = []
    supports: list[str] = []
    if _ROLE.search(text):
        pieces = _ROLE.split(text)
        leads.append(pieces[0])
        for role, names in zip(pieces[1::2], pieces[2::2], strict=True):
            (supports if role in _SUPPORTING else leads).append(names)
        return _joined(leads), _joined(supports)
    marks = [_MARKED.search(part) for part in names_in(text)]
    if any(marks):
        for part, mark in zip(names_in(text), marks, strict=True):
            (supports if mark and mark[1] in _SUPPORTING else leads).append(_MARKED.sub("", part))
        return _joined(leads), _joined(supports)
    return tidy(text), ""


def names_in(text: str) -> list[str]:
    """Returns the single names of a list, in order, none twice."""
    parts = re.split(r"[、，,；;/／\n\r\t|｜。]+|\s{2,}", text)
    return list(dict.fromkeys(name for part in parts if (name := tidy(part).strip("：:"))))


def _joined(parts: Iterable[str]) -> str:
    return "、".join(name for part in parts for name in names_in(part))


def _bare(name: str) -> str:
    return _ENDING.sub("", fold(name))


def _stem_likeness(stem: str, name: str) -> float:
    """How alike two names are without 科, 处, 室: sections are renamed so all the time."""
    other = _bare(name)
    if len(stem) < 2 or len(other) < 2:
        return 0.0
    return 0.9 * likeness(stem, other)
