"""What people press and type, through a whole workspace: by Socket Mode and by HTTP, nothing patched."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from sandbox.seed import Seed, default_seed
from sandbox.shown import Shown, View, view_of
from sandbox.story import Story
from tests.services.stock import add_items, change, gather, get
from tests.stories.practice import Practice, practice

MAYA, SAM, LEAD, MANAGER, CODER = "U0FRONT1", "U0FRONT2", "U0LEAD", "U0MANAGER", "U0CODE1"


@pytest.fixture(params=["socket", "http"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Practice]:
    """A practice without work yet, once over each transport."""
    with practice(tmp_path, request.param) as running:
        yield running


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Practice]:
    """A practice over HTTP, which closes faster, for what does not depend on the transport."""
    with practice(tmp_path, "http") as running:
        yield running


def _card(opened: Practice, **values: object) -> tuple[str, Shown]:
    """A posted card and its reference."""
    [ref] = add_items(opened.desk, 1, **values)
    gather(opened.desk, [ref])
    return ref, opened.card("front-desk", ref)


def _claimed(story: Story, card: Shown, by: str = MAYA) -> Shown:
    story.click(card, "Claim", by=by)
    return story.expect_update(card, f"<@{by}>", button="Release")


def test_claim_then_release_gives_the_card_back(opened: Practice) -> None:
    ref, card = _card(opened)
    story = opened.story

    claimed = _claimed(story, card)
    story.click(claimed, "Release", by=MAYA)

    free = story.expect_update(card, "Open, nobody has claimed it", button="Claim")
    assert not free.pressables("Release")
    assert get(opened.desk, ref).state == "open"
    assert story.private_answers(MAYA) == [], "success needs no further word"
    assert story.refused_calls() == []


def test_the_resolve_form_names_what_is_wrong_and_then_resolves(opened: Practice) -> None:
    ref, card = _card(opened)
    story = opened.story
    claimed = _claimed(story, card)

    story.click(claimed, "Resolve", by=MAYA)
    modal = story.modal(MAYA)
    assert modal.title == "Resolve denial"
    assert "No patient details: this text passes through Slack" in modal.inputs
    wrong = story.submit(MAYA, {"outcome": "Overturned and paid", "recovered": "99", "note": "member 123456789"})
    assert wrong is not None
    assert sorted(wrong.errors) == ["note", "recovered"]

    story.submit(MAYA, {"outcome": "Overturned and paid", "recovered": "8.50", "note": "paid on appeal"})

    story.expect_no_modal(MAYA)
    done = story.expect_update(card, ("Resolved: Overturned and paid", "$8.50 recovered"))
    assert done.labels == []
    item = get(opened.desk, ref)
    assert (item.state, item.recovered_cents) == ("resolved", 850)
    assert len(story.messages("front-desk")) == 1
    assert not any("paid on appeal" in one.words for one in story.messages("front-desk"))


def test_an_appeal_waits_with_its_follow_up_date(served: Practice) -> None:
    ref, card = _card(served)
    story = served.story
    story.click(card, "Resolve", by=MAYA)
    story.submit(MAYA, {"outcome": "Appeal sent"})

    waiting = story.expect_update(card, ("Waiting for the payer: Appeal sent", "follow up in 30 days"))
    assert waiting.pressables("Resolve")
    assert get(served.desk, ref).assignee == MAYA


def test_what_changed_while_the_form_was_open_is_told_privately(served: Practice) -> None:
    ref, card = _card(served)
    story = served.story
    story.click(card, "Resolve", by=MAYA)
    story.modal(MAYA)
    change(served.desk, ref, state="claimed", assignee=SAM, version=2)

    story.submit(MAYA, {"outcome": "Not a denial"})

    story.expect_private_answer(MAYA, f"<@{SAM}>")
    assert get(served.desk, ref).state == "claimed"


def test_somebody_of_another_team_is_refused_with_who_can(served: Practice) -> None:
    ref, card = _card(served)
    story = served.story

    story.command(CODER, f"/denials claim {ref}", channel="coding")
    story.expect_private_answer(CODER, (f"<@{MAYA}>", f"<@{LEAD}>"))

    story.click(card, "Claim", by=LEAD)
    story.expect_update(card, f"Claimed by <@{LEAD}>")


def test_a_private_card_can_be_worked_and_follows(opened: Practice) -> None:
    ref, card = _card(opened)
    story = opened.story

    story.command(MAYA, f"/denials find {ref[3:].lower()}", channel="front-desk")
    private = story.expect_private_answer(MAYA, (ref, "Next step"))
    story.click(private, "Claim", by=MAYA)

    story.expect_update(private, f"<@{MAYA}>", button="Release")
    story.expect_update(card, f"<@{MAYA}>", button="Release")


def test_my_list_leads_to_the_form_and_follows(served: Practice) -> None:
    refs = add_items(served.desk, 2, state="claimed", assignee=MAYA)
    story = served.story

    story.command(MAYA, "/denials mine", channel="front-desk")
    mine = story.expect_private_answer(MAYA, tuple(refs))
    story.click(mine, "Resolve", by=MAYA, ref=refs[0])
    story.submit(MAYA, {"outcome": "Billed to patient"})

    left = story.expect_update(mine, refs[1], without=refs[0])
    assert left.labels == ["Resolve"]


def test_the_menu_tells_history_and_where_the_claim_number_is(served: Practice) -> None:
    ref, card = _card(served)
    story = served.story
    claimed = _claimed(story, card)

    story.choose(claimed, "Details and history", by=SAM)
    details = story.modal(SAM)
    assert details.says((ref, "Why this category", "Why this rank", f"Claimed by <@{MAYA}>", "What comes if nothing"))

    story.choose(claimed, "Claim number", by=MAYA)
    story.expect_private_answer(MAYA, f"denials lookup {ref}")


def test_answers_are_private_unless_shared(served: Practice) -> None:
    ref, _ = _card(served, due=served.desk.today().replace(year=2025))
    story = served.story
    before = len(story.messages("front-desk"))

    story.command(MAYA, "/denials overdue", channel="front-desk")
    story.expect_private_answer(MAYA, (ref, "overdue by"))
    assert len(story.messages("front-desk")) == before

    story.command(MAYA, "/denials overdue --post", channel="front-desk")
    shared = story.expect_message("front-desk", ("Overdue: 1 denial", ref))
    assert shared.labels == [], "a shared answer is not kept up to date, so nothing in it can be pressed"


def test_a_shared_change_shows_a_card_that_nobody_can_press(served: Practice) -> None:
    ref, card = _card(served)
    story = served.story

    story.command(MAYA, f"/denials claim {ref} --post", channel="front-desk")

    story.expect_update(card, f"Claimed by <@{MAYA}>", button="Release")
    shared = story.expect_message("front-desk", (ref, f"Claimed by <@{MAYA}>"), after=card)
    assert shared.labels == []


WORDS: dict[str, str | tuple[str, ...]] = {
    "": ("/denials stats", "/denials mine"),
    "who is john smith": ("That is not one of the words below.", "/denials find DN-…"),
    "find john smith": ("DN-", "no claim numbers or patient details"),
    "find DN-AAAAAAAA": "No denial has that reference",
    "claim DN-AAAAAAAA": "No denial is known by that reference",
    "snooze DN-AAAAAAAA": "No denial is known by that reference",
    "release john smith": ("DN-", "no claim numbers or patient details"),
    "note DN-AAAAAAAA john smith": "`denials note DN-…`",
    "mine": "You have no denials in work",
    "overdue": "Nothing is overdue",
    "rules": ("Registration errors", "unclaimed for 4 business hours"),
    "export": "denials export",
    "reviews": ("No prevention review is open.", "5 denials of one kind"),
    "trend": "Trend, last 84 days",
    "aging": "Nothing is open",
    "payers": "Payers, last 30 days",
    "stats 2 weeks by team": "Denials, last 14 days",
}


def test_every_word_has_its_answer(served: Practice) -> None:
    story = served.story
    last = None
    for typed, words in WORDS.items():
        assert story.command(SAM, f"/denials {typed}", channel="front-desk")
        last = story.expect_private_answer(SAM, words, after=last)
        assert last.text
        assert "john" not in (last.words + last.text).lower()
    assert story.refused_calls() == []
    assert len(story.messages("front-desk")) == 0


def _home(story: Story, user: str, *words: str) -> View:
    """A person's Home as it stands, once it shows these words."""

    def look() -> View | None:
        found = story.state(user, "home")["home"]
        view = view_of(found) if found else None
        return view if view is not None and view.says(words) else None

    return story.expect(look, f"{user}'s Home with {words}")


