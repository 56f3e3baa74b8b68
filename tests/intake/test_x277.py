"""Claim acknowledgements: which claims were rejected, with which codes; and other 277s, which hold none."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from denials.errors import IntakeError
from tests.intake.reading import faults, read_status, rejections
from tests.remits import Delimiters, Rejection, acknowledgement, paid_claim, remit

DAY = date(2026, 3, 2)


def test_a_rejected_claim_comes_with_its_codes_charge_dates_payer_and_provider() -> None:
    told = Rejection("C1", ("A7:562:85",), charge="199.14", date=DAY, service_date=date(2026, 2, 1))
    (found,) = rejections(read_status(acknowledgement([told], payer="ACME", payer_id="60054")))
    assert found.claim_number.reveal() == "C1"
    assert found.status_codes == ("A7:562:85",)
    assert found.charge == Decimal("199.14")
    assert (found.remit_date, found.service_date) == (DAY, date(2026, 2, 1))
    assert (found.payer.name.reveal(), found.payer.ids, found.payee_npi) == ("ACME", ("60054",), "1234567893")
    assert not found.payer.trusted  # only an 835's own payer name may be shown without a label


def test_an_accepted_claim_asks_for_no_work() -> None:
    told = [Rejection("C1", ("A2:20",)), Rejection("C2", ("A1:19:PR",)), Rejection("C3", ("A3:21",))]
    found = rejections(read_status(acknowledgement(told)))
    assert [row.claim_number.reveal() for row in found] == ["C3"]


@pytest.mark.parametrize("category", ["A3", "A6", "A7", "A8"])
def test_every_rejecting_category_counts_in_any_of_the_three_places(category: str) -> None:
    for codes in ((f"{category}:21",), ("A1:20", f"{category}:21"), ("A1:20", "A1:19", f"{category}:21")):
        (found,) = rejections(read_status(acknowledgement([Rejection("C1", codes)])))
        assert found.status_codes == (f"{category}:21",)


def test_codes_of_service_lines_belong_to_their_claim() -> None:
    text = acknowledgement([Rejection("C1", ("A1:20",), service_date=DAY), Rejection("C2", ("A2:20",))])
    service = "SVC*HC:99213*100~\nSTC*A7:454*20260302*U*100~\nDTP*472*D8*20260115~\n"
    at = text.index("HL*5*")
    longer = text[:at] + service + text[at:]
    counted = int(text[text.index("SE*") + 3 :].split("*")[0])
    found = rejections(read_status(longer.replace(f"SE*{counted}*", f"SE*{counted + 3}*")))
    assert [(row.claim_number.reveal(), row.status_codes) for row in found] == [("C1", ("A7:454",))]
    assert found[0].service_date == date(2026, 1, 15)


def test_other_delimiters_say_the_same() -> None:
    told = [Rejection("C1", ("A7:562:85", "A3:21"))]
    marks = Delimiters("|", ">", "\n", "^", "")
    plain, other = (rejections(read_status(acknowledgement(told, delimiters=each))) for each in (None, marks))
    assert plain == other


def test_a_whole_batch_that_was_rejected_without_its_claims_is_told() -> None:
    text = acknowledgement([]).replace("STC*A1:20*", "STC*A8:746:40*")
    (fault,) = faults(read_status(text))
    assert fault.kind == "warning"
    assert text.splitlines()[fault.line - 1].startswith("STC")


def test_a_rejection_without_a_usable_number_or_charge_is_told() -> None:
    text = acknowledgement([Rejection("C1"), Rejection("C2", charge="77")])
    found = read_status(text.replace("TRN*2*C1", "TRN*2*").replace("U*77", "U*7x7"))
    assert rejections(found) == []
    assert [fault.kind for fault in faults(found)] == ["rejected", "rejected"]


def test_the_same_acknowledgement_has_the_same_key_and_its_claims_are_numbered() -> None:
    told = [Rejection("C1"), Rejection("C2")]
    found = rejections(read_status(acknowledgement(told)))
    assert [row.ordinal for row in found] == [1, 2]
    assert {row.remit_key for row in rejections(read_status(acknowledgement(told)))} == {found[0].remit_key}
    assert rejections(read_status(acknowledgement(told, batch="ACK2")))[0].remit_key != found[0].remit_key


@pytest.mark.parametrize("version", ["005010X212", "005010X213"])
def test_a_claim_status_answer_is_refused(version: str) -> None:
    with pytest.raises(IntakeError, match="claim status answer"):
        read_status(acknowledgement([Rejection("C1")], version=version))


def test_without_a_version_the_purpose_decides() -> None:
    text = acknowledgement([Rejection("C1")]).replace("*005010X214", "")
    assert len(rejections(read_status(text))) == 1
    with pytest.raises(IntakeError, match="claim status answer"):
        read_status(text.replace("BHT*0085", "BHT*0010"))


def test_a_remittance_among_acknowledgements_is_refused() -> None:
    with pytest.raises(IntakeError, match="not a claim acknowledgement"):
        read_status(acknowledgement([Rejection("C1")]) + remit([paid_claim("C2")]))


def test_a_truncated_acknowledgement_is_refused_at_every_point() -> None:
    text = acknowledgement([Rejection("C1"), Rejection("C2")]).rstrip("\n")
    for end in range(1, len(text) - 1):
        with pytest.raises(IntakeError):
            read_status(text[:end])
