"""The denial test, case by case as a biller would name them, and on generated claims whose truth is known."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from denials.adjudication import judge, judge_row, never_denial
from denials.codes import carcs
from denials.model import Adjustment, Denial, RemitClaim, Sensitive, ServiceLine, Verdict
from tests.denials.claims import adjustments, claim, line


def refused(verdict: Verdict) -> dict[str, Decimal]:
    """The denied dollars of a verdict by code, hints in the place of missing codes."""
    found: dict[str, Decimal] = defaultdict(Decimal)
    for denial in verdict.denials:
        found[f"{denial.group}-{denial.carc}" if denial.carc else denial.hint] += denial.amount
    return dict(found)


CASES: dict[str, tuple[RemitClaim, dict[str, str]]] = {
    "paid in full": (claim("100", "100"), {}),
    "paid less the contract write-down": (claim("100", "70", "CO-45 30"), {}),
    "paid less write-down and copay, on the line": (claim("100", "60", "", line("100", "60", "CO-45 20, PR-3 20")), {}),
    "everything goes to the deductible": (claim("100", "0", "CO-45 20, PR-1 80"), {}),
    "sequestration is a write-down": (claim("100", "78", "CO-45 20, CO-253 2"), {}),
    "no authorization, whole claim": (claim("100", "0", "CO-197 100"), {"CO-197": "100"}),
    "denied under claim status 1": (claim("100", "0", "CO-16 100", status="1"), {"CO-16": "100"}),
    "denied under claim status 2, by the secondary": (claim("100", "0", "CO-22 100", status="2"), {"CO-22": "100"}),
    "denied under claim status 3": (claim("100", "0", "CO-29 100", status="3"), {"CO-29": "100"}),
    "denied and forwarded to the next payer (19)": (claim("100", "0", "CO-50 100", status="19"), {"CO-50": "100"}),
    "status 4 with a code": (claim("100", "0", "CO-96 100", status="4"), {"CO-96": "100"}),
    "status 4 without any adjustment": (claim("100", "0", status="4"), {"status_4": "100"}),
    "status 4 although the patient owes it": (
        claim("100", "0", status="4", patient_share=Decimal(100)),
        {"status_4": "100"},
    ),
    "status 4 with a write-down of a part only": (claim("100", "0", "CO-45 30", status="4"), {"status_4": "70"}),
    "status 4, all of it deductible": (claim("100", "0", "PR-1 100", status="4"), {}),
    "status 4 that paid after all": (claim("100", "80", "CO-45 20", status="4"), {}),
    "one line of three denied": (
        claim(
            "300",
            "140",
            "",
            line("100", "70", "CO-45 30"),
            line("100", "0", "CO-97 100"),
            line("100", "70", "CO-45 10, PR-2 20"),
        ),
        {"CO-97": "100"},
    ),
    "part of one line denied": (claim("200", "120", "", line("200", "120", "CO-45 50, CO-151 30")), {"CO-151": "30"}),
    "two reasons on one line": (
        claim("200", "0", "", line("200", "0", "CO-45 50, CO-16 100, PR-96 50")),
        {"CO-16": "100", "PR-96": "50"},
    ),
    "patient owes what is not covered, yet it is a denial": (claim("100", "0", "PR-204 100"), {"PR-204": "100"}),
    "coverage ended, owed by the patient": (claim("100", "0", "PR-27 100"), {"PR-27": "100"}),
    "duplicate under OA": (claim("100", "0", "OA-18 100"), {"OA-18": "100"}),
    "wrong payer under OA": (claim("100", "0", "OA-109 100"), {"OA-109": "100"}),
    "payer initiated reduction": (claim("100", "60", "PI-97 40"), {"PI-97": "40"}),
    "bundled line paid zero": (
        claim("150", "80", "", line("100", "80", "CO-45 20"), line("50", "0", "CO-97 50")),
        {"CO-97": "50"},
    ),
    "multiple-procedure reduction on a paid line": (claim("100", "50", "", line("100", "50", "CO-59 50")), {}),
    "multiple-procedure rule that pays zero": (claim("100", "0", "", line("100", "0", "CO-59 100")), {"CO-59": "100"}),
    "code that nobody knows": (claim("100", "0", "CO-999 100"), {"CO-999": "100"}),
    "whole charge written down, nothing paid": (claim("100", "0", "CO-45 100"), {"CO-45": "100"}),
    "whole charge written down, line by line": (
        claim("100", "0", "", line("60", "0", "CO-45 60"), line("40", "0", "CO-45 40")),
        {"CO-45": "100"},
    ),
    "one line fully written down beside a paid one": (
        claim("150", "80", "", line("100", "80", "CO-45 20"), line("50", "0", "CO-45 50")),
        {},
    ),
    "write-down and deductible, nothing paid": (claim("100", "0", "CO-45 90, PR-1 10"), {}),
    "secondary: the first payer's part is news only": (claim("100", "0", "OA-23 100", status="2"), {}),
    "secondary pays the copay": (claim("100", "20", "OA-23 80", status="2"), {}),
    "secondary: prior payment, write-down and its own denial": (
        claim("100", "0", "OA-23 70, CO-45 10, CO-22 20", status="2"),
        {"CO-22": "20"},
    ),
    "secondary pays above the charge": (
        claim("541", "34", "", line("541", "34", "OA-23 516, OA-94 -9"), status="2"),
        {},
    ),
    "same code taken and given back": (claim("100", "100", "CO-97 50, CO-97 -50"), {}),
    "part given back": (claim("100", "30", "CO-97 100, CO-97 -30"), {"CO-97": "70"}),
    "given back under another code": (claim("100", "100", "CO-16 40, OA-23 -40"), {}),
    "more refused than is missing": (claim("100", "40", "CO-45 -20, CO-97 80"), {"CO-97": "60"}),
    "zero-dollar adjustments": (claim("100", "80", "CO-45 20, CO-97 0"), {}),
    "nothing paid and no reason at all": (claim("100", "0"), {"unexplained": "100"}),
    "nothing paid, no reason, patient owes it": (claim("100", "0", patient_share=Decimal(100)), {}),
    "zero charge": (claim("0", "0", "", line("0", "0", "")), {}),
    "4010 correction group is never a new denial": (claim("100", "40", "CR-16 60"), {}),
    "the same equal adjustment twice on one line": (
        claim("100", "0", "", line("100", "0", "CO-16 50, CO-16 50")),
        {"CO-16": "100"},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_denial_test_case_by_case(name: str) -> None:
    given_claim, expected = CASES[name]

    verdict = judge(given_claim)

    assert refused(verdict) == {code: Decimal(amount) for code, amount in expected.items()}
    assert verdict.counted
    assert not verdict.reversal
    assert verdict.denied == sum((Decimal(amount) for amount in expected.values()), Decimal(0))


BALANCE: dict[str, tuple[RemitClaim, dict[str, str], bool]] = {
    "repeated at both levels: counted once, on the line": (
        claim("100", "0", "CO-197 100", line("100", "0", "CO-197 100")),
        {"CO-197": "100"},
        True,
    ),
    "claim level names a total, lines the reasons": (
        claim("100", "0", "CO-16 100", line("60", "0", "CO-197 60"), line("40", "0", "CO-97 40")),
        {"CO-197": "60", "CO-97": "40"},
        True,
    ),
    "claim level repeats the write-down only": (
        claim("100", "0", "CO-45 20", line("100", "0", "CO-45 20, CO-197 80")),
        {"CO-197": "80"},
        True,
    ),
    "lines repeat a part of the claim level": (
        claim("125.50", "92.14", "CO-45 13.36, PR-3 20", line("125.50", "92.14", "CO-45 13.36")),
        {},
        True,
    ),
    "each level holds other money": (
        claim("800", "450", "CO-197 50", line("800", "500", "PR-1 300")),
        {"CO-197": "50"},
        True,
    ),
    "one code repeated, one only above, one only below": (
        claim("100", "0", "CO-45 20, CO-197 30", line("100", "0", "CO-45 20, CO-97 50")),
        {"CO-197": "30", "CO-97": "50"},
        True,
    ),
    "both levels add up and only the claim level refuses": (
        claim("100", "0", "CO-197 100", line("100", "0", "CO-45 100")),
        {"CO-197": "100"},
        True,
    ),
    "adjustments explain too little": (claim("100", "0", "CO-197 60"), {"CO-197": "60"}, False),
    "adjustments explain too much": (claim("100", "20", "CO-197 100"), {"CO-197": "80"}, False),
    "paid in full, whatever the codes say": (claim("100", "100", "CO-197 40"), {}, False),
    "a sound line is believed though the claim does not add up": (
        claim("150", "150", "", line("100", "100", ""), line("50", "0", "CO-97 50")),
        {"CO-97": "50"},
        False,
    ),
    "paid, with a write-down that does not add up": (claim("100", "70", "CO-45 20"), {}, False),
}


@pytest.mark.parametrize("name", BALANCE)
def test_the_balance_decides_which_level_counts(name: str) -> None:
    given_claim, expected, balanced = BALANCE[name]

    verdict = judge(given_claim)

    assert refused(verdict) == {code: Decimal(amount) for code, amount in expected.items()}
    assert verdict.balanced is balanced


@pytest.mark.parametrize("status", ["23", "25", "5", "13"])
def test_forwarded_estimated_and_pended_claims_are_no_adjudications(status: str) -> None:
    verdict = judge(claim("100", "0", "CO-109 100", status=status))

    assert verdict == Verdict(counted=False)


@pytest.mark.parametrize(
    "reversed_claim", [claim("-100", "-80", "CO-45 -20", status="22"), claim("-100", "-80", "CO-45 -20")]
)
def test_a_reversal_decides_nothing_new(reversed_claim: RemitClaim) -> None:
    assert judge(reversed_claim) == Verdict(counted=False, reversal=True)


def test_fully_denied_needs_neither_payment_nor_patient_share() -> None:
    assert judge(claim("100", "0", "CO-197 100")).fully_denied
    assert judge(claim("100", "0", "PR-27 100", patient_share=Decimal(100))).fully_denied
    assert judge(claim("100", "0", status="4")).fully_denied
    assert not judge(claim("100", "0", "CO-197 80, PR-1 20")).fully_denied
    assert not judge(claim("100", "10", "CO-197 90")).fully_denied
    assert not judge(claim("100", "70", "CO-45 30")).fully_denied


def test_each_denial_carries_the_remarks_nearest_to_it() -> None:
    verdict = judge(
        claim(
            "150",
            "0",
            "",
            line("100", "0", "CO-16 100", "N290", procedure="97110"),
            line("50", "0", "CO-16 50"),
            remarks=("MA130",),
        )
    )

    assert [(denial.line, denial.procedure, denial.rarcs) for denial in verdict.denials] == [
        (1, "97110", ("N290", "MA130")),
        (2, "99213", ("MA130",)),
    ]


def test_claim_level_money_takes_remarks_that_only_the_lines_have() -> None:
    verdict = judge(claim("100", "0", "CO-16 100", line("100", "0", "", "M51")))

    assert verdict.denials == (Denial("CO", "16", Decimal(100), ("M51",)),)


def test_equal_adjustments_of_one_line_are_told_apart() -> None:
    verdict = judge(claim("100", "0", "", line("100", "0", "CO-16 50, CO-16 50")))

    assert [denial.nth for denial in verdict.denials] == [1, 2]


def test_a_row_of_an_export_is_judged_by_its_code_alone() -> None:
    def row(cas: str, charge: str = "0", paid: str = "0") -> Verdict:
        return judge(claim(charge, paid, cas, status=""))

    assert refused(row("CO-197 80")) == {"CO-197": Decimal(80)}
    assert refused(row("-16 80", charge="200")) == {"-16": Decimal(80)}
    assert refused(row("CO-45 80", charge="200")) == {}
    assert refused(row("CO-45 200", charge="200")) == {"CO-45": Decimal(200)}
    assert row("CO-197 80", charge="200", paid="50").balanced


@pytest.mark.parametrize("procedure", [None, "99213"])
@pytest.mark.parametrize("group", ["", "CO", "PR", "OA", "PI", "CR"])
def test_a_row_by_itself_is_judged_as_its_whole_claim(group: str, procedure: str | None) -> None:
    denied, remarks = Decimal("80.25"), ("N290", "M51")
    for carc, charge, paid in product((*carcs(), "999"), (0, 8025, 20_000), (-100, 0, 5000)):
        one = Adjustment(group, carc, denied)
        whole = claim(f"{charge / 100:.2f}", f"{paid / 100:.2f}", status="", adjustments=(one,), remarks=remarks)
        if procedure:
            below = ServiceLine(0, whole.charge, whole.paid, procedure, (one,), remarks)
            whole = whole._replace(adjustments=(), remarks=(), lines=(below,))
        verdict, judged = judge(whole), judge_row(one, charge, paid, remarks, procedure)
        assert judged.denials == verdict.denials
        assert (judged.charge_cents, judged.paid_cents, judged.share_cents) == (charge, paid, 0)
        assert (judged.denied_cents, judged.procedure) == (int(verdict.denied * 100), procedure)


def test_harmless_codes_are_known_without_a_claim() -> None:
    assert never_denial("CO", "45")
    assert never_denial("PR", "1")
    assert never_denial("OA", "23")
    assert not never_denial("CO", "59")
    assert not never_denial("CO", "197")


@dataclass(frozen=True, slots=True)
class Known:
    """A generated claim and what of it is denied, by code."""

    claim: RemitClaim
    denied: dict[tuple[str, str], Decimal]


DENYING = [("CO", "197"), ("CO", "16"), ("PR", "204"), ("OA", "18"), ("CO", "97"), ("PI", "50"), ("CO", "999")]
HARMLESS = [("CO", "45"), ("CO", "253"), ("PR", "1"), ("PR", "2"), ("PR", "3"), ("OA", "23")]
STYLES = ("lines", "claim", "both", "split", "partly repeated")


@st.composite
def known_claims(draw: st.DrawFn) -> Known:
    """A balanced claim, written the way some sender writes it."""
    cents = st.integers(1, 50_000).map(lambda value: Decimal(value) / 100)
    lines: list[ServiceLine] = []
    denied: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for ordinal in range(1, draw(st.integers(1, 4)) + 1):
        parts = draw(
            st.lists(st.tuples(st.sampled_from(DENYING + HARMLESS), cents), max_size=4, unique_by=lambda p: p[0])
        )
        paid = draw(st.one_of(st.just(Decimal(0)), cents)) if parts else draw(cents)
        for code, amount in parts:
            if code in DENYING:
                denied[code] += amount
        charge = paid + sum((amount for _, amount in parts), Decimal(0))
        lines.append(ServiceLine(ordinal, charge, paid, "99213", tuple(Adjustment(*c, a) for c, a in parts)))
    made = _written(lines, draw(st.sampled_from(STYLES)), draw(st.sampled_from(["1", "2", "3", "19"])))
    return Known(made, dict(denied))


def _written(lines: list[ServiceLine], style: str, status: str) -> RemitClaim:
    """The same claim with its adjustments on the levels that a style puts them on."""
    sums: dict[tuple[str, str], Decimal] = {}
    for one in (one for each in lines for one in each.adjustments):
        sums[one.group, one.carc] = sums.get((one.group, one.carc), Decimal(0)) + one.amount
    above = [Adjustment(*code, amount) for code, amount in sums.items()]
    kept = lines
    if style == "lines":
        above = []
    elif style == "claim":
        kept = [_without(each, set(sums)) for each in lines]
    elif style == "split":
        above = above[::2]
        kept = [_without(each, {(one.group, one.carc) for one in above}) for each in lines]
    elif style == "partly repeated":
        above = above[::2]
    charge = sum((each.charge for each in lines), Decimal(0))
    paid = sum((each.paid for each in lines), Decimal(0))
    return claim(str(charge), str(paid), "", *kept, status=status, adjustments=tuple(above))


def _without(each: ServiceLine, codes: set[tuple[str, str]]) -> ServiceLine:
    left = tuple(one for one in each.adjustments if (one.group, one.carc) not in codes)
    return ServiceLine(each.ordinal, each.charge, each.paid, each.procedure, left)


@given(known_claims())
def test_generated_claims_are_read_exactly_however_they_are_written(known: Known) -> None:
    verdict = judge(known.claim)
    found: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for denial in verdict.denials:
        if not denial.hint:
            found[denial.group, denial.carc] += denial.amount

    assert found == known.denied
    assert verdict.balanced
    if known.denied:
        assert verdict.denied == sum(known.denied.values())
        assert not any(denial.hint for denial in verdict.denials)


@given(known_claims())
def test_only_a_whole_unpaid_write_down_is_denied_without_a_refusing_code(known: Known) -> None:
    verdict = judge(known.claim)
    codes = {(one.group, one.carc) for each in known.claim.lines for one in each.adjustments}
    codes |= {(one.group, one.carc) for one in known.claim.adjustments}
    suspicious = not known.denied and known.claim.paid == 0 and ("CO", "45") in codes <= {("CO", "45"), ("CO", "253")}

    assert any(denial.hint for denial in verdict.denials) is suspicious


amounts = st.decimals(min_value=-999, max_value=9999, places=2)
anything = st.lists(
    st.builds(
        Adjustment,
        st.sampled_from(["CO", "PR", "OA", "PI", "CR", "", "XX"]),
        st.text("0123456789ABN", max_size=4),
        amounts,
    ),
    max_size=5,
).map(tuple)


@given(
    st.builds(
        RemitClaim,
        claim_number=st.just(Sensitive("X")),
        status=st.sampled_from(["", "1", "2", "3", "4", "19", "22", "23", "25", "77", "A"]),
        charge=amounts,
        paid=amounts,
        patient_share=amounts,
        payer=st.just(claim("1", "1").payer),
        remit_date=st.just(claim("1", "1").remit_date),
        remit_key=st.just("k"),
        ordinal=st.just(1),
        adjustments=anything,
        remarks=st.just(()),
        lines=st.lists(
            st.builds(ServiceLine, st.integers(1, 9), amounts, amounts, st.none(), anything), max_size=4
        ).map(tuple),
    )
)
def test_no_claim_however_odd_gives_an_error_or_a_wrong_sum(odd: RemitClaim) -> None:
    verdict = judge(odd)
    assert all(denial.amount > 0 for denial in verdict.denials)
    assert verdict.denied == sum((denial.amount for denial in verdict.denials), Decimal(0))
    if verdict.denials and odd.status and verdict.balanced and not odd.lines:
        assert verdict.denied <= odd.charge - odd.paid
    if verdict.fully_denied:
        assert verdict.denials
        assert odd.paid <= 0


def test_a_clean_claim_and_its_slow_reading_agree() -> None:
    paid = claim("100", "60", "", line("100", "60", "CO-45 20, PR-3 20"))

    assert judge(paid) == Verdict()
    assert adjustments("CO-45 20, PR-3 20") == paid.lines[0].adjustments
