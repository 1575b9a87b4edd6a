"""Where the binary formats (.xls and .xlsb) hold an error value: calamine gives those cells as blank ones.

Both hold a result with every formula, so that none is left uncomputed. Sources: Microsoft's [MS-CFB], [MS-XLS] and [MS-XLSB].
"""

from __future__ import annotations

import itertools
import struct
import zipfile
from collections.abc import Iterator, Sequence

from syncer.core.values import CellError
from syncer.excel.marks import Cell, Marks, relations, workbook_part

_ERROR_NAMES = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A",
    0x2B: "#GETTING_DATA",
}  # fmt: skip
_Errors = dict[Cell, CellError]


def _error(code: int) -> CellError:
    return CellError(_ERROR_NAMES.get(code, "#N/A"))


# ---- .xls: records of the stream "Workbook" in a compound file

_FILE_PASS = 0x002F  # what follows it is encrypted
_BOUNDSHEET, _BOF, _BOOLERR, _FORMULA = 0x0085, 0x0809, 0x0205, 0x0006
_END = 0x000A  # of the book's own records, of a sheet, of a chart within it
_SECTOR_SHIFTS = frozenset({9, 12})
_FREE_SECTOR = 0xFFFFFFFA  # from here on a sector number means something else


def xls_marks(content: bytes, names: Sequence[str]) -> dict[str, Marks]:
    """Returns the error values of an .xls book by sheet name (``names``: of all its sheets, in their order).

    Raises ``ValueError`` where its structure does not hold.
    """
    try:
        stream = _workbook_stream(content)
        starts = list(_sheet_starts(stream))
        return {name: Marks(_xls_errors(stream, start)) for name, start in zip(names, starts, strict=True)}
    except (struct.error, IndexError, UnicodeDecodeError) as error:
        raise ValueError("xls") from error


def has_password(content: bytes) -> bool:
    """Tells whether an .xls book is encrypted: calamine, asked to find the format by itself, only says that it knows none."""
    try:
        stream = _workbook_stream(content)
        own = itertools.takewhile(lambda record: record[0] != _END, _records(stream, 0))
        return any(kind == _FILE_PASS for kind, _ in own)
    except (ValueError, struct.error, IndexError):
        return False


def _workbook_stream(content: bytes) -> bytes:
    """Returns the stream that holds the book: a chain of sectors, or of small ones inside the root's chain."""
    shift, small_shift = struct.unpack_from("<HH", content, 30)
    if shift not in _SECTOR_SHIFTS or small_shift >= shift:
        raise ValueError("sectors")
    size, small_size = 1 << shift, 1 << small_shift
    first_directory, small_below, first_small_table = struct.unpack_from("<I4xII", content, 48)
    next_list = struct.unpack_from("<I", content, 68)[0]
    tables = list(struct.unpack_from("<109I", content, 76))
    seen: set[int] = set()
    while next_list < _FREE_SECTOR and next_list not in seen:  # large books list their tables in further sectors
        seen.add(next_list)
        *more, next_list = struct.unpack_from(f"<{size // 4}I", content, (next_list + 1) * size)
        tables += more
    table = [
        number
        for sector in tables
        if sector < _FREE_SECTOR
        for number in struct.unpack_from(f"<{size // 4}I", content, (sector + 1) * size)
    ]
    whole = memoryview(content)[size:]
    directory = _chained(whole, table, first_directory, size)
    entries = [directory[at : at + 128] for at in range(0, len(directory), 128)]
    if not entries:
        raise ValueError("directory")
    root = entries[0]
    for entry in entries:
        name = entry[: max(0, struct.unpack_from("<H", entry, 64)[0] - 2)].decode("utf-16-le")
        if name.lower() in {"workbook", "book"}:
            start, length = struct.unpack_from("<II", entry, 116)
            if length >= small_below:
                return _chained(whole, table, start, size)[:length]
            small = _chained(whole, table, struct.unpack_from("<I", root, 116)[0], size)
            raw_table = _chained(whole, table, first_small_table, size)
            small_table = list(struct.unpack(f"<{len(raw_table) // 4}I", raw_table))
            return _chained(memoryview(small), small_table, start, small_size)[:length]
    raise ValueError("stream")


