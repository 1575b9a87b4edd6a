"""The one catalogue of what the program says of data: what is wrong, what was expected, what to do; Chinese and English.

Wordings may use ``{found}``, ``{column}``, ``{key}``, ``{sheet}``, ``{file}``, ``{cell}`` and the facts of the problem.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from syncer.core.problems import Problem, Severity
from syncer.core.texts import line_text
from syncer.core.values import fold

LANGUAGES = ("zh_CN", "en")
_MOST_QUOTED = 200  # signs of a cell in one line


@dataclass(frozen=True, slots=True)
class Wording:
    """One message in one language: what was found, what was expected, what to do next."""

    what: str
    expected: str
    do: str


@dataclass(frozen=True, slots=True)
class Message:
    """One entry of the catalogue."""

    severity: Severity
    zh: Wording
    en: Wording


_NOTE, _WARN, _ERROR = Severity.NOTE, Severity.WARNING, Severity.ERROR
_RESAVE = "请用 WPS 或 Excel 打开确认无误，再另存为 .xlsx 放回原处。"
_RESAVE_EN = "Open it in WPS or Excel, check it, and save it again as .xlsx in the same place."


def _entry(severity: Severity, zh: tuple[str, str, str], en: tuple[str, str, str]) -> Message:
    return Message(severity, Wording(*zh), Wording(*en))


CATALOGUE: Mapping[str, Message] = {
    # ---- whole files
    "FILE-001": _entry(
        _ERROR,
        ("文件是空的（0 字节）", "一份正常的工作簿", "多半是没有保存完或磁盘已满：" + _RESAVE),
        ("the file is empty (0 bytes)", "a workbook", "Saving was probably cut short. " + _RESAVE_EN),
    ),
    "FILE-002": _entry(
        _ERROR,
        ("这不是 Excel 工作簿，里面是别的内容（{what}）", ".xlsx 工作簿", "请确认没有放错文件。" + _RESAVE),
        (
            "not a workbook but something else ({what})",
            "an .xlsx workbook",
            "Check that this is the file meant. " + _RESAVE_EN,
        ),
    ),
    "FILE-003": _entry(
        _ERROR,
        ("文件已损坏或没有传完整", "一份能打开的工作簿", "请重新复制或保存一次；上一次的内容仍然有效。" + _RESAVE),
        (
            "the file is damaged or was cut short",
            "a workbook that opens",
            "Copy or save it again; the last good content stands. " + _RESAVE_EN,
        ),
    ),
    "FILE-004": _entry(
        _ERROR,
        (
            "文件设有打开密码",
            "没有密码的工作簿",
            "在 WPS/Excel 里取消打开密码（文件→信息→保护工作簿），保存后会自动读取。",
        ),
        (
            "the file asks for a password",
            "a workbook without a password",
            "Remove the password in WPS or Excel and save.",
        ),
    ),
    "FILE-005": _entry(
        _ERROR,
        (
            "读到的是密文：文件多半被单位的文档加密软件（如亿赛通、绿盾）加密，没有装客户端的电脑打不开",
            "解密后的工作簿",
            "请在装有加密客户端的电脑上解密，或申请外发明文后再放入；单位没有这类软件的，请重新保存一份 .xlsx。",
        ),
        (
            "ciphertext: probably encrypted by a document-protection client, unreadable on a PC without it",
            "the decrypted workbook",
            "Decrypt it on a PC with the client, then put it back; where there is no such client, save it again as .xlsx.",
        ),
    ),
    "FILE-006": _entry(
        _ERROR,
        ("文件结构异常，为安全起见没有读取（{what}）", "一份普通的工作簿", _RESAVE),
        ("unusual structure, not read for safety ({what})", "an ordinary workbook", _RESAVE_EN),
    ),
    "FILE-007": _entry(
        _ERROR,
        (
            "读取用时过长或占用内存过大，已放弃（{what}）",
            "一份普通大小的工作簿",
            "请删去多余的空行、图片或格式后保存；其他单位不受影响。文件不变时，程序隔一阵再试两次，之后搁置到它有变动为止。",
        ),
        (
            "reading took too long or too much memory ({what})",
            "a workbook of ordinary size",
            "Remove stray rows, pictures or formats and save. Unchanged, it is tried twice more, then set aside until it changes.",
        ),
    ),
    "FILE-008": _entry(
        _ERROR,
        (
            "工作簿里一张工作表也没有读到",
            "原有的各张工作表",
            "可能存成了“严格 Open XML”或被清空：请另存为普通 .xlsx；上一次的内容仍然有效。",
        ),
        (
            "no worksheet could be read",
            "the worksheets as issued",
            "Save it as an ordinary .xlsx; the last good content stands.",
        ),
    ),
    "FILE-009": _entry(
        _ERROR,
        ("文件打不开（{what}）", "能读取的文件", "可能正被占用或没有权限，稍后会再试两次；之后搁置到文件有变动为止。"),
        (
            "the file cannot be opened ({what})",
            "a readable file",
            "It may be in use; it is tried twice more later, then set aside until it changes.",
        ),
    ),
    "FILE-010": _entry(
        _ERROR,
        ("暂不支持这种文件格式（{what}）", ".xlsx", "请在 WPS/Excel 里另存为 .xlsx。"),
        ("format not supported ({what})", ".xlsx", "Save it as .xlsx."),
    ),
    "FILE-011": _entry(
        _WARN,
        (
            "这是“{original}”的一份副本，其中的改动已并入",
            "每个单位只有一份工作簿",
            "以后请只填“{original}”，这份副本可以移走了。",
        ),
        (
            "a copy of “{original}”; its changes were merged",
            "one workbook a unit",
            "Please type into “{original}” only, and move this copy away.",
        ),
    ),
    "FILE-012": _entry(
        _ERROR,
        (
            "认不出是哪个单位的工作簿",
            "由创建办下发的本单位工作簿",
            "请使用下发的那一份；若单位是新增的，请创建办在《单位名录》中登记。",
        ),
        (
            "belongs to no unit that is known",
            "a workbook that was issued",
            "Use the issued workbook, or have the unit added to 单位名录.",
        ),
    ),
    "FILE-013": _entry(
        _ERROR,
        ("这是另一套台账或其他年度的工作簿", "{year}年度的工作簿", "请改用本年度下发的工作簿。"),
        ("a workbook of another ledger or year", "a workbook of {year}", "Use the workbook issued for this year."),
    ),
    "FILE-014": _entry(
        _ERROR,
        (
            "文件名是“{named}”，里面却是“{unit}”的内容",
            "文件名与填报单位一致",
            "请确认有没有存错名字或放错位置；确认前没有采用。",
        ),
        (
            "named “{named}” but holds the content of “{unit}”",
            "file name and unit agree",
            "Check whether it was saved under the wrong name.",
        ),
    ),
    "FILE-015": _entry(
        _ERROR,
        (
            "原有 {rows} 行内容几乎全部不见了，没有采用",
            "保留原有各行",
            "若是误删，请恢复后保存；若确需清空，请告知创建办。",
        ),
        (
            "nearly all of {rows} rows are gone, not taken in",
            "the rows that were there",
            "Restore them and save, or tell the coordinator.",
        ),
    ),
    "FILE-016": _entry(
        _WARN,
        ("工作簿改了名字（原为“{original}”），内容已照常采用", "{original}", "建议改回原来的文件名。"),
        ("the workbook was renamed (was “{original}”); taken in", "{original}", "Please rename it back."),
    ),
    "FILE-017": _entry(
        _ERROR,
        (
            "放回来的是以前的旧版本，暂没有采用",
            "接着最近一次保存的内容填",
            "若是误放，请换回最新的一份；若确实要退回旧内容，请告知创建办，由其在待我处理.xlsx 里接受。",
        ),
        (
            "an older version of the workbook came back; not taken in yet",
            "the latest content, filled in further",
            "Put the latest one back; if the old content is meant, the coordinator can accept it in 待我处理.xlsx.",
        ),
    ),
    "FILE-019": _entry(
        _ERROR,
        (
            "文本的编码认不出，没有读取",
            "UTF-8 或 GB18030（Windows 中文）编码的表格",
            "请在 WPS/Excel 里打开，另存为 .xlsx。",
        ),
        (
            "the text's encoding is not recognised",
            "a table in UTF-8 or GB18030",
            "Open it in WPS or Excel and save it as .xlsx.",
        ),
    ),
    "FILE-020": _entry(
        _WARN,
        (
            "存成了 {format} 格式：里面的改动已并入，但程序不往这种文件里写，创建办的改动和提示在里面看不到",
            "{original}",
            "请在 WPS/Excel 里另存为“{original}”，类型选“Excel 工作簿（*.xlsx）”，以后只填那一份。",
        ),
        (
            "kept as {format}: its changes were merged, but nothing is ever written into such a file",
            "{original}",
            "Save it as “{original}”, of the type “Excel workbook (*.xlsx)”, and fill only that one from now on.",
        ),
    ),
    "FILE-021": _entry(
        _ERROR,
        (
            "看不出这份文本是哪张表",
            "文件名里带上表名：{sheets}",
            "请把文件名改成“单位-表名.csv”，或另存为 .xlsx。",
        ),
        (
            "which sheet this text is cannot be told",
            "a file name with the sheet's: {sheets}",
            "Rename it to unit-sheet.csv, or save it as .xlsx.",
        ),
    ),
    "FILE-030": _entry(
        _ERROR,
        (
            "工作表“{sheet}”里离得很远的地方有内容（{cells}），整张表大得读不了",
            "内容都在表格范围内",
            "请按 Ctrl+End 找到 {cells}，把表格以外的行、列整行整列删除（不是只清除内容），保存后会自动再读。",
        ),
        (
            "sheet “{sheet}” has content far from all other ({cells}): too large to be read",
            "content within the table",
            "Press Ctrl+End to find {cells}, delete the rows and columns outside the table, and save.",
        ),
    ),
    "FILE-031": _entry(
        _ERROR,
        (
            "内容太多（{what}），没有读取",
            "一份普通大小的工作簿",
            "请删去与台账无关的工作表和数据后保存；上一次的内容仍然有效。",
        ),
        (
            "too much content ({what}), not read",
            "a workbook of ordinary size",
            "Remove sheets and data that are not part of the ledger and save; the last good content stands.",
        ),
    ),
    "FILE-032": _entry(
        _ERROR,
        (
            "文件展开后过大（{what}），为安全起见没有读取",
            "一份普通大小的工作簿",
            "请清除整行整列铺开的格式、删去大图片后保存，或把内容复制到下发的工作簿里。",
        ),
        (
            "the file unpacks to too much ({what}), not read for safety",
            "a workbook of ordinary size",
            "Clear formats spread over whole rows and columns, remove large pictures, or copy the content into the issued book.",
        ),
    ),
    "FILE-033": _entry(
        _ERROR,
        (
            "工作表“{sheet}”的合并单元格过多，或互相重叠",
            "互不重叠的合并单元格",
            "请全选该表，取消合并单元格，只保留需要的合并，再保存。",
        ),
        (
            "sheet “{sheet}” has too many merged areas, or they overlap",
            "merged areas that do not overlap",
            "Select the whole sheet, unmerge the cells, merge only what is needed, and save.",
        ),
    ),
    "FILE-034": _entry(
        _ERROR,
        (
            "文件太大（{what}），没有读取",
            "一份普通大小的工作簿",
            "请删去图片、附件和无关的工作表后保存，佐证材料请放进佐证文件夹。",
        ),
        (
            "the file is too large ({what}), not read",
            "a workbook of ordinary size",
            "Remove pictures, attachments and sheets that do not belong here; evidence goes into its own folder.",
        ),
    ),
    # ---- 07收件箱
    "RECV-001": _entry(
        _ERROR,
        ("这是压缩包，里面的文件读不到", "解压后的工作簿", "请先解压，把里面的工作簿放进收件箱，压缩包可以删去。"),
        (
            "an archive; what is in it is not read",
            "the workbook itself",
            "Unpack it into the inbox folder, then delete the archive.",
        ),
    ),
    "RECV-002": _entry(
        _ERROR,
        (
            "这是台账设置，不是单位的工作簿",
            "单位填好的工作簿",
            "台账设置只认01创建办专用里的那一份，改动请在那里保存；请让发件人发单位的工作簿。",
        ),
        (
            "the settings workbook, not a unit's",
            "a workbook that a unit filled in",
            "Settings count only in 01创建办专用. Ask for the unit's workbook.",
        ),
    ),
    "RECV-003": _entry(
        _ERROR,
        (
            "这是程序生成的“{what}”，填在里面的内容不会读取",
            "单位填好的工作簿",
            "请让发件人发单位自己的工作簿；填在这里面的内容，请移到单位的工作簿里。",
        ),
        (
            "a generated book ({what}); nothing typed into it is read",
            "a workbook that a unit filled in",
            "Ask for the unit's own workbook. Move into it what was typed here.",
        ),
    ),
    "RECV-004": _entry(
        _ERROR,
        (
            "里面没有本台账的任何一张表",
            "下发的工作簿，工作表名称不变",
            "请确认没有发错；内容填在别的表里的，请抄到下发的工作簿里再发来。",
        ),
        (
            "holds no sheet of this ledger",
            "a workbook that was issued, its sheet names unchanged",
            "Check that this is the file meant, or type it into the issued workbook.",
        ),
    ),
    "RECV-005": _entry(
        _ERROR,
        (
            "这是“{unit}”的工作簿，这个单位已不在名录里（并入：{heir}）",
            "名录里现有单位的工作簿",
            "请把内容填进现在所属单位的工作簿；若停用有误，请创建办在《单位名录》里改正。",
        ),
        (
            "a workbook of {unit}, which is no longer on the roster (merged into: {heir})",
            "a workbook of a unit in force",
            "Type it into the workbook of the unit it belongs to now, or mend 单位名录.",
        ),
    ),
    "RECV-006": _entry(
        _ERROR,
        (
            "这是“{unit}”的空表，还是下发时的样子",
            "填好的工作簿",
            "多半是发错了文件：请让发件人把填好并保存过的那一份发来。",
        ),
        (
            "an empty workbook of {unit}, just as it was issued",
            "a workbook that was filled in",
            "Probably the wrong file. Ask for the one that was filled in and saved.",
        ),
    ),
    "RECV-008": _entry(
        _NOTE,
        ("不是工作簿，没有处理", "工作簿", "图片、文档等请放到06佐证材料，不要的请移走。"),
        ("not a workbook; left alone", "a workbook", "Put pictures and documents into 06佐证材料, or move them away."),
    ),
    "RECV-009": _entry(
        _WARN,
        (
            "收件箱文件夹读不到（{why}），里面的文件暂时收不了",
            "能打开的收件箱文件夹",
            "请检查共享盘连接；文件夹若被删去，请重新建一个同名的。",
        ),
        (
            "the inbox folder cannot be read ({why}); what is in it waits",
            "a folder that opens",
            "Look at the share's connection. If the folder was deleted, make it again.",
        ),
    ),
    "RECV-010": _entry(
        _ERROR,
        (
            "看不准是哪个单位的工作簿，像是：{likely}",
            "能看出单位的工作簿",
            "请创建办在待我处理.xlsx 里选单位；或在表里填好“填报单位”再放进来。",
        ),
        (
            "nobody can say whose workbook this is; it may be: {likely}",
            "a workbook that says whose it is",
            "The coordinator names the unit in 待我处理.xlsx. Or fill in 填报单位 and drop it again.",
        ),
    ),
    # ---- sheets and headers
    "SHEET-001": _entry(
        _ERROR,
        ("找不到工作表“{sheet}”", "名为“{sheet}”的工作表", "请恢复这张工作表的名称；它原来的内容仍然保留。"),
        ("the sheet “{sheet}” is missing", "a sheet named “{sheet}”", "Restore its name; its former content stands."),
    ),
    "SHEET-002": _entry(
        _WARN,
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
    "SHEET-003": _entry(
        _NOTE,
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
    "SHEET-004": _entry(
        _WARN,
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
    "HEAD-001": _entry(
        _ERROR,
        ("工作表“{sheet}”找不到表头", "下发时的表头", "请恢复表头行；这张表这次没有读取，原内容保留。"),
        (
            "no header found on “{sheet}”",
            "the header as issued",
            "Restore the header; this sheet was not read, its former content stands.",
        ),
    ),
    "HEAD-002": _entry(
        _WARN,
        ("少了“{column}”这一列", "保留下发时的各列", "请恢复这一列；它原来的内容仍然保留。"),
        ("the column “{column}” is missing", "the columns as issued", "Restore the column; its former content stands."),
    ),
    "HEAD-003": _entry(
        _WARN,
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
    "HEAD-004": _entry(
        _WARN,
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
    "HEAD-005": _entry(
        _NOTE,
        ("列名“{found}”已读作“{column}”", "列名“{column}”", "读得不对请改列名；读得对不用管。"),
        ("the header “{found}” was read as “{column}”", "the header “{column}”", "Rename it if that is wrong."),
    ),
    "HEAD-006": _entry(
        _WARN,
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
    "HEAD-007": _entry(
        _WARN,
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
    "HEAD-008": _entry(
        _NOTE,
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
    "HEAD-009": _entry(
        _NOTE,
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
    "HEAD-010": _entry(
        _NOTE,
        ("表头在{rows}又出现，已跳过", "只在上面有一个表头", "不用处理；多余的表头可以删去。"),
        ("the header stands there again ({rows}) and was skipped", "one header at the top", "Nothing to do."),
    ),
    # ---- rows
    "ROW-001": _entry(
        _NOTE,
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
    "ROW-002": _entry(
        _WARN,
        ("原有的“{key}”这一行不见了，仍按原内容保留", "保留原有各行", "若是误删请恢复；若确需删除请告知创建办。"),
        (
            "the row “{key}” is gone; its content stands",
            "the rows that were there",
            "Restore it, or tell the coordinator that it is to go.",
        ),
    ),
    "ROW-003": _entry(
        _WARN,
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
    "ROW-005": _entry(
        _WARN,
        ("“{key}”这一行已从台账中删去，这里又改动了它，暂不收入", "由创建办决定是否恢复", "请等创建办答复。"),
        (
            "the row “{key}” was deleted from the ledger and is edited here; it waits",
            "the coordinator's word on whether it comes back",
            "Wait for the answer.",
        ),
    ),
    "ROW-006": _entry(
        _NOTE,
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
    "ROW-010": _entry(
        _NOTE,
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
    "ROW-011": _entry(
        _NOTE,
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
    "KEY-001": _entry(
        _WARN,
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
    "KEY-002": _entry(
        _NOTE,
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
    "OWN-001": _entry(
        _WARN,
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
    "OWN-002": _entry(
        _NOTE,
        ("“{column}”由系统自动计算，填入的内容不采用", "不用填写", "不用处理，系统会改回来。"),
        ("“{column}” is computed; what was typed is not used", "nothing", "Nothing to do: it is put back."),
    ),
    "OWN-003": _entry(
        _ERROR,
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
    "OWN-004": _entry(
        _WARN,
        ("“{column}”两边都改了：现为“{current}”，{where}是“{found}”", "由创建办裁定", "请等创建办答复。"),
        (
            "“{column}” was changed on both sides: now “{current}”, {where} “{found}”",
            "a ruling",
            "Wait for the coordinator.",
        ),
    ),
    "OWN-005": _entry(
        _NOTE,
        ("“{column}”创建办已答复：{answer}，现为“{current}”", "创建办的答复", "不用处理。"),
        ("“{column}”: the coordinator answered {answer}; it is “{current}” now", "the answer", "Nothing to do."),
    ),
    "OWN-006": _entry(
        _NOTE,
        ("“{key}”这一行创建办已答复：{answer}", "创建办的答复", "不用处理。"),
        ("the coordinator answered on the row “{key}”: {answer}", "the answer", "Nothing to do."),
    ),
    # ---- cells
    "CELL-001": _entry(
        _ERROR,
        ("“{column}”应填数字", "数字，如 12", "只填数字，单位和说明写到备注里。"),
        ("“{column}” wants a number", "a number such as 12", "Type the number only; put the rest into the remarks."),
    ),
    "CELL-002": _entry(
        _ERROR,
        ("“{column}”的日期看不懂", "日期，如 2026-3-5", "请填成 2026-3-5 这样的日期。"),
        ("the date in “{column}” is not understood", "a date such as 2026-3-5", "Type it like 2026-3-5."),
    ),
    "CELL-003": _entry(
        _ERROR,
        ("“{column}”不在可选项里", "{choices}", "请从下拉列表里选一项。"),
        ("“{column}” is not among the choices", "{choices}", "Pick from the dropdown."),
    ),
    "CELL-004": _entry(
        _WARN,
        ("“{column}”里有不认识的单位：{unit}", "《单位名录》里的名称，多个用顿号隔开", "请改用规范名称。"),
        ("unknown unit in “{column}”: {unit}", "names in 单位名录, separated by 、", "Use the name in the roster."),
    ),
    "CELL-005": _entry(
        _ERROR,
        ("“{column}”里没有这个任务编号：{task}", "任务分解中的编号，如 3.2；多个用顿号隔开", "请核对任务编号。"),
        ("no such task in “{column}”: {task}", "a number of the plan, such as 3.2", "Check the task number."),
    ),
    "CELL-006": _entry(
        _ERROR,
        ("“{column}”超出范围（应在 {limits}）", "{limits}", "请核对后改正；注意计量单位（如 90分钟 应填 1.5 小时）。"),
        ("“{column}” is out of range ({limits})", "{limits}", "Check and correct it."),
    ),
    "CELL-007": _entry(
        _ERROR,
        ("“{column}”是公式错误值", "正常的内容", "请修好公式，或直接填写内容。"),
        ("“{column}” holds a formula error", "a value", "Mend the formula or type the value."),
    ),
    "CELL-008": _entry(
        _ERROR,
        ("“{column}”的数看不准", "一个确定的数字", "请填一个确定的数；范围或说明写到备注里。"),
        ("the number in “{column}” is unclear", "one definite number", "Type one number; put ranges into the remarks."),
    ),
    "CELL-009": _entry(
        _NOTE,
        ("“{column}”已读作“{read}”", "{read}", "读得不对才需要改。"),
        ("“{column}” was read as “{read}”", "{read}", "Change it only if this is wrong."),
    ),
    "CELL-010": _entry(
        _WARN,
        ("“{column}”不像电话号码", "手机或座机号码", "请核对号码。"),
        ("“{column}” is no phone number", "a phone number", "Check the number."),
    ),
    "CELL-011": _entry(
        _WARN,
        ("“{column}”不是网址", "以 http:// 或 https:// 开头的网址", "请粘贴完整的网址；别的说明写到备注里。"),
        ("“{column}” is no web address", "an address with http:// or https://", "Paste the whole address of the page."),
    ),
    "CELL-012": _entry(
        _ERROR,
        ("“{column}”应填整数", "整数，如 12", "请改成整数。"),
        ("“{column}” wants a whole number", "a whole number", "Type a whole number."),
    ),
    "CELL-013": _entry(
        _WARN,
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
    "CELL-014": _entry(
        _ERROR,
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
    "CELL-015": _entry(
        _NOTE,
        ("“{column}”里写的是没有，已按空白处理，不参加统计", "有就填，没有就空着", "确实没有就不用处理；是 0 请填 0。"),
        (
            "“{column}” says that there is none; it is taken as blank and not counted",
            "a value, or nothing",
            "Nothing to do if there is none; type 0 where 0 is meant.",
        ),
    ),
    "CELL-016": _entry(
        _ERROR,
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
    "CELL-017": _entry(
        _WARN,
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
    "CELL-018": _entry(
        _NOTE,
        ("“{column}”的时限是这样理解的：{read}", "看得出哪一天的时限", "理解得不对才需要改，最好写成某月某日前。"),
        (
            "how the deadline in “{column}” is understood: {read}",
            "a deadline that names its day",
            "Change it only if this is wrong.",
        ),
    ),
    "CELL-019": _entry(
        _ERROR,
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
    "CELL-020": _entry(
        _ERROR,
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
    "CELL-021": _entry(
        _WARN,
        ("“{column}”里放的是一张图片，汇总时看不到", "文字", "请在格里写文字；图片放进“06佐证材料”本单位的文件夹。"),
        (
            "“{column}” holds a picture, which the master cannot show",
            "text",
            "Type text; put the picture into the unit's folder in 06佐证材料.",
        ),
    ),
    "CELL-022": _entry(
        _NOTE,
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
    "CELL-023": _entry(
        _ERROR,
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
    "CELL-025": _entry(
        _ERROR,
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
    "CELL-026": _entry(
        _ERROR,
        ("“{column}”写了不止一天", "一个日期，如 2026-3-5", "请只填一天；起止时间写到内容或备注里。"),
        (
            "more than one day in “{column}”",
            "one date such as 2026-3-5",
            "Type one day; put the whole span into the remarks.",
        ),
    ),
    "CELL-027": _entry(
        _ERROR,
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
    "CELL-028": _entry(
        _ERROR,
        ("“{column}”里的日期不存在", "日历上有的一天", "请核对月份和日期（如 2月没有30日）后改正。"),
        ("there is no such day as in “{column}”", "a day of the calendar", "Check month and day and correct them."),
    ),
    "CELL-029": _entry(
        _NOTE,
        ("“{column}”不在台账年度（{year}年）里", "{year}年的日期", "确是其他年份的就不用处理；年份写错的请改正。"),
        (
            "“{column}” is not in the year of the ledger ({year})",
            "a date of {year}",
            "Correct the year if it is wrong.",
        ),
    ),
    "CELL-030": _entry(
        _NOTE,
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
    "CELL-031": _entry(
        _NOTE,
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
    "CELL-032": _entry(
        _WARN,
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
    "CELL-033": _entry(
        _ERROR,
        ("“{column}”只能选一项，这里有：{several}", "其中一项", "请从下拉列表里只选一项。"),
        (
            "“{column}” takes one choice, and several stand there: {several}",
            "one of them",
            "Pick one from the dropdown.",
        ),
    ),
    "CELL-034": _entry(
        _WARN,
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
    "SAFE-001": _entry(
        _NOTE,
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
    "SAFE-002": _entry(
        _WARN,
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
    "SAFE-003": _entry(
        _WARN,
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
    # ---- checks
    "CHK-001": _entry(
        _WARN,
        ("“{column}”没有填", "必填", "请补填。"),
        ("“{column}” is blank", "it is required", "Fill it in."),
    ),
    "CHK-002": _entry(
        _WARN,
        ("“{column}”没有填（{when} 时必填）", "{when} 时必填", "请补填。"),
        ("“{column}” is blank (required when {when})", "required when {when}", "Fill it in."),
    ),
    "CHK-003": _entry(
        _WARN,
        ("“{column}”与第{other}行重复", "不重复", "同一件事只登记一次，请改其中一处。"),
        ("“{column}” repeats row {other}", "no repetition", "Register it once; change one of the two."),
    ),
    "CHK-004": _entry(
        _WARN,
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
    "CHK-005": _entry(
        _WARN,
        ("“{column}”只有{length}个字", "至少{least}个字", "请写具体一些。"),
        ("“{column}” has only {length} signs", "at least {least} signs", "Say more."),
    ),
    "CHK-006": _entry(
        _WARN,
        ("“{column}”有{length}个字，太长了", "不超过{most}个字", "请精简；原文仍然照收。"),
        ("“{column}” has {length} signs, too many", "at most {most} signs", "Shorten it; it is kept as typed."),
    ),
    "CHK-010": _entry(
        _NOTE,
        ("{demand}", "{wanted}", "请核对（规则 {rule}）。"),
        ("{demand}", "{wanted}", "Please check (rule {rule})."),
    ),
    "CHK-011": _entry(
        _WARN,
        ("{demand}", "{wanted}", "请核对并改正（规则 {rule}）。"),
        ("{demand}", "{wanted}", "Check and correct it (rule {rule})."),
    ),
    "CHK-012": _entry(
        _ERROR,
        ("{demand}", "{wanted}", "请改正（规则 {rule}）。"),
        ("{demand}", "{wanted}", "Correct it (rule {rule})."),
    ),
    "CHK-013": _entry(
        _NOTE,
        ("“{column}”一栏还在试行，填的内容正式启用后会提示（{code}）", "试行的栏目，暂不作数", "可以先不改。"),
        (
            "“{column}” is on trial; once in force, this would be pointed out ({code})",
            "a column on trial, nothing yet",
            "Nothing needs to be done yet.",
        ),
    ),
    "CHK-014": _entry(
        _NOTE,
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
    "CHK-020": _entry(
        _NOTE,
        ("{demand}（试行的规则 {rule}）", "{wanted}；试行期间不作数", "可以先不改。"),
        ("{demand} (rule {rule}, on trial)", "{wanted}; not yet binding", "Nothing needs to be done yet."),
    ),
    # ---- checks that make no sense, told to the coordinator
    "CHK-021": _entry(
        _WARN,
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
    "CHK-022": _entry(
        _WARN,
        ("“{found}”里的“{name}”不存在，这条没有启用", "表名.列名，如：{near}", "请核对表名和列名，中间用点隔开。"),
        (
            "“{name}” in “{found}” does not exist; not in force",
            "sheet.column, such as {near}",
            "Check sheet and column, with a dot between them.",
        ),
    ),
    "CHK-023": _entry(
        _WARN,
        ("“{found}”里的“{name}”不是“{of}”的选项，这条没有启用", "{near}", "请改成《下拉选项》里有的选项。"),
        (
            "“{name}” in “{found}” is no choice of “{of}”; not in force",
            "{near}",
            "Use one of the choices in 下拉选项.",
        ),
    ),
    "CHK-024": _entry(
        _WARN,
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
    "CHK-025": _entry(
        _WARN,
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
    "CHK-026": _entry(
        _WARN,
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
    "CHK-027": _entry(
        _WARN,
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
    "CHK-028": _entry(
        _WARN,
        ("与规则 {other} 完全相同，后一条没有启用", "每条规则写一次", "请删去一条，或改成别的要求。"),
        (
            "the same as rule {other}; the later one is not in force",
            "each rule once",
            "Delete one of them, or demand something else.",
        ),
    ),
    "CHK-029": _entry(
        _WARN,
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
    "CHK-030": _entry(
        _NOTE,
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
    "CHK-031": _entry(
        _WARN,
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
    # ---- the control workbook
    "TPL-001": _entry(
        _ERROR,
        ("台账设置里没有工作表“{sheet}”", "工作表“{sheet}”", "请恢复这张表；在此之前沿用原来的设置。"),
        ("台账设置 has no sheet “{sheet}”", "the sheet “{sheet}”", "Restore it; until then the former settings hold."),
    ),
    "TPL-002": _entry(
        _ERROR,
        ("“{sheet}”缺少“{column}”列", "“{column}”列", "请恢复列名；在此之前沿用原来的设置。"),
        (
            "“{sheet}” lacks the column “{column}”",
            "the column “{column}”",
            "Restore it; until then the former settings hold.",
        ),
    ),
    "TPL-003": _entry(
        _WARN,
        ("“{column}”填的“{found}”看不懂", "{expected}", "请按要求改正；在此之前按默认处理。"),
        ("“{found}” in “{column}” is not understood", "{expected}", "Correct it; the default holds until then."),
    ),
    "TPL-004": _entry(
        _WARN,
        ("“{found}”重复，后一行没有采用", "名称不重复", "请改名或删去一行。"),
        ("“{found}” is there twice; the second is left out", "different names", "Rename or delete one."),
    ),
    "TPL-005": _entry(
        _WARN,
        ("“{found}”在《栏目设置》与《表设置》中对不上", "两处都有这张表", "请补上，或核对表名。"),
        ("“{found}” is not in both 栏目设置 and 表设置", "an entry in both", "Add it, or check the name."),
    ),
    "TPL-006": _entry(
        _WARN,
        ("不认识单位“{unit}”", "《单位名录》中的单位或组", "请核对名称，或在《单位名录》中登记。"),
        ("unknown unit “{unit}”", "a unit or group of 单位名录", "Check the name or add the unit."),
    ),
    "TPL-007": _entry(
        _ERROR,
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
    "TPL-008": _entry(
        _WARN,
        ("没有名为“{found}”的选项", "《下拉选项》中的选项名称", "请在《下拉选项》中添加。"),
        ("there is no option list “{found}”", "a name in 下拉选项", "Add it to 下拉选项."),
    ),
    "TPL-009": _entry(
        _WARN,
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
    "TPL-010": _entry(
        _WARN,
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
    "TPL-011": _entry(
        _WARN,
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
    "TPL-012": _entry(
        _WARN,
        ("任务 {number} 的完成时限在 {due}，不在 {year} 年度内", "{year} 年度内的时限", "请核对年份。"),
        ("the deadline of task {number} falls on {due}, outside {year}", "a day in {year}", "Check the year."),
    ),
    "TPL-013": _entry(
        _ERROR,
        ("单位“{unit}”的编码或简称与第 {other} 行重复，这一行没有采用", "不重复", "请改正。"),
        ("code or short name of “{unit}” repeats row {other}; left out", "no repetition", "Correct it."),
    ),
    "SAFE-010": _entry(
        _ERROR,
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
    "SAFE-011": _entry(
        _ERROR,
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
    "TPL-014": _entry(
        _WARN,
        ("计数来源“{found}”看不懂，完成率由单位自填", "如 活动台账，或 志愿服务/总时长", "请核对表名和列名。"),
        ("count source “{found}” is not understood", "such as 活动台账 or 志愿服务/总时长", "Check sheet and column."),
    ),
    "TPL-015": _entry(
        _ERROR,
        ("没有一张可用的数据表", "《栏目设置》与《表设置》中至少一张表", "请恢复；在此之前沿用原来的设置。"),
        ("there is no usable data sheet", "at least one", "Restore it; until then the former settings hold."),
    ),
    "TPL-016": _entry(
        _WARN,
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
    "TPL-017": _entry(
        _ERROR,
        ("台账年度不可用（{found}）", "如 2026", "请在《亮灯与时限设置》中填写年度。"),
        ("the ledger's year is unusable ({found})", "such as 2026", "Set it in 亮灯与时限设置."),
    ),
    "TPL-018": _entry(
        _ERROR,
        ("单位“{unit}”没有编码，没有采用", "不重复的编码，如 D17", "请补上编码。"),
        ("unit “{unit}” has no code; left out", "a code such as D17", "Give it a code."),
    ),
    "TPL-019": _entry(
        _WARN,
        ("任务 {number} 没有可用的牵头单位", "至少一个牵头单位", "请补上。"),
        ("task {number} has no lead unit", "at least one", "Name one."),
    ),
    "TPL-020": _entry(
        _WARN,
        ("编号“{found}”按数字存放，2.10 会变成 2.1", "文本形式的编号", "请把单元格设为文本格式后重新填写。"),
        ("number “{found}” is not text: 2.10 becomes 2.1", "text", "Format the cell as text and type it again."),
    ),
    "TPL-021": _entry(
        _WARN,
        ("“{column}”没有填，这一行没有采用", "表名和列名", "请补上。"),
        ("“{column}” is blank; the row is left out", "sheet and column names", "Fill it in."),
    ),
    "TPL-023": _entry(
        _WARN,
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
    "TPL-022": _entry(
        _NOTE,
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
    # ---- the database
    "STORE-001": _entry(
        _WARN,
        (
            "数据库是新建的（{when}）：台账已按各单位工作簿现在的内容重建，没有重复入库",
            "原来的数据库",
            "以前的历史记录和还没有写回的裁定没有了；有备份就按备份里的《怎样恢复》换回，没有就把待办事项重新处理一遍。",
        ),
        (
            "the database is new ({when}): the ledger was rebuilt from the workbooks as they stand",
            "the database as it was",
            "History and rulings not yet written back are lost: put a backup in its place if there is one.",
        ),
    ),
    # ---- writing back into the units' workbooks
    "DEL-001": _entry(
        _WARN,
        (
            "“{column}”这一格是公式，系统没有改写（应为“{wanted}”）",
            "没有公式的格子",
            "请清除这一格的公式后保存，系统随后会填上。",
        ),
        (
            "“{column}” holds a formula here and was not written to (it should say “{wanted}”)",
            "a cell without a formula",
            "Clear the formula and save; the cell is filled in then.",
        ),
    ),
    # ---- adopting an office's own ledgers
    "ADOPT-001": _entry(
        _ERROR,
        (
            "这不是导入方案：找不到它的工作表或栏目",
            "《台账导入方案》原来的几张工作表",
            "请重新运行 syncer adopt 原来的台账。",
        ),
        ("not a proposal: sheets or columns of it are missing", "the proposal book", "Run syncer adopt FILES again."),
    ),
    "ADOPT-002": _entry(
        _ERROR,
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
    "ADOPT-003": _entry(
        _ERROR,
        (
            "《{table}》里没有“{found}”这一栏",
            "《{table}》的一栏",
            "请从下拉里选一栏，保存后再运行 syncer adopt --apply。",
        ),
        ("{table} has no column “{found}”", "a column of {table}", "Choose one from the list, save, run again."),
    ),
    "ADOPT-004": _entry(
        _ERROR,
        ("同一张表有两栏都对应“{found}”", "我们的一栏只对应原来的一栏", "请把其中一栏改为别的栏目、附加列或不导入。"),
        ("two columns of one table go to “{found}”", "one column each", "Choose another for one of them."),
    ),
    "ADOPT-005": _entry(
        _ERROR,
        (
            "单位名录里没有“{found}”",
            "单位名录里的单位；几个单位用顿号隔开",
            "请从下拉里选，或先在《台账设置》的单位名录里加上。",
        ),
        ("“{found}” is not in the roster", "units of the roster", "Choose from the list, or add the unit to 台账设置."),
    ),
    "ADOPT-006": _entry(
        _ERROR,
        ("任务分解里没有“{found}”", "任务分解里的任务、“自定子任务”或“不导入”", "请从下拉里选。"),
        ("the plan has no task “{found}”", "a task of the plan, 自定子任务 or 不导入", "Choose one from the list."),
    ),
    "ADOPT-007": _entry(
        _WARN,
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
    "ADOPT-008": _entry(
        _ERROR,
        ("留存的原文件已经不在了", "生成方案时读过的文件", "请用原来的台账重新运行 syncer adopt。"),
        ("the kept bytes of this file are gone", "the file as it was proposed from", "Run syncer adopt FILES again."),
    ),
    "ADOPT-009": _entry(
        _WARN,
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
    "ADOPT-010": _entry(
        _WARN,
        ("这是我们下发的工作簿，没有读", "各单位原来自己的台账", "已填好的工作簿请放进07收件箱或02各单位填报。"),
        (
            "a workbook that we issued; not read",
            "the office's own ledgers",
            "Put filled-in workbooks into 07收件箱 or 02.",
        ),
    ),
    "ADOPT-011": _entry(
        _WARN,
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
    "ADOPT-012": _entry(
        _WARN,
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
    "ADOPT-013": _entry(
        _WARN,
        ("{unit}的工作簿正打开着，没有写入", "关闭的工作簿", "请关闭后再运行一次 syncer adopt --apply。"),
        ("the workbook of {unit} is open; nothing was written", "a closed workbook", "Close it and run again."),
    ),
    "ADOPT-014": _entry(
        _WARN,
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
    "ADOPT-015": _entry(
        _WARN,
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
    # ---- what we made ourselves
    "PUB-001": _entry(
        _WARN,
        (
            "自动生成的“{file}”被人改动过，已重新生成，改动的那份已留存",
            "不要改动自动生成的文件",
            "要改内容，请改各单位的工作簿或台账设置。",
        ),
        (
            "the generated “{file}” was edited; it was made anew and the edited bytes are kept",
            "no edits there",
            "Edit the units' workbooks or 台账设置.",
        ),
    ),
    "PUB-002": _entry(
        _WARN,
        ("“{file}”正被打开，暂时无法更新", "关闭后自动更新", "请关闭这个文件。"),
        ("“{file}” is open and cannot be replaced now", "it is replaced once closed", "Close the file."),
    ),
    "PUB-003": _entry(
        _WARN,
        ("“{file}”暂时读写不了（{why}）", "磁盘或共享盘正常后自动更新", "请检查磁盘空间、共享盘连接和文件夹权限。"),
        (
            "“{file}” cannot be read or written now ({why})",
            "it is updated once the disk or share works again",
            "Look at free space, the share's connection and the folder's permissions.",
        ),
    ),
}


def severity_of(problem: Problem) -> Severity:
    """Returns how much a problem matters."""
    return CATALOGUE[problem.code].severity


@dataclass(frozen=True, slots=True)
class Spoken:
    """A problem in words."""

    what: str
    expected: str
    do: str
    severity: Severity
    where: str


class _Facts(dict[str, str]):
    """What a wording may name. A problem recorded by an older program may lack a fact that newer words mention."""

    def __missing__(self, name: str) -> str:
        return "…"


def speak(problem: Problem, language: str = "zh_CN") -> Spoken:
    """Puts a problem into words: ``where`` is ``宣传科.xlsx › 材料目录!E17``."""
    message = CATALOGUE[problem.code]
    wording = message.en if language == "en" else message.zh
    facts = _Facts(
        {
            "found": problem.found,
            "column": problem.column,
            "key": problem.row_key,
            "sheet": problem.place.sheet,
            "file": problem.place.file,
            "cell": problem.place.cell,
            **dict(problem.facts),
        }
    )
    where = problem.place.file
    if problem.place.sheet:
        inside = problem.place.sheet + (f"!{problem.place.cell}" if problem.place.cell else "")
        where = f"{where} › {inside}" if where else inside
    return Spoken(
        wording.what.format_map(facts),
        wording.expected.format_map(facts),
        wording.do.format_map(facts),
        message.severity,
        where,
    )


def in_full(spoken: Spoken) -> str:
    """Returns what is wrong and, where that says more, what was expected."""
    if fold(spoken.expected) in fold(f"{spoken.what}\n{spoken.do}"):
        return spoken.what
    return f"{spoken.what}（应为：{spoken.expected}）"


def line(problem: Problem, language: str = "zh_CN") -> str:
    """Returns one printable line: ``CODE where（row · column）：“found” what（应为：expected）。do``."""
    spoken = speak(problem, language)
    message = CATALOGUE[problem.code]
    named = " · ".join(part for part in (problem.row_key, problem.column) if part)
    quoted = problem.found if len(problem.found) <= _MOST_QUOTED else problem.found[:_MOST_QUOTED] + "…"
    found = f"“{quoted}” " if problem.found and "{found}" not in message.zh.what else ""
    if language == "en":
        key = f" ({named})" if named else ""
        said = f"{spoken.what}; expected: {spoken.expected}. {spoken.do}"
        return line_text(f"{problem.code} {spoken.where}{key}: {found}{said}")
    key = f"（{named}）" if named else ""
    return line_text(f"{problem.code} {spoken.where}{key}：{found}{in_full(spoken)}。{spoken.do}")
