"""Misfortunes of shared folders, one text file each: what happens to the files, and what it must come to.

``SYNCER_GOLDEN=write`` writes the outcomes anew; read each difference before it is kept.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from syncer.excel.reading import Readers
from syncer.excel.reading_child import Limits
from tests.golden import common
from tests.golden.outcome import listed, look, told, unlawful
from tests.golden.script import Scene
from tests.system.bureau import Bureau

HERE = Path(__file__).parent
SCENARIOS = sorted((HERE / "scenarios").glob("*.txt"))
RULE = "----\n"
WRITE = os.environ.get("SYNCER_GOLDEN") == "write"


@pytest.fixture(scope="session")
def readers() -> Iterator[Readers]:
    with Readers(2, Limits()) as warm:
        yield warm


@pytest.fixture(scope="session")
def before(readers: Readers, tmp_path_factory: pytest.TempPathFactory) -> Bureau:
    """The bureau that all scenarios begin with; made once, copied for each."""
    return common.make(tmp_path_factory.mktemp("golden") / "创建", readers)


@pytest.fixture
def scene(before: Bureau, readers: Readers, tmp_path: Path) -> Iterator[Scene]:
    shutil.copytree(before.root, tmp_path / "创建")
    scene = Scene(Bureau(tmp_path / "创建"), readers)
    yield scene
    scene.office.store.close()


def test_the_bureau_before(scene: Scene) -> None:
    scene.do("sync")
    assert (scene.done.problems, scene.done.refused, scene.done.questions) == ([], [], ())
    compare(HERE / "before.txt", "", listed(look(scene.office, scene.bureau).master))


def _parameter(path: Path) -> ParameterSet:
    real = "\nas-xls " in path.read_text(encoding="utf-8")
    return pytest.param(path, id=path.stem, marks=[pytest.mark.slow, pytest.mark.office] if real else [])


@pytest.mark.parametrize("path", [_parameter(path) for path in SCENARIOS])
def test_scenario(path: Path, scene: Scene) -> None:
    story, _, _ = path.read_text(encoding="utf-8").partition(RULE)
    stood = look(scene.office, scene.bureau)
    for line in story.splitlines()[1:]:
        if line.strip():
            scene.do(line)
    after = look(scene.office, scene.bureau)
    outcome = told(scene, stood, after)
    assert unlawful(scene, stood, after) == [], outcome
    if not scene.failed:
        scene.do("sync")
        again = look(scene.office, scene.bureau)
        assert told(scene, stood, again) == outcome, "another pass came to something else"
        assert scene.done.taken == []
    compare(path, story + RULE, outcome)


def compare(path: Path, head: str, outcome: str) -> None:
    if WRITE:
        path.write_text(head + outcome, encoding="utf-8")
    expected = path.read_text(encoding="utf-8").removeprefix(head)
    assert outcome.splitlines() == expected.splitlines()
