"""What the columns of a sheet may be called in a header, and which column a header that is none of these may mean."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

from syncer.core.model import Column, Sheet
from syncer.core.values import fold

TAKEN_FROM = (
    0.75  # likeness from which the one column meant is taken, with a note (participants: 参与人数 for 参加人数)
)
HINT_FROM = 0.5  # likeness from which "did you mean" is worth saying
_CIRCLED = "".join(map(chr, range(0x2460, 0x2474)))  # ① to ⑳, which folding turns into figures
_HEADER_SIGNS = 40  # no longer text is a header
_REMEMBERED = 10_000  # texts of one sheet; most are the same in all workbooks

_DECORATION = re.compile(r"[*＊★※]|[(（\[【][^)）\]】]{0,12}[)）\]】]$")
_IN_BRACKETS = re.compile(r"\s*【([^【】]+)】[*＊★※:：\s]*")  # 【日期】: the brackets hold all of the name
_LEADING = re.compile(
    r"^(?:[(\[【][^)\]】]{0,12}[)\]】]|\d{1,2}[.、)](?!\d)|[一二三四五六七八九十]{1,3}[、.])|[:：。.]+$"
)
# Words of which a column has one or the other: headers that differ in them mean two things, however alike they are.
_OPPOSITES = tuple(
    re.compile(words)
    for words in (
        *("上周|本周|下周", "上月|本月|下月", "上年|本年|下年|去年|今年|明年", "上半年|下半年", "应|实", "男|女"),
        *("计划|实际|预计", "开始|结束|截止", "起|止", "前|后", "增|减", "收入|支出", "牵头|配合", "人数|人员|名单"),
        *("时间|地点", "单位|人", "编号|名称", "是|否", "总|人均", "年|季度|月|周|日", "一|二|三|四|五|六|七|八|九|十"),
        *("0|1|2|3|4|5|6|7|8|9",),
    )
)


def header_key(text: str) -> str:
    """Returns a header as it is compared: folded, without stars and a measure in brackets (``完成率（％）*`` → ``完成率``)."""
    return _undecorated(fold(text))


def _undecorated(folded: str) -> str:
    bare = _DECORATION.sub("", folded)
    return _DECORATION.sub("", bare) or folded


def _plain_key(folded: str) -> str:
    """Returns a folded header without a number or brackets before it and a colon after it: ``3.(必填)日期:`` → ``日期``."""
    bare = _undecorated(folded)
    for _ in range(3):
        bare = _LEADING.sub("", bare) or bare
    return _undecorated(bare)


@dataclass(frozen=True, slots=True)
class Named:
    """The column that a header names; the lower ``rank``, the plainer: 0 its own name, 1 an alias, 2 but for brackets."""

    code: str
    rank: int


class HeaderNames:
    """The ways to write the headers of one sheet."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.retired = frozenset(header_key(name) for c in sheet.retired for name in (c.name, *c.aliases))
        self._known = _spellings(sheet)
        self._signs = frozenset(sign for key in self._known for sign in key)
        self._seen: dict[tuple[str, ...], Named | None] = {}

    @property
    def count(self) -> int:
        """How many columns there are to be found."""
        return len(self.sheet.columns)

    def find(self, texts: Sequence[str]) -> Named | None:
        """Returns the column that a header names; ``texts`` are its levels, outermost first, its own text last.

        The levels together come first (上半年 over 数量 is 上半年数量; 完成 over 时限 is 完成时限), then fewer of them, then its own
        text alone.
        """
        key = tuple(texts)
        if key not in self._seen:
            if len(self._seen) >= _REMEMBERED:
                self._seen.clear()
            self._seen[key] = self._find(key)
        return self._seen[key]

    def _find(self, texts: tuple[str, ...]) -> Named | None:
        if (whole := _IN_BRACKETS.fullmatch(texts[-1])) and self._alone(whole[1]):
            texts = (*texts[:-1], whole[1])  # or, behind a group's name, it would be taken for a remark
        for first in range(len(texts)):
            joined = "".join(texts[first:])
            if len(joined) <= _HEADER_SIGNS and (named := self._alone(joined)):
                return named
        return None

    def _alone(self, text: str) -> Named | None:
        folded = fold(text.strip().lstrip(_CIRCLED) if text.strip(_CIRCLED) else text)
        if folded in self._known or self._signs.isdisjoint(folded):  # most cells below a header share no sign with it
            return self._known.get(folded)
        return self._known.get(_undecorated(folded)) or self._known.get(_plain_key(folded))

    def is_retired(self, text: str) -> bool:
        """Whether a header is that of a column that was retired."""
        return header_key(text) in self.retired


