"""The control workbook (台账设置)."""

from __future__ import annotations

from collections.abc import Mapping

from syncer.messages.wording import ERROR, NOTE, WARN, Message, entry

SETTINGS: Mapping[str, Message] = {
    "TPL-001": entry(
        ERROR,
        ("台账设置里没有工作表“{sheet}”", "工作表“{sheet}”", "请恢复这张表；在此之前沿用原来的设置。"),
        ("台账设置 has no sheet “{sheet}”", "the sheet “{sheet}”", "Restore it; until then the former settings hold."),
    ),
    "TPL-002": entry(
        ERROR,
        ("“{sheet}”缺少“{column}”列", "“{column}”列", "请恢复列名；在此之前沿用原来的设置。"),
        (
            "“{sheet}” lacks the column “{column}”",
            "the column “{column}”",
            "Restore it; until then the former settings hold.",
        ),
    ),
    "TPL-003": entry(
        WARN,
        ("“{column}”填的“{found}”看不懂", "{expected}", "请按要求改正；在此之前按默认处理。"),
        ("“{found}” in “{column}” is not understood", "{expected}", "Correct it; the default holds until then."),
    ),
    "TPL-004": entry(
        WARN,
        ("“{found}”重复，后一行没有采用", "名称不重复", "请改名或删去一行。"),
        ("“{found}” is there twice; the second is left out", "different names", "Rename or delete one."),
    ),
    "TPL-005": entry(
        WARN,
        ("“{found}”在《栏目设置》与《表设置》中对不上", "两处都有这张表", "请补上，或核对表名。"),
        ("“{found}” is not in both 栏目设置 and 表设置", "an entry in both", "Add it, or check the name."),
    ),
    "TPL-006": entry(
        WARN,
        ("不认识单位“{unit}”", "《单位名录》中的单位或组", "请核对名称，或在《单位名录》中登记。"),
        ("unknown unit “{unit}”", "a unit or group of 单位名录", "Check the name or add the unit."),
    ),
    "TPL-007": entry(
        ERROR,
        (
            "编号或行标识“{found}”与第 {other} 行重复，这一行没有采用",
            "不重复",
            "请改编号；复制来的行请清空隐藏的行标识。",
        ),
        (
            "number or row id “{found}” repeats row {other}; left out",
            "no repetition",
            "Change the number, or clear the copied id.",
        ),
    ),
    "TPL-008": entry(
        WARN,
        ("没有名为“{found}”的选项", "《下拉选项》中的选项名称", "请在《下拉选项》中添加。"),
        ("there is no option list “{found}”", "a name in 下拉选项", "Add it to 下拉选项."),
    ),
    "TPL-009": entry(
        WARN,
        (
            "任务 {number} 的完成时限“{found}”看不懂，不按时限亮灯",
            "如 3月底前、每季度末、全年",
            "请换一种写法，或在《节假日与节点》中补上节点日期。",
        ),
        (
            "deadline “{found}” of task {number} is not understood",
            "such as 3月底前, 每季度末",
            "Word it differently, or add the date of the event.",
        ),
    ),
    "TPL-010": entry(
        WARN,
        (
            "“{found}”里的“{part}”看不懂，这条没有启用",
            "列名 比较 值或列名，如：工作状态 = 已完成、实到 ≤ 应到、备注 非空；几个条件用“且”“或”连接，前后空一格",
            "请按这个样子改写；各种比较见《填表说明》。",
        ),
        (
            "“{part}” in “{found}” is not understood; not in force",
            "column, comparison, value or column, such as 实到 ≤ 应到; joined by 且 or 或 between spaces",
            "Word it in that form; 填表说明 lists the comparisons.",
        ),
    ),
    "TPL-011": entry(
        WARN,
        (
            "《节假日与节点》里没有 {year} 年的休、班安排，只按法定节假日计算",
            "{year} 年的放假调休安排",
            "国务院公布后请补上，否则到期日和周报日期可能不准。",
        ),
        (
            "节假日与节点 says nothing of {year}; only statutory days are known",
            "the year's days off and make-up days",
            "Add them once they are published.",
        ),
    ),
    "TPL-012": entry(
        WARN,
        ("任务 {number} 的完成时限在 {due}，不在 {year} 年度内", "{year} 年度内的时限", "请核对年份。"),
        ("the deadline of task {number} falls on {due}, outside {year}", "a day in {year}", "Check the year."),
    ),
    "TPL-013": entry(
        ERROR,
        ("单位“{unit}”的编码或简称与第 {other} 行重复，这一行没有采用", "不重复", "请改正。"),
        ("code or short name of “{unit}” repeats row {other}; left out", "no repetition", "Correct it."),
    ),
    "SAFE-010": entry(
        ERROR,
        (
            "单位“{unit}”的简称用作文件名时是“{file}”，与第 {other} 行的单位分不开，这一行没有采用",
            "用作文件名时也不重复的简称",
            '请改简称；文件名里不分大小写，也不能有 \\ / : * ? " < > | 这些符号。',
        ),
        (
            "the short name of “{unit}” makes the file name “{file}”, as row {other} does; left out",
            "short names that make different file names",
            'Change it: case does not count in file names, nor may they hold \\ / : * ? " < > |.',
        ),
    ),
    "SAFE-011": entry(
        ERROR,
        (
            "表名“{found}”在 Excel 里只能写成“{tab}”，与另一张表或系统的表分不开，这一行没有采用",
            "前 31 个字就不重复的表名",
            "请改表名；表名里不能有 [ ] : * ? / \\ 这些符号，不分大小写。",
        ),
        (
            "as a sheet of Excel “{found}” is called “{tab}”, as another sheet or one of our own is; left out",
            "names that differ in their first 31 characters",
            "Rename it: case does not count, and names cannot hold [ ] : * ? / \\.",
        ),
    ),
    "TPL-014": entry(
        WARN,
        ("计数来源“{found}”看不懂，完成率由单位自填", "如 活动台账，或 志愿服务/总时长", "请核对表名和列名。"),
        ("count source “{found}” is not understood", "such as 活动台账 or 志愿服务/总时长", "Check sheet and column."),
    ),
    "TPL-015": entry(
        ERROR,
        ("没有一张可用的数据表", "《栏目设置》与《表设置》中至少一张表", "请恢复；在此之前沿用原来的设置。"),
        ("there is no usable data sheet", "at least one", "Restore it; until then the former settings hold."),
    ),
    "TPL-016": entry(
        WARN,
        (
            "任务“{found}”没有行标识，暂以编号代替",
            "预先印好的隐藏行标识",
            "请在预留的空行上添加任务，以免改编号后对不上。",
        ),
        (
            "task “{found}” has no row id; its number stands in",
            "the pre-printed hidden id",
            "Add tasks on the reserved rows.",
        ),
    ),
    "TPL-017": entry(
        ERROR,
        ("台账年度不可用（{found}）", "如 2026", "请在《亮灯与时限设置》中填写年度。"),
        ("the ledger's year is unusable ({found})", "such as 2026", "Set it in 亮灯与时限设置."),
    ),
    "TPL-018": entry(
        ERROR,
        ("单位“{unit}”没有编码，没有采用", "不重复的编码，如 D17", "请补上编码。"),
        ("unit “{unit}” has no code; left out", "a code such as D17", "Give it a code."),
    ),
    "TPL-019": entry(
        WARN,
        ("任务 {number} 没有可用的牵头单位", "至少一个牵头单位", "请补上。"),
        ("task {number} has no lead unit", "at least one", "Name one."),
    ),
    "TPL-020": entry(
        WARN,
        ("编号“{found}”按数字存放，2.10 会变成 2.1", "文本形式的编号", "请把单元格设为文本格式后重新填写。"),
        ("number “{found}” is not text: 2.10 becomes 2.1", "text", "Format the cell as text and type it again."),
    ),
    "TPL-021": entry(
        WARN,
        ("“{column}”没有填，这一行没有采用", "表名和列名", "请补上。"),
        ("“{column}” is blank; the row is left out", "sheet and column names", "Fill it in."),
    ),
    "TPL-023": entry(
        WARN,
        (
            "台账设置.xlsx 不在原处，仍按上一次的设置执行",
            "01创建办专用里的台账设置.xlsx",
            "请把它放回“01创建办专用”；找不到时可从留存的各版或备份里取回。",
        ),
        (
            "台账设置.xlsx is not in its place; the last settings stay in force",
            "台账设置.xlsx in 01创建办专用",
            "Put it back; kept versions and the backup hold it.",
        ),
    ),
    "TPL-022": entry(
        NOTE,
        (
            "任务 {number} 的{column}已按调整申请改为“{value}”，台账设置里还是“{found}”",
            "台账设置里也是“{value}”",
            "请在台账设置里也改过来；改动之前按调整申请执行。",
        ),
        (
            "{column} of task {number} is “{value}” by an accepted request; 台账设置 still says “{found}”",
            "“{value}” in 台账设置 too",
            "Change it there too; the accepted request holds until then.",
        ),
    ),
}
