"""Cell contents as JSON and back, without losing their type."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from syncer.core.reading.rows import ReadRow
from syncer.core.values import CellError, Scalar

Json = Any
_KEPT_AS_IT_IS = frozenset({str, int, float, bool, type(None)})


def to_json(value: Scalar) -> Json:
    """Returns a JSON value; what JSON has no type for becomes a one-key object."""
    return value if value.__class__ in _KEPT_AS_IT_IS else _as_object(value)


def _as_object(value: Any) -> Json:
    match value:
        case datetime():
            return {"dt": value.isoformat()}
        case date():
            return {"d": value.isoformat()}
        case time():
            return {"t": value.isoformat()}
        case timedelta():
            return {"s": value.total_seconds()}
        case CellError(text):
            return {"e": text}
        case _:
            raise TypeError(f"{type(value).__name__} cannot be kept as JSON")


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_as_object).encode
"""JSON text of plain data that may hold cells' contents: C all the way, for most cells are text."""


_encode_spaced = json.JSONEncoder(ensure_ascii=False, default=_as_object).encode
"""The same with the spaces that single cells have always been kept with: texts of equal cells are equal."""


def from_json(value: Json) -> Scalar:
    """Undoes `to_json`."""
    if value.__class__ is not dict:
        return value  # type: ignore[no-any-return]
    ((kind, content),) = value.items()
    match kind:
        case "dt":
            return datetime.fromisoformat(content)
        case "d":
            return date.fromisoformat(content)
        case "t":
            return time.fromisoformat(content)
        case "s":
            return timedelta(seconds=content)
        case _:
            return CellError(content)


def dump_cells(cells: Mapping[str, Scalar]) -> str:
    """Returns cells by name as one JSON text, keys sorted."""
    return _encode(dict(sorted(cells.items()))) if cells else "{}"


def load_cells(text: str) -> dict[str, Scalar]:
    """Undoes `dump_cells`."""
    return {} if text == "{}" else plain_cells(json.loads(text))


def plain_cells(cells: dict[str, Json]) -> dict[str, Scalar]:
    """Returns cells by name from what `dump_json` and `dump_cells` made of them."""
    for name, value in cells.items():
        if value.__class__ is dict:
            cells[name] = from_json(value)
    return cells


def dump_json(plain: Json) -> str:
    """Returns JSON text of plain data in which cells' contents may stand as they are."""
    return _encode(plain)


def dump_scalar(value: Scalar) -> str:
    """Returns one cell's content as JSON text."""
    return "null" if value is None else _encode_spaced(value)


def load_scalar(text: str) -> Scalar:
    """Undoes `dump_scalar`."""
    return from_json(json.loads(text))


def dump_row(row: ReadRow) -> str:
    """Returns a row as JSON text, as a question carries one that is held back."""
    raw, extra = (dict(sorted(cells.items())) for cells in (row.raw, row.extra))
    return _encode({"id": row.id, "row": row.row, "raw": raw, "extra": extra})


def load_row(text: str) -> ReadRow:
    """Undoes `dump_row`."""
    plain = json.loads(text)
    return ReadRow(plain["id"], plain["row"], plain_cells(plain["raw"]), plain_cells(plain["extra"]))
