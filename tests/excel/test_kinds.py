"""What a file is by its first bytes: text, another program's file, an encryption client's envelope, damage."""

from __future__ import annotations

import gzip
import random

import pytest

from syncer.core.model import Refusal
from syncer.excel.kinds import judge_other

CIPHER = random.Random(7).randbytes(4096)
HALF_HEAD = b"CLIENT 8.1 \0\0\x01\x02" * 16  # a head nobody knows, with ciphertext behind it
CHINESE = "任务编号,重点任务,完成时限\r\n3.1,开展志愿服务,3月底前\r\n" * 60

KINDS: dict[str, tuple[bytes, str, str]] = {
    "亿赛通": (b"\x62\x14\x23\x65\x03\x01\x00\x02E-SafeNet\0\0LOCK" + CIPHER, ".xlsx", "FILE-005"),
    "亿赛通, shorter head": (b"\0\0\0\0E-SafeNet\0" + CIPHER, ".xls", "FILE-005"),
    "绿盾": (b"%TSD-Header-###%" + CIPHER, ".xlsx", "FILE-005"),
    "绿盾, a small file": (b"%TSD-Header-###%\1\2\3", ".et", "FILE-005"),
    "绿盾, a text": (b"%TSD-Header-###%" + CHINESE.encode(), ".csv", "FILE-005"),
    "DocGuarder 1": (b"DOCGUARDER_FILE\0" + CIPHER, ".xlsx", "FILE-005"),
    "DocGuarder 3": (b"DG_FILE VER 3.0\0" + CIPHER, ".xlsx", "FILE-005"),
    "unknown client without a head": (CIPHER, ".xlsx", "FILE-005"),
    "unknown client with a head": (HALF_HEAD + CIPHER, ".et", "FILE-005"),
    "unknown client, a text": (CIPHER, ".csv", "FILE-005"),
    "ciphertext of few bytes": (CIPHER[:600], ".xlsx", "FILE-005"),
    "too short to tell": (b"\x01\x02" + CIPHER[:100], ".xlsx", "FILE-002"),
    "zeros": (bytes(4096), ".xlsx", "FILE-003"),
    "even but readable": (b"\x01\x02" + bytes(range(97, 117)) * 200, ".xlsx", "FILE-002"),
    "gzip": (gzip.compress(CIPHER, mtime=0), ".xlsx", "FILE-002"),
    "RAR": (b"Rar!\x1a\x07" + CIPHER, ".xlsx", "FILE-002"),
    "picture": (b"\xff\xd8\xff\xe0" + CIPHER, ".xls", "FILE-002"),
    "program": (b"MZ\x90\0" + CIPHER, ".xlsx", "FILE-002"),
    "web page": (b"\xef\xbb\xbf\r\n <TABLE><tr>", ".xls", "FILE-002"),
    "XML of 2003": (b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>', ".xls", "FILE-010"),
    "text under a workbook's name": (CHINESE.encode(), ".xlsx", "FILE-002"),
}


@pytest.mark.parametrize("case", KINDS.values(), ids=KINDS)
def test_a_file_is_named_by_its_content(case: tuple[bytes, str, str]) -> None:
    content, suffix, code = case
    judged = judge_other(content[:4096], suffix)
    assert isinstance(judged, Refusal)
    assert judged.code == code


@pytest.mark.parametrize("cut", range(4090, 4097))
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
def test_plain_text_is_told_in_every_encoding_wherever_its_head_is_cut(encoding: str, cut: int) -> None:
    assert judge_other((CHINESE * 4).encode(encoding)[:cut], ".csv") is None
