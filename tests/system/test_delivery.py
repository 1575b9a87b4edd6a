"""What is not the unit's own comes into its workbook by itself, and nothing else there is touched."""

from __future__ import annotations

import io
import os
import shutil
import time
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

import openpyxl
import pytest

from syncer import fs
from syncer.control import take_up
from syncer.core.calendar import Week
from syncer.core.model import Ledger, Refusal
from syncer.core.state import Question
from syncer.core.values import Scalar
from syncer.deliver import Delivered, deliver, recover
from syncer.excel.patch import patch_cells
from syncer.pauses import Pauses
from syncer.reports import issue_week
from syncer.rulings import rule
from syncer.store.deliveries import Deliveries
from syncer.store.disk import Disk
from syncer.store.steps import Effects, RuledCell, Ruling
from syncer.sync import sync
from syncer.view import view
from syncer.workspace import Office
from tests.system.bureau import FIRST_ROW, Bureau, Line, columns, lines, snapshot

UNIT, CODE = "宣传科", "D05"
TASKS, ACTIVITIES = "任务清单", "活动台账"
TREES: dict[str, Scalar] = {"日期": "2026-3-12", "活动名称": "植树", "类别": "主题活动", "对应任务": "3.1"}
PLAN = {"编号": 1, "任务": 4, "牵头单位": 9, "完成时限": 12}  # columns of 任务分解


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNCER_DELIVERY__QUIET_SECONDS", "0")


def passed(bureau: Bureau, clock: Callable[[], datetime] = datetime.now) -> list[Delivered]:
    """One pass and its deliveries."""
    with Office(bureau.opened(), clock) as office:
        recover(office)
        sync(office)
        return delivered(office)


def delivered(office: Office) -> list[Delivered]:
    day = office.clock().date()
    return deliver(office, view(office, ledger_of(office), day))


def ledger_of(office: Office) -> Ledger:
    return take_up(office, office.clock().date()).ledger


@pytest.fixture(scope="module")
def _settled(_handed_out: Bureau, tmp_path_factory: pytest.TempPathFactory) -> Bureau:
    bureau = _handed_out.copied(tmp_path_factory.mktemp("settled") / "创建")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SYNCER_DELIVERY__QUIET_SECONDS", "0")
        passed(bureau)
        passed(bureau)
    return bureau


@pytest.fixture
def settled(_settled: Bureau, tmp_path: Path) -> Bureau:
    """A bureau of a test's own in which the first deliveries are done."""
    return _settled.copied(tmp_path / "创建")


def row_of(bureau: Bureau, sheet: str, row_id: str) -> Line:
    (row,) = (line for line in lines(bureau.book(UNIT), sheet) if line["行标识"] == row_id)
    return row


def waits(bureau: Bureau, unit: str = CODE) -> str:
    ((why,),) = bureau.sql(f"select waits from book where unit = '{unit}'")
    return str(why)


def versions(bureau: Bureau) -> list[str]:
    kinds = bureau.sql(f"select kind from version where unit = '{CODE}' and kind != 'recheck' order by id")
    return [str(kind) for (kind,) in kinds]


def changed_deadline(bureau: Bureau, text: str = "2026年11月30日") -> None:
    bureau.save_control({"任务分解": {(6, PLAN["完成时限"]): text}})  # task 3.1, T0003


# ---- what is written


def test_lights_and_counts_reach_every_workbook_soon_after_it_was_issued(settled: Bureau) -> None:
    row = row_of(settled, TASKS, "T0003")
    assert row["亮灯"].startswith(("红", "黄", "蓝", "绿", "灰"))
    assert row["已完成量"] == 0
    assert row["本周完成情况"] == ""
    assert versions(settled) == ["issue", "delivery"]


def test_a_deadline_changed_in_the_settings_reaches_the_row(settled: Bureau) -> None:
    changed_deadline(settled)
    passed(settled)
    assert row_of(settled, TASKS, "T0003")["完成时限"] == "2026年11月30日"


