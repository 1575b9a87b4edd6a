from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from syncer.core.model import Column, ColumnType
from syncer.core.reading.cells import CellReader, How, Reading
from syncer.core.reading.dates import parse_date
from syncer.core.reading.quantities import parse_number
from syncer.core.reading.readings import remembered
from syncer.core.values import CellError, Scalar, same
from tests.core.tables_as_text import compiled

LEDGER, _ = compiled(added={"下拉选项": "| 是否 | 是 | 有、√ |\n| 是否 | 否 | 无 |"})
READER = CellReader(LEDGER)

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(min_size=1),
    st.text(
        st.sampled_from("0123456789.-,，/年月日号点 约余多至%％万千百十二三两零几次共计上下午:：　①、T"), min_size=1
    ),
    st.dates(),
    st.datetimes(),
    st.times(),
    st.timedeltas(),
    st.builds(CellError, st.sampled_from(("#REF!", "#N/A", "#DIV/0!"))),
)


def read(raw: Scalar, kind: ColumnType = ColumnType.TEXT, **column: object) -> tuple[Scalar, How, str]:
    reading = READER.read(raw, Column("x", "某栏", kind, **column))  # type: ignore[arg-type]
    return reading.value, reading.how, reading.code


# ---- numbers and days: the forms stand in tests/core/values, see test_value_tables.py


@given(SCALARS.filter(lambda v: v is not None))
@example("九" * 30)
@example("9" * 5000)
@example("零点五")
def test_reading_a_number_never_raises_and_reading_the_number_read_changes_nothing(raw: Scalar) -> None:
    reading = parse_number(raw)
    if reading.settled and reading.value is not None:
        again = parse_number(reading.value)
        assert same(again.value, reading.value)
        assert again.code == ""


def test_a_29th_of_february_without_a_year_depends_on_the_ledgers_year() -> None:
    assert parse_date("2月29日", 2028).value == date(2028, 2, 29)
    assert parse_date("2月29日", 2026).code == "CELL-028"


def test_a_year_of_two_figures_is_one_near_the_ledgers() -> None:
    assert parse_date("26.3.5", 2026).value == date(2026, 3, 5)
    assert parse_date("26.3.5", 2015).code == "CELL-002"


@given(SCALARS.filter(lambda v: v is not None), st.integers(2000, 2100), st.booleans())
def test_reading_a_date_never_raises_and_reading_the_date_read_changes_nothing(
    raw: Scalar, year: int, first: bool
) -> None:
    reading = parse_date(raw, year, first_of_several=first)
    if reading.settled and reading.value is not None:
        assert type(reading.value) is date
        assert parse_date(reading.value, year) == Reading(reading.value)
    else:
        assert reading.code


# ---- cells by the type of their column


@pytest.mark.parametrize(
    ("kind", "raw", "expected"),
    [
        (ColumnType.TEXT, " 植树 ", ("植树", How.NORMALISED, "")),
        (ColumnType.TEXT, "植树", ("植树", How.AS_TYPED, "")),
        (ColumnType.TEXT, 12, (12, How.AS_TYPED, "")),
        (ColumnType.LONG_TEXT, "第一行\n第二行", ("第一行\n第二行", How.AS_TYPED, "")),
        (ColumnType.INTEGER, "12人", (12, How.NORMALISED, "")),
        (ColumnType.INTEGER, 2.5, (2.5, How.DOUBTFUL, "CELL-012")),
        (ColumnType.INTEGER, "2.5次", ("2.5次", How.DOUBTFUL, "CELL-012")),
        (ColumnType.DATE, "3月5日", (date(2026, 3, 5), How.NORMALISED, "CELL-009")),
        (ColumnType.DEADLINE, "3月底前", ("3月底前", How.AS_TYPED, "")),
        (ColumnType.IDENTIFIER, "2.10", ("2.10", How.AS_TYPED, "")),
        (ColumnType.IDENTIFIER, 12, ("12", How.NORMALISED, "")),
        (ColumnType.IDENTIFIER, 2.1, ("2.1", How.DOUBTFUL, "CELL-013")),
        (ColumnType.IDENTIFIER, 530102199001011234, ("530102199001011234", How.DOUBTFUL, "CELL-016")),
        (ColumnType.PHONE, "0871-6312 3456", ("0871-6312 3456", How.AS_TYPED, "")),
        (ColumnType.PHONE, 12000000001, ("12000000001", How.NORMALISED, "")),
        (ColumnType.PHONE, "12000000001转802", ("12000000001转802", How.AS_TYPED, "")),
        (ColumnType.PHONE, "见群", ("见群", How.DOUBTFUL, "CELL-010")),
        (ColumnType.UNITS, "宣教科", ("宣传科", How.NORMALISED, "")),
        (ColumnType.UNITS, "宣传科、青禾", ("宣传科、青禾", How.AS_TYPED, "")),
        (ColumnType.UNITS, "宣传科、食堂", ("宣传科、食堂", How.DOUBTFUL, "CELL-004")),
        (ColumnType.TASKS, "２．１ 1.1", ("2.1、1.1", How.NORMALISED, "")),
        (ColumnType.TASKS, "2.1", ("2.1", How.AS_TYPED, "")),
        (ColumnType.TASKS, "2.1、9.9", ("2.1、9.9", How.DOUBTFUL, "CELL-005")),
        (ColumnType.LINK, "https://example.org/a", ("https://example.org/a", How.AS_TYPED, "")),
    ],
)
def test_a_cell_is_read_by_the_type_of_its_column(
    kind: ColumnType, raw: Scalar, expected: tuple[Scalar, How, str]
) -> None:
    assert read(raw, kind) == expected


