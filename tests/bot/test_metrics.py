"""What is measured, with few labels; every alert asks for something that is measured."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from ruamel.yaml import YAML
from sqlmodel import col, select

from bot.metrics import Metrics
from services.desk import Desk
from store.tables import Outbox
from tests.bot.rig import OPS, say
from tests.services.stock import add_items

ROOT = Path(__file__).parents[2]
LABELS = {"state", "method", "outcome", "ended", "transport", "job", "version", "le"}


def _text(desk: Desk) -> str:
    metrics = Metrics(desk)
    metrics.watch(lambda: True, lambda: False)
    metrics.sends.labels("post", "ok").inc()
    metrics.ambiguous.labels("had_arrived").inc()
    metrics.job_failures.labels("sweep").inc()
    metrics.acks.labels("http").observe(0.01)
    metrics.swept(0.1)
    metrics.took_in("rejected", 2)
    return metrics.text().decode()


def _names(text: str) -> set[str]:
    return {re.split(r"[{ ]", line)[0] for line in text.splitlines() if line and not line.startswith("#")}


def test_what_waits_how_long_and_how_deep_is_shown(desk: Desk) -> None:
    for n in range(3):
        say(desk, OPS, f"notice {n}")
    say(desk, "C0FRONT", "another")
    with desk.db.write() as session:
        row = session.exec(select(Outbox).order_by(col(Outbox.seq)).limit(1)).one()
        row.created_at = datetime(2020, 1, 1, tzinfo=UTC)
    text = _text(desk)
    assert 'denials_outbox_rows{state="pending"} 4.0' in text
    assert "denials_outbox_deepest_channel_rows 3.0" in text
    oldest = re.search(r"^denials_outbox_oldest_seconds (\S+)", text, re.MULTILINE)
    assert oldest is not None
    assert float(oldest.group(1)) > 86_400
    assert "denials_ready 1.0" in text
    assert "denials_sending 0.0" in text


def test_the_number_of_series_does_not_grow_with_the_practice(desk: Desk) -> None:
    small = _text(desk)
    add_items(desk, 40)
    for n in range(10):
        say(desk, f"C0CHANNEL{n}", "notice")
    large = _text(desk)
    grown = _names(large) ^ _names(small)
    assert grown <= {"denials_backlog_items"}
    assert set(re.findall(r"[{,]([a-z_]+)=", large)) <= LABELS
    for secret in ("C0CHANNEL", "U0", "DN-", "Aetna"):
        assert secret not in large


def test_every_alert_asks_for_what_is_measured_and_says_what_to_do(desk: Desk) -> None:
    add_items(desk, 1)
    there = _names(_text(desk))
    rules = YAML(typ="safe").load((ROOT / "deploy" / "alerts.yaml").read_text(encoding="utf-8"))["groups"][0]["rules"]
    for rule in rules:
        assert rule["annotations"]["summary"]
        assert rule["annotations"]["description"]
        assert rule["labels"]["severity"] in ("critical", "warning", "info")
        asked = set(re.findall(r"denials_[a-z_]+", rule["expr"]))
        assert asked <= there, rule["alert"]
        assert asked or "up{" in rule["expr"]


def test_every_metric_stands_in_the_docs(desk: Desk) -> None:
    add_items(desk, 1)
    page = (ROOT / "docs" / "monitoring.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(denials_[a-z_]+)`", page))
    made = (name for name in _names(_text(desk)) if not name.endswith("_created"))
    there = {re.sub(r"_(bucket|count|sum)$", "", name) for name in made}
    assert there - {"denials"} == named


@pytest.mark.parametrize("state", ["sent", "dropped"])
def test_what_is_done_waits_no_longer(desk: Desk, state: str) -> None:
    say(desk, OPS, "notice")
    with desk.db.write() as session:
        row = session.exec(select(Outbox)).one()
        row.state = state
    assert "denials_outbox_oldest_seconds 0.0" in _text(desk)
