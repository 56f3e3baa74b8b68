"""Remittances that arrive in another order than they were made lead to the same end."""

from __future__ import annotations

import random
import shutil
import tempfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import col, select

from denials.rules.model import RuleSet
from services import ingest, ingest_known, recount
from services.desk import Desk
from services.keys import provide_vault
from services.logged import taken_back_on
from store.database import Database
from store.tables import Adjudication, Daily, DailyClaims, Item, Remit
from tests import remits
from tests.conftest import DATA_KEY, FixedClock, FixedRules
from tests.remits import Claim, claim, line, reversal
from tests.services.files import put

START = date(2026, 1, 5)
PROCEDURES = ("99213", "97110")
Remittance = tuple[date, tuple[Claim, ...]]


@st.composite
def remittances(draw: st.DrawFn) -> list[Remittance]:
    """Some remittances about two claims: each decides one or takes back what it last decided and decides anew."""
    made: list[Remittance] = []
    latest: dict[str, Claim] = {}
    for number in range(draw(st.integers(2, 5))):
        name = draw(st.sampled_from(["C1", "C2"]))
        claims: list[Claim] = []
        if name in latest and draw(st.booleans()):
            claims.append(reversal(latest.pop(name)))
        if not claims or draw(st.booleans()):
            latest[name] = _decided(draw, name)
            claims.append(latest[name])
        made.append((START + timedelta(days=7 * number), tuple(claims)))
    return made


def _decided(draw: st.DrawFn, name: str) -> Claim:
    lines = []
    for procedure in PROCEDURES:
        kind = draw(st.sampled_from(["paid", "denied", "part"]))
        paid = {"paid": 70, "denied": 0, "part": 40}[kind]
        code = "45" if kind == "paid" else draw(st.sampled_from(["197", "29"]))
        lines.append(line(100, paid, cas=[("CO", code, 100 - paid)], procedure=procedure))
    return claim(name, 200, sum(int(one.paid) for one in lines), lines=lines, patient_share=0)


def end_of(history: list[Remittance], order: list[int], database: Database, rules: RuleSet, folder: Path) -> Any:
    """Take remittances in, in this order; what people would see at the end."""
    desk = Desk(database, FixedRules(rules), provide_vault(database, DATA_KEY), FixedClock())
    for place in order:
        day, claims = history[place]
        assert put(desk, folder, remits.remit(claims, date=day, trace=f"T{place}")).status == "ingested"
    return _end(desk)


def _end(desk: Desk) -> Any:
    assert recount.check(desk) == ()
    with desk.db.read() as session:
        rows = session.exec(select(Item)).all()
        taken_back = taken_back_on(session, [item.id or 0 for item in rows])
        items = sorted(
            (
                desk.vault.open(item.sealed, item.seal_context)["n"],
                item.kind,
                item.first_category,
                item.state,
                item.outcome or "",
                item.recovered_cents or 0,
                item.measured_cents,
                item.payment,
                item.amount_cents,
                item.codes,
                item.repeats if item.kind == "denial" else 0,
                str(item.remit_date) if item.kind == "denial" else "",
                str(item.first_remit_date) if item.kind == "denial" else "",
                item.first_cents if item.kind == "denial" else 0,
                str(item.due) if item.kind == "denial" else "",
                str(taken_back.get(item.id or 0)),
            )
            for item in rows
            if item.kind == "denial" or item.state != "resolved"  # a take-back that is explained may never have shown
        )
        counts = sorted(
            (row.dimension, str(row.day), row.name, row.new, row.cents, row.repeats)
            for row in session.exec(select(Daily))
            if row.new or row.cents or row.repeats
        )
        claims_by_day = sorted(
            (str(row.day), row.adjudicated, row.denied, row.fully_denied, row.charge_cents, row.denied_cents)
            for row in session.exec(select(DailyClaims))
            if row.adjudicated or row.denied or row.charge_cents or row.denied_cents
        )
        query = select(Adjudication, Remit).join(Remit, col(Remit.id) == col(Adjudication.remit_id))
        standings = sorted((str(remit.remit_date), row.ordinal, row.standing) for row, remit in session.exec(query))
    return items, counts, claims_by_day, standings


@given(remittances(), st.integers(0, 2**32))
@settings(max_examples=10)
def test_any_order_leads_to_the_same_end(
    sqlite_template: Path, rules: RuleSet, history: list[Remittance], seed: int
) -> None:
    shuffled = list(range(len(history)))
    random.Random(seed).shuffle(shuffled)
    ends = []
    for order in (list(range(len(history))), shuffled):
        with tempfile.TemporaryDirectory() as name:
            path = Path(name) / "denials.db"
            shutil.copy(sqlite_template, path)
            database = Database(f"sqlite:///{path}")
            ends.append(end_of(history, order, database, rules, Path(name)))
            database.dispose()
    assert ends[0] == ends[1]


@given(remittances())
@settings(max_examples=15)
def test_settling_in_the_middle_of_a_file_leads_to_the_same_end(
    sqlite_template: Path, rules: RuleSet, history: list[Remittance]
) -> None:
    bodies = [remits.transaction(claims, date=day, trace=f"T{n}") for n, (day, claims) in enumerate(history)]
    ends = []
    for portion in (1_000, 1):
        with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patched:
            patched.setattr(ingest, "PORTION", portion)
            patched.setattr(ingest_known, "_PORTION", portion)
            patched.setattr(ingest_known, "_SETTLE_AT", portion)
            path = Path(name) / "denials.db"
            shutil.copy(sqlite_template, path)
            database = Database(f"sqlite:///{path}")
            desk = Desk(database, FixedRules(rules), provide_vault(database, DATA_KEY), FixedClock())
            assert put(desk, Path(name), remits.interchange(bodies)).status == "ingested"
            ends.append(_end(desk))
            database.dispose()
    assert ends[0] == ends[1]


@pytest.mark.parametrize("order", [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1]])
def test_denial_payment_reversal_and_denial_in_any_order(
    database: Database, rules: RuleSet, tmp_path: Path, order: list[int]
) -> None:
    paid = claim("C1", 100, 80, cas=[("CO", "45", 20)])
    denied = claim("C1", 100, 0, lines=[line(100, 0, cas=[("CO", "197", 100)])], patient_share=0)
    history = [
        (START, (denied,)),
        (START + timedelta(days=7), (paid,)),
        (START + timedelta(days=14), (reversal(paid), denied)),
        (START + timedelta(days=21), (claim("C1", 100, 60, cas=[("CO", "45", 40)]),)),
    ]
    items, counts, _, _ = end_of(history, order, database, rules, tmp_path)
    ((_, kind, _, state, _, recovered, _, payment, *_, repeats, _, _, _, _, _),) = items
    assert (kind, state, recovered, payment, repeats) == ("denial", "resolved", 6_000, "full", 1)
    assert [row[3:] for row in counts if row[0] == "all"] == [(1, 10_000, 0), (0, 0, 1)]
