"""Chinese numerals as numbers. Those up to ninety-nine stand in a table: nearly all that people write, and no library to load."""

from __future__ import annotations

_ONES = "一二三四五六七八九"

UP_TO_99 = {
    **{one: at for at, one in enumerate(_ONES, start=1)},
    **{f"十{one}": 10 + at for at, one in enumerate(("", *_ONES))},
    **{
        f"{ten}十{one}": 10 * tens + at
        for tens, ten in enumerate(_ONES, start=1)
        for at, one in enumerate(("", *_ONES))
    },
    **{f"廿{one}": 20 + at for at, one in enumerate(("", *_ONES))},
}


def number_of(numeral: str) -> str | None:
    """Returns the digits of one numeral (``"一百二十"`` → ``"120"``), ``None`` where it is no number."""
    if numeral in UP_TO_99:
        return str(UP_TO_99[numeral])
    from cn2an import cn2an  # noqa: PLC0415 - 0.3 s with its patterns

    try:
        return str(cn2an(numeral, "smart"))
    except (ValueError, KeyError):  # it raises either
        return None
