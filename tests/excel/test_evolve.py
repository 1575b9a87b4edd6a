"""Workbooks already out get new columns, sheets and choices by patch: as issued by us, and after other programs saved them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.table import Table as OfExcel

from syncer.core.delivery.evolution import NewSheet, SpareColumn, header_text, layout_changes, layout_of
from syncer.core.delivery.handout import handed_out, reserved_ids
from syncer.core.merging.known_book import SheetContent, first_content
from syncer.core.model import (
    Book,
    Choice,
    Column,
    ColumnType,
    Ledger,
    Owner,
    Row,
    Settings,
    Sheet,
    SheetKind,
    Stamp,
    Status,
    Table,
    Task,
    Unit,
)
from syncer.core.reading.headers import match_headers
from syncer.core.values import Scalar, column_letter
from syncer.errors import RefusedError
from syncer.excel.evolve import evolve
from syncer.excel.frame_xml import SheetFrame
from syncer.excel.package import Package
from syncer.excel.patch import patch_cells
from syncer.excel.reader import read_book
from syncer.excel.tables_xml import Tables
from syncer.excel.unitbook import write_unit_book
from tests.office.checks import assert_sound
from tests.office.clerk import Clerk

C, T = Column, ColumnType
TASKS = Sheet(
    "tasks",
    "任务清单",
    SheetKind.TASKS,
    (
        C("no", "任务编号", T.IDENTIFIER, Owner.COORDINATOR, "年度计划"),
        C("title", "重点任务", T.LONG_TEXT, Owner.COORDINATOR, "年度计划"),
        C("status", "工作状态", T.CHOICE, group="完成进度", options="工作状态", required=True),
        C("finished_on", "完成日期", T.DATE, group="完成进度"),
        C("light", "亮灯", T.TEXT, Owner.SYSTEM, "系统"),
    ),
    audience=("D01",),
    reserved_rows=3,
    prefix="RW",
)
RECORDS = Sheet(
    "records",
    "活动台账",
    SheetKind.RECORDS,
    (
        C("name", "名称", required=True),
        C("count", "人数", T.INTEGER),
        C("note", "备注"),
        C("hint", "提示", owner=Owner.SYSTEM),
    ),
    audience=("D01",),
    reserved_rows=6,
    prefix="HD",
)
SURVEY = Sheet(
    "survey",
    "摸排",
    SheetKind.SURVEY,
    (C("who", "姓名", required=True), C("why", "原因", T.CHOICE, options="原因"), C("on", "日期", T.DATE)),
    audience=("D01",),
    reserved_rows=4,
    prefix="MP",
)
UNIT = Unit("D01", "某局宣传科", "宣传科", contact="王样本", phone="12000000001")
PLAN = (Task("T0001", "1.1", "植树", leads=("D01",)), Task("T0002", "2.10", "讲座", leads=("D01",)))
OPTIONS = (("工作状态", (Choice("推进中"), Choice("已完成"), Choice("=滞后"))), ("是否", (Choice("是"), Choice("否"))))
BEFORE = Ledger("v1", Settings(2026, office="某局"), (TASKS, RECORDS), (UNIT,), PLAN, options=OPTIONS)

ADDED = (
    C("due", "预计完成日期", T.DATE, group="完成进度", minimum=date(2026, 1, 1)),
    C("met", "是否达标", T.CHOICE, options="是否", required=True, hint="达到完成标准的选“是”。"),
    C("remark", "领导批示", T.LONG_TEXT, Owner.COORDINATOR, "年度计划"),
    C("share", "比例", T.PERCENT, maximum=50),
    C("heads", "人数", T.INTEGER, measure="人次", minimum=0, maximum=9),
)
RENAMED = replace(TASKS.columns[2], name="进展状态", aliases=("工作状态",))
AFTER = replace(
    BEFORE,
    version="v2",
    sheets=(
        replace(TASKS, columns=(*TASKS.columns[:2], RENAMED, *ADDED, *TASKS.columns[3:])),
        replace(
            RECORDS,
            columns=(RECORDS.columns[0], *RECORDS.columns[2:]),
            retired=(replace(RECORDS.columns[1], status=Status.RETIRED),),
        ),
        SURVEY,
    ),
    options=(("原因", (Choice("甲"), Choice("乙"))), ("工作状态", (*OPTIONS[0][1], Choice("已暂停"))), OPTIONS[1]),
)
BASE = {sheet.code: SheetContent(dict.fromkeys((c.code for c in sheet.columns), 0), ()) for sheet in BEFORE.sheets}


def issued(ledger: Ledger = BEFORE) -> bytes:
    stream = io.BytesIO()
    rows = {
        s.code: [Row(r.id, s.code, "D01", {**r.raw, "status": "推进中"}) for r in handed_out(ledger, s, "D01")]
        for s in ledger.sheets
    }
    rows["records"] = [Row("HD-D01-0099", "records", "D01", {"name": "植树", "count": 80, "note": "=1+1"})]
    ids = {sheet.code: reserved_ids(sheet, "D01") for sheet in ledger.sheets}
    stamp = Stamp("L1", "D01", "main", "v1", 3, "g-1")
    write_unit_book(stream, UNIT, ledger, stamp, rows=rows, reserved_ids=ids, issued=date(2026, 1, 5))
    return stream.getvalue()


def by_openpyxl(path: Path, change: Callable[[Any], object] = lambda _: None) -> None:
    made = openpyxl.load_workbook(path)
    change(made)
    made.save(path)


def by_libreoffice(path: Path, clerk: Clerk) -> None:
    clerk.open(path)
    clerk.set("任务清单", "D5", "已完成")
    clerk.save()
    clerk.close()


@pytest.fixture(params=["issued", "openpyxl", pytest.param("libreoffice", marks=pytest.mark.office)])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A workbook already out, last written by one of three programs."""
    found = tmp_path / "宣传科.xlsx"
    found.write_bytes(issued())
    if request.param == "openpyxl":
        by_openpyxl(found)
    if request.param == "libreoffice":
        by_libreoffice(found, request.getfixturevalue("clerk"))
    return found


