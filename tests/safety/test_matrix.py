"""What was typed × where × every kind of file: nothing in it acts, and what it says is what was typed."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from urllib.parse import unquote

import openpyxl
import pytest
from lxml import etree

from syncer.core.texts import cell_text, file_name, storable, tab_name
from syncer.core.values import tidy
from tests.office import tools
from tests.office.checks import structure_faults
from tests.safety.hostile_bureau import FILES, OFFICE, OWN_VALUE, RENAMED, SHORT, Story, texts_of
from tests.safety.kinds import BOOKS
from tests.safety.payloads import NAMES, TEXTS
from tests.safety.scan import acts, links, marked_as_text

pytestmark = pytest.mark.slow  # the story takes 70 s on two busy cores

STEERS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
LIVE_HEADS = (
    "dde",
    "plus",
    "minus",
    "at",
    "tab",
    "line feed",
    "carriage return",
    "full-width",
    "hyperlink",
    "apostrophe",
)

WHOLE = {  # kind → place → texts that a cell (or the name of a sheet) must show as they are, and alone
    "unit book, as issued": {"unit": [f"{name}局" for name in FILES]},
    "unit book, delivered to": {
        "cell": list(TEXTS.values()),
        "task": [tidy(text) for text in SHORT.values()],
        "key": list(NAMES.values()),
        "choice": [tidy(text) for text in SHORT.values()],
        "group": list(NAMES.values()),
        "header": list(NAMES.values()),
        "sheet": [tab_name(name) for name in NAMES.values()],
        "later": ["=后来!A1", "@后来", "-后来的选项"],
        "ruled": [OWN_VALUE],
    },
    "master": {
        "cell": [cell_text(tidy(text)) for text in TEXTS.values()],
        "key": list(NAMES.values()),
        "header": list(NAMES.values()),
        "sheet": [tab_name(name) for name in NAMES.values()],
        "unit": FILES,
        "ruled": [OWN_VALUE],
    },
    "weekly sheet": {"cell": [tidy(text) for text in SHORT.values()], "unit": FILES},
    "feedback": {
        "cell": [storable(text) for key, text in SHORT.items() if key != "web"],
        "file": [f"无主{name.replace('/', '_').strip('.~')}.xlsx" for name in FILES],
    },
    "inbox": {
        "cell": [storable(f"{text}改") for text in SHORT.values()],
        "note": [storable(text).strip() for text in list(SHORT.values())[:10]],
        "file": [f"无主{name.replace('/', '_').strip('.~')}.xlsx" for name in FILES],
        "header": ["=她的!A1"],
    },
}
PART = {  # the same, as a part of a text of ours
    "unit book, as issued": {"office": [OFFICE]},
    "unit book, delivered to": {"sheet": [f"——{name}（" for name in NAMES.values()]},
    "master": {"file": [f"{RENAMED}.xlsx › "], "extra header": ["=1+1}自加={=1+1}"], "office": [OFFICE]},
    "weekly sheet": {"office": [OFFICE]},
    "feedback": {},
    "inbox": {"key": list(NAMES.values())},
}


def _cases(table: dict[str, dict[str, list[str]]]) -> list[tuple[str, str]]:
    return [(kind, place) for kind, places in table.items() for place in places]


@pytest.fixture(scope="session")
def said(story: Story) -> dict[str, set[str]]:
    """Every text of all books of a kind."""
    return {name: set().union(*(texts_of(path) for path in kind.found(story))) for name, kind in BOOKS.items()}


@pytest.mark.parametrize("kind", BOOKS)
def test_nothing_in_a_book_acts(story: Story, kind: str) -> None:
    paths = list(BOOKS[kind].found(story))
    assert paths
    assert [f"{path.name}: {fault}" for path in paths for fault in (*acts(path), *structure_faults(path))] == []


@pytest.mark.parametrize("kind", BOOKS)
def test_links_lead_to_our_own_files_alone(story: Story, kind: str) -> None:
    for path in BOOKS[kind].found(story):
        for target, what in links(path):
            place = (path.parent / unquote(target.replace("\\", "/"))).resolve()
            assert what == "hyperlink"
            assert ":" not in target
            assert place.is_relative_to(story.bureau.root), (path.name, target)
            assert place.exists(), (path.name, target)


@pytest.mark.parametrize("kind", BOOKS)
def test_no_cell_is_a_formula_to_another_reader(story: Story, kind: str) -> None:
    for path in BOOKS[kind].found(story):
        cells = (cell for sheet in openpyxl.load_workbook(path) for row in sheet.iter_rows() for cell in row)
        assert [cell.coordinate for cell in cells if cell.data_type in {"f", "e"}] == []


@pytest.mark.parametrize(("kind", "place"), _cases(WHOLE))
def test_what_was_typed_stands_there_as_it_was_typed(said: dict[str, set[str]], kind: str, place: str) -> None:
    assert [text[:80] for text in WHOLE[kind][place] if text not in said[kind]] == []


@pytest.mark.parametrize(("kind", "place"), _cases(PART))
def test_what_was_typed_stands_there_among_words_of_ours(said: dict[str, set[str]], kind: str, place: str) -> None:
    assert [text for text in PART[kind][place] if not any(text in one for one in said[kind])] == []


@pytest.mark.parametrize("kind", ["master", "weekly sheet"])
def test_a_text_stays_one_when_its_cell_is_opened_and_enter_pressed(story: Story, kind: str) -> None:
    marked = set().union(*(marked_as_text(path) for path in BOOKS[kind].found(story)))
    assert {tidy(TEXTS[head]) for head in LIVE_HEADS} <= marked
    assert tidy(TEXTS["web"]) not in marked


def test_every_unit_has_a_workbook_of_its_own_whatever_it_is_called(story: Story) -> None:
    books = story.bureau.books()
    assert [name for name in FILES if file_name(name, ".xlsx") not in books] == []


def test_nothing_was_asked_that_nobody_typed(story: Story) -> None:
    """Signs that a workbook does not hold are no change of the unit's when its book comes back without them."""
    assert story.passes[0].questions == ()
    kinds = [question.kind for question in story.passes[1].questions]
    assert kinds.count("proposal") == len(SHORT)
    assert set(kinds) == {"proposal", "refused"}


