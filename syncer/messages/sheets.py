"""Worksheets, headers, rows, and whose they are."""

from __future__ import annotations

from collections.abc import Mapping

from syncer.messages.wording import ERROR, NOTE, WARN, Message, entry

SHEETS: Mapping[str, Message] = {
    # ---- sheets and headers
    "SHEET-001": entry(
        ERROR,
        ("找不到工作表“{sheet}”", "名为“{sheet}”的工作表", "请恢复这张工作表的名称；它原来的内容仍然保留。"),
        ("the sheet “{sheet}” is missing", "a sheet named “{sheet}”", "Restore its name; its former content stands."),
    ),
    "SHEET-002": entry(
        WARN,
        (
            "工作表“{sheet}”像是“{like}”的副本，里面的内容没有读取",
            "填在“{like}”里",
            "请把新填的内容移到“{like}”，再删去这张表；只是自己留底的不用管。",
        ),
        (
            "the sheet “{sheet}” looks like a copy of “{like}” and was not read",
            "content on “{like}”",
            "Move what is new to “{like}” and delete this sheet, or leave it if it is for your own use.",
        ),
    ),
    "SHEET-003": entry(
        NOTE,
        (
            "工作表“{sheet}”已当作“{like}”读取",
            "名为“{like}”的工作表",
            "建议把名称改回“{like}”；如果不是同一张表，请告知创建办。",
        ),
        (
            "the sheet “{sheet}” was read as “{like}”",
            "a sheet named “{like}”",
            "Please rename it back, or tell the coordinator if it is another sheet.",
        ),
    ),
    "SHEET-004": entry(
        WARN,
        (
            "工作表“{sheet}”里有两张表：只读了前一张，{where}的另一张没有读取",
            "一张工作表里只有一张表",
            "请把另一张表里要报的内容移到前一张里；只是自己留底的不用管。",
        ),
        (
            "there are two tables on “{sheet}”: only the first was read, not the one at {where}",
            "one table on a sheet",
            "Move what is to be reported into the first, or leave it if it is for your own use.",
        ),
    ),
    "HEAD-001": entry(
        ERROR,
        ("工作表“{sheet}”找不到表头", "下发时的表头", "请恢复表头行；这张表这次没有读取，原内容保留。"),
        (
            "no header found on “{sheet}”",
            "the header as issued",
            "Restore the header; this sheet was not read, its former content stands.",
        ),
    ),
    "HEAD-002": entry(
        WARN,
        ("少了“{column}”这一列", "保留下发时的各列", "请恢复这一列；它原来的内容仍然保留。"),
        ("the column “{column}” is missing", "the columns as issued", "Restore the column; its former content stands."),
    ),
    "HEAD-003": entry(
        WARN,
        (
            "“{column}”这一列已经有了，这里又有一列，按附加列保留",
            "每列只有一个",
            "请把这里的内容并到原来那一列，再删去这一列。",
        ),
        (
            "there is a column “{column}” already; this one is carried as an extra column",
            "one column of each name",
            "Move the content to the other one and delete this one.",
        ),
    ),
    "HEAD-004": entry(
        WARN,
        (
            "隐藏的“行标识”列不见了，只能按内容对应各行",
            "保留 C 列（隐藏）",
            "请撤销删除，或换回留存的一份；各行内容不受影响。",
        ),
        (
            "the hidden row-id column is gone; rows are matched by content",
            "the hidden column C",
            "Undo the deletion, or put a kept version back; the rows themselves are all right.",
        ),
    ),
    "HEAD-005": entry(
        NOTE,
        ("列名“{found}”已读作“{column}”", "列名“{column}”", "读得不对请改列名；读得对不用管。"),
        ("the header “{found}” was read as “{column}”", "the header “{column}”", "Rename it if that is wrong."),
    ),
    "HEAD-006": entry(
        WARN,
        (
            "少了“{column}”这一列；是不是“{found}”这一列？现在按附加列保留",
            "保留下发时的列名",
            "如果就是它，请把列名改回“{column}”；不是就请恢复原来的列。",
        ),
        (
            "the column “{column}” is missing; is it “{found}”? It is carried as an extra column for now",
            "the headers as issued",
            "If it is, rename it to “{column}”; if not, restore the column.",
        ),
    ),
    "HEAD-007": entry(
        WARN,
        (
            "“{column}”与“{other}”两列的列名像是互换了（内容对不上），这两列这次没有读取，原内容保留",
            "列名与内容一致",
            "请把两个列名换回来；如果是内容填反了，请把内容换过来。",
        ),
        (
            "the headers “{column}” and “{other}” seem to be exchanged; neither column was read, the former content stands",
            "headers that fit their content",
            "Exchange the two headers, or the content if that is what went wrong.",
        ),
    ),
    "HEAD-008": entry(
        NOTE,
        (
            "{where}没有下发的列名，里面的内容按附加列“{column}”保留",
            "每列都有列名",
            "请给这一列写上列名；只是随手记的不用管。",
        ),
        (
            "column {where} has no header of its own; its content is carried as the extra column “{column}”",
            "a header on every column",
            "Give it a header, or leave it if it is only a jotting.",
        ),
    ),
    "HEAD-009": entry(
        NOTE,
        (
            "“{column}”列（{where}）的列名没有了，仍按里面的标识对应各行",
            "列名“{column}”",
            "请撤销对隐藏列的改动；各行内容不受影响。",
        ),
        (
            "the row-id column ({where}) lost its header; its ids are still used",
            "the header “{column}”",
            "Undo the change to the hidden column; the rows are all right.",
        ),
    ),
    "HEAD-010": entry(
        NOTE,
        ("表头在{rows}又出现，已跳过", "只在上面有一个表头", "不用处理；多余的表头可以删去。"),
        ("the header stands there again ({rows}) and was skipped", "one header at the top", "Nothing to do."),
    ),
    # ---- rows
    "ROW-001": entry(
        NOTE,
        (
            "这一行没有行标识，按内容认作原来的“{key}”（相似度{percent}）",
            "保留隐藏的行标识",
            "如果其实是新的一行，请告知创建办。",
        ),
        (
            "a row without id was taken for “{key}” by its content ({percent} alike)",
            "the hidden row id",
            "Tell the coordinator if it is a new row.",
        ),
    ),
    "ROW-002": entry(
        WARN,
        ("原有的“{key}”这一行不见了，仍按原内容保留", "保留原有各行", "若是误删请恢复；若确需删除请告知创建办。"),
        (
            "the row “{key}” is gone; its content stands",
            "the rows that were there",
            "Restore it, or tell the coordinator that it is to go.",
        ),
    ),
    "ROW-003": entry(
        WARN,
        (
            "排序时只选了部分列，有{rows}行的内容与左边的编号等错开了，已按内容认回原来的各行",
            "整张表一起排序",
            "错开的编号等会自动改正，请核对；以后排序只点一个单元格，或选中全部列。",
        ),
        (
            "some columns were sorted without the others: {rows} rows came apart, and were known again by their content",
            "a sort of the whole table",
            "What came apart will be put right, please check it. Before sorting, select one cell or all columns.",
        ),
    ),
    "ROW-005": entry(
        WARN,
        ("“{key}”这一行已从台账中删去，这里又改动了它，暂不收入", "由创建办决定是否恢复", "请等创建办答复。"),
        (
            "the row “{key}” was deleted from the ledger and is edited here; it waits",
            "the coordinator's word on whether it comes back",
            "Wait for the answer.",
        ),
    ),
    "ROW-006": entry(
        NOTE,
        (
            "原有的“{key}”这一行已删去，随之从台账撤下",
            "自己填的行可以自己删",
            "不用处理；若是误删，请把这一行填回去，或请创建办恢复。",
        ),
        (
            "the row “{key}” was deleted here and left the ledger with it",
            "a unit may take back rows of its own",
            "Nothing to do; if it was a slip, type it again or ask the coordinator to restore it.",
        ),
    ),
    "ROW-010": entry(
        NOTE,
        (
            "这些行不是一条记录（标题、小计或说明），没有收入台账：{lines}",
            "一行一条记录",
            "不用处理；如果其实是一条记录，请补上其他各列。",
        ),
        (
            "lines that are no records (headings, totals, remarks) were left out: {lines}",
            "one record a row",
            "Nothing to do; if one is a record after all, fill in its other columns.",
        ),
    ),
    "ROW-011": entry(
        NOTE,
        (
            "“{column}”有合并的单元格，内容已记到其中每一行（{rows}）",
            "每行各填各的",
            "不用处理；各行不一样的请取消合并后分别填写。",
        ),
        (
            "“{column}” has merged cells; their content counts for each of the rows ({rows})",
            "a cell for every row",
            "Nothing to do; unmerge them if the rows differ.",
        ),
    ),
    "KEY-001": entry(
        WARN,
        (
            "这一行的“{column}”（{found}）与{other}相同，暂不收入台账",
            "每行各是一件事",
            "如果是复制来的，请把它改成新的内容再保存；多余的请删去；确是两件事请告知创建办。",
        ),
        (
            "“{column}” ({found}) is the same as in {other}; this row waits",
            "one thing a row",
            "If it is a copy, change it to what it is to say; delete it if it is one too many, or tell the coordinator.",
        ),
    ),
    "KEY-002": entry(
        NOTE,
        (
            "{other}的“{column}”与这一行相同（{found}），那一行暂不收入台账",
            "每行各是一件事",
            "这一行不受影响，请看看那一行。",
        ),
        (
            "{other} has the same “{column}” ({found}) as this row and waits",
            "one thing a row",
            "This row is not affected; look at the other one.",
        ),
    ),
    # ---- ownership
    "OWN-001": entry(
        WARN,
        (
            "“{column}”由创建办填写，改动没有生效，已作为调整申请转给创建办（原为“{current}”）",
            "{current}",
            "请等创建办答复。",
        ),
        (
            "“{column}” is the coordinator's; your change waits as a proposal (was “{current}”)",
            "{current}",
            "Wait for the answer.",
        ),
    ),
    "OWN-002": entry(
        NOTE,
        ("“{column}”由系统自动计算，填入的内容不采用", "不用填写", "不用处理，系统会改回来。"),
        ("“{column}” is computed; what was typed is not used", "nothing", "Nothing to do: it is put back."),
    ),
    "OWN-003": entry(
        ERROR,
        (
            "一次清空的单元格过多，或清空了整列、关键列，清空没有生效（原为“{current}”）",
            "逐项清空",
            "若是误操作请恢复；若确需清空请告知创建办。",
        ),
        (
            "too many cells, a whole column or a key were cleared at once; not applied (was “{current}”)",
            "single clearings",
            "Restore them, or tell the coordinator.",
        ),
    ),
    "OWN-004": entry(
        WARN,
        ("“{column}”两边都改了：现为“{current}”，{where}是“{found}”", "由创建办裁定", "请等创建办答复。"),
        (
            "“{column}” was changed on both sides: now “{current}”, {where} “{found}”",
            "a ruling",
            "Wait for the coordinator.",
        ),
    ),
    "OWN-005": entry(
        NOTE,
        ("“{column}”创建办已答复：{answer}，现为“{current}”", "创建办的答复", "不用处理。"),
        ("“{column}”: the coordinator answered {answer}; it is “{current}” now", "the answer", "Nothing to do."),
    ),
    "OWN-006": entry(
        NOTE,
        ("“{key}”这一行创建办已答复：{answer}", "创建办的答复", "不用处理。"),
        ("the coordinator answered on the row “{key}”: {answer}", "the answer", "Nothing to do."),
    ),
}