def tables(path: Path) -> dict[str, Table]:
    read = read_book(path)
    assert isinstance(read, Book)
    return {table.name: table for table in read.tables}


def evolved(path: Path, ledger: Ledger = AFTER, delivered: Mapping[str, str] | None = None) -> Path:
    """Brings a workbook up to a ledger, beside the old one."""
    read = read_book(path)
    assert isinstance(read, Book)
    known = layout_of(BEFORE, "D01") if delivered is None else delivered
    changes = layout_changes(ledger, "D01", read, BASE, known)
    result = path.with_name("新.xlsx")
    result.write_bytes(evolve(path.read_bytes(), changes, ledger, UNIT))
    return result


def columns(path: Path, sheet: Sheet) -> dict[str, int]:
    match, _ = match_headers(tables(path)[sheet.name], sheet, "")
    assert match
    return match.columns


def rules(path: Path, sheet: str) -> dict[str, Any]:
    """The validations of a sheet by the column they begin in."""
    found = openpyxl.load_workbook(path)[sheet].data_validations.dataValidation
    made = {
        "".join(s for s in str(area).partition(":")[0] if s.isalpha()): rule
        for rule in found
        for area in rule.sqref.ranges
    }
    assert sum(len(rule.sqref.ranges) for rule in found) == len(made)
    return made


def choices(path: Path, name: str) -> list[object]:
    made = openpyxl.load_workbook(path)
    [(sheet, area)] = made.defined_names[name].destinations
    cells = made[sheet][area]
    return [cell.value for row in (cells if isinstance(cells, tuple) else ((cells,),)) for cell in row]


def look(cell: Any) -> str:
    """Everything that makes a cell's looks, as text: openpyxl's styles do not compare."""
    return repr((cell.font, cell.fill, cell.border, cell.alignment, cell.number_format))


