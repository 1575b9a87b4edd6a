"""Deflated pieces that can be laid end to end: each ends at a full flush, so that none looks back into another.

A zip member may be made of such pieces; its CRC follows from theirs. ISA-L packs sheet XML some four times as fast as zlib.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

try:
    from isal import isal_zlib as _engine
except ImportError:  # no wheel for this machine: slower, and other bytes, but the same content
    import zlib as _engine  # type: ignore[no-redef]

ENGINE = _engine.__name__
"""What packs here; another packs the same content into other bytes."""
_COMBINES = hasattr(_engine, "crc32_combine")
_LEVEL = 2  # with ISA-L as quick as 1, and 3 % smaller; of zlib's a quick one
LAST = b"\x03\x00"  # an empty final block: what every member ends with


@dataclass(frozen=True, slots=True)
class Packed:
    """Deflated bytes, how many they were, and the CRC-32 of those."""

    data: bytes
    size: int
    crc: int

    @property
    def packed_size(self) -> int:
        """How many bytes they are now."""
        return len(self.data)


def pack(content: bytes) -> Packed:
    """Returns content deflated up to a full flush; what is packed next may follow it, and at the very end `LAST`."""
    engine = _engine.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    data = engine.compress(content) + engine.flush(zlib.Z_FULL_FLUSH)
    return Packed(data, len(content), crc_of(content))


def unpack(data: bytes) -> bytes:
    """Undoes `pack`."""
    return bytes(_engine.decompressobj(-zlib.MAX_WBITS).decompress(data))


def crc_of(content: bytes | memoryview, before: int = 0) -> int:
    """Returns the CRC-32 of content; of content that follows on some whose CRC-32 is ``before``."""
    return int(_engine.crc32(content, before))


def joined_crc(first: int, second: int, second_size: int) -> int:
    """Returns the CRC-32 of two contents end to end, from those of each and the size of the second."""
    if _COMBINES:
        return int(_engine.crc32_combine(first, second, second_size))
    # A CRC is linear: what the first part leaves behind is what it leaves behind zeros.
    zeros = bytes(second_size)
    return zlib.crc32(zeros, first) ^ zlib.crc32(zeros) ^ second
