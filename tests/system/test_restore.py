"""Every version comes back byte for byte; and a unit or the ledger goes back to a moment, each cell and row by her leave."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from syncer.control import ledger_in_force
from syncer.core.merging.time_travel import RowPlace, as_it_stood, differences
from syncer.core.model import Ledger
from syncer.core.state import Question
from syncer.core.values import Scalar
from syncer.errors import EXIT_DONE, EXIT_PERSON, EXIT_REFUSED, EXIT_USAGE, ConfigError
from syncer.restoring import REMOVE, ask, is_as_asked, way_back
from syncer.retention import prune, prune_daily
from syncer.rulings import rule, undo
from syncer.store.trail import Trail
from syncer.sync import sync
from syncer.workspace import Office
from tests.system.bureau import FIRST_ROW, Bureau, made

UNIT, CODE, OTHER = "宣传科", "D05", "机关党委"
ACTIVITIES, TASKS = "活动台账", "任务清单"
Rows = dict[RowPlace, dict[str, Scalar]]


def test_each_version_of_a_workbook_comes_back_byte_for_byte_beside_the_present_one(bureau: Bureau) -> None:
    saved = []
    for name in ("植树", "清扫"):
        bureau.type(UNIT, ACTIVITIES, {FIRST_ROW: {"日期": "2026-3-12", "活动名称": name, "类别": "主题活动"}})
        saved.append(bureau.book(UNIT).read_bytes())
        bureau.json("sync")
    bureau.save_as(f"{UNIT}.xlsx", b"not a workbook")
    bureau.json("sync")
    versions = [v for v in bureau.json("restore", UNIT)["versions"] if v["kind"] in {"save", "refused"}]
    assert [v["kind"] for v in versions] == ["save", "save", "refused"]
    assert all(v["kept"] for v in versions)
    for version, data in zip(versions, [*saved, b"not a workbook"], strict=True):
        target = bureau.root / f"第{version['version']}版.xlsx"
        found = bureau.json("restore", UNIT, "--version", str(version["version"]), "--to", str(target))
        assert found["exit"] == EXIT_DONE
        assert target.read_bytes() == data
    assert bureau.book(UNIT).read_bytes() == b"not a workbook"


def test_nothing_is_ever_restored_over_a_file(bureau: Bureau) -> None:
    (first, *_) = bureau.json("restore", UNIT)["versions"]
    before = bureau.book(UNIT).read_bytes()
    ran = bureau.syncer("restore", UNIT, "--version", str(first["version"]), "--to", str(bureau.book(UNIT)))
    assert ran.returncode == EXIT_REFUSED
    assert bureau.book(UNIT).read_bytes() == before


def test_an_unknown_unit_or_version_is_said(bureau: Bureau) -> None:
    assert bureau.syncer("restore", "食堂").returncode == EXIT_USAGE
    assert bureau.syncer("restore").returncode == EXIT_USAGE
    ran = bureau.syncer("restore", UNIT, "--version", "9999", "--to", str(bureau.root / "x.xlsx"))
    assert ran.returncode == EXIT_USAGE


# ---- back to a moment


class Clock:
    """A clock that a test moves."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def wait(self, **time: float) -> datetime:
        self.now += timedelta(**time)
        return self.now


class Day:
    """A bureau whose passes run at set times."""

    def __init__(self, bureau: Bureau, office: Office, clock: Clock) -> None:
        self.bureau, self.office, self.clock = bureau, office, clock

    @property
    def ledger(self) -> Ledger:
        return ledger_in_force(self.office, self.clock.now.date())

    def save(self, unit: str, sheet: str, cells: Mapping[int, Mapping[str, Scalar]]) -> datetime:
        """Types, saves, and lets a pass take it in; returns when it did."""
        self.clock.wait(minutes=10)
        self.bureau.type(unit, sheet, cells)
        sync(self.office)
        return self.clock.now

    def held(self) -> Rows:
        """What the ledger holds as typed, but for what 台账设置 and the program say."""
        return {row.place: dict(row.cells) for row in Trail(self.office.store.engine).rows(self.ledger)}

    def asked(self) -> list[Question]:
        return [q for q in self.office.store.questions.open(self.ledger) if q.kind == "restore"]

    def agree(self, question: Question) -> None:
        rule(self.office, self.ledger, question.id, "accept", by="command line")