def other_members(before: Path, after: Path) -> set[str]:
    """Names of the members that are not byte for byte the same."""
    with zipfile.ZipFile(before) as old, zipfile.ZipFile(after) as new:
        assert set(old.namelist()) <= set(new.namelist())
        return {n for n in new.namelist() if n not in old.namelist() or old.read(n) != new.read(n)}


def sheet_part(path: Path, name: str) -> str:
    return Package(path.read_bytes()).sheets[name]


def test_new_columns_are_read_under_their_codes_and_nothing_else_moved(path: Path) -> None:
    after = evolved(path)
    tasks = AFTER.sheets[0]
    before, now = tables(path), tables(after)
    at = columns(after, tasks)
    assert [at[c.code] for c in ADDED] == [6, 7, 8, 9, 10]
    assert [now["任务清单"].cell(4, at[c.code]) for c in ADDED] == [header_text(c) for c in ADDED]
    assert [now["任务清单"].cell(3, n) for n in (6, 7, 8)] == ["完成进度", None, "年度计划"]
    for name, table in before.items():
        assert now[name].rows[4:] == table.rows[4:]
        ours = {4: 6, 3: 6} if name == "任务清单" else {}  # renamed: D4; new: F3 and on
        for row in (1, 2, 3, 4):
            kept = [(n, v) for n, v in enumerate(table.rows[row - 1], start=1) if n < ours.get(row, 99)]
            changed = [(n, v) for n, v in kept if now[name].cell(row, n) != v]
            assert changed == {("任务清单", 4): [(4, "工作状态*")], ("活动台账", 4): [(2, "人数")]}.get((name, row), [])


def test_a_value_typed_into_a_new_column_is_read_with_its_type(path: Path) -> None:
    after = evolved(path)
    at = columns(after, AFTER.sheets[0])
    typed: dict[str, Scalar] = {"due": date(2026, 3, 5), "met": "是", "share": 0.25, "heads": 7}
    after.write_bytes(patch_cells(after.read_bytes(), {"任务清单": {(5, at[c]): v for c, v in typed.items()}}))
    table = tables(after)["任务清单"]
    assert {code: table.cell(5, at[code]) for code in typed} == typed


def test_new_columns_are_shown_framed_and_as_wide_as_in_a_new_workbook(path: Path) -> None:
    after = evolved(path)
    made, new = openpyxl.load_workbook(after)["任务清单"], openpyxl.load_workbook(io.BytesIO(issued(AFTER)))["任务清单"]
    at = columns(after, AFTER.sheets[0])
    there = {c.code: n for n, c in zip((5, 6, 7, 8, 9), ADDED, strict=True)}
    spans = [(d.min or 0, d.max or 0, d) for d in made.column_dimensions.values()]
    hidden = {n for first, last, d in spans if d.hidden for n in range(first, last + 1)}
    assert hidden == {3, 11}
    for code, n in there.items():
        letter = column_letter(at[code])
        width = next(d.width for first, last, d in spans if first <= at[code] <= last)
        assert width == pytest.approx(new.column_dimensions[column_letter(n)].width, abs=0.01)
        assert look(made[f"{letter}3"]) == look(new["A3"])
        assert [look(made[f"{letter}{row}"]) for row in (4, 5, 9)] == [look(new.cell(row, n)) for row in (4, 5, 9)]


