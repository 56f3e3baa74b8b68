"""Taking a batch in: what is counted, what becomes of each claim, and that a file is taken as a whole or not at all."""

from __future__ import annotations

import shutil
import sqlite3
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlmodel import select

from denials.errors import StorageError
from denials.model import Sensitive
from denials.rules.model import RuleSet
from services.desk import Desk
from services.ingest import ingest_file
from services.keys import provide_vault
from services.lookup import lookup, lookup_claim
from store.database import Database
from store.tables import Batch, Digest, DigestItem, UnlistedPayer
from tests import remits
from tests.conftest import DATA_KEY, FixedClock, FixedRules
from tests.remits import claim, csv_row, denied_claim, line, paid_claim
from tests.services import files
from tests.services.files import DAY, adjudicated, counted, events, item, items, put, remit, rows


def test_a_denial_becomes_an_open_item_with_everything_that_people_need(desk: Desk, tmp_path: Path) -> None:
    summary = remit(desk, tmp_path, denied_claim("C1", 100, "197", date=date(2026, 2, 1)), paid_claim("C2"))  # type: ignore[arg-type]
    assert (summary.status, summary.format, summary.claims, summary.denials, summary.new) == (
        "ingested",
        "835",
        2,
        1,
        1,
    )
    assert (summary.paid_claims, summary.denied_amount) == (1, Decimal("100.00"))
    assert summary.by_category == (("authorization", 1),)
    one = item(desk)
    assert (one.state, one.kind, one.category, one.owner) == ("open", "denial", "authorization", "auth_team")
    assert (one.codes, one.payer_label, one.practice_label) == ("CO-197", "Aetna", "North Clinic")
    assert (one.amount_cents, one.billed_cents) == (10_000, 10_000)
    assert (one.remit_date, one.due) == (DAY, DAY + timedelta(days=180))
    assert one.next_escalation_at is not None
    assert events(desk, one.id) == ["created"]


def test_the_rows_of_one_claim_number_are_one_claim(desk: Desk, tmp_path: Path) -> None:
    alike = csv_row("C1", amount=50)
    summary = rows(desk, [alike, alike, csv_row("C1", "CO-29", 20), alike, csv_row("C2"), alike], tmp_path)
    assert (summary.claims, summary.denials, summary.new) == (2, 6, 3)
    assert sorted(one.amount_cents for one in items(desk)) == [2_000, 10_000, 20_000]
    again = rows(desk, [alike, csv_row("C2"), alike, alike, alike], tmp_path)
    assert (again.claims, again.new, again.repeats, again.duplicates) == (2, 0, 0, 5)


def test_a_payment_sent_again_under_another_payer_name_is_the_same(desk: Desk, tmp_path: Path) -> None:
    claims_ = [denied_claim("C1", 100), paid_claim("C2")]
    put(desk, tmp_path, remits.remit(claims_, payer="AETNA", trace="EFT1", payer_id=None))
    again = put(desk, tmp_path, remits.remit(claims_, payer="AETNA LIFE INS CO", trace="EFT1", payer_id=None))
    assert (again.new, again.repeats, again.duplicates) == (0, 0, 1)
    assert adjudicated(desk) == (2, 1, 1, 25_000, 10_000)
    assert item(desk).repeats == 0


def test_two_payers_with_ids_of_their_own_may_use_the_same_trace_number(desk: Desk, tmp_path: Path) -> None:
    for payer, number in (("AETNA", "60054"), ("CIGNA", "62308")):
        put(desk, tmp_path, remits.remit([denied_claim("C1", 100)], payer=payer, payer_id=number, trace="1"))
    assert len({one.payer_key for one in items(desk)}) == 2


def test_the_claim_number_is_sealed_and_found_both_ways(desk: Desk, tmp_path: Path) -> None:
    remit(desk, tmp_path, denied_claim("SECRET77", 100))
    one = item(desk)
    (found,) = lookup(desk, [one.ref], "tester")
    assert found.claim_number is not None
    assert found.claim_number.reveal() == "SECRET77"
    assert lookup_claim(desk, " secret77 ", "tester") == [one.ref]
    assert lookup_claim(desk, "SECRET78", "tester") == []