def test_every_answer_was_taken_whatever_it_was_about(story: Story) -> None:
    assert [question.kind for question in story.passes[-1].questions if question.kind != "refused"] == []


def test_once_all_is_written_nothing_is_written_again(story: Story) -> None:
    last = story.passes[-1]
    assert (last.taken, last.publication.paths, [d for d in last.delivered if d.cells]) == ([], [], [])


def test_the_history_keeps_what_was_typed(story: Story) -> None:
    kept = {new for _, new in story.bureau.changed_cells()}
    assert [key for key, text in TEXTS.items() if text not in kept] == []


def test_what_a_terminal_shows_is_text_line_by_line(story: Story) -> None:
    assert not STEERS.search(story.console)
    assert not re.search("^CELL-001 别人", story.console, re.MULTILINE)
    assert "[red]红[/red][link=file:///etc]链[/link]" in story.console


def test_json_says_what_was_typed_and_steers_no_terminal(story: Story) -> None:
    assert not STEERS.search(story.json)
    found = {problem["found"] for problem in json.loads(story.json)["problems"]}
    assert [key for key, text in TEXTS.items() if key != "web" and text not in found] == []


def test_the_heartbeat_and_the_log_keep_to_their_lines(story: Story) -> None:
    assert not STEERS.search(story.status)
    assert not re.search("^CELL-001 别人", story.status, re.MULTILINE)
    assert "没有采用：FILE-012 无主" in story.status
    log = story.bureau.log()
    assert log
    assert [value for entry in log for value in entry.values() if STEERS.search(str(value))] == []


def test_libreoffice_sees_texts_and_links_of_our_own_alone(story: Story, tmp_path: Path) -> None:
    books = [list(kind.found(story))[-1] for kind in BOOKS.values()]
    for number, book in enumerate(books):
        (tmp_path / f"{number}.xlsx").write_bytes(book.read_bytes())
    names = [str(tmp_path / f"{number}.xlsx") for number in range(len(books))]
    command = [
        tools.need(tools.SOFFICE),
        "--headless",
        f"-env:UserInstallation=file://{tmp_path}/profile",
        "--convert-to",
        "fods",
    ]
    subprocess.run([*command, "--outdir", str(tmp_path), *names], check=True, capture_output=True, timeout=280)
    for number, book in enumerate(books):
        root = etree.parse(tmp_path / f"{number}.fods", etree.XMLParser(huge_tree=True)).getroot()
        cells = [element for element in root.iter() if any(str(name).endswith("}formula") for name in element.attrib)]
        assert [cell.attrib for cell in cells] == [], book.name
        targets = [str(element.get("{http://www.w3.org/1999/xlink}href")) for element in root.iter("{*}a")]
        assert [target for target in targets if not target.startswith(("#", "../", "./"))] == [], book.name


@pytest.mark.parametrize("kind", BOOKS)
def test_microsofts_own_validator_finds_nothing(story: Story, kind: str) -> None:
    path = list(BOOKS[kind].found(story))[-1]
    run = subprocess.run([tools.need(tools.VALIDATOR), str(path)], capture_output=True, check=False, timeout=300)
    assert json.loads(run.stdout)["errors"] == []


def test_a_book_that_acts_is_found_out(tmp_path: Path) -> None:
    path = tmp_path / "acts.xlsx"
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet["A1"] = "=1+1"
    sheet["A2"].hyperlink = "file:///etc/passwd"
    sheet.HeaderFooter.oddFooter.left.text = "&Z&F"
    book.save(path)
    found = acts(path)
    assert any("<f>" in fault for fault in found)
    assert any("printed" in fault for fault in found)
    assert [target for target, _ in links(path)] == ["file:///etc/passwd"]
