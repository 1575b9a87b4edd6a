from __future__ import annotations

import unicodedata
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from syncer.core.values import CellError, Scalar, column_index, column_letter, fold, same, show, tidy


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        ("Ａ４ 纸　张\n", "a4纸张"),
        ("（一）Ⅱ-①", "(一)ii-1"),
        ("宣\u200b传\u00a0科", "宣传科"),
        ("soft\u00adhyphen\ufeff", "softhyphen"),
        (" ", ""),
    ],
)
def test_width_space_case_and_invisible_signs_do_not_matter_when_texts_are_compared(typed: str, folded: str) -> None:
    assert fold(typed) == folded


@given(st.text())
@example("A´")
def test_folding_what_is_folded_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_shown_text_keeps_its_width_and_its_inner_line_breaks() -> None:
    assert tidy("\u3000第一行（①）\n第\u00a0二行\u200b ") == "第一行（①）\n第 二行"


@given(st.text(st.sampled_from("ae\u0301\u0308\u200b\u200d\ufeff\u00ad \u3000\u00a0\n字한ᄒ"), max_size=8))
@example("e\u200b\u0301")
def test_tidying_what_is_tidy_changes_nothing(text: str) -> None:
    once = tidy(text)
    assert tidy(once) == once
    assert unicodedata.is_normalized("NFC", once)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, 1.0),
        (None, None),
        ("1", "1"),
        (CellError("#N/A"), CellError("#N/A")),
        (date(2026, 3, 5), date(2026, 3, 5)),
        (True, True),
    ],
)
def test_equal_values_of_one_kind_are_the_same(one: Scalar, other: Scalar) -> None:
    assert same(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (True, 1),
        (False, 0),
        (True, 1.0),
        (1, "1"),
        (None, ""),
        (None, 0),
        (date(2026, 3, 5), datetime(2026, 3, 5)),
        ("#N/A", CellError("#N/A")),
        (time(1), timedelta(hours=1)),
        ("２", "2"),
    ],
)
def test_values_of_unlike_kinds_are_never_the_same(one: Scalar, other: Scalar) -> None:
    assert not same(one, other)
    assert not same(other, one)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "是"),
        (False, "否"),
        (12, "12"),
        (12.0, "12"),
        (2.1, "2.1"),
        (0.1 + 0.2, "0.3"),
        (-0.0, "0"),
        (1e20, "1e+20"),
        (date(2026, 3, 5), "2026-03-05"),
        (datetime(2026, 3, 5), "2026-03-05"),
        (datetime(2026, 3, 5, 9, 30), "2026-03-05 09:30"),
        (time(16, 0), "16:00"),
        (timedelta(hours=1, minutes=30), "1.5小时"),
        (CellError("#REF!"), "#REF!"),
        ("  原样 ", "  原样 "),
    ],
)
def test_a_value_is_shown_as_a_person_would_write_it(value: Scalar, text: str) -> None:
    assert show(value) == text


@pytest.mark.parametrize(
    ("index", "letters"), [(1, "A"), (26, "Z"), (27, "AA"), (28, "AB"), (702, "ZZ"), (16384, "XFD")]
)
def test_columns_are_lettered_as_in_a_worksheet(index: int, letters: str) -> None:
    assert column_letter(index) == letters
    assert column_index(letters) == index