@pytest.mark.parametrize("kind", ColumnType)
def test_blank_stays_blank_and_an_error_value_is_never_a_value(kind: ColumnType) -> None:
    for blank in (None, "　", "\u200b\n"):
        assert read(blank, kind) == (None, How.AS_TYPED, "")
    assert read(CellError("#REF!"), kind) == (CellError("#REF!"), How.REFUSED, "CELL-007")


@pytest.mark.parametrize(
    ("raw", "points", "code"),
    [
        (0.95, 95, ""),
        (1.0, 100, ""),
        (0.075, 7.5, ""),
        (0, 0, ""),
        (95, 95, ""),
        ("95%", 95, ""),
        ("95％左右", 95, "CELL-009"),
        ("0.95", 95, "CELL-009"),
        ("95", 95, "CELL-009"),
        ("过半", "过半", "CELL-008"),
    ],
)
def test_a_percentage_is_points_however_it_was_typed(raw: Scalar, points: Scalar, code: str) -> None:
    value, _, said = read(raw, ColumnType.PERCENT)
    assert (value, said) == (points, code)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("推进中", ("推进中", How.AS_TYPED, "")),
        (" 推进中\n", ("推进中", How.NORMALISED, "")),
        ("达序时", ("推进中", How.NORMALISED, "CELL-009")),
        ("100%", ("已完成", How.NORMALISED, "CELL-009")),
        ("差不多了", ("差不多了", How.DOUBTFUL, "CELL-003")),
    ],
)
def test_a_choice_may_be_written_in_its_other_ways_and_that_is_noted(
    raw: Scalar, expected: tuple[Scalar, How, str]
) -> None:
    assert read(raw, ColumnType.CHOICE, options="工作状态") == expected
    assert read(raw, ColumnType.TEXT, options="工作状态") == expected


@pytest.mark.parametrize("raw", ["https://example.org/a", "HTTP://example.org", "http://示例.中国/新闻"])
def test_a_link_with_http_or_https_is_read_as_typed(raw: str) -> None:
    assert read(raw, ColumnType.LINK) == (raw, How.AS_TYPED, "")
    assert read(f" {raw}\n", ColumnType.LINK) == (raw, How.NORMALISED, "")


@pytest.mark.parametrize("raw", ["见公众号", "ftp://example.org", "javascript:alert(1)", "https://", 12])
def test_any_other_link_is_kept_as_typed_and_is_a_question(raw: Scalar) -> None:
    assert read(raw, ColumnType.LINK) == (raw, How.DOUBTFUL, "CELL-011")


def test_a_link_column_with_choices_goes_by_its_choices() -> None:
    assert read("达序时", ColumnType.LINK, options="工作状态") == ("推进中", How.NORMALISED, "CELL-009")


