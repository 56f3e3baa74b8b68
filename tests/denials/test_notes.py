"""The guard on notes: shapes of patient data are refused, a biller's ordinary words are not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from denials.notes import MOST_NUMBERS, NOTE_LENGTH, note_problem, possible_numbers


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("SSN 123-45-6789 on file", "social security"),
        ("123 45 6789", "social security"),
        ("123–45–6789", "social security"),
        ("１２３-４５-６７８９", "social security"),  # full-width digits
        ("123\u200b-45-6789", "social security"),  # with a zero-width space
        ("call (555) 123-4567", "phone"),
        ("call 555.123.4567 ext 4", "phone"),
        ("call +1 555 123 4567", "phone"),
        ("mail jane.doe@example.com", "e-mail"),
        ("jane.doe [at] example.com", "e-mail"),
        ("born 3/14/1960", "full date"),
        ("seen 2026-02-03", "full date"),
        ("claim 20261234567", "number"),
        ("member W12345678", "number"),
        ("acct 12-345-678", "number"),
        ("acct 12 34 56 78 9", "number"),
        ("ref#1,234,567", "number"),
        ("x" * (NOTE_LENGTH + 1), "at most"),
    ],
)
def test_shapes_of_patient_data_are_refused_with_the_reason(text: str, reason: str) -> None:
    problem = note_problem(text)
    assert problem is not None
    assert reason in problem


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Auth on file, resubmitted with the right number",
        "CPT 97110 97112 97140 need modifier 59",
        "CO-197 with N290 again",
        "Payer says allow 30 days, call back 3/14 after 2pm",
        "Paid $12,345.67 of $20,000",
        "Paid $1234567.89",
        "Level 2 appeal, 4 pages, 10:30 call",
        "ICD M54.50 and E11.9",
    ],
)
def test_ordinary_words_of_the_work_pass(text: str) -> None:
    assert note_problem(text) is None


@given(st.integers(10**6, 10**14), st.text("abc ,;:()", max_size=10), st.text("xyz ,;:()", max_size=10))
def test_no_run_of_seven_digits_passes_and_none_is_repeated(number: int, before: str, after: str) -> None:
    problem = note_problem(f"{before}{number}{after}")
    assert problem is not None
    assert str(number) not in problem


@given(st.text(max_size=300))
def test_any_text_gets_an_answer(text: str) -> None:
    note_problem(text)
    assert len(possible_numbers(text)) <= MOST_NUMBERS


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("asked the payer", []),
        ("call back 3/14 after 2pm", ["3/14"]),
        ("paid $1,234.50 of $2000", []),
        ("see AB1234, please", ["AB1234"]),
        ("(ab1234)/CD99x:", ["ab1234)/CD99x", "ab1234", "CD99x"]),
        ("claim#AB-1234.", ["claim#AB-1234", "1234"]),
        ("AB–1234", ["AB-1234", "1234"]),  # the dash of a telephone
        ("ＡＢ１２３４", ["AB1234"]),  # full-width
        ("AB\u200b1234 AB1234", ["AB1234"]),
    ],
)
def test_words_that_may_be_claim_numbers_are_found(text: str, found: list[str]) -> None:
    assert [word.reveal() for word in possible_numbers(text)] == found
