"""Three offices' ledgers become working unit workbooks: the two steps as a coordinator takes them, and the master after them."""

from __future__ import annotations

import hashlib
import io
import shutil
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
from python_calamine import CalamineWorkbook

from syncer import adopted_books
from syncer.adopting import PROPOSAL_BOOK, REPORT_BOOK, Applied, Proposed, apply, propose
from syncer.books import issue_missing
from syncer.commands.init import make_workspace
from syncer.control import take_up
from syncer.core.adopting import words as w
from syncer.core.adopting.targets import EXTRA_LABEL
from syncer.core.values import Scalar, fold, show
from syncer.errors import RefusedError
from syncer.excel.patch import patch_cells
from syncer.excel.reader import read_book
from syncer.sync import sync
from syncer.workspace import Office, Workspace
from tests.office.checks import assert_sound
from tests.office.clerk import Clerk
from tests.system.bureau import Bureau, lines

pytestmark = pytest.mark.slow

NOW = datetime(2026, 11, 16, 9, 0)
DAY = NOW.date()


class Monday:
    """One workspace and an office's folder of old ledgers."""

    def __init__(self, root: Path, folder: Path) -> None:
        self.bureau = Bureau(root)
        self.old = sorted(folder.iterdir())
        self.control = root / "01创建办专用"

    @property
    def proposal(self) -> Path:
        return self.control / PROPOSAL_BOOK

    @property
    def report(self) -> Path:
        return self.control / REPORT_BOOK

    def office(self) -> Office:
        return Office(Workspace.at(self.bureau.root), lambda: NOW)

    def propose(self) -> Proposed:
        with self.office() as office:
            return propose(office, take_up(office, DAY).ledger, self.old)

    def apply(self) -> Applied:
        with self.office() as office:
            return apply(office, take_up(office, DAY))

    def sync(self) -> None:
        with self.office() as office:
            sync(office, as_of=DAY)

    def correct(self, sheet: str, column: str, value: Scalar, where: Callable[[dict[str, object]], bool]) -> int:
        """Changes a column of the proposal in the rows where something holds, and saves it; returns how many."""
        rows = CalamineWorkbook.from_path(self.proposal).get_sheet_by_name(sheet).to_python(skip_empty_area=False)
        names = [str(name) for name in rows[w.HEADER_ROW - 1]]
        at = names.index(column) + 1
        changes = {
            (number, at): value
            for number, row in enumerate(rows, start=1)
            if number > w.HEADER_ROW and where(dict(zip(names, row, strict=False)))
        }
        self.proposal.write_bytes(patch_cells(self.proposal.read_bytes(), {sheet: changes}))
        return len(changes)


def workspace(root: Path, folder: Path) -> Monday:
    make_workspace(root, 2026, sample=True)
    return Monday(root, folder)


@pytest.fixture(scope="module")
def adopted(tmp_path_factory: pytest.TempPathFactory, folder: Path) -> tuple[Monday, Applied]:
    """A workspace in which nothing was issued before; proposal, correction of nothing, apply, sync."""
    monday = workspace(tmp_path_factory.mktemp("monday") / "创建", folder)
    before = digests(folder)
    monday.propose()
    done = monday.apply()
    assert digests(folder) == before
    monday.sync()
    return monday, done


@pytest.fixture(scope="module")
def proposed(tmp_path_factory: pytest.TempPathFactory, folder: Path) -> Monday:
    monday = workspace(tmp_path_factory.mktemp("proposed") / "创建", folder)
    done = monday.propose()
    assert done.tables == 7
    assert not done.problems
    return monday


@pytest.fixture
def again(proposed: Monday, tmp_path: Path, folder: Path) -> Monday:
    """A workspace of a test's own in which the proposal stands."""
    shutil.copytree(proposed.bureau.root, tmp_path / "创建")
    return Monday(tmp_path / "创建", folder)


