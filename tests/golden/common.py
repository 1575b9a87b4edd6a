"""The small bureau that every scenario begins with: four units, four tasks, five sheets, and what they have saved."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from syncer.commands.init import make_workspace
from syncer.excel.reading import Readers
from syncer.sync import sync
from syncer.watch.settle import Pace, Settler
from syncer.workspace import Office
from tests.golden.page import Page
from tests.system.bureau import Bureau

START = datetime(2026, 11, 20, 16, 0)  # a Friday
UNITS = ("人事科", "宣传科", "工会", "青禾社区")
TASKS = ("3.1", "3.2", "6.4", "8.2")
SHEETS = ("任务清单", "配合任务", "活动台账", "学习教育", "志愿者名册")
NAME = {
    "任务清单": "任务编号",
    "配合任务": "任务编号",
    "活动台账": "活动名称",
    "学习教育": "主题",
    "志愿者名册": "姓名",
}
SYSTEM = frozenset(
    ["活动编号", "学习编号", "材料编号", "已完成量", "完成率\n（%）", "上周完成情况", "佐证份数", "亮灯", "系统提示"]
)
SETTINGS_HEADER = 3
PACE = Pace(settle_seconds=0.01, give_up_seconds=0.05)

EVENTS = ["植树", "读书", "宣讲", "征文", "歌咏", "参观", "讲座", "义诊", "慰问", "清扫", "竞赛", "展览"]
ROWS = {
    "宣传科": {
        "活动台账": [
            f"日期=2026-{at}-12 活动名称={name} 类别=主题活动 地点={name}点 参加人数={at + 20} 主要内容={name}内容"
            for at, name in enumerate(EVENTS, start=1)
        ],
        "学习教育": [f"日期=2026-{at}-5 形式=自学 主题=第{at}课 时长(小时)=2" for at in (1, 2, 3)],
        "志愿者名册": ["姓名=陈一 注册号=text:1001 状态=有效", "姓名=陈二 注册号=text:1002 状态=有效"],
    },
    "人事科": {
        "活动台账": [
            "日期=2026-3-1 活动名称=评选 类别=主题活动 地点=三楼 参加人数=9",
            "日期=2026-3-2 活动名称=表彰 类别=主题活动 地点=礼堂 参加人数=90",
        ],
    },
    "工会": {"活动台账": ["日期=2026-5-1 活动名称=游园 类别=文体活动 地点=公园 参加人数=50"]},
    "青禾社区": {"活动台账": ["日期=2026-6-1 活动名称=粽子 类别=文体活动 地点=广场 参加人数=30"]},
}
PLAN_ROWS = {
    "宣传科": {"任务清单": {"3.1": "工作状态=推进中 本周完成情况=讲了两场 责任人=陈三"}},
    "青禾社区": {"配合任务": {"3.1": "配合完成情况=出了场地"}},
}


def make(root: Path, readers: Readers) -> Bureau:
    """Makes the bureau in ``root``: workbooks handed out, filled in, and taken in."""
    workspace = make_workspace(root, START.year, sample=True)
    config = root / "syncer.toml"
    text = config.read_text(encoding="utf-8").replace("settle_seconds = 0.5", "settle_seconds = 0.05")
    config.write_text(
        without_deliveries(text.replace("quiet_seconds = 120.0", "quiet_seconds = 0.0")), encoding="utf-8"
    )
    bureau = Bureau(root)
    data = workspace.control_book.read_bytes()
    for sheet, column, kept in (("单位名录", "简称", UNITS), ("任务分解", "编号", TASKS), ("表设置", "表名", SHEETS)):
        data = _cut(data, sheet, column, kept)
    data = _cut(data, "栏目设置", "表名", SHEETS)
    data = _cut(data, "校验规则", "表名", SHEETS)
    workspace.control_book.write_bytes(data)
    office = opened(bureau, readers)
    sync(office)
    for unit in UNITS:
        fill(bureau, unit)
    sync(office)
    office.store.close()
    return bureau


def without_deliveries(config: str) -> str:
    """Returns the configuration with deliveries off, as in the folder of a cloud-sync client."""
    return config.replace("[delivery]", "[delivery]\nenabled = false").replace("\nenabled = true", "", 1)


def opened(bureau: Bureau, readers: Readers) -> Office:
    """Opens a bureau with the session's reading children, and a pace that does not wait ten seconds for half a zip."""
    office = Office(bureau.opened(), lambda: START)
    office.readers, office.settler = readers, Settler(PACE)
    return office


def fill(bureau: Bureau, unit: str) -> None:
    """Types what a unit has in the beginning."""
    data = bureau.book(unit).read_bytes()
    for sheet, lines in ROWS[unit].items():
        page = Page(data, sheet)
        for line in lines:
            page.type(page.free(), line.split())
        data = page.saved()
    for sheet, known in PLAN_ROWS.get(unit, {}).items():
        page = Page(data, sheet)
        for number, line in known.items():
            page.type(page.row(number), line.split())
        data = page.saved()
    bureau.save(unit, data)


def _cut(data: bytes, sheet: str, column: str, kept: tuple[str, ...]) -> bytes:
    """Empties the lines of a settings sheet whose ``column`` names none of these."""
    page = Page(data, sheet, SETTINGS_HEADER)
    at = page.column(column)
    for row in page.rows:
        if row[at] is not None and row[at] not in kept:
            row[:] = [row[1] if sheet == "任务分解" and i == 1 else None for i in range(len(row))]
    return page.saved()
