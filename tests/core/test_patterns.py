from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncer.core.reading.patterns import LONGEST, matches, parse_pattern


def fits(form: str, text: str) -> bool:
    pattern = parse_pattern(form)
    assert pattern is not None
    return matches(pattern, text)


@pytest.mark.parametrize(
    ("form", "text", "expected"),
    [
        ("XX〔YYYY〕N号", "云建〔2026〕12号", True),
        ("XX〔YYYY〕N号", "云建〔２０２６〕 １２ 号", True),  # width and spaces do not matter
        ("XX〔YYYY〕N号", "云建[2026]12号", False),
        ("XX〔YYYY〕N号", "云建〔2026〕号", False),
        ("XX〔YYYY〕N号", "云建〔26〕12号", False),
        ("XX〔YYYY〕N号", "〔2026〕12号", False),
        ("XX〔YYYY〕N号", "云建〔2026〕12号（附件）", False),
        ("N-N-NN", "2-1-03", True),
        ("N-N-NN", "2-1-3", False),
        ("N-N-NN", "2-1-003", False),
        ("N-N-NN", "12-10-03", True),
        ("*号", "号", True),
        ("X号", "号", False),
        ("X号", "12号", True),
        ("第N次", "第三次", False),
        ("YYNN", "2603", True),
        ("“N”-N", "N-3", True),
        ("“N”-N", "3-3", False),
        ("dz-N", "DZ-7", True),
        ("XX〔YYYY〕N号 或 XX字N号", "云建字7号", True),
        ("Ⅱ-N-N)-N", "Ⅱ-1-1)-①", True),
    ],
)
def test_a_text_looks_as_the_form_says_or_not(form: str, text: str, expected: bool) -> None:
    assert fits(form, text) is expected


@pytest.mark.parametrize("form", ["文号", "“N”", "", "XX号 或 文号"])
def test_a_form_that_leaves_nothing_open_is_none(form: str) -> None:
    assert parse_pattern(form) is None


def test_no_form_takes_long_whatever_is_typed() -> None:
    form = "X" + "-X*N" * 30
    started = time.process_time()
    assert not fits(form, "1-" * (LONGEST // 2))
    assert not fits(form, "1" * 30_000)
    assert time.process_time() - started < 2


@given(st.text('XYN*…“”"-〔〕12 或\n', max_size=20), st.text("12-〔〕号X", max_size=20))
def test_any_form_and_any_text_get_an_answer(form: str, text: str) -> None:
    pattern = parse_pattern(form)
    assert pattern is None or matches(pattern, text) in {True, False}


@given(st.from_regex(r"[甲乙]{1,4}〔[0-9]{4}〕[0-9]{1,3}号", fullmatch=True))
def test_every_number_of_a_document_is_one(text: str) -> None:
    assert fits("XX〔YYYY〕N号", text)
