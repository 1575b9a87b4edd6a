"""Texts of several units put together as one, as such offices write them: ``【办公室】…；【人事科】…``."""

from __future__ import annotations

from collections.abc import Iterable

_ENDS = "。；;.，, \n"  # what a text may end with and loses where another follows


def unended(text: str) -> str:
    """Returns a text without its full stop, to be quoted or followed by another: ``"已完成。"`` → ``"已完成"``."""
    return text.rstrip(_ENDS)


def listed(parts: Iterable[str]) -> str:
    """Returns parts as one text, blank ones left out; a single one stays as it is.

    ``["已完成。", "", "缺经费。"]`` → ``"已完成；缺经费"``.
    """
    found = [part for part in parts if part]
    return found[0] if len(found) == 1 else "；".join(unended(part) for part in found)


def voiced(said: Iterable[tuple[str, str]]) -> str:
    """Returns what several units say, each behind its name; units that say the same stand together.

    ``[("办公室", "已办。"), ("人事科", "已办"), ("工会", "未办")]`` → ``"【办公室、人事科】已办；【工会】未办"``.
    """
    names: dict[str, list[str]] = {}
    for name, text in said:
        if text:
            names.setdefault(unended(text), []).append(name)
    return "；".join(f"【{'、'.join(who)}】{text}" for text, who in names.items())
