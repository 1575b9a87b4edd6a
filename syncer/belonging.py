"""A database on a server, and a folder of backups, belong to one workspace: a second one that names them is refused.

That is how next year's workspace begins: with a copied syncer.toml.
"""

from __future__ import annotations

from pathlib import Path

from syncer import fs
from syncer.errors import RefusedError
from syncer.store.store import Store
from syncer.whereabouts import CONFIG_NAME

_KEY = "workspace"  # in the store: where the workspace stands


def refuse_foreign(store: Store, root: Path) -> None:
    """Notes whose the database is. A workspace that was moved, or is on another computer now, takes it along.

    Raises:
        RefusedError: it is that of another workspace, which is still there; nothing was changed.
    """
    known = store.get(_KEY)
    if is_foreign(known, root):
        raise RefusedError(
            f"syncer.toml 里的数据库是另一个工作区的：{known}；两个工作区不能合用一个。请给这个工作区新建一个数据库；"
            f"如果它就是原来那个搬过来的，先删去那里的 {CONFIG_NAME}。\n"
            f"This database is that of the workspace {known}. Make another one for this workspace; or, if it took the "
            f"other's place, delete {CONFIG_NAME} there."
        )
    store.set(_KEY, str(root))


def is_foreign(known: str, root: Path) -> bool:
    """Whether ``known``, where whatever it is was last said to belong, is another workspace than ``root``, and still there."""
    return bool(known) and fs.exists(Path(known) / CONFIG_NAME) and fs.real(Path(known)) != fs.real(root)
