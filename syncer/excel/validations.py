"""What a cell of a unit's workbook accepts and says when it is clicked: one validation a column, and the lists behind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import xlsxwriter

from syncer.core.model import OPTIONS_SHEET, Column, ColumnType, Ledger, Owner, Sheet
from syncer.core.reading.headers import ROW_ID
from syncer.core.values import column_letter, show
from syncer.excel.looks import ID_COLUMN, LEAF_ROW
from syncer.excel.writing import clean

_ONE_OF = {ColumnType.CHOICE, ColumnType.TEXT, ColumnType.IDENTIFIER}  # with options: one of them, or a warning
_SOME_OF = {ColumnType.MULTI_CHOICE, ColumnType.UNITS, ColumnType.TASKS}  # the list is offered; several may be typed
_LONGEST_OFFER = 300  # choices; nobody picks from a longer list, and every unit's book would carry it
_COORDINATOR = "灰色格由创建办填写。确需调整的可以照实改写：它会作为调整申请交创建办裁定，裁定前以原内容为准。"
_SYSTEM = "这一格由系统填写，改动不会被采用，下次更新时恢复原样。"


def validation_for(column: Column, sheet: Sheet, lists: Mapping[str, str]) -> dict[str, Any] | None:
    """Returns the one validation of a column's cells as XlsxWriter options; nothing where there is nothing to say.

    Always a warning: a stop would refuse "1500余份", which the merge can read. The warnings name no button, WPS has
    others than Excel. Where several choices may stand in one cell
    the list is only offered.
    """
    if column.owner is Owner.SYSTEM:
        return {**_lock("=FALSE"), **_said(column.name, column.hint or "由系统填写。", _SYSTEM)}
    if column.owner is Owner.COORDINATOR:
        formula = f'=LEFT(${column_letter(ID_COLUMN)}{LEAF_ROW},1)<>"T"' if sheet.from_plan else "=FALSE"
        return {**_lock(formula), **_said(column.name, column.hint or "灰色格由创建办填写。", _COORDINATOR)}
    rule, expected = _rule(column, lists)
    must = "必填。" if column.required else ""
    looks = f"写成“{column.form}”的样子（Y、N 是数字，X 是文字）。" if column.form else ""
    prompt = must + (column.hint or expected) + looks
    if rule["validate"] == "any" and not prompt:
        return None
    return {
        **rule,
        **_said(column.name, prompt, f"“{column.name}”{expected or '与要求不符。'}请核对；确实如此也可以保留。"),
    }


def validation_of_ids() -> dict[str, Any]:
    """Returns the validation of the hidden row ids: theirs to read for the system, nobody's to change."""
    return {**_lock("=FALSE"), **_said(ROW_ID, "由系统使用，请勿改动。", _SYSTEM)}


def _lock(formula: str) -> dict[str, Any]:
    return {"validate": "custom", "value": formula}


def _said(title: str, prompt: str, warning: str) -> dict[str, Any]:
    said: dict[str, Any] = {"error_type": "warning", "error_title": "请核对", "error_message": clean(warning, 255)}
    return said | ({"input_title": clean(title, 32), "input_message": clean(prompt, 255)} if prompt else {})


def _rule(column: Column, lists: Mapping[str, str]) -> tuple[dict[str, Any], str]:
    """Returns the rule for a unit's own column, and in words what is expected of a cell."""
    low, high = column.minimum, column.maximum
    match column.type:
        case kind if kind in _ONE_OF and column.options in lists:
            return {"validate": "list", "value": f"={lists[column.options]}"}, "请从下拉列表中选一项。"
        case kind if kind in _SOME_OF and column.options in lists:
            offer = {"validate": "list", "value": f"={lists[column.options]}", "show_error": False}
            return offer, "可从下拉列表中选；多项用顿号“、”隔开。"
        case ColumnType.DATE:
            earliest = low if isinstance(low, date) else date(2000, 1, 1)
            latest = high if isinstance(high, date) else date(2099, 12, 31)
            limits = f"（{earliest:%Y-%m-%d} 至 {latest:%Y-%m-%d}）" if low or high else ""
            return _between("date", earliest, latest), f"应填一个日期，如 2026-03-05{limits}。"
        case ColumnType.PERCENT:
            least, most = _limits(low, high, 0, 100)
            return _between("decimal", least / 100, most / 100), f"应填百分数，如 95%（{least:g}% 至 {most:g}%）。"
        case ColumnType.INTEGER | ColumnType.NUMBER:
            least, most = _limits(low, high, -1e9, 1e9)
            whole = column.type is ColumnType.INTEGER
            words = "应填整数，只写数字" if whole else "应填数字，不带文字"
            limits = f"（{show(low) or '不限'} 至 {show(high) or '不限'}）" if (low, high) != (None, None) else ""
            least, most = (int(least), int(most)) if whole else (least, most)
            return _between("integer" if whole else "decimal", least, most), f"{words}{limits}。"
        case ColumnType.MULTI_CHOICE:
            return {"validate": "any"}, "可填多项，用顿号“、”隔开。"
        case ColumnType.UNITS:
            return {"validate": "any"}, "填单位简称，多个单位用顿号“、”隔开。"
        case ColumnType.TASKS:
            return {"validate": "any"}, "填任务编号，如 3.1；多个任务用顿号“、”隔开。"
        case _:
            return {"validate": "any"}, ""


def _between(kind: str, low: float | date, high: float | date) -> dict[str, Any]:
    return {"validate": kind, "criteria": "between", "minimum": low, "maximum": high}


def _limits(low: float | date | None, high: float | date | None, least: float, most: float) -> tuple[float, float]:
    return (low if isinstance(low, (int, float)) else least), (high if isinstance(high, (int, float)) else most)


def list_names(ledger: Ledger, sheets: Sequence[Sheet]) -> dict[str, str]:
    """Returns the defined name of every option list a dropdown needs: generated, Excel would refuse many of people's."""
    own = [column for sheet in sheets for column in sheet.columns if column.owner is Owner.UNIT]
    strict = {column.options for column in own if column.type in _ONE_OF}
    offered = {column.options for column in own if column.type in _SOME_OF}
    return {
        name: f"opt_{number:03}"
        for number, (name, choices) in enumerate(ledger.options, start=1)
        if choices and (name in strict or (name in offered and len(choices) <= _LONGEST_OFFER))
    }


def write_lists(book: xlsxwriter.Workbook, ledger: Ledger, lists: Mapping[str, str]) -> None:
    """Writes the option lists, one a column, below their names."""
    worksheet = book.add_worksheet(OPTIONS_SHEET)
    worksheet.hide()
    for at, (name, defined) in enumerate(lists.items()):
        texts = [clean(choice.text) for choice in ledger.choices(name)]
        worksheet.write_column(0, at, [clean(name)])
        for row, text in enumerate(texts, start=1):
            worksheet.write_string(row, at, text)
        letter = column_letter(at + 1)
        book.define_name(defined, f"='{OPTIONS_SHEET}'!${letter}$2:${letter}${len(texts) + 1}")