@lru_cache(maxsize=64)
def header_names(sheet: Sheet) -> HeaderNames:
    """Returns the ways to write the headers of a sheet, worked out once for all workbooks."""
    return HeaderNames(sheet)


def _spellings(sheet: Sheet) -> Mapping[str, Named]:
    """Columns by every way to write their headers: in full first, then bare of brackets where only one is meant."""
    known: dict[str, Named] = {}
    names = [(c.name, c.code) for c in sheet.columns]
    aliases = [(alias, c.code) for c in sheet.columns for alias in c.aliases]
    grouped = [(c.group + c.name, c.code) for c in sheet.columns if c.group]
    for rank, spellings in ((0, names), (1, aliases), (0, grouped)):
        for text, code in spellings:
            known.setdefault(fold(text), Named(code, rank))
    for key_of in (_undecorated, _plain_key):
        bare: dict[str, set[str]] = {}
        for text, code in (*names, *aliases):
            bare.setdefault(key_of(fold(text)), set()).add(code)
        for key, codes in bare.items():
            if len(codes) == 1:
                known.setdefault(key, Named(next(iter(codes)), 2))
    return known


# ---- did you mean


@dataclass(frozen=True, slots=True)
class Meant:
    """A header that names no column, the column it is most like, and how like, 0 to 1; ``sure``: nothing else comes near."""

    at: int
    code: str
    likeness: float
    sure: bool


def meant(columns: Collection[Column], headers: Mapping[int, str]) -> Iterator[Meant]:
    """Yields for missing columns the header that may mean it, best first; no header and no column twice.

    ``headers`` are those that name nothing, by physical column. Where two headers are about as like, nothing is sure.
    """
    pairs = sorted(_alike(columns, headers), key=lambda pair: (-pair.likeness, pair.at))
    used: set[str | int] = set()
    for pair in pairs:
        if pair.code in used or pair.at in used:
            continue
        used |= {pair.code, pair.at}
        rivals = [p for p in pairs if (p.at == pair.at) != (p.code == pair.code)]
        near = max((p.likeness for p in rivals), default=0.0)
        yield Meant(pair.at, pair.code, pair.likeness, pair.likeness >= TAKEN_FROM and near < pair.likeness - 0.1)


def _alike(columns: Iterable[Column], headers: Mapping[int, str]) -> Iterator[Meant]:
    keys = {at: _plain_key(fold(text)) for at, text in headers.items() if len(text) <= _HEADER_SIGNS}
    signs = {at: set(key) for at, key in keys.items()}
    for column in columns:
        spellings = {_plain_key(fold(name)) for name in (column.name, *column.aliases)}
        for at, key in keys.items():
            # Most of 16,384 headers share no sign with it: the exact figure is not worth having.
            near = [s for s in spellings if 4 * len(signs[at] & set(s)) >= len(key) + len(s) - 1]
            best = max((likeness(key, s) for s in near), default=0.0)
            if best >= HINT_FROM:
                yield Meant(at, column.code, best, sure=False)


def likeness(one: str, other: str) -> float:
    """Returns how like two folded headers are, 0 to 1; 0 where they differ in words of opposite meaning (上周, 本周)."""
    if any(_differ(words.findall(one), words.findall(other)) for words in _OPPOSITES):
        return 0.0
    return SequenceMatcher(None, one, other, autojunk=False).ratio()


def _differ(one: Sequence[str], other: Sequence[str]) -> bool:
    return bool(one and other) and sorted(one) != sorted(other)
