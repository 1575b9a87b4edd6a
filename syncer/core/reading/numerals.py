"""Chinese numerals within a text, made digits: 一百二十, 壹佰贰拾, 廿五, 二〇二六. What is not one number stays unread."""

from __future__ import annotations

import re

from syncer.core.numerals import number_of

_ONES = "一二两三四五六七八九"
_DIGITS = f"〇零{_ONES}壹贰貳叁參肆伍陆陸柒捌玖"
_SCALES = "十百千万亿拾佰仟萬億廿卅"
_SPAN = re.compile(rf"(?<![\d.])[{_DIGITS}{_SCALES}]+(?:点[{_DIGITS}]+)?")
_CIRCLES = re.compile(rf"(?<=[{_DIGITS}])[○◯OoＯ](?=[{_DIGITS}○◯OoＯ年])")
_TRADITIONAL = str.maketrans("貳參陸萬億", "贰叁陆万亿")


def in_digits(text: str) -> str | None:
    """Returns a text with its Chinese numerals in digits, or ``None`` where one of them is no one number.

    ``"一百二十人"`` → ``"120人"``; ``"两三次"`` and ``"十几人"`` are estimates: ``None``. A text without any stays as it is.
    """
    text = _CIRCLES.sub("〇", text)
    if re.search(rf"[几数][{_SCALES}]|[{_SCALES}][几数]", text):
        return None
    spans = list(_SPAN.finditer(text))
    for span in reversed(spans):
        digits = _number(span[0])
        if digits is None:
            return None
        text = text[: span.start()] + digits + text[span.end() :]
    return text


def _number(numeral: str) -> str | None:
    whole = numeral.split("点", maxsplit=1)[0]
    if not set(whole) & set(_SCALES) and not set(whole) & set("〇零") and len(whole) == 2:
        return None  # 三五人: some three to five
    if set(whole) & set(_SCALES) and re.search(rf"[{_ONES}]{{2}}", whole):
        return None  # 三四十人
    return number_of(numeral.translate(_TRADITIONAL))
