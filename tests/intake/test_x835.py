"""What a remittance says is what comes out: claims, lines, adjustments, remarks, dates, payer and payee."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from denials.adjudication import judge
from denials.errors import IntakeError
from denials.model import Denial, JudgedClaim, PaidClaim, RemitClaim, Verdict
from tests.intake.reading import TODAY, as_row, claims, expected_row, faults, only_claim, read
from tests.remits import Claim, claim, denied_claim, interchange, line, paid_claim, remit, reversal, transaction

JANUARY, FEBRUARY = date(2026, 1, 15), date(2026, 2, 1)


def test_a_denied_line_comes_with_its_codes_remarks_procedure_and_amounts() -> None:
    denied = line(charge=100, paid=0, cas=[("CO", "197", 100)], remarks=["N290", "M51"], procedure="97110")
    found = only_claim(remit([claim("C1", charge=100, lines=[denied])], date=FEBRUARY))
    assert found.claim_number.reveal() == "C1"
    assert (found.status, found.charge, found.paid, found.filing_indicator) == ("1", Decimal(100), Decimal(0), "12")
    assert found.remit_date == FEBRUARY
    (service,) = found.lines
    assert (service.procedure, service.remarks) == ("97110", ("N290", "M51"))
    assert [(row.group, row.carc, row.amount) for row in service.adjustments] == [("CO", "197", Decimal(100))]


def test_all_six_triplets_of_an_adjustment_segment_count() -> None:
    cas = [("CO", code, 10) for code in ("16", "18", "22", "29", "50", "97")]
    found = only_claim(remit([claim("C1", 100, lines=[line(100, 40, cas=cas)])]))
    assert [row.carc for row in found.lines[0].adjustments] == ["16", "18", "22", "29", "50", "97"]


def test_claim_level_and_line_level_adjustments_are_kept_apart() -> None:
    built = claim("C1", 100, 0, cas=[("OA", "18", 30)], lines=[line(100, 30, cas=[("CO", "16", 70)])])
    found = only_claim(remit([built]))
    assert [row.carc for row in found.adjustments] == ["18"]
    assert [row.carc for row in found.lines[0].adjustments] == ["16"]


@pytest.mark.parametrize("inpatient", [False, True])
def test_remarks_of_the_claim_come_from_moa_and_mia(inpatient: bool) -> None:
    built = claim("C1", 100, 0, cas=[("CO", "16", 100)], remarks=["MA04", "N4", "MA92"], inpatient=inpatient)
    assert only_claim(remit([built])).remarks == ("MA04", "N4", "MA92")


def test_a_claim_that_was_simply_paid_comes_out_light_and_whole_on_request() -> None:
    built = paid_claim("C7", 150, 50, 20)
    (found,) = read(remit([built]))
    assert isinstance(found, PaidClaim)
    assert (found.claim_number.reveal(), found.charge_cents, found.paid_cents, found.patient_cents) == (
        ("C7", 15000, 8000, 2000)
    )
    assert as_row(found.whole()) == expected_row(built)
    assert judge(found.whole()) == Verdict()


def test_a_claim_whose_lines_refuse_money_comes_out_light_and_whole_on_request() -> None:
    lines = [
        line(100, 60, cas=[("CO", "45", 40)], procedure="99213"),
        line("50.50", 0, cas=[("CO", "16", 30), ("PR", "3", "20.50")], remarks=["N290"], procedure="97110"),
    ]
    built = claim("C7", "150.50", lines=lines, date=JANUARY)
    (found,) = read(remit([built]))
    assert isinstance(found, JudgedClaim)
    assert (found.claim_number.reveal(), found.charge_cents, found.paid_cents) == ("C7", 15050, 6000)
    assert (found.filing_indicator, found.service_date) == ("12", JANUARY)
    kept, refused = found.judged
    assert (kept.denials, kept.charge_cents, kept.paid_cents, kept.procedure) == ((), 10000, 6000, "99213")
    assert refused.denials == (Denial("CO", "16", Decimal(30), ("N290",), "97110", 2),)
    assert (refused.denied_cents, refused.share_cents) == (3000, 2050)
    assert as_row(found.whole()) == expected_row(built)


@pytest.mark.parametrize(
    "built",
    [
        pytest.param(claim("C1", 100, cas=[("CO", "16", 100)]), id="denied above its lines"),
        pytest.param(claim("C1", 100, 0, cas=[("CO", "45", 100)]), id="whole charge written down"),
        pytest.param(claim("C1", 100, 40, cas=[("CO", "45", 30)]), id="does not add up"),
        pytest.param(claim("C1", 100, 60, status="4", cas=[("CO", "45", 40)]), id="status 4"),
        pytest.param(reversal(paid_claim("C1")), id="reversal"),
        pytest.param(claim("C1", 100, 60, status="25", cas=[("CO", "45", 40)]), id="estimate"),
        pytest.param(claim("C1", 100, 60, cas=[("CO", "45", 30), ("CO", "16", 10)]), id="partly denied"),
        pytest.param(
            claim("C1", 100, lines=[line(100, 100, cas=[("CO", "16", 9), ("CO", "16", -9)])]), id="given back"
        ),
        pytest.param(claim("C1", 100, 60, lines=[line(100, 70, cas=[("CO", "45", 30)])]), id="line does not add up"),
    ],
)
def test_every_claim_that_may_need_judging_comes_out_whole(built: Claim) -> None:
    (found, *_) = read(remit([built]))
    assert isinstance(found, RemitClaim)
    assert as_row(found) == expected_row(built)


def test_a_reversal_keeps_its_signs() -> None:
    taken_back = reversal(paid_claim("C1", 150, 50, 20))
    found = only_claim(remit([taken_back]))
    assert (found.status, found.charge, found.paid) == ("22", Decimal(-150), Decimal(-80))
    assert as_row(found) == expected_row(taken_back)


def test_status_codes_lose_their_leading_zeros() -> None:
    assert only_claim(remit([denied_claim("C1", status="02")])).status == "2"


def test_the_service_date_is_the_claims_own_or_the_earliest_of_its_lines() -> None:
    lines = [line(50, 0, cas=[("CO", "16", 50)], date=day) for day in (FEBRUARY, JANUARY)]
    assert only_claim(remit([claim("C1", 100, lines=lines)])).service_date == JANUARY
    assert only_claim(remit([claim("C1", 100, lines=lines, date=date(2026, 1, 20))])).service_date == date(2026, 1, 20)


def test_an_impossible_date_is_no_date() -> None:
    text = remit([claim("C1", 100, 0, lines=[line(100, 0, cas=[("CO", "16", 100)], date=FEBRUARY)])])
    assert only_claim(text.replace("472*20260201", "472*20260231")).service_date is None


def test_payer_and_payee_are_read_by_their_identifiers() -> None:
    text = remit([denied_claim("C1")], payer="ACME HEALTH", payer_id="60054", payee_npi="1234567893")
    more = text.replace("N1*PE*", "REF*2U*99999~\nN1*PE*").replace("SE*20*", "SE*21*")
    found = only_claim(more)
    assert (found.payer.name.reveal(), found.payer.ids) == ("ACME HEALTH", ("60054", "99999"))
    assert found.payer.trusted
    assert found.payee_npi == "1234567893"


def test_a_payee_known_by_its_tax_number_only_has_no_npi() -> None:
    assert only_claim(remit([denied_claim("C1")], payee_npi=None)).payee_npi is None


def test_the_payment_date_counts_and_an_impossible_one_falls_back_to_the_production_date() -> None:
    text = remit([denied_claim("C1")], date=FEBRUARY)
    assert only_claim(text).remit_date == FEBRUARY
    assert only_claim(text.replace("************20260201", "************20990080")).remit_date == FEBRUARY
    assert only_claim(text.replace("************20260201", "************20950101")).remit_date == FEBRUARY


def test_a_remittance_without_any_date_counts_today() -> None:
    text = remit([denied_claim("C1")], date=FEBRUARY).replace("20260201", "").replace("*20260302*1200*", "**1200*")
    assert only_claim(text).remit_date == TODAY


def test_the_same_remittance_has_the_same_key_in_two_files_and_another_has_another() -> None:
    key = only_claim(remit([denied_claim("C1")], trace="T1", control=1)).remit_key
    assert only_claim(remit([denied_claim("C1")], trace="T1", control=2)).remit_key == key
    assert only_claim(remit([denied_claim("C1")], trace="T2")).remit_key != key
    assert only_claim(remit([denied_claim("C1")], trace="T1", date=JANUARY)).remit_key != key


def test_claims_are_numbered_through_the_transactions_of_one_remittance() -> None:
    parts = [transaction([denied_claim(f"C{number}")], trace="T1") for number in (1, 2)]
    found = claims(read(interchange(parts)))
    assert [row.ordinal for row in found] == [1, 2]
    assert len({row.remit_key for row in found}) == 1


def test_provider_level_adjustments_are_no_denials_and_are_part_of_the_balance() -> None:
    found = read(remit([paid_claim("C1")], plb=[("WO:1", 30), ("CS:2", "-1.27")]))
    assert [type(row) for row in found] == [PaidClaim]


def test_a_payment_total_that_is_not_the_sum_of_its_claims_is_told_and_loses_no_claim() -> None:
    found = read(remit([paid_claim("C1"), denied_claim("C2")], total="1000"))
    assert len(claims(found)) == 2
    (fault,) = faults(found)
    assert (fault.kind, fault.line) == ("warning", 4)
    assert "BPR" in fault.message


@pytest.mark.parametrize(
    ("built", "what"),
    [
        (claim("C1", 100, 40, cas=[("CO", "45", 30)]), "adjustments"),
        (claim("C1", 100, 70, lines=[line(100, 60, cas=[("CO", "45", 30)])]), "service line"),
        (claim("C1", 100, 70, lines=[line(90, 70, cas=[("CO", "45", 30)])]), "charges of the service lines"),
    ],
)
def test_a_claim_that_does_not_add_up_is_told_with_its_position_and_kept(built: Claim, what: str) -> None:
    found = read(remit([paid_claim("C0"), built]))
    assert [as_row(row) for row in claims(found)][1] == expected_row(built)
    (fault,) = faults(found)
    assert fault.kind == "warning"
    assert what in fault.message
    assert remit([paid_claim("C0"), built]).splitlines()[fault.line - 1].startswith("CLP*C1*")


def test_the_same_money_at_both_levels_is_no_fault() -> None:
    both = claim("C1", 100, 40, cas=[("CO", "45", 60)], lines=[line(100, 40, cas=[("CO", "45", 60)])], patient_share=0)
    assert faults(read(remit([both]))) == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("CLP*C1*1*100*", "CLP*C1*1*1OO*"),
        ("CLP*C1*1*100*", "CLP*C1*1*100.005*"),
        ("CLP*C1*1*100*", "CLP*C1*1*1E2*"),
        ("CLP*C1*1*100*", "CLP*C1*1**"),
        ("CLP*C1*1*100*0**12*PAYERCLAIM1*11*1", "CLP*C1*1"),
        ("CLP*C1*1*", "CLP**1*"),
        ("CLP*C1*1*", "CLP*C1**"),
        ("SVC*HC:99213*100*", "SVC*HC:99213*hundred*"),
        ("CAS*CO*197*100", "CAS*CO*197*"),
        ("CAS*CO*197*100", "CAS*CO*197*1,00"),
        ("CAS*CO*197*100", "CAS*CO*JANE DOE*100"),
        ("CAS*CO*197*100", "CAS*XX*197*100"),
    ],
)
def test_an_unreadable_claim_is_left_out_and_told_and_the_others_go_in(before: str, after: str) -> None:
    text = remit([denied_claim("C0", 50), denied_claim("C1", 100), denied_claim("C2", 70)])
    assert before in text
    found = read(text.replace(before, after))
    assert [row.claim_number.reveal() for row in claims(found)] == ["C0", "C2"]
    assert [row.ordinal for row in claims(found)] == [1, 3]
    (fault,) = faults(found)
    assert fault.kind == "rejected"
    assert text.splitlines()[fault.line - 1].startswith("CLP*C1*")


@pytest.mark.parametrize("number", ["1234567-001", " C 1 ", "É-77", "a/b", "C1\t2"])
def test_a_paid_and_a_denied_claim_have_the_same_number_whatever_it_is_made_of(number: str) -> None:
    found = read(remit([paid_claim(number), denied_claim(number)]))
    if number.isprintable():
        assert [row.claim_number.reveal() for row in claims(found)] == [number.strip()] * 2
    else:
        assert [fault.kind for fault in faults(found)] == ["rejected"] * 2


def test_a_blank_payment_is_no_payment() -> None:
    found = only_claim(remit([denied_claim("C1")]).replace("CLP*C1*1*100*0*", "CLP*C1*1*100**"))
    assert found.paid == 0


def test_codes_in_lower_case_or_with_leading_zeros_are_the_same_codes() -> None:
    text = remit([denied_claim("C1", carc="16", remarks=["N290"])])
    found = only_claim(text.replace("CAS*CO*16*", "CAS*co*016*").replace("LQ*HE*N290", "LQ*HE*n290"))
    assert found.lines[0].adjustments[0].carc == "16"
    assert found.lines[0].remarks == ("N290",)


@pytest.mark.parametrize(
    ("service", "procedure"),
    [
        ("HC:97110:GP", "97110"),
        ("HC>97110", "97110"),
        ("97110", "97110"),
        ("NU:0300", "0300"),
        ("HC", None),
        ("", None),
    ],
)
def test_a_procedure_is_found_whatever_stands_around_it(service: str, procedure: str | None) -> None:
    text = remit([denied_claim("C1")]).replace("SVC*HC:99213*", f"SVC*{service}*")
    assert only_claim(text).lines[0].procedure == procedure


@pytest.mark.parametrize(("kind", "name"), [("837", "837"), ("277", "277"), ("999", "999"), ("abc", "another")])
def test_another_transaction_is_refused_by_name(kind: str, name: str) -> None:
    with pytest.raises(IntakeError, match=f"segment 3: .*{name}.*not a remittance"):
        read(remit([paid_claim("C1")]).replace("ST*835*", f"ST*{kind}*"))


def test_services_before_any_claim_are_refused() -> None:
    text = remit([denied_claim("C1")])
    with pytest.raises(IntakeError, match="SVC stands before any claim"):
        read(text.replace("CLP*C1", "CLX*C1"))


@pytest.mark.parametrize("place", [3, 4, 5], ids=["charge", "payment", "patient’s share"])
@pytest.mark.parametrize("wrong", ["{}x", "{}e2", "{} 5", "1.{}.0"])
def test_an_amount_of_a_claim_is_read_to_its_end_or_not_at_all(place: int, wrong: str) -> None:
    text = remit([paid_claim("C1"), paid_claim("C2")])
    clp = next(segment.strip() for segment in text.split("~") if segment.strip().startswith("CLP*C1"))
    fields = clp.split("*")
    fields[place] = wrong.format(fields[place])
    found = read(text.replace(clp, "*".join(fields)))
    assert [one.claim_number.reveal() for one in claims(found)] == ["C2"]
    assert [fault.message for fault in faults(found)] == [
        "an amount of the claim (CLP) is not a number; the claim was left out"
    ]
