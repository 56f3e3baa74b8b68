"""Small files as payers write them, told in full; and the batches of the sandbox's practice, by what is in them."""

from __future__ import annotations

from collections import Counter
from datetime import date
from itertools import chain
from pathlib import Path

import pytest

from denials.adjudication import judge
from denials.deadlines import deadlines
from denials.metrics import aging_bucket
from denials.model import RemitClaim
from denials.rules.load import load_rules
from denials.rules.model import RuleSet
from denials.triage import facts_of, triage
from intake.batch import open_batch
from sandbox.samples import write_samples
from tests.intake.reading import claims, faults, read

RULES = load_rules((Path(__file__).parents[2] / "rules.yaml").read_text(encoding="utf-8"))
TODAY = date(2026, 3, 10)
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


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("batches")
    write_samples(folder, TODAY)
    return folder


def batch_claims(folder: Path) -> list[RemitClaim]:
    """Every claim of the files right in a folder; nothing of them may be wrong."""
    paths = sorted(path for path in folder.iterdir() if path.is_file())
    found = list(chain.from_iterable(open_batch(path, today=TODAY).records for path in paths))
    assert faults(found) == []
    return claims(found)


def categories(claim: RemitClaim, rules: RuleSet = RULES) -> set[str]:
    return {triage(facts_of(claim, denial), rules).category for denial in judge(claim).denials}


def test_a_day_gives_the_same_batches_each_time(written: Path, tmp_path: Path) -> None:
    write_samples(tmp_path, TODAY)
    first, second = (
        {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*.*")} for folder in (written, tmp_path)
    )
    assert first == second
    assert len(first) > 30


def test_the_sample_practice_has_every_kind_of_claim(written: Path) -> None:
    past, fresh = batch_claims(written / "history"), batch_claims(written)
    for found in (past, fresh):
        verdicts = [judge(claim) for claim in found]
        assert all(verdict.balanced for verdict in verdicts)
        denied = [verdict for verdict in verdicts if verdict.denials]
        assert 0.2 < sum(not verdict.fully_denied for verdict in denied) / len(denied) < 0.7
        assert any(len(categories(claim)) > 1 for claim in found)
        assert min(verdict.denied for verdict in denied) >= 40  # the story in the browser recovers 40.00 of one
        again = {claim.claim_number.reveal() for claim in found if claim.status == "1"}
        taken_back = {claim.claim_number.reveal() for claim in found if claim.status == "22"}
        assert taken_back
        assert taken_back <= again
        assert {RULES.practice_label(claim.payee_npi) for claim in found} >= {"North Clinic", "South Clinic"}
        places = [claim.location for claim in found if claim.location is not None]
        assert {RULES.location_label(place) for place in places} == {"North office", "South office"}
    assert (TODAY - min(claim.remit_date for claim in past)).days > 2 * 84  # the trend compares two times twelve weeks


def test_the_fresh_batches_have_work_of_every_age_and_urgency(written: Path) -> None:
    ages: Counter[str] = Counter()
    left: set[int] = set()
    named: set[str] = set()
    for claim in batch_claims(written):
        for denial in judge(claim).denials:
            facts = facts_of(claim, denial)
            limit = deadlines(facts, RULES, remit_date=claim.remit_date, service_date=claim.service_date).appeal
            ages[aging_bucket((TODAY - claim.remit_date).days)] += 1
            left |= {(limit.due - TODAY).days} if limit else set()
            named.add(triage(facts, RULES).category)
    assert {"0-30", "31-60", "61-90", "91-120"} <= ages.keys()
    assert {5, 12} <= left
    assert min(left) < 0
    assert named == set(RULES.categories)


def test_one_cause_has_risen_in_the_last_weeks(written: Path) -> None:
    weeks: Counter[int] = Counter()
    for claim in batch_claims(written / "history"):
        if "authorization" in categories(claim):
            weeks[(TODAY - claim.remit_date).days // 31] += 1
    assert weeks[0] >= 2 * weeks[1]
