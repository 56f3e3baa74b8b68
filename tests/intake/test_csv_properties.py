"""Random tables of denials are read back exactly, however they are written; damaged ones give rows or one line."""

from __future__ import annotations

import csv
import io
import random
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import chain
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from denials.adjudication import judge, never_denial
from denials.errors import IntakeError
from denials.model import JudgedClaim, RemitClaim
from denials.rules.model import Profile
from intake import csv_reader
from intake.csv_reader import DELIMITERS, Record, read_csv
from intake.rows import RowError
from tests.intake.reading import TODAY, claims, faults

MARK = "ZQMARK"
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "cp1252")
HEADINGS = {
    "claim_id": ("claim_id", "Claim ID", "CLAIM NUMBER", "Account_Number", "patient control number", "Claim #"),
    "payer": ("payer", "PAYER", " Payer "),
    "group": ("group", "Group Code"),
    "carc": ("carc", "Denial Code", "reason_code"),
    "rarc": ("rarc", "Remark Code"),
    "amount": ("amount", "Denied Amount"),
    "billed": ("billed", "Billed"),
    "paid": ("paid", "PAID"),
    "remit_date": ("remit_date", "Denial Date"),
    "service_date": ("service_date", "Service Date"),
    "procedure": ("procedure", "CPT"),
    "location": ("location", "Location"),
}
OTHERS = ("Patient Name", "DOB", "Member ID", "Notes", "")
DATE_FORMATS = ("%Y-%m-%d", "%m/%d/%Y", "%-m/%-d/%Y", "%Y%m%d", "%m/%d/%y")

cents = st.integers(1, 5_000_000)
seeds = st.integers(0, 1 << 32)
names = st.text("ABCDEFGHJKLM abcdefghjklm.&,;|'\"/()0123456789äéñ-", min_size=1, max_size=30).map(
    lambda text: " ".join(("Plan", *text.split()))
)
days = st.dates(date(2025, 1, 1), TODAY)
carcs = st.sampled_from(["16", "18", "29", "45", "97", "197", "252", "1", "2", "A1", "B7", "999"])
rarcs = st.lists(st.sampled_from(["N290", "M51", "MA04", "MA130", "N30"]), max_size=3, unique=True)


@dataclass(frozen=True)
class Truth:
    """What one row says."""

    claim_id: str
    payer: str
    group: str
    carc: str
    rarcs: tuple[str, ...]
    amount: int
    billed: int | None
    paid: int | None
    remit_date: date | None
    service_date: date | None
    procedure: str | None
    location: str | None


def truths() -> st.SearchStrategy[Truth]:
    """Rows that are right."""
    return st.builds(
        Truth,
        claim_id=st.text("ABC0123456789-/.", min_size=1, max_size=20).map(lambda text: "C" + text),
        payer=names,
        group=st.sampled_from(["", "CO", "PR", "OA", "PI"]),
        carc=carcs,
        rarcs=rarcs.map(tuple),
        amount=cents,
        billed=st.none() | cents,
        paid=st.none() | st.integers(0, 5_000_000),
        remit_date=st.none() | days,
        service_date=st.none() | days,
        procedure=st.none() | st.sampled_from(["99213", "J1885", "D0120", "0001F", "0450"]),
        location=st.none() | names,
    )


def money(value: int | None, draw: random.Random) -> str:
    """An amount as one export or another writes it."""
    if value is None:
        return draw.choice(("", "", "N/A", "-"))
    dollars = Decimal(value) / 100
    return draw.choice((f"{dollars:.2f}", f"${dollars:,.2f}", f"{dollars:,.2f}", f"$ {dollars}", f"  {dollars} "))


def cells_of(row: Truth, draw: random.Random, form: str) -> dict[str, str]:
    """A row's cells by our names."""
    inside = draw.random() < 0.5
    glue = draw.choice(("-", "", " ")) if row.group else ""
    return {
        "claim_id": row.claim_id,
        "payer": row.payer,
        "group": draw.choice((row.group, "")) if inside else row.group.lower(),
        "carc": f"{row.group}{glue}{row.carc}" if inside else draw.choice((row.carc, row.carc.lower())),
        "rarc": draw.choice((" ", ",", ";", ", ", "; ")).join(row.rarcs),
        "amount": money(row.amount, draw),
        "billed": money(row.billed, draw),
        "paid": money(row.paid, draw),
        "remit_date": f"{row.remit_date:{form}}" if row.remit_date else "",
        "service_date": f"{row.service_date:{form}}" if row.service_date else draw.choice(("", "none")),
        "procedure": row.procedure + draw.choice(("", "-25", " 59", ":26:LT")) if row.procedure else "",
        "location": row.location or "",
    }


