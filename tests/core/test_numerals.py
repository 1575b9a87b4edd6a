"""The table of small numerals says what the library says, which reads all others."""

from __future__ import annotations

import pytest
from cn2an import cn2an

from syncer.core.numerals import UP_TO_99, number_of


def test_the_table_says_what_the_library_says() -> None:
    assert {numeral: int(cn2an(numeral, "smart")) for numeral in UP_TO_99} == UP_TO_99
    assert set(UP_TO_99.values()) == set(range(1, 100))


@pytest.mark.parametrize(
    ("numeral", "digits"),
    [("两", "2"), ("一百二十", "120"), ("壹佰贰拾", "120"), ("零", "0"), ("百十", None), ("", None)],
)
def test_others_are_read_or_are_no_number(numeral: str, digits: str | None) -> None:
    assert number_of(numeral) == digits
