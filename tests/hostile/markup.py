"""XML that is no office program's: entities, encodings, depth, signs that cannot be, names that lead elsewhere, parts that are not there."""

from __future__ import annotations

from tests.hostile.case import Case, read_as, refused, survived
from tests.hostile.sheets import GOOD, rows
from tests.hostile.zips import (
    GOOD_ROWS,
    HEAD,
    MAIN,
    RELS,
    SHEET,
    WORKBOOK,
    Parts,
    book_parts,
    cell,
    packed,
    rels_xml,
    sheet_xml,
    workbook_xml,
)  # fmt: skip

STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
_LAUGHS = "".join(f'<!ENTITY l{n} "' + f"&l{n - 1};" * 10 + '">' for n in range(1, 10))
LAUGHS = f'<!DOCTYPE sst [<!ENTITY l0 "lol">{_LAUGHS}]>'
OUTSIDE = '<!DOCTYPE sst [<!ENTITY x SYSTEM "file:///etc/hostname">]>'


def with_head(doctype: str, text: str = "&x;", encoding: str = "utf-8") -> bytes:
    """A book whose strings begin with a document type."""
    xml = f'<?xml version="1.0" encoding="{encoding}"?>{doctype}<sst xmlns="{MAIN}"><si><t>{text}</t></si></sst>'
    return packed(book_parts('<row r="1"><c r="A1" t="s"><v>0</v></c></row>', strings=xml.encode(encoding)))


def sheet_in(encoding: str, text: str = "清扫") -> bytes:
    xml = f'<?xml version="1.0" encoding="{encoding}"?><worksheet xmlns="{MAIN}"><sheetData><row r="1">'
    xml += cell("A1", text) + "</row></sheetData></worksheet>"
    return packed(book_parts(sheet=xml.encode(encoding)))


def without(*names: str) -> bytes:
    return packed({name: content for name, content in book_parts().items() if name not in names})


def named(name: str) -> bytes:
    return packed(book_parts(workbook=workbook_xml([name])))


def pointing(target: str, mode: str = "") -> bytes:
    rels = rels_xml({"r1": ("worksheet", target)})
    return packed(book_parts(rels=rels.replace(b"/></", f"{mode}/></".encode()) if mode else rels))


def strict(parts: Parts) -> bytes:
    old, new = (
        b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
        b"http://purl.oclc.org/ooxml/officeDocument/relationships",
    )
    return packed({n: c.replace(MAIN.encode(), STRICT.encode()).replace(old, new) for n, c in parts.items()})


def ring() -> bytes:
    parts = book_parts()
    parts["xl/worksheets/_rels/sheet1.xml.rels"] = rels_xml(
        {"r1": ("worksheet", "sheet1.xml"), "r2": ("x", "../workbook.xml")}
    )
    parts["xl/_rels/sharedStrings.xml.rels"] = rels_xml({"r1": ("sharedStrings", "sharedStrings.xml")})
    return packed(parts)


