"""The private link to a claim number: for whom, how often, how long, and what is kept of it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from threading import Barrier

import pytest
from sqlalchemy import update
from sqlmodel import col, select

from denials.rules.model import RuleSet
from services import work
from services.desk import Desk
from services.people import Actor
from services.reveal import Link, Revealed, is_live, make_link, open_link
from services.views import Refused
from store.access import LookupLog, Reveal
from store.tables import Item
from tests.services.stock import add_items
from tests.services.teams import ADMIN, ANA, BEN, LEAD, MANAGER, STRANGER, small_practice

HERE = "10.0.0.7"


@pytest.fixture(scope="module")
def rules() -> RuleSet:
    return small_practice()


@pytest.fixture
def ref(desk: Desk) -> str:
    """An item that Ana has, with sealed facts."""
    [ref] = add_items(desk, 1)
    sealed = desk.vault.seal({"n": "CLM-4711", "s": "2026-02-03"}, ref.encode())
    with desk.db.write() as session:
        session.execute(update(Item).where(col(Item.ref) == ref).values(sealed=sealed))
    work.claim(desk, ref, 1, ANA)
    return ref


def link(desk: Desk, ref: str, actor: Actor = ANA) -> str:
    made = make_link(desk, ref, actor)
    assert isinstance(made, Link), made
    return made.token


def opened(desk: Desk) -> list[LookupLog]:
    with desk.db.read() as session:
        return list(session.exec(select(LookupLog).order_by(col(LookupLog.id))))


def test_a_link_shows_the_claim_once(desk: Desk, ref: str) -> None:
    token = link(desk, ref)

    shown = open_link(desk, token, HERE)

    assert isinstance(shown, Revealed)
    assert shown.claim_number.reveal() == "CLM-4711"
    assert (shown.service_date, shown.payer, shown.denied) == (date(2026, 2, 3), "Aetna", Decimal("10.00"))
    assert (shown.billed, shown.person, shown.ref) == (Decimal("200.00"), ANA.user, ref)
    assert "CLM-4711" not in repr(shown)
    assert open_link(desk, token, HERE) is None
    log = [(one.who, one.direction, one.ref, one.found, one.source) for one in opened(desk)]
    assert log == [(ANA.user, "reveal", ref, True, HERE), (ANA.user, "reveal", ref, False, HERE)]


def test_looking_at_a_link_does_not_use_it_up(desk: Desk, ref: str) -> None:
    token = link(desk, ref)
    for _ in range(3):
        assert is_live(desk, token)
    assert opened(desk) == []
    assert open_link(desk, token, HERE) is not None
    assert not is_live(desk, token)


def test_a_link_lasts_five_minutes_of_real_time(desk: Desk, ref: str) -> None:
    token = link(desk, ref)
    with desk.db.read() as session:
        row = session.exec(select(Reveal)).one()
    assert timedelta(minutes=4) < row.expires_at - datetime.now(UTC) <= timedelta(minutes=5)
    with desk.db.write() as session:
        session.execute(update(Reveal).values(expires_at=datetime.now(UTC) - timedelta(seconds=1)))
    assert not is_live(desk, token)
    assert open_link(desk, token, HERE) is None
    assert [one.found for one in opened(desk)] == [False]


def test_the_token_itself_is_not_stored(desk: Desk, ref: str) -> None:
    made = make_link(desk, ref, ANA)
    assert isinstance(made, Link)
    with desk.db.read() as session:
        row = session.exec(select(Reveal)).one()
    assert made.token not in str(row.model_dump())
    assert made.token not in repr(made)
    assert len(made.token) == 43


@pytest.mark.parametrize("actor", [ANA, LEAD, MANAGER])
def test_assignee_lead_and_manager_get_a_link(desk: Desk, ref: str, actor: Actor) -> None:
    shown = open_link(desk, link(desk, ref, actor), HERE)
    assert shown is not None
    assert shown.person == actor.user


@pytest.mark.parametrize("actor", [BEN, ADMIN, STRANGER, Actor(ANA.user, guest=True), Actor(LEAD.user, outsider=True)])
def test_nobody_else_does(desk: Desk, ref: str, actor: Actor) -> None:
    answer = make_link(desk, ref, actor)
    assert isinstance(answer, Refused)
    assert answer.text == "Only <@U0FRONT1> or <@U0LEAD> or <@U0MANAGER> can see the claim number of this one."


def test_a_link_ends_with_the_right_to_see(desk: Desk, ref: str) -> None:
    token = link(desk, ref)
    work.release(desk, ref, None, ANA)
    assert open_link(desk, token, HERE) is None
    assert [one.found for one in opened(desk)] == [False]


def test_a_newer_link_replaces_the_older_one_of_the_same_person(desk: Desk, ref: str) -> None:
    first, theirs, second = link(desk, ref), link(desk, ref, LEAD), link(desk, ref)
    assert open_link(desk, first, HERE) is None
    assert open_link(desk, theirs, HERE) is not None
    assert open_link(desk, second, HERE) is not None


@pytest.mark.parametrize("token", ["", "x", "A" * 43, "../../etc/passwd", "é" * 43])
def test_guesses_open_nothing(desk: Desk, ref: str, token: str) -> None:
    link(desk, ref)
    assert not is_live(desk, token)
    assert open_link(desk, token, HERE) is None
    assert opened(desk) == []


def test_of_two_who_open_at_once_one_sees_it(desk: Desk, ref: str) -> None:
    token, barrier = link(desk, ref), Barrier(2)

    def race(source: str) -> Revealed | None:
        barrier.wait(timeout=60)
        return open_link(desk, token, source)

    with ThreadPoolExecutor(2) as pool:
        shown = list(pool.map(race, ["a", "b"]))
    assert sum(one is not None for one in shown) == 1
    assert sorted(one.found for one in opened(desk)) == [False, True]
