"""The master in its folder: put together from pieces that may be lost, and from the one that stands there, which may be touched."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date, datetime

import pytest

from syncer.excel import pieces as rendering
from syncer.excel.patch import patch_cells
from syncer.sync import Synced, sync
from syncer.workspace import Office
from tests.system.bureau import FIRST_ROW, Bureau, columns

DAY = date(2026, 11, 20)


class Pass:
    """One pass after another over a bureau, and how many stretches each rendered."""

    def __init__(self, bureau: Bureau, office: Office, rendered: list[str]) -> None:
        self.bureau, self.office, self._rendered = bureau, office, rendered

    def run(self) -> tuple[Synced, int]:
        self._rendered.clear()
        return sync(self.office, as_of=DAY), len(self._rendered)

    def save(self, name: str) -> None:
        self.bureau.type("宣传科", "活动台账", {FIRST_ROW: {"日期": date(2026, 3, 5), "活动名称": name}})


@pytest.fixture
def at_work(bureau: Bureau, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pass]:
    rendered: list[str] = []
    render = rendering.render

    def counted(rows: rendering.Rows, form: rendering.Form) -> tuple[rendering.Facts, bytes]:
        rendered.append(repr(rows))
        return render(rows, form)

    monkeypatch.setattr(rendering, "render", counted)
    with Office(bureau.opened(), lambda: datetime(2026, 11, 20, 16, 30)) as office:
        made = Pass(bureau, office, rendered)
        made.save("植树")
        made.run()
        yield made


def test_a_save_renders_what_it_changed_and_the_rest_is_copied(at_work: Pass) -> None:
    at_work.save("义务植树")
    done, rendered = at_work.run()
    master = at_work.office.workspace.relative(at_work.bureau.master)
    assert master in done.publication.paths
    assert 0 < rendered <= 4  # the unit's rows of the sheet, 本周变化, and what counts them
    assert [row["活动名称"] for row in at_work.bureau.master_rows("活动台账")] == ["义务植树"]


def test_pieces_that_were_lost_are_made_again_and_the_master_is_the_same(at_work: Pass) -> None:
    held, place = at_work.bureau.master.read_bytes(), at_work.office.workspace.config.folders.state / "pieces.db"
    at_work.office.pieces.close()
    place.write_bytes(b"broken" * 20_000)
    at_work.bureau.master.unlink()
    _, rendered = at_work.run()
    assert rendered > 4
    assert at_work.bureau.master.read_bytes() == held


def test_a_master_that_is_gone_comes_back_from_the_pieces(at_work: Pass) -> None:
    held = at_work.bureau.master.read_bytes()
    at_work.bureau.master.unlink()
    _, rendered = at_work.run()
    assert rendered == 0
    assert at_work.bureau.master.read_bytes() == held


def test_a_master_only_touched_is_neither_written_again_nor_asked_about(at_work: Pass) -> None:
    os.utime(at_work.bureau.master, (1_700_000_000, 1_700_000_000))
    done, _ = at_work.run()
    assert done.publication.paths == []
    assert [q for q in done.questions if q.kind == "typed"] == []
    assert at_work.bureau.master.stat().st_mtime == 1_700_000_000


def test_a_master_spoilt_without_a_trace_is_not_copied_from(at_work: Pass) -> None:
    """Its size and times are as we left them, its bytes are not: a disk that forgets."""
    book, pieces = at_work.bureau.master, at_work.office.pieces
    key = at_work.office.workspace.relative(book)
    standing = pieces.standing(key)
    assert standing is not None
    spoilt = book.read_bytes()
    book.write_bytes(bytes(len(spoilt)))
    from syncer.store.disk import stat_mark
    from syncer.store.facts import Published
    from syncer.store.pieces import StandingBook

    pieces.stands(key, StandingBook(stat_mark(book), standing.places))
    known = at_work.office.store.known_files.published(key)
    assert known is not None
    at_work.office.store.known_files.record_published(key, Published(known.sha256, known.fingerprint, stat_mark(book)))
    at_work.save("义务植树")
    at_work.run()
    assert [row["活动名称"] for row in at_work.bureau.master_rows("活动台账")] == ["义务植树"]


def test_what_was_typed_into_a_master_whose_pieces_are_lost_is_listed_in_the_next_one(at_work: Pass) -> None:
    """It is only seen once the master has been laid out anew: that one does not list it yet."""
    bureau, office = at_work.bureau, at_work.office
    at = columns(bureau.master, "活动台账")["参加人数"]
    bureau.master.write_bytes(patch_cells(bureau.master.read_bytes(), {"活动台账": {(FIRST_ROW, at): 25}}))
    office.pieces.close()
    for path in office.workspace.config.folders.state.glob("pieces.db*"):
        path.unlink()
    done, _ = at_work.run()
    assert [question.kind for question in done.questions] == ["typed"]
    assert [line["编号"] for line in bureau.questions()] == [done.questions[0].id]
    again, _ = at_work.run()
    assert again.publication.paths == []