CASES: dict[str, Case] = {
    "a thousand million laughs": refused(lambda: with_head(LAUGHS, "&l9;"), "FILE-006", says="sharedStrings"),
    "an entity from a file": refused(lambda: with_head(OUTSIDE), "FILE-006", says="<!DOCTYPE>"),
    "an entity from the net": refused(
        lambda: with_head('<!DOCTYPE sst SYSTEM "http://127.0.0.1:9/x.dtd">', "a"), "FILE-006"
    ),
    "a parameter entity": refused(
        lambda: with_head('<!DOCTYPE sst [<!ENTITY % a SYSTEM "file:///etc/hostname"> %a;]>', "a"), "FILE-006"
    ),
    "a document type behind a comment": refused(
        lambda: with_head("<!--" + "x-" * 600_000 + f"x-->{OUTSIDE}"), "FILE-006", says="<!DOCTYPE>"
    ),
    "a document type across two pieces": refused(
        lambda: with_head("<!--" + "x" * ((1 << 20) - 50) + f"-->{OUTSIDE}"), "FILE-006", says="<!DOCTYPE>"
    ),
    "a document type in UTF-16": refused(lambda: with_head(OUTSIDE, encoding="utf-16"), "FILE-006", says="UTF-16"),
    "a document type in UTF-7": refused(lambda: with_head(OUTSIDE, encoding="utf-7"), "FILE-006", says="utf-7"),
    "a document type in the settings": refused(
        lambda: packed(book_parts(workbook=OUTSIDE.encode() + workbook_xml(["任务清单"]))), "FILE-006", says=WORKBOOK
    ),
    "a document type in relations": refused(
        lambda: packed(book_parts(rels=OUTSIDE.encode() + rels_xml({}))), "FILE-006", says=RELS
    ),
    "a document type in the properties": refused(
        lambda: packed(book_parts() | {"docProps/custom.xml": OUTSIDE.encode() + b"<Properties/>"}), "FILE-006"
    ),
    "an entity without its type": survived(lambda: with_head("", "&x;"), "FILE-003"),
    "a style sheet of its own": survived(lambda: with_head('<?xml-stylesheet href="file:///etc/hostname"?>', "a")),
    "another file included": survived(
        lambda: with_head("", '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="/etc/hostname"/>'),
        "FILE-003",
    ),
    "UTF-16": refused(lambda: sheet_in("utf-16"), "FILE-006", says=SHEET),
    "UTF-16 in what an add-in left": read_as(
        lambda: packed(
            book_parts() | {"customXml/item1.xml": '<?xml version="1.0" encoding="UTF-16"?><a/>'.encode("utf-16")}
        ),
        GOOD,
    ),
    "UTF-16 without its mark": refused(lambda: sheet_in("utf-16-le"), "FILE-006", says=SHEET),
    "UTF-32": refused(lambda: sheet_in("utf-32"), "FILE-006", says=SHEET),
    "UTF-7": refused(lambda: sheet_in("utf-7"), "FILE-006", says=SHEET),
    "GB18030": refused(lambda: sheet_in("gb18030"), "FILE-006", says="gb18030"),
    "EBCDIC": refused(lambda: sheet_in("cp037", "a"), "FILE-003", "FILE-006"),
    "Latin-1 with plain signs": read_as(lambda: sheet_in("iso-8859-1", "abc"), {(1, 1): "abc"}),
    "UTF-8 with a mark": read_as(lambda: packed(book_parts(sheet=b"\xef\xbb\xbf" + sheet_xml(GOOD_ROWS))), GOOD),
    "broken UTF-8": survived(
        lambda: packed(book_parts(sheet=sheet_xml(GOOD_ROWS).replace("清".encode(), b"\xe6\xff"))), "FILE-003"
    ),
    "a lone surrogate": survived(
        lambda: packed(book_parts(sheet=sheet_xml(GOOD_ROWS).replace("清".encode(), b"\xed\xa0\x80"))), "FILE-003"
    ),
    "a surrogate by number": survived(lambda: rows(f'<row r="1">{cell("A1", "&#xD800;")}</row>'), "FILE-003"),
    "NUL by number": survived(lambda: rows(f'<row r="1">{cell("A1", "a&#0;b")}</row>'), "FILE-003"),
    "NUL bytes": survived(
        lambda: packed(book_parts(sheet=sheet_xml(GOOD_ROWS).replace("清".encode(), b"\0\0\0"))), "FILE-003", "FILE-006"
    ),
    "control signs as _x0000_": survived(lambda: rows(f'<row r="1">{cell("A1", "a_x0000_b_xD800_")}</row>')),
    "100,000 levels deep": survived(
        lambda: packed(book_parts(sheet=sheet_xml("<a>" * 100_000 + "</a>" * 100_000))), "FILE-003"
    ),
    "1,000,000 levels in the settings": survived(
        lambda: packed(
            book_parts(workbook=workbook_xml(["任务清单"]).replace(b"<sheets>", b"<x>" * 1_000_000 + b"<sheets>"))
        ),
        "FILE-003",
        "FILE-007",
        "FILE-008",
    ),
    "deep properties": survived(
        lambda: packed(book_parts() | {"docProps/custom.xml": b"<a>" * 200_000 + b"</a>" * 200_000}),
        "FILE-003",
        "FILE-007",
    ),
    "a million attributes": survived(
        lambda: packed(
            book_parts(
                sheet=sheet_xml('<row r="1"><c r="A1" ' + " ".join(f'a{n}=""' for n in range(300_000)) + "/></row>")
            )
        ),
        "FILE-003",
        "FILE-007",
    ),
    "one attribute without end": survived(
        lambda: packed(
            book_parts(sheet=sheet_xml('<row r="1"><c r="A1" x="' + "y" * 20_000_000 + '"><v>1</v></c></row>'))
        ),
        "FILE-003",
        "FILE-007",
        "FILE-032",
    ),
    "an attribute full of places": survived(
        lambda: packed(book_parts(sheet=sheet_xml('<row r="1"><c t="e" ' + 'r="A1" ' * 60_000 + "></c></row>"))),
        "FILE-003",
        "FILE-007",
    ),
    "a tag that never ends": survived(lambda: packed(book_parts(sheet=sheet_xml("<c " + "a" * 5_000_000))), "FILE-003"),
    "errors that never end": survived(
        lambda: packed(book_parts(sheet=sheet_xml('<row><c r="A1" t="e">' * 30_000))), "FILE-003", "FILE-007"
    ),
    "formulas that never end": survived(
        lambda: packed(book_parts(sheet=sheet_xml('<row><c r="A1"><f>' * 30_000))), "FILE-003", "FILE-007"
    ),
    "spaces without end": survived(
        lambda: packed(book_parts(sheet=sheet_xml(" " * 30_000_000 + GOOD_ROWS))), "FILE-032"
    ),
    "comments without end": survived(
        lambda: packed(book_parts(sheet=sheet_xml("<!-- -->" * 2_000_000 + GOOD_ROWS))), "FILE-007"
    ),
    "cut in the middle": survived(lambda: packed(book_parts(sheet=sheet_xml(GOOD_ROWS)[:-60])), "FILE-003"),
    "no XML at all": survived(lambda: packed(book_parts(sheet=b"hello")), "FILE-003", "FILE-008"),
    "an empty sheet part": survived(lambda: packed(book_parts(sheet=b"")), "FILE-003", "FILE-008"),
    "another root": survived(lambda: packed(book_parts(sheet=b"<html/>")), "FILE-003", "FILE-008"),
    "Strict": read_as(lambda: strict(book_parts()), GOOD),
    "Strict with nothing in it": refused(lambda: strict(book_parts("")), "FILE-008"),
    "no sheets": refused(lambda: packed(book_parts(workbook=workbook_xml([]))), "FILE-008"),
    "no sheet part": refused(lambda: without(SHEET), "FILE-003"),
    "no relations": refused(lambda: without(RELS), "FILE-003", "FILE-008"),
    "no settings": refused(lambda: without(WORKBOOK), "FILE-003"),
    "no content types": survived(lambda: without("[Content_Types].xml"), "FILE-003"),
    "no first relations": survived(lambda: without("_rels/.rels"), "FILE-003"),
    "wrong content types": survived(
        lambda: packed(
            book_parts()
            | {
                "[Content_Types].xml": f'{HEAD}<Types><Override PartName="/{SHEET}" ContentType="image/png"/></Types>'.encode()
            }
        ),
        "FILE-003",
    ),
    "relations in a ring": read_as(ring, GOOD),
    "a sheet that is the settings": survived(lambda: pointing("workbook.xml"), "FILE-003", "FILE-008"),
    "a sheet outside": survived(lambda: pointing("../../../../etc/passwd"), "FILE-003"),
    "a sheet on another PC": survived(
        lambda: pointing("file://10.0.0.1/c$/x.xml", ' TargetMode="External"'), "FILE-003"
    ),
    "a sheet from the root": read_as(lambda: pointing("/xl/worksheets/sheet1.xml"), GOOD),
    "two sheets in one part": survived(
        lambda: packed(book_parts(workbook=workbook_xml(["甲", "乙"], "r1"))), "FILE-003"
    ),
    "two sheets of one name": survived(
        lambda: packed(
            book_parts(
                workbook=workbook_xml(["甲", "甲"]),
                rels=rels_xml(
                    {"r1": ("worksheet", "worksheets/sheet1.xml"), "r2": ("worksheet", "worksheets/sheet1.xml")}
                ),
            )
        ),
        "FILE-003",
    ),
    "a sheet named as a path": read_as(lambda: named("..\\..\\autoexec.bat"), GOOD),
    "a sheet named as a formula": read_as(lambda: named("=cmd|' /C calc'!A0"), GOOD),
    "a sheet named as a place on the net": read_as(lambda: named("\\\\10.0.0.1\\c$"), GOOD),
    "a sheet without a name": survived(lambda: named(""), "FILE-003"),
    "a name of 1 MB": survived(lambda: named("名" * 300_000), "FILE-003"),
    "a name with a line break": survived(lambda: named("a&#10;b"), "FILE-003"),
    "our own hidden sheet, full of strangers": survived(lambda: named("_syncer"), "FILE-008"),
    "strings that are the sheet": survived(lambda: packed(book_parts(strings=sheet_xml(GOOD_ROWS))), "FILE-003"),
    "styles that are none": survived(lambda: packed(book_parts(styles=b"\0" * 5000)), "FILE-003", "FILE-006"),
    "strings a thousand levels rich": survived(
        lambda: packed(
            book_parts(
                '<row r="1"><c r="A1" t="s"><v>0</v></c></row>',
                strings=f'<sst xmlns="{MAIN}"><si>'.encode() + b"<r><t>a</t></r>" * 200_000 + b"</si></sst>",
            )
        )
    ),
    "a stamp of 5 MB": survived(
        lambda: packed(
            book_parts()
            | {
                "docProps/custom.xml": b"<Properties>"
                + b'<property name="syncer.unit"><a>x</a></property>' * 100_000
                + b"</Properties>"
            }
        )
    ),
    "a stamp with a revision without end": survived(
        lambda: packed(
            book_parts()
            | {
                "docProps/custom.xml": (
                    "<P>"
                    + "".join(
                        f'<property name="syncer.{n}"><a>' + "9" * 400_000 + "</a></property>"
                        for n in ("ledger", "unit", "revision")
                    )
                    + "</P>"
                ).encode()
            }
        )
    ),
}
