"""Where a workspace and its state lie: all that can be told before the configuration is read, and quickly.

Nothing here loads more than it takes to find that nothing has happened (`syncer.idle`).
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path

from syncer.errors import ConfigError

CONFIG_NAME = "syncer.toml"
PREFIX = "SYNCER_"
WORKSPACE_VARIABLE = f"{PREFIX}WORKSPACE"
DATABASE = "syncer.db"
REQUESTS = "requests"  # in the state folder: rulings left for the next pass
STATE = ".syncer"  # the folder of the state, where nobody says otherwise


def find_workspace(start: Path, env: Mapping[str, str]) -> Path:
    """Returns the nearest folder at or above ``start`` that holds ``syncer.toml``, or else the one ``SYNCER_WORKSPACE`` names.

    Standing in a workspace counts for more than the variable, which serves services and scripts started elsewhere.

    Raises:
        ConfigError: neither leads to a workspace.
    """
    start = start.absolute()
    for folder in (start, *start.parents):
        if (folder / CONFIG_NAME).is_file():
            return folder
    named = env.get(WORKSPACE_VARIABLE, "").strip()
    if named:
        folder = Path(named).expanduser().absolute()
        if (folder / CONFIG_NAME).is_file():
            return folder
        raise ConfigError(
            f"环境变量 {WORKSPACE_VARIABLE} 指向“{folder}”，那里没有 {CONFIG_NAME}。请改正，或先运行 syncer init。\n"
            f"{WORKSPACE_VARIABLE} names {folder}, which holds no {CONFIG_NAME}. Correct it, or run syncer init first."
        )
    raise ConfigError(
        f"在“{start}”及其上级文件夹里找不到 {CONFIG_NAME}。请进入工作文件夹再运行，或用 -C 指定；还没有的话先运行 syncer init。\n"
        f"No {CONFIG_NAME} in {start} or above. Go to the workspace, name it with -C, or make one with syncer init."
    )


def state_folder(workspace: Path, env: Mapping[str, str]) -> Path | None:
    """Returns where the state of a workspace should lie, by a look at its ``syncer.toml``; ``None`` where that tells nothing.

    What counts is the configuration (`syncer.config`); this is for looking something up there before it is read.
    """
    try:
        said = tomllib.loads((workspace / CONFIG_NAME).read_bytes().decode("utf-8-sig"))
        named = env.get(f"{PREFIX}FOLDERS__STATE") or said.get("folders", {}).get("state", STATE)
        return absolute(workspace, Path(named))
    except (OSError, ValueError, TypeError, AttributeError):
        return None


def absolute(workspace: Path, folder: Path) -> Path:
    """Returns a folder as configured, relative to the workspace where it is not absolute."""
    # abspath, not resolve(): a folder reached through a link or a mapped drive keeps the name people know it by.
    return Path(os.path.abspath(workspace / folder.expanduser()))  # noqa: PTH100
