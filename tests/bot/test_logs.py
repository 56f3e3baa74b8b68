"""Logs hold no tokens and no patient data, whoever writes them."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable, Iterator

import pytest

from bot.logs import configure, get_logger, masked
from denials.model import Sensitive

Lines = Callable[[], list[dict[str, str]]]


@pytest.fixture
def lines() -> Iterator[Lines]:
    """JSON logs for a test; the root logger is put back afterwards."""
    root, written = logging.getLogger(), io.StringIO()
    handlers, level = list(root.handlers), root.level
    configure("json", written)
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    root.handlers[:] = handlers
    root.setLevel(level)


def test_our_events_are_json_with_time_and_level(lines: Lines) -> None:
    get_logger("bot.test").info("posted", outbox_id="abc", channel="C0FRONT")
    (line,) = lines()
    assert line["event"] == "posted"
    assert line["outbox_id"] == "abc"
    assert line["level"] == "info"
    assert line["timestamp"].endswith("Z")


def test_tokens_never_stand_in_a_log(lines: Lines) -> None:
    get_logger("bot.test").info("starting with xoxb-12-abc", app="xapp-1-A-b", database="postgresql://u:pw@h/db")
    logging.getLogger("slack_bolt.App").error("connect wss://x/?ticket=abc-def Bearer xoxe.xoxp-9")
    text = json.dumps(lines())
    for secret in ("12-abc", "A-b", "u:pw", "abc-def", "xoxp-9"):
        assert secret not in text


def test_patient_data_never_stands_in_a_log(lines: Lines) -> None:
    log = get_logger("bot.test")
    log.info("read", claim_number="A-778899", file="Smith.835", payer=Sensitive("Jane Roe"))
    log.info("note", detail="member 123-45-6789, jane@example.org")
    logging.getLogger("slack_sdk.socket_mode").error("failed to handle {'text': 'claim 99887766'}")
    text = json.dumps(lines())
    for secret in ("778899", "Smith", "Jane", "123-45-6789", "example.org", "99887766"):
        assert secret not in text


def test_an_exception_is_logged_as_type_and_place_only(lines: Lines) -> None:
    try:
        raise ValueError("claim 12345 of Jane")
    except ValueError:
        logging.getLogger("slack_bolt.App").exception("Failed to run listener function")
    (line,) = lines()
    assert line["error"].startswith("ValueError at bot/test_logs.py:")
    assert "Jane" not in json.dumps(line)


def test_masked_text_is_one_bounded_line() -> None:
    assert "\n" not in masked("a\nb")
    assert len(masked("word " * 1000)) <= 300
