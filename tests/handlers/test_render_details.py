"""The history of a denial in plain words."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from denials.rules.model import RuleSet
from handlers.origin import Origin
from handlers.render_details import details_view
from sandbox.blockkit import view_problems
from services.history import Details, Entry
from tests.handlers.examples import ITEM, TODAY

AT = datetime(2026, 3, 10, 15, tzinfo=UTC)


def _told(rules: RuleSet, kind: str, actor: str | None = None, **data: object) -> str:
    """The line that the details have for one entry of the log."""
    entry = Entry(AT, kind, actor, data, has_note=False)
    shown = Details(ITEM, TODAY, "carc:31", "", Decimal("0.5"), Decimal(1), (entry,), (), None)
    view = details_view(shown, rules, Origin(ITEM.ref, 1, None, ""), may_note=False, may_give=False)
    assert view_problems(view, "modal") == []
    texts = [str(block.get("text", {}).get("text", "")) for block in view["blocks"]]
    [history] = [text for text in texts if text.startswith("*History*")]
    return history.partition("UTC>: ")[2]


def test_what_a_payer_did_to_its_decision_is_told_with_the_day_of_the_remittance(rules: RuleSet) -> None:
    taken_back = _told(rules, "taken_back", day="2026-03-05")
    assert taken_back == "The payer took its decision back; a new one is awaited (remittance of Mar 5)"
    assert _told(rules, "decision_not_awaited") == "A decision of the payer is in force again"


def test_a_corrected_preventability_is_told_with_who_knew_better(rules: RuleSet) -> None:
    told = _told(rules, "preventable_corrected", "U0FRONT1", **{"from": "yes", "to": "partly"})
    assert told == "Preventable corrected by <@U0FRONT1>: from yes to partly"
