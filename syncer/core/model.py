"""The nouns: what a compiled control workbook (台账设置) says, and what a unit's workbook holds.

Everything is frozen plain data. ``syncer.core.template.schema`` makes a `Ledger` from the workbook's tables.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, time
from enum import StrEnum

from syncer.core.calendar import Day
from syncer.core.deadlines import Deadline
from syncer.core.values import Scalar, show


class Owner(StrEnum):
    """Who may change a column's cells."""

    UNIT = "单位"
    COORDINATOR = "创建办"
    SYSTEM = "系统"


class ColumnType(StrEnum):
    """What a column's cells mean (栏目设置, 类型)."""

    TEXT = "文本"
    LONG_TEXT = "长文本"
    INTEGER = "整数"
    NUMBER = "数值"
    PERCENT = "百分比"
    DATE = "日期"
    DEADLINE = "期限"
    CHOICE = "选项"
    MULTI_CHOICE = "多选"
    UNITS = "单位"
    TASKS = "任务编号"
    PHONE = "电话"
    IDENTIFIER = "编号"
    LINK = "网址"


class Status(StrEnum):
    """Life of a column or a rule."""

    TRIAL = "试行"
    ACTIVE = "启用"
    RETIRED = "停用"


class SheetKind(StrEnum):
    """What the rows of a data sheet are."""

    TASKS = "任务"  # tasks the unit leads; rows come from 任务分解
    SUPPORT = "配合"  # tasks the unit supports; rows come from 任务分解
    RECORDS = "记录"  # the unit's own rows
    SURVEY = "调查"  # the unit's own rows, asked once, between 开始 and 截止


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a data sheet, from one row of 栏目设置."""

    code: str  # stable, unique within the sheet; rules and reports go by it
    name: str
    type: ColumnType = ColumnType.TEXT
    owner: Owner = Owner.UNIT
    group: str = ""  # first header level
    aliases: tuple[str, ...] = ()
    required: bool = False
    required_when: str = ""  # a condition as in 校验规则, e.g. ``工作状态 = 已完成``
    options: str = ""  # name of an option list
    minimum: float | date | None = None  # of a text: the least number of signs
    maximum: float | date | None = None
    form: str = ""  # how a text must look: ``XX〔YYYY〕N号``, see `syncer.core.reading.patterns`
    measure: str = ""  # 计量单位
    key: bool = False
    default: Scalar = None
    hint: str = ""
    status: Status = Status.ACTIVE


@dataclass(frozen=True, slots=True)
class Sheet:
    """One data sheet, from one row of 表设置 and its columns in 栏目设置 (retired columns left out)."""

    code: str
    name: str
    kind: SheetKind
    columns: tuple[Column, ...]
    audience: tuple[str, ...] = ()  # unit codes that get this sheet, in roster order
    start: date | None = None
    due: date | None = None
    reserved_rows: int = 20
    prefix: str = ""  # 编号前缀; row ids of this sheet are ``<prefix>-<unit code>-<0001>``, never beginning with T
    period: str = "不限"  # 不限, 每周, 每月, 每季度, 每半年, 每年
    retired: tuple[Column, ...] = ()
    former_names: tuple[str, ...] = ()  # workbooks already out may still use them

    def column(self, code: str) -> Column | None:
        """Returns the column with this code, if the sheet has it."""
        return next((c for c in self.columns if c.code == code), None)

    @property
    def from_plan(self) -> bool:
        """Whether the rows are handed out from 任务分解."""
        return self.kind is SheetKind.TASKS or self.kind is SheetKind.SUPPORT


@dataclass(frozen=True, slots=True)
class Unit:
    """One row of 单位名录. ``code`` outlives renaming."""

    code: str
    name: str  # 全称
    short: str  # 简称; names the workbook
    category: str = ""  # 科室, 支部, 同创单位
    aliases: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    leader: str = ""  # 分管领导
    contact: str = ""  # 联络员
    phone: str = ""
    since: date | None = None
    until: date | None = None
    merged_into: str = ""


@dataclass(frozen=True, slots=True)
class CountSource:
    """What feeds 已完成量 of a task (计数来源): rows of a sheet counted, or a column summed, maybe per row of another."""

    sheet: str  # sheet code
    column: str = ""  # column code to sum; "" counts rows
    per_sheet: str = ""  # divide by the number of rows of this sheet (人均)


@dataclass(frozen=True, slots=True)
class Task:
    """One row of 任务分解. ``id`` is the hidden row id (``T0007``), stable when ``number`` changes."""

    id: str
    number: str
    title: str
    section: str = ""
    standard: str = ""
    metric: str = ""
    target: float | None = None
    measure: str = ""
    leads: tuple[str, ...] = ()  # unit codes; the first sets the status
    supports: tuple[str, ...] = ()  # unit codes, groups expanded, leads dropped
    leads_text: str = ""
    supports_text: str = ""
    frequency: str = ""
    deadline: Deadline = field(default_factory=Deadline)
    source: CountSource | None = None
    leader: str = ""
    indicator: str = ""
    supervision: str = ""  # 督办意见


@dataclass(frozen=True, slots=True)
class Indicator:
    """One row of 测评指标."""

    number: str
    project: str = ""
    content: str = ""
    standard: str = ""
    method: str = ""
    score: float | None = None
    units: str = ""
    start: date | None = None  # days that count for it, where they are others than the ledger's
    end: date | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """One entry of an option list, with other ways of writing it."""

    text: str
    aliases: tuple[str, ...] = ()


class Level(StrEnum):
    """How much a broken rule matters (校验规则, 级别)."""

    NOTE = "提示"
    WARNING = "警告"
    ERROR = "错误"


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of 校验规则: where ``condition`` holds, ``demand`` must hold."""

    number: str
    sheet: str  # sheet code
    condition: str
    demand: str
    level: Level
    message: str
    status: Status = Status.ACTIVE
    row: int = 0


