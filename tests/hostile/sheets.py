"""Sheets that ask for more than there is: cells far apart, merges without end, repeated, huge or contradictory cells."""

from __future__ import annotations

from collections.abc import Mapping

from syncer.core.values import Scalar
from tests.hostile.case import Case, Place, read_as, refused, survived
from tests.hostile.zips import GOOD_ROWS, MAIN, book_parts, cell, packed, rels_xml, sheet_xml, workbook_xml

GOOD: Mapping[Place, Scalar] = {(1, 1): "清扫", (2, 2): 7}
_HUGE = "9" * 30


def rows(xml: str, before: str = "", after: str = "") -> bytes:
    return packed(book_parts(xml, before, after))


def corners(*places: str) -> bytes:
    def row(place: str) -> str:
        return place.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")

    return rows("".join(f'<row r="{row(place)}">{cell(place)}</row>' for place in places))


def merges(*areas: str) -> str:
    inner = "".join(f'<mergeCell ref="{area}"/>' for area in areas)
    return f'<mergeCells count="{len(areas)}">{inner}</mergeCells>'


def many_sheets(count: int) -> bytes:
    parts = book_parts()
    parts["xl/workbook.xml"] = workbook_xml([f"表{at}" for at in range(count)])
    targets = {f"r{at}": ("worksheet", f"worksheets/sheet{at}.xml") for at in range(1, count + 1)}
    parts["xl/_rels/workbook.xml.rels"] = rels_xml(targets)
    sheet = sheet_xml(GOOD_ROWS)
    return packed(parts | {f"xl/worksheets/sheet{at}.xml": sheet for at in range(1, count + 1)})


def strings(count: int, text: str, cells: int) -> bytes:
    table = f'<sst xmlns="{MAIN}" count="{count}">' + f"<si><t>{text}</t></si>" * count + "</sst>"
    body = "".join(f'<row r="{at}"><c r="A{at}" t="s"><v>{at % count}</v></c></row>' for at in range(1, cells + 1))
    return packed(book_parts(body, strings=table.encode()))


def styles(count: int, formats: int = 0) -> bytes:
    numbers = "".join(f'<numFmt numFmtId="{200 + at}" formatCode="0.{at}"/>' for at in range(formats))
    plain = '<xf numFmtId="0"/>' * count
    xml = (
        f'<styleSheet xmlns="{MAIN}"><numFmts count="{formats}">{numbers}</numFmts>'
        f'<cellXfs count="{count}">{plain}</cellXfs></styleSheet>'
    )
    return packed(book_parts(styles=xml.encode()))


def full_row(columns: int) -> str:
    cells = "<c><v>1</v></c>" * columns
    return f'<row r="1">{cells}</row>'


