"""Choices (选项) as people write them: by alias, ticked in a printed line, with a remark behind, several in a list."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from syncer.core.lists import pieces
from syncer.core.model import Choice
from syncer.core.reading.readings import NOTHING, How, Reading, asked, noted, says_none, taken
from syncer.core.values import Scalar, fold, show, tidy

_TWO_WAYS = (("是", "否"), ("有", "无"))
_YES = ["是", "是的", "√", "✓", "✔", "☑", "✅", "y", "yes", "v", "有", "对", "已", "1", "true", "ok"]
_NO = ["否", "不是", "×", "✗", "✘", "❌", "x", "n", "no", "无", "没", "没有", "未", "0", "false"]
_TICKED, _UNTICKED = "☑✔✓√■●✅", "□☐○◯×✗✘"
_MARKS_AND_LABELS = re.compile(rf"[{_TICKED}{_UNTICKED}]|[^{_TICKED}{_UNTICKED}\s、,;/]+")
_NUMBERED = re.compile(r"^[\d０-９A-Za-z一二三四五六七八九十]{1,2}[.、．)）]\s*")
_REMARK = re.compile(r"[（(\[【][^（）()\[\]【】]*[)）\]】]$|[。.！!；;，,]+$")


class ChoiceList:
    """One option list with all the ways its choices may be written. ``ChoiceList(ledger.choices("工作状态"))``."""

    def __init__(self, choices: Iterable[Choice]) -> None:
        choices = tuple(choices)
        self._own = {choice.text for choice in choices}
        self._spellings: dict[str, str] = {}
        for choice in choices:
            self._spellings.setdefault(fold(choice.text), choice.text)
        for choice in choices:  # an alias never hides a choice's own wording
            for alias in choice.aliases:
                self._spellings.setdefault(fold(alias), choice.text)
        for pair in _TWO_WAYS:
            if {fold(text) for text in self._own} == set(pair):
                for text, ways in zip(pair, (_YES, _NO), strict=True):
                    for way in ways:
                        self._spellings.setdefault(way, text)
        self._listed = "、".join(dict.fromkeys(self._spellings.values()))[:200]

    def read(self, raw: Scalar) -> Reading:
        """Reads one choice. CELL-003: none of the list, CELL-013: a number that has lost its last 0, CELL-033: several."""
        if raw in self._own:
            return Reading(raw) if isinstance(raw, str) else Reading(show(raw), How.NORMALISED)
        typed = show(raw)
        if not self._spellings:
            return taken(tidy(typed), raw)
        if isinstance(raw, float) and self._find(f"{raw:g}0"):
            return asked(typed, "CELL-013")
        if choice := self._spellings.get(fold(typed)):
            return taken(choice, raw) if fold(choice) == fold(typed) else noted(choice)
        if choice := self._find(typed):
            return noted(choice)
        if ticked := self._ticked(typed):
            return noted(ticked[0]) if len(ticked) == 1 else asked(typed, "CELL-033", several="、".join(ticked))
        if says_none(typed):
            return NOTHING
        named = pieces(typed, self._find)
        if len(named) > 1 and all(piece.known for piece in named):
            return asked(typed, "CELL-033", several="、".join(str(piece.known) for piece in named))
        return asked(typed, "CELL-003", choices=self._listed)

    def read_several(self, raw: Scalar) -> Reading:
        """Reads a list of choices; one that is none of them makes the whole a question (CELL-003)."""
        typed = show(raw)
        if not self._spellings:
            return taken(tidy(typed), raw)
        if isinstance(raw, float) or says_none(typed) or self._spellings.get(fold(typed)):
            return self.read(raw)
        if ticked := self._ticked(typed):
            return noted("、".join(ticked))
        named = pieces(typed, self._find)
        if not named or not all(piece.known for piece in named):
            return asked(typed, "CELL-003", choices=self._listed)
        joined = "、".join(dict.fromkeys(str(piece.known) for piece in named))
        if all(piece.known and fold(piece.known) == fold(piece.text) for piece in named):
            return taken(joined, raw)
        return noted(joined)

    def _find(self, text: str) -> str | None:
        """Returns the choice a text names, maybe numbered (``2.推进中``) or with a remark behind (``已完成（3月）``)."""
        if choice := self._spellings.get(fold(text)):
            return choice
        bare = _REMARK.sub("", _NUMBERED.sub("", tidy(text)))
        return self._spellings.get(fold(bare)) if bare else None

    def _ticked(self, text: str) -> list[str]:
        """Returns what is ticked in a printed line such as ``☑ 是 □ 否``; nothing where it is no such line or unclear."""
        if len(text) > 200 or not set(text) & set(_TICKED + "(（[【"):
            return []
        line = re.sub(r"[(\[]\s*[)\]]", "□", unicodedata.normalize("NFKC", text))
        line = re.sub(rf"[(\[]\s*[{_TICKED}vxVX]\s*[)\]]", "☑", line)
        parts = _MARKS_AND_LABELS.findall(line)
        marks = [part for part in parts if part in _TICKED + _UNTICKED]
        labels = [self._spellings.get(fold(part)) for part in parts if part not in _TICKED + _UNTICKED]
        if not marks or not labels or not all(labels):
            return []
        behind = parts[0] not in marks
        if behind and parts[-1] not in marks:
            return []  # 是√否: whose is the mark?
        ordered = list(reversed(parts)) if behind else parts
        chosen: list[str] = []
        ticked = False
        for part in ordered:
            if part in _TICKED + _UNTICKED:
                ticked = part in _TICKED
            else:
                chosen += [self._spellings[fold(part)]] if ticked else []
                ticked = False
        return list(dict.fromkeys(reversed(chosen) if behind else chosen))