def told(claim: RemitClaim) -> Truth:
    """What a claim that was read says."""
    (line,) = claim.lines or (None,)
    adjustment = (line or claim).adjustments[0]
    return Truth(
        claim.claim_number.reveal(),
        claim.payer.name.reveal(),
        adjustment.group,
        adjustment.carc,
        (line or claim).remarks,
        int(adjustment.amount * 100),
        int(claim.charge * 100),
        int(claim.paid * 100),
        claim.remit_date,
        claim.service_date,
        line.procedure if line else None,
        claim.location.reveal() if claim.location else None,
    )


def expected(row: Truth) -> Truth:
    """What is to be read of a row: what it leaves out is zero, or today."""
    return Truth(
        row.claim_id,
        row.payer,
        row.group,
        row.carc,
        row.rarcs,
        row.amount,
        row.billed or 0,
        row.paid or 0,
        row.remit_date or TODAY,
        row.service_date,
        row.procedure,
        row.location,
    )


def table(rows: list[Truth], draw: random.Random) -> str:
    """The rows as one export or another writes them, with columns that are nobody's business between ours."""
    columns = [*HEADINGS, *OTHERS]
    draw.shuffle(columns)
    columns.append("Last")
    heads = [draw.choice(HEADINGS.get(name, (name,))) for name in columns]
    form, ending = draw.choice(DATE_FORMATS), draw.choice(("\n", "\r\n", "\r"))
    out = io.StringIO()
    # With the oldest line ending, Python's own writer does not quote the newer one.
    quoting: Literal[0, 1] = csv.QUOTE_ALL if ending == "\r" else draw.choice((csv.QUOTE_MINIMAL, csv.QUOTE_ALL))
    writer = csv.writer(out, delimiter=draw.choice(DELIMITERS), lineterminator=ending, quoting=quoting)
    writer.writerow(heads)
    for row in rows:
        cells = cells_of(row, draw, form)
        other = draw.choice((MARK, f"{MARK}\nsecond line", f'{MARK} "quoted", and more;|\t', ""))
        writer.writerow([cells.get(name, other) for name in columns])
        if draw.random() < 0.1:
            writer.writerow([])
    return out.getvalue()


def read(data: bytes, profile: Profile | None = None) -> list[Record]:
    """Every record of a CSV."""
    return list(chain.from_iterable(read_csv(io.BytesIO(data), TODAY, profile)))


@given(st.lists(truths(), max_size=8), seeds, st.sampled_from(ENCODINGS))
def test_rows_are_read_back_exactly_however_they_are_written(rows: list[Truth], seed: int, encoding: str) -> None:
    found = read(table(rows, random.Random(seed)).encode(encoding))

    assert faults(found) == []
    read_back, written = [told(claim) for claim in claims(found)], [expected(row) for row in rows]
    if encoding == "cp1252":  # whose letters beyond ASCII can only be guessed
        read_back, written = [in_ascii(row) for row in read_back], [in_ascii(row) for row in written]
    assert read_back == written
    assert MARK not in repr(found)


@given(st.lists(truths(), min_size=1, max_size=8), seeds)
def test_a_row_is_one_denial_of_its_amount_unless_its_code_refuses_nothing(rows: list[Truth], seed: int) -> None:
    for row, claim in zip(rows, claims(read(table(rows, random.Random(seed)).encode())), strict=True):
        verdict = judge(claim)
        by_code = [denial for denial in verdict.denials if not denial.hint]
        if never_denial(row.group, row.carc):
            assert by_code == []
        else:
            assert [(denial.carc, denial.amount, denial.line) for denial in by_code] in (
                [(row.carc, Decimal(row.amount) / 100, 0)],
                [],  # a reduction beside a payment
            )
            assert by_code or (row.paid or 0) > 0


@given(st.lists(truths(), min_size=1, max_size=8), seeds)
def test_a_row_comes_judged_as_its_whole_claim_would_be(rows: list[Truth], seed: int) -> None:
    found = [record for record in read(table(rows, random.Random(seed)).encode()) if isinstance(record, JudgedClaim)]

    assert len(found) == len(rows)
    for row, record in zip(rows, found, strict=True):
        whole, (line,) = record.whole(), record.judged
        assert line.denials == judge(whole).denials
        assert (record.charge_cents, record.paid_cents) == (line.charge_cents, line.paid_cents)
        assert (record.charge_cents, record.paid_cents) == (row.billed or 0, row.paid or 0)
        assert line.denied_cents == sum(int(denial.amount * 100) for denial in line.denials)
        assert (record.remit.payer.name.reveal(), record.remit.remit_date) == (row.payer, row.remit_date or TODAY)
    assert [record.ordinal for record in found] == list(range(1, len(rows) + 1))


