"""What the office demands of rows and columns, and demands that make no sense."""

from __future__ import annotations

from collections.abc import Mapping

from syncer.messages.wording import ERROR, NOTE, WARN, Message, entry

CHECKS: Mapping[str, Message] = {
    # ---- checks
    "CHK-001": entry(
        WARN,
        ("“{column}”没有填", "必填", "请补填。"),
        ("“{column}” is blank", "it is required", "Fill it in."),
    ),
    "CHK-002": entry(
        WARN,
        ("“{column}”没有填（{when} 时必填）", "{when} 时必填", "请补填。"),
        ("“{column}” is blank (required when {when})", "required when {when}", "Fill it in."),
    ),
    "CHK-003": entry(
        WARN,
        ("“{column}”与第{other}行重复", "不重复", "同一件事只登记一次，请改其中一处。"),
        ("“{column}” repeats row {other}", "no repetition", "Register it once; change one of the two."),
    ),
    "CHK-004": entry(
        WARN,
        (
            "“{column}”的写法不合规定",
            "{form}（Y、N 是数字，X 是文字）",
            "请照“{form}”的样子改写，括号和连接号也要一致。",
        ),
        (
            "“{column}” does not look as agreed",
            "{form} (Y and N stand for digits, X for any text)",
            "Write it like {form}, brackets and dashes included.",
        ),
    ),
    "CHK-005": entry(
        WARN,
        ("“{column}”只有{length}个字", "至少{least}个字", "请写具体一些。"),
        ("“{column}” has only {length} signs", "at least {least} signs", "Say more."),
    ),
    "CHK-006": entry(
        WARN,
        ("“{column}”有{length}个字，太长了", "不超过{most}个字", "请精简；原文仍然照收。"),
        ("“{column}” has {length} signs, too many", "at most {most} signs", "Shorten it; it is kept as typed."),
    ),
    "CHK-010": entry(
        NOTE,
        ("{demand}", "{wanted}", "请核对（规则 {rule}）。"),
        ("{demand}", "{wanted}", "Please check (rule {rule})."),
    ),
    "CHK-011": entry(
        WARN,
        ("{demand}", "{wanted}", "请核对并改正（规则 {rule}）。"),
        ("{demand}", "{wanted}", "Check and correct it (rule {rule})."),
    ),
    "CHK-012": entry(
        ERROR,
        ("{demand}", "{wanted}", "请改正（规则 {rule}）。"),
        ("{demand}", "{wanted}", "Correct it (rule {rule})."),
    ),
    "CHK-013": entry(
        NOTE,
        ("“{column}”一栏还在试行，填的内容正式启用后会提示（{code}）", "试行的栏目，暂不作数", "可以先不改。"),
        (
            "“{column}” is on trial; once in force, this would be pointed out ({code})",
            "a column on trial, nothing yet",
            "Nothing needs to be done yet.",
        ),
    ),
    "CHK-014": entry(
        NOTE,
        (
            "本单位自己加的“{column}”这一列不见了，台账里仍保留它原来的内容",
            "保留这一列",
            "若是误删请恢复；确实不要了请告知创建办。",
        ),
        (
            "the unit's own column “{column}” is gone; the ledger still has its former content",
            "the column as it was",
            "Restore it, or tell the coordinator that it is to go.",
        ),
    ),
    "CHK-020": entry(
        NOTE,
        ("{demand}（试行的规则 {rule}）", "{wanted}；试行期间不作数", "可以先不改。"),
        ("{demand} (rule {rule}, on trial)", "{wanted}; not yet binding", "Nothing needs to be done yet."),
    ),
    # ---- checks that make no sense, told to the coordinator
    "CHK-021": entry(
        WARN,
        (
            "“{found}”里的“{name}”不是这张表的栏目，这条没有启用",
            "本表的栏目，如：{near}",
            "请改成《栏目设置》里的列名。",
        ),
        (
            "“{name}” in “{found}” is no column of this sheet; not in force",
            "a column of the sheet, such as {near}",
            "Use a column name of 栏目设置.",
        ),
    ),
    "CHK-022": entry(
        WARN,
        ("“{found}”里的“{name}”不存在，这条没有启用", "表名.列名，如：{near}", "请核对表名和列名，中间用点隔开。"),
        (
            "“{name}” in “{found}” does not exist; not in force",
            "sheet.column, such as {near}",
            "Check sheet and column, with a dot between them.",
        ),
    ),
    "CHK-023": entry(
        WARN,
        ("“{found}”里的“{name}”不是“{of}”的选项，这条没有启用", "{near}", "请改成《下拉选项》里有的选项。"),
        (
            "“{name}” in “{found}” is no choice of “{of}”; not in force",
            "{near}",
            "Use one of the choices in 下拉选项.",
        ),
    ),
    "CHK-024": entry(
        WARN,
        (
            "“{test}”没法比较：栏目的类型与比较的内容对不上，这条没有启用",
            "同类的栏目或值，如 {like}",
            "请核对《栏目设置》里的类型：数字与数字比，日期与日期比。",
        ),
        (
            "“{test}” cannot be compared: type and operand differ; not in force",
            "a column or value of the same type, such as {like}",
            "Check the type in 栏目设置: numbers go with numbers, dates with dates.",
        ),
    ),
    "CHK-025": entry(
        WARN,
        (
            "格式“{form}”里没有可变的部分，没有启用",
            "如 XX〔YYYY〕N号：YYYY 是四位年份，N 是数字，X 是文字",
            "请用 Y、N、X 标出可变的部分。",
        ),
        (
            "the pattern “{form}” leaves nothing open; not in force",
            "such as XX〔YYYY〕N号: YYYY four digits, N digits, X any text",
            "Mark what varies by Y, N and X.",
        ),
    ),
    "CHK-026": entry(
        WARN,
        (
            "“{of}”归创建办填写，单位改不了，这条要求没有启用",
            "归单位或系统的栏目",
            "请换一个栏目；需要时把它写进“条件”。",
        ),
        (
            "“{of}” is the coordinator's, no unit could mend it; not in force",
            "a column of the units or the system",
            "Demand it of another column, or use it as a condition.",
        ),
    ),
    "CHK-027": entry(
        WARN,
        (
            "“{found}”与{other}矛盾，没有一行能同时满足，后一条没有启用",
            "能同时满足的要求",
            "请改其中一条，或给它们写上不同的条件。",
        ),
        (
            "“{found}” contradicts {other}: no row can meet both; the later one is not in force",
            "demands that go together",
            "Change one of them, or give them different conditions.",
        ),
    ),
    "CHK-028": entry(
        WARN,
        ("与规则 {other} 完全相同，后一条没有启用", "每条规则写一次", "请删去一条，或改成别的要求。"),
        (
            "the same as rule {other}; the later one is not in force",
            "each rule once",
            "Delete one of them, or demand something else.",
        ),
    ),
    "CHK-029": entry(
        WARN,
        (
            "规则 {rule} 现有的{rows}行没有一行符合，多半是规则写错了",
            "只有少数行不合",
            "请核对条件和要求；要先看看效果，可把状态改成“试行”。",
        ),
        (
            "none of the {rows} rows meets rule {rule}: the rule itself is probably wrong",
            "few rows that fail",
            "Check it; set it to 试行 to try it out.",
        ),
    ),
    "CHK-030": entry(
        NOTE,
        (
            "试行的规则 {rule} 现有{hits}行不合（{units}个单位），共{rows}行",
            "试行期间只作提示",
            "认为合适就把状态改成“启用”，不合适就改成“停用”。",
        ),
        (
            "rule {rule}, on trial, is not met by {hits} of {rows} rows ({units} units)",
            "a note only, while on trial",
            "Set it to 启用 or 停用 once you know.",
        ),
    ),
    "CHK-031": entry(
        WARN,
        (
            "类型是“{kind}”的栏目不能写格式，“{found}”没有启用",
            "文本、长文本、编号、电话或网址",
            "请改类型，或清空格式。",
        ),
        (
            "a column of the type {kind} has no 格式; “{found}” is not in force",
            "a column of text",
            "Change the type, or clear 格式.",
        ),
    ),
}
