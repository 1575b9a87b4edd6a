"""The database, what is written back, and the books that we make."""

from __future__ import annotations

from collections.abc import Mapping

from syncer.messages.wording import WARN, Message, entry

OUR_OWN: Mapping[str, Message] = {
    # ---- the database
    "STORE-001": entry(
        WARN,
        (
            "数据库是新建的（{when}）：台账已按各单位工作簿现在的内容重建，没有重复入库",
            "原来的数据库",
            "以前的历史记录和还没有写回的裁定没有了；有备份就按备份里的《怎样恢复》换回，没有就把待办事项重新处理一遍，并把“07收件箱/已收”里最近的文件拖回“07收件箱”（从那里收下、还没有写回工作簿的内容要重新并入）。",
        ),
        (
            "the database is new ({when}): the ledger was rebuilt from the workbooks as they stand",
            "the database as it was",
            "History and rulings not yet written back are lost: put a backup in its place if there is one; if not, answer what waits once more, and drag the latest files in 07收件箱/已收 back to 07收件箱: what came from there and was not yet written into a workbook has to be merged again.",
        ),
    ),
    # ---- writing back into the units' workbooks
    "DEL-001": entry(
        WARN,
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
    # ---- what we made ourselves
    "PUB-001": entry(
        WARN,
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
    "PUB-002": entry(
        WARN,
        ("“{file}”正被打开，暂时无法更新", "关闭后自动更新", "请关闭这个文件。"),
        ("“{file}” is open and cannot be replaced now", "it is replaced once closed", "Close the file."),
    ),
    "PUB-003": entry(
        WARN,
        ("“{file}”暂时读写不了（{why}）", "磁盘或共享盘正常后自动更新", "请检查磁盘空间、共享盘连接和文件夹权限。"),
        (
            "“{file}” cannot be read or written now ({why})",
            "it is updated once the disk or share works again",
            "Look at free space, the share's connection and the folder's permissions.",
        ),
    ),
}