FAR = ("FILE-030",)
CASES: dict[str, Case] = {
    "corner cells": refused(lambda: corners("A1", "XFD1048576"), *FAR, says="XFD1048576"),
    "corner cells in one row": read_as(lambda: rows(f'<row r="1">{cell("A1")}{cell("XFD1")}</row>'), {(1, 16384): 1}),
    "corner cells of one column": read_as(lambda: corners("A1", "A1048576"), {(1048576, 1): 1}),
    "corner cells out of order": refused(lambda: corners("A1", "XFD1048576", "B2"), "FILE-007"),
    "corner cells apart": refused(lambda: corners("A1", "XFD2", "A1048576"), *FAR, says="A1048576"),
    "a lone far cell": refused(lambda: corners("XFD1048576"), *FAR, says="任务清单"),
    "ten far columns": refused(lambda: corners("A1", "L1048576"), *FAR, says="L1048576"),
    "formatted corner": read_as(lambda: rows(GOOD_ROWS + '<row r="1048576"><c r="XFD1048576" s="0"/></row>'), GOOD),
    "formatted corner, not closed": read_as(
        lambda: rows(GOOD_ROWS + '<row r="1048576"><c r="XFD1048576" s="0"></c></row>'), GOOD
    ),
    "beyond the last row": survived(lambda: corners("A1", "A1048577"), "FILE-003", *FAR),
    "beyond the last column": survived(lambda: corners("A1", "ZZZ1"), "FILE-003", *FAR),
    "a row of thirty digits": survived(lambda: rows(f'<row r="{_HUGE}">{cell(f"A{_HUGE}")}</row>'), "FILE-003", *FAR),
    "row 4294967297": survived(lambda: corners("A1", "A4294967297"), "FILE-003", *FAR),
    "row 0": survived(lambda: corners("A0"), "FILE-003"),
    "row -1": survived(lambda: rows('<row r="-1"><c r="A-1"><v>1</v></c></row>'), "FILE-003"),
    "lower-case places": survived(lambda: rows('<row r="1"><c r="a1"><v>1</v></c></row>'), "FILE-003"),
    "dimension too large": read_as(lambda: rows(GOOD_ROWS, '<dimension ref="A1:XFD1048576"/>'), GOOD),
    "dimension too small": read_as(lambda: rows(GOOD_ROWS, '<dimension ref="A1"/>'), GOOD),
    "dimension that is none": survived(lambda: rows(GOOD_ROWS, '<dimension ref="ZZZZ99:-1"/>'), "FILE-003"),
    "dimension of LibreOffice": read_as(lambda: rows(GOOD_ROWS, '<dimension ref="A1:F1048576"/>'), GOOD),
    "a million empty rows": read_as(lambda: rows(GOOD_ROWS + '<row r="3"/>' * 400_000), GOOD),
    "formats down to the end": read_as(
        lambda: rows(GOOD_ROWS + "".join(f'<row r="{n}"><c r="A{n}" s="1"/></row>' for n in range(3, 300_000))), GOOD
    ),
    "the whole sheet merged": read_as(lambda: rows(GOOD_ROWS, after=merges("A1:XFD1048576")), GOOD),
    "whole rows merged": read_as(lambda: rows(GOOD_ROWS, after=merges("A1:XFD1", "A3:XFD3")), GOOD),
    "whole columns merged": read_as(lambda: rows(GOOD_ROWS, after=merges("C1:E1048576")), GOOD),
    "merges over one another": read_as(lambda: rows(GOOD_ROWS, after=merges(*["A1:XFD1048576"] * 200)), GOOD),
    "100,000 merges": refused(
        lambda: rows(GOOD_ROWS, after=merges(*(f"A{n}:B{n}" for n in range(1, 100_001)))), "FILE-033", says="任务清单"
    ),
    "a merge backwards": survived(lambda: rows(GOOD_ROWS, after=merges("B2:A1")), "FILE-003"),
    "a merge of nothing": survived(lambda: rows(GOOD_ROWS, after=merges("")), "FILE-003"),
    "a merge that is a word": survived(lambda: rows(GOOD_ROWS, after=merges("合并")), "FILE-003"),
    "cells twice": survived(lambda: rows(f'<row r="1">{cell("A1", 1)}{cell("A1", 2)}</row>')),
    "rows twice": survived(lambda: rows(f'<row r="1">{cell("A1", 1)}</row>' * 2)),
    "rows without numbers": read_as(lambda: rows("<row><c><v>1</v></c></row><row><c><v>2</v></c></row>"), {(2, 1): 2}),
    "30,000 cells in a row": survived(lambda: rows(full_row(30_000)), "FILE-003", "FILE-006", *FAR),
    "300,000 cells in a row": survived(lambda: rows(full_row(300_000)), "FILE-003", "FILE-007", *FAR),
    "a cell of 5 MB": survived(lambda: rows(f'<row r="1">{cell("A1", "长" * 1_700_000)}</row>')),
    "a cell of 100 MB": survived(
        lambda: rows(f'<row r="1">{cell("A1", "a" * 100_000_000)}</row>'), "FILE-032", "FILE-031"
    ),
    "a number of 1 MB": survived(
        lambda: rows('<row r="1"><c r="A1"><v>' + "9" * 1_000_000 + "</v></c></row>"), "FILE-003"
    ),
    "1e999": survived(lambda: rows('<row r="1"><c r="A1"><v>1e999</v></c></row>'), "FILE-003"),
    "NaN": survived(lambda: rows('<row r="1"><c r="A1"><v>NaN</v></c></row>'), "FILE-003"),
    "a serial without end": survived(
        lambda: packed(
            book_parts(
                '<row r="1"><c r="A1" s="1"><v>99999999999</v></c></row>',
                styles=f'<styleSheet xmlns="{MAIN}"><cellXfs><xf/><xf numFmtId="14"/></cellXfs></styleSheet>'.encode(),
            )
        ),
        "FILE-003",
    ),
    "a negative serial": survived(
        lambda: packed(
            book_parts(
                '<row r="1"><c r="A1" s="1"><v>-99999999</v></c></row>',
                styles=f'<styleSheet xmlns="{MAIN}"><cellXfs><xf/><xf numFmtId="14"/></cellXfs></styleSheet>'.encode(),
            )
        ),
        "FILE-003",
    ),
    "an unknown kind of cell": survived(lambda: rows('<row r="1"><c r="A1" t="zzz"><v>1</v></c></row>'), "FILE-003"),
    "a shared string that is not there": survived(
        lambda: rows('<row r="1"><c r="A1" t="s"><v>5</v></c></row>'), "FILE-003"
    ),
    "a shared string below zero": survived(lambda: rows('<row r="1"><c r="A1" t="s"><v>-1</v></c></row>'), "FILE-003"),
    "a formula of 1 MB": survived(
        lambda: rows('<row r="1"><c r="A1"><f>' + "1+" * 500_000 + "1</f><v>1</v></c></row>")
    ),
    "shared formulas without an end": survived(
        lambda: rows('<row r="1"><c r="A1"><f t="shared" ref="A1:XFD1048576" si="0">B1</f><v>1</v></c></row>'),
        "FILE-003",
    ),
    "an array formula over all": survived(
        lambda: rows('<row r="1"><c r="A1"><f t="array" ref="A1:XFD1048576">1</f><v>1</v></c></row>'), "FILE-003"
    ),
    "links over all": read_as(
        lambda: rows(GOOD_ROWS, after='<hyperlinks><hyperlink ref="A1:XFD1048576" location="A1"/></hyperlinks>'), GOOD
    ),
    "validations without end": read_as(
        lambda: rows(
            GOOD_ROWS,
            after="<dataValidations>" + '<dataValidation sqref="A1:XFD1048576"/>' * 100_000 + "</dataValidations>",
        ),
        GOOD,
    ),
    "10,000 sheets": refused(lambda: many_sheets(10_000), "FILE-006", "FILE-031", says="10,0"),
    "2,500 sheets": refused(lambda: many_sheets(2_500), "FILE-031", says="2,500"),
    "300 sheets": read_as(lambda: many_sheets(300), GOOD),
    "one part, 100,000 names": survived(
        lambda: packed(book_parts(workbook=workbook_xml([f"表{n}" for n in range(100_000)], "r1"))),
        "FILE-031",
        "FILE-003",
    ),
    "a million strings": survived(lambda: strings(1_000_000, "a", 1), "FILE-007"),
    "a long string a million times": survived(lambda: strings(1, "长" * 30_000, 200_000), "FILE-007", "FILE-031"),
    "a string 3,000 times": refused(lambda: strings(1, "长" * 30_000, 3_000), "FILE-031", "FILE-007", says="> "),
    "a million styles": survived(lambda: styles(1_000_000), "FILE-007"),
    "100,000 number formats": survived(lambda: styles(1, 100_000), "FILE-007"),
    "two million cells and more": survived(
        lambda: rows(("<row>" + "<c><v>1</v></c>" * 16 + "</row>") * 140_000), "FILE-031", "FILE-007"
    ),
}
