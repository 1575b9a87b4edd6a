"""The command line as scripts rely on it: names, exit codes, JSON keys (design §7); and that a second run does nothing."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from syncer.cli import run
from syncer.core.values import Scalar
from syncer.messages import CATALOGUE
from syncer.workspace import Office
from tests.system.bureau import FIRST_ROW, PASSWORD, Bureau, advice, columns, snapshot
from tests.system.program import run_program, run_syncer

VERBS = ("demo", "init", "issue", "adopt", "sync", "run", "check", "report", "status", "history", "template", "explain")
DONE, PERSON, USAGE, BUSY, REFUSED = 0, 1, 2, 4, 5

SYNC_KEYS = {
    "version",
    "exit",
    "read",
    "unchanged",
    "rows",
    "problems",
    "conflicts",
    "published",
    "delivered",
    "refused",
}
PROBLEM_KEYS = {"code", "severity", "file", "sheet", "cell", "row_key", "column", "found", "expected", "fix"}
CONFLICT_KEYS = {"id", "kind", "unit", "sheet", "row_key", "column", "base", "current", "incoming", "source"}
UNIT_KEYS = {"unit", "state", "last_saved", "last_merged", "rows", "problems", "conflicts"}

WRONG: dict[str, Scalar] = {"日期": "2026-3-12", "活动名称": "植树", "类别": "主题活动", "参加人数": "好多"}
RIGHT: dict[str, Scalar] = {**WRONG, "参加人数": 12}


def one_object(text: str) -> dict[str, Any]:
    """Reads stdout as exactly one JSON object."""
    found = json.loads(text)
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("verb", VERBS)
def test_every_command_has_help_and_the_common_options(verb: str) -> None:
    done = run_syncer(verb, "--help")
    assert done.returncode == DONE
    assert done.stderr == ""
    for option in ("-C", "--json", "--quiet", "--verbose", "--lang"):
        assert option in done.stdout
    assert ("--as-of" in done.stdout) == (
        verb in {"issue", "adopt", "sync", "check", "report", "status", "history", "template"}
    )


def test_the_program_itself_lists_all_commands_and_its_version() -> None:
    said = run_syncer("--help").stdout
    assert all(verb in said for verb in VERBS)
    assert run_syncer("--version").stdout.startswith("syncer ")


@pytest.mark.parametrize("arguments", [("status", "--json"), ("explain", "FILE-003"), ("history", "99.9"), ("merge",)])
def test_as_a_program_it_says_and_ends_as_it_does_inside_a_test(bureau: Bureau, arguments: tuple[str, ...]) -> None:
    """All others call the command line in the tests' own process."""
    program, here = (run(*arguments, "-C", str(bureau.root)) for run in (run_program, run_syncer))
    assert (program.returncode, program.stdout, program.stderr) == (here.returncode, here.stdout, here.stderr)


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("merge",),
        ("adopt",),
        ("adopt", "x.xlsx", "--apply"),
        ("sync", "--as-of", "soon"),
        ("report", "yearly"),
        ("check",),
    ],
)
def test_a_wrong_call_is_a_usage_error(arguments: tuple[str, ...]) -> None:
    done = run_syncer(*arguments)
    assert done.returncode == USAGE
    assert done.stdout == ""
    assert done.stderr


@pytest.mark.parametrize(
    "verb", ["issue", "sync", "run", "status", "history 3.1", "report weekly", "template show", "check .", "adopt ."]
)
def test_outside_a_workspace_a_command_says_what_to_do(tmp_path: Path, verb: str) -> None:
    for place in ((), ("-C", str(tmp_path / "gone"))):
        done = run_syncer(*verb.split(), *place, cwd=tmp_path)
        assert done.returncode == USAGE, done.stderr
        assert done.stdout == ""
        assert "syncer.toml" in done.stderr
        assert "Traceback" not in done.stderr


def test_a_broken_configuration_is_named_with_its_key(bureau: Bureau) -> None:
    config = bureau.root / "syncer.toml"
    text = config.read_text("utf-8")
    for broken in (text.replace("\nsettle_seconds", "\nsetle_seconds"), text + "\n[watch\n"):
        config.write_text(broken, encoding="utf-8")
        for verb in ("sync", "status", "run"):
            done = bureau.syncer(verb)
            assert done.returncode == USAGE, done.stderr
            assert "syncer.toml" in done.stderr
    assert "setle_seconds" in run_with(bureau, text.replace("\nsettle_seconds", "\nsetle_seconds"))


