"""What a copy is compared with: where nobody can know, nothing is concluded."""

from __future__ import annotations

from syncer.core.merging.lineage import _as_filled
from syncer.core.reading.rows import ReadRow


def test_a_cell_in_which_a_copy_holds_what_it_came_from_has_no_base_in_whatever_column() -> None:
    """Our columns and the unit's own alike: it may have been put back, or never have been changed."""
    sure = ReadRow("HD-D02-0001", 5, {"name": "植树", "place": "河边"}, {"领队": "甲"})
    newer = ReadRow("HD-D02-0001", 5, {"name": "义务植树", "place": "河边"}, {"领队": "乙", "车辆": "一台"})
    copy = ReadRow("HD-D02-0001", 5, {"name": "植树", "place": "河边"}, {"领队": "甲"})
    base = _as_filled(newer, copy, sure)
    assert base is not None
    assert (dict(base.raw), dict(base.extra)) == ({"place": "河边"}, {})
