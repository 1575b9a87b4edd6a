"""Whether a zip is what its directory says: two programs must not see two different books in one file.

Judged from the bytes alone, before anything is unpacked. What speaks against a file is told as names and numbers.
"""

from __future__ import annotations

import re
import struct
import unicodedata
import zipfile
from collections.abc import Iterable

_LOCAL, _END = b"PK\x03\x04", b"PK\x05\x06"
_DRIVE = re.compile(r"[A-Za-z]:")


def odd_name(names: Iterable[str]) -> str:
    r"""Returns what is wrong with the members' names; ``""`` if nothing is.

    Names are one where a file system may hold them for one: by case, by how an accent is written, by the slash.
    ``["xl/a.xml", "XL\\A.xml"]`` → ``"XL\\A.xml ×2"``.
    """
    seen: set[str] = set()
    for name in names:
        plain = name.replace("\\", "/")
        if plain.startswith("/") or _DRIVE.match(plain) or ".." in plain.split("/") or "\0" in plain:
            return repr(name) if "\0" in name else name
        folded = unicodedata.normalize("NFC", plain.removeprefix("./")).casefold()
        if folded in seen:
            return f"{name} ×2"
        seen.add(folded)
    return ""


def odd_place(data: bytes, package: zipfile.ZipFile) -> str:
    """Returns which member does not lie where the directory says, or shares its bytes with another; ``""`` if none does.

    Something before the first member, or a second directory behind the one in use, is a second file in this one.
    """
    members = sorted(package.infolist(), key=lambda member: member.header_offset)
    if members and members[0].header_offset > 0:
        return f"{members[0].header_offset:,} B < {members[0].filename}"
    if data.count(_END, package.start_dir) > 1:
        return "zip ×2"
    bounds = [member.header_offset for member in members[1:]] + [package.start_dir]
    for member, bound in zip(members, bounds, strict=True):
        start = content_start(data, member)
        if start is None or start + member.compress_size > bound:
            return member.filename
    return ""


def content_start(data: bytes, member: zipfile.ZipInfo) -> int | None:
    """Returns where a member's packed bytes begin; ``None`` where no member of that name lies there."""
    at = member.header_offset
    if at < 0 or at + 30 > len(data) or data[at : at + 4] != _LOCAL:
        return None
    flags = struct.unpack_from("<H", data, at + 6)[0]
    name_length, extra_length = struct.unpack_from("<2H", data, at + 26)
    name = data[at + 30 : at + 30 + name_length]
    known = member.orig_filename.encode("utf-8" if flags & 0x800 else "cp437", "surrogateescape")
    return at + 30 + name_length + extra_length if name == known else None
