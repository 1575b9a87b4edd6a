"""Excel tables (Ctrl+T, 套用表格格式) that a person has made of a sheet: each says once more what its header cells say.

Where the two differ, Excel calls the file damaged. So a header that is written within a table is written there as well.
"""

from __future__ import annotations

from syncer.errors import RefusedError
from syncer.excel.package import Package
from syncer.excel.part_xml import document, parse_xml
from syncer.excel.sheet_xml import range_of


class Tables:
    """The tables of one worksheet. Rows and columns are 1-based."""

    def __init__(self, package: Package, sheet_part: str) -> None:
        self._roots = {part: parse_xml(package.read(part)) for part in package.related(sheet_part, "/table")}
        self._changed: set[str] = set()

    def parts(self) -> dict[str, bytes]:
        """Returns the parts of the tables in which a column was renamed."""
        return {part: document(self._roots[part]) for part in sorted(self._changed)}

    def is_header(self, row: int, at: int) -> bool:
        """Whether a cell is the header of a table's column."""
        return self._table(row, at) is not None

    def name(self, row: int, at: int, header: str) -> None:
        """Has the column of a table whose header stands in this cell be called so; nothing where that is no table's header.

        Raises:
            RefusedError: another one of that table is called so.
        """
        found = self._table(row, at)
        if found is None:
            return
        part, place = found
        columns = self._roots[part].findall("{*}tableColumns/{*}tableColumn")
        name = header.replace("\n", "_x000a_")  # as Excel writes it there
        if any(str(c.get("name")).casefold() == name.casefold() for n, c in enumerate(columns) if n != place):
            raise RefusedError(f"表格里已有叫“{header}”的列")
        columns[place].set("name", name)
        self._changed.add(part)

    def _table(self, row: int, at: int) -> tuple[str, int] | None:
        """The part of the table whose header a cell is, and which of its columns (from 0)."""
        for part, root in self._roots.items():
            top, left, _, right = range_of(root.get("ref", "A1"))
            if row == top and left <= at <= right and root.get("headerRowCount", "1") != "0":
                return part, at - left
        return None
