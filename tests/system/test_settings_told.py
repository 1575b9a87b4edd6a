"""What is wrong in 台账设置 is told where its author looks; and what changes a verdict reaches books already in."""

from __future__ import annotations

from python_calamine import CalamineWorkbook

from syncer.errors import EXIT_PERSON
from syncer.store.store import Store
from tests.system.bureau import FIRST_ROW, Bureau, texts
from tests.system.program import run_syncer


def lead_of_first_task(bureau: Bureau) -> tuple[int, int]:
    rows = CalamineWorkbook.from_path(bureau.control).get_sheet_by_name("任务分解").to_python(skip_empty_area=False)
    head = next(at for at, row in enumerate(rows) if "牵头单位" in row)
    return head + 2, rows[head].index("牵头单位") + 1


def test_a_fault_in_the_settings_is_told_beside_them_until_it_is_mended(bureau: Bureau) -> None:
    told = bureau.control.with_name("台账设置填报提示.xlsx")
    place = lead_of_first_task(bureau)
    bureau.save_control({"任务分解": {place: "宣传课"}})
    bureau.json("sync")
    assert "TPL-006" in "\n".join(texts(told))
    assert bureau.json("status")["exit"] == EXIT_PERSON
    bureau.save_control({"任务分解": {place: "创建办"}})
    bureau.json("sync")
    assert not told.exists()


def test_a_changed_check_looks_at_every_book_again(bureau: Bureau) -> None:
    bureau.type("宣传科", "活动台账", {FIRST_ROW: {"日期": "2026-3-12", "活动名称": "植树", "类别": "主题活动"}})
    assert bureau.json("sync")["read"] == ["02各单位填报/宣传科.xlsx"]
    assert bureau.json("sync")["read"] == []
    store = Store.in_folder(bureau.root / ".syncer")
    store.set("judged_by", "an older release")
    store.close()
    again = bureau.json("sync")
    assert len(again["read"]) == len(bureau.books())
    assert again["rows"] == {"added": 0, "changed": 0, "withdrawn": 0}
    assert bureau.json("sync")["read"] == []


def test_the_workspace_may_be_named_before_or_after_the_verb(bureau: Bureau) -> None:
    before = run_syncer("-C", str(bureau.root), "--json", "status")
    after = run_syncer("status", "-C", str(bureau.root), "--json")
    assert before.returncode == after.returncode
    assert before.stdout == after.stdout
