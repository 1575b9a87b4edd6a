from __future__ import annotations

from datetime import date, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from syncer.core.merging.known_book import SheetContent
from syncer.core.model import Table
from syncer.core.problems import Place, Problem
from syncer.core.reading.rows import ReadRow
from syncer.core.state import TaskMark, WeekMarks
from syncer.core.values import CellError
from syncer.store.blobs import (
    dump_marks,
    dump_problems,
    dump_tables,
    load_marks,
    load_problems,
    load_tables,
)
from syncer.store.contents import dump_content, load_content

ODD = (
    None,
    True,
    0,
    1.5,
    "第一行\n第二行",
    date(2026, 3, 5),
    datetime(2026, 3, 5, 9, 30),
    time(16),
    timedelta(hours=2),
    CellError("#REF!"),
)


def test_the_content_of_a_version_comes_back_cell_for_cell() -> None:
    raw = {f"c{at}": value for at, value in enumerate(ODD) if value is not None}
    lent, shown = frozenset({"section"}), {"name": None, "+天气": "阴"}
    rows = (
        ReadRow("HD-D02-0001", 5, raw, {"天气": "晴"}, shown=shown),
        ReadRow("T0002", 6, {}, lent=lent),
        ReadRow("T0003", 7, {}, lent=lent, shown=shown),
    )
    content = {"activities": SheetContent({"date": 2, "lost": 0}, rows), "empty": SheetContent({}, ())}
    assert load_content(dump_content(content)) == content


def test_worksheets_come_back_as_read_with_merges_and_hidden_ones() -> None:
    tables = (
        Table("栏目设置", (("表名", None, "列名"), (), ODD), ((1, 1, 1, 3), (2, 2, 4, 2)), hidden=True),
        Table("空表", ()),
    )
    assert load_tables(dump_tables(tables)) == tables


def test_the_same_content_gives_the_same_bytes() -> None:
    content = {"activities": SheetContent({"date": 2}, (ReadRow("HD-D02-0001", 5, {"date": "3月5日"}),))}
    assert dump_content(content) == dump_content(dict(content))


@given(
    st.lists(
        st.builds(
            Problem,
            st.sampled_from(("CELL-001", "ROW-002")),
            st.builds(Place, st.text(), st.text(), st.integers(0, 1 << 20), st.integers(0, 1 << 14)),
            st.text(),
            st.text(),
            st.text(),
            st.lists(st.tuples(st.text(), st.text())).map(tuple),
        )
    )
)
def test_problems_come_back_with_place_and_facts(problems: list[Problem]) -> None:
    assert load_problems(dump_problems(problems)) == tuple(problems)


def test_the_marks_of_a_week_come_back_by_task_and_unit() -> None:
    marks = WeekMarks(
        "2026-W47",
        "2026-11-20T16:00:00",
        ((("T0002", "D02"), TaskMark(62.5, "推进中", "宣讲2场", "黄", 2)), (("T0003", "D02"), TaskMark())),
    )
    back = load_marks(marks.week, marks.issued_at, dump_marks(marks))
    assert back == marks
    assert back.mark("T0002", "D02").red_weeks == 2
    assert back.mark("T0002", "D01") == TaskMark()