def test_what_is_not_among_the_choices_is_told_the_choices() -> None:
    reading = READER.read("也许", Column("x", "某栏", ColumnType.CHOICE, options="是否"))
    assert dict(reading.facts)["choices"] == "是、否"


def test_several_choices_are_read_one_by_one_and_one_wrong_one_is_a_question() -> None:
    assert read("达序时，滞后", ColumnType.MULTI_CHOICE, options="工作状态")[0] == "推进中、滞后"
    assert read("滞后、也许", ColumnType.MULTI_CHOICE, options="工作状态") == ("滞后、也许", How.DOUBTFUL, "CELL-003")


def test_an_alias_never_hides_another_choices_own_wording() -> None:
    ledger, _ = compiled(added={"下拉选项": "| 进展 | 推进中 | 完成 |\n| 进展 | 完成 | |"})
    column = Column("x", "某栏", ColumnType.CHOICE, options="进展")
    assert CellReader(ledger).read("完成", column).value == "完成"


@pytest.mark.parametrize(
    ("kind", "raw", "limits", "code"),
    [
        (ColumnType.INTEGER, 5001, {"minimum": 0.0, "maximum": 5000.0}, "CELL-006"),
        (ColumnType.INTEGER, 5000, {"minimum": 0.0, "maximum": 5000.0}, ""),
        (ColumnType.INTEGER, "-1", {"minimum": 0.0}, "CELL-006"),
        (ColumnType.PERCENT, 1.2, {"maximum": 100.0}, "CELL-006"),
        (ColumnType.DATE, "2025-12-31", {"minimum": date(2026, 1, 1)}, "CELL-006"),
        (ColumnType.DATE, datetime(2026, 1, 1, 9), {"minimum": date(2026, 1, 1)}, ""),
        (ColumnType.INTEGER, "很多", {"minimum": 0.0}, "CELL-001"),
        (ColumnType.TEXT, "无", {"minimum": 0.0}, ""),
    ],
)
def test_a_value_outside_its_limits_is_a_question(
    kind: ColumnType, raw: Scalar, limits: dict[str, float | date], code: str
) -> None:
    assert read(raw, kind, **limits)[2] == code


@given(
    SCALARS,
    st.sampled_from(sorted(set(ColumnType) - {ColumnType.PERCENT})),
    st.sampled_from(("", "工作状态", "没有这个")),
)
@example("、", ColumnType.TASKS, "")
@example("；", ColumnType.MULTI_CHOICE, "工作状态")
@example("\u0301\u200b\u0301", ColumnType.TEXT, "")
def test_reading_never_raises_never_gives_empty_text_and_what_was_read_reads_the_same_again(
    raw: Scalar, kind: ColumnType, options: str
) -> None:
    column = Column("x", "某栏", kind, options=options)
    reading = READER.read(raw, column)
    assert reading.value != ""
    assert (reading.how in {How.DOUBTFUL, How.REFUSED}) <= bool(reading.code), "what is asked must be said"
    again = READER.read(reading.value, column)
    assert same(again.value, reading.value)
    if reading.how in {How.AS_TYPED, How.NORMALISED}:
        assert again.how is How.AS_TYPED or kind is ColumnType.UNITS
        assert again.code == ""


@given(SCALARS)
def test_a_percentage_never_raises_and_a_doubtful_one_is_kept_as_typed(raw: Scalar) -> None:
    value, how, code = read(raw, ColumnType.PERCENT)
    if how is How.DOUBTFUL and not isinstance(raw, str):
        assert same(value, raw)
    assert (how is How.DOUBTFUL) <= bool(code)


def test_a_reading_is_kept_at_hand_but_no_long_text_and_true_is_not_1() -> None:
    read = list[Scalar]()

    @remembered
    def reading(value: Scalar, year: int) -> str:
        read.append(value)
        return f"{value!r} {year}"

    long = "进展" * 500
    assert [reading(value, 2026) for value in ("三月底", "三月底", 1, True, 1.0)] == [
        "'三月底' 2026",
        "'三月底' 2026",
        "1 2026",
        "True 2026",
        "1.0 2026",
    ]
    assert reading(long, 2026) == reading(long, 2026)
    assert [*map(repr, read)] == ["'三月底'", "1", "True", "1.0", repr(long), repr(long)]
