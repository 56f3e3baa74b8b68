"""Who may do what exactly once: leases in real time, job slots, events already acted on.

Real time is the database's, so replicas whose clocks differ agree on when a lease runs out.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from sqlalchemy.exc import SQLAlchemyError

from services.desk import Desk
from store import jobs

ONE_PROCESS = "sqlite"
"""The holder's name on SQLite, where one process runs at a time: what a dead one held is its successor's at once."""

_HELD_S, _RENEWED_S = 9.0, 3.0  # of a lease that is kept while something is done


def acquire(desk: Desk, name: str, holder: str, seconds: float, code_version: str = "") -> bool:
    """Take or renew a lease for so many real seconds; False while somebody else has it."""
    with desk.db.write() as session:
        now = desk.db.real_now(session)
        return jobs.take_lease(session, name, holder, now, now + timedelta(seconds=seconds), code_version)


def release(desk: Desk, name: str, holder: str) -> None:
    """Give a lease back, if `holder` has it."""
    with desk.db.write() as session:
        jobs.give_lease(session, name, holder)


def holder_of(desk: Desk, name: str) -> str | None:
    """Who has the lease now."""
    with desk.db.read() as session:
        return jobs.lease_holder(session, name, desk.db.real_now(session))


@contextmanager
def held(desk: Desk, name: str, holder: str) -> Iterator[bool]:
    """Hold a lease while the block runs, however long that is; whether it is ours.

    It is renewed every few seconds, so that of a process that dies in the block another takes it over within ten.
    """
    if not acquire(desk, name, holder, _HELD_S):
        yield False
        return
    ended = threading.Event()
    renewing = threading.Thread(target=_renew, args=(desk, name, holder, ended), name="lease", daemon=True)
    if not desk.db.is_sqlite:  # there no other process runs, and the block itself may keep the write lock
        renewing.start()
    try:
        yield True
    finally:
        ended.set()
        if renewing.is_alive():
            renewing.join()
        release(desk, name, holder)


def _renew(desk: Desk, name: str, holder: str, ended: threading.Event) -> None:
    while not ended.wait(_RENEWED_S):
        try:
            acquire(desk, name, holder, _HELD_S)
        except SQLAlchemyError:  # the next turn may reach the database again
            continue


def first_time(desk: Desk, event_id: str) -> bool:
    """Whether this event id of Slack's was never acted on; from now on it was."""
    with desk.db.write() as session:
        return jobs.remember_event(session, event_id, desk.db.real_now(session))