def _chained(sectors: memoryview, table: list[int], first: int, size: int) -> bytes:
    parts: list[memoryview] = []
    at = first
    while at < _FREE_SECTOR:
        parts.append(sectors[at * size : (at + 1) * size])
        if len(parts) > len(table):  # a ring
            raise ValueError("chain")
        at = table[at]
    return b"".join(parts)


def _records(stream: bytes, at: int) -> Iterator[tuple[int, int]]:
    """Yields the records from a place on: kind, and where their content begins."""
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        yield kind, at + 4
        at += 4 + length


def _sheet_starts(stream: bytes) -> Iterator[int]:
    """Yields where each sheet begins, from the records that stand before all sheets."""
    for kind, start in _records(stream, 0):
        if kind == _BOUNDSHEET:
            yield struct.unpack_from("<I", stream, start)[0]
        elif kind == _END:
            return


def _xls_errors(stream: bytes, start: int) -> _Errors:
    found: _Errors = {}
    depth = 0
    for kind, at in _records(stream, start):
        if kind == _BOOLERR:
            row, column, code, is_error = struct.unpack_from("<HH2xBB", stream, at)
            if is_error:
                found[row + 1, column + 1] = _error(code)
        elif kind == _FORMULA:
            row, column, what, code, special = struct.unpack_from("<HH2xBxB3xH", stream, at)
            if special == 0xFFFF and what == 2:
                found[row + 1, column + 1] = _error(code)
        elif kind == _BOF:  # a chart within the sheet has its own beginning and end
            depth += 1
        elif kind == _END:
            depth -= 1
            if depth <= 0:
                break
    return found


# ---- .xlsb: records in the sheet parts of a zip

_ROW, _CELL_ERROR, _FORMULA_ERROR, _BUNDLE_SHEET = 0, 3, 11, 156


def xlsb_marks(package: zipfile.ZipFile) -> dict[str, Marks]:
    """Returns the error values of an .xlsb book by sheet name. Raises ``ValueError`` where its structure does not hold."""
    workbook = workbook_part(package)
    targets = relations(package, workbook)
    marks: dict[str, Marks] = {}
    try:
        for kind, body in _parts_records(package.read(workbook)):
            if kind == _BUNDLE_SHEET:
                relation, rest = _wide_text(body, 8)
                name, _ = _wide_text(body, rest)
                if relation in targets:
                    marks[name] = Marks(_xlsb_errors(package.read(targets[relation])))
    except (struct.error, IndexError, UnicodeDecodeError) as error:
        raise ValueError("xlsb") from error
    return marks


def _wide_text(body: bytes, at: int) -> tuple[str, int]:
    count = struct.unpack_from("<I", body, at)[0]
    end = at + 4 + 2 * count
    return body[at + 4 : end].decode("utf-16-le"), end


def _parts_records(part: bytes) -> Iterator[tuple[int, bytes]]:
    """Yields kind and content of the records of a part; both lengths are written in groups of seven bits."""
    at = 0
    while at < len(part):
        kind = part[at]
        at += 1
        if kind & 0x80:
            kind = (kind & 0x7F) | ((part[at] & 0x7F) << 7)
            at += 1
        length = 0
        for group in range(4):
            byte = part[at]
            at += 1
            length |= (byte & 0x7F) << (7 * group)
            if not byte & 0x80:
                break
        yield kind, part[at : at + length]
        at += length


def _xlsb_errors(part: bytes) -> _Errors:
    found: _Errors = {}
    row = 0
    for kind, body in _parts_records(part):
        if kind == _ROW:
            row = struct.unpack_from("<I", body)[0] + 1
        elif kind in {_CELL_ERROR, _FORMULA_ERROR}:
            column = struct.unpack_from("<I", body)[0] + 1
            found[row, column] = _error(body[8])
    return found
