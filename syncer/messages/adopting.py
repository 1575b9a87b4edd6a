"""An office's own ledgers, taken over."""

from __future__ import annotations

from collections.abc import Mapping

from syncer.messages.wording import ERROR, WARN, Message, entry

ADOPTING: Mapping[str, Message] = {
    "ADOPT-001": entry(
        ERROR,
        (
            "这不是导入方案：找不到它的工作表或栏目",
            "《台账导入方案》原来的几张工作表",
            "请重新运行 syncer adopt 原来的台账。",
        ),
        ("not a proposal: sheets or columns of it are missing", "the proposal book", "Run syncer adopt FILES again."),
    ),
    "ADOPT-002": entry(
        ERROR,
        (
            "没有叫“{found}”的表",
            "《表设置》里的表，或“不导入”",
            "请从下拉里选一张表，保存后再运行 syncer adopt --apply。",
        ),
        (
            "no sheet is called “{found}”",
            "a sheet of the ledger, or 不导入",
            "Choose one from the list, save, run again.",
        ),
    ),
    "ADOPT-003": entry(
        ERROR,
        (
            "《{table}》里没有“{found}”这一栏",
            "《{table}》的一栏",
            "请从下拉里选一栏，保存后再运行 syncer adopt --apply。",
        ),
        ("{table} has no column “{found}”", "a column of {table}", "Choose one from the list, save, run again."),
    ),
    "ADOPT-004": entry(
        ERROR,
        ("同一张表有两栏都对应“{found}”", "我们的一栏只对应原来的一栏", "请把其中一栏改为别的栏目、附加列或不导入。"),
        ("two columns of one table go to “{found}”", "one column each", "Choose another for one of them."),
    ),
    "ADOPT-005": entry(
        ERROR,
        (
            "单位名录里没有“{found}”",
            "单位名录里的单位；几个单位用顿号隔开",
            "请从下拉里选，或先在《台账设置》的单位名录里加上。",
        ),
        ("“{found}” is not in the roster", "units of the roster", "Choose from the list, or add the unit to 台账设置."),
    ),
    "ADOPT-006": entry(
        ERROR,
        ("任务分解里没有“{found}”", "任务分解里的任务、“自定子任务”或“不导入”", "请从下拉里选。"),
        ("the plan has no task “{found}”", "a task of the plan, 自定子任务 or 不导入", "Choose one from the list."),
    ),
    "ADOPT-007": entry(
        WARN,
        (
            "不知道这张表是哪个单位的，它的内容只列在导入报告里",
            "一个单位，或一栏“牵头或责任单位”",
            "请在“单位”里选一个，或在《2 栏目》里指明哪一栏是单位，再运行 syncer adopt --apply。",
        ),
        (
            "whose this table is, is not known: its content stands in the report only",
            "a unit, or a column of units",
            "Choose a unit, or say in 2 栏目 which column names them, and run again.",
        ),
    ),
    "ADOPT-008": entry(
        ERROR,
        ("留存的原文件已经不在了", "生成方案时读过的文件", "请用原来的台账重新运行 syncer adopt。"),
        ("the kept bytes of this file are gone", "the file as it was proposed from", "Run syncer adopt FILES again."),
    ),
    "ADOPT-009": entry(
        WARN,
        (
            "表号{found}改了对应表，已按新的表重新对好栏目",
            "看过一遍的方案",
            "请再打开导入方案看一遍《2 栏目》，保存后再运行 syncer adopt --apply。",
        ),
        (
            "tables {found} go to another sheet; their columns were proposed anew",
            "a proposal that was looked at",
            "Look at 2 栏目 again, save, and run syncer adopt --apply.",
        ),
    ),
    "ADOPT-010": entry(
        WARN,
        ("这是我们下发的工作簿，没有读", "各单位原来自己的台账", "已填好的工作簿请放进07收件箱或02各单位填报。"),
        (
            "a workbook that we issued; not read",
            "the office's own ledgers",
            "Put filled-in workbooks into 07收件箱 or 02.",
        ),
    ),
    "ADOPT-011": entry(
        WARN,
        (
            "没有找到表头，整张表列入导入报告",
            "一行或几行栏目名，下面是内容",
            "是台账的，请把栏目名写成连续的一行再试。",
        ),
        (
            "no header was found",
            "rows that name the columns, content below",
            "Give it one row of column names and try again.",
        ),
    ),
    "ADOPT-012": entry(
        WARN,
        (
            "{unit}的工作簿里已有填报内容，没有写入",
            "还没有人填过的工作簿",
            "请该单位自己补填，导入报告里列着内容；或把空白工作簿另行填好放进07收件箱。",
        ),
        (
            "the workbook of {unit} holds content; nothing was written",
            "a workbook that nobody has filled in",
            "Let the unit type it: the report lists the content.",
        ),
    ),
    "ADOPT-013": entry(
        WARN,
        ("{unit}的工作簿正打开着，没有写入", "关闭的工作簿", "请关闭后再运行一次 syncer adopt --apply。"),
        ("the workbook of {unit} is open; nothing was written", "a closed workbook", "Close it and run again."),
    ),
    "ADOPT-014": entry(
        WARN,
        (
            "{unit}的工作簿有还没合并的改动，或不是我们下发的，没有写入",
            "刚合并过的工作簿",
            "请先运行 syncer sync，再运行一次 syncer adopt --apply。",
        ),
        (
            "the workbook of {unit} has a save that was not merged, or is not ours; nothing was written",
            "a workbook as last merged",
            "Run syncer sync, then syncer adopt --apply again.",
        ),
    ),
    "ADOPT-015": entry(
        WARN,
        (
            "{unit}的工作簿没有写入（{why}）",
            "能写入的工作簿",
            "内容列在导入报告里；排除原因后再运行一次 syncer adopt --apply。",
        ),
        (
            "the workbook of {unit} was not written ({why})",
            "a workbook that can be written",
            "Mend that and run again.",
        ),
    ),
}
