from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import astuple
from pathlib import Path
from string import Formatter

import pytest

import syncer
from syncer.core.problems import Place, Problem, Severity
from syncer.message_page import AREAS, page
from syncer.messages import CATALOGUE, LANGUAGES, Wording, in_full, line, severity_of, speak

PACKAGE = Path(syncer.__file__).parent
CODE = re.compile(r"[A-Z]+-\d{3}")

# What every problem brings along, and what the one who raises a code adds (`Problem.facts`).
COMMON = {"found", "column", "key", "sheet", "file", "cell"}
FACTS = {
    "TPL-011": {"year"},
    "FILE-002": {"what"},
    "FILE-006": {"what"},
    "FILE-007": {"what"},
    "FILE-009": {"what"},
    "FILE-010": {"what"},
    "FILE-011": {"original"},
    "FILE-013": {"year"},
    "FILE-014": {"named", "unit"},
    "FILE-015": {"rows"},
    "FILE-016": {"original"},
    "RECV-003": {"what"},
    "RECV-005": {"unit", "heir"},
    "RECV-006": {"unit"},
    "RECV-009": {"why"},
    "RECV-010": {"likely"},
    "FILE-020": {"original", "format"},
    "FILE-022": {"sheets"},
    "FILE-021": {"sheets"},
    "FILE-030": {"cells"},
    "FILE-031": {"what"},
    "FILE-032": {"what"},
    "FILE-034": {"what"},
    "KEY-001": {"other"},
    "KEY-002": {"other"},
    "SHEET-002": {"like"},
    "SHEET-003": {"like"},
    "SHEET-004": {"where"},
    "HEAD-007": {"other"},
    "HEAD-008": {"where"},
    "HEAD-009": {"where"},
    "HEAD-010": {"rows"},
    "ROW-010": {"lines"},
    "ROW-011": {"rows"},
    "ROW-001": {"percent"},
    "ROW-003": {"rows"},
    "OWN-001": {"current"},
    "OWN-003": {"current"},
    "OWN-004": {"current", "where"},
    "OWN-005": {"answer", "current"},
    "OWN-006": {"answer"},
    "ADOPT-003": {"table"},
    "ADOPT-012": {"unit"},
    "ADOPT-013": {"unit"},
    "ADOPT-014": {"unit"},
    "ADOPT-015": {"unit", "why"},
    "CELL-003": {"choices"},
    "CELL-004": {"unit"},
    "CELL-005": {"task"},
    "CELL-006": {"limits"},
    "CELL-009": {"read"},
    "CELL-014": {"measure", "unit"},
    "CELL-017": {"unit"},
    "CELL-018": {"read"},
    "CELL-025": {"day", "weekday"},
    "CELL-029": {"year"},
    "CELL-033": {"several"},
    "CELL-034": {"why"},
    "CELL-022": {"count", "source"},
    "CHK-002": {"when"},
    "CHK-003": {"other"},
    "CHK-004": {"form"},
    "CHK-005": {"length", "least"},
    "CHK-006": {"length", "most"},
    "CHK-010": {"demand", "rule", "wanted"},
    "CHK-011": {"demand", "rule", "wanted"},
    "CHK-012": {"demand", "rule", "wanted"},
    "CHK-013": {"code"},
    "CHK-020": {"demand", "rule", "wanted"},
    "CHK-021": {"name", "near"},
    "CHK-022": {"name", "near"},
    "CHK-023": {"name", "near", "of"},
    "CHK-024": {"test", "like"},
    "CHK-025": {"form"},
    "CHK-026": {"of"},
    "CHK-027": {"other"},
    "CHK-028": {"other"},
    "CHK-029": {"rule", "rows"},
    "CHK-030": {"rule", "rows", "hits", "units"},
    "CHK-031": {"kind"},
    "DEL-001": {"wanted"},
    "PUB-003": {"why"},
    "SAFE-001": {"count"},
    "SAFE-002": {"count"},
    "SAFE-003": {"why"},
    "SAFE-010": {"unit", "file", "other"},
    "SAFE-011": {"tab"},
    "STORE-001": {"when"},
    "TPL-003": {"expected"},
    "TPL-006": {"unit"},
    "TPL-007": {"other"},
    "TPL-009": {"number"},
    "TPL-010": {"part"},
    "TPL-012": {"number", "due", "year"},
    "TPL-013": {"unit", "other"},
    "TPL-018": {"unit"},
    "TPL-019": {"number"},
    "TPL-022": {"number", "value"},
}