def test_two_categories_of_one_claim_are_two_items_for_two_owners(desk: Desk, tmp_path: Path) -> None:
    both = claim(
        "C1",
        300,
        100,
        lines=[
            line(100, 100),
            line(100, 0, cas=[("CO", "197", 100)], procedure="97110"),
            line(100, 0, cas=[("CO", "29", 100)], procedure="97140"),
        ],
    )
    summary = remit(desk, tmp_path, both)
    assert (summary.denials, summary.new) == (2, 2)
    assert len({one.owner for one in items(desk)}) == 2
    assert {one.procedure for one in items(desk)} == {"97110", "97140"}
    assert adjudicated(desk) == (1, 1, 0, 30_000, 20_000)


def test_two_denials_of_one_category_are_one_item_named_by_the_larger(desk: Desk, tmp_path: Path) -> None:
    both = claim(
        "C1",
        250,
        0,
        lines=[line(100, 0, cas=[("CO", "197", 100)]), line(150, 0, cas=[("CO", "198", 150)])],
        patient_share=0,
    )
    summary = remit(desk, tmp_path, both)
    assert (summary.denials, summary.new) == (2, 1)
    assert (item(desk).codes, item(desk).amount_cents) == ("CO-198,CO-197", 25_000)


def test_the_denominator_counts_claims_by_remit_date(desk: Desk, tmp_path: Path) -> None:
    remit(desk, tmp_path, paid_claim("C1"), paid_claim("C2"), denied_claim("C3"), day=DAY)
    remit(desk, tmp_path, paid_claim("C4"), day=DAY + timedelta(days=1))
    assert adjudicated(desk, DAY) == (3, 1, 1, 40_000, 10_000)
    assert adjudicated(desk, DAY + timedelta(days=1)) == (1, 0, 0, 15_000, 0)
    assert counted(desk) == (1, 10_000, 0, 0)


def test_predeterminations_and_forwarded_claims_are_left_out(desk: Desk, tmp_path: Path) -> None:
    estimate = claim("C1", 100, 0, status="25", cas=[("OA", "101", 100)], patient_share=0)
    forwarded = claim("C2", 100, 0, status="23", cas=[("OA", "94", 100)], patient_share=0)
    summary = remit(desk, tmp_path, estimate, forwarded)
    assert (summary.claims, summary.new, summary.paid_claims) == (2, 0, 0)
    assert adjudicated(desk) == (0, 0, 0, 0, 0)


def test_the_same_file_twice_adds_nothing_and_says_so(desk: Desk, tmp_path: Path) -> None:
    text = remits.remit([denied_claim("C1"), paid_claim("C2")])
    first, second = put(desk, tmp_path, text), put(desk, tmp_path, text)
    assert (second.status, second.batch, second.new) == ("already_ingested", first.batch, 0)
    assert len(items(desk)) == 1
    assert adjudicated(desk)[0] == 2


def test_the_same_remittance_in_another_file_adds_nothing_and_says_so(desk: Desk, tmp_path: Path) -> None:
    claims = [denied_claim("C1"), paid_claim("C2"), paid_claim("C3")]
    put(desk, tmp_path, remits.remit(claims))
    before = (item(desk).version, adjudicated(desk), counted(desk))
    again = put(desk, tmp_path, remits.remit(claims, control=2))
    assert (again.status, again.denials, again.new, again.repeats, again.duplicates) == ("ingested", 0, 0, 0, 1)
    assert (item(desk).version, adjudicated(desk), counted(desk)) == before


def test_the_same_remittance_twice_in_one_file_counts_once(desk: Desk, tmp_path: Path) -> None:
    one = remits.transaction([denied_claim("C1"), paid_claim("C2")])
    summary = put(desk, tmp_path, remits.interchange([one, one]))
    assert (summary.new, summary.duplicates, summary.denials) == (1, 1, 1)
    assert adjudicated(desk)[0] == 2


def test_what_is_new_in_a_known_remittance_goes_in(desk: Desk, tmp_path: Path) -> None:
    put(desk, tmp_path, remits.remit([denied_claim("C1")]))
    summary = put(desk, tmp_path, remits.remit([denied_claim("C1"), denied_claim("C2"), paid_claim("C3")]))
    assert (summary.new, summary.duplicates) == (1, 1)
    assert adjudicated(desk)[:2] == (3, 2)


