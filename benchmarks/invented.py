"""What the clerks of an office typed, invented from a seed: reports on tasks handed out, and records on the other sheets.

Most of it is as it should be; one record in a hundred is typed as people type (a text for a day, "80余人"), or forgets what is
required, so that checks and feedback have their ordinary work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from benchmarks.offices import YEAR
from syncer.core.model import Ledger, Unit
from syncer.core.values import Scalar

Cells = dict[str, Scalar]  # by column code

SHARES = {  # of a unit's records, by sheet code
    "activities": 0.30,
    "study": 0.18,
    "volunteers": 0.16,
    "service": 0.14,
    "materials": 0.16,
    "rectify": 0.06,
}
ONE_IN = 100  # so many records one is not typed as it should be
_FIRST, _LAST = date(YEAR, 1, 5), date(YEAR, 11, 15)
_SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜"
_THEMES = (
    "文明礼仪宣讲",
    "环境整治行动",
    "道德讲堂",
    "读书分享会",
    "我们的节日",
    "结对走访",
    "诚信主题宣传",
    "健步走",
    "法治宣传",
)
_PLACES = ("三楼会议室", "多功能厅", "青禾社区广场", "政务大厅", "五楼党员活动室", "人民公园", "结对村村委会")
_DONE = (
    "组织职工参加，发放资料，现场答疑",
    "对照标准逐项检查，当场整改两处",
    "交流心得体会，推选先进典型",
    "走访困难户，了解需求并登记",
)
_TOPICS = (
    "文明单位测评指标",
    "家风故事",
    "公文写作与信息报送",
    "垃圾分类常识",
    "志愿服务条例",
    "民法典与日常生活",
    "防汛安全",
)
_PROBLEMS = ("楼道堆放杂物", "宣传栏内容没有更新", "无障碍通道标识不清", "活动照片缺少时间地点", "会议记录不完整")
_DUE = ("2026年4月10日", "6月底前", "11月底前", "12月15日前", "立行立改（5个工作日）")
_KINDS = ("方案", "总结", "会议记录", "活动记录", "图片", "制度")
_ACTIVITIES = ("会议部署", "宣传宣讲", "主题活动", "道德讲堂", "讲座竞赛", "文体活动", "环境整治", "结对帮创")


@dataclass(slots=True)
class Typed:
    """One record as typed; ``meant`` holds the values that read otherwise than they were typed."""

    cells: Cells
    meant: Cells = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Content:
    """What one unit typed."""

    reports: Mapping[str, Mapping[str, Cells]]  # sheet code → task id → the unit's own cells
    records: Mapping[str, Sequence[Typed]]  # sheet code → rows in order


def content(ledger: Ledger, unit: Unit, rows: int, seed: int = 1) -> Content:
    """Returns a unit's content: ``rows`` rows in all, of which the plan hands some out; same arguments, same content."""
    clerk = _Clerk(ledger, unit, Random(f"{seed}/{unit.code}"))
    reports = {"tasks": dict(clerk.leads()), "support": dict(clerk.supports())}
    handed = len(ledger.led_by(unit.code)) + len(ledger.supported_by(unit.code))
    left = max(rows - handed, 0)
    counts = {code: int(left * share) for code, share in SHARES.items()}
    counts["activities"] += left - sum(counts.values())
    return Content(reports, {code: [clerk.record(code, at) for at in range(count)] for code, count in counts.items()})


