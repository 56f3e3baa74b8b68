"""What is long over goes with everything kept of it; the counts of every period stay."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import SQLModel, select

from denials.errors import SettingsError
from denials.lifecycle import Outcome
from denials.reasons import HandOffReason
from services import moves, recount, retention, work
from services.desk import Desk
from services.digest import compose_due
from services.moves import Destination
from services.notes import free_note
from services.people import Actor
from services.retention import Keep, parse
from services.stats import as_json, stats
from services.views import Done
from services.work import Resolution
from store import purge as stored
from store.database import Database
from store.tables import Item, Outbox
from tests import remits
from tests.conftest import FixedClock
from tests.remits import csv_row, denied_claim
from tests.services.files import everything, items, put, remit, rows
from tests.services.test_recount import a_season

YEAR = Keep(12, months=True)
ADMIN = Actor("U0ADMIN")


def resolve(desk: Desk, ref: str, outcome: Outcome = Outcome.WRITTEN_OFF) -> None:
    """Give an item its end, as somebody who may."""
    done = work.resolve(desk, ref, None, ADMIN, Resolution(outcome))
    assert isinstance(done, Done), done


def send_all(desk: Desk) -> None:
    """Digests composed, and Slack told of everything."""
    compose_due(desk)
    with desk.db.write() as session:
        for row in session.exec(select(Outbox)):
            row.state = "sent"
            session.add(row)


def numbers(desk: Desk, days: int = 1500) -> dict[str, Any]:
    """Everything `denials stats` tells but times, which need the items themselves."""
    told = as_json(stats(desk, days))
    for name in list(told["resolution"]):
        if "hours" in name or "days" in name:
            del told["resolution"][name]
    return told


def test_the_counts_stay_and_the_rest_goes(desk: Desk, clock: FixedClock, tmp_path: Path) -> None:
    a_season(desk, tmp_path)
    clock.forward(hours=1)
    send_all(desk)
    denials = [one for one in items(desk) if one.kind == "denial" and one.state != "resolved"]
    to = Destination("coding", HandOffReason.WRONG_CATEGORY)
    assert isinstance(moves.hand_off(desk, denials[0].ref, None, ADMIN, to), Done)
    free_note(desk, denials[0].ref, "me", "a note")
    for one in denials[:-1]:
        resolve(desk, one.ref)
    send_all(desk)
    before = numbers(desk)
    clock.forward(days=400)
    before_then = numbers(desk)

    would = retention.look(desk, YEAR)
    assert numbers(desk) == before_then
    done = retention.purge(desk, YEAR)
    assert (done.before, done.items) == (would.before, would.items)
    assert done.items >= len(denials) - 1

    assert numbers(desk) == before_then
    assert before["resolution"]["resolved"] == before_then["resolution"]["resolved"] == len(denials) - 1
    assert recount.check(desk) == ()
    assert {one.ref for one in items(desk)} >= {denials[-1].ref}
    assert not {one.ref for one in items(desk)} & {one.ref for one in denials[:-1]}
    assert retention.purge(desk, YEAR).items == 0
    with desk.db.write() as session:
        left = everything(session)
        known = set(session.exec(select(Item.id)).all())
        for table in stored.HANGING:
            hangs = {number for number in session.exec(select(table.item_id)).all() if number is not None}
            assert hangs <= known, table
    assert left["batch"] > 0 < left["remit"]
    assert recount.mend(desk) == ()


def test_what_is_denied_again_is_a_new_denial(desk: Desk, clock: FixedClock, tmp_path: Path) -> None:
    remit(desk, tmp_path, denied_claim("C1", 100))
    clock.forward(hours=1)
    (first,) = items(desk)
    resolve(desk, first.ref)
    send_all(desk)
    clock.forward(days=400)
    retention.purge(desk, YEAR)
    assert items(desk) == []
    assert remit(desk, tmp_path, denied_claim("C1", 90), day=clock.at.date()).new == 1
    (second,) = items(desk)
    assert (second.ref != first.ref, second.repeats) == (True, 0)
    assert recount.check(desk) == ()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_open_work_and_what_slack_was_not_told_stays(desk: Desk, clock: FixedClock, tmp_path: Path) -> None:
    rows(desk, [csv_row("C1"), csv_row("C2")], tmp_path)
    clock.forward(hours=1)
    compose_due(desk)
    resolve(desk, items(desk)[0].ref)
    clock.forward(days=900)
    assert retention.purge(desk, YEAR).items == 0  # its messages wait for Slack
    assert len(items(desk)) == 2
    send_all(desk)
    assert retention.purge(desk, YEAR).items == 1
    assert [one.state for one in items(desk)] == ["open"]


def test_a_practices_past_goes_by_its_remittances(desk: Desk, clock: FixedClock, tmp_path: Path) -> None:
    today = clock.at.date()
    for number, ago in (("OLD", 800), ("NEW", 100)):
        text = remits.remit([denied_claim(number, 100)], date=today - timedelta(days=ago), trace=f"T{ago}")
        put(desk, tmp_path, text, history=True)
    before = numbers(desk)
    assert retention.purge(desk, Keep(730, months=False)).items == 1
    assert len(items(desk)) == 1
    assert numbers(desk) == before
    assert recount.check(desk) == ()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_once_a_day_by_whoever_is_first(desk: Desk, clock: FixedClock) -> None:
    assert retention.purge_due(desk, YEAR) is not None
    assert retention.purge_due(desk, YEAR) is None
    clock.forward(days=1)
    assert retention.purge_due(desk, YEAR) is not None


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_deleted_claim_numbers_do_not_stay_in_the_file(desk: Desk, clock: FixedClock, tmp_path: Path) -> None:
    assert desk.db.file is not None
    rows(desk, [csv_row("C1")], tmp_path)
    (one,) = items(desk)
    resolve(desk, one.ref)
    send_all(desk)
    clock.forward(days=400)
    assert retention.purge(desk, YEAR).items == 1
    desk.db.dispose()
    assert one.sealed not in desk.db.file.read_bytes()


def test_every_table_that_hangs_on_an_item_is_known_to_the_purge() -> None:
    hanging = {table.name for table in SQLModel.metadata.tables.values() if "item_id" in table.columns}
    assert hanging == {str(table.__tablename__) for table in stored.HANGING}


@pytest.mark.parametrize(
    ("text", "today", "before"),
    [
        ("24mo", date(2026, 3, 10), date(2024, 3, 10)),
        ("1mo", date(2026, 3, 31), date(2026, 2, 28)),
        ("12mo", date(2024, 2, 29), date(2023, 2, 28)),
        ("3mo", date(2026, 1, 15), date(2025, 10, 15)),
        ("730D", date(2026, 3, 10), date(2024, 3, 10)),
    ],
)
def test_spans(text: str, today: date, before: date) -> None:
    assert parse(text).before(today) == before


@pytest.mark.parametrize("text", ["", "24", "2y", "0mo", "29d", "-5mo", "24 months", "99999d", "1201mo"])
def test_spans_that_are_none(text: str) -> None:
    with pytest.raises(SettingsError):
        parse(text)


_DAYS = st.integers(0, 500)
_CLAIM = st.tuples(st.sampled_from("ABCDE"), _DAYS, st.sampled_from(["29", "197"]), st.integers(1, 500))


@settings(max_examples=5)
@given(st.lists(_CLAIM, min_size=1, max_size=8), st.data())
def test_any_history_counts_the_same_before_and_after(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, rules: Any, history: Any, data: st.DataObject
) -> None:
    import shutil

    from services.keys import provide_vault
    from tests.conftest import DATA_KEY, FixedRules

    folder = tmp_path_factory.mktemp("any")
    shutil.copy(sqlite_template, folder / "denials.db")
    database, clock = Database(f"sqlite:///{folder}/denials.db"), FixedClock()
    desk = Desk(database, FixedRules(rules), provide_vault(database, DATA_KEY), clock)
    begin = clock.at - timedelta(days=600)
    for number, ago, code, amount in sorted(history, key=lambda one: -one[1]):
        clock.at = begin + timedelta(days=500 - ago)
        day = clock.at.astimezone(ZoneInfo("America/New_York")).date()
        remit(desk, folder, denied_claim(number, amount, code), day=day)
        for one in items(desk):
            if one.state != "resolved" and data.draw(st.booleans()):
                clock.at += timedelta(hours=1)
                resolve(desk, one.ref, data.draw(st.sampled_from([Outcome.WRITTEN_OFF, Outcome.NOT_A_DENIAL])))
    send_all(desk)
    clock.at = datetime(2026, 3, 10, 15, tzinfo=clock.at.tzinfo)
    spans = (30, 200, 700)
    before = [numbers(desk, days) for days in spans]
    retention.purge(desk, Keep(data.draw(st.integers(30, 600)), months=False))
    assert json.dumps([numbers(desk, days) for days in spans]) == json.dumps(before)
    assert recount.check(desk) == ()
    database.dispose()
