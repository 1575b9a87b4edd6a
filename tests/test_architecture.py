"""Arrows only downward: cli → commands → daemon → the flow (sync …) → excel, store, watch → core; and core is pure."""

from __future__ import annotations

import ast
import graphlib
import re
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MODULES = sorted((ROOT / "syncer").rglob("*.py"))

# Height of a module, by the first part of its name below `syncer`. What is not named here (sync, publish …) is the flow.
CORE, GROUND, ADAPTER, FLOW, DAEMON, COMMANDS, CLI, ENTRY = range(8)
HEIGHTS = {
    "": CORE,  # syncer/__init__.py
    "__version__": CORE,
    "core": CORE,
    "errors": GROUND,
    "fs": GROUND,
    "config": GROUND,
    "messages": GROUND,
    "resources": GROUND,
    "whereabouts": GROUND,
    "excel": ADAPTER,
    "store": ADAPTER,
    "watch": ADAPTER,
    "daemon": DAEMON,
    "commands": COMMANDS,
    "cli": CLI,
    "__main__": ENTRY,
}

# The parts of the standard library that compute and never look at files, clock, environment or network.
PURE = {
    "__future__", "array", "bisect", "calendar", "collections", "copy", "dataclasses", "datetime", "decimal", "difflib",
    "enum", "fractions", "functools", "graphlib", "hashlib", "heapq", "itertools", "json", "math", "numbers", "operator",
    "re", "statistics", "string", "textwrap", "types", "typing", "unicodedata", "zlib",
}  # fmt: skip
PURE_LIBRARIES = {"borax", "holidays", "cn2an"}
CLOCK = {"now", "today", "utcnow"}
WORLD = {"open", "print", "input", "exec", "eval", "breakpoint", "__import__"}


def name_of(path: Path) -> str:
    """`syncer/core/reading/rows.py` → `syncer.core.reading.rows`."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(source: str) -> Iterator[str]:
    """Yields every module a source imports, at the top or late; `from a import b` yields `a.b`, which may be a name in `a`."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=module, names=names, level=0):
                yield from (f"{module}.{alias.name}" for alias in names)
            case ast.ImportFrom():
                yield "a relative import"


class Untyped(ast.NodeTransformer):
    """Takes out what only type checkers import: a name in an annotation makes no ring at run time."""

    def visit_If(self, node: ast.If) -> ast.AST | None:
        return None if ast.unparse(node.test) == "TYPE_CHECKING" else self.generic_visit(node)


def part(module: str) -> str:
    return module.partition(".")[2].partition(".")[0]


def height(module: str) -> int:
    return HEIGHTS.get(part(module), FLOW)


def faults(module: str, source: str) -> list[str]:
    """Returns what this module imports or calls that it must not."""
    found = []
    for imported in imports(source):
        if imported == "a relative import":
            found.append("relative import: write the full name")
        elif imported.split(".")[0] == "syncer":
            beside = part(imported) == part(module) or height(imported) == height(module) in {GROUND, FLOW}
            if not beside and height(imported) >= height(module):
                found.append(f"imports {imported}, which is not below it")
        elif imported.split(".")[0] == "xlwings" and not fnmatch(module, "syncer.excel.live*"):
            found.append("imports xlwings: only syncer.excel.live* may")
        elif part(module) == "core" and imported.split(".")[0] not in PURE | PURE_LIBRARIES:
            found.append(f"core imports {imported}: it may reach the world (if it is pure, add it to PURE here)")
    if part(module) == "core":
        found += impure_calls(source)
    return found


def impure_calls(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(func=ast.Attribute(attr=attr)) if attr in CLOCK:
                yield f"line {node.lineno} asks the clock: {attr}()"
            case ast.Call(func=ast.Name(id=called)) if called in WORLD:
                yield f"line {node.lineno} calls {called}()"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_arrows_point_downward_and_core_is_pure(path: Path) -> None:
    assert not faults(name_of(path), path.read_text(encoding="utf-8"))


def test_no_module_imports_itself_by_way_of_others() -> None:
    names = {name_of(path) for path in MODULES}
    graph = {}
    for path in MODULES:
        found = imports(ast.unparse(Untyped().visit(ast.parse(path.read_text(encoding="utf-8")))))
        # a name in a module stands for the module; a package stands for itself, not for what it holds
        graph[name_of(path)] = {i if i in names else i.rpartition(".")[0] for i in found} & names - {name_of(path)}
    graphlib.TopologicalSorter(graph).prepare()  # raises CycleError, which names the ring


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("syncer.core.reading.rows", "import os"),
        ("syncer.core.reading.rows", "from pathlib import Path"),
        ("syncer.core.reading.rows", "def f():\n    import logging"),
        ("syncer.core.reading.rows", "import openpyxl"),
        ("syncer.core.reading.rows", "from syncer.errors import ConfigError"),
        ("syncer.core.reading.rows", "from datetime import datetime\nx = datetime.now()"),
        ("syncer.core.reading.rows", "import datetime\nx = datetime.date.today()"),
        ("syncer.core.reading.rows", "x = open('a')"),
        ("syncer.excel.reader", "from syncer.store import kept"),
        ("syncer.store.kept", "from syncer.watch.settle import x"),
        ("syncer.excel.reader", "from syncer import sync"),
        ("syncer.sync", "from syncer.daemon import run"),
        ("syncer.sync", "from syncer import commands"),
        ("syncer.daemon", "import syncer.cli"),
        ("syncer.commands.sync", "from syncer.cli import app"),
        ("syncer.errors", "from syncer.excel import reader"),
        ("syncer.excel.reader", "import xlwings as xw"),
        ("syncer.excel.reader", "from . import stamp"),
    ],
)
def test_an_arrow_upward_is_found(module: str, source: str) -> None:
    assert len(faults(module, source)) == 1


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("syncer.core.reading.rows", "import re\nfrom syncer.core.model import Row\nimport holidays"),
        (
            "syncer.excel.reader",
            "from syncer import __version__\nfrom syncer.core import cells\nfrom syncer.excel.stamp import x",
        ),
        ("syncer.excel.live_book", "import xlwings"),
        ("syncer.sync", "from syncer import publish\nfrom syncer.excel import reader\nfrom syncer.store import kept"),
        (
            "syncer.commands.run",
            "from syncer import daemon\nfrom syncer.commands import sync\nfrom syncer.config import Config",
        ),
        ("syncer.__main__", "from syncer.cli import main"),
    ],
)
def test_an_arrow_downward_is_not(module: str, source: str) -> None:
    assert faults(module, source) == []


def test_the_rows_of_the_ledger_are_written_in_one_module_only() -> None:
    writing = re.compile(r"\b(?:insert|update|delete)\(\s*t\.row\b|\bput\(\s*db,\s*t\.row\b")
    found = [path.name for path in MODULES if writing.search(path.read_text("utf-8"))]
    assert found == ["rows.py"]
