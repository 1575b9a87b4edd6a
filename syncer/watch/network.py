"""Which places other machines change too."""

from __future__ import annotations

import re
import sys
from pathlib import Path

_NETWORK_KINDS = frozenset(
    {
        "cifs",
        "smb3",
        "smbfs",
        "nfs",
        "nfs4",
        "9p",
        "afs",
        "ceph",
        "davfs",
        "drvfs",
        "ncpfs",
        "prl_fs",
        "vboxsf",
        "vmhgfs",
    }
)


def is_network(path: Path) -> bool:
    """Tells whether a path lies on a file system that other machines change too, as far as the system says.

    There native events tell only of this machine's writes. Windows: UNC paths and mapped drives; Linux: the mount's type.
    """
    if sys.platform == "win32":
        import ctypes  # noqa: PLC0415 — one call, on Windows only

        full = path.absolute()
        return full.drive.startswith("\\\\") or ctypes.windll.kernel32.GetDriveTypeW(full.drive + "\\") == 4
    try:
        mounts = Path("/proc/self/mounts").read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return False
    return _mount_kind(path.resolve(), mounts) in _NETWORK_KINDS


def _mount_kind(path: Path, mounts: str) -> str:
    """Returns the type of the file system that a path lies on, from the text of ``/proc/self/mounts``."""
    best, kind = -1, ""
    for line in mounts.splitlines():
        _, place, this_kind, *_ = line.split(" ")
        root = Path(re.sub(r"\\([0-7]{3})", lambda code: chr(int(code[1], 8)), place))  # a space is \040
        if path.is_relative_to(root) and len(root.parts) >= best:  # a later mount over the same place hides the earlier
            best, kind = len(root.parts), this_kind
    return kind.removeprefix("fuse.").replace("sshfs", "nfs")
