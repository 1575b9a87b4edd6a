"""Cleaning of a wording before it is read: NFKC, numerals and written dates in one form, polite words dropped."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from syncer.core.calendar import name_key
from syncer.core.numerals import number_of
from syncer.core.values import fold

_DIGITS = "〇零一二两三四五六七八九十百廿"
_QUOTES = str.maketrans("", "", "“”\"‘’'「」『』《》")  # “七一”前
_CIRCLES = re.compile(r"(?<=[二〇一三四五六七八九])[○◯](?=[〇○◯一二三四五六七八九年])")
# A numeral counts only before what it numbers; 周五 is a weekday, 二十大 a name. 周三次 is three times, 周三1次 a weekday.
_NUMERAL = re.compile(
    rf"(?<![周期拜{_DIGITS}])(?:[{_DIGITS}]+(?=个|年|月|日|号|天|周|次|场|期|篇|轮|季|工作日|小时|时|点|星期)|[一二三四五六七八九十](?=[、,至到~-]))"
    rf"|(?<=[周期])[{_DIGITS}]+(?=次|场)"
)


def _after_the_end(found: re.Match[str]) -> str:
    """每季度结束后10日内: the 10th of the next, and so of every quarter's first month."""
    size = "每季度首月" if "季" in found[1] else "每月"
    return f"{size}第{found[2]}个工作日前" if found[3] == "个工作日" else f"{size}{found[2]}日前"


def _every_other_month(found: re.Match[str]) -> str:
    """双月底前: 2月底前、4月底前 and so on."""
    return "、".join(f"{month}月{found[2]}" for month in range(1 if found[1] == "单" else 2, 13, 2))


_POLITE = (
    "不迟于|不晚于|最迟|最晚|原则上|力争|争取|确保|务必|必须|截止时间为?|截止日期为?|截止到|截止于|截止|截至到?|预计|计划|大约"
    "|上午|下午|中午|晚上|早上|早晨|下班|(?<!\\d)\\d{1,2}(?::\\d{2}(?::\\d{2})?|[时点](?:\\d{1,2}分|半|整)?)|为止|。"
)
_Y = r"(?<!\d)((?:19|20)\d\d)"
_REWRITES = tuple(
    (re.compile(pattern), by)
    for pattern, by in (
        (rf"{_Y}([。、,])(\d{{1,2}})\2(\d{{1,2}})(?!\d)日?", r"\1年\3月\4日"),  # 2026。3。5, as Chinese typing has it
        (r"两月(?=内|之内|以内)", "2个月"),
        (r"\(\d{1,2}\)|[,;&]|(?<!\d)/|/(?!\d)|以及|并且|和|与|及", "、"),
        (rf"((?:周|星期|礼拜)[{_DIGITS}天日])[一1](?=次|场)[次场]", r"\1"),
        (rf"{_Y}([-./])(\d{{1,2}})\2(\d{{1,2}})(?!\d)日?", r"\1年\3月\4日"),
        (rf"{_Y}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?!\d)", r"\1年\2月\3日"),
        (rf"{_Y}[-./](0?[1-9]|1[0-2])(?![\d])月?", r"\1年\2月"),
        (rf"{_Y}(0[1-9]|1[0-2])(?!\d)", r"\1年\2月"),
        (r"(?<![\d.])(2\d)([-./])(\d{1,2})\2(\d{1,2})(?![\d.])日?", r"20\1年\3月\4日"),
        (r"(?<!\d)(\d\d)年(?=\d{1,2}月|底|末|[上下]半年|第?\d季)", r"20\1年"),
        (_POLITE, ""),
        (r"(?<=[日号])\(?(?:周|星期|礼拜)[一二三四五六日天]\)?", ""),
        (r"之前|以前|前夕", "前"),
        (r"之后|以后", "后"),
        (r"左右", "前后"),
        (r"(?<=\d)以内|之内", "内"),
        (r"半个?月内", "15日内"),
        (r"半年内", "6个月内"),
        (r"上、?下半年", "上半年、下半年"),
        (r"q(?=[1-4])", "第"),
        (r"前([1-4])个?季度?", r"第1季度至第\1季度"),
        (r"(每?(?:季|月)(?:度)?)(?:结束|终了)后(\d{1,2})(个工作日|日|天)(?:以|之)?内", _after_the_end),
        (r"(?<!每月)(?<!度)次月(?=\d{1,2}[日号])", "每月"),
        (r"^逢(?=周|星期|礼拜)", "每"),
        (r"^[每逢]?([单双])月(.*)$", _every_other_month),
        (r"(第[1-4])(?=$|[、至到~前底末内-])", r"\1季度"),
        (r"^(周|月|季|半年)(?:度|报)(?=$|\d)", r"每\1"),
        (r"、+", "、"),
        (r"^于|止$|、$|^、", ""),
    )
)
# 3、6、9月底前 → 3月底前、6月底前、9月底前
_SHARED = re.compile(
    r"(?<!\d)((?:第?\d{1,2}、)+)(第?\d{1,2})((?:月|季度)(?:[底末份内初]|[上中下]旬)?前?|[日号]前?)(?!\d)"
)
# 1、3月底前定方案、2、6月底前完成: numbers of items, not months
_NUMBERED = re.compile(r"^1[、.)](?=.*[^\d、]、2[、.)])|(?<=[^\d、]、)\d[、.)]")


def clean(text: str, year: int) -> str:
    """Returns a wording in one form. ``clean("二〇二六年三月五日（周四）之前", 2026)`` → ``"2026年3月5日前"``."""
    plain = unicodedata.normalize("NFKC", re.sub(r"[\u2460-\u249b\n\r]", "、", text))
    plain = _CIRCLES.sub("〇", plain.translate(_QUOTES))
    words = fold(re.sub(r"(\d[-/.]\d{1,2})[ T]\d{1,2}:\d{2}(:\d{2})?", r"\1", plain))
    words = _NUMERAL.sub(lambda found: _numeral(found[0]), words)
    words = re.sub(r"今年|当年|本年度?", f"{year}年", words)
    words = re.sub(r"去年|上年度?", f"{year - 1}年", words)
    words = re.sub(r"明年|次年|翌年|来年", f"{year + 1}年", words)
    for pattern, by in _REWRITES:
        words = pattern.sub(by, words)
    if re.match(_NUMBERED, words):
        words = _NUMBERED.sub("", words)
    return _SHARED.sub(
        lambda found: "".join(part + found[3] + "、" for part in (found[1] + found[2]).split("、"))[:-1], words
    )


def _numeral(span: str) -> str:
    """Returns a span of Chinese numerals in digits; as it is where it is no number (三五天)."""
    if len(span) > 1 and not set(span) & set("十百廿") and len(span) != 4:
        return span
    return number_of(span) or span


@lru_cache(maxsize=1024)
def wording_key(name: str, year: int) -> str:
    """Returns a named day as a cleaned wording holds it. ``wording_key("党的二十大召开", 2026)`` → ``"二十大"``."""
    return re.sub(r"^党的|(?:召开|举行|开幕)$", "", name_key(clean(name, year)))
