"""What the coordinator may answer to each kind of question: the words of the dropdown, and what they take."""

from __future__ import annotations

from collections.abc import Mapping

from syncer.core.values import fold

_CELL = {"保留原内容": "current", "改用新内容": "incoming", "恢复上次": "base", "另填": "value"}
_AGREE = {"同意": "accept", "不同意": "reject"}
_ROW = {"确认删除": "accept", "恢复": "reject"}
_FILE = {"接受文件": "accept", "拒绝": "reject"}

CHOICES: Mapping[str, Mapping[str, str]] = {
    "conflict": _CELL,
    "mass": {"保留原内容": "current", "改用新内容": "incoming"},
    "proposal": {**_AGREE, "另填": "value"},
    "vanished": _ROW,
    "revived": {"恢复": "accept", "确认删除": "reject"},
    "duplicate": _AGREE,
    "withdrawn": {},
    "refused": {"知道了": "reject"},  # it cannot be read, or is of another ledger: nobody can let it in
    "doubted": _FILE,
    "unplaced": {"另填": "value", "拒绝": "reject"},  # and the likely units by name, see `InboxLine.offers`
    "backup": _FILE,
    "lost": {"放回最近一版": "accept", "知道了": "reject"},
    "contradiction": {"知道了": "accept"},
    "typed": _AGREE,
    "template": _AGREE,
    "weekly": {"定稿": "accept"},
    "restore": {"恢复": "accept", "保留原内容": "reject"},
}
"""Kind of question → word in the dropdown → what is taken."""

TAKES = ("current", "incoming", "base", "accept", "reject")  # all but ``value``

_SYNONYMS = {"current": "reject", "incoming": "accept"}


def take_of(kind: str, word: str) -> str:
    """Returns what a word of the dropdown takes for this kind; ``""`` where it is none of its words."""
    return next((take for said, take in CHOICES.get(kind, {}).items() if fold(said) == fold(word)), "")


def fitting(kind: str, take: str) -> str:
    """Returns ``take`` (current, incoming, base, value, accept, reject) as this kind knows it; ``""`` if it has no such answer.

    To keep what stands is to reject and to use what came is to accept, so ``current`` and ``incoming`` fit every kind
    but the vanished rows, where what came is the deletion: ``incoming`` accepts it there too.
    """
    known = set(CHOICES.get(kind, {}).values())
    for name in (take, _SYNONYMS.get(take, ""), next((k for k, v in _SYNONYMS.items() if v == take), "")):
        if name and name in known:
            return name
    return ""


def taken(kind: str, text: str) -> tuple[str, str]:
    """Returns (take, value) for what somebody typed as an answer: a take, a word of the dropdown, or else a value of her own.

    ``taken("proposal", "同意")`` → ``("accept", "")``; ``taken("conflict", "85%")`` → ``("value", "85%")``. ``("", "")`` where
    the kind has no such answer; 另填 alone is none.
    """
    take = take_of(kind, text) or (fitting(kind, text) if text in TAKES else "")
    if take and take != "value":
        return take, ""
    own = "value" in CHOICES.get(kind, {}).values() and not take and text not in TAKES and text.strip()
    return ("value", text) if own else ("", "")


def word_of(kind: str, take: str) -> str:
    """Returns the word of the dropdown for what was taken; ``take`` itself where there is none."""
    return next((word for word, taken in CHOICES.get(kind, {}).items() if taken == take), take)
