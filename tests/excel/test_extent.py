"""How far a sheet reaches, and what its merged areas come to, as tables of cases."""

from __future__ import annotations

import pytest

from syncer.excel.extent import MERGED_MAX, MERGES_MAX, Area, far_cells, within


def sheet(*places: str, blank: str = "") -> bytes:
    def row(place: str, inner: str) -> str:
        return f'<row r="{place.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")}"><c r="{place}" s="1"{inner}</row>'

    rows = [row(place, "><v>1</v></c>") for place in places] + ([row(blank, "/>")] if blank else [])
    return f"<worksheet><sheetData>{''.join(rows)}</sheetData></worksheet>".encode()


@pytest.mark.parametrize(
    ("places", "blank", "far"),
    [
        (("A1", "F20000"), "", ""),
        (("A1", "XFD1"), "", ""),
        (("A1", "I1048576"), "", ""),
        (("A1", "J1048576"), "", "J1048576"),
        (("A1", "XFD1048576"), "", "XFD1048576"),
        (("A1", "XFD3", "A1048576"), "", "A1048576, XFD3"),
        (("A1",), "XFD1048576", ""),
        ((), "XFD1048576", ""),
        ((), "", ""),
    ],
)
def test_the_cells_that_make_a_sheet_too_large_are_named(places: tuple[str, ...], blank: str, far: str) -> None:
    assert far_cells(sheet(*places, blank=blank)) == far


@pytest.mark.parametrize(
    ("merged", "expected"),
    [
        ([(1, 1, 1, 6)], ((1, 1, 1, 6),)),
        ([(1, 1, 1, 16_384)], ((1, 1, 1, 16_384),)),  # a whole row is no harm
        ([(1, 1, 1_048_576, 16_384)], ((1, 1, 30, 8),)),
        ([(1, 1, 1_048_576, 2), (40, 1, 50, 2)], ((1, 1, 30, 2),)),  # what lies outside altogether goes
        ([(1, 1, 1_048_576, 2)] * (MERGED_MAX // 60 + 1), None),  # over one another without end
        ([(1, 1, 1, 2)] * (MERGES_MAX + 1), None),
        ([], ()),
    ],
)
def test_merged_areas_are_cut_to_what_is_filled_only_where_they_are_beyond_reason(
    merged: list[Area], expected: tuple[Area, ...] | None
) -> None:
    assert within(merged, rows=30, columns=8) == expected