def run_with(bureau: Bureau, config: str) -> str:
    (bureau.root / "syncer.toml").write_text(config, encoding="utf-8")
    return bureau.syncer("status").stderr


def test_a_workspace_is_found_from_a_folder_inside_it(bureau: Bureau) -> None:
    assert run_syncer("status", cwd=bureau.units).returncode == DONE


def test_init_makes_a_workspace_once(tmp_path: Path) -> None:
    done = run_syncer("init", str(tmp_path / "新"), "--year", "2026", "--sample", "--json")
    made = one_object(done.stdout)
    assert (done.returncode, made["exit"], made["version"]) == (DONE, DONE, 1)
    assert Path(made["control"]).exists()
    before = snapshot(tmp_path)
    again = run_syncer("init", str(tmp_path / "新"), "--year", "2026", "--json")
    assert again.returncode == REFUSED
    assert again.stdout == ""
    assert "已经存在" in again.stderr
    assert snapshot(tmp_path) == before


def test_sync_before_init_is_a_usage_error_even_with_a_configuration(tmp_path: Path) -> None:
    (tmp_path / "syncer.toml").write_text("", encoding="utf-8")
    (tmp_path / "01创建办专用").mkdir()
    done = run_syncer("sync", "-C", str(tmp_path))
    assert done.returncode == USAGE
    assert "syncer init" in done.stderr


def test_issue_names_what_it_made_and_never_makes_it_again(tmp_path: Path) -> None:
    run_syncer("init", str(tmp_path), "--year", "2026", "--sample")
    bureau = Bureau(tmp_path)
    assert bureau.syncer("issue", "--unit", "没有的科").returncode == USAGE
    one = bureau.json("issue", "--unit", "宣传科", "--unit", "工会")
    assert sorted(one["issued"]) == ["02各单位填报/宣传科.xlsx", "02各单位填报/工会.xlsx"]
    before = snapshot(bureau.units)
    rest = bureau.json("issue")
    assert len(rest["issued"]) == len(bureau.books()) - 2
    assert snapshot(bureau.units).items() >= before.items()
    assert bureau.json("issue")["issued"] == []


def test_sync_reports_in_the_form_of_the_contract(bureau: Bureau) -> None:
    bureau.type("宣传科", "活动台账", {FIRST_ROW: WRONG})
    bureau.type("工会", "任务清单", {FIRST_ROW: {"重点任务": "改个题目"}})
    bureau.save_as("陌生.xlsx", PASSWORD)
    done = bureau.json("sync")
    assert done.keys() >= SYNC_KEYS
    assert (done["version"], done["exit"]) == (1, PERSON)
    assert sorted(done["read"]) == ["02各单位填报/宣传科.xlsx", "02各单位填报/工会.xlsx", "02各单位填报/陌生.xlsx"]
    assert done["unchanged"] == len(bureau.books()) - 3
    assert done["rows"] == {"added": 1, "changed": 0, "withdrawn": 0}
    wrong = [p for p in done["problems"] if p["code"] == "CELL-001"]
    assert [(p["file"], p["sheet"], p["cell"], p["column"], p["found"], p["severity"]) for p in wrong] == [
        ("宣传科.xlsx", "活动台账", "J5", "参加人数", "好多", "error")
    ]
    assert all(problem.keys() >= PROBLEM_KEYS for problem in done["problems"])
    (question,) = done["conflicts"]
    assert question.keys() >= CONFLICT_KEYS
    assert (question["kind"], question["incoming"]) == ("proposal", "改个题目")
    assert question["source"] == "工会.xlsx › 任务清单!5"
    assert [(r["file"], r["code"]) for r in done["refused"]] == [("陌生.xlsx", "FILE-004")]
    assert all((bureau.root / path).exists() for path in done["published"])
    assert "03汇总台账" in {Path(path).parent.name for path in done["published"]}
    assert done["delivered"] == []


def test_a_dry_run_says_the_same_and_leaves_everything_as_it_was(bureau: Bureau) -> None:
    bureau.type("宣传科", "活动台账", {FIRST_ROW: RIGHT})
    before = snapshot(bureau.root, skip=is_state)
    planned = bureau.json("sync", "--dry-run")
    assert planned["rows"]["added"] == 1
    assert planned["published"] == []
    assert snapshot(bureau.root, skip=is_state) == before
    done = bureau.json("sync")
    assert (done["read"], done["rows"]) == (planned["read"], planned["rows"])


