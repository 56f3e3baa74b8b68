"""A table of denials as CSV: headings, codes, amounts, dates; and rows that are rejected by their line."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from denials.adjudication import judge
from denials.errors import IntakeError
from denials.model import JudgedClaim, RemitClaim
from denials.rules.model import Profile
from tests.intake.reading import TODAY, claims, faults, read_file
from tests.remits import csv_row, csv_text

HEAD = "claim_id,payer,carc,amount\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "export.csv"


def one(path: Path, text: str | bytes, **options: object) -> RemitClaim:
    (found,) = claims(read_file(path, text, **options))
    return found


def reason(path: Path, text: str) -> str:
    found = read_file(path, text)
    assert claims(found) == []
    (fault,) = faults(found)
    assert fault.kind == "rejected"
    return fault.message


def test_a_row_becomes_a_claim_with_one_denial(path: Path) -> None:
    row = csv_row(
        "C1",
        "197",
        "$1,234.50",
        "Aetna Better Health",
        group="CO",
        rarc="N290; M51",
        billed="2000",
        paid="10",
        remit_date="2026-02-01",
        service_date="1/15/2026",
        procedure="97110",
        location="NORTH OFFICE",
    )
    found = one(path, csv_text([row]))
    assert found.claim_number.reveal() == "C1"
    assert (found.status, found.charge, found.paid, found.remit_key) == ("", Decimal(2000), Decimal(10), "")
    assert (found.payer.name.reveal(), found.payer.trusted) == ("Aetna Better Health", False)
    assert (found.remit_date, found.service_date) == (date(2026, 2, 1), date(2026, 1, 15))
    assert found.location is not None
    assert found.location.reveal() == "NORTH OFFICE"
    (denial,) = judge(found).denials
    assert (denial.group, denial.carc, denial.amount, denial.rarcs) == (
        "CO",
        "197",
        Decimal("1234.50"),
        ("N290", "M51"),
    )
    assert denial.procedure == "97110"


def test_rows_of_one_payer_and_day_have_one_remittance_and_rows_alike_one_judged_line(path: Path) -> None:
    days = ("2026-02-01", "2/1/2026", "2026-02-02", "")
    rows = [csv_row(f"C{place}", remit_date=day) for place, day in enumerate((*days, str(TODAY)))]
    found = [row for row in read_file(path, csv_text(rows)) if isinstance(row, JudgedClaim)]
    first, same, other, undated, today = [row.remit for row in found]
    assert first is same is not other
    assert undated is today is not first
    assert (first.remit_key, first.payee_npi, undated.remit_date) == ("", None, TODAY)
    assert len({id(row.judged) for row in found}) == len({row.judged for row in found}) == 1


def test_the_four_required_columns_are_enough_and_the_day_is_todays(path: Path) -> None:
    found = one(path, HEAD + "C1,Aetna,CO-16,80\n")
    assert (found.remit_date, found.charge, found.paid) == (TODAY, Decimal(0), Decimal(0))
    assert judge(found).denied == Decimal(80)


@pytest.mark.parametrize(
    "headings",
    [
        "Claim_ID,PAYER,Carc,AMOUNT",
        "claim number,payer,denial code,denied amount",
        "Account Number,Payer,Reason_Code,Denied_Amount",
        "PATIENT CONTROL NUMBER, payer ,reason code,amount",
        "\ufeffclaim_id,payer,carc,amount",
    ],
)
def test_headings_are_recognised_in_any_case_with_spaces_or_underscores(path: Path, headings: str) -> None:
    assert one(path, headings + "\nC1,Aetna,CO-16,80\n").claim_number.reveal() == "C1"


@pytest.mark.parametrize(
    "headings",
    [
        "Claim #,Payer Name,Denial Reason Code,Amount Denied",
        "ClaimNumber,Payer,CARC Code,DeniedAmount",
        "Acct No.,PAYER,Adjustment Reason Code,Denied Amount ($)",
        '"Patient\nControl Number",payer,carc,amount',
    ],
)
def test_headings_that_differ_a_little_are_recognised_too(path: Path, headings: str) -> None:
    assert one(path, headings + "\nC1,Aetna,CO-16,80\n").claim_number.reveal() == "C1"


def test_a_usual_heading_comes_before_one_that_differs(path: Path) -> None:
    text = "Payer Name,Payer,claim_id,carc,amount,Charges,billed\nSMITH JOHN,Aetna,C1,CO-16,80,1,200\n"
    found = one(path, text)
    assert (found.payer.name.reveal(), found.charge) == ("Aetna", Decimal(200))


def test_a_title_above_the_headings_is_passed_over(path: Path) -> None:
    found = read_file(path, 'Denials,March\n\n"made by; me"\n' + HEAD + "C1,Aetna,CO-16,80\nC2,Aetna,NOPE,80\n")
    assert len(claims(found)) == 1
    assert [fault.line for fault in faults(found)] == [6]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_out(path: Path, delimiter: str) -> None:
    row = csv_row("C1", payer="A, B; C| D") if delimiter == "," else csv_row("C1", payer="A, B")
    found = one(path, csv_text([row], delimiter=delimiter).encode())
    assert found.claim_number.reveal() == "C1"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "mac_roman"])
def test_the_encoding_is_found_out(path: Path, encoding: str) -> None:
    rows = [csv_row(f"C{number}", payer="Krankenkasse Süd für Ärzte") for number in range(30)]
    found = claims(read_file(path, csv_text(rows).encode(encoding)))
    assert {row.payer.name.reveal() for row in found} == {"Krankenkasse Süd für Ärzte"}


@pytest.mark.parametrize(
    ("text", "group", "carc"),
    [("CO-197", "CO", "197"), ("CO197", "CO", "197"), ("co 197", "CO", "197"), ("197", "", "197"), ("016", "", "16"),
     ("B7", "", "B7"), ("PR-B7", "PR", "B7"), ("197.0", "", "197")],
)  # fmt: skip
def test_a_code_may_carry_its_group(path: Path, text: str, group: str, carc: str) -> None:
    (adjustment,) = one(path, HEAD + f"C1,Aetna,{text},80\n").adjustments
    assert (adjustment.group, adjustment.carc) == (group, carc)


@pytest.mark.parametrize(
    ("text", "amount"),
    [("80", "80"), ("$80.50", "80.50"), ('"$1,234.50"', "1234.50"), ("$ 12", "12"), (" 12 ", "12"), ("12.", "12"),
     (".5", "0.50"), ("12.500", "12.50"), ("1234.5", "1234.50"), ('"12,345,678.90"', "12345678.90")],
)  # fmt: skip
def test_an_amount_is_read_as_people_write_it(path: Path, text: str, amount: str) -> None:
    assert one(path, HEAD + f"C1,Aetna,197,{text}\n").adjustments[0].amount == Decimal(amount)


@pytest.mark.parametrize("text", ["(12.00)", "-12", "12.00-", "-$12", "$-12", "($12)", "($1,200.00)", "\u221212"])
def test_money_given_back_is_no_denied_amount(path: Path, text: str) -> None:
    assert reason(path, csv_text([csv_row("C1", amount=text)])) == "amount is negative: nothing was denied"
    paid = one(path, csv_text([csv_row("C1", paid=text)])).paid
    assert paid in (Decimal(-12), Decimal(-1200))


@pytest.mark.parametrize(
    "text",
    ["2026-02-01", "2/1/2026", "02/01/26", "20260201", "2026-02-01T10:30:00", "2/1/2026 9:05 AM", "01-Feb-2026"],
)
def test_a_date_is_read_as_exports_write_it(path: Path, text: str) -> None:
    assert one(path, csv_text([csv_row("C1", remit_date=text)])).remit_date == date(2026, 2, 1)


@pytest.mark.parametrize(
    ("row", "what"),
    [
        (csv_row(""), "claim_id is missing"),
        (csv_row("C1", payer=" "), "payer is missing"),
        (csv_row("C1", ""), "carc is missing"),
        (csv_row("C1", amount=""), "amount is missing"),
        (csv_row("C1", amount="0.00"), "amount is zero"),
        (csv_row("C1", amount="twelve"), "amount is not"),
        (csv_row("C1", amount="1.234,50"), "amount is not"),
        (csv_row("C1", amount="12.345"), "amount is not"),
        (csv_row("C1", "JANE DOE"), "carc is not"),
        (csv_row("C1", "SMITH"), "carc is not"),
        (csv_row("C1", "123-45-6789"), "carc is not"),
        (csv_row("C1", "CO-45, CO-97"), "carc is not"),
        (csv_row("C1", rarc="SMITH"), "rarc is not"),
        (csv_row("C1", group="Medicare"), "group is not"),
        (csv_row("C1", "PR-27", group="CO"), "group is another"),
        (csv_row("C1", procedure="SMITH"), "procedure is not"),
        (csv_row("C1", procedure="123456789"), "procedure is not"),
        (csv_row("C1", remit_date="soon"), "date"),
        (csv_row("C1", remit_date="13/31/2026"), "date"),
        (csv_row("C1", remit_date="1/1/2062"), "remit_date lies in the future"),
        (csv_row("C1", remit_date="1/1/1900"), "remit_date lies too far in the past"),
        (csv_row("C1", remit_date="46081"), "remit_date is not a date"),
        (csv_row("C1", remit_date="01.02.2026"), "remit_date is not a date"),
        (csv_row("C1", service_date=str(TODAY + timedelta(days=1))), "service_date lies in the future"),
        (csv_row("C1", billed="-200"), "billed is negative"),
        (csv_row("C1", amount="123456789012"), "too large"),
        (csv_row("C1", amount="=40+40"), "amount is not"),
        (csv_row("C1", amount="+40"), "amount is not"),
        (csv_row("C1", "=CO-16"), "formula"),
        (csv_row("C1", rarc="+N290"), "formula"),
        (csv_row("C1", procedure="W123456"), "procedure is not"),
        (csv_row("C1", payer="P" * 121), "too long"),
        (csv_row("C1", rarc=" ".join(f"N{n}" for n in range(1, 22))), "more than 20"),
        (csv_row("C1", paid="free"), "paid is not"),
        (csv_row("=1+1"), "formula"),
        (csv_row("C1", payer="@SUM(A1)"), "formula"),
        (csv_row("C1", payer='=HYPERLINK("http://x","y")'), "formula"),
        (csv_row("1.23E+15"), "rounded"),
        (csv_row("C" * 100), "too long"),
        (csv_row("C1\nC2"), "line breaks"),
    ],
)
def test_a_bad_row_is_rejected_with_its_reason(path: Path, row: dict[str, str], what: str) -> None:
    assert what in reason(path, csv_text([row]))


def test_the_good_rows_go_in_and_the_bad_ones_are_told_by_line(path: Path) -> None:
    text = HEAD + "C1,Aetna,197,80\nC2,Aetna,NOPE,80\n\n,,,\nC3,Aetna,197,80\nC4,Aetna,197,80,extra\nC5,Aetna,197\n"
    found = read_file(path, text)
    assert [row.claim_number.reveal() for row in claims(found)] == ["C1", "C3"]
    assert [(fault.line, fault.kind) for fault in faults(found)] == [(3, "rejected"), (7, "rejected"), (8, "rejected")]


def test_money_may_be_sent_some_days_after_the_remittance(path: Path) -> None:
    day = TODAY + timedelta(days=3)
    assert one(path, csv_text([csv_row("C1", remit_date=str(day))])).remit_date == day


@pytest.mark.parametrize("code", ["CO-45", "PR-1", "PR-2", "45", "1", "CO253", "OA-23"])
def test_write_downs_and_patient_share_are_no_denials(path: Path, code: str) -> None:
    assert judge(one(path, HEAD + f"C1,Aetna,{code},80\n")).denials == ()


def test_a_whole_charge_written_down_is_told_only_where_the_charge_is_known(path: Path) -> None:
    assert judge(one(path, csv_text([csv_row("C1", "CO-45", billed="80", amount=80)]))).denied == Decimal(80)
    assert judge(one(path, csv_text([csv_row("C1", "CO-45", billed="100", amount=80)]))).denied == Decimal(0)


@pytest.mark.parametrize("cut", ["C2,Aetna,CO-16,8", "C2,Aetna,CO-1", "C2,Ae"])
def test_a_row_in_which_the_file_breaks_off_is_rejected(path: Path, cut: str) -> None:
    found = read_file(path, "claim_id,payer,carc,amount,location\nC1,Aetna,CO-16,80,\n" + cut)
    assert [row.claim_number.reveal() for row in claims(found)] == ["C1"]
    assert [fault.line for fault in faults(found)] == [3]


def test_the_last_line_needs_no_end(path: Path) -> None:
    assert one(path, HEAD + "C1,Aetna,CO-16,80").adjustments[0].amount == Decimal(80)


def test_rows_may_leave_out_empty_cells_at_their_end(path: Path) -> None:
    text = "claim_id,payer,carc,amount,location,procedure\nC1,Aetna,CO-16,80\nC2,Aetna,CO-16,80,,,,\n"
    assert len(claims(read_file(path, text))) == 2


def test_a_very_long_cell_rejects_its_row_only(path: Path) -> None:
    text = HEAD.replace("amount", "amount,notes")
    text += f"C1,Aetna,CO-16,80,{'x' * 150_000}\nC2,Aetna,CO-16,80,\n"
    found = read_file(path, text)
    assert [row.claim_number.reveal() for row in claims(found)] == ["C2"]
    assert [fault.line for fault in faults(found)] == [2]


def test_letters_that_cannot_be_read_reject_the_rows_that_need_them(path: Path) -> None:
    text = HEAD.replace("amount", "amount,notes") + "C1,Aetna,CO-16,80,\x81\nC2,Ae\x81tna,CO-16,80,\xe9t\xe9\n"
    found = read_file(path, text.encode("latin-1"))
    assert "C1" in [row.claim_number.reveal() for row in claims(found)]


def test_cells_that_spreadsheets_guard_as_text_are_unwrapped(path: Path) -> None:
    text = HEAD + '"=""00123""",Aetna,197,80\n'
    assert one(path, text).claim_number.reveal() == "00123"


