"""How people write days, numbers, choices, tasks, units, ids and links: one way of writing a workbook, in two or three kinds of file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import partial
from pathlib import Path

from syncer.core.model import Ledger
from tests.corpus.families.layouts import WRITERS, saved
from tests.corpus.layout import Layout, lay_out
from tests.corpus.page import Asked, Case, Content, Meant, Record, Shown, Typed, meaning
from tests.corpus.records import sheet_named
from tests.corpus.writers import as_text

DAY = date(2026, 3, 5)

SPANS_IN_ODS = "an .ods book keeps a span of time as a time of day: half past one, or one and a half hours?"

Forms = Sequence[tuple[Content, Meant]]


@dataclass(frozen=True, slots=True)
class Column:
    """Where forms are written: a column, and what else its rows say."""

    sheet: str
    name: str
    rest: Record
    title: str = ""  # the column that tells the rows apart
    text: bool = True  # whether a CSV says the same


DAYS = Column("志愿者名册", "注册日期", {"状态": "待审核"}, "姓名")
REAL_DAYS = replace(DAYS, text=False)
PEOPLE = Column("活动台账", "参加人数", {"日期": DAY, "类别": "其他"}, "活动名称")
HOURS = Column("学习教育", "时长(小时)", {"日期": DAY, "形式": "自学"}, "主题")
PAGES = Column("材料目录", "页数", {"日期": DAY, "类型": "总结"}, "题名")
CATEGORY = Column("活动台账", "类别", {"日期": DAY, "参加人数": 5}, "活动名称")
SOURCE = Column("问题整改", "来源", {"发现日期": DAY, "进展": "整改中"}, "问题")
RECORDED = Column("学习教育", "有记录", {"日期": DAY, "形式": "自学", "时长(小时)": 1}, "主题")
TASKS = Column("活动台账", "对应任务", {"日期": DAY, "类别": "其他"}, "活动名称")
HOST = Column("活动台账", "主办", {"日期": DAY, "类别": "其他"}, "活动名称")
IDS = Column("志愿者名册", "注册号", {"状态": "待审核", "注册日期": DAY}, "姓名")
LINK = Column("活动台账", "宣传链接", {"日期": DAY, "类别": "其他"}, "活动名称")
DUE = Column("问题整改", "整改时限", {"发现日期": DAY, "进展": "整改中"}, "问题")
TEXT = Column("活动台账", "主要内容", {"日期": DAY, "类别": "其他"}, "活动名称")
PERCENT = Column("任务清单", "完成率", {"工作状态": "推进中"}, "重点任务", text=False)
INDICATOR = Column("材料目录", "测评指标", {"日期": DAY, "类型": "总结"}, "题名")

WAYS: Mapping[str, tuple[Column, Forms]] = {
    "days with dots, strokes and slashes": (
        DAYS,
        [("2026-3-5", DAY), ("2026.3.5", DAY), ("2026/3/5", DAY), ("2026.03.05", DAY), ("20260305", DAY)],
    ),
    "days in Chinese": (
        DAYS,
        [
            ("2026年3月5日", DAY),
            ("2026年03月05日", DAY),
            ("2026年3月5号", DAY),
            ("二〇二六年三月五日", DAY),
            ("2026 年 3 月 5 日", DAY),
        ],
    ),
    "days without a year": (DAYS, [("3月5日", DAY), ("3.5", DAY), ("3/5", DAY), ("3月5号", DAY), ("03月05日", DAY)]),
    "days full-width and spaced": (
        DAYS,
        [
            ("２０２６．３．５", DAY),
            ("２０２６年３月５日", DAY),
            (" 2026-03-05 ", DAY),
            ("2026－3－5", DAY),
            ("2026年3月5日\u3000", DAY),
        ],
    ),
    "days with weekday or time": (
        DAYS,
        [
            ("2026年3月5日（星期四）", DAY),
            ("2026-03-05 14:30", DAY),
            ("2026年3月5日下午", DAY),
            ("2026-03-05 00:00:00", DAY),
        ],
    ),
    "days that are none": (
        DAYS,
        [
            ("2026年2月30日", Asked("2026年2月30日")),
            ("3月", Asked("3月")),
            ("上周五", Asked("上周五")),
            ("2026年", Asked("2026年")),
            ("13月5日", Asked("13月5日")),
        ],
    ),
    "spans of days": (
        DAYS,
        [
            ("3月5日-7日", Asked("3月5日-7日")),
            ("2026.3.5-2026.3.7", Asked("2026.3.5-2026.3.7")),
            ("3月上旬", Asked("3月上旬")),
        ],
    ),
    "days as serial numbers": (REAL_DAYS, [(46086, DAY), (46086.0, DAY), (46086.6, DAY), (Shown(46086, "0"), DAY)]),
    "real days under many formats": (
        REAL_DAYS,
        [
            (Shown(DAY, "yyyy-mm-dd"), DAY),
            (Shown(DAY, "yyyy/m/d"), DAY),
            (Shown(DAY, 'yyyy"年"m"月"d"日"'), DAY),
            (Shown(DAY, "m/d/yy"), DAY),
            (Shown(DAY, "[$-F800]dddd, mmmm dd, yyyy"), DAY),
        ],
    ),
    "real days with a time of day": (
        REAL_DAYS,
        [(datetime(2026, 3, 5, 14, 30), DAY), (Shown(datetime(2026, 3, 5, 9), "yyyy-mm-dd hh:mm"), DAY), (DAY, DAY)],
    ),
    "whole numbers with a measure": (
        PEOPLE,
        [("12人", 12), ("12 人", 12), ("１２人", 12), ("12名", 12), ("12人次", 12), ("12（人）", 12)],
    ),
    "whole numbers with signs between": (
        PEOPLE,
        [("1,500", 1500), ("1，500人", 1500), ("１５００", 1500), (" 12 ", 12)],
    ),
    "hedged numbers": (
        PEOPLE,
        [("1500余人", 1500), ("约30人", 30), ("近2000人", 2000), ("30人左右", 30), ("60多人", 60)],
    ),
    "unclear numbers": (
        PEOPLE,
        [("10-20人", Asked("10-20人")), ("若干", Asked("若干")), ("全体", Asked("全体")), ("20+15", Asked("20+15"))],
    ),
    "Chinese numerals": (PEOPLE, [("十二人", 12), ("三十", 30), ("一百二十人", 120), ("壹佰贰拾", 120), ("两人", 2)]),
    "whole numbers with halves": (PEOPLE, [("12.5", Asked("12.5")), (12.5, Asked(12.5)), ("12.0", 12), (12.0, 12)]),
    "numbers out of limits": (PEOPLE, [(-3, Asked(-3)), (200000, Asked(200000)), ("-3人", Asked("-3人"))]),
    "numbers that are numbers": (
        replace(PEOPLE, text=False),
        [(12, 12), (12.0, 12), (Shown(1500, "#,##0"), 1500), (0, 0)],
    ),
    "hours": (HOURS, [("2小时", 2), ("1.5小时", 1.5), ("约3小时", 3), ("2学时", 2), ("半小时", 0.5), ("2h", 2)]),
    "hours and minutes": (HOURS, [("90分钟", 1.5), ("1小时30分", 1.5), ("一个半小时", 1.5), ("30分钟", 0.5)]),
    "hours as times": (
        replace(HOURS, text=False),
        [(Shown(0.0625, "[h]:mm"), 1.5), (Shown(timedelta(hours=2), "[h]:mm"), 2), (2.5, 2.5)],
    ),
    "pages": (PAGES, [("3页", 3), ("3", 3), ("共3页", 3), ("3张", 3), ("1-3", Asked("1-3"))]),
    "choices by alias": (
        CATEGORY,
        [
            ("会议", "会议部署"),
            ("宣讲", "宣传宣讲"),
            ("主题党日", "主题活动"),
            ("大扫除", "环境整治"),
            ("其它", "其他"),
        ],
    ),
    "choices with signs around": (
        CATEGORY,
        [
            ("志愿 服务", "志愿服务"),
            ("志愿服务。", "志愿服务"),
            (" 志愿服务\n", "志愿服务"),
            ("3.志愿服务", "志愿服务"),
        ],
    ),
    "choices that are none": (
        CATEGORY,
        [("团建", Asked("团建")), ("志愿服务或宣讲", Asked("志愿服务或宣讲")), ("待定", Asked("待定"))],
    ),
    "sources by alias": (
        SOURCE,
        [("自查自纠", "自查"), ("群众反映", "群众"), ("上级检查", "上级"), ("督导检查", "督查")],
    ),
    "ticked yes and no": (RECORDED, [("√", "是"), ("有", "是"), ("×", "否"), ("无", "否"), ("Y", "是"), ("是", "是")]),
    "yes and no as logical values": (replace(RECORDED, text=False), [(True, "是"), (False, "否"), ("是", "是")]),
    "tasks as lists": (
        TASKS,
        [
            ("6.7,10.1", "6.7、10.1"),
            ("6.7；10.1", "6.7、10.1"),
            ("6.7 10.1", "6.7、10.1"),
            ("6.7\n10.1", "6.7、10.1"),
            ("６．７", "6.7"),
        ],
    ),
    "tasks by title": (TASKS, [("文明办网、文明上网", "6.7"), ("转变作风、推进政务公开", "10.1")]),
    "tasks that are none": (TASKS, [("99.9", Asked("99.9")), ("创建", Asked("创建")), ("6.7、88", Asked("6.7、88"))]),
    "tasks typed as numbers": (
        replace(TASKS, text=False),
        [(6.7, "6.7"), (10.1, "10.1"), (1.1, "1.1"), (3.2, "3.2")],
    ),
    "units by alias": (
        HOST,
        [
            ("局办", "办公室"),
            ("宣教科", "宣传科"),
            ("云岭市建设管理局办公室", "办公室"),
            ("综合 办公室", "办公室"),
            ("D05", "宣传科"),
        ],
    ),
    "units as lists": (
        HOST,
        [
            ("办公室，宣教科", "办公室、宣传科"),
            ("工会/团委", "工会、团委"),
            ("办公室 工会", "办公室、工会"),
            ("局办；党办", "办公室、机关党委"),
        ],
    ),
    "units that are none": (HOST, [("外联部", Asked("外联部")), ("办公室、外联部", Asked("办公室、外联部"))]),
    "ids as texts": (
        IDS,
        [("530100000012", "530100000012"), ("0012", "0012"), (" 0013 ", "0013"), ("yl-0014", "yl-0014")],
    ),
    "ids as numbers": (
        replace(IDS, text=False),
        [(530100000012, "530100000012"), (12, "12"), (1.5, Asked("1.5"))],
    ),
    "links": (
        LINK,
        [
            ("https://example.org/a", "https://example.org/a"),
            ("见公众号", Asked("见公众号")),
            ("推文：https://example.org/b", "推文：https://example.org/b"),
        ],
    ),
    "deadlines": (
        DUE,
        [
            ("3月底前", "3月底前"),
            ("上半年", "上半年"),
            ("立行立改", "立行立改"),
            ("2026年6月30日", "2026年6月30日"),
            ("每周五", "每周五"),
        ],
    ),
    "texts that look like formulas": (
        replace(TEXT, text=False),
        [("=1+1", "=1+1"), ("-今天", "-今天"), ("+86", "+86"), ("@全体", "@全体"), ("=cmd|'/c'!A1", "=cmd|'/c'!A1")],
    ),
    "texts that look like blanks or errors": (
        replace(TEXT, text=False),
        [("NA", "NA"), ("null", "null"), ("None", "None"), ("nan", "nan"), ("N/A", "N/A")],
    ),
    "texts with odd spaces": (
        replace(TEXT, text=False),
        [
            ("两\u00a0处", "两 处"),
            ("清\u200b扫", "清扫"),
            ("\u3000缩进", "缩进"),
            ("第一行\n第二行", "第一行\n第二行"),
            ("尾 ", "尾"),
        ],
    ),
    "texts of digits": (
        replace(TEXT, text=False),
        [("007", "007"), ("1e5", "1e5"), ("20260305", "20260305"), ("3.10", "3.10")],
    ),
    "texts of many scripts": (
        replace(TEXT, text=False),
        [("𠮷日", "𠮷日"), ("志愿👍", "志愿👍"), ("Ⅱ-1-①", "Ⅱ-1-①"), ("é", "é")],
    ),
    "long texts": (replace(TEXT, text=False), [("长" * 5000, "长" * 5000), ("行\n" * 40 + "完", "行\n" * 40 + "完")]),
    "numbers where a text belongs": (replace(TEXT, text=False), [(12, 12), (3.5, 3.5)]),
    "days and times where a text belongs": (
        replace(TEXT, text=False),
        [(DAY, DAY), (Shown(time(9, 30), "hh:mm"), time(9, 30))],
    ),
    "percentages as written": (
        PERCENT,
        [("95%", 95), ("95％", 95), ("９５％", 95), ("八成", 80), ("60", 60), ("约50%", 50)],
    ),
    "percentages as numbers": (
        PERCENT,
        [(Shown(0.95, "0%"), 95), (Shown(0.5, "0.0%"), 50), (95, 95), (0.95, 95), (Shown(1, "0%"), 100)],
    ),
    "indicators as lists": (
        INDICATOR,
        [("1-1-01", "1-1-01"), ("1-1-01,2-1-01", "1-1-01、2-1-01"), ("9-9-99", Asked("9-9-99"))],
    ),
}


def values(ledger: Ledger) -> Iterator[Case]:
    """Each way of writing, by two writers, and as CSV where that keeps what was typed."""
    number = 0
    for at, (says, (column, forms)) in enumerate(WAYS.items()):
        sheet = sheet_named(ledger, column.sheet)
        records = _records(column, forms)
        page, header = lay_out(sheet, records, Layout(levels=1 + at % 2))
        meant = {sheet.name: meaning(records)}
        for writer in (WRITERS[at % 3], WRITERS[3 + at % 3]):
            number += 1
            case = saved(f"values-{number:03}", f"{says}: {column.name}", page, writer, header, "活动台账")
            asked = SPANS_IN_ODS if says == "hours as times" and case.saved_as == "ods" else ""
            yield replace(case, meant=meant, asked=asked)
        if column.text and at % 2:
            number += 1
            write = partial(_write, text=as_text(page, encoding="gb18030"))
            told = f"{says}: {column.name} · csv"
            yield Case(
                f"values-{number:03}", told, write, _as_shown(meant), f"办公室-{sheet.name}.csv", header_row=header
            )


def _records(column: Column, forms: Forms) -> list[Record]:
    return [
        {**column.rest, column.title: f"第{number}条", column.name: Typed(typed, meant)}
        for number, (typed, meant) in enumerate(forms, start=1)
    ]


def _as_shown(meant: Mapping[str, Sequence[Mapping[str, Meant]]]) -> Mapping[str, Sequence[Mapping[str, Meant]]]:
    """What is asked in a text is the text: a number that is unclear stands there as it shows."""
    return {
        name: [
            {key: Asked(str(cell.typed)) if isinstance(cell, Asked) else cell for key, cell in row.items()}
            for row in rows
        ]
        for name, rows in meant.items()
    }


def _write(path: Path, text: bytes) -> None:
    path.write_bytes(text)
