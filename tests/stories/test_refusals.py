"""Guests and strangers press whatever they see: each is told privately who can, and nothing changes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from sandbox.seed import Person, default_seed
from tests.remits import denied_claim, remit
from tests.services.stock import get
from tests.stories.practice import Practice, practice

GUEST, CODER = "U0GUEST", "U0CODE1"
WHO_CAN = "<@U0FRONT1>, <@U0FRONT2> or <@U0LEAD>"
IN_THE_MENU = ("Hand off", "Snooze", "Claim number", "Escalate now")


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Practice]:
    """A practice with a guest in the front desk's channel, and the coder, who is of another team."""
    seed = default_seed()
    channels = tuple(
        replace(one, members=(*one.members, GUEST, CODER)) if one.id == "C0FRONT" else one for one in seed.channels
    )
    seed = replace(seed, people=(*seed.people, Person(GUEST, "Gina Temp", "Agency", is_guest=True)), channels=channels)
    with practice(tmp_path_factory.mktemp("refusals"), seed=seed) as running:
        yield running


@pytest.mark.parametrize("who", [GUEST, CODER])
def test_pressing_is_refused_privately_with_who_can(opened: Practice, who: str) -> None:
    story = opened.story
    opened.take_in(remit([denied_claim(f"C{who}", 240, "27")], trace=who))
    card = opened.card("front-desk")
    ref = card.pressables()[0].value.partition(":")[0]
    before = get(opened.desk, ref)
    answer = None
    for label in ("Claim", "Resolve"):
        story.click(card, label, by=who)
        answer = story.expect_private_answer(who, (ref, WHO_CAN), after=answer)
    for label in IN_THE_MENU:
        story.choose(card, label, by=who)
        words = (ref, "denials lookup") if label == "Claim number" else (ref, WHO_CAN)  # the host decides there
        answer = story.expect_private_answer(who, words, after=answer)
    assert story.open_modal(who) is None
    for typed in ("claim", "release", "snooze", "escalate", "reopen"):
        story.command(who, f"/denials {typed} {ref}", channel="front-desk")
        said = "Only members of this practice's own workspace" if who == GUEST else WHO_CAN
        answer = story.expect_private_answer(who, said, after=answer)

    now = get(opened.desk, ref)
    assert (now.version, now.state, now.assignee, now.owner) == (before.version, "open", None, "front_desk")
    assert [one.words for one in story.messages("front-desk") if "Only" in one.words] == []
    assert story.refused_calls() == []


def test_a_guest_can_neither_choose_several_nor_work_in_the_home(opened: Practice) -> None:
    story = opened.story
    opened.take_in(remit([denied_claim(f"S{n}", 100 + n, "27") for n in range(5)], trace="SEVERAL"))
    summary = story.expect_message("front-desk", "Claim several")
    story.click(summary, "Claim several", by=GUEST)
    story.expect_private_answer(GUEST, ("Guests and people from other workspaces", WHO_CAN))
    assert story.open_modal(GUEST) is None

    home = story.home(GUEST, containing="Guests and people from other workspaces cannot work denials")
    assert not home.pressables("Claim")
