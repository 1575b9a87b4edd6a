"""Whoever writes a file is in the matrix: a new writer fails here until it has an entry in `tests.safety.kinds`."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import syncer
from tests.safety.kinds import BOOKS, OTHERS, TEXTS

PACKAGE = Path(syncer.__file__).parent
MAKERS = {
    "InertBook",
    "open_workbook",
    "patch_cells",
    "patch_sheet",
    "rebuild",
    "evolve",
    "write_unit_book",
    "DocxTemplate",
}
LIBRARIES = {"xlsxwriter", "docx", "jinja2"}


def writes(source: str) -> Iterator[str]:
    """Yields why a module makes bytes of files that somebody opens; nothing if it does not."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.ImportFrom(module=module, names=names):
                yield from (f"imports {name.name}" for name in names if name.name in MAKERS)
                if (module or "").partition(".")[0] in LIBRARIES:
                    yield f"imports {module}"
            case ast.Import(names=names):
                yield from (f"imports {name.name}" for name in names if name.name.partition(".")[0] in LIBRARIES)
            case ast.Attribute(attr="writer" | "DictWriter", value=ast.Name(id="csv")):
                yield f"line {node.lineno} writes csv"
            case ast.Call(func=ast.Attribute(attr="write", value=value)) if "disk" in ast.unparse(value):
                yield f"line {node.lineno} writes a file"


def test_every_module_that_writes_files_is_in_the_matrix() -> None:
    known = OTHERS.keys() | set().union(*(kind.modules for kind in BOOKS.values()), *TEXTS.values())
    found = {
        ".".join(path.relative_to(PACKAGE).with_suffix("").parts): reason
        for path in PACKAGE.rglob("*.py")
        for reason in writes(path.read_text(encoding="utf-8"))
    }
    assert {name: reason for name, reason in found.items() if name not in known} == {}
    assert known - found.keys() == set(), "these do not write any more"


def test_a_module_that_makes_a_workbook_in_whatever_way_is_noticed() -> None:
    assert list(writes("import xlsxwriter"))
    assert list(writes("import csv\ncsv.writer(stream)"))
    assert list(writes("from syncer.excel.writing import open_workbook"))
    assert list(writes("self.office.disk.write(target, data)"))
    assert not list(writes("from syncer.excel.reading import Readers\nstream.write(b'')"))
