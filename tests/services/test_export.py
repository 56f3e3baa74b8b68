"""Items as CSV on the host."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from sqlmodel import select

from services.desk import Desk
from services.export import CLAIM_NUMBER, COLUMNS, PAST, write_csv
from store.tables import Item, LookupLog
from tests import remits
from tests.remits import denied_claim
from tests.services.files import item, put, remit


def exported(desk: Desk, days: int = 90, who: str | None = None) -> list[dict[str, str]]:
    """The rows of an export."""
    out = io.StringIO()
    count = write_csv(desk, out, days, claim_numbers_for=who)
    found = list(csv.DictReader(io.StringIO(out.getvalue())))
    assert len(found) == count
    return found


def test_an_export_holds_what_people_ask_for_and_no_claim_number(desk: Desk, tmp_path: Path) -> None:
    remit(desk, tmp_path, denied_claim("SECRET9", 100))
    (row,) = exported(desk)
    assert tuple(row) == COLUMNS
    assert (row["reference"], row["state"], row["owner"]) == (item(desk).ref, "open", "auth_team")
    assert (row["codes"], row["payer"], row["amount"]) == ("CO-197", "Aetna", "100.00")
    assert "SECRET9" not in str(row)


def test_claim_numbers_come_on_request_and_the_request_is_logged(desk: Desk, tmp_path: Path) -> None:
    remit(desk, tmp_path, denied_claim("-SECRET9", 100))
    (row,) = exported(desk, who="ann")
    assert row[CLAIM_NUMBER] == "'-SECRET9"
    with desk.db.read() as session:
        assert [(log.who, log.direction) for log in session.exec(select(LookupLog))] == [("ann", "export")]


def test_only_the_asked_days_are_exported(desk: Desk, tmp_path: Path) -> None:
    remit(desk, tmp_path, denied_claim("C1"))
    assert len(exported(desk, 8)) == 1
    assert exported(desk, 7) == []


def test_the_past_is_not_shown_as_open_work(desk: Desk, tmp_path: Path) -> None:
    put(desk, tmp_path, remits.remit([denied_claim("C1")]), history=True)
    assert [row["state"] for row in exported(desk)] == [PAST]


def test_no_cell_can_become_a_formula(desk: Desk, tmp_path: Path) -> None:
    remit(desk, tmp_path, denied_claim("C1"))
    for text in ("=cmd()", "+1", "-1", "@x", "\tx", "＝1"):
        with desk.db.write() as session:
            found = session.exec(select(Item)).one()
            found.payer_label = text
            session.add(found)
        assert exported(desk)[0]["payer"] == f"'{text}"
