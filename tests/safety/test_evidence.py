"""Places that a unit types for its evidence never lead out of its own folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncer.core.evidence import place_inside, why_outside
from syncer.evidence import evidence_file

INSIDE = {
    "植树.jpg": ("植树.jpg",),
    "3月/植树.jpg": ("3月", "植树.jpg"),
    r"3月\植树 (1).jpg": ("3月", "植树 (1).jpg"),
    " 签到表.xlsx ": ("签到表.xlsx",),
    "100%完成.docx": ("100%完成.docx",),
    "第2版…草稿.docx": ("第2版…草稿.docx",),
}
OUTSIDE = [
    *("..", "../财务科/账.xlsx", r"..\财务科\账.xlsx", "3月/../../x", "./..", ".", "3月/./x"),
    *("．．/x", "%2e%2e/x", "%252e%252e/x", "..%2fx", "..%5cx", "%25252525252e", "..／x", "．.＼x"),
    *("... /x", ".. /x", "x./y", "3月 /x", "x.jpg.", "x.jpg "[:-1] + "./."),
    *("/etc/passwd", "／etc/passwd", r"\windows", "~/x", "~root/x"),
    *(
        r"C:\x",
        "c:x",
        "C：/x",
        r"\\server\share\x",
        "//server/share/x",
        "＼＼server＼share",
        r"\\?\C:\x",
        r"\\.\pipe\x",
    ),
    *(
        "file:///etc/passwd",
        "file:x",
        "javascript:alert(1)",
        "data:text/html,x",
        "http://a.b/c",
        "mailto:a@b",
        "ms-word:ofe|u|x",
    ),
    *("CON", "con.txt", "3月/NUL", "COM1.jpg", "lpt¹", "a.txt:stream", "a*?.jpg", "a|b", 'a"b'),
    *("", "   ", "/", "a\x00b", "a\nb", "\u202egpj.x"),
]


@pytest.mark.parametrize("typed", INSIDE)
def test_a_place_in_the_units_folder_is_taken_as_typed(typed: str) -> None:
    assert place_inside(typed) == INSIDE[typed]
    assert why_outside(typed) == ""


@pytest.mark.parametrize("typed", OUTSIDE)
def test_a_place_anywhere_else_is_not_followed_and_it_is_said_why(typed: str) -> None:
    assert place_inside(typed) is None
    assert why_outside(typed)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A unit's folder, a neighbour's beside it, and links between them."""
    own = tmp_path / "06佐证材料" / "宣传科"
    (own / "3月").mkdir(parents=True)
    (own / "3月" / "植树.jpg").write_bytes(b"jpg")
    other = own.with_name("财务科")
    other.mkdir()
    (other / "账.xlsx").write_bytes(b"PK")
    (own / "邻居").symlink_to(other)
    (own / "账.xlsx").symlink_to(other / "账.xlsx")
    (own / "根").symlink_to("/")
    (own / "也是3月").symlink_to(own / "3月")
    (own / "自己").symlink_to(own / "自己")
    return own


def test_a_file_of_the_unit_is_found(folder: Path) -> None:
    assert evidence_file(folder, "3月/植树.jpg") == (folder / "3月" / "植树.jpg").resolve()
    assert evidence_file(folder, "也是3月/植树.jpg") == (folder / "3月" / "植树.jpg").resolve()


@pytest.mark.parametrize(
    "typed", ["邻居/账.xlsx", "账.xlsx", "根/etc/passwd", "../财务科/账.xlsx", "没有.jpg", "3月/植树.jpg/x"]
)
def test_a_link_that_leads_out_and_what_is_not_there_are_not_found(folder: Path, typed: str) -> None:
    assert evidence_file(folder, typed) is None


def test_a_folder_that_is_a_link_itself_is_still_the_units(folder: Path) -> None:
    linked = folder.with_name("链接")
    linked.symlink_to(folder)
    assert evidence_file(linked, "3月/植树.jpg") == (folder / "3月" / "植树.jpg").resolve()
