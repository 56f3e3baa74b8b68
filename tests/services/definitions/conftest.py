"""What the tests of definitions ask for: a practice that is counted by hand, and what its report says.

tests/services/small_practice.py tells what happened there.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from denials.prevention import ReviewState
from denials.rules.model import RuleSet
from services import report
from services.desk import Desk
from services.keys import provide_vault
from services.views import WeeklyReport
from services.weekly import weekly
from store.database import Database
from tests.conftest import DATA_KEY, FixedClock, FixedRules
from tests.services.definitions.measured import REVIEW, WEEK, WORKED
from tests.services.small_practice import live


@pytest.fixture(scope="package")
def desk(sqlite_template: Path, rules: RuleSet, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """The practice on March 10, made once: these tests only read."""
    folder = tmp_path_factory.mktemp("small-practice")
    shutil.copy(sqlite_template, folder / "denials.db")
    database = Database(f"sqlite:///{folder}/denials.db")
    clock = FixedClock()
    made = Desk(database, FixedRules(rules), provide_vault(database, DATA_KEY), clock)
    live(made, clock, folder)
    yield made
    database.dispose()


@pytest.fixture(scope="package")
def told(desk: Desk) -> dict[str, Any]:
    """What `denials report --week 2026-W10 --json` says."""
    return report.as_json(report.report(desk, WEEK))


@pytest.fixture(scope="package")
def numbers(told: dict[str, Any]) -> dict[str, Any]:
    """The numbers of the week, as `denials stats --json` names them."""
    return dict(told["numbers"])


@pytest.fixture(scope="package")
def with_reviews(desk: Desk) -> dict[str, Any]:
    """The report with a review that is open and one that was measured."""
    numbers = weekly(desk, WEEK)
    measured = replace(REVIEW, ref="PR-3NDW8R", state=ReviewState.WORKED, verdict=WORKED)
    return report.as_json(WeeklyReport(numbers, (REVIEW,), (measured,)))