@given(st.lists(truths(), min_size=1, max_size=4), seeds, st.integers(1, 8))
def test_a_damaged_table_gives_rows_or_one_clear_line(rows: list[Truth], seed: int, hits: int) -> None:
    draw = random.Random(seed)
    data = bytearray(table(rows, draw).encode(draw.choice(ENCODINGS)))
    for _ in range(hits):
        start = draw.randrange(len(data) + 1)
        piece = draw.choice((b"", b'"', b",", b"\n", b"\r", b"\xff", b"\0", b"=", b"\xe2\x82", bytes(data[:40])))
        data[start : start + draw.choice((0, 1, 1, 5, 40))] = piece
    rows_or_one_line(bytes(data))


@given(st.lists(truths(), min_size=1, max_size=6), seeds, st.integers(0, 4), st.sampled_from((1, 50, 400)))
def test_rows_are_the_same_wherever_a_portion_of_the_file_ends(
    rows: list[Truth], seed: int, hits: int, size: int
) -> None:
    draw = random.Random(seed)
    text = table(rows, draw)
    for _ in range(hits):
        start = draw.randrange(len(text) + 1)
        text = text[:start] + draw.choice(("", '"', ",", "\n", "\r", "=")) + text[start + draw.choice((0, 1, 5)) :]
    at_once = rows_or_one_line(text.encode())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_reader, "_PORTION", size)
        in_portions = rows_or_one_line(text.encode())
    assert [plain(record) for record in in_portions] == [plain(record) for record in at_once]


def plain(record: Record) -> RowError | tuple[int, Truth]:
    """A record as a value that can be compared."""
    return record if isinstance(record, RowError) else (record.ordinal, told(record.whole()))


@given(st.binary(max_size=300), st.sampled_from([b"", b"claim_id,payer,carc,amount\n", b"\xff\xfe", b"\xfe\xff"]))
def test_anything_gives_rows_or_one_clear_line(tail: bytes, head: bytes) -> None:
    rows_or_one_line(head + tail)


@given(st.lists(st.text(st.characters(exclude_characters="\0"), max_size=12), min_size=4, max_size=4))
def test_any_cells_give_a_claim_or_a_reason_that_does_not_repeat_them(values: list[str]) -> None:
    out = io.StringIO()
    csv.writer(out).writerows([("claim_id", "payer", "carc", "amount"), [f"{value}{MARK}" for value in values]])
    (found,) = read(out.getvalue().encode("utf-8", errors="replace"))
    assert isinstance(found, RowError)
    assert MARK not in repr(found)


@given(st.lists(truths(), min_size=1, max_size=3), seeds)
def test_no_row_is_read_short_where_a_file_breaks_off(rows: list[Truth], seed: int) -> None:
    text = table(rows, random.Random(seed))
    known = {expected(row) for row in rows}
    for end in range(0, len(text), 7):
        for record in rows_or_one_line(text[:end].encode()):
            assert isinstance(record, RowError) or told(record.whole()) in known


def rows_or_one_line(data: bytes) -> list[Record]:
    """Read what may be damaged; the records, none where it is refused."""
    try:
        found = read(data)
    except IntakeError as error:
        assert "\n" not in str(error)  # noqa: PT017  (an error is as good as none)
        assert MARK not in str(error)  # noqa: PT017
        return []
    assert MARK not in repr(faults(found))
    return found


def in_ascii(row: Truth) -> Truth:
    """The row without letters beyond ASCII."""
    payer, location = (text and text.encode("ascii", "ignore").decode() for text in (row.payer, row.location))
    return replace(row, payer=payer or "", location=location)


def test_a_file_of_many_rows_comes_in_portions_with_every_row_once() -> None:
    day = TODAY - timedelta(days=1)
    text = "claim_id,payer,carc,amount,remit_date\n" + "".join(
        f"C{n},Aetna,CO-16,{n}.00,{day}\n" for n in range(1, 2501)
    )
    portions = list(read_csv(io.BytesIO(text.encode()), TODAY))
    assert [claim.claim_number.reveal() for claim in claims(chain.from_iterable(portions))] == [
        f"C{n}" for n in range(1, 2501)
    ]
    assert max(len(portion) for portion in portions) < 2500