@pytest.mark.parametrize("blank", ["", "-", "N/A", "none", "NULL"])
def test_what_exports_write_for_nothing_is_nothing(path: Path, blank: str) -> None:
    row = csv_row("C1", rarc=blank, procedure=blank, remit_date=blank, service_date=blank, location=blank, paid=blank)
    found = one(path, csv_text([row]))
    assert (found.lines, found.remarks, found.service_date, found.location) == ((), (), None, None)


def test_quoted_cells_may_hold_delimiters_and_line_breaks_in_columns_that_are_not_read(path: Path) -> None:
    text = 'claim_id,payer,notes,carc,amount\nC1,"Aetna, Inc.","two\nlines",197,80\nC2,Aetna,x,NOPE,80\n'
    found = read_file(path, text)
    assert [row.payer.name.reveal() for row in claims(found)] == ["Aetna, Inc."]
    assert [fault.line for fault in faults(found)] == [4]


def test_a_missing_quotation_mark_is_told_with_the_lines_it_swallowed(path: Path) -> None:
    rows = "".join(f"C{number},Aetna,197,80\n" for number in range(2, 6))
    found = read_file(path, HEAD + '"C1,Aetna,197,80\n' + rows)
    assert claims(found) == []
    assert [fault.message for fault in faults(found)] == [
        "a quotation mark or delimiter is out of place (it spans lines 2 to 6)"
    ]


