"""Every row of the shipped tables is valid, and the group code changes its reading as the table says."""

from __future__ import annotations

import csv
from importlib import resources

import pytest

from denials import codes
from denials.rules.model import SHIPPED_CATEGORIES

CATEGORIES = {*SHIPPED_CATEGORIES, "none"}


def rows(name: str) -> int:
    """How many rows a table's file has, so that a code listed twice is noticed."""
    text = resources.files("denials").joinpath("data", name).read_text(encoding="utf-8")
    return len(list(csv.DictReader(text.splitlines())))


def test_every_carc_row_is_valid() -> None:
    table = codes.carcs()

    assert len(table) == rows("carc.csv") == 297
    for code, row in table.items():
        assert codes.looks_like_carc(code)
        assert codes.normal_code(code) == code
        assert row.category in CATEGORIES
        assert row.secondary_category in {*SHIPPED_CATEGORIES, ""}
        assert row.preventable in {"y", "partly", "n", "na"}
        assert row.is_denial in {"y", "n", "depends"}
        assert row.severity in {"soft", "hard", "either", "na"}
        assert row.status in {"active", "legacy"}
        assert row.description
        assert row.subcause


def test_every_carc_that_is_a_denial_names_a_cause_that_someone_can_mend() -> None:
    assert [row.code for row in codes.carcs().values() if row.is_denial == "y" and row.category == "none"] == []


def test_every_rarc_row_is_valid() -> None:
    table = codes.rarcs()

    assert len(table) == rows("rarc.csv") > 130
    for code, row in table.items():
        assert codes.looks_like_rarc(code)
        assert row.category in CATEGORIES
        assert row.description
        assert row.subcause


def test_generic_codes_stand_in_the_table() -> None:
    assert codes.carcs().keys() >= codes.GENERIC_CARCS


@pytest.mark.parametrize(
    ("group", "code", "wanted"),
    [
        ("CO", "45", "write_down"),
        ("CO", "253", "write_down"),
        ("CO", "197", "denial"),
        ("PR", "1", "patient_share"),
        ("PR", "3", "patient_share"),
        ("PR", "27", "denial"),
        ("PR", "96", "denial"),
        ("PR", "45", "patient_share"),
        ("OA", "23", "informational"),
        ("OA", "94", "informational"),
        ("OA", "18", "denial"),
        ("OA", "109", "denial"),
        ("PI", "97", "denial"),
        ("CR", "16", "informational"),
        ("CO", "12345", "denial"),
        ("", "2", "patient_share"),
        ("", "197", "denial"),
        (" co ", "045", "write_down"),
    ],
)
def test_how_an_adjustment_counts(group: str, code: str, wanted: str) -> None:
    assert codes.classify_adjustment(group, code) == wanted


def test_reductions_are_denials_only_where_nothing_was_paid() -> None:
    assert codes.classify_adjustment("CO", "59", unpaid=True) == "denial"
    assert codes.classify_adjustment("CO", "59", unpaid=False) == "write_down"


def test_what_is_no_denial_when_unpaid_is_none_when_paid() -> None:
    for group in (*codes.GROUPS, ""):
        for code in codes.carcs():
            if codes.classify_adjustment(group, code, unpaid=True) != "denial":
                assert codes.classify_adjustment(group, code, unpaid=False) != "denial", (group, code)


@pytest.mark.parametrize(("text", "code"), [("016", "16"), (" a1 ", "A1"), ("n290", "N290"), ("0", "0"), ("b 7", "B7")])
def test_codes_are_spelled_one_way(text: str, code: str) -> None:
    assert codes.normal_code(text) == code


def test_a_code_in_plain_words_with_or_without_its_group() -> None:
    assert codes.meaning("CO-197") == codes.meaning("197") == codes.carcs()["197"].description
    assert codes.meaning("N290") == codes.rarcs()["N290"].description
    assert codes.meaning("CO-998") == "Not in the code table"