@pytest.fixture(scope="module")
def _morning(tmp_path_factory: pytest.TempPathFactory) -> tuple[Bureau, datetime]:
    """A bureau whose workbooks were handed out five hours ago; made once, copied for each test."""
    began = datetime.now().replace(microsecond=0) - timedelta(hours=5)
    return made(tmp_path_factory.mktemp("morning") / "创建", Clock(began)), began


@pytest.fixture
def day(_morning: tuple[Bureau, datetime], tmp_path: Path) -> Iterator[Day]:
    master, began = _morning
    bureau, clock = master.copied(tmp_path / "创建"), Clock(began)
    with Office(bureau.opened(), clock) as office:
        yield Day(bureau, office, clock)


def _activity(name: str, date: str = "2026-3-12") -> dict[str, Scalar]:
    return {"日期": date, "活动名称": name, "类别": "主题活动"}


def test_an_undone_day_stands_as_it_stood_and_nothing_moves_before_she_agrees(day: Day) -> None:
    day.save(UNIT, TASKS, {FIRST_ROW: {"工作状态": "推进中", "本周完成情况": "宣讲三场"}})
    then = day.save(UNIT, ACTIVITIES, {FIRST_ROW: _activity("植树"), FIRST_ROW + 1: _activity("清扫", "2026-3-13")})
    stood = day.held()

    day.save(UNIT, TASKS, {FIRST_ROW: {"工作状态": "已完成", "备注": "提前"}})
    day.save(UNIT, ACTIVITIES, {FIRST_ROW: {"活动名称": "栽花"}, FIRST_ROW + 2: _activity("慰问", "2026-3-14")})
    day.save(UNIT, ACTIVITIES, {FIRST_ROW + 1: dict.fromkeys(_activity(""))})  # one row of her own, withdrawn
    now = day.held()
    assert now != stood

    questions = ask(day.office, day.ledger, way_back(day.office, day.ledger, then))
    assert day.held() == now
    assert {q.id: q.digest for q in day.asked()} == {q.id: q.digest for q in questions}
    found = {
        (q.column or ("移出" if q.payload.startswith(REMOVE) else "加回"), q.current, q.incoming) for q in questions
    }
    assert ("status", "已完成", "推进中") in found
    assert ("name", "栽花", "植树") in found
    assert {kind for kind, _, _ in found} >= {"移出", "加回"}
    assert {q.row_key for q in questions if q.column == "status"} == {"3.1"}

    for question in questions:
        day.agree(question)
    assert not differences(day.held(), stood)
    assert way_back(day.office, day.ledger, then) == []


def test_the_trail_alone_tells_how_the_ledger_stood_at_every_save(day: Day) -> None:
    moments = [(day.clock.now, day.held())]
    for number in range(4):
        unit = (UNIT, OTHER)[number % 2]
        cells: dict[int, dict[str, Scalar]] = {
            FIRST_ROW + number // 2: _activity(f"活动{number}", f"2026-3-{10 + number}"),
            FIRST_ROW: {"成效": "好"},
        }
        moments.append((day.save(unit, ACTIVITIES, cells), day.held()))
    trail = Trail(day.office.store.engine)
    for moment, stood in moments:
        since = trail.changes(day.ledger, since=moment.isoformat(timespec="seconds"))
        assert not differences(as_it_stood(day.held(), since), stood)


def test_what_she_refuses_stays_and_what_she_agreed_to_can_be_undone(day: Day) -> None:
    then = day.save(UNIT, ACTIVITIES, {FIRST_ROW: _activity("植树")})
    day.save(UNIT, ACTIVITIES, {FIRST_ROW: {"活动名称": "栽花", "地点": "广场"}})
    now = day.held()
    name, place = sorted(ask(day.office, day.ledger, way_back(day.office, day.ledger, then)), key=lambda q: q.column)
    assert (name.column, place.column, place.incoming) == ("name", "place", None)
    rule(day.office, day.ledger, place.id, "reject", by="inbox")
    day.agree(name)
    day.clock.wait(minutes=1)
    (row,) = [cells for key, cells in day.held().items() if key[1] == name.sheet and key[0] == CODE]
    assert (row["name"], row["place"]) == ("植树", "广场")
    undo(day.office, day.ledger, name.id)
    assert day.held() == now


