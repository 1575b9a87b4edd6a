"""Hundreds of written forms, each read as its table says; and what holds of every one of them."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from syncer.core.model import Column, ColumnType
from syncer.core.reading.cells import CellReader, How
from syncer.core.values import Scalar, same, tidy
from tests.core.tables_as_text import compiled
from tests.core.value_tables import Form, of_its_type, tables, told

UNITS = """
    | 编码 | 全称                 | 简称         | 别名               | 类别     | 组       | 排序 | 停用 | 并入 |
    | D01  | 云岭市局办公室       | 办公室       | 局办、综合办公室   | 科室     | 机关科室 | 1    |      |      |
    | D02  | 云岭市局宣传科       | 宣传科       | 宣教科             | 科室     | 机关科室 | 2    |      |      |
    | D03  | 云岭市局规划和建设科 | 规划和建设科 | 规建科             | 科室     | 机关科室 | 3    |      |      |
    | D04  | 文明创建办公室       | 创建办公室   | 创建办             | 科室     | 机关科室 | 4    |      |      |
    | D05  | 云岭市局第一党支部   | 第一党支部   | 一支部             | 支部     | 局属支部 | 5    |      |      |
    | D06  | 云岭市局第二党支部   | 第二党支部   | 二支部             | 支部     | 局属支部 | 6    |      |      |
    | D07  | 和平社区居委会       | 和平社区     |                    | 同创单位 | 同创单位 | 7    |      |      |
    | D08  | 青禾社区居委会       | 青禾社区     | 青禾               | 同创单位 | 同创单位 | 8    |      |      |
    | D09  | 星河物业（云岭）公司 | 星河物业     |                    | 同创单位 | 同创单位 | 9    |      |      |
    | D10  | 云岭市局信息科       | 信息科       | 网信科             | 科室     |          | 10   | 2026-01-01 | 宣传科 |
"""
PLAN = """
    | 编号  | 行标识 | 任务       | 牵头单位 |
    | '1.1  | T0001  | 制定方案   | 办公室   |
    | '2.1  | T0002  | 主题宣讲   | 宣传科   |
    | '2.2  | T0003  | 道德讲堂   | 宣传科   |
    | '2.10 | T0004  | 学雷锋活动 | 宣传科   |
    | '3.1  | T0005  | 环境整治   | 办公室   |
"""
OPTIONS = """
    | 是否 | 是 | 已录 |
    | 是否 | 否 | |
    | 有无 | 有 | |
    | 有无 | 无 | |
    | 形式 | 集中 | 集中学习 |
    | 形式 | 自学 | |
    | 形式 | 党课 | 微党课 |
    | 形式 | 讲座/竞赛 | |
    | 指标 | 2-1-03 | |
    | 指标 | '2.10 | |
    | 指标 | '2.1 | |
"""
LEDGER, _ = compiled(replaced={"单位名录": UNITS, "任务分解": PLAN}, added={"下拉选项": OPTIONS})
READER = CellReader(LEDGER)
FORMS = tables()
ABOUT_THE_VALUE = {"CELL-018", "CELL-029", "CELL-030", "CELL-031"}
"""Notes on what a value is, however it was typed: they stand as long as the value does."""


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_a_written_form_is_read_as_its_table_says(form: Form) -> None:
    reading = READER.read(form.typed, form.column)
    assert told(reading) == form.expected
    if reading.settled:
        assert of_its_type(reading.value, form.column.type)
    else:
        kept = tidy(form.typed) if isinstance(form.typed, str) else form.typed
        assert reading.value == kept or isinstance(reading.value, str), "what is asked stays as typed"


def test_the_tables_hold_some_hundreds_of_forms_and_none_twice() -> None:
    seen = {(form.column, type(form.typed), form.typed) for form in FORMS}
    assert len(seen) == len(FORMS) > 400


def _holds_what_holds_of_every_reading(raw: Scalar, column: Column) -> None:
    reading = READER.read(raw, column)
    assert reading.value != ""
    if not reading.settled:
        assert reading.code, "what is asked must be said"
        return
    assert of_its_type(reading.value, column.type)
    if column.type is ColumnType.PERCENT:  # points are no fractions any more, and written with their sign
        if reading.value is not None:
            again = READER.read(f"{reading.value}%", column)
            assert same(again.value, reading.value)
        return
    again = READER.read(reading.value, column)
    assert same(again.value, reading.value)
    assert again.how is How.AS_TYPED or again.code in ABOUT_THE_VALUE
    assert not again.code or again.code in ABOUT_THE_VALUE


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_what_a_table_reads_is_read_the_same_again(form: Form) -> None:
    _holds_what_holds_of_every_reading(form.typed, form.column)


COLUMNS = list(dict.fromkeys(form.column for form in FORMS))
TEXTS = [form.typed for form in FORMS if isinstance(form.typed, str)]
PIECES = sorted({piece for text in TEXTS for piece in re.findall(r"\d+|[^\d\w\s]|[^\W\d]+|\s", text)})
SOUPS = st.lists(st.sampled_from(PIECES), min_size=1, max_size=6).map("".join)
TYPED = st.one_of(
    st.sampled_from([form.typed for form in FORMS]),
    SOUPS,
    st.tuples(st.sampled_from(TEXTS), st.sampled_from(["", "、", " ", "（", "-", "."]), st.sampled_from(TEXTS)).map(
        "".join
    ),
    st.text(min_size=1),
    st.integers(),
    st.floats(allow_nan=False),
    st.booleans(),
    st.dates(),
    st.datetimes(),
    st.times(),
    st.timedeltas(),
)


@settings(max_examples=500)
@given(TYPED, st.sampled_from(COLUMNS))
@example("九" * 30, Column("x", "某栏", ColumnType.INTEGER))
@example("9" * 5000, Column("x", "某栏", ColumnType.NUMBER))
@example("1e99", Column("x", "某栏", ColumnType.NUMBER))
@example("（" * 3000, Column("x", "某栏", ColumnType.UNITS))
@example("和" * 3000, Column("x", "某栏", ColumnType.UNITS))
@example("(" * 200, Column("x", "某栏", ColumnType.CHOICE, options="是否"))
@example("共计" * 90 + "x1", Column("x", "某栏", ColumnType.INTEGER))
@example("/" * 3000, Column("x", "某栏", ColumnType.TASKS))
@example("一" * 30_000, Column("x", "某栏", ColumnType.MULTI_CHOICE, options="形式"))
@example("²日", Column("x", "某栏", ColumnType.DATE))
def test_whatever_is_typed_into_whatever_column_is_read_and_reading_the_value_again_gives_the_same(
    raw: Scalar, column: Column
) -> None:
    _holds_what_holds_of_every_reading(raw, column)


WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
FIGURES = [form for form in FORMS if form.column.type in {ColumnType.INTEGER, ColumnType.NUMBER, ColumnType.DATE}]


@settings(max_examples=200)
@given(st.sampled_from([form for form in FIGURES if isinstance(form.typed, str)]), st.booleans())
def test_full_width_signs_and_outer_spaces_change_no_number_and_no_day(form: Form, spaced: bool) -> None:
    typed = str(form.typed).translate(WIDE)
    reading = READER.read(f"\u3000{typed}\u200b\n" if spaced else typed, form.column)
    plain = READER.read(form.typed, form.column)
    assert (reading.settled, plain.settled and plain.value) == (plain.settled, reading.settled and reading.value)
