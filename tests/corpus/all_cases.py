"""All workbooks of the corpus, and the files they make."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from syncer.core.model import Ledger
from tests.corpus.converting import convert
from tests.corpus.families import columns, files, issued, layouts, parts, values
from tests.corpus.page import Case

ENDINGS = ("xlsx", "xls", "ods")
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
    sources = {ending: {n: p for n, p in made.items() if cases[n].saved_as == ending} for ending in ENDINGS}
    with ThreadPoolExecutor(len(ENDINGS)) as office:
        saved = dict(
            zip(ENDINGS, office.map(lambda ending: convert(sources[ending], ending, room), ENDINGS), strict=True)
        )
    for ending, paths in saved.items():
        for name in sources[ending]:
            del made[name]
            if name in paths:
                made[name] = paths[name].rename(room / name / Path(cases[name].file).with_suffix(f".{ending}"))
    return made
