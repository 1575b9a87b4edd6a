"""What databases refuse is kept all the same where it is somebody's word, and left out where it is ours."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import create_engine, insert, select

from syncer.core.encode import dump_cells, load_cells
from syncer.store import tables as t


@pytest.mark.parametrize("text", ["空\x00字", "控\x1b制", "😀", "\u202e倒", "长" * 40_000])
def test_a_cell_is_kept_as_typed_in_signs_that_every_database_keeps(text: str) -> None:
    kept = dump_cells({"x": text})
    assert "\x00" not in kept
    assert load_cells(kept) == {"x": text}


def test_no_text_reaches_the_database_that_it_would_refuse(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'db'}")
    t.metadata.create_all(engine)
    with engine.begin() as db:
        db.execute(insert(t.meta).values(key="a\x00\ud800b", value="c\x00\udcffd"))
        assert db.execute(select(t.meta)).all() == [("ab", "cd")]
        assert db.scalar(select(t.meta.c.value).where(t.meta.c.key == "a\x00b")) == "cd"