def test_new_columns_accept_and_say_what_they_would_in_a_new_workbook(path: Path) -> None:
    after = evolved(path)
    found = rules(after, "任务清单")
    assert {str(found[letter].sqref) for letter in "FGHIJ"} == {f"{letter}4:{letter}9" for letter in "FGHIJ"}
    assert (found["F"].type, found["F"].formula1, found["F"].formula2) == ("date", "46023", "73050")
    assert (found["G"].type, found["G"].prompt) == ("list", "必填。达到完成标准的选“是”。")
    assert choices(after, found["G"].formula1) == ["是", "否"]
    assert (found["H"].type, found["H"].formula1) == ("custom", 'LEFT($C4,1)<>"T"')
    assert (found["I"].type, found["I"].formula2) == ("decimal", "0.5")
    assert (found["J"].type, found["J"].formula1, found["J"].formula2) == ("whole", "0", "9")
    assert {rule.errorStyle for rule in found.values()} == {"warning"}
    greys = openpyxl.load_workbook(after)["任务清单"].conditional_formatting
    assert [r.formula for area in greys for r in area.rules if str(area.sqref) == "H4:H9"] == [['LEFT($C4,1)="T"']]


def test_a_renamed_column_speaks_by_its_new_name_and_its_dropdown_has_the_new_choice(path: Path) -> None:
    after = evolved(path)
    rule = rules(after, "任务清单")["D"]
    assert tables(after)["任务清单"].cell(4, 4) == "进展状态*"
    assert (rule.promptTitle, str(rule.sqref)) == ("进展状态", "D4:D9")
    assert choices(after, rule.formula1) == ["推进中", "已完成", "=滞后", "已暂停"]


def test_a_retired_column_keeps_what_is_typed_and_demands_nothing(path: Path) -> None:
    after = evolved(path)
    table = tables(after)["活动台账"]
    assert (table.cell(4, 2), table.cell(5, 2)) == ("人数（停用）", 80)
    assert "B" not in rules(after, "活动台账")
    assert set(rules(path, "活动台账")) - set(rules(after, "活动台账")) == {"B"}
    match, _ = match_headers(table, AFTER.sheets[1], "")
    assert match
    assert match.extra == ()
    back = evolved(after, BEFORE, layout_of(AFTER, "D01"))
    assert tables(back)["活动台账"].cell(4, 2) == "人数"
    assert rules(back, "活动台账")["B"].type == "whole"


def test_a_new_sheet_stands_last_as_it_would_be_issued(path: Path) -> None:
    after = evolved(path)
    made, new = openpyxl.load_workbook(after), openpyxl.load_workbook(io.BytesIO(issued(AFTER)))
    assert made.sheetnames == [*openpyxl.load_workbook(path).sheetnames, "摸排"]
    sheet, like = made["摸排"], new["摸排"]
    assert [[c.value for c in row] for row in sheet.iter_rows()] == [[c.value for c in row] for row in like.iter_rows()]
    assert [c.value for c in sheet["C"]][4:] == list(reserved_ids(SURVEY, "D01"))
    for cells, others in zip(sheet.iter_rows(), like.iter_rows(), strict=True):
        for cell, other in zip(cells, others, strict=True):
            if (other.row or 0) > 3 or other.value is not None:  # openpyxl gives the rest of a merged range no looks
                assert look(cell) == look(other)
    assert (sheet.print_area, sheet.print_title_rows, sheet.auto_filter.ref, sheet.freeze_panes) == (
        *(like.print_area, like.print_title_rows, like.auto_filter.ref, like.freeze_panes),
    )
    assert choices(after, rules(after, "摸排")["B"].formula1) == ["甲", "乙"]


def test_only_the_published_parts_change(path: Path) -> None:
    allowed = {sheet_part(path, name) for name in ("任务清单", "活动台账", "_选项")}
    allowed |= {"xl/workbook.xml", "xl/styles.xml", "xl/_rels/workbook.xml.rels", "[Content_Types].xml"}
    after = evolved(path)
    assert other_members(path, after) <= allowed | {sheet_part(after, "摸排")}
    one = replace(BEFORE, sheets=(TASKS, replace(RECORDS, columns=(*RECORDS.columns, C("where", "地点")))))
    assert other_members(path, evolved(path, one)) <= {sheet_part(path, "活动台账"), "xl/styles.xml"}


