"""Archives that are not what they seem, and files of other kinds: bombs, lies in the directory, two books in one, old and foreign formats."""

from __future__ import annotations

import struct
import zlib
from functools import partial
from random import Random

from tests.hostile.case import Case, read_as, refused, survived
from tests.hostile.sheets import GOOD
from tests.hostile.zips import GOOD_ROWS, SHEET, Entry, book_parts, ods, packed, sheet_xml, zipped

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
OTHER = sheet_xml('<row r="1"><c r="A1"><v>666</v></c></row>')


def entries(**changes: object) -> list[Entry]:
    """Members of a good book; ``changes`` are made to the sheet's."""
    return [
        Entry(name, content, **changes) if name == SHEET else Entry(name, content)  # type: ignore[arg-type]
        for name, content in book_parts().items()
    ]


def and_also(*more: Entry) -> bytes:
    return zipped([*entries(), *more])


def overlapping() -> bytes:
    """Many members that are all one: small on disk, without end when unpacked."""
    big = Entry("xl/a0.xml", b"<a/>" + b" " * 20_000_000)
    first = len(entries())
    return zipped([*entries(), big, *(Entry(f"xl/a{n}.xml", big.content, shares_with=first) for n in range(1, 200))])


def nested(depth: int = 6) -> bytes:
    inner = bytes(5_000_000)
    for _ in range(depth):
        inner = packed({f"{n}.zip": inner for n in range(8)}) if len(inner) < 1_000_000 else packed({"a": inner})
    return packed(book_parts() | {"xl/embeddings/a.zip": inner})


def two_directories() -> bytes:
    """A whole book in the comment of another."""
    return zipped(entries(), comment=packed(book_parts(sheet=OTHER))[:0xFFFF])


def hidden_before() -> bytes:
    return zipped(entries(), before=b"PK\3\4" + bytes(200))


def longer_than_said() -> bytes:
    """The sheet says where it ends; more follows in the same stream, with the checksum of the first part."""
    told = sheet_xml(GOOD_ROWS)
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    raw = packer.compress(told + b" " * 100_000) + packer.flush()
    return zipped(entries(raw=raw, says_size=len(told), says_crc=zlib.crc32(told)))


def bit_flips(count: int, seed: int) -> bytes:
    data, chance = bytearray(packed(book_parts())), Random(seed)
    for _ in range(count):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    return bytes(data)


def cut(part: float) -> bytes:
    data = packed(book_parts())
    return data[: int(len(data) * part)]


def ole(*streams: str, size: int = 8192) -> bytes:
    head = OLE.ljust(512, b"\0")
    return (head + b"".join(name.encode("utf-16-le").ljust(128, b"\0") for name in streams)).ljust(size, b"\xfe")


