"""The main job as people see it: a batch arrives, somebody claims, somebody resolves, what nobody touches climbs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.remits import claim, denied_claim, line, paid_claim, remit
from tests.stories.practice import Practice, practice


@pytest.fixture(params=["socket", "http"])
def desk_of(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Practice]:
    """A practice, once over Socket Mode and once over HTTP."""
    with practice(tmp_path, request.param) as opened:
        yield opened


def test_a_batch_becomes_owned_work(desk_of: Practice) -> None:
    story = desk_of.story
    summary = desk_of.take_in(
        remit(
            [
                denied_claim("C1", 240, "27"),
                denied_claim("C2", 310, "197"),
                claim("C3", 500, lines=[line(500, 0, cas=[("CO", "16", 500)], remarks=["M76"])]),
                paid_claim("C4"),
            ]
        )
    )
    assert (summary.claims, summary.new, summary.paid_claims) == (4, 3, 1)
    story.expect_message("front-desk", ("$240.00", "CO-27", "Aetna"))
    story.expect_message("authorizations", ("$310.00", "CO-197"))
    assert story.refused_calls() == []


def test_claim_and_resolve_update_the_card_in_place(desk_of: Practice) -> None:
    story = desk_of.story
    desk_of.take_in(remit([denied_claim("C1", 240, "27")]))
    card = desk_of.card("front-desk")

    story.click(card, "Claim", by="U0FRONT1")
    claimed = story.expect_update(card, "<@U0FRONT1>", button="Release")
    story.click(claimed, "Resolve", by="U0FRONT1")
    story.submit("U0FRONT1", {"Outcome": "Billed to patient"})
    story.expect_no_modal("U0FRONT1")
    done = story.expect_update(claimed, "Billed to patient")

    assert not done.pressables("Claim")
    assert not done.pressables("Resolve")
    assert len([one for one in story.messages("front-desk") if one.says("DN-")]) == 1


def test_the_loser_of_a_race_is_told_privately_who_has_it(desk_of: Practice) -> None:
    story = desk_of.story
    desk_of.take_in(remit([denied_claim("C1", 240, "27")]))
    card = desk_of.card("front-desk")
    story.click(card, "Claim", by="U0FRONT1")
    story.expect_update(card, "<@U0FRONT1>")

    story.click(card, "Claim", by="U0FRONT2")

    story.expect_private_answer("U0FRONT2", ("already claimed by", "<@U0FRONT1>"))
    assert story.private_answers("U0FRONT1") == []


def test_an_untouched_denial_climbs_from_team_to_lead_once(desk_of: Practice) -> None:
    story = desk_of.story
    desk_of.take_in(remit([denied_claim("C1", 240, "27"), denied_claim("C2", 250, "27")]))
    desk_of.card("front-desk")

    story.move_clock("4h")
    team = story.expect_message("front-desk", ("<!subteam^S0FRONT>", "4 business hours"))
    assert team.words.count("DN-") >= 2, "one message for both items"

    story.move_clock("1d")
    story.expect_message("U0LEAD", "1 business day")
    story.move_clock("1h")
    story.command("U0LEAD", "/denials mine", channel="front-desk")
    story.expect_private_answer("U0LEAD")
    assert len([one for one in story.messages("front-desk") if one.says("4 business hours")]) == 1
    assert len([one for one in story.messages("U0LEAD") if one.says("1 business day")]) == 1


def test_a_claim_makes_the_ping_pointless(desk_of: Practice) -> None:
    story = desk_of.story
    desk_of.take_in(remit([denied_claim("C1", 240, "27")]))
    card = desk_of.card("front-desk")
    story.click(card, "Claim", by="U0FRONT1")
    story.expect_update(card, button="Release")

    story.move_clock("5h")
    desk_of.take_in(remit([denied_claim("C9", 90, "27")], trace="LATER"))
    story.expect_message("front-desk", ("$90.00", "Next step"))

    assert not [one for one in story.messages("front-desk") if one.says("4 business hours")]


def test_a_line_of_a_list_gets_a_card_when_it_is_claimed(desk_of: Practice) -> None:
    story = desk_of.story
    desk_of.take_in(remit([denied_claim(f"C{n}", 100 + n, "27") for n in range(8)]))
    listed = story.expect_message("front-desk", "$100.00", without="Next step")
    ref = listed.pressables("Claim")[0].value.split(":")[0]

    story.click(listed, "Claim", by="U0FRONT1", ref=ref)

    card = story.expect_message("front-desk", (ref, "Next step"))
    assert card.pressables("Release")
    story.expect_update(listed, "<@U0FRONT1>")
    now = story.expect(lambda: story.again(listed), "the list")
    assert not now.pressables("Claim", ref)


def test_stats_answer_privately_with_chart_and_table(desk_of: Practice) -> None:
    story = desk_of.story
    desk_of.take_in(remit([denied_claim("C1", 240, "27"), denied_claim("C2", 310, "197"), paid_claim("C3")]))
    story.command("U0MANAGER", "/denials stats 30d", channel="front-desk")

    answer = story.expect_private_answer("U0MANAGER", ("2", "$550.00"))

    kinds = {block["type"] for block in answer.blocks}
    assert {"data_visualization", "data_table"} <= kinds
    assert answer.text


def test_the_slash_command_finds_claims_and_lists_what_is_mine(desk_of: Practice) -> None:
    story = desk_of.story
    desk_of.take_in(remit([denied_claim("C1", 240, "27")]))
    card = desk_of.card("front-desk")
    ref = card.button("Claim").value.split(":")[0]

    story.command("U0FRONT1", f"/denials claim {ref}", channel="front-desk")
    story.expect_update(card, "<@U0FRONT1>", button="Release")
    story.command("U0FRONT1", "/denials mine", channel="front-desk")
    story.expect_private_answer("U0FRONT1", (ref, "$240.00"))
    story.command("U0MANAGER", f"/denials find {ref.lower()}", channel="front-desk")
    story.expect_private_answer("U0MANAGER", ref)
    story.command("U0MANAGER", "/denials something odd", channel="front-desk")
    helped = story.expect_private_answer("U0MANAGER", ("/denials stats", "/denials mine"))
    assert not helped.says("something odd")