def test_all_that_stands_there_already_gives_the_same_bytes(path: Path) -> None:
    after = evolved(path)
    assert layout_changes(AFTER, "D01", Book(tuple(tables(after).values())), BASE, layout_of(AFTER, "D01")) == ()
    assert evolved(after, delivered={}).read_bytes() == after.read_bytes()


def test_a_table_that_a_person_made_of_a_sheet_says_the_new_headers_too(tmp_path: Path) -> None:
    path = tmp_path / "宣传科.xlsx"
    path.write_bytes(issued())

    def framed(book: Any) -> None:
        sheet = book["任务清单"]
        sheet.add_table(OfExcel(displayName="表1", ref=f"A4:{column_letter(sheet.max_column)}8"))

    by_openpyxl(path, framed)
    after = evolved(path)
    sheet = openpyxl.load_workbook(after)["任务清单"]
    heads = [cell.value for cell in sheet[4]]
    assert sheet.tables["表1"].column_names == heads
    assert {header_text(c) for c in ADDED} <= set(heads)
    assert evolved(after, delivered={}).read_bytes() == after.read_bytes()


def test_a_header_that_a_table_has_already_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "宣传科.xlsx"
    path.write_bytes(issued())
    by_openpyxl(path, lambda book: book["任务清单"].add_table(OfExcel(displayName="表1", ref="A4:F8")))
    of_sheet = Tables(Package(path.read_bytes()), sheet_part(path, "任务清单"))
    with pytest.raises(RefusedError, match="已有叫“完成日期”的列"):
        of_sheet.name(4, 6, "完成日期")
    of_sheet.name(4, 7, "完成日期")  # right of the table
    of_sheet.name(5, 6, "完成日期")  # no header of it
    assert of_sheet.parts() == {}
    of_sheet.name(4, 6, "用时\n（天）")
    (xml,) = of_sheet.parts().values()
    assert 'name="用时_x000a_（天）"' in xml.decode()


def test_choices_that_were_taken_away_leave_the_list_and_its_range(path: Path) -> None:
    fewer = replace(BEFORE, options=(("工作状态", (Choice("已完成"),)), OPTIONS[1]))
    after = evolved(path, fewer)
    assert choices(after, rules(after, "任务清单")["D"].formula1) == ["已完成"]
    [column] = [c for c in openpyxl.load_workbook(after)["_选项"].iter_cols() if c[0].value == "工作状态"]
    assert [cell.value for cell in column if cell.value] == ["工作状态", "已完成"]


