"""A zip written from front to back, of members whose sizes are known before their bytes are at hand."""

from __future__ import annotations

import itertools
import struct
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from syncer.errors import RefusedError

_MADE_ON_UNIX, _VERSION, _UTF8 = 3, 20, 0x800
_MOST = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Head:
    """What the zip says of a member: its name and time, and of its content the method, sizes and CRC-32."""

    name: str
    moment: tuple[int, int, int, int, int, int]
    method: int
    packed_size: int
    size: int
    crc: int

    @classmethod
    def of(cls, member: zipfile.ZipInfo) -> Head:
        """Returns it as another zip says it."""
        size = (member.compress_type, member.compress_size, member.file_size, member.CRC)
        return cls(member.filename, member.date_time, *size)

    def facts(self) -> bytes:
        """The part that local header and directory have in common."""
        if max(self.packed_size, self.size) >= _MOST:
            raise RefusedError(f"部件“{self.name}”超过4 GiB，写不进工作簿")
        year, month, day, hour, minute, second = self.moment
        date, time = (year - 1980) << 9 | month << 5 | day, hour << 11 | minute << 5 | second // 2
        flags = 0 if self.name.isascii() else _UTF8
        sizes = (self.crc, self.packed_size, self.size, len(self.name.encode()), 0)
        return struct.pack("<5H3I2H", _VERSION, flags, self.method, time, date, *sizes)


class ZipStream:
    """Gives the bytes of a zip in order; ``offset`` is how many there were so far."""

    def __init__(self) -> None:
        self.offset = 0
        self._directory: list[bytes] = []

    def member(self, head: Head, packed: Iterable[bytes]) -> Iterator[bytes]:
        """Yields one member; ``packed`` is its content as its head says."""
        facts, name, start = head.facts(), head.name.encode(), self.offset
        self._directory.append(
            b"PK\1\2"
            + struct.pack("<BB", _VERSION, _MADE_ON_UNIX)
            + facts
            + struct.pack("<HHHII", 0, 0, 0, 0o600 << 16, start)
            + name
        )
        for part in itertools.chain((b"PK\3\4" + facts + name,), packed):
            self.offset += len(part)
            yield part
        if self.offset != start + 30 + len(name) + head.packed_size:
            raise ValueError(f"{head.name} is not as long as its head says")

    def end(self) -> Iterator[bytes]:
        """Yields what stands behind the last member."""
        directory, count = b"".join(self._directory), len(self._directory)
        if self.offset >= _MOST:
            raise RefusedError("工作簿超过4 GiB")
        yield directory + b"PK\5\6" + struct.pack("<4H2IH", 0, 0, count, count, len(directory), self.offset, 0)
