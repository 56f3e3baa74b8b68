"""Small files as payers write them: what each is made of is told in full."""

from __future__ import annotations

from pathlib import Path

import pytest

from denials.adjudication import judge
from denials.model import RemitClaim
from tests.intake.reading import claims, faults, read

SAMPLES = Path(__file__).parent.parent / "samples"

Told = tuple[str, str, tuple[str, ...], bool, bool]


def told(claim: RemitClaim) -> Told:
    verdict = judge(claim)
    codes = tuple(f"{denial.group}-{denial.carc} {denial.amount}" for denial in verdict.denials)
    return claim.claim_number.reveal(), claim.status, codes, verdict.counted, verdict.reversal


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "reversal-and-correction",
            [("R100", "22", (), False, True), ("R100", "1", ("CO-97 90.00",), True, False)],
        ),
        (
            "secondary-payer",
            [
                ("S200", "2", (), True, False),
                ("S201", "2", (), True, False),
                ("S202", "3", (), True, False),
                ("S203", "23", (), False, False),
            ],
        ),
        (
            "medicare-institutional",
            [("M300", "1", (), True, False), ("M301", "1", ("CO-22 120.00",), True, False)],
        ),
        (
            "dental-predetermination",
            [("D400", "1", (), True, False), ("D401", "25", (), False, False)],
        ),
    ],
)
def test_a_sample_is_read_and_judged_as_its_payer_meant_it(name: str, expected: list[Told]) -> None:
    found = read((SAMPLES / f"{name}.835").read_bytes())
    assert faults(found) == []
    assert [told(claim) for claim in claims(found)] == expected
