"""Acknowledged first, whatever else is slow: Slack itself, the listeners, fifty people at once."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
from sqlmodel import select

from bot.turns import Turns
from sandbox.faults import slow
from sandbox.shown import Shown
from sandbox.story import Story
from store.tables import Event, Item
from tests.bot.rig import eventually
from tests.remits import denied_claim, remit
from tests.stories.practice import Practice, Transport, practice

PEOPLE = ("U0FRONT1", "U0FRONT2", "U0LEAD", "U0MANAGER", "U0ADMIN")
ACTS = 50


@pytest.fixture(params=["socket", "http"])
def transport(request: pytest.FixtureRequest) -> Transport:
    """Both ways in which Slack reaches the bot."""
    chosen: Transport = request.param
    return chosen


@pytest.fixture
def office(tmp_path: Path, transport: Transport) -> Iterator[Practice]:
    """A practice with as many denials as are claimed at once, all in one team's lists."""
    with practice(tmp_path, transport, scale=100) as opened:
        opened.take_in(remit([denied_claim(f"C{number}", 100 + number, "27") for number in range(ACTS)]))
        yield opened


def _lines(office: Practice) -> dict[str, Shown]:
    """Every denial's reference, with the message that has its Claim button."""

    def look() -> dict[str, Shown] | None:
        found = {
            button.value.partition(":")[0]: shown
            for shown in office.story.messages("front-desk")
            for button in shown.pressables("Claim")
        }
        return found if len(found) == ACTS else None

    return office.story.expect(look, f"{ACTS} denials with a Claim button", timeout=60)


def _actors(office: Practice, kind: str) -> Counter[str]:
    with office.desk.db.read() as session:
        query = select(Item.ref).join(Event, Event.item_id == Item.id).where(Event.kind == kind)  # type: ignore[arg-type]  # SQLModel types a column by its value
        return Counter(session.exec(query))


def test_what_fifty_people_do_at_once_is_acknowledged_and_done_exactly_once(office: Practice) -> None:
    lines = _lines(office)
    barrier = threading.Barrier(ACTS)

    def act(number: int, ref: str) -> bool:
        story, person = Story(office.sandbox, patience=30), PEOPLE[number % len(PEOPLE)]
        barrier.wait(30)
        if number % 5 == 0:
            assert story.command(person, "/denials mine", channel="front-desk")
        return story.click(lines[ref], "Claim", by=person, ref=ref)

    with ThreadPoolExecutor(ACTS) as pool:
        acknowledged = list(pool.map(act, range(ACTS), lines))
    assert all(acknowledged)
    eventually(lambda: sum(_actors(office, "claimed").values()) == ACTS, "every claim carried out")
    assert _actors(office, "claimed") == Counter(lines.keys())


def test_a_press_is_acknowledged_while_slack_has_not_said_who_we_are(tmp_path: Path, transport: Transport) -> None:
    with practice(tmp_path, transport, scale=100) as office:
        office.take_in(remit([denied_claim("C1", 240, "27")]))
        card = office.card("front-desk")
        office.parts.workspace.identity = None  # as just after a restart
        office.sandbox.faults.every(1, "auth.test", slow(4))  # an acknowledgement that waited for it would be late
        assert office.story.click(card, "Claim", by="U0FRONT1")
        assert office.parts.workspace.identity is None
        eventually(lambda: sum(_actors(office, "claimed").values()) == 1, "the claim carried out")
        office.sandbox.faults.clear()


@pytest.mark.parametrize("transport", ["http"], indirect=True)
def test_slow_look_ups_of_people_hold_no_acknowledgement_up(office: Practice) -> None:
    lines = _lines(office)
    office.sandbox.faults.every(1, "users.info", slow(2))

    def act(number: int, ref: str) -> bool:
        story, person = Story(office.sandbox), PEOPLE[number % len(PEOPLE)]
        if number % 2:
            return story.command(person, "/denials mine", channel="front-desk")
        return story.click(lines[ref], "Claim", by=person, ref=ref)

    with ThreadPoolExecutor(2 * ACTS) as pool:
        assert all(pool.map(act, range(2 * ACTS), [*lines, *lines]))
    office.sandbox.faults.clear()


class TestTurns:
    """Who may work, and when."""

    def test_work_waits_for_what_is_to_be_acknowledged_but_not_for_ever(self) -> None:
        turns, began = Turns(patience_s=0.2), threading.Event()

        def work() -> None:
            turns.begin()
            began.set()

        with turns.acknowledging():
            asked = time.monotonic()
            worker = threading.Thread(target=work)
            worker.start()
            assert began.wait(30)
            assert time.monotonic() - asked >= 0.2
        worker.join()
        turns.end()

    def test_only_so_many_work_at_once_in_the_order_of_asking(self) -> None:
        turns, order = Turns(at_once=1, patience_s=30), list[int]()
        turns.begin()
        waiting = []

        def work(number: int) -> None:
            turns.begin()
            order.append(number)
            turns.end()

        def queued(count: int) -> bool:
            return len(turns._waiting) == count

        for number in range(3):
            waiting.append(threading.Thread(target=work, args=(number,)))
            waiting[-1].start()
            eventually(partial(queued, number + 1), "the next one to wait")
        assert order == []
        turns.end()
        for thread in waiting:
            thread.join(30)
        assert order == [0, 1, 2]

    def test_whoever_needs_no_turn_any_more_lets_the_next_one_in(self) -> None:
        turns = Turns(at_once=2, patience_s=30)
        with turns.acknowledging():
            pass

        def work() -> None:
            turns.begin()
            turns.end()

        with ThreadPoolExecutor(8) as pool:
            done = [pool.submit(work) for _ in range(50)]
            for one in done:
                one.result(30)
