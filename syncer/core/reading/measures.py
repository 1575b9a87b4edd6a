"""Measure words (计量单位): which of them may stand for another, and lengths of time in hours or minutes."""

from __future__ import annotations

import re

# Words of one line count the same things; 个 counts nearly all.
_ALIKE = tuple(
    frozenset(line.split())
    for line in (
        "人 名 位 个 个人 人次 人数 口 员 人员",
        "次 场 场次 回 期 个 轮 趟 遍 届 项 例",
        "篇 份 件 条 个 本 册 部 则 幅 期 套",
        "份 件 个 册 套 本 张 项",
        "页 张 面 p 个 版 帧",
        "项 个 条 件 处 类",
        "户 家 个",
        "小时 课时 学时 个小时 个课时 个学时 钟头 个钟头 h 时",
        "元 块 块钱",
        "% 个百分点 个点 百分点",
        "天 日 个工作日 工作日",
        "处 个 块 面 幅 条 栏 期",
        "个 支 组 队 批 对",
        "千米 公里 km",
        "平方米 平米 平方 m2",
        "千克 公斤 kg",
        "辆 台 部 车次",
    )
)
_OTHERS = "组 队 支 批 对 双 盆 株 棵 箱 包 袋 瓶 桶 吨 斤 亩 公顷 米 厘米 字 分 元 万元 亿元 年 月 周 分钟 座 间 栋 所 站 岗 盏 台次 家次 户次 门"
WORDS = tuple(sorted(frozenset().union(*_ALIKE, _OTHERS.split()), key=lambda word: (-len(word), word)))
"""All measure words that are known, longest first."""
_MINUTES = {"小时": 60, "学时": 60, "课时": 60, "时": 60, "分钟": 1, "分": 1}
_TIME = re.compile(
    r"(?:(?P<hours>\d+(?:\.\d+)?)(?:个?(?:小时|钟头|h(?:rs?|ours?)?)|时)(?P<half>半)?(?:零|又)?)?"
    r"(?:(?P<minutes>\d+(?:\.\d+)?)(?:分钟?|min(?:ute)?s?|')|(?P<quarters>\d)刻钟?)?",
    re.IGNORECASE,
)


def unit_at(text: str, measure: str) -> str:
    """Returns the measure word a text begins with, the column's own where none is longer; ``""`` where it begins with none."""
    lowered = text.lower()
    known = next((word for word in WORDS if lowered.startswith(word)), "")
    return measure if measure and text.startswith(measure) and len(measure) >= len(known) else known


def fits(unit: str, measure: str) -> bool:
    """Tells whether a number counted in ``unit`` may stand in a column of this measure; either may be blank."""
    if not unit or not measure or unit == measure:
        return True
    return any(unit in words and measure in words for words in _ALIKE)


def is_time(measure: str) -> bool:
    """Tells whether a column counts hours or minutes."""
    return measure in _MINUTES


def length_of_time(text: str, measure: str) -> float | None:
    """Returns a length of time in the column's measure: ``("2小时30分", "小时")`` → 2.5; ``None`` where the text is none.

    In a column of hours a bare 分 means minutes. A text in the column's own measure alone is none either: it is a number.
    """
    found = _TIME.fullmatch(text)
    if found is None or not is_time(measure) or not text:
        return None
    minutes = 60 * float(found["hours"] or 0) + (30 if found["half"] else 0)
    minutes += float(found["minutes"] or 0) + 15 * int(found["quarters"] or 0)
    return round(minutes / _MINUTES[measure], 4)