def named_codes(tree: ast.AST) -> Iterator[str]:
    """Yields the codes a module raises: not those it only compares with or lists in a set."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, (ast.Compare, ast.Set)):
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and CODE.fullmatch(node.value):
            yield node.value
        yield from named_codes(node)


def raised_codes() -> set[str]:
    sources = [path for path in PACKAGE.rglob("*.py") if path.parent.name != "messages"]
    return {code for path in sources for code in named_codes(ast.parse(path.read_text("utf-8")))}


def placeholders(wording: Wording) -> set[str]:
    return {name for text in astuple(wording) for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_every_code_that_is_raised_has_its_words_and_every_entry_is_raised_somewhere() -> None:
    raised = raised_codes()
    assert raised - CATALOGUE.keys() == set(), "raised without words"
    assert CATALOGUE.keys() - raised == set(), "words that nobody uses"


def test_a_code_that_is_only_compared_with_does_not_count_as_raised() -> None:
    source = 'if p.code == "AAA-001" or p.code in {"AAA-002"}:\n    raise_it("AAA-003", dict(x="AAA-004"))'
    assert set(named_codes(ast.parse(source))) == {"AAA-003", "AAA-004"}


@pytest.mark.parametrize("code", CATALOGUE)
def test_an_entry_names_only_facts_it_is_given(code: str) -> None:
    message = CATALOGUE[code]
    for wording in (message.zh, message.en):
        assert placeholders(wording) <= COMMON | FACTS.get(code, set())
    assert FACTS.get(code, set()) <= placeholders(message.zh) | placeholders(message.en), "a fact nobody is told"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", CATALOGUE)
def test_an_entry_says_what_is_wrong_what_was_expected_and_what_to_do(code: str, language: str) -> None:
    facts = tuple((name, f"〈{name}〉") for name in sorted(FACTS.get(code, ())))
    problem = Problem(code, Place("宣传科.xlsx", "活动台账", 17, 5), "2.1", "日期", "三月", facts)
    spoken = speak(problem, language)
    assert all(text.strip() for text in (spoken.what, spoken.expected, spoken.do))
    assert not re.search(r"[{}]", f"{spoken.what}{spoken.expected}{spoken.do}")
    assert spoken.severity is severity_of(problem)
    printed = line(problem, language)
    opening = "（2.1 · 日期）：" if language == "zh_CN" else " (2.1 · 日期): "
    assert printed.startswith(f"{code} 宣传科.xlsx › 活动台账!E17{opening}")
    assert all(fact in printed for fact in facts_of(message_of(code, language), facts)), "a fact nobody reads"
    assert spoken.do in printed


def message_of(code: str, language: str) -> Wording:
    return CATALOGUE[code].en if language == "en" else CATALOGUE[code].zh


def facts_of(wording: Wording, facts: tuple[tuple[str, str], ...]) -> list[str]:
    """What a wording is given to say."""
    return [text for name, text in facts if name in placeholders(wording)]


@pytest.mark.parametrize("code", CATALOGUE)
def test_the_two_languages_are_two_and_chinese_ends_its_advice_with_a_full_stop(code: str) -> None:
    message = CATALOGUE[code]
    assert message.zh.do.endswith("。")
    assert message.en.do.endswith(".")
    assert re.search(r"[\u4e00-\u9fff]", message.zh.do)
    assert not re.search(r"[，。；：！]", " ".join(astuple(message.en)))


@pytest.mark.parametrize(
    ("place", "where"),
    [
        (Place("宣传科.xlsx", "材料目录", 17, 5), "宣传科.xlsx › 材料目录!E17"),
        (Place("宣传科.xlsx", "材料目录", 17), "宣传科.xlsx › 材料目录"),
        (Place("宣传科.xlsx"), "宣传科.xlsx"),
        (Place(sheet="栏目设置", row=3, column=2), "栏目设置!B3"),
        (Place(), ""),
    ],
)
def test_a_problem_says_where_as_exactly_as_it_knows(place: Place, where: str) -> None:
    assert speak(Problem("CELL-001", place)).where == where


def test_a_line_quotes_what_was_found_once() -> None:
    place = Place("宣传科.xlsx", "活动台账", 7, 2)
    quoted = line(Problem("CELL-002", place, column="日期", found="三月初"))
    assert quoted == (
        "CELL-002 宣传科.xlsx › 活动台账!B7（日期）："
        "“三月初” “日期”的日期看不懂（应为：日期，如 2026-3-5）。请填成 2026-3-5 这样的日期。"
    )
    assert line(Problem("TPL-008", found="天气")).count("天气") == 1


def test_what_was_expected_is_said_once() -> None:
    limits = Problem("CELL-006", column="时长", facts=(("limits", "0 至 24"),))
    assert line(limits).count("0 至 24") == 1
    broken = Problem("CHK-011", facts=(("rule", "R1"), ("demand", "请核对人数"), ("wanted", "实到 ≤ 应到（12）")))
    assert in_full(speak(broken)) == "请核对人数（应为：实到 ≤ 应到（12））"


def test_a_problem_recorded_by_an_older_program_can_be_said_with_newer_words() -> None:
    assert speak(Problem("CHK-011", facts=(("demand", "请核对"),))).expected == "…"


def test_the_page_of_all_codes_is_current() -> None:
    """If this fails, run ``make messages``."""
    assert (PACKAGE.parent / "docs" / "messages.md").read_text("utf-8") == page()


def test_the_page_has_every_code_once_and_names_every_area() -> None:
    assert re.findall(r"^### (.*)$", page(), re.MULTILINE) == sorted(
        CATALOGUE, key=lambda code: (list(AREAS).index(code.partition("-")[0]), code)
    )


def test_what_a_person_typed_cannot_break_the_wording() -> None:
    problem = Problem("CELL-009", found="{0} {x}", column="{column}", facts=(("read", "{found}"),))
    assert speak(problem).what == "“{column}”已读作“{found}”"


def test_only_what_keeps_a_value_from_being_used_is_an_error() -> None:
    assert {code for code, m in CATALOGUE.items() if m.severity is Severity.NOTE} == {
        "SHEET-003", "HEAD-005", "HEAD-008", "HEAD-009", "HEAD-010", "SAFE-001", "RECV-008",
        "ROW-001", "ROW-006", "ROW-010", "ROW-011", "KEY-002", "OWN-002", "OWN-005", "OWN-006", "CELL-009", "CELL-015", "CELL-018", "CELL-022",
        "CELL-029", "CELL-030", "CELL-031", "CHK-010", "CHK-013", "CHK-014", "CHK-020", "CHK-030", "TPL-022",
    }  # fmt: skip
    assert all(
        m.severity is Severity.ERROR for code, m in CATALOGUE.items() if code in {"FILE-001", "FILE-015", "TPL-001"}
    )
