"""Things to show: one ordinary item, and whatever else hypothesis can think of within what rules files allow."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from denials.commands import Outcome, State
from denials.model import Kind, Preventable
from services.views import ItemView

TODAY = date(2026, 3, 10)

ITEM = ItemView(
    ref="DN-7KQ2M4XT",
    version=3,
    kind=Kind.DENIAL,
    state=State.OPEN,
    assignee=None,
    owner="front_desk",
    owner_channel="C0FRONT",
    owner_title="Front desk",
    category="registration",
    category_title="Registration errors",
    payer="Aetna",
    practice=None,
    location=None,
    codes=("CO-31", "CO-16"),
    meaning="Patient cannot be identified as our insured",
    rarcs=("N382",),
    amount=Decimal("1240.00"),
    remit_date=TODAY - timedelta(days=3),
    ingested_at=datetime(2026, 3, 10, 15, tzinfo=UTC),
    due=TODAY + timedelta(days=12),
    due_assumed=True,
    next_step="Correct the member details in the billing system and resubmit.",
    handoff="Patient registration",
    preventable=Preventable.YES,
    why="CARC 31 belongs to registration",
    repeats=0,
    outcome=None,
    recovered=None,
    follow_up=None,
    score=620.0,
    lives_elsewhere=False,
)

CLAIMED = replace(ITEM, state=State.CLAIMED, assignee="U0FRONT1", version=4)
RESOLVED = replace(
    CLAIMED, state=State.RESOLVED, outcome="Overturned and paid", recovered=Decimal("1240.00"), version=5
)

_REF = st.text("23456789ABCDEFGHJKLMNPQRSTUVWXYZ", min_size=8, max_size=8).map(lambda text: f"DN-{text}")
_USER = st.sampled_from(["U0FRONT1", "W012345678901234567890"])


def lines(longest: int) -> st.SearchStrategy[str]:
    """A printable line as rules files allow it, often as long as it may be and often full of markup."""
    markup = st.text("<>&*_~`|@#!:-x ", min_size=1, max_size=longest)
    words = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=longest)
    return st.one_of(st.just("W" * longest), st.just("&" * longest), st.just("<@U1>"), markup, words)


def items(**fixed: object) -> st.SearchStrategy[ItemView]:
    """Any item that could be stored; `fixed` pins fields."""
    money = st.decimals(min_value=0, max_value=Decimal("9999999.99"), places=2)
    days = st.integers(-400, 4000).map(lambda number: TODAY + timedelta(days=number))
    fields: dict[str, st.SearchStrategy[object]] = {
        "ref": _REF,
        "version": st.integers(1, 10**6),
        "kind": st.sampled_from(Kind),
        "state": st.sampled_from(State),
        "assignee": st.none() | _USER,
        "owner": st.just("front_desk"),
        "owner_channel": st.just("C0FRONT"),
        "owner_title": lines(60),
        "category": st.just("registration"),
        "category_title": lines(60),
        "payer": lines(40),
        "practice": st.none() | lines(40),
        "location": st.none() | lines(40),
        "codes": st.lists(st.sampled_from(["CO-197", "PI-B16", "OA-A1"]), max_size=40).map(tuple),
        "meaning": lines(140),
        "rarcs": st.lists(st.sampled_from(["N290", "MA130", "N9999"]), max_size=40).map(tuple),
        "amount": money,
        "remit_date": days,
        "ingested_at": st.just(ITEM.ingested_at),
        "due": st.none() | days,
        "due_assumed": st.booleans(),
        "next_step": lines(300),
        "handoff": lines(60),
        "preventable": st.sampled_from(Preventable),
        "why": lines(300),
        "repeats": st.integers(0, 99),
        "outcome": st.none() | st.sampled_from([str(one) for one in Outcome]),
        "recovered": st.none() | money,
        "follow_up": st.none() | days,
        "score": st.floats(0, 1e6),
        "lives_elsewhere": st.booleans(),
        "resolved_by": st.none() | _USER,
        "approved_by": st.none() | _USER,
        "taken_back_on": st.none() | days,
        "filing_passed": st.booleans(),
    }
    fields |= {name: st.just(value) for name, value in fixed.items()}
    return st.builds(ItemView, **fields)
