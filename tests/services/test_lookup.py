"""Looking claim numbers up, on the host, with a record of who did."""

from __future__ import annotations

from pathlib import Path

from sqlmodel import col, select

from services.desk import Desk
from services.lookup import lookup, lookup_claim
from store.tables import LookupLog
from tests.remits import denied_claim
from tests.services.files import item, remit


def log(desk: Desk) -> list[tuple[str, str, str | None, bool]]:
    """What was recorded."""
    with desk.db.read() as session:
        rows = session.exec(select(LookupLog).order_by(col(LookupLog.id)))
        return [(row.who, row.direction, row.ref, row.found) for row in rows]


def test_both_ways_are_logged_without_the_number(desk: Desk, tmp_path: Path) -> None:
    remit(desk, tmp_path, denied_claim("C1"))
    ref = item(desk).ref
    assert [found.claim_number.reveal() for found in lookup(desk, [ref], "ann") if found.claim_number] == ["C1"]
    assert lookup_claim(desk, "c1", "bob") == [ref]
    assert lookup_claim(desk, "NOBODYS", "bob") == []
    assert log(desk) == [
        ("ann", "reference", ref, True),
        ("bob", "claim", ref, True),
        ("bob", "claim", None, False),
    ]


def test_an_unknown_reference_is_answered_and_not_repeated_in_the_log(desk: Desk) -> None:
    (found,) = lookup(desk, ["DN-NOTTHERE"], "ann")
    assert found.claim_number is None
    assert log(desk) == [("ann", "reference", None, False)]
