"""Cell contents as JSON and back, without losing their type."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from syncer.core.reading.rows import ReadRow
from syncer.core.values import CellError, Scalar

Json = Any


def to_json(value: Scalar) -> Json:
    """Returns a JSON value; what JSON has no type for becomes a one-key object."""
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
            return value


def from_json(value: Json) -> Scalar:
    """Undoes `to_json`."""
    if not isinstance(value, dict):
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
    return json.dumps({k: to_json(v) for k, v in sorted(cells.items())}, ensure_ascii=False, separators=(",", ":"))


def load_cells(text: str) -> dict[str, Scalar]:
    """Undoes `dump_cells`."""
    return {k: from_json(v) for k, v in json.loads(text).items()}


def dump_scalar(value: Scalar) -> str:
    """Returns one cell's content as JSON text."""
    return json.dumps(to_json(value), ensure_ascii=False)


def load_scalar(text: str) -> Scalar:
    """Undoes `dump_scalar`."""
    return from_json(json.loads(text))


def dump_row(row: ReadRow) -> str:
    """Returns a row as JSON text, as a question carries one that is held back."""
    raw, extra = ({k: to_json(v) for k, v in sorted(cells.items())} for cells in (row.raw, row.extra))
    plain = {"id": row.id, "row": row.row, "raw": raw, "extra": extra}
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":"))


def load_row(text: str) -> ReadRow:
    """Undoes `dump_row`."""
    plain = json.loads(text)
    raw, extra = ({k: from_json(v) for k, v in plain[name].items()} for name in ("raw", "extra"))
    return ReadRow(plain["id"], plain["row"], raw, extra)
