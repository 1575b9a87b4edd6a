"""What an office's people have in mind: a few rows for each kind of sheet, all made up."""

from __future__ import annotations

from datetime import date

from syncer.core.model import Ledger, Sheet
from tests.corpus.page import Record

ACTIVITIES: tuple[Record, ...] = (
    {
        "日期": date(2026, 3, 5),
        "活动名称": "学雷锋清扫街道",
        "类别": "志愿服务",
        "对应任务": "6.7",
        "地点": "滨河路",
        "主办": "办公室",
        "参加人数": 30,
        "主要内容": "清扫滨河路两侧",
    },
    {
        "日期": date(2026, 3, 5),
        "活动名称": "文明办网倡议",
        "类别": "宣传宣讲",
        "对应任务": "6.7、10.1",
        "地点": "三楼会议室",
        "参加人数": 12,
        "成效": "签名十二份",
    },
    {
        "日期": date(2026, 3, 12),
        "活动名称": "植树",
        "类别": "环境整治",
        "地点": "青禾社区",
        "参与单位": "工会、团委",
        "参加人数": 45,
        "宣传链接": "https://example.org/2026/zhishu",
        "备注": "雨后进行",
    },
    {
        "日期": date(2026, 3, 18),
        "活动名称": "读书分享会",
        "类别": "文体活动",
        "对应任务": "6.7",
        "地点": "职工之家",
        "参加人数": 9,
        "主要内容": "交流读书心得",
    },
)

STUDIES: tuple[Record, ...] = (
    {
        "日期": date(2026, 3, 2),
        "形式": "集中",
        "主题": "学习精神文明建设要点",
        "时长(小时)": 2,
        "应到": 20,
        "实到": 20,
        "有记录": "是",
    },
    {"日期": date(2026, 3, 9), "形式": "自学", "主题": "学习志愿服务条例", "时长(小时)": 1.5, "心得篇数": 6},
    {
        "日期": date(2026, 3, 16),
        "形式": "党课",
        "主题": "新风尚从我做起",
        "主讲人": "王样本",
        "时长(小时)": 1,
        "有签到": "是",
    },
)

ISSUES: tuple[Record, ...] = (
    {
        "发现日期": date(2026, 3, 3),
        "来源": "自查",
        "问题": "楼道堆放杂物",
        "责任单位": "办公室",
        "整改时限": "3月底前",
        "进展": "整改中",
    },
    {
        "发现日期": date(2026, 3, 10),
        "来源": "群众",
        "问题": "停车线不清",
        "责任单位": "办公室",
        "整改时限": "立行立改",
        "进展": "已完成",
        "完成日期": date(2026, 3, 13),
    },
)


def sheet_named(ledger: Ledger, name: str) -> Sheet:
    """Returns a data sheet by its name."""
    return next(sheet for sheet in ledger.sheets if sheet.name == name)