def test_a_dry_run_leaves_changed_settings_alone_and_says_so(bureau: Bureau) -> None:
    bureau.syncer("sync")
    in_force, taken = bureau.store().get("control"), "select count(*) from version where kind = 'control'"
    before = bureau.sql(taken)
    bureau.save_control(
        {"校验规则": {(17, at): text for at, text in enumerate(("R14", "活动台账", None, "参加人数 ≥ 1"), 1)}}
    )
    assert bureau.json("sync", "--dry-run")["waiting"] == ["01创建办专用/台账设置.xlsx"]
    assert "这次没有读" in bureau.syncer("sync", "--dry-run").stdout
    assert (bureau.store().get("control"), bureau.sql(taken)) == (in_force, before)
    assert bureau.json("sync")["waiting"] == []
    assert bureau.store().get("control") != in_force
    assert bureau.json("sync", "--dry-run")["waiting"] == []


def test_status_tells_every_units_state(bureau: Bureau) -> None:
    assert bureau.json("status")["exit"] == DONE
    bureau.type("宣传科", "活动台账", {FIRST_ROW: WRONG})
    bureau.json("sync")
    found = bureau.json("status")
    assert found["exit"] == PERSON
    assert [u["unit"] for u in found["units"]][4] == "宣传科"
    assert all(unit.keys() >= UNIT_KEYS for unit in found["units"])
    states = {u["unit"]: (u["state"], u["problems"]) for u in found["units"]}
    assert states.pop("宣传科") == ("current", 1)
    assert set(states.values()) == {("issued", 0)}
    assert [job["name"] for job in found["jobs"]] == ["weekly"]


def test_check_writes_nothing_and_its_exit_tells_whether_a_person_is_needed(bureau: Bureau) -> None:
    bureau.type("宣传科", "活动台账", {FIRST_ROW: WRONG})
    before = snapshot(bureau.root, skip=is_state)
    found = bureau.json("check", str(bureau.units))
    assert found["exit"] == PERSON
    assert len(found["checked"]) == len(bureau.books())
    assert [(p["code"], p["cell"]) for p in found["problems"]] == [("CELL-001", "J5")]
    assert found["problems"][0].keys() >= PROBLEM_KEYS
    assert bureau.json("check", str(bureau.book("工会")))["exit"] == DONE
    assert snapshot(bureau.root, skip=is_state) == before
    assert bureau.json("sync")["read"] == ["02各单位填报/宣传科.xlsx"]  # checking is not taking in
    assert bureau.syncer("check", "没有.xlsx").returncode == USAGE


def test_check_says_what_feedback_says_and_reads_the_settings_too(bureau: Bureau) -> None:
    rules = {(17, at): text for at, text in enumerate(("R14", "活动台账", None, "参加人 ≥ 1"), 1)}
    bureau.save_control({"校验规则": rules})
    bureau.type("宣传科", "活动台账", {FIRST_ROW: WRONG})
    (wrong,) = bureau.json("check", str(bureau.book("宣传科")))["problems"]
    (rule,) = bureau.json("check", str(bureau.control))["problems"]
    assert (rule["code"], rule["file"], rule["cell"], rule["found"]) == (
        "CHK-021",
        "台账设置.xlsx",
        "D17",
        "参加人 ≥ 1",
    )
    assert "参加人数" in rule["expected"]
    everything = bureau.json("check", str(bureau.root))
    assert [p["code"] for p in everything["problems"]] == ["CHK-021", "CELL-001"]
    assert {Path(path).name for path in everything["checked"]} == {*bureau.books(), "台账设置.xlsx"}
    words = bureau.syncer("check", str(bureau.book("宣传科")), str(bureau.control), "--lang", "en").stdout.splitlines()
    assert [line.partition(" ")[0] for line in words] == ["CELL-001", "CHK-021", "2"]
    bureau.json("sync")
    (told,) = advice(bureau.feedback("宣传科"))
    assert told.says == f"{wrong['message']}（应为：{wrong['expected']}） {wrong['fix']}（CELL-001）"
    (told,) = advice(bureau.control.with_name("台账设置填报提示.xlsx"))
    assert told.says.endswith(f"{rule['fix']}（CHK-021）")
    assert told.link == "台账设置.xlsx#'校验规则'!D17"


