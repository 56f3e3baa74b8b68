"""What people type after `/denials` is read with good will."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.phrases import MOST_DAYS, Phrase, find_ref, parse

REF = "DN-7KQ2M4XT"


@pytest.mark.parametrize("text", ["", "   ", "help", "HELP", "?", "what is this"])
def test_nothing_and_unknown_words_ask_for_help(text: str) -> None:
    assert parse(text).verb == "help"


def test_unknown_words_get_a_hint() -> None:
    assert parse("help").hint == ""
    assert parse("foo bar").hint


@pytest.mark.parametrize(
    ("text", "days", "by"),
    [
        ("stats", 30, "category"),
        ("STATS 30d", 30, "category"),
        ("stats 90", 90, "category"),
        ("stats 90 days by payer", 90, "payer"),
        ("stats last 30 days", 30, "category"),
        ("stats month", 30, "category"),
        ("stats  by   team", 30, "owner"),
        ("stats by hand-off 2 weeks", 14, "handoff"),
        ("stats this quarter per code", 90, "code"),
        ("stats last year by clinic", 365, "practice"),
        ("payers 60d", 60, "payer"),
        ("stats --by=location", 30, "location"),
    ],
)
def test_periods_and_groupings(text: str, days: int, by: str) -> None:
    phrase = parse(text)
    assert (phrase.days, phrase.by, phrase.hint) == (days, by, "")


@pytest.mark.parametrize(
    ("text", "month", "by"),
    [
        ("stats last month", "last month", "category"),
        ("Stats for Last  Month by payer", "last month", "payer"),
        ("payers this month", "this month", "payer"),
        ("trend last month", "last month", "category"),
        ("stats last 30 days", "", "category"),
        ("stats last quarter", "", "category"),
    ],
)
def test_a_calendar_month_is_a_period_of_its_own(text: str, month: str, by: str) -> None:
    phrase = parse(text)
    assert (phrase.month, phrase.by, phrase.hint) == (month, by, "")


@pytest.mark.parametrize("text", ["stats by color", "stats 0d", f"stats {MOST_DAYS + 1}d", "stats john smith"])
def test_what_is_not_understood_gets_a_hint_and_the_usual_numbers(text: str) -> None:
    phrase = parse(text)
    assert phrase.verb == "stats"
    assert phrase.days == 30
    assert phrase.hint


@pytest.mark.parametrize(
    "text",
    [
        "find DN-7KQ2M4XT",
        "find dn-7kq2m4xt",
        "Find dn 7kq2m4xt",
        "find 7kq2m4xt",
        "find `DN-7KQ2M4XT`.",
        "find DN–7KQ2M4XT",
        "DN-7KQ2M4XT",
        "dn7kq2m4xt",
    ],
)
def test_references_are_found_however_they_are_written(text: str) -> None:
    assert parse(text) == Phrase("find", ref=REF)


@pytest.mark.parametrize("verb", ["release", "snooze", "reopen", "escalate"])
def test_verbs_for_one_denial_need_its_reference(verb: str) -> None:
    assert parse(f"{verb.upper()} 7kq2m4xt") == Phrase(verb, ref=REF)
    assert parse(verb).ref is None
    assert parse(verb).hint


def test_a_claim_names_its_reference() -> None:
    assert parse("claim dn-7kq2m4xt") == Phrase("claim", ref=REF)


@pytest.mark.parametrize("text", ["find", "claim", "find john smith", "find 123456789", "find DN-7KQ2M4X"])
def test_without_a_reference_the_answer_asks_for_one(text: str) -> None:
    phrase = parse(text)
    assert phrase.ref is None
    assert "DN-" in phrase.hint


@pytest.mark.parametrize("text", ["stats --post", "--post stats", "stats —post", "stats -post", "STATS --POST"])
def test_answers_are_shared_only_on_request(text: str) -> None:
    assert parse(text) == Phrase("stats", post=True)
    assert not parse(text.lower().replace("post", "")).post


@pytest.mark.parametrize(
    ("text", "verb"),
    [
        ("mine", "mine"),
        ("my", "mine"),
        ("overdue", "overdue"),
        ("aging", "aging"),
        ("trends", "trend"),
        ("csv", "export"),
    ],
)
def test_other_words(text: str, verb: str) -> None:
    assert parse(text).verb == verb


@given(st.text(max_size=200))
def test_whatever_is_typed_is_read_and_never_repeated(text: str) -> None:
    phrase = parse(text)
    assert 1 <= phrase.days <= MOST_DAYS
    assert phrase.by in ("category", "payer", "owner", "handoff", "code", "practice", "location")
    marked = parse(f"Zq9marker {text}")
    assert "marker" not in marked.hint.lower()


@given(st.text("23456789ABCDEFGHJKLMNPQRSTUVWXYZ", min_size=8, max_size=8))
def test_every_reference_is_found_in_a_sentence(eight: str) -> None:
    assert find_ref(f"please look at dn-{eight.lower()} today") == f"DN-{eight}"
