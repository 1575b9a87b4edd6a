"""What comes through 07收件箱."""

from __future__ import annotations

from collections.abc import Mapping

from syncer.messages.wording import ERROR, NOTE, WARN, Message, entry

RECEIVED: Mapping[str, Message] = {
    "RECV-001": entry(
        ERROR,
        ("这是压缩包，里面的文件读不到", "解压后的工作簿", "请先解压，把里面的工作簿放进收件箱，压缩包可以删去。"),
        (
            "an archive; what is in it is not read",
            "the workbook itself",
            "Unpack it into the inbox folder, then delete the archive.",
        ),
    ),
    "RECV-002": entry(
        ERROR,
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
    "RECV-003": entry(
        ERROR,
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
    "RECV-004": entry(
        ERROR,
        (
            "看不出里面有本台账的哪一张表（表名、表头与下发的对不上，或少了许多栏目）",
            "下发的工作簿，工作表名称不变",
            "请确认没有发错；从下发的表里导出的，请整张导出，栏目不要删；填在别的表里的，请抄到下发的工作簿里再发来。",
        ),
        (
            "no sheet of this ledger can be made out in it (names and headers differ, or many columns are missing)",
            "a workbook that was issued, its sheet names unchanged",
            "Check that this is the file meant, or type it into the issued workbook.",
        ),
    ),
    "RECV-005": entry(
        ERROR,
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
    "RECV-006": entry(
        ERROR,
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
    "RECV-008": entry(
        NOTE,
        ("不是工作簿，没有处理", "工作簿", "图片、文档等请放到06佐证材料，不要的请移走。"),
        ("not a workbook; left alone", "a workbook", "Put pictures and documents into 06佐证材料, or move them away."),
    ),
    "RECV-009": entry(
        WARN,
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
    "RECV-010": entry(
        ERROR,
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
}
