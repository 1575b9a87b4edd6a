"""Files that cannot be taken in: refused by name with a code, wherever somebody looks; all else goes on as if nothing were."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from syncer.core.model import Stamp
from syncer.core.values import Scalar
from syncer.excel.patch import patch_cells
from syncer.excel.preflight import FILE_MAX_BYTES
from syncer.excel.stamp import stamp_texts
from syncer.resources import shipped
from tests.system.bureau import FIRST_ROW, PASSWORD, Bureau, Line, texts
from tests.system.daemon import DaemonProcess

STRANGERS = "（无法识别的文件）"


def emptied(bureau: Bureau, unit: str) -> bytes:
    """Everything below the headers deleted on every sheet, ids too: Ctrl+End, Delete."""
    book = CalamineWorkbook.from_path(bureau.book(unit))
    filled = {
        sheet: {
            (row, column): None
            for row, cells in enumerate(book.get_sheet_by_name(sheet).to_python(skip_empty_area=False), start=1)
            for column, value in enumerate(cells, start=1)
            if row >= FIRST_ROW and value != ""
        }
        for sheet in book.sheet_names[1:-2]  # not the page to read, nor our two hidden ones
    }
    return patch_cells(bureau.book(unit).read_bytes(), filled)


def another_ledgers(bureau: Bureau, unit: str) -> bytes:
    stamp = stamp_texts(Stamp("0123456789ab", "D10"))
    return patch_cells(bureau.book(unit).read_bytes(), {}, properties=stamp)


@dataclass(frozen=True)
class Case:
    """What lies there instead, whose feedback speaks of it, and under which code. ``unit`` blank: nobody's."""

    file: str
    code: str
    unit: str
    make: Callable[[Bureau], bytes]


def _of(unit: str, cut: Callable[[bytes], bytes]) -> Callable[[Bureau], bytes]:
    return lambda bureau: cut(bureau.book(unit).read_bytes())


