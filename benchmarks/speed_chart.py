"""A bar chart on a logarithmic scale, as SVG: one picture does not need a plotting library."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

WIDTH, LABELS, ROOM = 860, 250, 90  # pixels: the whole, the names at the left, the numbers at the right
BAR, GAP, HEAD = 18, 6, 34
OURS, THEIRS, INK, GRID = "#2f6f4f", "#9aa5b1", "#1f2933", "#e4e7eb"


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar."""

    name: str
    seconds: float
    ours: bool = False


def chart(title: str, groups: Mapping[str, Sequence[Bar]]) -> str:
    """Returns the picture: a group of bars below each heading."""
    bars = [bar for group in groups.values() for bar in group]
    if not bars:
        return '<svg xmlns="http://www.w3.org/2000/svg"/>\n'
    low = math.floor(math.log10(min(bar.seconds for bar in bars)))
    high = math.ceil(math.log10(max(bar.seconds for bar in bars)))
    scale = _Scale(low, max(high, low + 1))
    height = HEAD + sum(HEAD + (BAR + GAP) * len(group) for group in groups.values()) + HEAD
    body = [_text(LABELS, 22, title, weight="bold"), *_grid(scale, height)]
    top = HEAD
    for heading, group in groups.items():
        body.append(_text(LABELS, top + 24, heading, weight="bold"))
        top += HEAD
        for bar in group:
            body += _bar(bar, top, scale)
            top += BAR + GAP
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" font-family="sans-serif" font-size="13">'
    return "\n".join((head, f'<rect width="{WIDTH}" height="{height}" fill="white"/>', *body, "</svg>\n"))


@dataclass(frozen=True, slots=True)
class _Scale:
    low: int  # powers of ten
    high: int

    def x(self, seconds: float) -> float:
        """Returns where a bar of so many seconds ends."""
        share = (math.log10(seconds) - self.low) / (self.high - self.low)
        return LABELS + max(share, 0.003) * (WIDTH - LABELS - ROOM)


def _grid(scale: _Scale, height: int) -> Iterator[str]:
    for power in range(scale.low, scale.high + 1):
        x = scale.x(10**power)
        yield f'<line x1="{x:.1f}" y1="{HEAD}" x2="{x:.1f}" y2="{height - HEAD + 8}" stroke="{GRID}"/>'
        yield _text(x, height - 10, f"{10.0**power:g} s", anchor="middle")


def _bar(bar: Bar, top: float, scale: _Scale) -> Iterator[str]:
    end = scale.x(bar.seconds)
    fill = OURS if bar.ours else THEIRS
    yield _text(LABELS - 8, top + 14, bar.name, anchor="end")
    yield f'<rect x="{LABELS}" y="{top}" width="{end - LABELS:.1f}" height="{BAR}" rx="2" fill="{fill}"/>'
    yield _text(end + 6, top + 14, f"{bar.seconds:.2g} s" if bar.seconds < 10 else f"{bar.seconds:.0f} s")


def _text(x: float, y: float, text: str, *, anchor: str = "start", weight: str = "normal") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-weight="{weight}" fill="{INK}">{escape(text)}</text>'
