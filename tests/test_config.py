from __future__ import annotations

import os
import tomllib
from datetime import time
from pathlib import Path

import pytest

from syncer.config import Config, load_config
from syncer.errors import ConfigError
from syncer.whereabouts import find_workspace, state_folder

EXAMPLE = Path(__file__).parents[1] / "config" / "syncer.example.toml"


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for variable in ("SYNCER_WORKSPACE", "SYNCER_DATABASE__URL", "SYNCER_LOG__LEVEL"):
        monkeypatch.delenv(variable, raising=False)
    return tmp_path


def write(workspace: Path, text: str) -> Path:
    (workspace / "syncer.toml").write_text(text, encoding="utf-8")
    return workspace


def refusal(workspace: Path, text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        load_config(write(workspace, text))
    assert caught.value.exit_code == 2
    return str(caught.value)


def test_the_example_has_every_key_and_its_values_are_the_defaults(workspace: Path) -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    example = tomllib.loads(text)
    in_example = {(section, key) for section, keys in example.items() for key in keys}
    in_model = {(name, key) for name, f in Config.model_fields.items() for key in type(f.default).model_fields}
    assert in_example == in_model
    assert load_config(write(workspace, text)) == load_config(write(workspace, ""))


def test_every_key_of_the_example_is_explained_in_chinese_and_english() -> None:
    explanation = ""
    for line in EXAMPLE.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            explanation += line
        elif "=" in line:
            assert any("\u4e00" <= sign <= "\u9fff" for sign in explanation), f"no Chinese above {line!r}"
            assert any(sign.isascii() and sign.isalpha() for sign in explanation), f"no English above {line!r}"
            explanation = ""


def test_folders_are_relative_to_the_workspace_unless_absolute(workspace: Path) -> None:
    elsewhere = workspace.parent / "elsewhere"
    folders = load_config(write(workspace, f"[folders]\nmaster = '{elsewhere}'\nunits = '填报'\n")).folders
    assert folders.master == elsewhere
    assert folders.units == workspace / "填报"
    assert folders.control == workspace / "01创建办专用"
    assert all(path.is_absolute() for _, path in folders)


def test_the_environment_wins_over_the_file_and_leaves_its_other_keys(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNCER_WATCH__MODE", "polling")
    watch = load_config(write(workspace, '[watch]\nmode = "native"\nnightly_hash = "03:30"\n')).watch
    assert (watch.mode, watch.nightly_hash) == ("polling", time(3, 30))


def test_a_fault_in_the_environment_names_the_variable(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNCER_LOG__LEVEL", "loud")
    assert "环境变量 SYNCER_LOG__LEVEL：写的是 'loud'，应为debug、info、" in refusal(workspace, "")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('[watch]\nmode = "fast"\n', "[watch] mode：写的是 'fast'，应为auto、native、polling 三者之一"),
        ("[watch]\nsettle_seconds = 0\n", "[watch] settle_seconds：写的是 0，应为0.05 到 60 之间的数（秒）"),
        ("[watch]\nrescan_seconds = nan\n", "[watch] rescan_seconds：写的是 nan，应为"),
        ('[watch]\nnightly_hash = "25:00"\n', '应为时刻，如 "02:00"'),
        ("[reading]\nworkers = 2.5\n", "[reading] workers：写的是 2.5，应为1 到 32 之间的整数（个）"),
        ("[reading]\nmemory_mib = 16\n", "expected a whole number from 128 to 16384"),
        ("[folders]\nunits = 2\n", "[folders] units：写的是 2，应为文件夹名或完整路径"),
        ("[watch]\nsettle_second = 1\n", "[watch] settle_second：没有这一项。是不是想写 settle_seconds？"),
        ("[wacth]\nmode = 'auto'\n", "[wacth]：没有这一项。是不是想写 watch？"),
        ("watch = 3\n", "[watch]：这里应是一节 [watch]"),
        ("[watch]\nmode = \n", "at line 2"),
        ('[folders]\nunits = "D:\\汇总"\n', "Windows 路径请用单引号"),
    ],
)
def test_a_faulty_key_is_named_with_what_was_found_and_expected(workspace: Path, text: str, expected: str) -> None:
    assert expected in refusal(workspace, text)


def test_all_faults_are_told_at_once(workspace: Path) -> None:
    message = refusal(workspace, "[watch]\nmode = 1\n[log]\nlevel = 2\n[reading]\nseconds = 'x'\n")
    assert len(message.splitlines()) == 3


def test_a_database_address_is_never_shown(workspace: Path) -> None:
    assert "secret" not in refusal(workspace, '[database]\nurl = "my secret"\n')
    assert "secret" not in repr(load_config(write(workspace, '[database]\nurl = "postgresql://u:secret@host/db"\n')))


@pytest.mark.parametrize("units", ["03汇总台账", "03汇总台账/各单位", "./03汇总台账/../03汇总台账", ".", ""])
def test_folders_that_lie_in_each_other_are_refused(workspace: Path, units: str) -> None:
    assert "相同或互相包含" in refusal(workspace, f'[folders]\nunits = "{units}"\n')


def test_a_file_saved_by_notepad_with_a_byte_order_mark_is_read(workspace: Path) -> None:
    (workspace / "syncer.toml").write_bytes('\ufeff[log]\nlevel = "debug"\n'.encode())
    assert load_config(workspace).log.level == "debug"


def test_a_file_in_another_encoding_says_how_to_save_it(workspace: Path) -> None:
    (workspace / "syncer.toml").write_bytes("# 汇总\n".encode("gb18030"))
    with pytest.raises(ConfigError, match="编码选 UTF-8"):
        load_config(workspace)


def test_a_missing_file_is_a_config_error(workspace: Path) -> None:
    with pytest.raises(ConfigError, match="读不到"):
        load_config(workspace)


def test_the_workspace_is_found_upward(workspace: Path) -> None:
    inner = write(workspace, "") / "02各单位填报" / "附件"
    inner.mkdir(parents=True)
    assert find_workspace(inner, {}) == workspace


def test_where_one_stands_counts_for_more_than_the_variable(workspace: Path) -> None:
    here, there = workspace / "here", workspace / "there"
    for folder in (here, there):
        folder.mkdir()
        write(folder, "")
    assert find_workspace(here, {"SYNCER_WORKSPACE": str(there)}) == here
    assert find_workspace(workspace, {"SYNCER_WORKSPACE": str(there)}) == there


def test_no_workspace_is_a_config_error_that_says_what_to_do(workspace: Path) -> None:
    with pytest.raises(ConfigError, match="syncer init"):
        find_workspace(workspace, {})
    with pytest.raises(ConfigError, match="SYNCER_WORKSPACE 指向"):
        find_workspace(workspace, {"SYNCER_WORKSPACE": str(workspace / "nowhere")})


@pytest.mark.parametrize("text", ["", '[folders]\nstate = "状态"\n', '[folders]\nstate = "../elsewhere"\n', "[log]\n"])
@pytest.mark.parametrize("variable", [None, "", "~/of-this-machine", "by-variable"])
def test_where_the_state_lies_is_told_before_the_configuration_is_read(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, text: str, variable: str | None
) -> None:
    if variable is not None:
        monkeypatch.setenv("SYNCER_FOLDERS__STATE", variable)
    assert load_config(write(workspace, text)).folders.state == state_folder(workspace, os.environ)


@pytest.mark.parametrize("text", ["folders = 3\n", "[folders]\nstate = 3\n", "[folders\n", "\\"])
def test_a_configuration_that_cannot_be_used_tells_nothing_of_it(workspace: Path, text: str) -> None:
    assert state_folder(write(workspace, text), {}) is None
    assert state_folder(workspace / "nowhere", {}) is None
