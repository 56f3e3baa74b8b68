"""Random valid remittances are read back exactly; damaged ones are never read wrongly without a report."""

from __future__ import annotations

import random
from collections.abc import Iterable
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from denials.adjudication import judge
from denials.errors import IntakeError
from denials.model import JudgedClaim, PaidClaim, RemitClaim, Verdict
from intake.batch import Record, RowError
from tests.intake.generated import MARKS, File, Style, files, some_file
from tests.intake.reading import as_row, claims, expected_row, faults, read
from tests.remits import Claim, claim, denied_claim, interchange, line, paid_claim, transaction

Total = tuple[int, Decimal, Decimal, Decimal]


def total(records: Iterable[Record]) -> Total:
    """How many claims, and their charges, payments and adjustments."""
    rows = claims(records)
    adjusted = [row.amount for found in rows for row in found.adjustments]
    adjusted += [row.amount for found in rows for service in found.lines for row in service.adjustments]
    zero = Decimal(0)
    charges, payments = (row.charge for row in rows), (row.paid for row in rows)
    return len(rows), sum(charges, zero), sum(payments, zero), sum(adjusted, zero)


@given(files())
def test_what_was_written_is_read_back_exactly(file: File) -> None:
    found = read(file.text)
    assert faults(found) == []
    assert [as_row(row) for row in claims(found)] == [expected_row(row) for row in file.claims]


@given(files())
def test_remarks_are_read_back_exactly(file: File) -> None:
    for record, built in zip(read(file.text), file.claims, strict=True):
        if isinstance(record, RemitClaim | JudgedClaim):
            (whole,) = claims([record])
            assert whole.remarks == built.remarks
            assert [row.remarks for row in whole.lines] == [row.remarks for row in built.lines]
            assert whole.filing_indicator == built.filing


@given(files())
def test_no_claim_that_needs_judging_comes_out_light(file: File) -> None:
    for record in read(file.text):
        if isinstance(record, PaidClaim):
            assert judge(record.whole()) == Verdict()


@given(files())
def test_lines_judged_one_by_one_say_what_the_claim_says(file: File) -> None:
    for record in read(file.text):
        if isinstance(record, JudgedClaim):
            whole, lines = record.whole(), record.judged
            verdict = judge(whole)
            assert verdict.denials == tuple(denial for line_ in lines for denial in line_.denials)
            assert verdict.denied * 100 == sum(line_.denied_cents for line_ in lines)
            fully = record.paid_cents == 0 and not any(line_.share_cents for line_ in lines)
            assert (verdict.counted, verdict.balanced, verdict.fully_denied) == (True, True, fully)
            assert [(row.charge * 100, row.paid * 100, row.procedure) for row in whole.lines] == [
                (Decimal(line_.charge_cents), Decimal(line_.paid_cents), line_.procedure) for line_ in lines
            ]


@given(files())
def test_a_light_claim_says_of_itself_what_the_whole_one_does(file: File) -> None:
    for record in read(file.text):
        if isinstance(record, JudgedClaim):
            whole, remit = record.whole(), record.remit
            money = tuple(Decimal(cents) / 100 for cents in (record.charge_cents, record.paid_cents))
            assert (whole.charge, whole.paid, whole.patient_share * 100) == (*money, record.patient_cents)
            assert (whole.claim_number, whole.status, whole.ordinal) == (*record[:2], record.ordinal)
            assert (whole.payer, whole.remit_date) == (remit.payer, remit.remit_date)
            assert (whole.remit_key, whole.payee_npi) == (remit.remit_key, remit.payee_npi)
            assert (whole.filing_indicator, whole.service_date) == (record.filing_indicator, record.service_date)


def test_lines_of_a_plain_denial_are_judged_and_of_a_doubtful_one_not() -> None:
    built = [
        denied_claim("C1", 100, "197", remarks=["N290"]),
        claim("C2", 100, 0, cas=[("CO", "197", 60)], lines=[line(100, 0, cas=[("CO", "97", 40)])]),
        claim("C3", 100, 0, status="22", lines=[line(100, 0, cas=[("CO", "197", 100)])]),
    ]
    found = [record for record in read(interchange([transaction(built)])) if not isinstance(record, RowError)]
    assert [type(one) for one in found] == [JudgedClaim, RemitClaim, RemitClaim]


