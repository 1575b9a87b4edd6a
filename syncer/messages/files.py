"""Whole files."""

from __future__ import annotations

from collections.abc import Mapping

from syncer.messages.wording import ERROR, WARN, Message, entry

_RESAVE = "请用 WPS 或 Excel 打开确认无误，再另存为 .xlsx 放回原处。"
_RESAVE_EN = "Open it in WPS or Excel, check it, and save it again as .xlsx in the same place."

FILES: Mapping[str, Message] = {
    "FILE-001": entry(
        ERROR,
        ("文件是空的（0 字节）", "一份正常的工作簿", "多半是没有保存完或磁盘已满：" + _RESAVE),
        ("the file is empty (0 bytes)", "a workbook", "Saving was probably cut short. " + _RESAVE_EN),
    ),
    "FILE-002": entry(
        ERROR,
        ("这不是 Excel 工作簿，里面是别的内容（{what}）", ".xlsx 工作簿", "请确认没有放错文件。" + _RESAVE),
        (
            "not a workbook but something else ({what})",
            "an .xlsx workbook",
            "Check that this is the file meant. " + _RESAVE_EN,
        ),
    ),
    "FILE-003": entry(
        ERROR,
        ("文件已损坏或没有传完整", "一份能打开的工作簿", "请重新复制或保存一次；已经入库的内容不变。" + _RESAVE),
        (
            "the file is damaged or was cut short",
            "a workbook that opens",
            "Copy or save it again; the last good content stands. " + _RESAVE_EN,
        ),
    ),
    "FILE-004": entry(
        ERROR,
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
    "FILE-005": entry(
        ERROR,
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
    "FILE-006": entry(
        ERROR,
        ("文件结构异常，为安全起见没有读取（{what}）", "一份普通的工作簿", _RESAVE),
        ("unusual structure, not read for safety ({what})", "an ordinary workbook", _RESAVE_EN),
    ),
    "FILE-007": entry(
        ERROR,
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
    "FILE-008": entry(
        ERROR,
        (
            "工作簿里一张工作表也没有读到",
            "原有的各张工作表",
            "可能存成了“严格 Open XML”或被清空：请另存为普通 .xlsx；已经入库的内容不变。",
        ),
        (
            "no worksheet could be read",
            "the worksheets as issued",
            "Save it as an ordinary .xlsx; the last good content stands.",
        ),
    ),
    "FILE-009": entry(
        ERROR,
        ("文件打不开（{what}）", "能读取的文件", "可能正被占用或没有权限，稍后会再试两次；之后搁置到文件有变动为止。"),
        (
            "the file cannot be opened ({what})",
            "a readable file",
            "It may be in use; it is tried twice more later, then set aside until it changes.",
        ),
    ),
    "FILE-010": entry(
        ERROR,
        ("暂不支持这种文件格式（{what}）", ".xlsx", "请在 WPS/Excel 里另存为 .xlsx。"),
        ("format not supported ({what})", ".xlsx", "Save it as .xlsx."),
    ),
    "FILE-011": entry(
        WARN,
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
    "FILE-012": entry(
        ERROR,
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
    "FILE-013": entry(
        ERROR,
        ("这是另一套台账或其他年度的工作簿", "{year}年度的工作簿", "请改用本年度下发的工作簿。"),
        ("a workbook of another ledger or year", "a workbook of {year}", "Use the workbook issued for this year."),
    ),
    "FILE-014": entry(
        ERROR,
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
    "FILE-015": entry(
        ERROR,
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
    "FILE-016": entry(
        WARN,
        ("工作簿改了名字（原为“{original}”），内容已照常采用", "{original}", "建议改回原来的文件名。"),
        ("the workbook was renamed (was “{original}”); taken in", "{original}", "Please rename it back."),
    ),
    "FILE-017": entry(
        ERROR,
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
    "FILE-019": entry(
        ERROR,
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
    "FILE-020": entry(
        WARN,
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
    "FILE-021": entry(
        ERROR,
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
    "FILE-022": entry(
        ERROR,
        (
            "里面没有本台账的任何一张工作表",
            "下发的工作簿：{sheets}",
            "像是别的文件用了这个名字：请把它改名移开，把原来的工作簿放回来（找不到的，创建办可以放回最近一版）；已经入库的内容不变。",
        ),
        (
            "holds none of this ledger's sheets",
            "the workbook that was issued: {sheets}",
            "Another file seems to have taken this name: move it away and put the workbook back; what was taken in stands.",
        ),
    ),
    "FILE-030": entry(
        ERROR,
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
    "FILE-031": entry(
        ERROR,
        (
            "内容太多（{what}），没有读取",
            "一份普通大小的工作簿",
            "请删去与台账无关的工作表和数据后保存；已经入库的内容不变。",
        ),
        (
            "too much content ({what}), not read",
            "a workbook of ordinary size",
            "Remove sheets and data that are not part of the ledger and save; the last good content stands.",
        ),
    ),
    "FILE-032": entry(
        ERROR,
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
    "FILE-033": entry(
        ERROR,
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
    "FILE-034": entry(
        ERROR,
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
}
