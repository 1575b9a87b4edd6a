from __future__ import annotations

import json
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncer.core.encode import dump_cells, dump_scalar, load_cells, load_scalar
from syncer.core.values import CellError, Scalar

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(),
    st.dates(),
    st.datetimes(),
    st.times(),
    st.timedeltas(timedelta(days=-4000), timedelta(days=4000)),
    st.builds(CellError, st.text(min_size=1)),
)


@given(SCALARS)
def test_a_cell_comes_back_as_what_it_was_type_included(value: Scalar) -> None:
    back = load_scalar(dump_scalar(value))
    assert type(back) is type(value)
    assert back == value


@given(st.dictionaries(st.text(), SCALARS))
def test_cells_by_name_come_back_and_their_order_does_not_matter(cells: dict[str, Scalar]) -> None:
    text = dump_cells(cells)
    assert load_cells(text) == cells
    assert dump_cells(dict(reversed(cells.items()))) == text
    assert isinstance(json.loads(text), dict)


@pytest.mark.parametrize(
    "unlike",
    [
        (1, 1.0, True, "1"),
        (date(2026, 3, 5), datetime(2026, 3, 5), "2026-03-05"),
        (time(1), timedelta(hours=1), "01:00:00"),
        (CellError("#N/A"), "#N/A"),
        (None, "null"),
    ],
)
def test_contents_that_look_alike_are_told_apart(unlike: tuple[Scalar, ...]) -> None:
    assert len({dump_scalar(value) for value in unlike}) == len(unlike)


def test_chinese_stays_readable_in_the_database() -> None:
    assert dump_cells({"name": "植树", "date": date(2026, 3, 5)}) == '{"date":{"d":"2026-03-05"},"name":"植树"}'