class Light(StrEnum):
    """亮灯, worst first."""

    RED = "红"
    YELLOW = "黄"
    BLUE = "蓝"
    GREEN = "绿"
    GREY = "灰"


@dataclass(frozen=True, slots=True)
class Settings:
    """亮灯与时限设置. Percentages are points (0–100); colours are ``RRGGBB``."""

    year: int
    office: str = ""  # 单位名称, in titles
    ledger_name: str = "文明单位创建工作台账"
    ledger_id: str = ""
    blue_workdays: int = 7
    yellow_points: float = 10
    red_points: float = 30
    silent_weeks: int = 2
    colours: tuple[tuple[Light, str], ...] = (
        (Light.RED, "E06666"),
        (Light.YELLOW, "FFD966"),
        (Light.BLUE, "9DC3E6"),
        (Light.GREEN, "A9D18E"),
        (Light.GREY, "D9D9D9"),
    )
    mass_cells: int = 10
    mass_percent: float = 20
    withdraw_rows: int = 3
    withdraw_percent: float = 10
    shift_to_workday: str = "顺延"  # 顺延, 提前, 不调整
    week_last_day: int = 5  # ISO weekday that usually ends the working week; the last working day on or before counts
    weekly_time: time = time(16, 0)
    weekly_approval: str = "自动"  # 自动, 人工
    late_days: int = 1
    locked_days: int = 5
    window_start: date | None = None  # 测评周期; blank: the ledger's year
    window_end: date | None = None

    @property
    def window(self) -> tuple[date, date]:
        """First and last day of the assessment (测评周期)."""
        return self.window_start or date(self.year, 1, 1), self.window_end or date(self.year, 12, 31)

    def colour(self, light: Light) -> str:
        """Returns the fill of a light as ``RRGGBB``."""
        return dict(self.colours)[light]


@dataclass(frozen=True, slots=True)
class Ledger:
    """The whole compiled control workbook. ``version`` is a digest of what was compiled."""

    version: str
    settings: Settings
    sheets: tuple[Sheet, ...]
    units: tuple[Unit, ...]  # in 排序 order, those in force
    tasks: tuple[Task, ...]
    indicators: tuple[Indicator, ...] = ()
    options: tuple[tuple[str, tuple[Choice, ...]], ...] = ()
    days: tuple[Day, ...] = ()
    rules: tuple[Rule, ...] = ()
    former: tuple[Unit, ...] = ()  # units closed, merged or not yet opened; their names are still understood

    def sheet(self, code: str) -> Sheet | None:
        """Returns the data sheet with this code."""
        return next((s for s in self.sheets if s.code == code), None)

    def unit(self, code: str) -> Unit | None:
        """Returns the unit with this code."""
        return next((u for u in self.units if u.code == code), None)

    def unit_name(self, code: str) -> str:
        """Returns what a unit is called for short, closed ones too; its code where nobody knows it."""
        return next((unit.short for unit in (*self.units, *self.former) if unit.code == code), code)

    def task(self, task_id: str) -> Task | None:
        """Returns the task with this row id."""
        return next((t for t in self.tasks if t.id == task_id), None)

    def choices(self, name: str) -> tuple[Choice, ...]:
        """Returns the entries of an option list; empty where there is none of this name."""
        return dict(self.options).get(name, ())

    def led_by(self, unit: str) -> tuple[Task, ...]:
        """Returns the tasks this unit leads, in plan order."""
        return tuple(t for t in self.tasks if unit in t.leads)

    def supported_by(self, unit: str) -> tuple[Task, ...]:
        """Returns the tasks this unit supports, in plan order."""
        return tuple(t for t in self.tasks if unit in t.supports)

    def sheets_of(self, unit: str) -> tuple[Sheet, ...]:
        """Returns the data sheets this unit's workbook holds."""
        return tuple(s for s in self.sheets if unit in s.audience)