def test_history_tells_a_cells_way_with_its_sources(bureau: Bureau) -> None:
    for text in ("一稿", "二稿"):
        bureau.type("宣传科", "任务清单", {FIRST_ROW: {"本周完成情况": text, "下周工作计划": text}})
        bureau.json("sync")
    found = bureau.json("history", "3.1", "--column", "本周完成情况")
    assert [(c["old"], c["new"], c["source"]) for c in found["changes"]] == [
        ("", "一稿", "宣传科.xlsx › 任务清单!5"),
        ("一稿", "二稿", "宣传科.xlsx › 任务清单!5"),
    ]
    assert len(bureau.json("history", "3.1")["changes"]) == 4
    assert bureau.json("history", "9.2")["changes"] == []
    assert bureau.syncer("history", "99.9").returncode == USAGE


def test_report_drafts_issues_once_and_then_only_names_it(bureau: Bureau) -> None:
    draft = bureau.json("report", "weekly", "--week", "2026-W47")
    assert (draft["week"], draft["issued"]) == ("2026-W47", False)
    assert (bureau.root / draft["path"]).exists()
    assert bureau.issued_weeklies() == []
    final = bureau.json("report", "weekly", "--week", "2026-W47", "--final")
    assert final["issued"]
    before = snapshot(bureau.root / "04周报通报")
    again = bureau.json("report", "weekly", "--week", "2026-W47", "--final")
    assert (again["issued"], again["path"]) == (True, final["path"])
    assert snapshot(bureau.root / "04周报通报") == before
    assert bureau.syncer("report", "weekly", "--week", "W47").returncode == USAGE