def test_one_unit_goes_back_alone_and_asking_again_asks_nothing_twice(day: Day) -> None:
    then = day.clock.now
    for unit in (UNIT, OTHER):
        day.save(unit, ACTIVITIES, {FIRST_ROW: _activity("植树")})
    of_all = ask(day.office, day.ledger, way_back(day.office, day.ledger, then))
    assert {q.unit for q in of_all} == {CODE, next(u.code for u in day.ledger.units if u.short == OTHER)}
    of_one = ask(day.office, day.ledger, way_back(day.office, day.ledger, then, CODE), CODE)
    assert {q.unit for q in of_one} == {CODE}
    assert {q.id for q in day.asked()} == {q.id for q in of_all}


def test_what_was_ruled_is_asked_anew_when_it_differs_again(day: Day) -> None:
    then = day.save(UNIT, ACTIVITIES, {FIRST_ROW: _activity("植树")})
    day.save(UNIT, ACTIVITIES, {FIRST_ROW: {"活动名称": "栽花"}})
    (first,) = ask(day.office, day.ledger, way_back(day.office, day.ledger, then))
    day.clock.wait(minutes=1)
    rule(day.office, day.ledger, first.id, "reject", by="inbox")
    (again,) = ask(day.office, day.ledger, way_back(day.office, day.ledger, then))
    assert again.id != first.id
    assert day.asked() == [again]


def test_what_was_asked_and_has_changed_since_is_known_to_have(day: Day) -> None:
    then = day.save(UNIT, ACTIVITIES, {FIRST_ROW: _activity("植树"), FIRST_ROW + 1: _activity("清扫", "2026-3-13")})
    day.save(UNIT, ACTIVITIES, {FIRST_ROW: {"活动名称": "栽花"}, FIRST_ROW + 2: _activity("慰问", "2026-3-14")})
    day.save(UNIT, ACTIVITIES, {FIRST_ROW + 1: dict.fromkeys(_activity(""))})
    questions = ask(day.office, day.ledger, way_back(day.office, day.ledger, then))
    assert len(questions) == 3
    assert all(is_as_asked(day.office, day.ledger, q) for q in questions)
    day.save(UNIT, ACTIVITIES, {FIRST_ROW: {"活动名称": "种草"}, FIRST_ROW + 2: {"地点": "敬老院"}})
    (unchanged,) = [q for q in questions if is_as_asked(day.office, day.ledger, q)]
    assert not unchanged.column
    assert "清扫" in str(unchanged.incoming)


def test_a_row_is_not_taken_out_with_more_in_it_than_she_was_shown(day: Day) -> None:
    then = day.clock.now
    long = {**_activity("慰问", "2026-3-14"), "主要内容": "长" * 300}
    day.save(UNIT, ACTIVITIES, {FIRST_ROW: long})
    (question,) = ask(day.office, day.ledger, way_back(day.office, day.ledger, then))
    assert question.payload.startswith(REMOVE)
    day.save(UNIT, ACTIVITIES, {FIRST_ROW: {"备注": "后来补的"}})
    assert not is_as_asked(day.office, day.ledger, question)
    with pytest.raises(ConfigError, match="又有改动"):
        day.agree(question)


def test_a_moment_ahead_or_before_the_ledger_is_refused_in_words(day: Day) -> None:
    with pytest.raises(ConfigError, match="还没有到"):
        way_back(day.office, day.ledger, day.clock.now + timedelta(minutes=1))
    with pytest.raises(ConfigError, match="台账还没有开始"):
        way_back(day.office, day.ledger, day.clock.now - timedelta(days=1))


