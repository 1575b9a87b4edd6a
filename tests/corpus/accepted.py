"""The expected readings beside the corpus: one text a family, one paragraph a workbook."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from pathlib import Path

from tests.corpus.page import Case

FOLDER = Path(__file__).with_name("expected")
_HEAD = "== "


def load() -> dict[str, str]:
    """Returns the accepted readings by the workbook's name."""
    found: dict[str, str] = {}
    for path in sorted(FOLDER.glob("*.txt")):
        for paragraph in path.read_text(encoding="utf-8").split(f"\n{_HEAD}"):
            text = paragraph if paragraph.startswith(_HEAD) else _HEAD + paragraph
            found[text.split()[1]] = text.rstrip("\n") + "\n"
    return found


def keep(cases: Mapping[str, Case], accepted: Mapping[str, str]) -> None:
    """Writes the accepted readings, one file a family."""
    FOLDER.mkdir(exist_ok=True)
    for family, members in groupby(cases.values(), lambda case: case.family):
        texts = [accepted[case.name] for case in members if case.name in accepted]
        (FOLDER / f"{family}.txt").write_text("\n".join(texts), encoding="utf-8")