@pytest.mark.parametrize("broken_off", [False, True])
def test_a_workbook_whose_name_is_no_text_is_delivered_to_as_any_other(
    settled: Bureau, broken_off: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name in GBK, as an archive made in Windows is unpacked on a Linux share."""
    named = settled.units / os.fsdecode(b"\xd0\xfb\xb4\xab.xlsx")
    try:
        settled.book(UNIT).rename(named)
    except OSError:
        pytest.skip("this file system holds no such names")
    changed_deadline(settled)  # nobody has saved it yet: it is renamed as it was handed out
    if broken_off:
        with monkeypatch.context() as cut:
            cut.setattr(Deliveries, "finish", killed)
            with pytest.raises(KilledError):
                passed(settled)
    passed(settled)
    assert waits(settled) == ""
    shutil.copy(named, settled.book(UNIT))
    assert row_of(settled, TASKS, "T0003")["完成时限"] == "2026年11月30日"
    assert versions(settled) == ["issue", "delivery", "delivery"]


def test_a_new_task_takes_the_first_reserved_row_and_the_units_report_on_it_merges(settled: Bureau) -> None:
    before = lines(settled.book(UNIT), TASKS)
    tasks = lines_of_plan(settled)
    at, task_id = next((row, line[1]) for row, line in tasks.items() if line[1] and not line[0])
    cells = {"编号": "9.9", "任务": "新任务", "牵头单位": UNIT, "完成时限": "2026年12月10日"}
    settled.save_control({"任务分解": {(at, PLAN[name]): text for name, text in cells.items()}})
    passed(settled)
    after = lines(settled.book(UNIT), TASKS)
    first_reserved = next(i for i, row in enumerate(before) if not row["任务编号"])
    assert len(after) == len(before)
    assert (after[first_reserved]["行标识"], after[first_reserved]["任务编号"]) == (task_id, "9.9")
    assert after[first_reserved]["完成时限"] == "2026年12月10日"
    settled.type(UNIT, TASKS, {FIRST_ROW + first_reserved: {"本周完成情况": "已启动"}})
    passed(settled)
    (merged,) = (row for row in settled.master_rows(TASKS, UNIT) if row["任务编号"] == "9.9")
    assert merged["本周完成情况"] == "已启动"
    assert settled.questions() == []


def lines_of_plan(bureau: Bureau) -> dict[int, list[Any]]:
    sheet = openpyxl.load_workbook(bureau.control, read_only=True)["任务分解"]
    return {at: list(row) for at, row in enumerate(sheet.iter_rows(values_only=True), start=1) if at > 3 and row[1]}


def test_a_hint_stands_in_the_clerks_own_row_until_she_has_mended_it(settled: Bureau) -> None:
    settled.type(UNIT, ACTIVITIES, {FIRST_ROW: {**TREES, "参加人数": "很多"}})
    passed(settled)
    row = lines(settled.book(UNIT), ACTIVITIES)[0]
    assert "参加人数" in row["系统提示"]
    assert row["参加人数"] == "很多"
    assert row["活动编号"] == row["行标识"]
    settled.type(UNIT, ACTIVITIES, {FIRST_ROW: {"参加人数": 30}})
    passed(settled)
    assert lines(settled.book(UNIT), ACTIVITIES)[0]["系统提示"] == ""


def test_where_the_count_overrules_the_units_own_percentage_the_row_says_so(settled: Bureau) -> None:
    settled.type(UNIT, TASKS, {FIRST_ROW: {"完成率": 0.95}})
    passed(settled)
    row = lines(settled.book(UNIT), TASKS)[0]
    assert "完成率以台账计数为准：0%，所填95%不采用" in row["系统提示"]
    assert row["完成率"] == 0.95


def test_a_coordinators_cell_goes_back_while_the_proposal_still_waits(settled: Bureau) -> None:
    settled.type(UNIT, TASKS, {FIRST_ROW: {"完成时限": "2027年底"}})
    passed(settled)
    assert lines(settled.book(UNIT), TASKS)[0]["完成时限"] == "每季度末"
    assert [q["事项"] for q in settled.questions()] == ["调整申请"]
    passed(settled)
    assert len(settled.questions()) == 1


def test_a_ruled_cell_reaches_the_workbook_and_is_not_raised_again(settled: Bureau) -> None:
    settled.type(UNIT, ACTIVITIES, {FIRST_ROW: TREES})
    passed(settled)
    row_id = str(lines(settled.book(UNIT), ACTIVITIES)[0]["行标识"])
    with Office(settled.opened()) as office:
        question = Question("q1", "conflict", CODE, "activities", row_id, "植树", "title", "植树", "植树", "种树")
        question = replace(question, at=office.now())
        office.store.questions.add([question])
        cell = RuledCell(CODE, "activities", row_id, column_code(office, "活动名称"), "义务植树", "义务植树")
        office.store.questions.rule(question, Ruling("value", "义务植树", office.now()), Effects((cell,)))
    passed(settled)
    assert lines(settled.book(UNIT), ACTIVITIES)[0]["活动名称"] == "义务植树"
    settled.type(UNIT, ACTIVITIES, {FIRST_ROW: {"地点": "河边"}})
    passed(settled)
    (row,) = settled.master_rows(ACTIVITIES, UNIT)
    assert (row["活动名称"], row["地点"]) == ("义务植树", "河边")
    assert settled.questions() == []


def column_code(office: Office, name: str) -> str:
    sheet = ledger_of(office).sheet("activities")
    assert sheet
    return next(c.code for c in sheet.columns if c.name == name)


def test_an_open_conflict_leaves_the_cell_as_the_unit_typed_it(settled: Bureau) -> None:
    settled.type(UNIT, ACTIVITIES, {FIRST_ROW: TREES})
    passed(settled)
    row_id = str(lines(settled.book(UNIT), ACTIVITIES)[0]["行标识"])
    with Office(settled.opened()) as office:
        code = column_code(office, "活动名称")
        other = Question("q0", "typed", CODE, "activities", row_id)
        cell = RuledCell(CODE, "activities", row_id, code, "别的", "别的")
        office.store.questions.add([other])
        office.store.questions.rule(other, Ruling("accept", at=office.now()), Effects((cell,)))
        waiting = Question("q1", "conflict", CODE, "activities", row_id, "植树", code, "植树", "别的", "植树")
        office.store.questions.add([replace(waiting, at=office.now())])
        delivered(office)
    assert lines(settled.book(UNIT), ACTIVITIES)[0]["活动名称"] == "植树"


def records(count: int) -> dict[int, Mapping[str, Scalar]]:
    return {FIRST_ROW + at: {**TREES, "活动名称": f"活动{at}"} for at in range(count)}


@pytest.mark.parametrize("with_ids", [False, True])
def test_rows_that_vanished_come_back_once_they_are_ruled_to(settled: Bureau, with_ids: bool) -> None:
    settled.type(UNIT, ACTIVITIES, records(9))
    passed(settled)
    gone = {*TREES, "活动编号", "系统提示", *({"行标识"} if with_ids else ())}
    settled.type(UNIT, ACTIVITIES, {FIRST_ROW + at: dict.fromkeys(gone) for at in range(5)})
    passed(settled)
    assert [row["活动名称"] for row in lines(settled.book(UNIT), ACTIVITIES) if row["活动名称"]] == [
        f"活动{at}" for at in range(5, 9)
    ]
    with Office(settled.opened()) as office:
        ledger = ledger_of(office)
        for question in office.store.questions.open(ledger):
            assert question.kind == "vanished"
            rule(office, ledger, question.id, "reject", by="inbox")
    passed(settled)
    back = [row for row in lines(settled.book(UNIT), ACTIVITIES) if row["活动名称"]]
    assert sorted(row["活动名称"] for row in back) == [f"活动{at}" for at in range(9)]
    assert len({row["行标识"] for row in back}) == 9
    settled.type(UNIT, ACTIVITIES, {FIRST_ROW + 5: {"地点": "河边"}})
    passed(settled)
    assert len(settled.master_rows(ACTIVITIES, UNIT)) == 9
    assert settled.questions() == []


def test_what_was_reported_stands_as_last_weeks_once_the_week_is_issued(settled: Bureau) -> None:
    settled.type(UNIT, TASKS, {FIRST_ROW: {"本周完成情况": "开展宣讲两场"}})
    passed(settled)
    with Office(settled.opened()) as office:
        day = office.clock().date()
        issue_week(office, view(office, ledger_of(office), day), Week.of(day))
    passed(settled)
    row = lines(settled.book(UNIT), TASKS)[0]
    assert (row["上周完成情况"], row["本周完成情况"]) == ("开展宣讲两场", "开展宣讲两场")


def test_a_light_alone_goes_once_a_day_and_rides_along_with_anything_else(settled: Bureau) -> None:
    before = settled.book(UNIT).read_bytes()
    tomorrow = datetime.now() + timedelta(days=1)
    with Office(settled.opened()) as office:
        sync(office)
        seen = view(office, ledger_of(office), tomorrow.date() + timedelta(days=60))
        assert deliver(office, seen) == []
    assert settled.book(UNIT).read_bytes() == before
    with Office(settled.opened(), lambda: tomorrow) as office:
        seen = view(office, ledger_of(office), tomorrow.date() + timedelta(days=60))
        assert CODE in {done.unit for done in deliver(office, seen)}
    assert settled.book(UNIT).read_bytes() != before


# ---- what is left alone


def test_a_second_pass_delivers_nothing_and_touches_no_file(settled: Bureau) -> None:
    settled.type(UNIT, ACTIVITIES, {FIRST_ROW: {**TREES, "参加人数": "很多"}})
    passed(settled)
    before = snapshot(settled.units)
    assert passed(settled) == []
    with Office(settled.opened()) as office:
        office.store.set("nothing_due", "")  # looked at one by one, the same
        office.store.set("deliveries_looked_at", "")
        assert delivered(office) == []
    assert snapshot(settled.units) == before


def test_a_delivery_is_no_save_and_the_next_save_brings_only_what_the_clerk_typed(settled: Bureau) -> None:
    settled.type(UNIT, ACTIVITIES, {FIRST_ROW: {**TREES, "参加人数": "很多"}})
    passed(settled)
    facts = f"select last_saved, last_change, receipt, state from book where unit = '{CODE}'"
    before = settled.sql(facts)
    changed_deadline(settled)
    passed(settled)
    assert settled.sql(facts) == before
    ((newest,),) = settled.sql("select max(id) from change")
    settled.type(UNIT, TASKS, {FIRST_ROW: {"本周完成情况": "开展宣讲"}})
    passed(settled)
    assert settled.sql(f"select new, outcome from change where id > {newest}") == [('"开展宣讲"', "accepted")]
    assert settled.questions() == []


def said_of(bureau: Bureau) -> tuple[str, str]:
    """The receipt of the unit, and when it last saved."""
    ((receipt, last_saved),) = bureau.sql(f"select receipt, last_saved from book where unit = '{CODE}'")
    return receipt, last_saved


def test_an_older_state_that_is_put_back_takes_nothing_away_and_the_receipt_says_so(
    settled: Bureau, tmp_path: Path
) -> None:
    settled.type(UNIT, ACTIVITIES, {FIRST_ROW: TREES})
    passed(settled)
    older = shutil.copy2(settled.book(UNIT), tmp_path / "昨天.xlsx")
    os.utime(older, times=(time.time() - 86_400,) * 2)
    settled.type(UNIT, ACTIVITIES, {FIRST_ROW + 1: {**TREES, "活动名称": "读书"}})
    passed(settled)
    passed(settled)
    held, (_, last_saved) = lines(settled.book(UNIT), ACTIVITIES), said_of(settled)
    shutil.copy2(older, settled.book(UNIT))
    passed(settled)
    assert said_of(settled)[0].endswith("没有问题，都是以前入过库的内容；后来入库的4格仍然有效，不用重填")
    assert said_of(settled)[1] == last_saved, "to put an old file back is no report"
    assert settled.questions() == []
    assert lines(settled.book(UNIT), ACTIVITIES) == held


def test_a_window_that_was_open_while_we_delivered_and_holds_all_that_was_typed_is_no_older_state(
    settled: Bureau,
) -> None:
    settled.type(UNIT, ACTIVITIES, {FIRST_ROW: TREES})
    window = settled.book(UNIT).read_bytes()
    passed(settled)
    changed_deadline(settled)
    passed(settled)
    settled.save(UNIT, window)
    passed(settled)
    assert said_of(settled)[0].endswith("没有问题，全部入库")


def test_a_clerks_own_sheet_stays_and_so_does_every_part_but_those_concerned(settled: Bureau) -> None:
    add_own_sheet(settled.book(UNIT))
    passed(settled)
    before = members(settled.book(UNIT))
    changed_deadline(settled)
    passed(settled)
    after = members(settled.book(UNIT))
    book = openpyxl.load_workbook(settled.book(UNIT))
    assert book["我的统计"]["A1"].value == "自己记的"
    sheets = {f"xl/worksheets/sheet{book.sheetnames.index(name) + 1}.xml" for name in (TASKS, "配合任务", "_syncer")}
    assert {name for name in before | after if before.get(name) != after.get(name)} <= {
        "docProps/custom.xml",
        *sheets,
    }


def add_own_sheet(path: Path, change: Callable[[Any], None] = lambda _: None) -> None:
    """Saves a workbook with another program, with a sheet of the clerk's own."""
    book = openpyxl.load_workbook(path)
    book.create_sheet("我的统计")["A1"] = "自己记的"
    change(book)
    out = io.BytesIO()
    book.save(out)
    path.write_bytes(out.getvalue())


def members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as book:
        return {name: book.read(name) for name in book.namelist()}


def test_a_workbook_that_lost_its_stamp_gets_it_back(settled: Bureau) -> None:
    def strip(book: Any) -> None:
        for name in list(book.custom_doc_props.names):
            del book.custom_doc_props[name]
        del book["_syncer"]

    add_own_sheet(settled.book(UNIT), strip)
    passed(settled)
    changed_deadline(settled)
    passed(settled)
    ((guid, revision),) = settled.sql(f"select guid, revision from book where unit = '{CODE}'")
    book: Any = openpyxl.load_workbook(settled.book(UNIT))
    props = {prop.name: prop.value for prop in book.custom_doc_props.props}
    assert (props["syncer.unit"], props["syncer.guid"], props["syncer.revision"]) == (CODE, guid, str(revision))
    assert row_of(settled, TASKS, "T0003")["完成时限"] == "2026年11月30日"


def test_a_formula_in_the_way_stays_the_clerk_is_told_and_the_rest_is_delivered(settled: Bureau) -> None:
    at = columns(settled.book(UNIT), TASKS)["完成时限"]

    def compute(book: Any) -> None:
        book[TASKS].cell(FIRST_ROW, at).value = '="2026"&"年"'

    add_own_sheet(settled.book(UNIT), compute)
    settled.save_control(
        {"任务分解": {(6, PLAN["完成时限"]): "2026年11月30日", (7, PLAN["完成时限"]): "2026年11月28日"}}
    )
    passed(settled)
    passed(settled)
    book = openpyxl.load_workbook(settled.book(UNIT))
    assert book[TASKS].cell(FIRST_ROW, at).value == '="2026"&"年"'
    assert row_of(settled, TASKS, "T0004")["完成时限"] == "2026年11月28日"
    with Office(settled.opened()) as office:
        stuck = office.store.deliveries.stuck()[CODE]
    assert [(p.code, p.column, p.place.cell) for p in stuck.problems] == [("DEL-001", "完成时限", f"F{FIRST_ROW}")]
    before = snapshot(settled.units)
    assert passed(settled) == []  # known to be in vain: not tried again
    assert snapshot(settled.units) == before


# ---- when it waits


def test_an_owner_file_holds_a_delivery_back_until_it_is_gone(settled: Bureau) -> None:
    changed_deadline(settled)
    owner = settled.units / f"~${UNIT}.xlsx"
    owner.write_bytes(b"x")
    before = settled.book(UNIT).read_bytes()
    passed(settled)
    assert settled.book(UNIT).read_bytes() == before
    assert waits(settled) == "open"
    owner.unlink()
    passed(settled)
    assert waits(settled) == ""
    assert row_of(settled, TASKS, "T0003")["完成时限"] == "2026年11月30日"


def test_bytes_that_were_not_read_yet_are_never_written_over(settled: Bureau) -> None:
    changed_deadline(settled)
    typed = settled.typed(UNIT, TASKS, {FIRST_ROW: {"本周完成情况": "刚写的"}})
    with Office(settled.opened()) as office:
        seen = view(office, ledger_of(office), office.clock().date())
        settled.save(UNIT, typed)
        deliver(office, seen)
    assert settled.book(UNIT).read_bytes() == typed
    assert waits(settled) == "changed"
    passed(settled)
    row = row_of(settled, TASKS, "T0003")
    assert (row["完成时限"], row["本周完成情况"]) == ("2026年11月30日", "刚写的")


@pytest.mark.parametrize(
    ("trouble", "why"),
    [("quiet", "quiet"), ("gone", "missing"), ("refused", "refused")],
)
def test_a_delivery_waits_and_says_why(
    settled: Bureau, monkeypatch: pytest.MonkeyPatch, trouble: str, why: str
) -> None:
    if trouble == "quiet":
        monkeypatch.setenv("SYNCER_DELIVERY__QUIET_SECONDS", "3600")
        settled.type(UNIT, TASKS, {FIRST_ROW: {"备注": "刚存过"}})  # after a save of hers; ours need no quiet
    elif trouble == "gone":
        settled.book(UNIT).unlink()
    else:
        settled.save(UNIT, b"no workbook at all" * 100)
    changed_deadline(settled)
    passed(settled)
    assert waits(settled) == why


def test_a_save_that_lands_while_the_new_bytes_are_put_on_the_disk_stays_and_is_read(
    settled: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed_deadline(settled)
    real, saved = fs.sync, False

    def sync_meanwhile(stream: BinaryIO) -> None:
        nonlocal saved
        real(stream)
        if not saved and Path(stream.name).parent.parent == settled.root and is_under_way():
            saved = True
            settled.type(UNIT, TASKS, {FIRST_ROW: {"本周完成情况": "就在这一刻保存"}})

    def is_under_way() -> bool:
        return settled.sql(f"select count(*) from intent where unit = '{CODE}'") == [(1,)]

    with monkeypatch.context() as patch:
        patch.setattr(fs, "sync", sync_meanwhile)
        passed(settled)
    assert saved
    assert settled.sql("select count(*) from intent") == [(0,)]
    assert lines(settled.book(UNIT), TASKS)[0]["本周完成情况"] == "就在这一刻保存"
    passed(settled)
    row = row_of(settled, TASKS, "T0003")
    assert (row["完成时限"], row["本周完成情况"]) == ("2026年11月30日", "就在这一刻保存")


def test_what_the_disk_does_not_take_waits_awhile_and_is_nobody_elses_trouble(
    settled: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed_deadline(settled)
    real, tries, moment = fs.replace, 0, 0.0

    def refused(source: Path, target: Path) -> None:
        nonlocal tries
        if target == settled.book(UNIT):
            tries += 1
            raise PermissionError(13, "Permission denied")
        real(source, target)

    with Office(settled.opened()) as office:
        office.pauses = Pauses(lambda: moment)

        def tried() -> int:
            sync(office, patient=False)
            return tries

        with monkeypatch.context() as patch:
            patch.setattr(fs, "replace", refused)
            sync(office)
            assert [tried(), tried()] == [1, 1]
            assert waits(settled) == "open"
            moment += 60
            assert [tried(), tried()] == [2, 2]
            moment += 60
            assert tried() == 2, "it failed again: twice as long"
        moment += 60
        tried()
    assert waits(settled) == ""
    assert row_of(settled, TASKS, "T0003")["完成时限"] == "2026年11月30日"


def test_a_bureau_that_wants_no_deliveries_gets_none(bureau: Bureau, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNCER_DELIVERY__ENABLED", "false")
    before = snapshot(bureau.units)
    assert passed(bureau) == []
    assert snapshot(bureau.units) == before


def test_what_does_not_read_as_it_was_meant_is_not_delivered(settled: Bureau, monkeypatch: pytest.MonkeyPatch) -> None:
    def astray(source: bytes, changes: Any, **properties: Any) -> bytes:
        return patch_cells(source, {**changes, TASKS: {**changes[TASKS], (FIRST_ROW + 1, 12): "误写"}}, **properties)

    changed_deadline(settled)
    before = settled.book(UNIT).read_bytes()
    monkeypatch.setattr("syncer.new_bytes.patch_cells", astray)
    passed(settled)
    assert waits(settled) == "unsafe"
    assert settled.book(UNIT).read_bytes() == before


@pytest.mark.parametrize("code", ["FILE-007", "FILE-009"])
def test_what_a_busy_machine_could_not_check_is_tried_again_an_hour_later(
    settled: Bureau, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    changed_deadline(settled)
    now = datetime.now().replace(hour=9)
    tries: list[Path] = []

    def too_slow(path: Path, *_: object) -> Refusal:
        tries.append(path)
        return Refusal(code)

    with Office(settled.opened(), lambda: now) as office:
        with monkeypatch.context() as busy:
            read = office.readers.read
            busy.setattr(
                office.readers, "read", lambda path, *more: read(path, *more) if _is_control(path) else too_slow(path)
            )
            sync(office)
            assert waits(settled) == "slow"
            tried = len(tries)
            assert tried
            delivered(office)
            assert len(tries) == tried
        delivered(office)
        assert waits(settled) == "slow"
        now += timedelta(hours=1)
        delivered(office)
    assert waits(settled) == ""
    assert row_of(settled, TASKS, "T0003")["完成时限"] == "2026年11月30日"


def _is_control(path: Path) -> bool:
    return "任务分解" in openpyxl.load_workbook(path, read_only=True).sheetnames


# ---- broken off


class KilledError(BaseException):
    """Stands for a kill: nothing catches it."""


def killed(*_: object, **__: object) -> None:
    raise KilledError


def test_a_delivery_broken_off_before_the_write_is_dropped_and_made_anew(
    settled: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed_deadline(settled)
    before = settled.book(UNIT).read_bytes()
    with monkeypatch.context() as patch, Office(settled.opened()) as office:
        patch.setattr(Disk, "write", killed_in(settled.units))
        with pytest.raises(KilledError):
            take_and_deliver(office)
    assert settled.book(UNIT).read_bytes() == before
    assert settled.sql("select count(*) from intent") == [(1,)]
    passed(settled)
    assert settled.sql("select count(*) from intent") == [(0,)]
    assert row_of(settled, TASKS, "T0003")["完成时限"] == "2026年11月30日"


def killed_in(folder: Path) -> Callable[..., None]:
    real = Disk.write

    def write(disk: Disk, target: Path, data: bytes, *more: Any) -> None:
        if target.parent == folder:
            raise KilledError
        real(disk, target, data, *more)

    return write


def test_a_delivery_broken_off_after_the_write_is_finished_and_taken_for_no_save(
    settled: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed_deadline(settled)
    facts = f"select last_saved, state from book where unit = '{CODE}'"
    before = settled.sql(facts)
    with monkeypatch.context() as patch, Office(settled.opened()) as office:
        patch.setattr(Deliveries, "finish", killed)
        with pytest.raises(KilledError):
            take_and_deliver(office)
    assert settled.sql("select count(*) from intent") == [(1,)]
    with Office(settled.opened()) as office:
        (words,) = recover(office)
    assert "记" in words
    passed(settled)
    assert versions(settled) == ["issue", "delivery", "delivery"]
    assert settled.sql(facts) == before
    assert row_of(settled, TASKS, "T0003")["完成时限"] == "2026年11月30日"


@pytest.mark.parametrize("edited", [False, True], ids=["as it became", "and saved"])
@pytest.mark.parametrize("broken_off", ["before the write", "after the write"])
def test_a_workbook_that_was_renamed_after_a_break_is_known_and_delivered_to(
    settled: Bureau, monkeypatch: pytest.MonkeyPatch, broken_off: str, edited: bool
) -> None:
    changed_deadline(settled)
    with monkeypatch.context() as patch, Office(settled.opened()) as office:
        if broken_off == "after the write":
            patch.setattr(Deliveries, "finish", killed)
        else:
            patch.setattr(Disk, "write", killed_in(settled.units))
        with pytest.raises(KilledError):
            take_and_deliver(office)
    new = settled.book(f"{UNIT}（新）")
    settled.book(UNIT).rename(new)
    if edited:
        settled.type(new.stem, TASKS, {row_number(new, "3.1"): {"本周完成情况": "讲了两场"}})
    passed(settled)
    assert settled.sql("select count(*) from intent") == [(0,)]
    assert settled.sql(f"select file from book where unit = '{CODE}'") == [(new.name,)]
    passed(settled)
    (task,) = (line for line in lines(new, TASKS) if line["行标识"] == "T0003")
    assert task["完成时限"] == "2026年11月30日"
    assert settled.questions() == []
    assert [row["本周完成情况"] for row in settled.master_rows(TASKS, UNIT) if row["任务编号"] == "3.1"] == [
        "讲了两场" if edited else ""
    ]


def row_number(book: Path, number: str) -> int:
    """The row of 任务清单 that a task stands in."""
    (at,) = (at for at, line in enumerate(lines(book, TASKS)) if line["任务编号"] == number)
    return FIRST_ROW + at


def take_and_deliver(office: Office) -> None:
    sync(office)
    delivered(office)


def test_a_save_that_lands_right_behind_a_delivery_is_read(settled: Bureau, monkeypatch: pytest.MonkeyPatch) -> None:
    changed_deadline(settled)
    real = Disk.write

    def write(disk: Disk, target: Path, data: bytes, *more: Any) -> None:
        real(disk, target, data, *more)
        if target == settled.book(UNIT):
            settled.type(UNIT, TASKS, {FIRST_ROW: {"本周完成情况": "紧跟着保存"}})

    with monkeypatch.context() as patch:
        patch.setattr(Disk, "write", write)
        passed(settled)
    passed(settled)
    (row, *_) = (line for line in settled.master_rows(TASKS, UNIT) if line["任务编号"] == "3.1")
    assert (row["本周完成情况"], row["完成时限"]) == ("紧跟着保存", "2026年11月30日")


def test_a_delivery_has_a_later_second_than_the_file_it_replaces(settled: Bureau) -> None:
    changed_deadline(settled)
    ahead = time.time() + 600  # a server's clock that is fast
    os.utime(settled.book(UNIT), (ahead, ahead))
    passed(settled)
    assert row_of(settled, TASKS, "T0003")["完成时限"] == "2026年11月30日"
    assert int(settled.book(UNIT).stat().st_mtime) == int(ahead) + 1