def test_lines_of_a_sort_and_claims_of_a_remittance_share_what_they_have_in_common() -> None:
    lines = [line(50, 0, cas=[("CO", "197", 50)]), line(70, 70)]
    parts = [transaction([claim(f"C{part}{place}", 120, lines=lines) for place in "ab"], trace=part) for part in "AB"]
    found = [record for record in read(interchange(parts)) if isinstance(record, JudgedClaim)]
    assert len(found) == 4
    assert len({id(each) for record in found for each in record.judged}) == 2
    assert [len(each.denials) for each in found[0].judged] == [1, 0]
    assert len({id(record.remit) for record in found}) == 2


@given(files(most=1), st.integers(20, 300))
def test_wrapping_at_any_column_changes_nothing(file: File, width: int) -> None:
    flat = file.text if "\n" not in file.text else ""
    wrapped = "\r\n".join(flat[start : start + width] for start in range(0, len(flat), width))
    if flat:
        assert [as_row(row) for row in claims(read(wrapped))] == [expected_row(row) for row in file.claims]


SMALL = interchange(
    [
        transaction(
            [
                denied_claim("C1", 100, "197", remarks=["N290"]),
                paid_claim("C2"),
                claim("C3", 90, 20, cas=[("CO", "16", 40)], lines=[line(90, 60, cas=[("PR", "2", 30)])]),
            ],
            plb=[("WO:1", "12.50")],
        )
    ]
)


def test_a_file_that_breaks_off_is_refused_at_every_point() -> None:
    whole = SMALL.rstrip("\n").encode()
    for end in range(len(whole)):
        with pytest.raises(IntakeError):
            read(whole[:end])
    assert faults(read(whole)) == []


def test_a_lost_segment_is_refused_or_told() -> None:
    segments = SMALL.split("~\n")
    for place in range(len(segments) - 1):
        with pytest.raises(IntakeError):
            read("~\n".join(segments[:place] + segments[place + 1 :]))


def test_a_segment_that_became_another_is_refused_or_told_where_it_changes_a_total() -> None:
    segments, truth = SMALL.split("~\n"), total(read(SMALL))
    for place, segment in enumerate(segments[:-1]):
        other = "~\n".join([*segments[:place], "K3" + segment[segment.find("*") :], *segments[place + 1 :]])
        unless_told_the_same(other.encode(), truth)


def test_any_single_changed_byte_is_refused_told_or_changes_no_total() -> None:
    truth = total(read(SMALL))
    draw = random.Random(5)
    for place in range(len(SMALL)):
        for _ in range(4):
            changed = bytearray(SMALL.encode())
            changed[place] = draw.choice(b"0123456789ABZ*~:.- \n")
            unless_told_the_same(bytes(changed), truth)


def unless_told_the_same(data: bytes, truth: Total) -> None:
    try:
        found = read(data)
    except IntakeError:
        return
    if not faults(found):
        assert total(found) == truth


@given(st.randoms(use_true_random=False), st.integers(1, 6))
def test_no_damage_gives_anything_but_records_or_one_clear_error(draw: random.Random, hits: int) -> None:
    marks = [Style(draw.choice(MARKS), "005010X221A1", 1) for _ in range(draw.choice((1, 2)))]
    data = bytearray(some_file(draw, marks).text.encode())
    for _ in range(hits):
        start = draw.randrange(len(data) + 1)
        end = min(len(data), start + draw.choice((0, 1, 1, 3, 40)))
        piece = draw.choice((b"", b"~", b"*", b"\n", b"\xff", b"ISA*", b"~SE*", b"~CLP*", bytes(data[:150]), b"9" * 30))
        data[start:end] = piece
    read_or_one_line(bytes(data))


@given(st.binary(max_size=400))
def test_anything_after_a_header_gives_records_or_one_clear_error(tail: bytes) -> None:
    read_or_one_line(SMALL[:110].encode() + tail)


def read_or_one_line(data: bytes) -> None:
    try:
        read(data)
    except IntakeError as error:
        assert "\n" not in str(error)  # noqa: PT017  (an error is as good as none)


@pytest.mark.long
def test_thousands_of_damaged_files_give_records_or_one_clear_error() -> None:
    draw = random.Random(835)
    for _ in range(20_000):
        data = bytearray(SMALL.encode())
        for _ in range(draw.randrange(1, 8)):
            start = draw.randrange(len(data))
            data[start : start + draw.choice((0, 1, 2, 25))] = draw.randbytes(draw.choice((0, 1, 2)))
        read_or_one_line(bytes(data))


def test_totals_are_those_of_the_claims_written() -> None:
    built: list[Claim] = [denied_claim("C1", "12.34"), paid_claim("C2", "150.10", "50.05", 20)]
    assert total(read(interchange([transaction(built)]))) == (
        (2, Decimal("162.44"), Decimal("80.05"), Decimal("82.39"))
    )
