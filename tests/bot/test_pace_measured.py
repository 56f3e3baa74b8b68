"""The sender against the sandbox's limits in real time: how much of Slack's pace it keeps, without one refusal."""

from __future__ import annotations

import sys
import time

import pytest

from bot.pace import PER_MINUTE
from services.desk import Desk
from tests.bot.rig import Rig, fast_sandbox, say, shown

CHANNELS = ("C0FRONT", "C0CODING", "C0AUTH", "C0CLINICAL", "C0FOLLOWUP", "C0OPS", "C0LEADS")


def _measure(desk: Desk, channels: tuple[str, ...], seconds: float, most: float) -> float:
    """The share of `most` posts that were made in so many real seconds at Slack's own limits."""
    for n in range(int(most * 1.2)):
        say(desk, channels[n % len(channels)], f"notice {n}")
    with fast_sandbox(scale=1) as sandbox:
        with Rig(desk, sandbox, scale=1) as rig:
            while not any(shown(sandbox, channel) for channel in channels):
                time.sleep(0.05)
            time.sleep(seconds)
            assert rig.sender.state.has_lease
        posts = sum(len(shown(sandbox, channel)) for channel in channels)
        assert sandbox.refused_calls() == []
    sys.stdout.write(f"{posts} posts in {seconds:g} s over {len(channels)} channels, {posts / most:.1%} of the pace\n")
    return posts / most


@pytest.mark.long
@pytest.mark.timeout(1500)
def test_ninety_percent_of_the_workspaces_pace_for_twenty_minutes(desk: Desk) -> None:
    assert _measure(desk, CHANNELS, 1200, 20 * PER_MINUTE["post"]) >= 0.9


@pytest.mark.long
@pytest.mark.timeout(600)
def test_ninety_percent_of_one_channels_pace_for_five_minutes(desk: Desk) -> None:
    assert _measure(desk, CHANNELS[:1], 300, 300) >= 0.9
