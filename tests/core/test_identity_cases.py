"""Which row is which, as named cases: what base held, what one save holds, and whose row each line is then."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from syncer.core.merging.identity import identify
from syncer.core.problems import Place, Problem
from syncer.core.reading.rows import ReadRow
from syncer.core.values import Scalar
from tests.core.tables_as_text import compiled, lines, sheet_of

LEDGER, _ = compiled()
SHEETS = {"records": sheet_of(LEDGER, "activities"), "tasks": sheet_of(LEDGER, "tasks")}
TASK_IDS = {task.number: task.id for task in LEDGER.tasks}
COLUMNS = {
    "records": ("no", "date", "name", "headcount", "tasks", "content", "+天气"),
    "tasks": ("no", "title", "percent", "status", "this_week", "note"),
}
FRESH = {"records": [f"HD-D02-{n:04}" for n in range(31, 90)], "tasks": [f"RW-D02-{n:04}" for n in range(31, 90)]}


def rows(text: str, kind: str = "records") -> list[ReadRow]:
    """Lines ``| id | cells … |``; an id may be shortened to its number, ``-`` is none."""
    found = []
    for at, (carried, *cells) in enumerate(lines(text), 5):
        filled = {c: v for c, v in zip(COLUMNS[kind], cells, strict=False) if v is not None}
        row_id = (
            f"HD-D02-{carried:04}" if isinstance(carried, int) else str(carried).replace("-", "", str(carried) == "-")
        )
        raw = {c: v for c, v in filled.items() if not c.startswith("+")}
        extra = {c[1:]: v for c, v in filled.items() if c.startswith("+")}
        found.append(ReadRow(row_id, at, raw, extra, carried=row_id))
    return found


def known(
    incoming: list[ReadRow], base: list[ReadRow], kind: str = "records", unit: str = "D02"
) -> tuple[list[ReadRow], list[Problem]]:
    place = Place("宣传科.xlsx", "活动台账")
    return identify(incoming, base, SHEETS[kind], FRESH[kind], place, TASK_IDS, unit)


def short(row_id: str) -> str:
    return row_id.removeprefix("HD-D02-").lstrip("0") if row_id.startswith("HD-D02-") else row_id


@dataclass(frozen=True)
class Case:
    says: str
    base: str
    saved: str
    rows: str  # per line: id, matched
    codes: tuple[str, ...] = ()
    kind: str = "records"
    changed: tuple[tuple[str, str, Scalar], ...] | None = ()  # cells unlike base: row, column, content; None: many


FOUR = """
    | 1 | '01 | 2026-03-05 | 植树   | 30 | '2.1 | 滨河路 | 晴 |
    | 2 | '02 | 2026-03-06 | 读书会 | 12 | '1.1 | 党史   | 阴 |
    | 3 | '03 | 2026-03-07 | 宣讲   | 50 | '2.2 | 礼堂   | 雨 |
    | 4 | '04 | 2026-03-08 | 献血   | 25 |      | 广场   | 雪 |
"""
TASKS = """
    | T0001 | '1.1 | 制定方案 |    | 未启动 |
    | T0002 | '2.1 | 主题宣讲 | 50 | 推进中 | 讲了两场 |
    | T0003 | '2.2 | 道德讲堂 | 25 | 未启动 | 在筹备 |
