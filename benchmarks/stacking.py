"""What an office would run instead, as a whole process: read every data sheet of every workbook, stack, write one table.

    python -m benchmarks.stacking pandas-openpyxl FOLDER OUT.xlsx 任务清单,活动台账

Nothing is checked, merged, remembered or traced to its cell; at every change all of it is done again. Each peer is told which
sheets to read and in which row their header stands.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path

FILE, SHEET = "来源文件", "工作表"  # the columns that say where a row came from
HEADER_ROW = 4

Stack = Callable[[Sequence[Path], Path, Sequence[str]], None]


def pandas_openpyxl(books: Sequence[Path], target: Path, sheets: Sequence[str]) -> None:
    """The script that everybody writes."""
    _with_pandas(books, target, sheets, "openpyxl", "openpyxl")


def pandas_calamine(books: Sequence[Path], target: Path, sheets: Sequence[str]) -> None:
    """The same script, tuned: the fastest engines pandas knows."""
    _with_pandas(books, target, sheets, "calamine", "xlsxwriter")


def _with_pandas(books: Sequence[Path], target: Path, sheets: Sequence[str], reads: str, writes: str) -> None:
    pd = import_module("pandas")  # a peer loads what it needs, no more

    frames = []
    for book in books:
        tables = pd.read_excel(book, sheet_name=list(sheets), header=HEADER_ROW - 1, engine=reads, dtype=object)
        for name, frame in tables.items():
            frames.append(frame.assign(**{FILE: book.name, SHEET: name}))
    pd.concat(frames, ignore_index=True).to_excel(target, index=False, engine=writes)


def polars_calamine(books: Sequence[Path], target: Path, sheets: Sequence[str]) -> None:
    """The fastest well-known stack: polars reads by calamine (everything as text, or two books' columns would not fit)."""
    pl = import_module("polars")

    frames = []
    for book in books:
        options = {"header_row": HEADER_ROW - 1}
        tables = pl.read_excel(
            book, sheet_name=list(sheets), engine="calamine", infer_schema_length=0, read_options=options
        )
        frames += [
            table.with_columns(pl.lit(book.name).alias(FILE), pl.lit(name).alias(SHEET))
            for name, table in tables.items()
        ]
    pl.concat(frames, how="diagonal_relaxed").write_excel(target)


PEERS: Mapping[str, tuple[Stack, str, tuple[str, ...]]] = {
    "pandas-openpyxl": (pandas_openpyxl, "pandas (openpyxl → openpyxl)", ("pandas", "openpyxl")),
    "pandas-calamine": (pandas_calamine, "pandas (calamine → XlsxWriter)", ("pandas", "python_calamine", "xlsxwriter")),
    "polars-calamine": (polars_calamine, "polars (calamine → XlsxWriter)", ("polars", "fastexcel", "xlsxwriter")),
}
"""Name → how it stacks, what it is called in the table, the modules that it needs."""


def main(peer: str, folder: str, target: str, sheets: str) -> None:
    """Stacks all workbooks of a folder."""
    stack, _, _ = PEERS[peer]
    stack(sorted(Path(folder).glob("*.xlsx")), Path(target), sheets.split(","))


if __name__ == "__main__":
    main(*sys.argv[1:])
