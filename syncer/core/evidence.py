"""Where a place that a unit typed for its evidence leads: inside the unit's own folder, or not.

A place is a path below ``06佐证材料/<单位>``. Whatever Windows or Linux, a browser or a hurried reader could take for another
folder counts as one, on every system alike: full-width signs, ``%2e%2e``, both slashes, the names of devices.
"""

from __future__ import annotations

import re
import unicodedata

from syncer.core.texts import is_device, line_text

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
_MOST_DECODINGS = 3


def place_inside(typed: str) -> tuple[str, ...] | None:
    r"""Returns the names that lead from the unit's folder to a place, as typed; ``None`` where it leads elsewhere.

    ``"3月/植树.jpg"`` → ``("3月", "植树.jpg")``; ``"..\\财务科\\账.xlsx"`` → ``None``. See `why_outside`.
    """
    return None if why_outside(typed) else tuple(_names(typed.strip()))


def why_outside(typed: str) -> str:
    """Returns in Chinese why a typed place is none inside the unit's own folder; ``""`` where it is one."""
    spellings = [typed.strip()]
    while len(spellings) <= _MOST_DECODINGS and (plainer := _decoded(spellings[-1])) != spellings[-1]:
        spellings.append(plainer)
    if len(spellings) > _MOST_DECODINGS:
        return "多重编码的地址"
    return next((why for spelling in spellings if (why := _why(spelling))), "")


def _decoded(text: str) -> str:
    """Returns a text with full-width signs made half-width and one layer of ``%2e`` taken off."""
    plain = unicodedata.normalize("NFKC", text)
    return re.sub(
        r"(?:%[0-9A-Fa-f]{2})+", lambda code: bytes.fromhex(code[0].replace("%", "")).decode("utf-8", "replace"), plain
    )


def _why(place: str) -> str:
    """Judges one spelling."""
    if not _names(place):
        return "没有写明的位置"
    if line_text(place) != place:
        return "带有看不见的字符的地址"
    if place.startswith(("\\\\", "//")):
        return "网络上的其他电脑"
    if re.match(r"[A-Za-z]:", place):
        return "本机的磁盘"
    if place.startswith(("/", "\\", "~")):
        return "本单位文件夹以外的位置"
    if _SCHEME.match(place):
        return "程序不打开的地址"
    return next((why for name in _names(place) if (why := _why_not(name))), "")


def _why_not(name: str) -> str:
    """Judges one name on the way. Windows drops trailing dots and spaces, so ``".. "`` is ``".."`` to it."""
    if not name.strip(" ."):
        return "本单位文件夹以外的位置"
    if name != name.rstrip(" ."):
        return "以点或空格结尾的名称"
    if re.search(r'[<>:"|?*]', name):
        return "文件名里不能有的字符"
    return "系统设备的名称" if is_device(name) else ""


def _names(place: str) -> list[str]:
    return [name for name in re.split(r"[/\\]+", place) if name]
