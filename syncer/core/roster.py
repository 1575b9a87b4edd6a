"""Unit names as people write them: short, full, with the office's prefix, by alias, in lists, by group."""

from __future__ import annotations

import re
from collections.abc import Iterable

from syncer.core.model import Ledger, Unit
from syncer.core.values import fold

_SEPARATORS = re.compile(r"[、，,；;/／\n\r\t|｜]+|\s{2,}")
ALL_UNITS = frozenset({"全部", "所有单位", "各单位", "全体"})


class Roster:
    """Finds units by any of their names. Names are compared folded; the office's own name in front is ignored."""

    def __init__(self, units: Iterable[Unit], office: str = "", former: Iterable[Unit] = ()) -> None:
        self.units = tuple(units)
        self._office = fold(office)
        self._codes: dict[str, str] = {}
        self._groups: dict[str, list[str]] = {}
        for unit in self.units:
            for name in (unit.short, unit.name, unit.code, *unit.aliases):
                self._codes.setdefault(self._key(name), unit.code)
            for group in (*unit.groups, unit.category):
                if group:
                    members = self._groups.setdefault(self._key(group), [])
                    if unit.code not in members:
                        members.append(unit.code)
        for unit in former:  # a merged unit's name means its successor
            heir = self._codes.get(self._key(unit.merged_into)) if unit.merged_into else None
            for name in (unit.short, unit.name, *unit.aliases):
                if heir:
                    self._codes.setdefault(self._key(name), heir)

    def _key(self, name: str) -> str:
        folded = fold(name)
        return folded.removeprefix(self._office) or folded if self._office else folded

    def find(self, name: str) -> str | None:
        """Returns the code of the one unit of this name, or ``None``."""
        key = self._key(name)
        return self._codes.get(key) if key else None

    def expand(self, text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Returns (unit codes, unknown names) of a list such as ``宣传科、局属支部``.

        Codes stand in the order named, a group's members in roster order, none twice. ``全部`` means every unit.
        """
        codes: list[str] = []
        unknown: list[str] = []
        for part in filter(None, (p.strip() for p in _SEPARATORS.split(text))):
            if fold(part) in ALL_UNITS:
                found = [unit.code for unit in self.units]
            elif (one := self.find(part)) is not None:
                found = [one]
            else:
                found = self._groups.get(self._key(part), [])
            if not found:
                unknown.append(part)
            codes.extend(code for code in found if code not in codes)
        return tuple(codes), tuple(unknown)


def roster_of(ledger: Ledger) -> Roster:
    """Returns the roster of a ledger, the names of merged units included."""
    return Roster(ledger.units, ledger.settings.office, ledger.former)