def test_the_command_lists_first_and_asks_only_then(day: Day) -> None:
    then = day.save(UNIT, ACTIVITIES, {FIRST_ROW: _activity("植树")}).isoformat()
    day.save(UNIT, ACTIVITIES, {FIRST_ROW: {"活动名称": "栽花"}})
    listed = day.bureau.json("restore", UNIT, "--back-to", then, "--dry-run")
    assert (listed["exit"], listed["asked"], day.asked()) == (EXIT_DONE, False, [])
    (item,) = listed["items"]
    assert (item["action"], item["column"], item["current"], item["then"]) == ("cell", "name", "栽花", "植树")
    asked = day.bureau.json("restore", "--back-to", then)
    assert (asked["exit"], asked["items"]) == (EXIT_PERSON, listed["items"])
    assert [q.id for q in day.asked()] == [item["id"]]


# ---- how long bytes stay


def test_bytes_past_their_retention_go_and_what_is_in_force_stays(day: Day) -> None:
    day.save(UNIT, ACTIVITIES, {FIRST_ROW: _activity("植树")})
    day.save(UNIT, ACTIVITIES, {FIRST_ROW: {"活动名称": "栽花"}})
    assert prune(day.office, day.clock.now).deleted == 0
    years_on = datetime.now() + timedelta(days=500)
    assert prune(day.office, years_on).deleted > 0
    versions = {v["kind"]: v for v in day.bureau.json("restore", UNIT)["versions"]}
    assert (versions["issue"]["kept"], versions["save"]["kept"]) == (False, True)
    assert "已过保留期" in day.bureau.syncer("restore", UNIT).stdout
    target = day.bureau.root / "旧.xlsx"
    ran = day.bureau.syncer("restore", UNIT, "--version", str(versions["issue"]["version"]), "--to", str(target))
    assert ran.returncode == EXIT_REFUSED
    assert not target.exists()
    assert day.office.kept.has(day.office.store.get("control"))
    books = [day.office.store.deliveries.book(unit.code) for unit in day.ledger.units]
    assert all(book and day.office.kept.has(book.sha256) for book in books)
    assert day.bureau.json("sync")["read"] == []


def test_pruning_is_done_once_a_day(day: Day) -> None:
    day.clock.wait(days=500)
    assert prune_daily(day.office) is not None
    assert prune_daily(day.office) is None
    day.clock.wait(days=1)
    assert prune_daily(day.office) is not None


def test_a_clock_that_leaps_for_a_day_costs_no_version(day: Day) -> None:
    assert prune_daily(day.office) is not None
    today = day.clock.now
    day.clock.wait(days=1500)
    assert prune_daily(day.office) is None
    day.clock.now = today
    assert prune_daily(day.office) is None
    day.clock.wait(days=1)
    assert prune_daily(day.office) is not None


def test_a_clock_that_was_years_behind_costs_no_version(day: Day) -> None:
    day.save(UNIT, ACTIVITIES, {FIRST_ROW: _activity("植树")})
    day.save(UNIT, ACTIVITIES, {FIRST_ROW: {"活动名称": "栽花"}})
    engine = day.office.store.engine
    with engine.begin() as db:
        db.exec_driver_sql(
            "update version set seen_at = '2020-01-01T08:00:00' where id = (select max(id) - 1 from version)"
        )
    needed = Trail(engine).needed_bytes((day.clock.now - timedelta(days=400)).isoformat())
    with engine.connect() as db:
        assert needed >= set(db.exec_driver_sql("select sha256 from version").scalars())


def test_the_file_of_an_open_question_is_kept_however_old(day: Day) -> None:
    sha256 = day.office.kept.put(b"PK\x03\x04 refused")
    payload = f'{{"path": "02各单位填报/x.xlsx", "sha256": "{sha256}"}}'
    question = Question("q1", "refused", CODE, at=day.office.now(), payload=payload)
    day.office.store.questions.add([question])
    years_on = datetime.now() + timedelta(days=500)
    prune(day.office, years_on)
    assert day.office.kept.has(sha256)
    day.office.store.questions.stand({"refused"}, [])
    prune(day.office, years_on)
    assert not day.office.kept.has(sha256)