def test_excels_separator_line_and_blank_lines_before_the_headings_are_passed_over(path: Path) -> None:
    found = read_file(path, "sep=;\n\nclaim_id;payer;carc;amount\nC1;Aetna;197;80\nC2;Aetna;x;80\n")
    assert len(claims(found)) == 1
    assert [fault.line for fault in faults(found)] == [5]


def test_a_profile_names_the_columns_and_the_date_format(path: Path) -> None:
    columns = {"acct": "claim_id", "plan": "payer", "rsn": "carc", "denied": "amount", "posted": "remit_date"}
    profile = Profile("old system", columns, date_format="%d.%m.%Y")
    found = one(path, "Acct,Plan,RSN,Denied,Posted,payer\nC1,Aetna,197,80,01.02.2026,SMITH JOHN\n", profile=profile)
    assert (found.payer.name.reveal(), found.remit_date) == ("Aetna", date(2026, 2, 1))


def test_a_profile_need_not_name_columns_that_are_recognised(path: Path) -> None:
    profile = Profile("mine", {"acct": "claim_id", "reason code": "rarc"})
    found = one(path, "Acct,Payer,CARC,Amount,Reason Code\nC1,Aetna,16,80,N290\n", profile=profile)
    assert (found.claim_number.reveal(), found.adjustments[0].carc, found.remarks) == ("C1", "16", ("N290",))
    assert one(path, HEAD + "C1,Aetna,CO-16,80\n", profile=profile).claim_number.reveal() == "C1"


