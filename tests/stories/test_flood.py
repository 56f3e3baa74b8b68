"""Many denials at once: everything is visible exactly once, in few calls, none of which Slack would refuse."""

from __future__ import annotations

import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from denials.model import Kind
from sandbox.shown import Shown
from tests.remits import denied_claim, remit
from tests.stories.practice import Practice, practice

# CARC → the channel of its category's owner in the test rules. `B99` is in no table, so it goes to the ops channel.
CHANNELS = {
    "27": "front-desk",
    "4": "coding",
    "197": "authorizations",
    "252": "clinical-documentation",
    "29": "follow-up",
    "B99": "denials-ops",
}
CHANNEL_POSTS = ("chat.postMessage", "chat.update")
_REF = re.compile(r"DN-[0-9A-Z]{8}")


def _claimable(messages: list[Shown]) -> Counter[str]:
    return Counter(button.value.split(":")[0] for shown in messages for button in shown.pressables("Claim"))


def test_400_denials_over_six_channels_without_a_flood(tmp_path: Path) -> None:
    claims = [denied_claim(f"C{n}", 50 + n, carc) for n, carc in enumerate(list(CHANNELS) * 67)][:400]
    with practice(tmp_path) as office:
        story = office.story
        assert office.take_in(remit(claims)).new == 400

        shown = story.expect(lambda: _all_visible(office, 400), "400 denials with a Claim button", timeout=60)

        assert all(count == 1 for count in shown.values())
        calls = story.calls(*CHANNEL_POSTS)
        assert len(calls) * 8 <= 400
        assert story.refused_calls() == []
        for carc, channel in CHANNELS.items():
            here = _claimable(story.messages(channel))
            assert sum(here.values()) == sum(1 for one in claims if one.lines[0].cas[0][1] == carc), channel


def _all_visible(office: Practice, count: int) -> Counter[str] | None:
    shown: Counter[str] = Counter()
    for channel in CHANNELS.values():
        shown += _claimable(office.story.messages(channel))
    return shown if len(shown) >= count else None


@pytest.mark.parametrize("transport", ["socket", "http"])
def test_two_people_click_claim_on_forty_items_at_the_same_instant(tmp_path: Path, transport: str) -> None:
    with practice(tmp_path, transport) as office:  # type: ignore[arg-type]  # one of the two words
        story = office.story
        office.take_in(remit([denied_claim(f"C{n}", 100 + n, "27") for n in range(40)]))
        story.expect(lambda: len(_claimable(story.messages("front-desk"))) == 40 or None, "forty items", timeout=60)
        buttons = [
            (shown, button.value.split(":")[0])
            for shown in story.messages("front-desk")
            for button in shown.pressables("Claim")
        ]
        start = Barrier(2)

        def click_all(person: str) -> None:
            for shown, ref in buttons:
                start.wait(30)
                assert story.click(shown, "Claim", by=person, ref=ref)

        with ThreadPoolExecutor(2) as people:
            list(people.map(click_all, ("U0FRONT1", "U0FRONT2")))

        refusals = story.expect(lambda: _refusals(office, 40), "forty refusals", timeout=60)
        owners = _owners(office, [ref for _, ref in buttons])
        assert set(owners) == {ref for _, ref in buttons}
        for ref, owner in owners.items():
            loser = "U0FRONT2" if owner == "U0FRONT1" else "U0FRONT1"
            assert refusals[ref] == [loser]


def _refusals(office: Practice, count: int) -> dict[str, list[str]] | None:
    told: dict[str, list[str]] = {}
    for person in ("U0FRONT1", "U0FRONT2"):
        for answer in office.story.private_answers(person):
            if answer.says("already claimed by"):
                told.setdefault(_REF.findall(answer.words)[0], []).append(person)
    return told if sum(map(len, told.values())) >= count else None


def _owners(office: Practice, refs: list[str]) -> dict[str, str]:
    from services.work import find

    found = {ref: find(office.desk, ref) for ref in refs}
    return {ref: item.assignee for ref, item in found.items() if item and item.assignee and item.kind is Kind.DENIAL}