def digests(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def old_values(paths: list[Path]) -> Iterator[tuple[str, str, str, Scalar]]:
    """Yields every filled cell of the old files: file, sheet, place, value."""
    for path in paths:
        for sheet in openpyxl.load_workbook(io.BytesIO(path.read_bytes())).worksheets:
            for row in sheet.iter_rows():
                for cell in row:
                    if cell.value is not None:
                        value = cell.value
                        plain = value.date() if isinstance(value, datetime) else value
                        yield path.name, sheet.title, cell.coordinate, plain  # type: ignore[misc]


def everything_in(path: Path, sheets: list[str] | None = None) -> str:
    """Returns all that stands in a workbook as one folded text."""
    book = CalamineWorkbook.from_path(path)
    names = sheets or book.sheet_names
    cells = (cell for name in names for row in book.get_sheet_by_name(name).to_python() for cell in row)
    return "\n".join(fold(show(cell.date() if isinstance(cell, datetime) else cell)) for cell in cells if cell != "")


def test_no_value_of_the_old_files_is_lost_unsaid(adopted: tuple[Monday, Applied]) -> None:
    monday, _ = adopted
    master, report = everything_in(monday.bureau.master), everything_in(monday.report)
    plan = everything_in(monday.control / "台账设置.xlsx", ["任务分解"])
    typed = "\n".join(
        everything_in(path) for path in monday.bureau.units.glob("*.xlsx")
    )  # 已办结 is 已完成 in the master
    lost = []
    for file, sheet, place, value in old_values(monday.old):
        texts = {fold(show(value))}
        if isinstance(value, float) and value <= 1:
            texts.add(fold(show(round(value * 100, 6))))
        if isinstance(value, int) and value == 1:
            texts.add("100")
        if not any(text in where for text in texts for where in (master, report, plan, typed)):
            lost.append((file, sheet, place, value))
    assert not lost


def test_what_the_report_says_is_written_stands_in_the_master_with_its_unit(adopted: tuple[Monday, Applied]) -> None:
    monday, done = adopted
    assert done.cells > 180
    assert all(one.done for one in done.written)
    rows = {sheet: monday.bureau.master_rows(sheet) for sheet in ("任务清单", "活动台账", "学习教育", "问题整改")}
    listed = _lines(monday.report, "每一行去了哪里")
    assert len(listed) == 30
    for line in listed:
        assert line["写到哪张表"] in rows, line
        assert any(row["单位"] == line["单位"] for row in rows[str(line["写到哪张表"])]), line
    task = next(r for r in rows["任务清单"] if r["单位"] == "妇委会" and r["任务编号"] == "6.5")
    assert (task["本周完成情况"], task["完成率"], task["工作状态"]) == ("推选3户最美家庭，已公示。", 1.0, "已完成")
    own = next(r for r in rows["任务清单"] if r["重点任务"] == "建设职工书屋")
    assert (own["单位"], own["完成时限"], own["任务编号"]) == ("工会", "6月底前", "")
    activity = next(r for r in rows["活动台账"] if r["活动名称"] == "学雷锋志愿服务")
    assert (activity["单位"], activity["对应任务"], activity["参加人数"]) == ("团委", "7.1", 35)
    problem = next(r for r in rows["问题整改"] if r["单位"] == "服务中心")
    assert (problem["整改时限"], problem["进展"]) == ("8月底前", "已完成")
    assert {r["主题"] for r in rows["学习教育"] if r["单位"] == "人事科"} >= {"弘扬建党精神", "新修订条例"}


def test_every_cell_that_went_nowhere_stands_in_the_report_with_its_place_and_why(
    adopted: tuple[Monday, Applied],
) -> None:
    monday, _ = adopted
    said = {(r["工作表"], r["单元格"]): (r["内容"], r["为什么"]) for r in _lines(monday.report, "没有找到位置的内容")}
    assert said["宣教科", "J6"] == ("12000000005", "此栏不导入")
    assert said["任务分解", "A12"] == ("小计", "合计行")
    assert said["任务分解", "A18"][1] == "表下说明"
    assert said["问题整改台账", "J4"] == ("经费已批", "此栏不导入")
    assert said["任务分解", "F15"][1] == "任务分解的内容，工作簿里没有这一栏"
    different = {(r["工作表"], r["单元格"]): r for r in _lines(monday.report, "与任务分解不同的")}
    assert different["任务分解", "C7"]["原台账写的"] == "推进学习型单位建设"
    assert different["任务分解", "C7"]["任务分解写的"] == "建设学习型单位"
    reworded = {(r["工作表"], r["单元格"]): (r["原文"], r["按什么算"]) for r in _lines(monday.report, "换了说法的")}
    assert reworded["任务分解", "E15"] == ("宣传处", "宣传科")
    assert reworded["活动登记", "K5"] == ("7-1", "7.1")


def test_the_unit_sees_its_words_as_it_wrote_them_and_rows_have_ids(adopted: tuple[Monday, Applied]) -> None:
    monday, _ = adopted
    book = monday.bureau.book("服务中心")
    task = next(r for r in lines(book, "任务清单") if r["任务编号"] == "6.3")
    assert (task["工作状态"], task["完成率"]) == ("推进中", 0.75)
    row = next(r for r in lines(book, "问题整改") if r["问题"] == "食堂公筷摆放不足")
    assert (row["来源"], row["责任单位"], row["行标识"]) == ("督导检查", "后勤中心", "WT-D09-0001")
    ids = [r["行标识"] for r in lines(book, "问题整改") if r["行标识"]]
    assert len(ids) == len(set(ids)) == 31


def test_nothing_of_the_plan_is_asked_to_be_changed(adopted: tuple[Monday, Applied]) -> None:
    monday, _ = adopted
    assert monday.bureau.questions() == []


def test_a_second_time_nothing_is_written(adopted: tuple[Monday, Applied]) -> None:
    monday, done = adopted
    before = digests(monday.bureau.units)
    second = monday.apply()
    assert digests(monday.bureau.units) == before
    assert {one.said for one in second.written} == {"上次导入时已经写入，没有再写。"}
    assert second.cells == done.cells


def test_workbooks_that_are_out_and_untouched_get_the_same_content(
    adopted: tuple[Monday, Applied], again: Monday
) -> None:
    monday, first = adopted
    again.sync()
    issued = digests(again.bureau.units)
    done = again.apply()
    assert all(one.done for one in done.written), [one.said for one in done.written]
    assert done.cells == first.cells
    assert digests(again.bureau.units) != issued
    again.sync()
    for sheet in ("任务清单", "配合任务", "活动台账", "学习教育", "问题整改"):
        assert _said(again.bureau, sheet) == _said(monday.bureau, sheet), sheet
    assert again.bureau.questions() == []


def test_killed_between_writing_a_workbook_and_recording_it_nothing_is_lost_or_doubled(
    adopted: tuple[Monday, Applied], again: Monday, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> list[str]:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(adopted_books, "issue_missing", killed)
        with pytest.raises(KeyboardInterrupt):
            again.apply()
    assert again.bureau.books() == ["宣传科.xlsx"]
    again.sync()
    done = again.apply()
    assert all(one.done for one in done.written), [one.said for one in done.written]
    assert done.cells == adopted[1].cells
    again.sync()
    for sheet in ("任务清单", "活动台账", "问题整改"):
        assert _said(again.bureau, sheet) == _said(adopted[0].bureau, sheet), sheet


def test_a_workbook_that_somebody_has_filled_in_is_left_alone(again: Monday) -> None:
    again.sync()
    again.bureau.type("团委", "活动台账", {5: {"日期": date(2026, 3, 1), "活动名称": "自己填的"}})
    again.sync()
    typed = again.bureau.book("团委").read_bytes()
    again.bureau.type("工会", "活动台账", {5: {"活动名称": "还没合并"}})
    unmerged = again.bureau.book("工会").read_bytes()
    done = again.apply()
    said = {one.unit: one.problem.code for one in done.written if one.problem}
    assert said == {"D07": "ADOPT-012", "D06": "ADOPT-014"}
    assert again.bureau.book("团委").read_bytes() == typed
    assert again.bureau.book("工会").read_bytes() == unmerged
    left = [r for r in _lines(again.report, "没有找到位置的内容") if r["为什么"] == "该单位的工作簿没有写入"]
    assert "人均已达21小时。" in {r["内容"] for r in left}


def test_her_corrections_are_what_is_done(again: Monday) -> None:
    def is_phone(row: dict[str, object]) -> bool:
        return row["原栏目名"] == "手机号"

    assert again.correct(w.COLUMNS, w.OUR_COLUMN, EXTRA_LABEL, is_phone) == 3
    assert again.correct(w.UNITS, w.OUR_UNITS, "办公室", lambda row: row["原写法"] == "宣传处") == 1
    assert again.correct(w.TASKS, w.OUR_TASK, "不导入", lambda row: row["原任务"] == "建设职工书屋") == 1
    with pytest.raises(RefusedError):
        again.propose()
    done = again.apply()
    assert not done.stopped
    again.sync()
    rows = again.bureau.master_rows("任务清单")
    assert next(r for r in rows if r["重点任务"] == "公益广告刊播")["单位"] == "办公室"
    assert not [r for r in rows if r["重点任务"] == "建设职工书屋"]
    league = lines(again.bureau.book("团委"), "任务清单")
    assert next(r for r in league if r["任务编号"] == "7.2")["手机号"] == "12000000007"
    left = {r["内容"]: r["为什么"] for r in _lines(again.report, "没有找到位置的内容")}
    assert left["书屋已建成，藏书620册。"] == "此行不导入"


@pytest.mark.parametrize(
    ("sheet", "column", "typed", "code"),
    [
        (w.TABLES, w.OUR_SHEET, "没有这张表", "ADOPT-002"),
        (w.TABLES, w.OUR_UNIT, "没有这个科", "ADOPT-005"),
        (w.COLUMNS, w.OUR_COLUMN, "没有这一栏", "ADOPT-003"),
        (w.COLUMNS, w.OUR_COLUMN, "备注", "ADOPT-004"),
        (w.UNITS, w.OUR_UNITS, "宣传科、没有这个科", "ADOPT-005"),
        (w.TASKS, w.OUR_TASK, "99.9 没有这项", "ADOPT-006"),
    ],
)
def test_an_answer_that_cannot_be_understood_stops_everything(
    again: Monday, sheet: str, column: str, typed: str, code: str
) -> None:
    again.correct(
        sheet, column, typed, lambda row: str(row.get(w.NUMBER, row.get(w.WORDING))) in {"1", "1.0", "宣传处"}
    )
    done = again.apply()
    assert done.stopped
    assert code in {problem.code for problem in done.problems}
    assert {problem.place.sheet for problem in done.problems if problem.code == code} == {sheet}
    assert not list(again.bureau.units.glob("*.xlsx"))
    assert not again.report.exists()


def test_a_table_sent_to_another_sheet_gets_its_columns_proposed_anew(again: Monday) -> None:
    again.correct(w.TABLES, w.OUR_SHEET, "材料目录", lambda row: row[w.SHEET] == "学习")
    again.correct(w.UNITS, w.OUR_UNITS, "办公室", lambda row: row[w.WORDING] == "宣传处")
    done = again.apply()
    assert done.stopped
    assert [problem.code for problem in done.problems] == ["ADOPT-009"]
    columns = [r for r in _lines(again.proposal, w.COLUMNS) if r[w.SHEET] == "学习"]
    assert {r[w.OUR_COLUMN] for r in columns if r["原栏目名"] == "学习时间"} == {"日期"}
    assert next(r for r in _lines(again.proposal, w.UNITS) if r[w.WORDING] == "宣传处")[w.OUR_UNITS] == "办公室"
    assert not again.apply().stopped


def test_tasks_that_are_in_no_plan_can_be_pasted_into_it(again: Monday) -> None:
    rows = _lines(again.proposal, w.PLAN)
    assert [(r["编号"], r["行标识"], r["任务"], r["牵头单位"]) for r in rows] == [
        ("12.1", "T0026", "建设职工书屋", "工会"),
        ("12.2", "T0027", "公益广告刊播", "宣传科"),
        ("12.3", "T0028", "制作创建宣传片", "宣传科"),
    ]
    plan = (
        CalamineWorkbook.from_path(again.bureau.control).get_sheet_by_name("任务分解").to_python(skip_empty_area=False)
    )
    head = next(n for n, row in enumerate(plan) if row[0] == "编号")
    assert [str(name) for name in plan[head]][: len(rows[0])] == list(rows[0])
    free = next(n for n, row in enumerate(plan) if n > head and row[0] == "" and row[1])
    assert plan[free][1] == "T0026"
    cells = {(free + 1 + n, at): v for n, row in enumerate(rows) for at, v in enumerate(row.values(), 1) if v != ""}
    again.bureau.save_control({"任务分解": cells})  # type: ignore[dict-item]
    assert not again.apply().stopped
    again.sync()
    pasted = {
        str(r["重点任务"]): r for r in again.bureau.master_rows("任务清单") if str(r["任务编号"]).startswith("12.")
    }
    assert pasted["建设职工书屋"]["本周完成情况"] == "书屋已建成，藏书620册。"
    assert pasted["公益广告刊播"]["单位"] == "宣传科"


def test_broken_files_and_our_own_workbooks_are_named_and_the_others_proposed(tmp_path: Path, folder: Path) -> None:
    monday = workspace(tmp_path / "创建", folder)
    with monday.office() as office:
        issue_missing(office, take_up(office, DAY), ["D07"])
    (tmp_path / "坏的.xlsx").write_bytes(b"PK not a workbook")
    monday.old = [tmp_path / "坏的.xlsx", monday.bureau.book("团委"), *monday.old]
    done = monday.propose()
    assert [(p.code, p.place.file) for p in done.problems][1] == ("ADOPT-010", "团委.xlsx")
    assert done.problems[0].place.file == "坏的.xlsx"
    assert done.tables == 7
    listed = {r["文件"]: r["结果"] for r in _lines(monday.proposal, w.FILES)}
    assert listed["坏的.xlsx"] == listed["团委.xlsx"] == "没有读"


def test_what_was_proposed_is_done_even_if_the_old_files_have_changed_since(again: Monday, tmp_path: Path) -> None:
    again.old = []
    done = again.apply()
    assert done.cells > 180


def _lines(path: Path, sheet: str) -> list[dict[str, object]]:
    rows = CalamineWorkbook.from_path(path).get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    names = [str(name) for name in rows[w.HEADER_ROW - 1]]
    return [dict(zip(names, row, strict=False)) for row in rows[w.HEADER_ROW :]]


def _said(bureau: Bureau, sheet: str) -> list[dict[str, object]]:
    """Returns what the master says of units and rows, without where and when it came from."""
    told = {"来源", "变动时间", "行标识"}
    return [
        {name: value for name, value in row.items() if name not in told and "时间" not in name and "来源" not in name}
        for row in bureau.master_rows(sheet)
    ]


def test_the_books_read_back(proposed: Monday) -> None:
    book = read_book(proposed.proposal)
    assert {table.name for table in getattr(book, "tables", ())} >= {w.TABLES, w.COLUMNS, w.UNITS, w.TASKS, w.FILES}


@pytest.mark.office
@pytest.mark.validator
def test_what_we_wrote_is_sound(adopted: tuple[Monday, Applied], clerk: Clerk) -> None:
    monday, _ = adopted
    assert_sound(monday.proposal, monday.report, monday.bureau.book("宣传科"), clerk=clerk)


@pytest.mark.office
def test_a_proposal_corrected_in_libreoffice_is_understood(again: Monday, clerk: Clerk) -> None:
    clerk.open(again.proposal)
    clerk.set(w.TABLES, "I4", "办公室")
    clerk.save()
    clerk.close()
    done = again.apply()
    assert not done.stopped
    assert {one.file for one in done.written if one.unit == "D02"} == {"办公室.xlsx"}
