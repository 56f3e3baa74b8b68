"""The page's colors can be read: WCAG 2 level AA, in the light and in the dark."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import sandbox

BASE = Path(sandbox.__file__).parent / "static" / "base.css"

_GROUNDS = ("paper", "panel", "raised", "private")
TEXT = [
    *((ink, ground) for ground in _GROUNDS for ink in ("ink", "soft", "link", "danger", "warn")),
    *(("ink", ground) for ground in ("panel-deep", "danger-soft", "note-soft", "warn-soft", "good-soft")),
    ("soft", "panel-deep"),
    ("good", "panel"),
    ("danger", "danger-soft"),
    ("link", "note-soft"),
    ("accent-ink", "accent"),
    ("paper", "danger"),
    ("mention-ink", "mention"),
    ("tape-ink", "tape"),
    *(("on-series", f"c{index}") for index in range(12)),
]
SHAPES = [
    *(("edge", ground) for ground in _GROUNDS),
    *(("focus", ground) for ground in _GROUNDS),
    *((f"c{index}", "paper") for index in range(12)),
]


def _themes() -> dict[str, dict[str, str]]:
    light, dark = BASE.read_text(encoding="utf-8").split("@media (prefers-color-scheme: dark)", 1)
    found = [dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", part)) for part in (light, dark)]
    return {"light": found[0], "dark": {**found[0], **found[1]}}


def _luminance(color: str) -> float:
    shares = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("pairs", "least"), [(TEXT, 4.5), (SHAPES, 3.0)], ids=["text", "shapes"])
def test_colors_stand_out_from_their_ground(theme: str, pairs: list[tuple[str, str]], least: float) -> None:
    colors = _themes()[theme]
    found = {f"{one} on {ground}": round(_contrast(colors[one], colors[ground]), 2) for one, ground in pairs}
    assert {pair: ratio for pair, ratio in found.items() if ratio < least} == {}
