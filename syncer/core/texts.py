"""Texts made fit for where they go: a cell, one line of a terminal or status file, the name of a file.

Each only takes away or replaces what the place cannot hold or what would do something there; all else stays as typed.
Each is idempotent.
"""

from __future__ import annotations

import re
import unicodedata

CELL_LIMIT = 32_767  # UTF-16 units Excel keeps of a cell's text
PROPERTY_LIMIT = 255  # and of a document property

_LINE_ENDS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")  # Word's manual line break is pasted as a vertical tab
_NOTHING = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_HALF = re.compile("[\ud800-\udfff]")
_TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")  # they set what follows from right to left
_STEM_SIGNS, _STEM_BYTES = 80, 160  # of 255 bytes, so that an ending and the name of a temporary file fit
_FORBIDDEN = re.compile(r'[<>:"/\\|?*\n\t]')
_TAB_LIMIT, _TAB_SIGNS = 31, re.compile(r"[\[\]:*?/\\\n\t]")
_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")  # what Excel reads as a sign by its number
_DEVICES = frozenset({"con", "prn", "aux", "nul", "conin$", "conout$", "clock$"})
_NUMBERED_DEVICE = re.compile(r"(?:com|lpt)[0-9¹²³]")


def storable(text: str) -> str:
    r"""Returns a text as workbooks and databases can hold it: line breaks as one sign, no control signs or halves of a sign.

    ``"a\x0bb\x00\r\n"`` → ``"a\nb\n"``.
    """
    if text.isprintable():
        return text
    return _NOTHING.sub("", _LINE_ENDS.sub("\n", text))


def signs_dropped(text: str) -> int:
    """Returns how many signs `storable` leaves out of a text; a line break in another form is none of them."""
    return 0 if text.isprintable() else len(_NOTHING.findall(_LINE_ENDS.sub("\n", text)))


def utf16_units(text: str) -> int:
    """Returns how long Excel counts a text to be: a sign beyond the basic plane (an emoji) counts two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def cut(text: str, units: int) -> str:
    """Returns as much of a text as fits into so many UTF-16 units, no sign halved."""
    if len(text) <= units // 2 or utf16_units(text) <= units:
        return text
    return text.encode("utf-16-le", "surrogatepass")[: 2 * units].decode("utf-16-le", "ignore")


def cell_text(text: str) -> str:
    """Returns a text as a cell of a workbook of ours holds it; one too long for any cell ends with a notice that says so."""
    held = storable(text)
    if len(held) <= CELL_LIMIT // 2 or utf16_units(held) <= CELL_LIMIT:
        return held
    notice = f"……（原文共{len(held)}字，一个单元格放不下，这里只有前面的部分；全文留存在历史记录里）"
    return cut(held, CELL_LIMIT - len(notice)) + notice


def line_text(text: str) -> str:
    """Returns a text for one line of a terminal, a log or a status file: nothing in it ends the line or steers the terminal."""
    if text.isprintable():
        return text
    return _TURNING.sub("", storable(text).replace("\n", " ").replace("\t", " "))


def path_text(path: str) -> str:
    r"""Returns a path as it is shown and kept: what is no text in it, which systems let names have, as ``\xd0`` or ``\ud800``."""
    return _HALF.sub(lambda half: _hexadecimal(ord(half[0])), path)


def _hexadecimal(half: int) -> str:
    byte = half - 0xDC00  # how Python stands for a byte of a name that is no UTF-8
    return f"\\x{byte:02x}" if 0x80 <= byte <= 0xFF else f"\\u{half:04x}"


def tab_name(text: str) -> str:
    """Returns a text made fit to name a worksheet in Excel: ``"制度/文件"`` → ``"制度_文件"``; at most 31 UTF-16 units."""
    name = (
        cut(_ESCAPE.sub("-", _TAB_SIGNS.sub("_", _visible(text))).strip().strip("'"), _TAB_LIMIT).rstrip().rstrip("'")
        or "表"
    )
    return f"{name}_" if name.casefold() == "history" else name  # Excel keeps that one for itself


def file_name(text: str, ending: str = "") -> str:
    """Returns a text made fit to name a file on Windows and Linux, with an ending: ``"a/b"`` → ``"a_b.xlsx"``.

    No folder, drive, device or hidden file; nothing that Excel and WPS would take for an owner file; invisible signs and
    those that turn the reading direction are left out. At most 80 signs and 160 bytes beside the ending.
    """
    kept = _FORBIDDEN.sub("_", unicodedata.normalize("NFC", _visible(text))).strip(" .　")
    kept = re.sub(r"^~", "_", kept)[:_STEM_SIGNS]
    kept = kept.encode()[:_STEM_BYTES].decode("utf-8", "ignore").rstrip(" .　") or "_"
    return f"_{kept}{ending}" if is_device(kept) else kept + ending


def is_device(name: str) -> bool:
    """Tells whether Windows takes a file's name for a device, whatever its ending: ``"CON.txt"``."""
    stem = name.partition(".")[0].rstrip().casefold()
    return stem in _DEVICES or _NUMBERED_DEVICE.fullmatch(stem) is not None


def _visible(text: str) -> str:
    """Returns a text without signs that show nothing or turn the reading direction, and such as no font has."""
    return "".join(sign for sign in storable(text) if unicodedata.category(sign) not in {"Cf", "Cn", "Co"})