"""
CASES = [
    Case("nothing happened", FOUR, FOUR, "1 id, 2 id, 3 id, 4 id"),
    Case(
        "names and all that follows were sorted, numbers and dates stayed with the ids",
        FOUR,
        """
        | 1 | '01 | 2026-03-05 | 献血   | 25 |      | 广场   | 雪 |
        | 2 | '02 | 2026-03-06 | 宣讲   | 50 | '2.2 | 礼堂   | 雨 |
        | 3 | '03 | 2026-03-07 | 读书会 | 12 | '1.1 | 党史   | 阴 |
        | 4 | '04 | 2026-03-08 | 植树   | 30 | '2.1 | 滨河路 | 晴 |
        """,
        "4 content, 3 content, 2 content, 1 content",
        ("ROW-003",),
    ),
    Case(
        "sorted in part, and one cell edited, one cleared, one row deleted, one inserted and filled in",
        FOUR,
        """
        | 1 | '01 | 2026-03-05 | 宣讲   | 55 | '2.2 | 礼堂   | 雨 |
        | - |     | 2026-05-01 | 游园   |  9 |      | 公园   |
        | 2 | '02 | 2026-03-06 | 植树   | 30 | '2.1 | 滨河路 |
        | 3 | '03 | 2026-03-07 | 读书会 | 12 | '1.1 | 党史   | 阴 |
        """,
        "3 content, 31 new, 1 content, 2 content",
        ("ROW-003",),
        changed=(("1", "+天气", None), ("3", "headcount", 55)),
    ),
    Case(
        "a new row on a reserved line was sorted in part with the others: it takes what it left behind along",
        FOUR,
        """
        | 1 | '01 | 2026-03-05 | 合唱   | 40 | '2.1 | 剧院   |
        | 2 | '02 | 2026-03-06 | 植树   | 30 | '2.1 | 滨河路 | 晴 |
        | 3 | '03 | 2026-03-07 | 读书会 | 12 | '1.1 | 党史   | 阴 |
        | 4 | '04 | 2026-03-08 | 献血   | 25 |      | 广场   | 雪 |
        | 5 |     | 2026-04-09 | 宣讲   | 50 | '2.2 | 礼堂   | 雨 |
        """,
        "5 new, 1 content, 2 content, 4 id, 3 content",
        ("ROW-003",),
    ),
    Case(
        "cells were deleted and what stood below shifted up: the first content is gone, no other changed",
        FOUR,
        """
        | 1 | '01 | 2026-03-05 | 读书会 | 12 | '1.1 | 党史 | 阴 |
        | 2 | '02 | 2026-03-06 | 宣讲   | 50 | '2.2 | 礼堂 | 雨 |
        | 3 | '03 | 2026-03-07 | 献血   | 25 |      | 广场 | 雪 |
        """,
        "2 content, 3 content, 4 content",
        ("ROW-003",),
    ),
    Case(
        "only the last columns were sorted: most of each row stayed, so these are edits",
        FOUR,
        """
        | 1 | '01 | 2026-03-05 | 植树   | 30 | '2.1 | 广场   | 雪 |
        | 2 | '02 | 2026-03-06 | 读书会 | 12 | '1.1 | 礼堂   | 雨 |
        | 3 | '03 | 2026-03-07 | 宣讲   | 50 | '2.2 | 党史   | 阴 |
        | 4 | '04 | 2026-03-08 | 献血   | 25 |      | 滨河路 | 晴 |
        """,
        "1 id, 2 id, 3 id, 4 id",
        changed=tuple(
            (i, c, v)
            for i, text, sky in (("1", "广场", "雪"), ("2", "礼堂", "雨"), ("3", "党史", "阴"), ("4", "滨河路", "晴"))
            for c, v in (("+天气", sky), ("content", text))
        ),
    ),
    Case(
        "the content of one row was copied over another: the first is still there, so the second was edited",
        FOUR,
        FOUR.replace("| 献血   | 25 |      | 广场   | 雪 |", "| 植树 | 30 | '2.1 | 滨河路 | 晴 |"),
        "1 id, 2 id, 3 id, 4 id",
        changed=(
            ("4", "+天气", "晴"),
            ("4", "content", "滨河路"),
            ("4", "headcount", 30),
            ("4", "name", "植树"),
            ("4", "tasks", "2.1"),
        ),
    ),
    Case(
        "two rows alike but for two cells had those corrected crosswise",
        "| 1 | '01 | 2026-03-05 | 例会 | 30 | '2.1 | 会议室 |\n| 2 | '02 | 2026-03-12 | 例会 | 31 | '2.1 | 会议室 |",
        "| 1 | '01 | 2026-03-12 | 例会 | 31 | '2.1 | 会议室 |\n| 2 | '02 | 2026-03-05 | 例会 | 30 | '2.1 | 会议室 |",
        "1 id, 2 id",
        changed=(
            ("1", "date", lines("| 2026-03-12 |")[0][0]),
            ("1", "headcount", 31),
            ("2", "date", lines("| 2026-03-05 |")[0][0]),
            ("2", "headcount", 30),
        ),
    ),
    Case(
        "tasks sorted from the title on, numbers left behind: reports stay with their tasks although most cells are blank",
        TASKS,
        """
        | T0001 | '1.1 | 主题宣讲 | 50 | 推进中 | 讲了两场 |
        | T0002 | '2.1 | 道德讲堂 | 25 | 未启动 | 在筹备 |
        | T0003 | '2.2 | 制定方案 |    | 未启动 |
        """,
        "T0002 content, T0003 content, T0001 content",
        ("ROW-003",),
        kind="tasks",
    ),
    Case(
        "ids of another unit, another sheet, a task in a sheet of records, and figures somebody filled in",
        FOUR,
        FOUR
        + """
        | HD-D03-0007 | | 2026-04-01 | 义诊 | 5 |
        | XX-D02-0002 | | 2026-04-02 | 义卖 | 6 |
        | T0002       | | 2026-04-03 | 义演 | 7 |
        | 行1         | | 2026-04-04 | 义工 | 8 |
        """,
        "1 id, 2 id, 3 id, 4 id, 31 new, 32 new, 33 new, 34 new",
    ),
    Case(
        "the id column was filled with figures: rows are known by their keys",
        FOUR,
        FOUR.replace("| 1 |", "| 甲1 |")
        .replace("| 2 |", "| 甲2 |")
        .replace("| 3 |", "| 甲3 |")
        .replace("| 4 |", "| 甲4 |"),
        "1 key, 2 key, 3 key, 4 key",
    ),
    Case(
        "a task new to the workbook keeps its id, an unknown one is a sub-task, a row without number too",
        TASKS.replace("| T0003", "| T0002", 0).rsplit("| T0003", 1)[0],
        TASKS + "| T0099 | '9.9 | 没有这项 |\n| - | | 备课 | | 推进中 |",
        "T0001 id, T0002 id, T0003 id, RW-D02-0031 new, RW-D02-0032 new",
        kind="tasks",
    ),
    Case(
        "no ids at all, contents edited: keys alone",
        FOUR,
        """
        | - | | 2026-03-08 | 献　血 | 99 |
        | - | | 2026-03-06 | 读书会 | 98 |
        | - | | 2026-03-05 | 植树   | 97 |
        | - | | '2026-03-07 | 宣讲  | 96 |
        """,
        "4 key, 2 key, 1 key, 3 key",
        changed=(
            ("1", "headcount", 97),
            ("2", "headcount", 98),
            ("3", "date", "2026-03-07"),
            ("3", "headcount", 96),
            ("4", "headcount", 99),
            ("4", "name", "献\u3000血"),
            *((i, c, None) for i in "1234" for c in ("+天气", "content", "no", "tasks") if (i, c) != ("4", "tasks")),
        ),
    ),
    Case(
        "a key blanked: by id where there is one, else by the rest of the row",
        FOUR,
        FOUR.replace("2026-03-05", "").replace("| 2 | '02 | 2026-03-06", "| - | '02 | "),
        "1 id, 2 likeness, 3 id, 4 id",
        ("ROW-001",),
        changed=(("1", "date", None), ("2", "date", None)),
    ),
    Case(
        "two rows of one key lost their ids: each is the one it is more like, and that is said",
        "| 1 | | 2026-03-05 | 例会 | 30 | | 上午 |\n| 2 | | 2026-03-05 | 例会 | 12 | | 下午 |",
        "| - | | 2026-03-05 | 例会 | 13 | | 下午 |\n| - | | 2026-03-05 | 例会 | 31 | | 上午 |",
        "2 likeness, 1 likeness",
        ("ROW-001", "ROW-001"),
        changed=(("1", "headcount", 31), ("2", "headcount", 13)),
    ),
    Case(
        "a row copied and inserted twice, the copies edited",
        FOUR,
        FOUR
        + "| 1 | '01 | 2026-04-05 | 植树 | 33 | '2.1 | 滨河路 |\n| 1 | '01 | 2026-05-05 | 植树 | 34 | '2.1 | 东山 |",
        "1 id, 2 id, 3 id, 4 id, 31 new, 32 new",
    ),
    Case(
        "two contents were copied over other rows and then edited where they stand: nobody lost what is his",
        FOUR,
        """
        | 1 | '01 | 2026-03-05 | 植树   | 30 | '2.1 | 南山 | 热 |
        | 2 | '02 | 2026-03-06 | 读书会 | 12 | '1.1 | 诗歌 | 冷 |
        | 3 | '03 | 2026-03-05 | 植树   | 30 | '2.1 | 滨河路 | 晴 |
        | 4 | '04 | 2026-03-06 | 读书会 | 12 | '1.1 | 党史   | 阴 |
        """,
        "1 id, 2 id, 3 id, 4 id",
        changed=None,
    ),
    Case(
        "one content stands in another row and its own row says something else: one row is no sort",
        FOUR,
        """
        | 1 | '09 | 2026-06-01 | 游园   |  8 |      | 公园   | 热 |
        | 2 | '02 | 2026-03-06 | 读书会 | 12 | '1.1 | 党史   | 阴 |
        | 3 | '01 | 2026-03-05 | 植树   | 30 | '2.1 | 滨河路 | 晴 |
        | 4 | '04 | 2026-03-08 | 献血   | 25 |      | 广场   | 雪 |
        """,
        "1 id, 2 id, 3 id, 4 id",
        changed=None,
    ),
    Case(
        "two rows took a few cells of each other and were rewritten else: too little to go by",
        FOUR,
        """
        | 1 | '11 | 2026-07-01 | 读书会 | 12 | '1.1 | 南山 | 热 |
        | 2 | '12 | 2026-07-02 | 植树   | 30 | '2.1 | 北山 | 冷 |
        """,
        "1 id, 2 id",
        changed=None,
    ),
    Case(
        "half of the columns were sorted and the keys stayed: the row is where its keys are",
        """
        | 1 | | 2026-03-05 | 植树   | 30 | | 滨河路 |
        | 2 | | 2026-03-06 | 读书会 | 12 | | 党史   |
        | 3 | | 2026-03-07 | 宣讲   | 50 | | 礼堂   |
        """,
        """
        | 1 | | 2026-03-05 | 植树   | 12 | | 党史   |
        | 2 | | 2026-03-06 | 读书会 | 50 | | 礼堂   |
        | 3 | | 2026-03-07 | 宣讲   | 30 | | 滨河路 |
        """,
        "1 id, 2 id, 3 id",
        changed=None,
    ),
    Case(
        "half of the columns were sorted and the keys came along: the row is where its keys are",
        """
        | 1 | | 2026-03-05 | 植树   | 30 | | 滨河路 |
        | 2 | | 2026-03-06 | 读书会 | 12 | | 党史   |
        | 3 | | 2026-03-07 | 宣讲   | 50 | | 礼堂   |
        """,
        """
        | 1 | | 2026-03-06 | 读书会 | 30 | | 滨河路 |
        | 2 | | 2026-03-07 | 宣讲   | 12 | | 党史   |
        | 3 | | 2026-03-05 | 植树   | 50 | | 礼堂   |
        """,
        "2 content, 3 content, 1 content",
        ("ROW-003",),
        changed=(),
    ),
    Case(
        "cells of a task were deleted and the others shifted up: the task whose cells are gone is the line left over",
        TASKS,
        """
        | T0001 | '1.1 | 主题宣讲 | 50 | 推进中 | 讲了两场 |
        | T0002 | '2.1 | 道德讲堂 | 25 | 未启动 | 在筹备   |
        | T0003 | '2.2 |
        """,
        "T0002 content, T0003 content, T0001 content",
        ("ROW-003",),
        kind="tasks",
        changed=(("T0001", "status", None), ("T0001", "title", None)),
    ),
    Case(
        "the id column, three others and the days are gone from every row: what is left tells",
        FOUR,
        "\n".join(
            f"| - | '0{n} | | {name} | {heads} |"
            for n, name, heads in ((4, "献血", 25), (1, "植树", 30), (3, "宣讲", 50))
        ),
        "4 likeness, 1 likeness, 3 likeness",
        ("ROW-001", "ROW-001", "ROW-001"),
        changed=None,
    ),
]


def differences(found: list[ReadRow], base: list[ReadRow]) -> tuple[tuple[str, str, Scalar], ...]:
    before = {row.id: {**row.raw, **{f"+{n}": v for n, v in row.extra.items()}} for row in base}
    after = {row.id: {**row.raw, **{f"+{n}": v for n, v in row.extra.items()}} for row in found}
    return tuple(
        (short(i), code, after[i].get(code))
        for i in sorted(after.keys() & before.keys())
        for code in sorted(after[i].keys() | before[i].keys())
        if after[i].get(code) != before[i].get(code)
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.says)
def test_every_line_is_the_row_it_is(case: Case) -> None:
    base, saved = rows(case.base, case.kind), rows(case.saved, case.kind)
    found, problems = known(saved, base, case.kind)
    assert ", ".join(f"{short(r.id)} {r.matched}" for r in found) == case.rows
    assert tuple(p.code for p in problems) == case.codes
    if case.changed is not None:
        assert sorted(differences(found, base), key=repr) == sorted(case.changed, key=repr)
    again, _ = known(saved, found, case.kind)
    assert [r.id for r in again] == [r.id for r in found]
    assert differences(again, found) == (), "read a second time, it must not change anything"


def test_a_new_row_sorted_away_from_its_reserved_line_keeps_its_date() -> None:
    case = next(c for c in CASES if c.says.startswith("a new row on a reserved line"))
    found, _ = known(rows(case.saved), rows(case.base))
    assert found[0].raw == {
        "date": lines("| 2026-04-09 |")[0][0],
        "name": "合唱",
        "headcount": 40,
        "tasks": "2.1",
        "content": "剧院",
    }


def test_a_row_pasted_from_elsewhere_says_where_it_came_from_at_every_reading() -> None:
    base = rows(FOUR)
    saved = [*base, *rows("| HD-D03-0007 | | 2026-04-01 | 义诊 | 5 |\n| HD-D02-0020 | | 2026-04-02 | 义卖 | 6 |")]
    first, problems = known(saved, base)
    second, _ = known(saved, first)
    for found in (first, second):
        assert [(short(r.id), r.origin) for r in found[4:]] == [("31", "HD-D03-0007"), ("20", "")]
    assert problems == []


def test_a_task_pasted_from_another_sheet_is_that_task_only_where_the_sheet_may_hold_it() -> None:
    base, saved = rows(TASKS, "tasks"), rows(f"{TASKS}| T0098 | | 帮忙布展 |", "tasks")
    found, _ = known(saved, base, "tasks")
    assert (found[3].id, found[3].origin) == ("RW-D02-0031", "T0098")
    place = Place("宣传科.xlsx", "任务清单")
    found, _ = identify(saved, base, SHEETS["tasks"], FRESH["tasks"], place, {**TASK_IDS, "9.8": "T0098"}, "D02")
    assert (found[3].id, found[3].origin) == ("T0098", "")


def test_how_sure_a_guess_is_stands_in_the_row_and_in_the_note() -> None:
    base = rows(
        "| 1 | '01 | 2026-03-05 | 例会 | 30 | '2.1 | 上午 |\n| 2 | '02 | 2026-03-05 | 例会 | 12 | '2.1 | 下午 |"
    )
    saved = rows("| - | '02 | 2026-03-05 | 例会 | 13 | '2.1 | 下午 |")
    found, problems = known(saved, base)
    assert (short(found[0].id), found[0].matched) == ("2", "likeness")
    assert found[0].sure == pytest.approx(5 / 6)
    assert [dict(p.facts) for p in problems] == [{"percent": "83%"}]


def test_ids_put_right_in_the_workbook_end_the_notice() -> None:
    case = next(c for c in CASES if c.says.startswith("names and all that follows"))
    found, _ = known(rows(case.saved), rows(case.base))
    delivered = [replace(row, carried=row.id, matched="id", sure=1.0) for row in found]
    assert known(delivered, delivered) == (delivered, [])


def test_a_sort_in_part_that_the_clerk_takes_back_leaves_all_as_it_was() -> None:
    case = next(c for c in CASES if c.says.startswith("names and all that follows"))
    base = rows(case.base)
    found, _ = known(rows(case.saved), base)
    back, problems = known(base, found)
    assert [(r.id, r.raw) for r in back] == [(r.id, r.raw) for r in base]
    assert problems == []


def test_the_notice_of_a_sort_in_part_is_one_for_the_sheet_and_says_how_many_rows() -> None:
    case = next(c for c in CASES if c.says.startswith("names and all that follows"))
    _, problems = known(rows(case.saved), rows(case.base))
    assert [(p.place, dict(p.facts)) for p in problems] == [(Place("宣传科.xlsx", "活动台账"), {"rows": "4"})]


def test_a_row_still_without_id_goes_on_as_the_one_it_was_while_half_of_it_stands() -> None:
    base = [replace(row, id="HD-D02-0031") for row in rows("| - | | 2026-03-05 | 例会 | 30 | '2.1 | 上午 |")]
    found, problems = known(rows("| - | | 2026-03-05 | 例会议 | 31 | '2.1 | 上午 |"), base)
    assert [(short(r.id), r.matched) for r in found] == [("31", "likeness")]
    assert [p.code for p in problems] == ["ROW-001"]


def test_a_row_stays_put_right_when_the_row_whose_line_it_took_is_deleted_afterwards() -> None:
    case = next(c for c in CASES if c.says.startswith("names and all that follows"))
    base, saved = rows(case.base), rows(case.saved)
    found, _ = known(saved, base)
    left, problems = known(saved[1:], found)
    assert [short(r.id) for r in left] == ["3", "2", "1"]
    assert differences(left, base) == ()
    assert [dict(p.facts) for p in problems] == [{"rows": "3"}]