def test_a_week_that_has_not_begun_is_not_issued(bureau: Bureau, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked for once more, the issued one is named; the one after it would come out empty, and then never again."""
    refused = bureau.syncer("report", "weekly", "--week", "2099-W47", "--final")
    assert (refused.returncode, bureau.issued_weeklies()) == (USAGE, [])
    friday = datetime(2026, 11, 20, 12)
    from syncer.commands import report

    monkeypatch.setattr(report, "office_of", lambda _: Office(bureau.opened(), lambda: friday))
    for _ in range(2):
        assert run(["report", "weekly", "-C", str(bureau.root), "--final"]) == DONE
        assert ["第47周" in path.as_posix() for path in bureau.issued_weeklies()] == [True]
    assert run(["report", "weekly", "-C", str(bureau.root)]) == DONE  # the draft is that of the week that comes


def test_template_show_prints_the_schema(bureau: Bureau) -> None:
    found = bureau.json("template", "show")
    assert found["exit"] == DONE
    assert any(line.startswith("sheet activities 活动台账") for line in found["schema"])
    shown = bureau.syncer("template", "show")
    assert shown.stdout.splitlines() == found["schema"]
    assert run_syncer("template", "show", str(bureau.control)).stdout == shown.stdout  # as git calls it: no workspace


def test_template_show_of_a_doubtful_workbook_says_so_and_serves_git_all_the_same(bureau: Bureau) -> None:
    rows = (
        CalamineWorkbook.from_path(bureau.control).get_sheet_by_name("亮灯与时限设置").to_python(skip_empty_area=False)
    )
    hour = next(number for number, row in enumerate(rows, start=1) if row[1] == "weekly_time")
    bureau.save_control({"亮灯与时限设置": {(hour, 3): "下班前"}})
    found = bureau.json("template", "show")
    assert found["exit"] == PERSON
    assert [problem["code"] for problem in found["problems"]] == ["TPL-003"]
    named = bureau.json("template", "show", str(bureau.control))
    assert named["exit"] == DONE  # git takes any other exit for a failed conversion
    assert named["problems"] == found["problems"]


def test_explain_tells_a_code_in_both_languages() -> None:
    found = one_object(run_syncer("explain", "file-003", "--json").stdout)
    assert {"version", "exit", "code", "severity", "what", "expected", "do"} <= found.keys()
    assert (found["code"], found["severity"]) == ("FILE-003", "error")
    english = one_object(run_syncer("explain", "FILE-003", "--json", "--lang", "en").stdout)
    assert english["what"] != found["what"]
    unknown = run_syncer("explain", "FILE-099")
    assert unknown.returncode == USAGE
    assert "FILE-009" in unknown.stderr  # did you mean
    area = one_object(run_syncer("explain", "tpl", "--json").stdout)
    assert {entry["code"].partition("-")[0] for entry in area["codes"]} == {"TPL"}
    assert set(run_syncer("explain").stdout.split()) >= CATALOGUE.keys()


def is_state(path: Path) -> bool:
    """What any command may touch: the lock, the database, and copies of bytes that were looked at."""
    return ".syncer" in path.parts


def test_a_second_sync_touches_no_file(bureau: Bureau) -> None:
    bureau.type("宣传科", "活动台账", {FIRST_ROW: WRONG})
    bureau.type("工会", "任务清单", {FIRST_ROW: {"重点任务": "改个题目"}})
    bureau.save_as("陌生.xlsx", PASSWORD)
    bureau.json("sync")
    before = snapshot(bureau.root, skip=is_lock_or_database)
    again = bureau.json("sync")
    assert (again["read"], again["published"], again["issued"]) == ([], [], [])
    assert snapshot(bureau.root, skip=is_lock_or_database) == before


def is_lock_or_database(path: Path) -> bool:
    return path.parent.name == ".syncer" and (path.name == "lock" or path.name.startswith("syncer.db"))


@pytest.fixture
def twins(bureau: Bureau, tmp_path: Path) -> Callable[[], tuple[Bureau, Bureau]]:
    """Two copies of the bureau as it stands, times and all."""

    def copy() -> tuple[Bureau, Bureau]:
        one, other = (Bureau(tmp_path / name / "创建") for name in ("甲", "乙"))
        for twin in (one, other):
            shutil.copytree(bureau.root, twin.root)
        return one, other

    return copy


def busy_week(bureau: Bureau) -> None:
    bureau.type("宣传科", "活动台账", {FIRST_ROW: WRONG})
    bureau.json("sync")
    bureau.type("宣传科", "活动台账", {FIRST_ROW: RIGHT})
    bureau.type("工会", "任务清单", {FIRST_ROW: {"重点任务": "改个题目", "本周完成情况": "已部署"}})
    bureau.save_as("陌生.xlsx", PASSWORD)


def unlike(one: Bureau, other: Bureau) -> set[str]:
    """The files of two bureaus that are not byte for byte the same."""
    here, there = ({n: f[1] for n, f in snapshot(b.root, skip=is_state).items()} for b in (one, other))
    return {name for name in here.keys() | there.keys() if here.get(name) != there.get(name)}


def test_the_same_database_and_day_give_the_same_bytes(
    bureau: Bureau, twins: Callable[[], tuple[Bureau, Bureau]]
) -> None:
    busy_week(bureau)
    bureau.json("sync")
    pair = twins()
    for twin in pair:
        twin.master.unlink()
        assert twin.json("sync", "--as-of", "2026-12-18")["published"]
    assert unlike(*pair) == set()


def test_the_same_saves_and_day_give_the_same_bytes_but_for_when_each_was_first_seen(
    bureau: Bureau, twins: Callable[[], tuple[Bureau, Bureau]]
) -> None:
    busy_week(bureau)
    pair = twins()
    said = [twin.json("sync", "--as-of", "2026-12-18") for twin in pair]
    assert said[0] == said[1]
    assert unlike(*pair) <= {f"03汇总台账/{bureau.master.name}"}
    one, other = (CalamineWorkbook.from_path(twin.master) for twin in pair)
    assert one.sheet_names == other.sheet_names
    for name in one.sheet_names:
        seen = [column - 1 for title, column in columns(pair[0].master, name).items() if title in FIRST_SEEN]
        here, there = (book.get_sheet_by_name(name).to_python(skip_empty_area=False) for book in (one, other))
        assert without(here, seen) == without(there, seen), name


FIRST_SEEN = {"发现时间", "提出时间"}  # the trail tells the truth about the clock, so two runs may differ by seconds


def without(rows: list[list[Any]], places: list[int]) -> list[list[Any]]:
    return [[cell for at, cell in enumerate(row) if at not in places] for row in rows]


def test_another_day_alone_changes_only_what_speaks_of_the_day(bureau: Bureau) -> None:
    bureau.json("sync", "--as-of", "2026-11-20")
    before = snapshot(bureau.root, skip=is_state)
    bureau.json("sync", "--as-of", "2026-12-18")
    changed = {name for name, now in snapshot(bureau.root, skip=is_state).items() if now != before.get(name)}
    assert changed
    assert {name.split("/")[0] for name in changed} <= {"01创建办专用", "03汇总台账"}
    assert "01创建办专用/台账设置.xlsx" not in changed
    bureau.json("sync", "--as-of", "2026-11-20")
    assert {n: f[1] for n, f in snapshot(bureau.root, skip=is_state).items()} == {n: f[1] for n, f in before.items()}
