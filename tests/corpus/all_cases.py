"""All workbooks of the corpus, and the files they make."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from syncer.core.model import Ledger
from tests.corpus.converting import convert
from tests.corpus.families import columns, files, issued, layouts, parts, values
from tests.corpus.page import Case

FAMILIES: tuple[Callable[[Ledger], Iterator[Case]], ...] = (
    layouts.headers,
    layouts.bodies,
    layouts.plain_texts,
    columns.columns,
    values.values,
    parts.parts,
    parts.contents,
    issued.issued,
    files.files,
)


def all_cases(ledger: Ledger) -> dict[str, Case]:
    """Returns the cases by name, in a fixed order."""
    return {case.name: case for family in FAMILIES for case in family(ledger)}


def make(cases: dict[str, Case], room: Path) -> dict[str, Path]:
    """Writes the workbooks, each under its own name in a folder of its own; those of LibreOffice only where it is there."""
    made: dict[str, Path] = {}
    for name, case in cases.items():
        target = room / name / case.file
        target.parent.mkdir(parents=True, exist_ok=True)
        source = target if not case.saved_as else room / "sources" / f"{name}{target.suffix}"
        source.parent.mkdir(exist_ok=True)
        case.write(source)
        made[name] = source
    for ending in ("xlsx", "xls", "ods"):
        asked = {name: path for name, path in made.items() if cases[name].saved_as == ending}
        saved = convert(asked, ending, room)
        for name in asked:
            del made[name]
            if name in saved:
                made[name] = saved[name].rename(room / name / Path(cases[name].file).with_suffix(f".{ending}"))
    return made