@dataclass(frozen=True, slots=True)
class Table:
    """One worksheet as read: rows of scalars, row 1 first, ragged right (trailing blanks cut)."""

    name: str
    rows: tuple[tuple[Scalar, ...], ...]
    merged: tuple[tuple[int, int, int, int], ...] = ()  # 1-based first row, first column, last row, last column
    hidden: bool = False
    linked: tuple[tuple[int, int, str], ...] = ()  # 1-based row and column of values that come from that other workbook
    digest: str = field(default="", compare=False)  # equal ones tell equal worksheets; "": not known

    def cell(self, row: int, column: int) -> Scalar:
        """Returns the content at a 1-based place; blank outside."""
        if 0 < row <= len(self.rows) and 0 < column <= len(self.rows[row - 1]):
            return self.rows[row - 1][column - 1]
        return None


ADVICE_SHEET = "填报须知"  # the first sheet of a unit's workbook
STAMP_SHEET = "_syncer"  # very hidden; two columns, name and value, from row 1
OPTIONS_SHEET = "_选项"  # hidden; choices for dropdowns
OUR_SHEETS = frozenset({ADVICE_SHEET, STAMP_SHEET, OPTIONS_SHEET})  # in a unit's workbook, and never data


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a workbook that we issued says of itself (custom properties, and again on a very hidden sheet)."""

    ledger_id: str
    unit: str  # unit code
    book: str = "main"  # book code, for units that keep several
    template_version: str = ""
    revision: int = 0  # counts our deliveries into this book
    guid: str = ""


class Format(StrEnum):
    """How a workbook is kept, by its content, whatever its name says. What has macros counts as what it is without."""

    XLSX = "xlsx"
    STRICT = "Strict Open XML"  # xlsx with other namespaces: what is grafted onto it would be foreign to it
    XLS = "xls"  # .et too, as WPS writes it
    XLSB = "xlsb"
    ODS = "ods"
    TEXT = "csv"  # one sheet, without a name, types or a stamp


@dataclass(frozen=True, slots=True)
class Book:
    """One workbook as read, whatever its format."""

    tables: tuple[Table, ...]
    stamp: Stamp | None = None
    format: Format = Format.XLSX


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a whole file cannot be taken in; ``code`` as in `Problem`, ``facts`` fill its wording in."""

    code: str
    facts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """Where a row's present content came from. ``saved_at`` is local wall-clock time, ISO, to the second."""

    file: str = ""
    sheet: str = ""
    row: int = 0
    saved_at: str = ""
    version: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the merged ledger. ``values`` are read (typed) values by column code, blanks left out.

    A row of 任务清单 has the task's id (``T0007``) and is one unit's report on it; a unit's own sub-task has a record id.
    ``extra`` holds columns the unit added itself (附加列): name → content. ``digest`` knows nothing of what the plan or the
    system says in the row (`planned_rows` leaves it as it is): it tells two rows apart only together with the ledger's version.
    """

    id: str
    sheet: str  # sheet code
    unit: str  # unit code
    values: dict[str, Scalar]
    source: Source = Source()
    changed_at: str = ""  # when content last changed, ISO, local; "" if never since issue
    extra: tuple[tuple[str, Scalar], ...] = ()
    digest: int = field(default=0, compare=False)  # of what the database holds of it; 0: not known

    def get(self, code: str) -> Scalar:
        """Returns the value in a column; blank if there is none."""
        return self.values.get(code)

    def text(self, code: str) -> str:
        """Returns the value in a column as a person would write it."""
        return show(self.values.get(code))
