"""`denials note PR-… --show`: what people wrote about a prevention review, on the host only."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from denials.prevention import DISMISSALS, Evidence
from denials.rules.load import load_rules
from services import reviews
from services.desk import Desk
from services.keys import provide_vault
from services.people import Actor
from services.review_views import evidence_text
from services.views import ReviewDone
from store import reviews as stored
from store.database import Database
from tests.bot.conftest import Run
from tests.bot.processes import RULES
from tests.conftest import DATA_KEY, FixedClock, FixedRules

REF = "PR-7KQ2M4"


@pytest.fixture
def dismissed(sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A dismissed review in the database that the settings name, with a note."""
    path = tmp_path / "denials.db"
    path.write_bytes(sqlite_template.read_bytes())
    monkeypatch.setenv("DENIALS_DATABASE_URL", f"sqlite:///{path}")
    monkeypatch.setenv("DENIALS_DATA_KEY", base64.urlsafe_b64encode(DATA_KEY).decode())
    database = Database(f"sqlite:///{path}")
    rules = FixedRules(load_rules(RULES.read_text(encoding="utf-8")))
    desk = Desk(db=database, rules_source=rules, vault=provide_vault(database, DATA_KEY), clock=FixedClock())
    evidence = evidence_text(Evidence(14, 7, None, Decimal(700), (("CO-B7", 7),), (("Cigna", 7),), (), ()))
    cause = {"dimension": "code", "name": "CO-B7", "category": "registration", "handoff": "Credentialing"}
    with database.write() as session:
        stored.add(session, {"ref": REF, **cause, "opened_on": date(2026, 3, 9), "evidence": evidence})
    done = reviews.dismiss(desk, REF, 1, Actor("U0ADMIN"), DISMISSALS[0], "the list is being updated")
    assert isinstance(done, ReviewDone)
    yield REF
    database.dispose()


def test_words_about_a_review_are_shown(run: Run, dismissed: str) -> None:
    shown = run("note", dismissed.lower(), "--show")

    assert shown.status == 0
    assert shown.out.splitlines() == ["2026-03-10 11:00  U0ADMIN", "    Note: the list is being updated"]


def test_a_review_gets_no_note_on_the_host(run: Run, dismissed: str) -> None:
    refused = run("note", dismissed, "text")

    assert refused.status != 0
    assert "--show reads it here" in refused.err


def test_an_unknown_review_is_an_error_in_one_line(run: Run, dismissed: str) -> None:
    del dismissed
    refused = run("note", "PR-222222", "--show")

    assert refused.status == 1
    assert refused.err.count("\n") == 1