def biff(records: bytes) -> bytes:
    """A compound file with one stream ``Workbook``."""
    stream = records.ljust(max(4096, -(-len(records) // 512) * 512), b"\0")
    sectors = len(stream) // 512
    fat = [0xFFFFFFFD, 0xFFFFFFFE, *(range(3, sectors + 2)), 0xFFFFFFFE]
    fat += [0xFFFFFFFF] * (128 - len(fat))
    head = (
        OLE
        + bytes(16)
        + struct.pack("<5H", 0x3E, 3, 0xFFFE, 9, 6)
        + bytes(6)
        + struct.pack("<9I", 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    )
    head += struct.pack("<109I", 0, *[0xFFFFFFFF] * 108)

    def entry(name: str, kind: int, start: int, size: int, child: int) -> bytes:
        raw = name.encode("utf-16-le") + b"\0\0"
        return (
            raw.ljust(64, b"\0")
            + struct.pack("<HBB3I", len(raw), kind, 1, 0xFFFFFFFF, 0xFFFFFFFF, child)
            + bytes(36)
            + struct.pack("<IQ", start, size)
        )

    directory = entry("Root Entry", 5, 0xFFFFFFFE, 0, 1) + entry("Workbook", 2, 2, len(stream), 0xFFFFFFFF)
    return head + struct.pack("<128I", *fat[:128]) + directory.ljust(512, b"\0") + stream


def record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


BOF = record(0x0809, struct.pack("<HHIII", 0x0600, 5, 0, 0, 0)[:16])


def xlsb(sheet: bytes) -> bytes:
    parts = {
        "[Content_Types].xml": b"<Types/>",
        "xl/workbook.bin": b"\x9c\x01\x10" + bytes(40),
        SHEET.replace(".xml", ".bin"): sheet,
    }
    return packed(parts)


def cells_ods(cell: str, rows: int, columns: int) -> bytes:
    return ods(
        f'<table:table table:name="表"><table:table-row table:number-rows-repeated="{rows}">'
        f'<table:table-cell table:number-columns-repeated="{columns}"{cell}</table:table-row></table:table>'
    )


VALUE, BLANK = ' office:value-type="float" office:value="1"><text:p>1</text:p></table:table-cell>', "/>"
ZIP_LIES = ("FILE-003", "FILE-006")
CASES: dict[str, Case] = {
    "an honest zip": read_as(lambda: zipped(entries()), GOOD),
    "an honest zip of 64 bits": read_as(lambda: zipped(entries(), zip64=True), GOOD),
    "members not packed": read_as(lambda: zipped([Entry(n, c, method=0) for n, c in book_parts().items()]), GOOD),
    "a sheet twice": refused(lambda: and_also(Entry(SHEET, OTHER)), "FILE-006", says=SHEET),
    "a sheet twice by case": refused(lambda: and_also(Entry(SHEET.upper(), OTHER)), "FILE-006", says="×2"),
    "a sheet twice by slash": refused(lambda: and_also(Entry(SHEET.replace("/", "\\"), OTHER)), "FILE-006", says="×2"),
    "a sheet twice by dot": refused(lambda: and_also(Entry(f"./{SHEET}", OTHER)), "FILE-006", says="×2"),
    "a sheet twice by accent": refused(
        lambda: and_also(Entry("é.xml", OTHER), Entry("e\u0301.xml", OTHER)), "FILE-006"
    ),
    "a path upwards": refused(lambda: and_also(Entry("../../evil.xml", OTHER)), "FILE-006", says="evil"),
    "a path upwards by backslash": refused(lambda: and_also(Entry("..\\..\\evil.xml", OTHER)), "FILE-006", says="evil"),
    "a path from the root": refused(lambda: and_also(Entry("/etc/evil.xml", OTHER)), "FILE-006", says="evil"),
    "a path on a drive": refused(lambda: and_also(Entry("C:\\evil.xml", OTHER)), "FILE-006", says="evil"),
    "NUL in a path": refused(lambda: and_also(Entry("xl/a.xml\0.png", OTHER)), "FILE-006"),
    "members over one another": refused(overlapping, "FILE-006", "FILE-032"),
    "two members in one place": refused(lambda: and_also(Entry("xl/b.xml", b"<b/>", shares_with=0)), "FILE-006"),
    "another name at the place": refused(lambda: zipped(entries(local_name="xl/worksheets/sheet2.xml")), *ZIP_LIES),
    "a second directory": refused(two_directories, *ZIP_LIES),
    "something before the first member": refused(hidden_before, *ZIP_LIES, "FILE-002"),
    "larger than said": refused(longer_than_said, "FILE-006", says=SHEET),
    "smaller than said": refused(lambda: zipped(entries(says_size=1_000_000)), *ZIP_LIES),
    "a terabyte, it says": refused(lambda: zipped(entries(says_size=0xFFFFFFFE)), "FILE-032", *ZIP_LIES),
    "a wrong checksum": refused(lambda: zipped(entries(says_crc=1)), *ZIP_LIES),
    "an unknown method": refused(lambda: zipped(entries(method=99, raw=b"x")), *ZIP_LIES),
    "deflated garbage": refused(lambda: zipped(entries(raw=b"\xff" * 500)), *ZIP_LIES),
    "a password on one member": refused(lambda: zipped(entries(flags=1)), "FILE-004"),
    "a bomb of a picture": refused(
        lambda: packed(book_parts() | {"xl/media/a.bmp": bytes(40 << 20)}), "FILE-032", says="a.bmp"
    ),
    "a bomb of a sheet": refused(lambda: packed(book_parts(sheet=b" " * (60 << 20))), "FILE-032", says=SHEET),
    "bombs of a sensible ratio": refused(
        lambda: packed(book_parts() | {f"xl/a{n}.xml": b"<a>" + b"<b/>" * 7_000_000 + b"</a>" for n in range(11)}),
        "FILE-032",
    ),
    "zips in zips in zips": survived(nested, "FILE-032", "FILE-006"),
    "20,000 members": refused(
        lambda: packed(book_parts() | {f"a/{n}": b"" for n in range(20_000)}), "FILE-006", says="20,0"
    ),
    "a directory of 60,000 lies": refused(
        lambda: zipped([*entries(), *(Entry(f"x{n}", b"", shares_with=0) for n in range(60_000))]), "FILE-006"
    ),
    "nothing in the zip": refused(lambda: zipped([]), "FILE-002", "FILE-003"),
    **{
        f"cut at {part:.0%}": refused(partial(cut, part), "FILE-003", "FILE-002")
        for part in (0.01, 0.3, 0.6, 0.9, 0.99)
    },
    **{
        f"bits flipped, {n}": survived(partial(bit_flips, n, n), "FILE-002", "FILE-004", "FILE-032", *ZIP_LIES)
        for n in (1, 2, 5, 20, 100)
    },
    "bytes after the end": survived(lambda: packed(book_parts()) + b"\0" * 500, "FILE-003"),
    "a page at the end": survived(lambda: packed(book_parts()) + b"<html>" * 100, "FILE-003"),
    "with a password": refused(lambda: ole("EncryptedPackage", "EncryptionInfo"), "FILE-004"),
    "with a password, .xls": refused(lambda: ole("EncryptionInfo"), "FILE-004", ending=".xls"),
    "only the head of a compound file": refused(lambda: OLE, "FILE-003", ending=".xls"),
    "a compound file of garbage": refused(lambda: ole("Workbook", size=60_000), "FILE-003", "FILE-007", ending=".xls"),
    "a compound file in a ring": refused(
        lambda: (
            OLE
            + struct.pack("<16x5H6x9I", 62, 3, 0xFFFE, 9, 6, 0, 1, 0, 0, 4096, 0, 1, 0, 1)
            + bytes(436)
            + "Workbook".encode("utf-16-le").ljust(128, b"\0") * 8
        ),
        "FILE-003",
        "FILE-002",
        "FILE-007",
        ending=".xls",
    ),
    "records without end": survived(
        lambda: biff(BOF + record(0x0085, b"\xff" * 8) * 200), "FILE-003", "FILE-008", "FILE-007", ending=".xls"
    ),
    "a record longer than the file": survived(
        lambda: biff(BOF + struct.pack("<HH", 0x00FC, 0xFFFF)), "FILE-003", "FILE-008", ending=".xls"
    ),
    "random records": survived(
        lambda: biff(BOF + Random(3).randbytes(20_000)), "FILE-003", "FILE-008", "FILE-004", "FILE-007", ending=".xls"
    ),
    "an xlsb of garbage": refused(
        lambda: xlsb(Random(4).randbytes(5_000)), "FILE-003", "FILE-008", "FILE-007", ending=".xlsb"
    ),
    "an xlsb without parts": refused(lambda: packed({"xl/workbook.bin": b""}), "FILE-003", "FILE-008", ending=".xlsb"),
    "an ods full to the last cell": refused(
        lambda: cells_ods(VALUE, 1_048_576, 16_384), "FILE-003", "FILE-007", "FILE-030", ending=".ods"
    ),
    "an ods full of a million rows": survived(
        lambda: cells_ods(VALUE, 1_048_576, 3), "FILE-007", "FILE-031", ending=".ods"
    ),
    "an ods of blank cells to the last": survived(
        lambda: cells_ods(BLANK, 1_048_576, 16_384), "FILE-007", "FILE-008", ending=".ods"
    ),
    "an ods of four thousand million rows": survived(
        lambda: cells_ods(VALUE, 4_294_967_295, 1), "FILE-003", "FILE-007", "FILE-030", "FILE-031", ending=".ods"
    ),
    "an ods of -1 rows": survived(lambda: cells_ods(VALUE, -1, 1), "FILE-003", "FILE-008", ending=".ods"),
    "an ods of three million columns": survived(
        lambda: cells_ods(VALUE, 1, 3_000_000), "FILE-003", "FILE-007", "FILE-030", "FILE-031", ending=".ods"
    ),
    "an ods with an entity": refused(
        lambda: packed(
            {
                "mimetype": b"application/vnd.oasis.opendocument.spreadsheet",
                "content.xml": b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
            }
        ),
        "FILE-006",
        ending=".ods",
    ),
    "an ods with a password": refused(
        lambda: packed(
            {
                "mimetype": b"application/vnd.oasis.opendocument.spreadsheet",
                "content.xml": b"\x80\x81",
                "META-INF/manifest.xml": b"<m><encryption-data/></m>",
            }
        ),
        "FILE-004",
        ending=".ods",
    ),
    "an ods of garbage": refused(
        lambda: packed(
            {"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": Random(5).randbytes(3_000)}
        ),
        *ZIP_LIES,
        "FILE-008",
        ending=".ods",
    ),
    "an ods 100,000 levels deep": survived(
        lambda: ods("<table:table>" * 100_000 + "</table:table>" * 100_000),
        "FILE-003",
        "FILE-007",
        "FILE-008",
        "FILE-031",
        ending=".ods",
    ),
    "an archive of another kind": refused(lambda: b"Rar!\x1a\x07\x00" + bytes(500), "FILE-002"),
    "a picture": refused(lambda: b"\x89PNG\r\n\x1a\n" + bytes(500), "FILE-002"),
    "zeros": refused(lambda: bytes(5_000), "FILE-003"),
    "nothing": refused(lambda: b"", "FILE-001"),
    "noise": refused(lambda: Random(6).randbytes(50_000), "FILE-002", "FILE-005", "FILE-019"),
}
