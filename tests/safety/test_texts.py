"""Texts made fit for where they go."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncer.core.texts import (
    CELL_LIMIT,
    cell_text,
    file_name,
    line_text,
    path_text,
    storable,
    tab_name,
    utf16_units,
)
from syncer.core.values import fold, tidy
from tests.safety.payloads import NAMES

ANYTHING = st.text(st.characters(exclude_categories=()), max_size=60)  # halves of a sign too


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("一行\r\n二行\r三行", "一行\n二行\n三行"),
        ("上\x0b下\x0c末", "上\n下\n末"),
        ("空\x00字\x1b[31m", "空字[31m"),
        ("半\ud83d个", "半个"),
        ("末\ufffe", "末"),
        ("C1\x9b2J", "C12J"),
        ("😀制表\t符", "😀制表\t符"),
        ("=1+1", "=1+1"),
    ],
)
def test_a_workbook_holds_a_text_without_what_nobody_sees(typed: str, kept: str) -> None:
    assert storable(typed) == kept


def test_a_text_too_long_for_a_cell_ends_with_a_notice_and_halves_no_sign() -> None:
    held = cell_text("😀" * 20_000)
    assert utf16_units(held) <= CELL_LIMIT
    assert "原文共20000字" in held[-60:]
    held.encode()
    assert cell_text("长" * CELL_LIMIT) == "长" * CELL_LIMIT


def test_a_line_is_one_line_and_steers_no_terminal() -> None:
    assert line_text("红\x1b[31m\n假的一行\r\n\u202e倒") == "红[31m 假的一行 倒"


@settings(max_examples=200)
@given(ANYTHING)
def test_what_is_fit_stays_as_it_is(text: str) -> None:
    for fit in (storable, cell_text, line_text, tab_name, file_name, path_text, tidy, fold):
        once = fit(text)
        assert fit(once) == once
        once.encode("utf-8")  # no half of a sign is left


@settings(max_examples=200)
@given(ANYTHING)
def test_a_file_name_names_one_visible_file_on_every_system(text: str) -> None:
    name = file_name(text)
    assert 1 <= len(name.encode()) <= 161
    assert not re.search(r'[<>:"/\\|?*\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e]', name)
    assert not name.startswith(("~", ".", " "))
    assert not name.endswith((".", " "))


@pytest.mark.parametrize("device", ["CON", "con", "nul", "COM1", "lpt9", "aux.报表", "COM¹", "Prn ", "CONIN$"])
def test_a_unit_that_is_called_like_a_device_gets_a_file_all_the_same(device: str) -> None:
    assert file_name(device, ".xlsx").startswith("_")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("党政办/纪检室", "党政办_纪检室.xlsx"),
        ("../../etc/passwd", "_.._etc_passwd.xlsx"),
        (r"C:\x", "C__x.xlsx"),
        ("~$宣传科", "_$宣传科.xlsx"),
        (".隐藏.", "隐藏.xlsx"),
        ("a\u202efdp", "afdp.xlsx"),
        ("…", "….xlsx"),
        ("\u200b", "_.xlsx"),
        ("", "_.xlsx"),
    ],
)
def test_file_names(text: str, name: str) -> None:
    assert file_name(text, ".xlsx") == name


def test_a_long_name_keeps_its_ending() -> None:
    assert file_name("长" * 300, "汇总台账（自动生成）.xlsx").endswith("长汇总台账（自动生成）.xlsx")


@pytest.mark.parametrize("name", NAMES.values())
def test_a_sheet_can_be_called_so_in_excel(name: str) -> None:
    tab = tab_name(name)
    assert 1 <= utf16_units(tab) <= 31
    assert not re.search(r"[\[\]:*?/\\]|^'|'$|_x[0-9A-Fa-f]{4}_", tab)


def test_the_one_name_that_excel_keeps_for_itself_is_not_used() -> None:
    assert tab_name("History") == "History_"


def test_bytes_of_a_name_that_are_no_text_are_shown_by_number() -> None:
    assert path_text("02/\udcd0\udcfb.xlsx") == r"02/\xd0\xfb.xlsx"
