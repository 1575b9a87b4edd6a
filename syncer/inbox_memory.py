"""What is remembered of the inbox book between two passes: what our editions held, and what of her answers was not used."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from syncer.core.encode import Json, from_json, to_json
from syncer.core.inbox.answers import Entry, Unused
from syncer.workspace import Office

_KEY = "inbox"
_EDITIONS_KNOWN = 5  # whose content is remembered, for a window that was left open


@dataclass(frozen=True, slots=True)
class Edition:
    """One edition of ours: what stood in its rows where it was not blank, and which matters it listed."""

    number: int = 0
    sha256: str = ""
    shown: Mapping[str, Entry] = field(default_factory=dict)
    listed: tuple[str, ...] = ()
    appended: int = 0  # how many of those were put into the open book later, below its own

    def with_appended(self, names: tuple[str, ...]) -> Edition:
        """Returns it with matters that stand in the open book beside what it listed."""
        return replace(self, listed=(*self.listed, *names), appended=self.appended + len(names))

    @property
    def written(self) -> int:
        """How many matters stood in the file when it was made."""
        return len(self.listed) - self.appended


@dataclass(frozen=True, slots=True)
class Memory:
    """What is remembered of the book between two passes."""

    editions: tuple[Edition, ...] = ()  # newest last
    intent: Edition | None = None  # being written: on the disk, or not
    unused: Mapping[str, Unused] = field(default_factory=dict)
    columns: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    basis: str = ""  # of what the newest edition was made from, told without reading the rows

    @property
    def newest(self) -> Edition:
        """Returns the last edition written; a blank one before the first."""
        return self.editions[-1] if self.editions else Edition()

    def shown(self, number: int) -> Mapping[str, Entry]:
        """Returns what stood in an edition's rows; nothing where it is no longer known."""
        return next((e.shown for e in self.editions if e.number == number), {})

    def adopted(self) -> Memory:
        """Returns it with the edition that was being written counted as written."""
        if self.intent is None:
            return self
        return replace(self, editions=(*self.editions, self.intent)[-_EDITIONS_KNOWN:], intent=None)


def load_memory(office: Office) -> Memory:
    """Returns what was remembered last."""
    plain = json.loads(office.store.get(_KEY) or "{}")
    intent = plain.get("intent")
    return Memory(
        tuple(_edition(entry) for entry in plain.get("editions", ())),
        _edition(intent) if intent else None,
        {
            k: Unused(v["hint"], v["answer"], from_json(v["value"]), v["check"])
            for k, v in plain.get("unused", {}).items()
        },
        tuple(plain.get("columns", ())),
        tuple(plain.get("notices", ())),
        plain.get("basis", ""),
    )


def save_memory(office: Office, memory: Memory) -> None:
    """Remembers this until the next time."""
    plain = {
        "editions": [_edition_json(edition) for edition in memory.editions],
        "intent": _edition_json(memory.intent) if memory.intent else None,
        "unused": {
            k: {"hint": v.hint, "answer": v.answer, "value": to_json(v.value), "check": v.check}
            for k, v in memory.unused.items()
        },
        "columns": memory.columns,
        "notices": memory.notices,
        "basis": memory.basis,
    }
    office.store.set(_KEY, json.dumps(plain, ensure_ascii=False, separators=(",", ":")))


def _edition(plain: Json) -> Edition:
    shown = {
        name: Entry(e[0], from_json(e[1]), e[2], e[3], tuple((k, from_json(v)) for k, v in e[4]))
        for name, e in plain["shown"].items()
    }
    return Edition(plain["number"], plain["sha256"], shown, tuple(plain["listed"]), plain.get("appended", 0))


def _edition_json(edition: Edition) -> Json:
    shown = {
        name: [e.answer, to_json(e.value), e.undo, e.note, [[k, to_json(v)] for k, v in e.extra]]
        for name, e in edition.shown.items()
    }
    return {
        "number": edition.number,
        "sha256": edition.sha256,
        "shown": shown,
        "listed": edition.listed,
        "appended": edition.appended,
    }
