"""Rules that name user groups: whoever is in the group now may act, and the group is followed as it changes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.manifest import app_manifest
from sandbox.app import app_of_manifest
from sandbox.shown import Shown
from sandbox.story import Story
from tests.conftest import SAMPLES
from tests.remits import denied_claim, remit
from tests.stories.practice import Practice, practice


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """The front desk's members and lead are groups, as Slack has them."""
    text = (SAMPLES / "rules.yaml").read_text(encoding="utf-8")
    assert "members: [U0FRONT1, U0FRONT2]" in text
    text = text.replace("members: [U0FRONT1, U0FRONT2]", "members: [S0FRONT]", 1)
    path = tmp_path / "grouped.yaml"
    path.write_text(text.replace("lead: U0LEAD", "lead: S0CODING", 1), encoding="utf-8")
    return path


@pytest.fixture(params=["socket", "http"])
def desk_of(request: pytest.FixtureRequest, tmp_path: Path, rules: Path) -> Iterator[Practice]:
    """A practice with these rules, once over Socket Mode and once over HTTP."""
    with practice(tmp_path, request.param, rules=rules) as opened:
        opened.story.expect(lambda: {"S0FRONT", "S0CODING"} <= set(opened.desk.rules.user_groups) or None, "the groups")
        yield opened


def test_members_come_and_go_with_their_group(desk_of: Practice) -> None:
    story = desk_of.story
    desk_of.take_in(remit([denied_claim("C1", 240, "27")]))
    card = desk_of.card("front-desk")
    story.click(card, "Claim", by="U0AUTH1")
    story.expect_private_answer("U0AUTH1", ("Only <!subteam^S0FRONT> or <!subteam^S0CODING>", "can work this one"))

    story.change_group("S0FRONT", ["U0AUTH1"])
    story.expect(lambda: desk_of.desk.rules.user_groups["S0FRONT"] == ("U0AUTH1",) or None, "the group to be read")
    story.click(card, "Claim", by="U0FRONT1")
    story.expect_private_answer("U0FRONT1", "Only <!subteam^S0FRONT>")
    story.click(card, "Claim", by="U0AUTH1")
    claimed = story.expect_update(card, "<@U0AUTH1>", button="Release")

    story.choose(claimed, "Escalate now", by="U0AUTH1")
    story.expect_message("front-desk", ("<!subteam^S0CODING>", "escalated by <@U0AUTH1>"))
    story.expect_private_answer("U0AUTH1", "<!subteam^S0CODING> is told")
    latest = story.expect(lambda: _newer(story, claimed), "the card to show that it was escalated")
    story.click(latest, "Release", by="U0CODE1")  # a lead by group
    story.expect_update(card, button="Claim")
    assert story.refused_calls() == []


def _newer(story: Story, shown: Shown) -> Shown | None:
    """The card once it is drawn for a later version: a press of the one before would be refused as stale."""
    now = story.again(shown)
    return now if now is not None and now.button("Release").value != shown.button("Release").value else None


def test_without_the_scope_nobody_of_a_group_gets_in_and_everybody_hears_why(tmp_path: Path, rules: Path) -> None:
    app = app_of_manifest(app_manifest())
    app = replace(app, scopes=app.scopes - {"usergroups:read"})
    with practice(tmp_path, rules=rules, app=app) as desk_of:
        story = desk_of.story
        desk_of.take_in(remit([denied_claim("C1", 240, "27")]))
        story.click(desk_of.card("front-desk"), "Claim", by="U0FRONT1")
        story.expect_private_answer("U0FRONT1", ("does not tell", "<!subteam^S0FRONT>", "`usergroups:read`"))
