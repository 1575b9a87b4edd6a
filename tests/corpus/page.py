"""The nouns of the corpus: what stands in a cell, a worksheet as laid out, and a workbook with what its writer meant."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from syncer.core.values import CellError, Scalar


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula and the result the file keeps; without one no program has computed it yet."""

    text: str
    result: Scalar = None


@dataclass(frozen=True, slots=True)
class Shown:
    """A value under a number format of its own: 0.95 that shows as 95%."""

    value: Scalar
    number_format: str


@dataclass(frozen=True, slots=True)
class Rich:
    """A text in several fonts."""

    runs: tuple[str, ...]


Content = Scalar | Formula | Shown | Rich


@dataclass(frozen=True, slots=True)
class Asked:
    """What nobody can know for her: it is kept as typed, and she is asked."""

    typed: Scalar


Meant = Scalar | Asked


@dataclass(frozen=True, slots=True)
class Typed:
    """A cell as it was typed, where that is not what was meant."""

    typed: Content
    meant: Meant


Record = Mapping[str, Content | Typed]
"""One row as its writer has it in mind: by the schema's column name; in a column of her own, ``+`` and its header."""


@dataclass(slots=True)
class Page:
    """One worksheet as laid out, row 1 first. Rows and columns are 1-based."""

    name: str
    rows: list[list[Content]] = field(default_factory=list)
    merges: list[tuple[int, int, int, int]] = field(
        default_factory=list
    )  # first row, first column, last row, last column
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    filtered: tuple[int, int, int, int] | None = None  # the range of an autofilter
    hidden: bool = False

    def put(self, row: int, column: int, content: Content) -> None:
        """Puts a content into a cell, wherever that is."""
        while len(self.rows) < row:
            self.rows.append([])
        cells = self.rows[row - 1]
        cells.extend([None] * (column - len(cells)))
        cells[column - 1] = content


Rows = Sequence[Mapping[str, Meant]]


@dataclass(frozen=True, slots=True)
class Case:
    """One workbook of the corpus. ``meant``: sheet name → its rows as meant, blanks left out; of other sheets nothing is said.

    ``refused`` is the code with which the whole file is refused, where that is what is right.
    """

    name: str  # family and number
    says: str  # what is odd about it, in a line
    write: Callable[[Path], None]
    meant: Mapping[str, Rows] = field(default_factory=dict)
    file: str = "办公室.xlsx"
    saved_as: str = ""  # LibreOffice saves it once more: xlsx, xls, ods
    refused: str = ""
    asked: str = ""  # why it is right that something is not read as meant, but asked
    header_row: int = 0  # where the last row of the header stands, for readers that have to be told

    @property
    def family(self) -> str:
        """The first part of the name."""
        return self.name.rpartition("-")[0]


def meaning(records: Sequence[Record]) -> tuple[dict[str, Meant], ...]:
    """Returns records as meant."""
    return tuple(
        {name: value for name, cell in record.items() if (value := meant_by(cell)) is not None} for record in records
    )


def meant_by(cell: Content | Typed) -> Meant:
    """Returns what a cell means; that of one which is as it should be is its value."""
    match cell:
        case Typed(_, meant):
            return meant
        case Formula(_, result):
            return Asked(result) if isinstance(result, CellError) else result
        case Shown(value, _):
            return value
        case Rich(runs):
            return "".join(runs)
        case CellError():
            return Asked(cell)
        case _:
            return cell


def typed_in(cell: Content | Typed) -> Content:
    """Returns what stands in the cell."""
    return cell.typed if isinstance(cell, Typed) else cell