def test_a_truncated_file_leaves_nothing(desk: Desk, tmp_path: Path) -> None:
    text = remits.remit([denied_claim(f"C{n}") for n in range(5)])
    with desk.db.read() as session:
        before = files.everything(session)
    for cut in (len(text) // 2, len(text) - 30):
        summary = put(desk, tmp_path, text[:cut])
        assert summary.status == "rejected"
        assert summary.errors
    with desk.db.read() as session:
        assert files.everything(session) == before


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7 binary", b"hello"])
def test_what_is_no_batch_is_rejected_in_words(desk: Desk, tmp_path: Path, content: bytes) -> None:
    summary = put(desk, tmp_path, content, "dat")
    assert summary.status == "rejected"
    assert len(summary.errors) == 1


def test_a_missing_file_is_rejected(desk: Desk, tmp_path: Path) -> None:
    assert ingest_file(desk, tmp_path / "nowhere.835").status == "rejected"


def test_a_rehearsal_counts_and_keeps_nothing(desk: Desk, tmp_path: Path) -> None:
    text = remits.remit([denied_claim("C1"), paid_claim("C2")])
    rehearsal = put(desk, tmp_path, text, dry_run=True)
    assert (rehearsal.status, rehearsal.batch, rehearsal.new) == ("ingested", None, 1)
    assert items(desk) == []
    assert adjudicated(desk)[0] == 0
    assert put(desk, tmp_path, text).new == 1


def test_a_pasts_items_are_counted_but_never_announced_or_escalated(desk: Desk, tmp_path: Path) -> None:
    summary = put(desk, tmp_path, remits.remit([denied_claim("C1")]), history=True)
    assert summary.new == 1
    one = item(desk)
    assert one.history
    assert one.next_escalation_at is None
    assert counted(desk)[0] == 1
    with desk.db.read() as session:
        assert session.exec(select(DigestItem)).all() == []


def test_new_items_gather_for_their_owners_channel(desk: Desk, tmp_path: Path) -> None:
    remit(desk, tmp_path, denied_claim("C1", 100, "197"), denied_claim("C2", 100, "27", group="PR"))
    remit(desk, tmp_path, denied_claim("C3", 100, "197"))
    with desk.db.read() as session:
        digests = {digest.channel: digest for digest in session.exec(select(Digest))}
        gathered = dict.fromkeys(digests, 0)
        for row in session.exec(select(DigestItem)):
            gathered[next(channel for channel, digest in digests.items() if digest.id == row.digest_id)] += 1
    assert gathered == {"C0AUTH": 2, "C0FRONT": 1}
    assert digests["C0AUTH"].due_at == desk.now() + timedelta(minutes=2)


def test_a_rejection_is_its_own_kind_and_in_no_denial_count(desk: Desk, tmp_path: Path) -> None:
    text = remits.acknowledgement([remits.Rejection("C1", service_date=date(2026, 2, 20))])
    summary = put(desk, tmp_path, text, "277")
    assert (summary.format, summary.claims, summary.new, summary.denials) == ("277ca", 1, 1, 0)
    one = item(desk)
    assert (one.kind, one.due) == ("rejection", None)
    assert counted(desk) == (0, 0, 0, 1)
    assert adjudicated(desk)[0] == 0
    again = put(desk, tmp_path, text + "\n", "277")
    assert (again.new, again.duplicates) == (0, 1)


# CSV


def test_a_csvs_good_rows_go_in_and_its_bad_ones_are_named(desk: Desk, tmp_path: Path) -> None:
    summary = rows(desk, [csv_row("C1"), csv_row("C2", carc="NOT A CODE"), csv_row("C3", amount="x")], tmp_path)
    assert (summary.status, summary.new, summary.rejected_rows) == ("ingested", 1, 2)
    assert [line for line, _ in summary.errors] == [3, 4]
    assert adjudicated(desk)[0] == 0


def test_a_csv_of_bad_rows_only_is_rejected(desk: Desk, tmp_path: Path) -> None:
    summary = rows(desk, [csv_row("C1", carc="NOT A CODE")], tmp_path)
    assert (summary.status, summary.rejected_rows) == ("rejected", 1)
    with desk.db.read() as session:
        assert session.exec(select(Batch)).all() == []


def test_alike_rows_of_one_csv_are_all_counted_and_found_again_in_the_next(desk: Desk, tmp_path: Path) -> None:
    both = [csv_row("C1", remit_date="2026-03-02"), csv_row("C1", remit_date="2026-03-02")]
    first = rows(desk, both, tmp_path)
    assert (first.denials, first.new, first.duplicates) == (2, 1, 0)
    assert item(desk).amount_cents == 20_000
    second = rows(desk, [*both, csv_row("C1", remit_date="2026-03-02")], tmp_path)
    assert (second.denials, second.new, second.duplicates) == (1, 0, 2)
    assert item(desk).amount_cents == 30_000
    assert item(desk).repeats == 0


def test_rows_of_one_claim_far_apart_are_one_item(desk: Desk, tmp_path: Path) -> None:
    between = [csv_row(f"X{n}", remit_date="2026-03-02") for n in range(2500)]
    first, last = csv_row("C1", remit_date="2026-03-02"), csv_row("C1", carc="CO-198", remit_date="2026-03-02")
    summary = rows(desk, [first, *between, last], tmp_path)
    assert (summary.denials, summary.new, summary.repeats) == (2502, 2501, 0)
    one = next(one for one in items(desk) if "198" in one.codes)
    assert (one.amount_cents, one.first_cents, one.repeats, one.version) == (20_000, 20_000, 0, 2)
    assert counted(desk) == (2501, 2502 * 10_000, 0, 0)


def test_a_payer_of_a_csv_that_no_label_matches_is_kept_sealed(desk: Desk, tmp_path: Path) -> None:
    rows(desk, [csv_row("C1", payer="JOHN Q PATIENT"), csv_row("C2", payer="Aetna Better Health")], tmp_path)
    assert {one.payer_label for one in items(desk)} == {"Unlisted payer", "Aetna"}
    with desk.db.read() as session:
        (row,) = session.exec(select(UnlistedPayer))
    opened = desk.vault.open(row.sealed, row.name_key.encode())
    assert Sensitive(opened["name"]).reveal() == "JOHN Q PATIENT"


def test_a_profile_names_the_columns_and_an_unknown_one_is_refused(desk: Desk, tmp_path: Path) -> None:
    text = "Acct,Reason,payer,amount\nC1,CO-197,Aetna,100\n"
    assert put(desk, tmp_path, text, "csv", profile="office").new == 1
    refused = put(desk, tmp_path, text + "C2,CO-197,Aetna,100\n", "csv", profile="nobody")
    assert refused.status == "rejected"


def test_a_location_is_shown_by_its_label_only(desk: Desk, tmp_path: Path) -> None:
    rows(desk, [csv_row("C1", location="NORTH STREET 5"), csv_row("C2", location="SOMEWHERE")], tmp_path)
    assert {one.location_label for one in items(desk)} == {"North office", None}


def test_progress_is_told(desk: Desk, tmp_path: Path) -> None:
    told: list[int] = []
    put(desk, tmp_path, remits.remit([paid_claim(f"C{n}") for n in range(2500)]), progress=told.append)
    assert told[-1] == 2500
    assert told == sorted(told)


def test_two_files_at_once_both_go_in(desk: Desk, tmp_path: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    def one(number: int) -> str:
        text = remits.remit([denied_claim(f"F{number}-{n}") for n in range(50)], trace=f"T{number}")
        path = tmp_path / f"f{number}.835"
        path.write_text(text)
        return ingest_file(desk, path).status

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(one, range(4))) == {"ingested"}
    assert len(items(desk)) == 200


def test_a_full_disk_is_told_and_nothing_is_kept(
    sqlite_template: Path, rules: RuleSet, clock: FixedClock, tmp_path: Path
) -> None:
    desk = desk_on(sqlite_template, rules, clock, tmp_path)
    with desk.db.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    limit_pages(desk, pages + 20)
    with pytest.raises(StorageError, match="the disk is full"):
        put(desk, tmp_path, remits.remit([denied_claim(f"C{n}") for n in range(3000)]))
    assert items(desk) == []
    limit_pages(desk, 1 << 30)
    assert put(desk, tmp_path, remits.remit([denied_claim("C1")])).new == 1
    desk.db.dispose()


def test_a_locked_database_is_told_and_nothing_is_kept(
    sqlite_template: Path, rules: RuleSet, clock: FixedClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.database.BUSY_TIMEOUT_MS", 50)
    desk = desk_on(sqlite_template, rules, clock, tmp_path)
    holder = sqlite3.connect(tmp_path / "denials.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(StorageError, match="locked"):
        put(desk, tmp_path, remits.remit([denied_claim("C1")]))
    holder.close()
    assert items(desk) == []
    desk.db.dispose()


def desk_on(template: Path, rules: RuleSet, clock: FixedClock, folder: Path) -> Desk:
    """A desk on a SQLite file of its own."""
    path = folder / "denials.db"
    shutil.copy(template, path)
    database = Database(f"sqlite:///{path}")
    return Desk(database, FixedRules(rules), provide_vault(database, DATA_KEY), clock)


def limit_pages(desk: Desk, pages: int) -> None:
    """Let SQLite believe that the disk holds no more."""
    desk.db.dispose()

    @event.listens_for(desk.db.engine, "connect")
    def _limit(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {pages}")