def test_home_shows_and_works_the_queue(opened: Practice) -> None:
    [mine] = add_items(opened.desk, 1, state="claimed", assignee=MAYA)
    free = add_items(opened.desk, 12)
    story = opened.story

    home = story.home(MAYA, containing=("In your hands (1)", mine, "Not claimed yet (12)", "Page 1 of 2"))
    assert free[0] in home.words
    assert free[11] not in home.words
    story.click(home, "Claim", by=MAYA, ref=free[0])
    again = _home(story, MAYA, "In your hands (2)", "Not claimed yet (11)")
    assert get(opened.desk, free[0]).assignee == MAYA
    story.click(again, "Next", by=MAYA)
    _home(story, MAYA, free[11], "Page 2 of 2")


def test_a_lead_sees_how_the_teams_stand(served: Practice) -> None:
    add_items(served.desk, 3)

    home = served.story.home(LEAD, containing=("Your teams", "3 open denials", "3 not claimed"))

    assert "Front desk" in home.words


def test_a_refusal_in_home_is_said_at_its_top(served: Practice) -> None:
    [ref] = add_items(served.desk, 1)
    story = served.story
    home = story.home(MAYA, containing=ref)
    change(served.desk, ref, state="claimed", assignee=SAM, version=2)

    story.click(home, "Claim", by=MAYA, ref=ref)

    _home(story, MAYA, "already claimed by", "Nothing is waiting for your team to claim.")


