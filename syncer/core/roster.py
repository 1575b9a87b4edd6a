"""Unit names as people write them: short, full, with the office's prefix, by alias, in lists, by group."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from syncer.core.lists import LONGEST_LIST, pieces
from syncer.core.model import Ledger, Unit
from syncer.core.values import fold

ALL_UNITS = frozenset({"全部", "所有单位", "各单位", "全体", "全体单位", "全局各单位"})
_EVERY = re.compile("各|全体|所有|全部")  # 各科室, 局属各支部: the group itself
_BUT = re.compile("除了|除.{1,30}外|以外|之外|除外|不含|不包括|不包含")
_REMARK = re.compile(r"[(\[【]([^()\[\]【】]*)[)\]】]")
_ROLE = re.compile(r"(?:牵头|主办|承办|协办|配合|责任|参与|参加|联合)(?:单位|科室|部门)?:")
_AND_OTHERS = re.compile(r"等(?P<count>\d+|[两二三四五六七八九十]+)?(?:个|家)?(?:单位|科室|部门|支部)?$")
_SMALL = {sign: number for number, sign in enumerate("一二三四五六七八九十", start=1)} | {"两": 2}


@dataclass(frozen=True, slots=True)
class UnitList:
    """What a cell that lists units comes to."""

    codes: tuple[str, ...] = ()  # in the order named, a group's members in roster order, none twice
    names: tuple[str, ...] = ()  # how the list is best written: short names, groups as typed
    unknown: tuple[str, ...] = ()  # names that nobody knows, as written
    open: str = ""  # what leaves open which units are meant: 办公室等, 除工会外
    altered: bool = False  # a remark in brackets was left out, or a merged unit became its successor


class Roster:
    """Finds units by any of their names. Names are compared folded; the office's own name in front is ignored."""

    def __init__(self, units: Iterable[Unit], office: str = "", former: Iterable[Unit] = ()) -> None:
        self.units = tuple(units)
        self._office = fold(office)
        self._codes: dict[str, str] = {}
        self._groups: dict[str, tuple[str, ...]] = {}
        self._former: set[str] = set()
        self._short = {unit.code: unit.short for unit in self.units}
        for unit in self.units:
            for name in (unit.short, unit.name, unit.code, *unit.aliases):
                self._codes.setdefault(self._key(name), unit.code)
            for group in dict.fromkeys(self._key(group) for group in (*unit.groups, unit.category) if group):
                self._groups[group] = (*self._groups.get(group, ()), unit.code)
        for unit in former:  # a merged unit's name means its successor
            heir = self._codes.get(self._key(unit.merged_into)) if unit.merged_into else None
            for name in (unit.short, unit.name, *unit.aliases):
                if heir and self._key(name) not in self._codes:
                    self._codes[self._key(name)] = heir
                    self._former.add(self._key(name))

    def _key(self, name: str) -> str:
        folded = fold(name)
        return folded.removeprefix(self._office) or folded if self._office else folded

    def find(self, name: str) -> str | None:
        """Returns the code of the one unit of this name, or ``None``."""
        key = self._key(name)
        return self._codes.get(key) if key else None

    def _named(self, name: str) -> tuple[str, ...] | None:
        """Returns the codes of the unit or group of this name (各科室, 局属各支部); ``None`` where there is none."""
        if (one := self.find(name)) is not None:
            return (one,)
        if fold(name) in ALL_UNITS:
            return tuple(unit.code for unit in self.units)
        return self._groups.get(self._key(name)) or self._groups.get(self._key(_EVERY.sub("", name)))

    def read_list(self, text: str) -> UnitList:
        """Returns what a cell such as ``宣传科（牵头）、局属各支部`` means; remarks in brackets are left out.

        ``办公室等`` and ``除工会外`` leave open who is meant. ``办公室、宣传科等2个科室`` does not: the number says that all
        are named.
        """
        if (one := self.find(text)) is not None:
            return UnitList((one,), (self._short[one],), altered=self._key(text) in self._former)
        plain = unicodedata.normalize("NFKC", text)
        if len(plain) > LONGEST_LIST or _BUT.search(plain):
            return UnitList(open=text.strip())
        bare = _ROLE.sub("", _REMARK.sub("", plain))
        altered = bare != plain
        codes: list[str] = []
        names: list[str] = []
        unknown: list[str] = []
        others = ""
        for piece in pieces(_AND_OTHERS.sub("", bare), self._named):
            if piece.known is None:
                unknown.append(piece.text)
                continue
            one = piece.known[0] if self.find(piece.text) else ""
            names.append(self._short[one] if one else piece.text)
            altered = altered or (bool(one) and self._key(piece.text) in self._former)
            codes += [code for code in piece.known if code not in codes]
        if (more := _AND_OTHERS.search(bare)) and _counted(more["count"]) != len(codes):
            others = text.strip()
        return UnitList(tuple(codes), tuple(dict.fromkeys(names)), tuple(unknown), others, altered)

    def expand(self, text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Returns (unit codes, unknown names) of a list such as ``宣传科、局属支部``.

        Codes stand in the order named, a group's members in roster order, none twice. ``全部`` means every unit. A list
        that leaves open who is meant (办公室等) is among the unknown as it was written.
        """
        found = self.read_list(text)
        return found.codes, (*found.unknown, *((found.open,) if found.open else ()))


def _counted(count: str | None) -> int:
    if not count:
        return 0
    return int(count) if count.isdecimal() else _SMALL.get(count, 0)


def roster_of(ledger: Ledger) -> Roster:
    """Returns the roster of a ledger, the names of merged units included."""
    return _roster(ledger.units, ledger.settings.office, ledger.former)


@lru_cache(maxsize=4)  # it is asked for at every turn, and of five hundred units it takes a while
def _roster(units: tuple[Unit, ...], office: str, former: tuple[Unit, ...]) -> Roster:
    return Roster(units, office, former)
