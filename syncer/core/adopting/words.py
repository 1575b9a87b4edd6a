"""The words of the proposal book: its sheets, its columns, and what may be answered. Who writes it and who reads it share them."""

from __future__ import annotations

from syncer.core.adopting.proposal import BY_COLUMN, NO_TASK, OWN_TASK
from syncer.core.adopting.units import UnitFinder, names_in
from syncer.core.model import Ledger
from syncer.core.values import fold, tidy

TABLES, COLUMNS, UNITS, TASKS, PLAN, FILES = "1 表", "2 栏目", "3 单位", "4 任务", "5 可贴入任务分解", "读到的文件"
HEADER_ROW = 3

NUMBER, FILE, SHEET, ROWS, TITLE = "表号", "文件", "工作表", "行数", "表上的标题"
OUR_SHEET, OUR_UNIT, OUR_COLUMN, OUR_UNITS, OUR_TASK = "对应表", "单位", "对应栏目", "对应单位", "任务"
SURE, UNIT_SURE, OTHER = "把握", "单位把握", "也可能是"
LETTER, NAME, EXAMPLES = "列", "原栏目名", "例值"
WORDING, COUNT, WHERE = "原写法", "次数", "在哪里"
ROW, TASK_NUMBER, TASK_TITLE, WHOSE = "行号", "原编号", "原任务", "原单位"
PROPOSED = "原建议"
PATH, RESULT, DIGEST = "位置", "结果", "内容标识"

NOT_ADOPTED = "不导入"
EACH_ROW = "按各行所写的单位"
OWN_TASK_LABEL = "自定子任务（任务分解里没有）"


def sheet_label(ledger: Ledger, code: str) -> str:
    """Returns what the book calls a sheet of ours, or that a table goes to none."""
    sheet = ledger.sheet(code) if code else None
    return sheet.name if sheet else NOT_ADOPTED


def unit_label(ledger: Ledger, code: str) -> str:
    """Returns what the book says of whose a table is; blank where nobody knows."""
    if code == BY_COLUMN:
        return EACH_ROW
    unit = ledger.unit(code)
    return unit.short if unit else ""


def units_label(ledger: Ledger, wording: str, codes: tuple[str, ...]) -> str:
    """Returns what the book says of whom a wording means: names, or the group's own name where it means many."""
    if len(codes) > 3 and set(UnitFinder(ledger).whole(wording)) == set(codes):
        return tidy(wording)
    return "、".join(unit_label(ledger, code) for code in codes) or NOT_ADOPTED


def task_label(ledger: Ledger, task: str) -> str:
    """Returns what the book calls a task of the plan, or that a row is the unit's own or not taken over."""
    if task == OWN_TASK:
        return OWN_TASK_LABEL
    found = ledger.task(task)
    return f"{found.number} {found.title}" if found else NOT_ADOPTED


# ---- and back


def sheet_named(ledger: Ledger, text: str) -> str | None:
    """Returns the code of the sheet that she chose, ``""`` for none of ours; ``None`` if there is none of this name."""
    if fold(text) in {"", fold(NOT_ADOPTED)}:
        return ""
    return next((s.code for s in ledger.sheets if fold(s.name) == fold(text)), None)


def unit_named(finder: UnitFinder, text: str) -> str | None:
    """Returns whose a table is as she says; ``None`` if nobody is called so."""
    if not fold(text):
        return ""
    return BY_COLUMN if fold(text) == fold(EACH_ROW) else finder.roster.find(text)


def units_named(finder: UnitFinder, text: str) -> tuple[str, ...] | None:
    """Returns whom a wording means as she says; ``None`` if one of the names is nobody's."""
    if fold(text) in {"", fold(NOT_ADOPTED)}:
        return ()
    found = [finder.whole(name) for name in names_in(text)]
    return tuple(dict.fromkeys(code for codes in found for code in codes)) if all(found) else None


def task_named(ledger: Ledger, text: str) -> str | None:
    """Returns the task that she chose, by label, number or title; ``None`` if there is none such."""
    wanted = fold(text)
    if wanted in {fold(OWN_TASK_LABEL), fold("自定子任务")}:
        return OWN_TASK
    if wanted in {"", fold(NOT_ADOPTED)}:
        return NO_TASK
    return next(
        (t.id for t in ledger.tasks if wanted in {fold(t.number), fold(t.title), fold(f"{t.number} {t.title}")}), None
    )