def test_a_profiles_date_format_is_the_only_one(path: Path) -> None:
    profile = Profile("mine", {}, date_format="%d/%m/%Y")
    text = csv_text([csv_row("C1", remit_date="01/02/2026 10:30"), csv_row("C2", remit_date="2026-02-01")])
    found = read_file(path, text, profile=profile)
    assert [row.remit_date for row in claims(found)] == [date(2026, 2, 1)]
    assert [fault.message for fault in faults(found)] == ["remit_date is not a date as the profile writes it"]


@pytest.mark.parametrize(
    ("head", "what"),
    [
        ("claim_id,payer,carc", "no column for amount"),
        ("claim_id,amount", "no column for payer, carc"),
        ("name,street,city", "none of the headings"),
        ("claim_id,payer,carc,denial code,amount", "columns 3 and 4 are both read as carc"),
    ],
)
def test_a_table_without_its_columns_is_refused_whole(path: Path, head: str, what: str) -> None:
    with pytest.raises(IntakeError, match=what):
        read_file(path, head + "\nC1,Aetna,197,80\n")


def test_a_file_that_ends_within_a_character_is_refused(path: Path) -> None:
    with pytest.raises(IntakeError, match="truncated"):
        read_file(path, (HEAD + "C1,Aetna,197,80\nC2,Ü").encode()[:-1])


def test_a_line_without_end_is_refused(path: Path) -> None:
    with pytest.raises(IntakeError, match="256 KB"):
        read_file(path, HEAD + "C1," + "x" * (1 << 20))


def test_nul_bytes_are_refused(path: Path) -> None:
    with pytest.raises(IntakeError, match="NUL"):
        read_file(path, HEAD + "C1,Ae\0tna,197,80\n")
