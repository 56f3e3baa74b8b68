"""Charts as inline SVG: no script, no network, readable in black and white, and told in words beside."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

_WIDTH = 720
_DARK, _LIGHT, _INK, _FAINT = "#1f5f8b", "#b9c7d2", "#1d1c1d", "#d8d8d8"
_NAME_WIDTH, _VALUE_ROOM = 210, 60
_LONGEST_NAME = 30


def columns(title: str, points: Sequence[tuple[str, int]]) -> str:
    """A column per point with its number above; the last one is dark."""
    height, bottom, top = 220, 34, 26
    most = max((value for _, value in points), default=0) or 1
    step = _WIDTH / max(1, len(points))
    parts = [f'<line x1="0" x2="{_WIDTH}" y1="{height - bottom}" y2="{height - bottom}" stroke="{_FAINT}"/>']
    for place, (label, value) in enumerate(points):
        tall = (height - bottom - top) * value / most
        left, middle = place * step + step * 0.15, place * step + step / 2
        color = _DARK if place == len(points) - 1 else _LIGHT
        parts.append(
            f'<rect x="{left:.1f}" y="{height - bottom - tall:.1f}" width="{step * 0.7:.1f}" height="{tall:.1f}"'
            f' fill="{color}"/>'
        )
        parts.append(
            _text(middle, height - bottom - tall - 6, f"{value:,}", anchor="middle", bold=place + 1 == len(points))
        )
        parts.append(_text(middle, height - bottom + 18, label, anchor="middle"))
    return _svg(title, _told(points), height, parts)


def pairs(title: str, rows: Sequence[tuple[str, int, int]], now: str, before: str) -> str:
    """Two bars per row, this period's above that of the one before."""
    row, head = 44, 26
    most = max((value for _, one, two in rows for value in (one, two)), default=0) or 1
    room = _WIDTH - _NAME_WIDTH - _VALUE_ROOM
    parts = [
        f'<rect x="{_NAME_WIDTH}" y="4" width="12" height="12" fill="{_DARK}"/>',
        _text(_NAME_WIDTH + 18, 15, now),
        f'<rect x="{_NAME_WIDTH + 140}" y="4" width="12" height="12" fill="{_LIGHT}"/>',
        _text(_NAME_WIDTH + 158, 15, before),
    ]
    for place, (name, one, two) in enumerate(rows):
        y = head + place * row
        parts.append(_text(_NAME_WIDTH - 10, y + 24, _short(name), anchor="end"))
        for value, color, down in ((one, _DARK, 4), (two, _LIGHT, 21)):
            wide = room * value / most
            parts.append(f'<rect x="{_NAME_WIDTH}" y="{y + down}" width="{wide:.1f}" height="15" fill="{color}"/>')
            parts.append(_text(_NAME_WIDTH + wide + 6, y + down + 12, f"{value:,}"))
    told = "; ".join(f"{name}: {one:,}, {before.lower()} {two:,}" for name, one, two in rows)
    return _svg(title, told, head + len(rows) * row, parts)


def bars(title: str, rows: Sequence[tuple[str, int]]) -> str:
    """One bar per row."""
    row = 28
    most = max((value for _, value in rows), default=0) or 1
    room = _WIDTH - _NAME_WIDTH - _VALUE_ROOM
    parts = []
    for place, (name, value) in enumerate(rows):
        y, wide = place * row, room * value / most
        parts.append(_text(_NAME_WIDTH - 10, y + 18, _short(name), anchor="end"))
        parts.append(f'<rect x="{_NAME_WIDTH}" y="{y + 4}" width="{wide:.1f}" height="18" fill="{_DARK}"/>')
        parts.append(_text(_NAME_WIDTH + wide + 6, y + 18, f"{value:,}"))
    return _svg(title, _told(rows), len(rows) * row, parts)


def _told(points: Sequence[tuple[str, int]]) -> str:
    return "; ".join(f"{label}: {value:,}" for label, value in points)


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1].rstrip()}…"


def _text(x: float, y: float, text: str, *, anchor: str = "start", bold: bool = False) -> str:
    weight = ' font-weight="700"' if bold else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{_INK}"{weight}>{escape(text)}</text>'


def _svg(title: str, told: str, height: float, parts: Sequence[str]) -> str:
    """The drawing with its name and, for who does not see it, everything it shows."""
    return (
        f'<figure><figcaption>{escape(title)}</figcaption><svg viewBox="0 0 {_WIDTH} {height:.0f}" role="img"'
        f' aria-label="{escape(f"{title}. {told}.")}" font-size="13" font-family="system-ui, sans-serif">'
        f"{''.join(parts)}</svg></figure>"
    )
