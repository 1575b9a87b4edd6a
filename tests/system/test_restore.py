"""Every version that was taken in, or refused, comes back byte for byte."""

from __future__ import annotations

from syncer.errors import EXIT_DONE, EXIT_REFUSED, EXIT_USAGE
from tests.system.bureau import FIRST_ROW, Bureau


def test_each_version_of_a_workbook_comes_back_byte_for_byte_beside_the_present_one(bureau: Bureau) -> None:
    saved = []
    for name in ("植树", "清扫"):
        bureau.type("宣传科", "活动台账", {FIRST_ROW: {"日期": "2026-3-12", "活动名称": name, "类别": "主题活动"}})
        saved.append(bureau.book("宣传科").read_bytes())
        bureau.json("sync")
    bureau.save_as("宣传科.xlsx", b"not a workbook")
    bureau.json("sync")
    versions = bureau.json("restore", "宣传科")["versions"]
    assert [v["kind"] for v in versions] == ["issue", "save", "save", "refused"]
    for version, data in zip(versions[1:], [*saved, b"not a workbook"], strict=True):
        target = bureau.root / f"第{version['version']}版.xlsx"
        found = bureau.json("restore", "宣传科", "--version", str(version["version"]), "--to", str(target))
        assert found["exit"] == EXIT_DONE
        assert target.read_bytes() == data
    assert bureau.book("宣传科").read_bytes() == b"not a workbook"


def test_nothing_is_ever_restored_over_a_file(bureau: Bureau) -> None:
    (first, *_) = bureau.json("restore", "宣传科")["versions"]
    before = bureau.book("宣传科").read_bytes()
    ran = bureau.syncer("restore", "宣传科", "--version", str(first["version"]), "--to", str(bureau.book("宣传科")))
    assert ran.returncode == EXIT_REFUSED
    assert bureau.book("宣传科").read_bytes() == before


def test_an_unknown_unit_or_version_is_said(bureau: Bureau) -> None:
    assert bureau.syncer("restore", "食堂").returncode == EXIT_USAGE
    assert (
        bureau.syncer("restore", "宣传科", "--version", "9999", "--to", str(bureau.root / "x.xlsx")).returncode
        == EXIT_USAGE
    )
