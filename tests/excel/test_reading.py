"""Children that read: one that dies or hangs fails only its own file, and says nothing on our terminal."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import xlsxwriter

from syncer.core.model import Book, Refusal
from syncer.excel.reader import read_book
from syncer.excel.reading import Readers, ReadersStoppedError
from syncer.excel.reading_child import Limits

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
# Out of order, or the reader would see it coming.
CORNERS = (
    '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    '<row r="2"><c r="A2"><v>1</v></c></row>'
)

needs_posix = pytest.mark.skipif(sys.platform == "win32", reason="named pipes and address-space limits")


@pytest.fixture
def healthy(tmp_path: Path) -> Path:
    path = tmp_path / "好.xlsx"
    with xlsxwriter.Workbook(path) as workbook:
        workbook.add_worksheet("任务清单").write_string(0, 0, "清扫")
    return path


@pytest.fixture
def killer(tmp_path: Path) -> Path:
    """A legal book of about 1 KB that aborts calamine: its two cells span 17 thousand million."""
    path = tmp_path / "角.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>',
        )
        package.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{PACKAGE}/relationships">'
            f'<Relationship Id="r1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        package.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>',
        )
        package.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{PACKAGE}/relationships">'
            f'<Relationship Id="r1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        )
        package.writestr(
            "xl/worksheets/sheet1.xml",
            f'<worksheet xmlns="{MAIN}"><dimension ref="A1:B2"/><sheetData>{CORNERS}</sheetData></worksheet>',
        )
    return path


@pytest.fixture
def endless(tmp_path: Path) -> Path:
    """A path whose reading never ends: a named pipe that nobody writes to."""
    path = tmp_path / "挂.xlsx"
    os.mkfifo(path)
    return path


@pytest.fixture
def readers() -> Iterator[Readers]:
    with Readers(2, Limits(memory_bytes=512 << 20)) as readers:
        yield readers


def children() -> list[psutil.Process]:
    return [
        child
        for child in psutil.Process().children(recursive=True)
        if child.status() != psutil.STATUS_ZOMBIE and any("spawn_main" in part for part in child.cmdline())
    ]


def test_nothing_is_started_before_it_is_needed(healthy: Path) -> None:
    others = len(children())  # of tests that ran before in this process and keep theirs warm
    with Readers(2) as readers:
        assert len(children()) == others
        assert isinstance(readers.read(healthy), Book)
        assert len(children()) == others + 1
    assert len(children()) == others


@needs_posix
def test_a_file_that_kills_its_reader_fails_alone(
    readers: Readers, healthy: Path, killer: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    results = list(readers.read_many([healthy, killer, healthy, killer, healthy, healthy]))

    refusal = Refusal("FILE-007", (("what", "> 512 MB"),))
    assert sorted(path.name for path, _ in results) == sorted([healthy.name] * 4 + [killer.name] * 2)
    assert all(result == refusal for path, result in results if path == killer)
    assert all(isinstance(result, Book) for path, result in results if path == healthy)
    assert isinstance(readers.read(healthy), Book)
    assert capfd.readouterr() == ("", "")


@needs_posix
def test_a_file_that_never_ends_fails_alone_and_in_time(healthy: Path, endless: Path) -> None:
    with Readers(2, Limits(wall_seconds=1.5)) as readers:
        started = time.monotonic()
        results = dict(readers.read_many([healthy, endless]))
        assert results[endless] == Refusal("FILE-007", (("what", "> 1.5 s"),))
        assert isinstance(results[healthy], Book)
        assert time.monotonic() - started < 60
        assert isinstance(readers.read(healthy), Book)


@needs_posix
def test_work_that_is_given_a_time_of_its_own_has_that_one(endless: Path) -> None:
    with Readers(1, Limits(wall_seconds=300)) as readers:
        assert readers.call(read_book, endless, 0.5) == Refusal("FILE-007", (("what", "> 0.5 s"),))


@needs_posix
def test_nobody_waits_for_a_slow_file_and_it_is_given_up_in_its_own_time(healthy: Path, endless: Path) -> None:
    with Readers(1, Limits(wall_seconds=4)) as readers:
        assert isinstance(readers.read(healthy), Book)  # a warm child
        began = time.monotonic()
        assert dict(readers.read_within([endless], 0.1)) == {endless: None}
        assert isinstance(dict(readers.read_within([endless, healthy], 2))[healthy], Book)
        assert time.monotonic() - began < 4, "the neighbour did not wait for the end of the slow one"
        result = None
        while result is None:
            result = dict(readers.read_within([endless], 0.1))[endless]
        assert result == Refusal("FILE-007", (("what", "> 4 s"),))
        assert time.monotonic() - began < 10


@needs_posix
def test_more_slow_files_than_children_wait_for_their_turn(healthy: Path, endless: Path, tmp_path: Path) -> None:
    other = tmp_path / "又挂.xlsx"
    os.mkfifo(other)
    with Readers(1, Limits(wall_seconds=2)) as readers:
        results: dict[Path, Book | Refusal | None] = {}
        others = len(children())
        while None in (results.get(endless), results.get(other)):
            asked = [path for path in (endless, other) if results.get(path) is None]
            results |= dict(readers.read_within([*asked, healthy], 0.05))
            assert len(children()) - others <= 2
            time.sleep(0.05)
        assert {results[endless], results[other]} == {Refusal("FILE-007", (("what", "> 2 s"),))}
        assert isinstance(readers.read(healthy), Book)


def test_an_answer_that_would_fill_the_parents_memory_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "长.xlsx"
    with xlsxwriter.Workbook(path) as workbook:
        sheet = workbook.add_worksheet("任务清单")
        for row in range(1000):
            sheet.write_string(row, 0, "长" * 30_000)  # stands in the file once
    with Readers(1) as readers:
        refusal = readers.read(path)
        assert isinstance(refusal, Refusal)
        assert refusal.code == "FILE-031"


def test_refusals_come_back_as_they_are(readers: Readers, tmp_path: Path, healthy: Path) -> None:
    cut = tmp_path / "半.xlsx"
    cut.write_bytes(healthy.read_bytes()[:900])
    locked = tmp_path / "密.xlsx"
    locked.write_bytes(
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(1024, b"\0") + "EncryptionInfo".encode("utf-16-le").ljust(512, b"\0")
    )

    codes = {path: result.code for path, result in readers.read_many([cut, locked]) if isinstance(result, Refusal)}

    assert codes == {cut: "FILE-003", locked: "FILE-004"}
    refusal = readers.read(tmp_path / "没有.xlsx")
    assert isinstance(refusal, Refusal)
    assert refusal.code == "FILE-009"


def test_a_child_killed_by_chance_costs_nothing(readers: Readers, healthy: Path) -> None:
    assert isinstance(readers.read(healthy), Book)
    for child in children():
        child.kill()
    assert isinstance(readers.read(healthy), Book)


def test_children_stay_warm_and_are_not_more_than_asked_for(readers: Readers, healthy: Path) -> None:
    assert len(list(readers.read_many([healthy] * 12))) == 12
    before = {child.pid for child in children()}
    assert len(list(readers.read_many([healthy] * 12))) == 12
    assert 1 <= len(before) <= 2
    assert {child.pid for child in children()} == before


def test_files_are_taken_only_as_children_get_free(readers: Readers, healthy: Path) -> None:
    taken = 0

    def paths() -> Iterator[Path]:
        nonlocal taken
        for _ in range(50):
            taken += 1
            yield healthy

    results = readers.read_many(paths())
    next(results)
    assert taken <= 4
    results.close()  # type: ignore[attr-defined]
    assert isinstance(readers.read(healthy), Book)


def test_another_file_may_be_read_between_two_results(readers: Readers, healthy: Path, tmp_path: Path) -> None:
    other = tmp_path / "空.xlsx"
    other.write_bytes(b"")
    seen = []
    for path, result in readers.read_many([healthy] * 5):
        seen.append((path, type(result)))
        assert readers.read(other) == Refusal("FILE-001")
    assert seen == [(healthy, Book)] * 5


@needs_posix
def test_kill_breaks_reading_off_without_blaming_the_file(endless: Path) -> None:
    readers = Readers(1)
    timer = threading.Timer(1, readers.kill)
    timer.start()
    with pytest.raises(ReadersStoppedError):
        readers.read(endless)
    with pytest.raises(ReadersStoppedError):
        readers.read(endless)
    timer.join()
    assert not children()


@needs_posix
def test_a_child_ends_when_its_parent_was_killed(healthy: Path, tmp_path: Path) -> None:
    program = tmp_path / "parent.py"
    program.write_text(
        "import multiprocessing, sys, time\n"
        "from pathlib import Path\n"
        "from syncer.excel.reading import Readers\n"
        "if __name__ == '__main__':\n"
        "    readers = Readers(1)\n"
        "    readers.read(Path(sys.argv[1]))\n"
        "    print(*[child.pid for child in multiprocessing.active_children()], flush=True)\n"
        "    time.sleep(600)\n",
        encoding="utf-8",
    )
    root = Path(__file__).parents[2]
    with subprocess.Popen(
        [sys.executable, str(program), str(healthy)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(root)},
    ) as parent:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        parent.send_signal(signal.SIGKILL)
        child.wait(timeout=60)


def test_children_do_not_load_what_only_commands_need() -> None:
    """Every child pays for its imports; the reader must not drag in the command line, reports or the database."""
    code = (
        "import sys, syncer.excel.reading, syncer.excel.reader; "
        "print([name for name in ('pandas', 'openpyxl', 'typer', 'rich', 'sqlalchemy', 'pydantic', 'lxml', 'watchdog') "
        "if name in sys.modules])"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=root, check=True)
    assert done.stdout.strip() == "[]"
