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
from syncer.messages import CATALOGUE, LANGUAGES, Wording, line, severity_of, speak

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
    "FILE-020": {"original", "format"},
    "FILE-021": {"sheets"},
    "FILE-030": {"cells"},
    "FILE-031": {"what"},
    "FILE-032": {"what"},
    "FILE-034": {"what"},
    "KEY-001": {"other"},
    "KEY-002": {"other"},
    "SHEET-002": {"like"},
    "ROW-001": {"percent"},
    "ROW-003": {"rows"},
    "OWN-001": {"current"},
    "OWN-003": {"current"},
    "OWN-004": {"current", "where"},
    "OWN-005": {"answer", "current"},
    "OWN-006": {"answer"},
    "CELL-003": {"choices"},
    "CELL-004": {"unit"},
    "CELL-005": {"task"},
    "CELL-006": {"limits"},
    "CELL-009": {"read"},
    "CELL-022": {"count", "source"},
    "CHK-002": {"when"},
    "CHK-003": {"other"},
    "CHK-010": {"demand", "rule"},
    "CHK-011": {"demand", "rule"},
    "CHK-012": {"demand", "rule"},
    "CHK-020": {"code"},
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
    sources = [path for path in PACKAGE.rglob("*.py") if path.name != "messages.py"]
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
    assert line(problem, language).startswith(f"{code} 宣传科.xlsx › 活动台账!E17：")


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
    assert quoted == ("CELL-002 宣传科.xlsx › 活动台账!B7：“三月初” “日期”的日期看不懂。请填成 2026-3-5 这样的日期。")
    assert line(Problem("TPL-008", found="天气")).count("天气") == 1


def test_what_a_person_typed_cannot_break_the_wording() -> None:
    problem = Problem("CELL-009", found="{0} {x}", column="{column}", facts=(("read", "{found}"),))
    assert speak(problem).what == "“{column}”已读作“{found}”"


def test_only_what_keeps_a_value_from_being_used_is_an_error() -> None:
    assert {code for code, m in CATALOGUE.items() if m.severity is Severity.NOTE} == {
        "ROW-001", "ROW-006", "KEY-002", "OWN-002", "OWN-005", "OWN-006", "CELL-009", "CELL-022", "CHK-010", "CHK-020", "TPL-022", "SAFE-001",
    }  # fmt: skip
    assert all(
        m.severity is Severity.ERROR for code, m in CATALOGUE.items() if code in {"FILE-001", "FILE-015", "TPL-001"}
    )