def _with_guest() -> Seed:
    seed = default_seed()
    people = tuple(replace(one, is_guest=True) if one.id == SAM else one for one in seed.people)
    return replace(seed, people=people)


def test_a_guest_may_look_but_not_act(tmp_path: Path) -> None:
    with practice(tmp_path, "http", seed=_with_guest()) as running:
        ref, card = _card(running)
        story = running.story

        story.click(card, "Claim", by=SAM)

        story.expect_private_answer(SAM, "Guests and people from other workspaces cannot work denials")
        assert get(running.desk, ref).assignee is None
        assert len(story.calls("users.info")) == 1

        story.command(SAM, "/denials mine", channel="front-desk")
        story.expect_private_answer(SAM, "Only members of this practice's own workspace")
        assert len(story.calls("users.info")) == 1, "asked once an hour, not with every press"


def test_a_guest_is_given_no_work(tmp_path: Path) -> None:
    with practice(tmp_path, "http", seed=_with_guest()) as running:
        ref, card = _card(running)
        story = running.story

        story.choose(card, "Details and history", by=LEAD)
        story.submit(LEAD, {"Give it to": SAM})

        story.expect_private_answer(LEAD, (ref, f"<@{SAM}> cannot work this one"))
        assert get(running.desk, ref).assignee is None


def test_a_whole_life_takes_few_calls(served: Practice) -> None:
    _, card = _card(served)
    story = served.story
    story.click(_claimed(story, card), "Resolve", by=MAYA)
    story.submit(MAYA, {"outcome": "Not a denial"})
    story.expect_update(card, "Resolved: Not a denial")

    assert len(story.calls("chat.postMessage")) == 1
    assert len(story.calls("chat.update")) == 2
    assert len(story.calls("views.open")) == 1
