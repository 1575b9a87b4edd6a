"""Cells as a person typed them, and texts that cannot be passed on as they stand."""

from __future__ import annotations

from collections.abc import Mapping

from syncer.messages.wording import ERROR, NOTE, WARN, Message, entry

CELLS: Mapping[str, Message] = {
    # ---- cells
    "CELL-001": entry(
        ERROR,
        ("“{column}”应填数字", "数字，如 12", "只填数字，单位和说明写到备注里。"),
        ("“{column}” wants a number", "a number such as 12", "Type the number only; put the rest into the remarks."),
    ),
    "CELL-002": entry(
        ERROR,
        ("“{column}”的日期看不懂", "日期，如 2026-3-5", "请填成 2026-3-5 这样的日期。"),
        ("the date in “{column}” is not understood", "a date such as 2026-3-5", "Type it like 2026-3-5."),
    ),
    "CELL-003": entry(
        ERROR,
        ("“{column}”不在可选项里", "{choices}", "请从下拉列表里选一项。"),
        ("“{column}” is not among the choices", "{choices}", "Pick from the dropdown."),
    ),
    "CELL-004": entry(
        WARN,
        ("“{column}”里有不认识的单位：{unit}", "《单位名录》里的名称，多个用顿号隔开", "请改用规范名称。"),
        ("unknown unit in “{column}”: {unit}", "names in 单位名录, separated by 、", "Use the name in the roster."),
    ),
    "CELL-005": entry(
        ERROR,
        ("“{column}”里没有这个任务编号：{task}", "任务分解中的编号，如 3.2；多个用顿号隔开", "请核对任务编号。"),
        ("no such task in “{column}”: {task}", "a number of the plan, such as 3.2", "Check the task number."),
    ),
    "CELL-006": entry(
        ERROR,
        (
            "“{column}”超出范围（应在 {limits}）",
            "{limits}",
            "请核对后改正；范围没有错的，看看是不是多了符号，或用了别的计量单位。",
        ),
        ("“{column}” is out of range ({limits})", "{limits}", "Check and correct it."),
    ),
    "CELL-007": entry(
        ERROR,
        ("“{column}”是公式错误值", "正常的内容", "请修好公式，或直接填写内容。"),
        ("“{column}” holds a formula error", "a value", "Mend the formula or type the value."),
    ),
    "CELL-008": entry(
        ERROR,
        ("“{column}”的数看不准", "一个确定的数字", "请填一个确定的数；范围或说明写到备注里。"),
        ("the number in “{column}” is unclear", "one definite number", "Type one number; put ranges into the remarks."),
    ),
    "CELL-009": entry(
        NOTE,
        ("“{column}”已读作“{read}”", "{read}", "读得不对才需要改。"),
        ("“{column}” was read as “{read}”", "{read}", "Change it only if this is wrong."),
    ),
    "CELL-010": entry(
        WARN,
        ("“{column}”不像电话号码", "手机或座机号码", "请核对号码。"),
        ("“{column}” is no phone number", "a phone number", "Check the number."),
    ),
    "CELL-011": entry(
        WARN,
        ("“{column}”不是网址", "以 http:// 或 https:// 开头的网址", "请粘贴完整的网址；别的说明写到备注里。"),
        ("“{column}” is no web address", "an address with http:// or https://", "Paste the whole address of the page."),
    ),
    "CELL-012": entry(
        ERROR,
        ("“{column}”应填整数", "整数，如 12", "请改成整数。"),
        ("“{column}” wants a whole number", "a whole number", "Type a whole number."),
    ),
    "CELL-013": entry(
        WARN,
        (
            "“{column}”是编号或号码，却按数字存放，可能已丢失开头或末尾的 0",
            "文本形式的编号",
            "请把单元格设为文本格式后重新填写。",
        ),
        (
            "“{column}” is an identifier kept as a number; digits may be lost",
            "text",
            "Format the cell as text and type it again.",
        ),
    ),
    "CELL-014": entry(
        ERROR,
        (
            "“{column}”按“{measure}”计，这里写的是“{unit}”",
            "以“{measure}”计的数字",
            "请换算成“{measure}”，只填数字；说明写到备注里。",
        ),
        (
            "“{column}” is counted in “{measure}”, and “{unit}” stands there",
            "a number counted in “{measure}”",
            "Convert it and type the number only; put the rest into the remarks.",
        ),
    ),
    "CELL-015": entry(
        NOTE,
        ("“{column}”里写的是没有，已按空白处理，不参加统计", "有就填，没有就空着", "确实没有就不用处理；是 0 请填 0。"),
        (
            "“{column}” says that there is none; it is taken as blank and not counted",
            "a value, or nothing",
            "Nothing to do if there is none; type 0 where 0 is meant.",
        ),
    ),
    "CELL-016": entry(
        ERROR,
        (
            "“{column}”的数字太长，Excel 只保留前 15 位，后面的多半已变成 0",
            "文本形式的完整号码，或不超过 15 位的数",
            "请把单元格设为文本格式，照原件重新填写。",
        ),
        (
            "the number in “{column}” is too long: Excel keeps 15 digits, the others are probably lost",
            "the whole number as text, or at most 15 digits",
            "Format the cell as text and type it again from the original.",
        ),
    ),
    "CELL-017": entry(
        WARN,
        (
            "“{column}”没有写明究竟是哪些单位：{unit}",
            "逐个写出单位，或写组名；多个用顿号隔开",
            "请把单位写全，不用“等”“除……外”。",
        ),
        (
            "“{column}” leaves open which units are meant: {unit}",
            "every unit by name, or a group, separated by 、",
            "Name all of them, without “and others” or “except”.",
        ),
    ),
    "CELL-018": entry(
        NOTE,
        ("“{column}”的时限是这样理解的：{read}", "看得出哪一天的时限", "理解得不对才需要改，最好写成某月某日前。"),
        (
            "how the deadline in “{column}” is understood: {read}",
            "a deadline that names its day",
            "Change it only if this is wrong.",
        ),
    ),
    "CELL-019": entry(
        ERROR,
        (
            "“{column}”里成了日期或时间，多半是输入 3-1、1:30 之类时被 Excel 自动改的",
            "数字或编号，不是日期",
            "请把单元格设为文本或常规格式后重新填写。",
        ),
        (
            "“{column}” holds a date or time; Excel probably made it of something like 3-1 or 1:30",
            "a number, no date",
            "Format the cell as text or General and type it again.",
        ),
    ),
    "CELL-020": entry(
        ERROR,
        (
            "“{column}”是公式，但文件里没有算出的结果",
            "算好的结果，或直接填写的内容",
            "请在 WPS/Excel 里打开，让它算一遍再保存，或直接填写内容。",
        ),
        (
            "“{column}” holds a formula without a result",
            "a result, or a typed value",
            "Open it in WPS or Excel, let it calculate and save, or type the value.",
        ),
    ),
    "CELL-021": entry(
        WARN,
        ("“{column}”里放的是一张图片，汇总时看不到", "文字", "请在格里写文字；图片放进“06佐证材料”本单位的文件夹。"),
        (
            "“{column}” holds a picture, which the master cannot show",
            "text",
            "Type text; put the picture into the unit's folder in 06佐证材料.",
        ),
    ),
    "CELL-022": entry(
        NOTE,
        (
            "“{column}”有 {count} 格取自另一份工作簿“{source}”，已按文件里存的结果读取",
            "直接填写的内容",
            "那份工作簿变了，这里不会跟着变；稳妥起见请改为直接填写。",
        ),
        (
            "{count} cells of “{column}” come from another workbook, “{source}”; read as stored",
            "typed values",
            "They do not follow that workbook by themselves; better type the values.",
        ),
    ),
    "CELL-023": entry(
        ERROR,
        (
            "“{column}”导出成了“{found}”：原来的列太窄，数值没有写进文件",
            "原来的数值",
            "请把列拉宽后重新保存，最好存为 .xlsx。",
        ),
        (
            "“{column}” was exported as “{found}”: the column was too narrow for its value",
            "the value",
            "Widen the column and save again, best as .xlsx.",
        ),
    ),
    "CELL-025": entry(
        ERROR,
        (
            "“{column}”的日期和星期对不上：{day}是{weekday}",
            "日期与星期一致，或只写日期",
            "请核对是日期写错还是星期写错，改正后保存。",
        ),
        (
            "date and weekday in “{column}” do not agree: {day} is {weekday}",
            "a date, with its own weekday or none",
            "Check which of the two is wrong and correct it.",
        ),
    ),
    "CELL-026": entry(
        ERROR,
        ("“{column}”写了不止一天", "一个日期，如 2026-3-5", "请只填一天；起止时间写到内容或备注里。"),
        (
            "more than one day in “{column}”",
            "one date such as 2026-3-5",
            "Type one day; put the whole span into the remarks.",
        ),
    ),
    "CELL-027": entry(
        ERROR,
        (
            "“{column}”没有写到具体哪一天",
            "一个日期，如 2026-3-5",
            "请填到年月日；说不准的写最接近的一天，并在备注说明。",
        ),
        (
            "“{column}” names no one day",
            "a date such as 2026-3-5",
            "Type year, month and day; if unsure the nearest day, and say so in the remarks.",
        ),
    ),
    "CELL-028": entry(
        ERROR,
        ("“{column}”里的日期不存在", "日历上有的一天", "请核对月份和日期（如 2月没有30日）后改正。"),
        ("there is no such day as in “{column}”", "a day of the calendar", "Check month and day and correct them."),
    ),
    "CELL-029": entry(
        NOTE,
        ("“{column}”不在台账年度（{year}年）里", "{year}年的日期", "确是其他年份的就不用处理；年份写错的请改正。"),
        (
            "“{column}” is not in the year of the ledger ({year})",
            "a date of {year}",
            "Correct the year if it is wrong.",
        ),
    ),
    "CELL-030": entry(
        NOTE,
        (
            "“{column}”不像正确的身份证号（位数、出生日期或校验码不对）",
            "18位身份证号",
            "请照证件核对；确实如此的不用处理。",
        ),
        (
            "“{column}” does not look like a right citizen number (length, birthday or check digit)",
            "a number of 18 digits",
            "Check it against the card.",
        ),
    ),
    "CELL-031": entry(
        NOTE,
        (
            "“{column}”的网址没有 http:// 开头，已照样收下",
            "完整的网址",
            "请点开试一试；打不开的请从浏览器地址栏复制完整网址。",
        ),
        (
            "the address in “{column}” has no http://; it was taken as it is",
            "the whole address",
            "Try it; if it does not open, copy the address from the browser.",
        ),
    ),
    "CELL-032": entry(
        WARN,
        (
            "“{column}”写的是电脑或共享盘里的路径，别人点不开",
            "以 http:// 或 https:// 开头的网址",
            "请改填网址；文件请放进本单位的佐证材料文件夹，并登记到材料目录。",
        ),
        (
            "“{column}” holds a path on a PC or share that others cannot open",
            "an address with http:// or https://",
            "Give a web address; put the file into the unit's evidence folder and list it there.",
        ),
    ),
    "CELL-033": entry(
        ERROR,
        ("“{column}”只能选一项，这里有：{several}", "其中一项", "请从下拉列表里只选一项。"),
        (
            "“{column}” takes one choice, and several stand there: {several}",
            "one of them",
            "Pick one from the dropdown.",
        ),
    ),
    "CELL-034": entry(
        WARN,
        (
            "“{column}”的时限看不懂：{why}",
            "如 2026年4月10日、4月底前、每月25日前、立行立改",
            "请写成能看出哪一天的时限。",
        ),
        (
            "the deadline in “{column}” is not understood: {why}",
            "such as 2026年4月10日, 4月底前, 每月25日前, 立行立改",
            "Word it so that its day can be told.",
        ),
    ),
    # ---- texts that cannot be passed on as they stand
    "SAFE-001": entry(
        NOTE,
        (
            "“{column}”里有{count}个看不见的控制字符，汇总时已去掉，历史记录里保留原样",
            "没有控制字符的文字",
            "不用处理；想去掉的话，把这一格重新打一遍。",
        ),
        (
            "“{column}” holds {count} invisible control characters; they are left out, and kept in the history",
            "text without control characters",
            "Nothing to do; type the cell again to be rid of them.",
        ),
    ),
    "SAFE-002": entry(
        WARN,
        (
            "“{column}”有{count}字，一个单元格放不下；汇总等表里只有前面的部分，全文留存在历史记录里",
            "不超过 32767 字",
            "请写得短些，详细内容放进佐证材料。",
        ),
        (
            "“{column}” has {count} characters, more than a cell holds; books show the first part, the history has all",
            "at most 32,767 characters",
            "Make it shorter, and put the details into the evidence folder.",
        ),
    ),
    "SAFE-003": entry(
        WARN,
        (
            "“{column}”填的位置不能用（{why}），不会做成链接",
            "以 http:// 或 https:// 开头的网址，或本单位佐证材料文件夹里的文件",
            "请粘贴网址；文件请放进本单位的佐证材料文件夹，这里写文件名。",
        ),
        (
            "“{column}” leads out of the unit's own folder ({why}) and is never made a link",
            "an address with http:// or https://, or a file in the unit's evidence folder",
            "Paste the address of the page, or put the file into the evidence folder and type its name.",
        ),
    ),
}
