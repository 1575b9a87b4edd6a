"""What a person would write instead: the same workbooks through pandas and polars, told where the header stands.

Each peer is helped as far as a caller can help it: the sheet is found by its name, else by its header; the header is the row
that holds the most names of columns, or aliases of them, whatever stars and spaces are in them; blank rows are dropped; a CSV is
decoded for it, and its separator found. Then the library reads as it does by default.
"""

from __future__ import annotations

import csv
import importlib.util
import io
import logging
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, time
from pathlib import Path
from typing import Any

Names = Mapping[str, str]
"""Header, or an alias of it → the column's name."""

Rows = list[dict[str, Any]]
Peer = Callable[[Path, str, Names], Rows]

SEARCHED_ROWS = 100
ENCODINGS = ("utf-8-sig", "utf-16", "gb18030")


def with_pandas(path: Path, sheet: str, names: Names, engine: str) -> Rows:
    """pandas.read_excel, with its own types and its own list of what is blank."""
    import pandas as pd  # noqa: PLC0415 - our own reading children, whose memory is limited, import this module too

    if path.suffix == ".csv":
        text, separator = decoded(path)
        top = list(csv.reader(io.StringIO(text), delimiter=separator))
        frame = pd.read_csv(io.StringIO(text), sep=separator, header=header_row(top, names), skip_blank_lines=False)
    else:
        engine = "odf" if path.suffix == ".ods" and engine == "openpyxl" else engine
        engine = "xlrd" if path.suffix == ".xls" and engine == "openpyxl" else engine
        with pd.ExcelFile(path, engine=engine) as book:
            tabs = [sheet] if sheet in book.sheet_names else book.sheet_names
            tops = {tab: book.parse(tab, header=None, nrows=SEARCHED_ROWS, dtype=object) for tab in tabs}
            tab, at = header_place({tab: top.to_numpy().tolist() for tab, top in tops.items()}, names)
            frame = book.parse(tab, header=at)
    frame = frame.dropna(how="all")
    records = frame.astype(object).where(frame.notna(), None).to_dict("records")
    return [named({str(head): value for head, value in record.items()}, names) for record in records]


def with_polars(path: Path, sheet: str, names: Names) -> Rows:
    """polars.read_excel on its default engine: one type a column."""
    import fastexcel  # noqa: PLC0415 - as above, and of the extra ``bench``
    import polars as pl  # noqa: PLC0415

    logging.getLogger("fastexcel").setLevel(logging.ERROR)  # a line for each blank column
    if path.suffix == ".csv":
        text, separator = decoded(path)
        at = header_row(list(csv.reader(io.StringIO(text), delimiter=separator)), names)
        frame = pl.read_csv(
            text.encode(), separator=separator, skip_rows=at, infer_schema_length=None, truncate_ragged_lines=True
        )
    else:
        tabs = fastexcel.read_excel(path).sheet_names
        tabs = [sheet] if sheet in tabs else tabs
        options = {"n_rows": SEARCHED_ROWS, "header_row": None, "dtypes": "string"}
        plain_rows = {"has_header": False, "read_options": options, "drop_empty_rows": False, "raise_if_empty": False}
        tops = {tab: pl.read_excel(path, sheet_name=tab, **plain_rows).rows() for tab in tabs}
        tab, at = header_place(tops, names)
        frame = pl.read_excel(path, sheet_name=tab, read_options={"header_row": at})
    return [named(record, names) for record in frame.to_dicts() if any(value is not None for value in record.values())]


def decoded(path: Path) -> tuple[str, str]:
    """Returns a CSV's text and what separates its cells."""
    content = path.read_bytes()
    for encoding in ENCODINGS:
        try:
            text = content.decode(encoding)
        except UnicodeError:
            continue
        return text, max(",\t;", key=text.count)
    raise ValueError("no encoding fits")


def header_place(sheets: Mapping[str, Sequence[Sequence[Any]]], names: Names) -> tuple[str, int]:
    """Returns the sheet, and the 0-based row in it, where most names of columns stand."""
    places = [(tab, at) for tab, rows in sheets.items() for at in range(len(rows))]
    return max(places, key=lambda place: _names_in(sheets[place[0]][place[1]], names))


def header_row(rows: Sequence[Sequence[Any]], names: Names) -> int:
    """Returns the 0-based row in which most names of columns stand."""
    return header_place({"": rows}, names)[1]


def _names_in(cells: Sequence[Any], names: Names) -> int:
    return len({names[key] for cell in cells if (key := plain(cell)) in names})


def plain(head: Any) -> str:
    """Returns a header without white space, stars, colons and square brackets."""
    return re.sub(r"[\s*★：:【】]", "", head) if isinstance(head, str) else ""


def named(record: Mapping[str, Any], names: Names) -> dict[str, Any]:
    """Returns a row by the columns' names, blanks left out; a column that is none of ours under ``+`` and its header."""
    row: dict[str, Any] = {}
    for head, value in record.items():
        if value is not None and not (isinstance(value, str) and not value.strip()):
            row.setdefault(names.get(plain(head), f"+{head}"), typed(value))
    return row


def typed(value: Any) -> Any:
    """Returns a value of the standard library; midnight of a day is the day."""
    value = value.to_pydatetime() if hasattr(value, "to_pydatetime") else value
    value = value.item() if hasattr(value, "item") else value
    return value.date() if isinstance(value, datetime) and value.time() == time() else value


def pandas_openpyxl(path: Path, sheet: str, names: Names) -> Rows:
    """With openpyxl: .xlsx and .xlsm only, so other formats through the engines that pandas names for them."""
    return with_pandas(path, sheet, names, "openpyxl")


def pandas_calamine(path: Path, sheet: str, names: Names) -> Rows:
    """With calamine."""
    return with_pandas(path, sheet, names, "calamine")


PEERS: Mapping[str, tuple[Peer, tuple[str, ...]]] = {
    "pandas (openpyxl)": (pandas_openpyxl, ("pandas", "openpyxl")),
    "pandas (calamine)": (pandas_calamine, ("pandas", "python_calamine")),
    "polars (calamine)": (with_polars, ("polars", "fastexcel")),
}


def missing(modules: Sequence[str]) -> list[str]:
    """Returns what a peer needs and is not installed."""
    return [name for name in modules if importlib.util.find_spec(name) is None]