class _Clerk:
    """One unit's clerk."""

    def __init__(self, ledger: Ledger, unit: Unit, random: Random) -> None:
        self.unit, self.random = unit, random
        self.led, self.supported = ledger.led_by(unit.code), ledger.supported_by(unit.code)
        self.numbers = [task.number for task in (*self.led, *self.supported)]
        self.indicators = [indicator.number for indicator in ledger.indicators]
        self.place = next(at for at, other in enumerate(ledger.units) if other.code == unit.code)
        self.records: dict[str, Callable[[int], Typed]] = {
            "activities": self._activity,
            "study": self._study,
            "volunteers": self._volunteer,
            "service": self._service,
            "materials": self._material,
            "rectify": self._fault,
        }

    def leads(self) -> Iterator[tuple[str, Cells]]:
        """Yields a report on each task it leads."""
        for task in self.led:
            done = self.random.random() < 0.1
            cells: Cells = {
                "status": "已完成" if done else "推进中",
                "this_week": f"{self._text(_DONE)}，已完成第{self.random.randint(1, 6)}次。",
                "next_week": None if done else f"准备{self._text(_THEMES)}。",
                "person": self._name(self.random.randrange(60)),
                "finished_on": self._day() if done else None,
            }
            if task.source is None:
                cells["percent"] = 100 if done else self.random.choice((30, 50, 60, 75, 90))
            yield task.id, cells

    def supports(self) -> Iterator[tuple[str, Cells]]:
        """Yields a report on every other task it supports: there is not always something to say."""
        for task in self.supported[::2]:
            yield task.id, {"report": f"{self._text(_DONE)}。", "finished_on": self._day()}

    def record(self, sheet: str, at: int) -> Typed:
        """Returns the unit's record number ``at`` on a sheet."""
        return self.records[sheet](at)

    def _activity(self, at: int) -> Typed:
        heads = self.random.randint(8, 120)
        typed = Typed(
            {
                "date": self._day(),
                "name": f"{self.unit.short}{self._text(_THEMES)}第{at + 1}期",
                "category": self._text(_ACTIVITIES),
                "tasks": self._tasks(),
                "place": self._text(_PLACES),
                "host": self.unit.short,
                "participants": "机关各科室、青禾社区居民",
                "headcount": heads,
                "content": f"{self._text(_DONE)}；{self._text(_DONE)}。",
                "outcome": f"参加人员满意率{self.random.randint(90, 99)}%，收回意见{self.random.randint(0, 20)}条。",
                "link": f"https://example.org/{self.place}/{at}" if self.random.random() < 0.3 else None,
            }
        )
        match self.random.randrange(3 * ONE_IN):
            case 0:
                typed.cells["headcount"], typed.meant["headcount"] = f"{heads}余人", heads
            case 1:
                typed.cells["category"] = None
            case 2:
                day = self._day()
                typed.cells["date"], typed.meant["date"] = f"{day.year}.{day.month}.{day.day}", day
        return typed

    def _study(self, at: int) -> Typed:
        expected = self.random.randint(6, 60)
        away = self.random.choice((0, 0, 1, 2))
        exam = self.random.random() < 0.1
        return Typed(
            {
                "date": self._day(),
                "form": "考试" if exam else "集中",
                "topic": f"{self._text(_TOPICS)}（第{at + 1}次）",
                "speaker": self._name(self.random.randrange(60)),
                "hours": self.random.choice((2, 2.5, 3)),
                "expected": expected,
                "actual": expected - away,
                "absence": f"{away}人出差" if away else None,
                "has_notes": "是",
                "has_signin": self.random.choice(("是", "是", "否")),
                "reflections": self.random.choice((None, 3, 5, 12)),
                "passed": expected - away if exam else None,
                "tasks": self._tasks(),
            }
        )

    def _volunteer(self, at: int) -> Typed:
        return Typed(
            {
                "name": self._name(at),
                "reg_no": f"YL{YEAR}{self.place:04}{at:04}",
                "reg_date": self._day(),
                "status": self.random.choice(("有效", "有效", "有效", "转出")),
            }
        )

    def _service(self, at: int) -> Typed:
        return Typed(
            {
                "date": self._day(),
                "project": f"{self._text(_THEMES)}志愿服务{at + 1}",
                "place": self._text(_PLACES),
                "headcount": self.random.randint(3, 30),
                "hours_each": self.random.choice((1.5, 2, 2.5, 4)),
                "names": "、".join(self._name(self.random.randrange(20)) for _ in range(3)),
                "recorded": self.random.choice(("是", "是", "否")),
                "tasks": self._tasks(),
            }
        )

    def _material(self, at: int) -> Typed:
        kind = self._text(_KINDS)
        return Typed(
            {
                "indicator": self.random.choice(self.indicators),
                "title": f"{self.unit.short}{self._text(_THEMES)}{kind}（{at + 1}）",
                "type": kind,
                "doc_no": f"云建{self.place}〔{YEAR}〕{at + 1}号" if kind == "方案" else None,
                "author": self.unit.short,
                "date": self._day(),
                "pages": self.random.randint(1, 30),
                "proves": self._tasks(),
                "proof_at": f"第{self.random.randint(1, 9)}页",
            }
        )

    def _fault(self, at: int) -> Typed:
        mended = self.random.random() < 0.5
        found = self._day()
        return Typed(
            {
                "found_on": found,
                "source": self.random.choice(("自查", "督查", "群众", "上级")),
                "problem": f"{self._text(_PLACES)}{self._text(_PROBLEMS)}（{at + 1}）",
                "unit": self.unit.short,
                "person": self._name(self.random.randrange(60)),
                "measures": f"{self._text(_DONE)}，每周复查。",
                "due": self._text(_DUE),
                "progress": "已完成" if mended else "整改中",
                "finished_on": found + timedelta(days=self.random.randint(1, 20)) if mended else None,
            }
        )

    def _text(self, words: Sequence[str]) -> str:
        return self.random.choice(words)

    def _day(self) -> date:
        return _FIRST + timedelta(days=self.random.randrange((_LAST - _FIRST).days))

    def _name(self, number: int) -> str:
        return f"{_SURNAMES[number % len(_SURNAMES)]}{number // len(_SURNAMES) + 1}号示例"

    def _tasks(self) -> str | None:
        count = self.random.choice((0, 1, 1, 1, 2))
        return "、".join(dict.fromkeys(self.random.choice(self.numbers) for _ in range(count))) or None