def test_a_hidden_list_sheet_that_somebody_deleted_is_made_again(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(issued())
    by_openpyxl(path, lambda made: made.remove(made["_选项"]))
    after = evolved(path)
    assert openpyxl.load_workbook(after)["_选项"].sheet_state == "hidden"
    assert choices(after, rules(after, "任务清单")["G"].formula1) == ["是", "否"]


@pytest.mark.office
def test_without_a_spare_a_column_stands_framed_right_of_everything(tmp_path: Path, clerk: Clerk) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(issued())
    more = [C(f"c{number}", f"第{number}项") for number in range(1, 9)]
    wide = replace(BEFORE, sheets=(TASKS, replace(RECORDS, columns=(*RECORDS.columns[:3], *more, RECORDS.columns[3]))))
    after = evolved(path, wide)
    assert [at for code, at in columns(after, wide.sheets[1]).items() if code[0] == "c" and code != "count"] == [
        *range(5, 11), 12, 13,
    ]  # fmt: skip
    assert openpyxl.load_workbook(after)["活动台账"]["M11"].border.left.style == "thin"
    assert_sound(after, clerk=clerk)


def test_a_name_like_no_sheet_of_the_book_is_refused() -> None:
    with pytest.raises(RefusedError, match="摸排"):
        evolve(issued(AFTER), (NewSheet("survey"),), AFTER, UNIT)


def test_nothing_due_is_the_very_same_object() -> None:
    source = issued()
    assert evolve(source, (), BEFORE, UNIT) is source


def test_a_column_leaves_validations_that_reach_over_it_extensions_too() -> None:
    main, x14, xm = (
        "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
        "http://schemas.microsoft.com/office/spreadsheetml/2009/9/main",
        "http://schemas.microsoft.com/office/excel/2006/main",
    )
    rule = '<x14:dataValidation type="list"><xm:sqref>C4:C9</xm:sqref></x14:dataValidation>'
    xml = (
        f'<worksheet xmlns="{main}" xmlns:x14="{x14}" xmlns:xm="{xm}"><sheetData/><dataValidations count="2">'
        '<dataValidation sqref="B4:D9 F4"/><dataValidation sqref="C12"/></dataValidations>'
        f'<extLst><ext uri="u"><x14:dataValidations count="1">{rule}</x14:dataValidations></ext></extLst></worksheet>'
    )
    frame = SheetFrame(xml.encode())
    frame.drop_validations(3)
    after = frame.part().decode()
    assert '<dataValidations count="1"><dataValidation sqref="B4:B9 D4:D9 F4"/></dataValidations>' in after
    assert "extLst" not in after


@pytest.mark.office
def test_rules_rest_on_the_row_ids_wherever_a_clerk_pushed_them(tmp_path: Path, clerk: Clerk) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(issued())
    clerk.open(path)
    clerk.insert_row("任务清单", 1)
    clerk.save()
    clerk.close()
    after = evolved(path)
    rule = rules(after, "任务清单")["H"]
    assert (str(rule.sqref), rule.formula1) == ("H5:H10", 'LEFT($C5,1)<>"T"')
    assert_sound(after, clerk=clerk)


@pytest.mark.office
@pytest.mark.parametrize("path", ["issued", "libreoffice"], indirect=True)  # what openpyxl saves is not sound itself
def test_every_program_takes_the_result_and_a_clerk_works_in_it(path: Path, clerk: Clerk) -> None:
    after = evolved(path)
    assert_sound(after, clerk=clerk)
    clerk.open(after)
    assert clerk.sheets() == openpyxl.load_workbook(after).sheetnames
    rule = clerk.validation_at("任务清单", "G6")
    assert (rule["type"], rule["alert"], rule["prompt_title"]) == ("LIST", "WARNING", "是否达标")
    assert clerk.validation_at("任务清单", "H6")["type"] == "CUSTOM"
    assert clerk.validation_at("任务清单", "D6")["prompt_title"] == "进展状态"
    for cell, text in {"F6": "2026年3月5日", "G6": "是", "I6": "25%", "J6": "7"}.items():
        clerk.set("任务清单", cell, text)
    clerk.set("摸排", "A5", "钱甲")
    assert (clerk.shown("任务清单", "F6"), clerk.shown("任务清单", "I6")) == ("2026-03-05", "25%")
    clerk.save()
    clerk.close()
    table, at = tables(after)["任务清单"], columns(after, AFTER.sheets[0])
    found = [table.cell(6, at[code]) for code in ("no", "due", "met", "share", "heads")]
    assert found == ["2.10", date(2026, 3, 5), "是", 0.25, 7]
    assert tables(after)["摸排"].cell(5, 1) == "钱甲"


def test_a_spare_column_that_a_first_content_does_not_know_is_due_after_issue() -> None:
    stream = io.BytesIO(issued())
    book = Book(tuple(Table(s.name, ((), (), (), tuple(h))) for s, h in _headers(stream).items()))
    changes = layout_changes(AFTER, "D01", book, first_content(BEFORE, "D01"), layout_of(BEFORE, "D01"))
    assert [change.code for change in changes if isinstance(change, SpareColumn)] == [c.code for c in ADDED]


def _headers(stream: io.BytesIO) -> dict[Sheet, list[Any]]:
    made = openpyxl.load_workbook(stream)
    return {sheet: [cell.value for cell in made[sheet.name][4]] for sheet in BEFORE.sheets}
