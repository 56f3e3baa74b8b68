"""Which index answers a question on SQLite: the conditions of partial ones must be asked in their own words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlmodel import Session

from store import claims, filing, items, purge, queues, recount, rehearsal, stats, worklists
from store.database import Database

TODAY, NOW = date(2026, 3, 10), datetime(2026, 3, 10, 15, tzinfo=UTC)
MONTH = timedelta(days=30)

Asked = Callable[[Session], object]

QUESTIONS: list[tuple[str, Asked]] = [
    ("ix_item_open_owner", lambda session: queues.unclaimed_count(session, ["coding"])),
    ("ix_item_open_owner", lambda session: list(queues.unclaimed_dearest_first(session, ["coding", "billing"]))),
    ("ix_item_open_owner", lambda session: queues.alike(session, ["coding"], "U1", 5)),
    ("ix_item_open_owner", lambda session: queues.stale(session, ["coding"], NOW, 5)),
    ("ix_item_open_owner", lambda session: queues.team_counts(session, ["coding"], TODAY)),
    ("ix_item_open_owner", lambda session: list(worklists.open_items(session))),
    ("ix_item_open", lambda session: stats.open_work(session, TODAY)),
    ("ix_item_open", lambda session: stats.due_between(session, TODAY, TODAY)),
    ("ix_item_open", stats.open_apart),
    ("ix_item_open", lambda session: items.past_due(session, TODAY, 5)),
    ("ix_item_open", lambda session: items.look_again(session, NOW)),
    ("ix_item_open", lambda session: list(filing.open_items(session, 5))),
    ("ix_item_assignee_state", lambda session: items.assigned_to(session, "U1")),
    ("ix_item_assignee_state", lambda session: queues.done_by(session, "U1", NOW, 5)),
    ("ix_item_next_escalation", lambda session: items.due_for_escalation(session, NOW, 5)),
    ("ix_item_resolved", lambda session: stats.ended_between(session, NOW - MONTH, NOW)),
    ("ix_item_claimed", lambda session: stats.waits_for_claim(session, NOW - MONTH, NOW)),
    ("ix_item_first_remit", lambda session: stats.preventable_between(session, TODAY - MONTH, TODAY)),
    ("ix_event_by_people", lambda session: stats.handed_off_between(session, NOW - MONTH, NOW)),
    ("ix_event_item_id", lambda session: items.events_of(session, 5)),
    ("sqlite_autoindex_item_1", lambda session: claims.item_keys(session, [5])),
]
"""An index, and a question that follows it."""

BY_ITEM: list[Asked] = [
    lambda session: claims.repeat_days(session, 5),
    lambda session: list(recount.denied_on(session, [5, 6])),
    lambda session: list(rehearsal.denials_of(session, [5, 6])),
    lambda session: purge.delete_items(session, [5, 6]),
]
"""Questions about denied amounts by item: they are found by the item's claim, for no index has them by item."""


@pytest.fixture(scope="module")
def empty(sqlite_template: Path) -> Iterator[Database]:
    """An empty database; SQLite plans without statistics, as in production."""
    database = Database(f"sqlite:///{sqlite_template}")
    yield database
    database.dispose()


def plans(database: Database, ask: Asked) -> list[str]:
    """How SQLite answers each statement that is sent."""
    sent: list[tuple[str, object]] = []

    def note(_connection: object, _cursor: object, statement: str, values: object, *_rest: object) -> None:
        sent.append((statement, values))

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        with database.read() as session:
            ask(session)
    finally:
        event.remove(database.engine, "before_cursor_execute", note)
    with database.engine.connect() as connection:
        explained: Iterable[object] = [
            row[3]
            for statement, values in sent
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)  # type: ignore[arg-type]  # as it was sent
        ]
    return [str(line) for line in explained]


@pytest.mark.parametrize(("index", "ask"), QUESTIONS)
def test_a_question_follows_its_index(empty: Database, index: str, ask: Asked) -> None:
    told = plans(empty, ask)
    assert any(line.split(" (")[0].endswith(f" INDEX {index}") for line in told), told
    assert not any(line in ("SCAN item", "SCAN event") for line in told), told


@pytest.mark.parametrize("ask", BY_ITEM)
def test_denied_amounts_of_an_item_are_found_by_its_claim(empty: Database, ask: Asked) -> None:
    told = [line for line in plans(empty, ask) if "denial_row" in line]
    assert told
    assert all(line.startswith("SEARCH denial_row USING PRIMARY KEY (claim_key=?") for line in told), told