CASES = {
    "text renamed": Case("办公室.xlsx", "FILE-002", "办公室", lambda _: "任务编号,工作状态\r\n3.1,推进中\r\n".encode()),
    "empty": Case("人事科.xlsx", "FILE-001", "人事科", lambda _: b""),
    "truncated": Case("工会.xlsx", "FILE-003", "工会", _of("工会", lambda data: data[: len(data) * 2 // 3])),
    "with a password": Case("团委.xlsx", "FILE-004", "团委", lambda _: PASSWORD),
    "nobody's": Case("统计表.xlsx", "FILE-012", "", lambda _: shipped("workbook_templates/ledger.xlsx").read_bytes()),
    "another unit's": Case("法规科.xlsx", "FILE-014", "法规科", _of("财务科", lambda data: data)),
    "emptied": Case("机关党委.xlsx", "FILE-015", "机关党委", lambda bureau: emptied(bureau, "机关党委")),
    "another ledger's": Case("妇委会.xlsx", "FILE-013", "妇委会", lambda bureau: another_ledgers(bureau, "妇委会")),
    "too large": Case("影像.xlsx", "FILE-034", "", lambda _: bytes(FILE_MAX_BYTES + 1)),
}
GOOD = ("财务科", "服务中心", "第一党支部")  # these go on


@dataclass(frozen=True, repr=False)
class Look:
    """What can be seen at one moment, wherever somebody looks."""

    rows: list[Line]
    feedback: dict[str, list[str]]
    heartbeat: str
    status: dict[str, Any]
    sync: dict[str, Any]


@dataclass(frozen=True, repr=False)
class Scene:
    """Before, with the bad files there, and after the good ones came back."""

    before: list[Line]
    during: Look
    after: Look
    log: list[dict[str, Any]]
    bad: dict[str, bytes]
    kept: set[str]


@pytest.fixture(scope="module")
def scene(_handed_out: Bureau, tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """One bureau in which all these misfortunes happen at once, under a running daemon, and are mended."""
    bureau = _handed_out.copied(tmp_path_factory.mktemp("misfortune") / "创建")
    for name in bureau.books():
        planted: dict[str, Scalar] = {"日期": "2026-3-12", "活动名称": "植树", "类别": "主题活动"}
        bureau.type(name.removesuffix(".xlsx"), "活动台账", {FIRST_ROW: planted})
    lesson: dict[str, Scalar] = {"日期": "2026-3-5", "形式": "党课", "时长(小时)": 2}
    lessons = {FIRST_ROW + at: {**lesson, "主题": f"第{at + 1}课"} for at in range(6)}
    bureau.type("机关党委", "学习教育", lessons)
    bureau.json("sync")
    before = bureau.master_rows("活动台账")
    bad = {case.file: case.make(bureau) for case in CASES.values()}
    good = {name: bureau.units.joinpath(name).read_bytes() for name in bad.keys() & set(bureau.books())}
    with DaemonProcess(bureau) as daemon:
        for name, data in bad.items():
            bureau.save_as(name, data)
        for unit in GOOD:
            bureau.type(unit, "活动台账", {FIRST_ROW: {"地点": "河边"}})
        daemon.wait(lambda: heartbeat(bureau).count("\n没有采用：") == len(bad), "the heartbeat to name every bad file")
        said = heartbeat(bureau)
        assert daemon.terminate() == 0
    during = look(bureau, said)
    log = bureau.log()
    with DaemonProcess(bureau) as daemon:
        for name, data in good.items():
            bureau.save_as(name, data)
        for name in bad.keys() - good.keys():
            bureau.units.joinpath(name).unlink()
        daemon.wait(lambda: "没有采用：" not in heartbeat(bureau), "the refusals to be gone")
        said = heartbeat(bureau)
        assert daemon.terminate() == 0
    return Scene(before, during, look(bureau, said), log, bad, {path.stem for path in bureau.kept.rglob("*.xlsx")})


def look(bureau: Bureau, said: str) -> Look:
    """Looks everywhere once the daemon has ended; ``said``: its heartbeat while it was at work."""
    sync = bureau.json("sync")
    assert (sync["read"], sync["published"]) == ([], []), "the daemon left something undone"
    rows = bureau.master_rows("活动台账")
    return Look(rows, feedbacks(bureau), said, bureau.json("status"), sync)


def feedbacks(bureau: Bureau) -> dict[str, list[str]]:
    folder = bureau.root / "05填报提示"
    return {path.stem.removesuffix("填报提示"): texts(path) for path in sorted(folder.glob("*.xlsx"))}


def heartbeat(bureau: Bureau) -> str:
    return bureau.status_file.read_text("utf-8-sig")


def content(rows: list[Line]) -> dict[str, tuple[object, ...]]:
    return {row["单位"]: (row["活动名称"], row["地点"]) for row in rows}


each = pytest.mark.parametrize("case", CASES.values(), ids=CASES)


@each
def test_the_feedback_names_it_with_its_code(scene: Scene, case: Case) -> None:
    said = scene.during.feedback[case.unit or STRANGERS]
    assert case.file in said
    assert case.code in "\n".join(said)


@each
def test_status_names_it_with_its_code(scene: Scene, case: Case) -> None:
    assert (case.file, case.code) in [(entry["file"], entry["code"]) for entry in scene.during.status["refused"]]


@each
def test_sync_names_it_with_its_code_and_what_to_do(scene: Scene, case: Case) -> None:
    (entry,) = [entry for entry in scene.during.sync["refused"] if entry["file"] == case.file]
    assert entry["code"] == case.code
    assert entry["reason"]
    assert entry["fix"]


@each
def test_the_log_names_it_with_its_code(scene: Scene, case: Case) -> None:
    assert (f"02各单位填报/{case.file}", case.code) in [
        (entry["file"], entry["code"]) for entry in scene.log if entry["event"] == "refused"
    ]


@each
def test_the_heartbeat_names_it_with_its_code(scene: Scene, case: Case) -> None:
    assert [line for line in scene.during.heartbeat.splitlines() if case.code in line and case.file in line]


@each
def test_its_bytes_are_kept_all_the_same(scene: Scene, case: Case) -> None:
    assert hashlib.sha256(scene.bad[case.file]).hexdigest() in scene.kept


@pytest.mark.parametrize("case", [c for c in CASES.values() if c.unit], ids=[n for n, c in CASES.items() if c.unit])
def test_the_units_last_good_state_stays(scene: Scene, case: Case) -> None:
    assert content(scene.during.rows)[case.unit] == content(scene.before)[case.unit] == ("植树", "")
    (unit,) = [u for u in scene.during.status["units"] if u["unit"] == case.unit]
    assert unit["state"] == "refused"
    assert unit["problems"] >= 1


def test_the_others_go_on(scene: Scene) -> None:
    for unit in GOOD:
        assert content(scene.during.rows)[unit] == ("植树", "河边")


def test_a_person_is_needed_as_long_as_something_is_refused(scene: Scene) -> None:
    assert scene.during.sync["exit"] == scene.during.status["exit"] == 1
    assert len(scene.during.sync["refused"]) == len(CASES)
    assert scene.during.sync["conflicts"] == []


def test_the_receipt_says_that_the_save_was_not_taken(scene: Scene) -> None:
    assert "没有采用，已经入库的内容不变" in next(
        u["receipt"] for u in scene.during.status["units"] if u["unit"] == "工会"
    )


def test_with_the_good_file_back_the_refusal_is_gone_everywhere(scene: Scene) -> None:
    assert content(scene.after.rows) == content(scene.before) | dict.fromkeys(GOOD, ("植树", "河边"))
    assert STRANGERS not in scene.after.feedback
    assert "没有采用：" not in scene.after.heartbeat
    assert {u["state"] for u in scene.after.status["units"]} == {"current"}
    assert scene.after.sync["refused"] == []
    assert scene.after.sync["exit"] == 0


def test_an_emptied_workbook_in_which_little_was_typed_is_refused_too(bureau: Bureau) -> None:
    bureau.type("机关党委", "活动台账", {FIRST_ROW: {"日期": "2026-3-12", "活动名称": "植树", "类别": "主题活动"}})
    bureau.json("sync")
    bureau.save("机关党委", emptied(bureau, "机关党委"))
    done = bureau.json("sync")
    assert [entry["code"] for entry in done["refused"]] == ["FILE-015"]
    assert done["conflicts"] == []  # one answer, not a question a row
    assert content(bureau.master_rows("活动台账"))["机关党委"] == ("植树", "")
