"""The daily counts agree with what they count, whatever happened; and what was damaged is put right."""

from __future__ import annotations

from pathlib import Path

from sqlmodel import select

from denials.reasons import HandOffReason
from services import moves, recount
from services.desk import Desk
from services.ingest_items import names_of
from services.moves import Destination
from services.people import Actor
from services.views import Done
from store.rollups import Tally
from store.tables import Daily, Item
from tests import remits
from tests.remits import claim, csv_row, denied_claim, paid_claim, reversal
from tests.services.files import items, put, remit, rows
from tests.services.test_matching import APR, FEB, MAR, MAY


def a_season(desk: Desk, folder: Path) -> None:
    """Denials, payments, repeats, reversals, an export and a rejection, partly out of order."""
    paid = claim("C1", 100, 80, cas=[("CO", "45", 20)])
    remit(desk, folder, denied_claim("C1", 100), denied_claim("C2", 50, "29"), paid_claim("C3"), day=MAR)
    remit(desk, folder, paid, reversal(claim("C9", 70, 70)), day=APR)
    remit(desk, folder, denied_claim("C2", 60, "29"), denied_claim("C1", 100), day=FEB)
    remit(desk, folder, reversal(paid), denied_claim("C1", 90), day=MAY)
    rows(desk, [csv_row("C7", location="NORTH 1"), csv_row("C7", amount=20)], folder)
    put(desk, folder, remits.acknowledgement([remits.Rejection("C8")]), "277")


def test_the_counts_agree_after_a_season(desk: Desk, tmp_path: Path) -> None:
    a_season(desk, tmp_path)
    assert recount.check(desk) == ()


def test_the_counts_agree_after_hand_offs(desk: Desk, tmp_path: Path) -> None:
    a_season(desk, tmp_path)
    repeated = next(one for one in items(desk) if one.repeats)
    to = Destination("coding", HandOffReason.WRONG_CATEGORY)
    done = moves.hand_off(desk, repeated.ref, None, Actor("U0ADMIN"), to)
    assert isinstance(done, Done), done
    assert recount.check(desk) == ()
    remit(desk, tmp_path, denied_claim("C1", 95), day=MAY)
    assert recount.check(desk) == ()


def test_damage_is_found_and_mended(desk: Desk, tmp_path: Path) -> None:
    a_season(desk, tmp_path)
    with desk.db.write() as session:
        row = session.exec(select(Daily).where(Daily.dimension == "all")).first()
        assert row is not None
        row.new += 5
        session.add(row)
    (found,) = recount.check(desk)
    assert (found.dimension, found.kept[0] - found.found[0]) == ("all", 5)
    assert recount.mend(desk) == (found,)
    assert recount.check(desk) == ()


def test_an_item_that_was_changed_past_the_logs_is_found(desk: Desk, tmp_path: Path) -> None:
    a_season(desk, tmp_path)
    with desk.db.write() as session:
        item = session.exec(select(Item).where(Item.kind == "denial")).first()
        assert item is not None
        taken, item.first_cents = item.first_cents, 0
        names = names_of(
            item.category,
            item.payer_label,
            item.owner,
            item.handoff,
            item.first_code,
            item.practice_label,
            item.location_label,
        )
        tally = Tally()
        tally.denial(names, item.first_remit_date, cents=-taken)
        tally.write(session)
        session.add(item)
    differences = recount.check(desk)
    assert {one.dimension for one in differences} >= {"all", "category", "payer", "code"}
    assert {one.found[1] - one.kept[1] for one in differences} == {taken}
