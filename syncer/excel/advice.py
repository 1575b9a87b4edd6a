"""填报须知, the first sheet of a unit's workbook: whose book it is, how to fill it in, and what sheets there are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

import xlsxwriter

from syncer.core.model import ADVICE_SHEET, Ledger, Sheet, SheetKind, Unit
from syncer.excel.heights import row_height
from syncer.excel.looks import SheetLooks, font_props
from syncer.excel.writing import Formats, clean, link, page


def write_advice(
    book: xlsxwriter.Workbook,
    formats: Formats,
    unit: Unit,
    ledger: Ledger,
    sheets: Sequence[tuple[Sheet, str]],
    issued: date,
) -> None:
    """Writes the first sheet: whose book it is, how to fill it in, and what sheets there are."""
    worksheet = book.add_worksheet(ADVICE_SHEET)
    base = SheetLooks()
    large = formats(**font_props(replace(base.title, size=28)), align="center", valign="vcenter", shrink=True)
    plain = formats(**font_props(base.data), valign="vcenter", text_wrap=True)
    middle = formats(**font_props(base.data), valign="vcenter", align="center")
    linked = formats(**font_props(base.data), valign="vcenter", font_color="0563C1", underline=1)
    head = formats(**font_props(replace(base.leaf, size=14)), valign="vcenter")
    worksheet.set_column(0, 0, 5)
    worksheet.set_column(1, 1, 20)
    worksheet.set_column(2, 2, 76)
    settings = ledger.settings
    top = f"{settings.office}{settings.ledger_name}（{settings.year}年）　{issued.year}年{issued.month}月{issued.day}日下发"
    for row, (text, style, height) in enumerate(((unit.name, large, 54), (top, middle, 26))):
        worksheet.merge_range(row, 0, row, 2, "", style)
        worksheet.write_string(row, 0, clean(text), style)
        worksheet.set_row(row, height)
    row = 3
    worksheet.write_string(row, 0, "怎么填", head)
    for number, text in enumerate(_advice(unit, ledger), start=1):
        row += 1
        worksheet.write_string(row, 0, f"{number}.", formats(**font_props(base.data), valign="top", align="right"))
        worksheet.merge_range(row, 1, row, 2, "", plain)
        worksheet.write_string(row, 1, clean(text), formats.like(plain, valign="top"))
        worksheet.set_row(row, row_height([(text, 98)], base.data.size, 24))
    row += 2
    worksheet.write_string(row, 0, "有哪些表（点表名打开）", head)
    for sheet, name in sheets:
        row += 1
        link(worksheet, row, 1, name, linked, to_sheet=name)
        worksheet.write_string(row, 2, _purpose(sheet), plain)
        worksheet.set_row(row, 20)
    worksheet.hide_gridlines(2)
    page(worksheet, landscape=False)


def _advice(unit: Unit, ledger: Ledger) -> Iterator[str]:
    tasks = any(sheet.kind is SheetKind.TASKS for sheet in ledger.sheets_of(unit.code))
    office = next((u for u in ledger.units if "创建办" in (u.short, u.name, *u.aliases)), None)
    call = "　".join(filter(None, (office.contact, office.phone))) if office else ""
    yield "白色格由本单位填写；标题带 * 的必填。灰色格由创建办或系统填写，不用填；对灰色格有不同意见，可直接改写，会作为调整申请交创建办裁定。"
    yield "填完按平常的办法保存即可，不用另存、改名或另外上报；文件名和所在文件夹请不要改。"
    yield "日期写成 2026-03-05，百分数写成 95%；一格里有几项的，用顿号“、”隔开。每格点一下会出现填写提示。"
    if tasks:
        yield "本周完成情况每周更新一次；没有进展的填“无变化”。问题解决了，把“存在问题”一格清空就行。"
    yield "新记录填在下面的空行，也可以插入行、复制行。可以排序、筛选、粘贴；不要删除列，也不要改第4行的列名。"
    if tasks:
        yield "任务清单里本单位自己的子任务，写在任务下面的空行，不填任务编号。"
    yield f"填得对不对，看“05填报提示”文件夹里{unit.short}的填报提示：第一行是回执，下面逐条说明，点链接能跳到那一格。"
    yield "保存并关闭几分钟后，创建办的改动、裁定、亮灯和“系统提示”会写进这份表（正打开着时不写）；本单位填的内容，除创建办裁定的以外不会被改动。"
    yield "某一行最左边的格子变成橙色，是最右边“系统提示”里有话要说，请照着改。"
    yield f"佐证材料放进“06佐证材料”里{unit.short}的文件夹，文件名写清日期和内容。"
    yield "打印时只印已填的行和末页的空行。空行填满后如有漏印，请选中要印的区域，重新设置打印区域。"
    yield f"有疑问请联系创建办{'：' + call if call else ''}。"


def _purpose(sheet: Sheet) -> str:
    words = {
        SheetKind.TASKS: "本单位牵头的任务，每周更新进展",
        SheetKind.SUPPORT: "本单位配合的任务，有情况就填",
        SheetKind.RECORDS: "做一项记一行",
        SheetKind.SURVEY: "一次性摸排，按要求填报",
    }[sheet.kind]
    period = f"，{sheet.period}" if sheet.period not in {"", "不限"} and sheet.kind is SheetKind.RECORDS else ""
    due = f"，{sheet.due.year}年{sheet.due.month}月{sheet.due.day}日前" if sheet.due else ""
    return f"{words}{period}{due}"
