"""Three ledgers as offices lay them out by themselves, and beside each what a person who knows both would map.

None of them was made for this program: columns of their own, headers of two and three rows with merged groups, sections as
rows and as merged cells, several units in one cell, totals, signatures and notes below.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import xlsxwriter

from syncer.core.adopting.targets import (
    EXTRA_LABEL,
    LEAD_LABEL,
    NOWHERE_LABEL,
    SERIAL_LABEL,
    SUPPORT_LABEL,
)

OWN = "+"
Cells = list[list[object]]


@dataclass(frozen=True)
class Truth:
    """What one table means: its sheet, its columns by header (path joined by ›), whose its rows are and which task (by number)."""

    sheet: str
    columns: Mapping[str, str]
    rows: Mapping[int, tuple[str, str]]  # row → unit's short name, task number; OWN: in no plan; "": a record
    acceptable: Mapping[str, frozenset[str]] = field(default_factory=dict)  # where two answers are as good


@dataclass(frozen=True)
class Ledger:
    """One file, and the truth by worksheet."""

    name: str
    write: Callable[[Path], None]
    truth: Mapping[str, Truth]


def _sheet(book: xlsxwriter.Workbook, name: str, cells: Cells, merged: Sequence[str] = ()) -> None:
    """Writes rows as given; of a merged range the first cell holds the text."""
    sheet = book.add_worksheet(name)
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    percent = book.add_format({"num_format": "0%"})
    for row, values in enumerate(cells):
        for column, value in enumerate(values):
            if isinstance(value, date):
                sheet.write_datetime(row, column, value, day)
            elif isinstance(value, float) and 0 <= value <= 1:
                sheet.write_number(row, column, value, percent)
            elif value is not None:
                sheet.write(row, column, value)
    for area in merged:
        first = area.partition(":")[0]
        letters, digits = first.rstrip("0123456789"), first.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
        at = ord(letters) - 65
        row = int(digits) - 1
        value = cells[row][at] if row < len(cells) and at < len(cells[row]) else None
        sheet.merge_range(area, value if value is not None else "")


# ---- 1: a decomposition with progress, all units on one sheet, three header rows


def _decomposition(path: Path) -> None:
    head: Cells = [
        ["2026年度文明单位创建重点工作任务分解及推进情况表"],
        ["填报单位：文明创建办公室", None, None, None, None, None, None, None, "统计截止：2026年11月13日"],
        [
            "序号",
            "工作板块",
            "重点工作内容",
            "目标要求",
            "责任分工",
            None,
            None,
            "完成时限",
            "工作推进情况",
            None,
            None,
            None,
            "困难问题及诉求",
            None,
            "备注",
        ],
        [
            None,
            None,
            None,
            None,
            "牵头单位",
            "配合单位",
            "分管局领导",
            None,
            "目前进展情况",
            "完成进度\n（%）",
            "下步打算",
            "目前状态",
            "存在困难",
            "需协调解决事项",
            None,
        ],
        [
            "（1）",
            "（2）",
            "（3）",
            "（4）",
            "（5）",
            "（6）",
            "（7）",
            "（8）",
            "（9）",
            "（10）",
            "（11）",
            "（12）",
            "（13）",
            "（14）",
            "（15）",
        ],
    ]
    body: Cells = [
        [
            1,
            "理想信念\n与学习型单位",
            "开展理想信念宣传教育活动",
            "三类阵地均有活动，每季度宣讲一次",
            "宣传科",
            "各同创单位",
            "张示例",
            "每季度末",
            "已开展宣讲3场，更新橱窗2期。",
            0.75,
            "12月组织第4场宣讲。",
            "进行中",
            None,
            None,
            None,
        ],
        [
            2,
            None,
            "推进学习型单位建设",
            "读书、竞赛、研讨形式多样",
            "宣传科、工会",
            "同创单位",
            "张示例",
            "每周五",
            "集中学习36次。",
            0.9,
            "继续每周五学习。",
            "达序时",
            None,
            None,
            "学习记录在工会",
        ],
        [
            3,
            None,
            "建设职工书屋",
            "藏书不少于500册",
            "工会",
            None,
            "赵示例",
            "6月底前",
            "书屋已建成，藏书620册。",
            1.0,
            None,
            "已办结",
            None,
            None,
            None,
        ],
        [
            4,
            "思想道德建设",
            "评选文明科室、文明职工、身边好人和优秀志愿者",
            "程序完整、材料齐全",
            "组织人事科",
            "机关科室",
            "李示例",
            "12月15日前",
            "评选办法已印发，正在推荐候选人。",
            0.4,
            "11月底前公示。",
            "进行中",
            "候选人推荐偏慢",
            None,
            None,
        ],
        [
            5,
            None,
            "推选最美家庭，开展家风建设",
            "有过程材料",
            "妇联",
            None,
            "赵示例",
            "10月底前",
            "推选3户最美家庭，已公示。",
            1.0,
            None,
            "完成",
            None,
            None,
            None,
        ],
        [
            6,
            None,
            "移风易俗、厉行节约",
            "分餐公筷、一米线措施落实",
            "后勤中心",
            "同创单位",
            "王示例",
            "长期坚持",
            "食堂检查3次，公筷配备到位。",
            0.75,
            "12月再查一次。",
            "推进中",
            None,
            "请财务科支持更换标识牌经费",
            None,
        ],
        ["小计", None, None, None, None, None, None, None, None, 0.8],
        [
            7,
            "社会责任与志愿服务",
            "持续开展志愿服务活动",
            "注册志愿者人均25小时以上",
            "团委",
            "机关科室、同创单位",
            "赵示例",
            "12月20日前",
            "人均已达21小时。",
            0.84,
            "组织冬季环境整治。",
            "进行中",
            None,
            None,
            None,
        ],
        [
            8,
            None,
            "结对帮创（四送一助力）",
            "每季度走访一次",
            "机关党委",
            "同创单位",
            "张示例",
            "每季度末",
            "走访结对社区3次，送政策2次。",
            0.75,
            "春节前再走访一次。",
            "正在推进",
            None,
            None,
            None,
        ],
        [
            9,
            None,
            "公益广告刊播",
            "电子屏每日播放",
            "宣传处",
            "后勤中心",
            "张示例",
            "全年",
            "电子屏每天播放公益广告。",
            0.85,
            "更新内容。",
            "进行中",
            None,
            None,
            "新增事项",
        ],
        [
            10,
            "政风行风",
            "精简审批程序、简政提速",
            "一窗办结",
            "行政审批服务科",
            None,
            "王示例",
            "常态化",
            "一窗办结率98%。",
            0.98,
            "梳理高频事项。",
            "进展缓慢",
            "个别事项数据未打通",
            "需大数据局开放接口",
            None,
        ],
        [
            11,
            None,
            "打造优质服务窗口",
            "服务竞赛不少于2次",
            "审批科",
            "各科室",
            "王示例",
            "9月底前",
            "服务竞赛只开展1次。",
            0.5,
            "12月补办一次。",
            "未达序时",
            "疫情影响",
            None,
            "预计12月20日前补齐",
        ],
        ["填表说明：1.本表每周五下班前报创建办；2.进度按百分比填写。"],
        ["2.状态分：未启动、进行中、完成、进展缓慢。"],
        ["填表人：周样本", None, None, None, "审核人：", None, None, None, "联系电话：12000000001"],
    ]
    merged = [
        "A1:O1", "A2:D2", "I2:L2", "A3:A4", "B3:B4", "C3:C4", "D3:D4", "E3:G3", "H3:H4", "I3:L3", "M3:N3", "O3:O4",
        "B6:B8", "B9:B11", "B13:B15", "B16:B17", "A12:D12", "A18:O18", "A19:O19",
    ]  # fmt: skip
    book = xlsxwriter.Workbook(str(path))
    _sheet(book, "任务分解", head + body, merged)
    book.close()


DECOMPOSITION = Ledger(
    "2026年创建任务分解及推进情况.xlsx",
    _decomposition,
    {
        "任务分解": Truth(
            "任务清单",
            {
                "序号": SERIAL_LABEL,
                "工作板块": "板块",
                "重点工作内容": "重点任务",
                "目标要求": "完成标准",
                "责任分工›牵头单位": LEAD_LABEL,
                "责任分工›配合单位": SUPPORT_LABEL,
                "责任分工›分管局领导": "（任务分解：责任领导）",
                "完成时限": "完成时限",
                "工作推进情况›目前进展情况": "本周完成情况",
                "工作推进情况›完成进度（%）": "完成率",
                "工作推进情况›下步打算": "下周工作计划",
                "工作推进情况›目前状态": "工作状态",
                "困难问题及诉求›存在困难": "存在问题或滞后原因",
                "困难问题及诉求›需协调解决事项": "需协调事项",
                "备注": "备注",
            },
            {
                6: ("宣传科", "3.1"),
                7: ("宣传科", "3.2"),
                8: ("工会", OWN),
                9: ("人事科", "6.4"),
                10: ("妇委会", "6.5"),
                11: ("服务中心", "6.3"),
                13: ("团委", "7.1"),
                14: ("机关党委", "7.3"),
                15: ("宣传科", OWN),
                16: ("行政审批科", "10.2"),
                17: ("行政审批科", "10.3"),
            },
        )
    },
)


# ---- 2: a weekly table, one worksheet a section, two header rows, sections as rows


_WEEKLY_HEAD: Cells = [
    ["编号", "项目内容", "牵头领导", "本周工作", None, "下周工作", None, "问题和建议", "经办人", "手机号", "办结时间"],
    [None, None, None, "完成情况", "完成比例", "工作安排", "预计完成时间", None, None, None, None],
]
_WEEKLY_MERGED = ["A1:K1", "A3:A4", "B3:B4", "C3:C4", "D3:E3", "F3:G3", "H3:H4", "I3:I4", "J3:J4", "K3:K4"]


def _weekly(path: Path) -> None:
    book = xlsxwriter.Workbook(str(path))
    for name, rows in _WEEKLY_ROWS.items():
        cells: Cells = [
            ["创建文明单位工作周报（第46周）"],
            [f"科室：{name}", None, None, None, None, None, None, "日期：2026.11.13"],
            *_WEEKLY_HEAD,
            *rows,
        ]
        cells += [["审核：", None, None, "制表：李样本"]]
        sections = [f"A{at}:K{at}" for at, row in enumerate(cells, 1) if at > 4 and len(row) == 1]
        _sheet(book, name, cells, [*_WEEKLY_MERGED, *sections])
    book.close()


_WEEKLY_ROWS: dict[str, Cells] = {
    "宣教科": [
        ["一、理想信念"],
        ["3-1", "理想信念宣传教育", "张示例", "组织专题宣讲1场，120余人参加", "80%", "布置第4季度橱窗", "12月10日", "无", "陈样本", "12000000005", None],
        ["3-2", "建设学习型单位", "张示例", "集中学习1次", "90%", "开展读书分享", "12月底", None, "陈样本", "12000000005", None],
        ["二、思想道德建设"],
        ["6-2", "宣传文明行为促进条例与职工守则", "张示例", "知识竞赛已办完", "100%", None, None, None, "陈样本", "12000000005", date(2026, 11, 6)],
        ["新增", "制作创建宣传片", "张示例", "脚本已定稿", "30%", "开始拍摄", "12月15日", "请办公室协助联系场地", "陈样本", "12000000005", None],
    ],
    "团委": [
        ["7-1", "持续开展志愿服务", "赵示例", "环境整治1次，35人", "85%", "慰问孤寡老人", "12月20日", "人员偏少", "卫样本", "12000000007", None],
        ["7-2", "支持新时代文明实践中心建设", "赵示例", "实践项目已结项", "100%", None, None, None, "卫样本", "12000000007", "2026.9.28"],
    ],
    "后勤服务中心": [
        ["6-6", "绿色生活创建", "王示例", "清理楼道2处", "92%", "检查垃圾分类", "每月25日", None, "沈样本", "12000000009", None],
        ["8-1", "我们的节日主题活动", "赵示例", "重阳节慰问离退休干部", "86%", "筹备元旦活动", "12月31日", "经费紧张", "沈样本", "12000000009", None],
    ],
}  # fmt: skip

_WEEKLY_COLUMNS = {
    "编号": "任务编号",
    "项目内容": "重点任务",
    "牵头领导": "（任务分解：责任领导）",
    "本周工作›完成情况": "本周完成情况",
    "本周工作›完成比例": "完成率",
    "下周工作›工作安排": "下周工作计划",
    "下周工作›预计完成时间": "预计完成日期",
    "问题和建议": "存在问题或滞后原因",
    "经办人": "责任人",
    "手机号": NOWHERE_LABEL,
    "办结时间": "实际完成日期",
}
_EITHER_WAY = {
    "手机号": frozenset({NOWHERE_LABEL, EXTRA_LABEL}),
    "问题和建议": frozenset({"存在问题或滞后原因", "需协调事项"}),
}

WEEKLY = Ledger(
    "第46周工作周报（各科室）.xlsx",
    _weekly,
    {
        "宣教科": Truth(
            "任务清单",
            _WEEKLY_COLUMNS,
            {6: ("宣传科", "3.1"), 7: ("宣传科", "3.2"), 9: ("宣传科", "6.2"), 10: ("宣传科", OWN)},
            _EITHER_WAY,
        ),
        "团委": Truth("任务清单", _WEEKLY_COLUMNS, {5: ("团委", "7.1"), 6: ("团委", "7.2")}, _EITHER_WAY),
        "后勤服务中心": Truth(
            "任务清单", _WEEKLY_COLUMNS, {5: ("服务中心", "6.6"), 6: ("服务中心", "8.1")}, _EITHER_WAY
        ),
    },
)


# ---- 3: lists of records, several worksheets, notes below; an office keeps them as .xls


def _records(path: Path) -> None:
    book = xlsxwriter.Workbook(str(path))
    activities: Cells = [
        ["文明创建活动开展情况登记表"],
        [None],
        [
            "序号",
            "活动时间",
            "活动主题",
            "活动形式",
            "承办科室",
            "参加对象及人数",
            None,
            "活动简介",
            "活动地点",
            "新闻链接",
            "对应创建任务",
            "照片张数",
        ],
        [None, None, None, None, None, "参加对象", "人数", None, None, None, None, None],
        [
            1,
            date(2026, 3, 5),
            "学雷锋志愿服务",
            "志愿活动",
            "团委",
            "团员青年",
            "35人",
            "清扫街巷、慰问老人",
            "青禾社区",
            "https://example.org/a/1",
            "7-1",
            12,
        ],
        [
            2,
            "2026.4.2",
            "清明祭英烈",
            "传统节日",
            "工会",
            "全体职工",
            "80余人",
            "网上祭扫与诗文诵读",
            "烈士陵园",
            None,
            "8.1",
            8,
        ],
        [3, "5月20日", "民法典宣讲", "宣讲", "法规科", "机关干部", 46, "邀请律师授课", "三楼会议室", None, "9.2", 5],
        [
            4,
            date(2026, 6, 18),
            "机关道德讲堂第二期",
            "道德讲堂",
            "局机关党委",
            "机关干部",
            "60",
            "讲身边人身边事",
            "报告厅",
            "https://example.org/a/4",
            "开展四德教育",
            20,
        ],
        [
            5,
            date(2026, 9, 10),
            "服务明星技能竞赛",
            "知识竞赛",
            "审批科",
            "窗口人员",
            28,
            "业务笔试和情景问答",
            "政务大厅",
            None,
            "10.3",
            15,
        ],
        ["合计", None, None, None, None, None, 249, None, None, None, None, 60],
        ["注：活动形式按创建办分类填写。"],
        ["制表人：褚样本"],
    ]
    _sheet(
        book,
        "活动登记",
        activities,
        [
            "A1:L1",
            "A3:A4",
            "B3:B4",
            "C3:C4",
            "D3:D4",
            "E3:E4",
            "F3:G3",
            "H3:H4",
            "I3:I4",
            "J3:J4",
            "K3:K4",
            "L3:L4",
            "A11:L11",
        ],
    )
    problems: Cells = [
        ["创建工作问题整改台账（截至11月10日）"],
        [
            "序号",
            "检查时间",
            "问题来源",
            "存在的问题",
            "整改责任单位",
            "整改负责人",
            "拟采取措施",
            "整改完成时限",
            "整改进展",
            "备注",
        ],
        [
            1,
            date(2026, 8, 14),
            "督导检查",
            "食堂公筷摆放不足",
            "后勤中心",
            "沈样本",
            "补充公筷200双",
            "8月底前",
            "已整改",
            None,
        ],
        [
            2,
            date(2026, 9, 3),
            "群众反映",
            "办事大厅指引不清",
            "行政审批科",
            "蒋样本",
            "更换指引牌",
            "2026年9月20日",
            "正在整改",
            "经费已批",
        ],
        [3, "2026年10月11日", "自查发现", "宣传栏内容陈旧", "宣传科", "陈样本", "每季度更新", "立行立改", "完成", None],
        ["说明：整改完成后由创建办销号。"],
    ]
    _sheet(book, "问题整改台账", problems, ["A1:J1", "A6:J6"])
    study: Cells = [
        ["理论学习登记"],
        ["填报科室：人事科"],
        ["学习时间", "学习方式", "学习内容", "领学人", "课时", "应到人数", "实到人数", "请假情况"],
        [date(2026, 5, 8), "集中学习", "《习近平谈治国理政》第四卷", "冯样本", 2, 12, 11, "1人出差"],
        [date(2026, 7, 1), "党课", "弘扬建党精神", "李示例", 1.5, 12, 12, None],
        ["2026-10-16", "自学", "新修订条例", None, "2学时", None, None, None],
    ]
    _sheet(book, "学习", study, ["A1:H1", "A2:H2"])
    book.close()


RECORDS = Ledger(
    "创建工作各类登记表.xls",
    _records,
    {
        "活动登记": Truth(
            "活动台账",
            {
                "序号": SERIAL_LABEL,
                "活动时间": "日期",
                "活动主题": "活动名称",
                "活动形式": "类别",
                "承办科室": "主办",
                "参加对象及人数›参加对象": "参与单位",
                "参加对象及人数›人数": "参加人数",
                "活动简介": "主要内容",
                "活动地点": "地点",
                "新闻链接": "宣传链接",
                "对应创建任务": "对应任务",
                "照片张数": NOWHERE_LABEL,
            },
            {5: ("团委", ""), 6: ("工会", ""), 7: ("法规科", ""), 8: ("机关党委", ""), 9: ("行政审批科", "")},
            {"承办科室": frozenset({"主办", LEAD_LABEL}), "照片张数": frozenset({NOWHERE_LABEL, EXTRA_LABEL})},
        ),
        "问题整改台账": Truth(
            "问题整改",
            {
                "序号": SERIAL_LABEL,
                "检查时间": "发现日期",
                "问题来源": "来源",
                "存在的问题": "问题",
                "整改责任单位": "责任单位",
                "整改负责人": "责任人",
                "拟采取措施": "整改措施",
                "整改完成时限": "整改时限",
                "整改进展": "进展",
                "备注": NOWHERE_LABEL,
            },
            {3: ("服务中心", ""), 4: ("行政审批科", ""), 5: ("宣传科", "")},
            {"整改责任单位": frozenset({"责任单位", LEAD_LABEL}), "备注": frozenset({NOWHERE_LABEL, EXTRA_LABEL})},
        ),
        "学习": Truth(
            "学习教育",
            {
                "学习时间": "日期",
                "学习方式": "形式",
                "学习内容": "主题",
                "领学人": "主讲人",
                "课时": "时长(小时)",
                "应到人数": "应到",
                "实到人数": "实到",
                "请假情况": "缺席原因",
            },
            {4: ("人事科", ""), 5: ("人事科", ""), 6: ("人事科", "")},
        ),
    },
)

ALL = (DECOMPOSITION, WEEKLY, RECORDS)
