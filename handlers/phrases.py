"""What people type after `/denials`, read with good will. What is typed is never repeated in an answer."""

from __future__ import annotations

import re
from dataclasses import dataclass

DEFAULT_DAYS = 30
TREND_DAYS = 84  # twelve weeks
MOST_DAYS = 1095

_DAYS_PER = {"d": 1, "w": 7, "m": 30, "q": 90, "y": 365}
_NAMED = {"today": 1, "week": 7, "fortnight": 14, "month": 30, "quarter": 90, "year": 365}
_BY = {
    "category": ("category", "categories", "cat", "reason", "reasons"),
    "payer": ("payer", "payers", "payor", "payors", "insurance", "insurer", "insurers", "carrier"),
    "owner": ("owner", "owners", "team", "teams"),
    "handoff": ("handoff", "handoffs", "hand-off", "hand-offs", "origin", "source"),
    "code": ("code", "codes", "carc", "carcs"),
    "practice": ("practice", "practices", "clinic", "clinics"),
    "location": ("location", "locations", "site", "sites", "office", "offices"),
}
_GROUPINGS = {word: name for name, all_words in _BY.items() for word in all_words}
_VERBS = {
    "help": ("help", "?", "hi", "hello", "commands"),
    "stats": ("stats", "stat", "statistics", "numbers", "report"),
    "mine": ("mine", "my", "me", "queue"),
    "overdue": ("overdue", "late", "due"),
    "find": ("find", "show", "get", "open", "look", "lookup"),
    "claim": ("claim", "take", "grab"),
    "release": ("release", "unclaim"),
    "snooze": ("snooze", "rest"),
    "reopen": ("reopen",),
    "escalate": ("escalate",),
    "note": ("note", "notes"),
    "aging": ("aging", "ageing", "age", "ages"),
    "trend": ("trend", "trends"),
    "payers": ("payers", "payer", "payors"),
    "reviews": ("reviews", "review"),
    "rules": ("rules", "rule"),
    "export": ("export", "csv", "download"),
}
WITH_REFERENCE = ("find", "claim", "release", "snooze", "reopen", "escalate")
"""The verbs that mean one denial."""

_WORDS = {word: verb for verb, all_words in _VERBS.items() for word in all_words}
_DASHES = re.compile(r"[‐-―−]")
_POST = re.compile(r"(?:^|(?<=\s))-{1,2}(?:post|share|public)\b", re.IGNORECASE)
_REF = re.compile(r"(?<![A-Z0-9])DN\s?-?\s?([2-9A-HJ-NP-Z]{8})(?![A-Z0-9])")
_BARE_REF = re.compile(r"(?<![A-Z0-9])([2-9A-HJ-NP-Z]{8})(?![A-Z0-9])")
_REVIEW = re.compile(r"(?<![A-Z0-9])PR\s?-?\s?([2-9A-HJ-NP-Z]{6})(?![A-Z0-9])")
_MONTH = re.compile(r"(?:(?:for|of|in) )?(last|this) month")
_SPAN = re.compile(r"(\d{1,5})\s*(d|w|m|q|y)?[a-z]*")


@dataclass(frozen=True, slots=True)
class Phrase:
    """What was asked. `verb` is "help" for nothing and for unknown words; `hint` says what was not understood.

    `ref` is a denial's reference, or for `reviews` a prevention review's. `month`, "last month" or "this month", goes
    before `days`.
    """

    verb: str
    ref: str | None = None
    days: int = DEFAULT_DAYS
    by: str = "category"
    month: str = ""
    post: bool = False
    hint: str = ""


def parse(text: str) -> Phrase:
    """Read the text after the command, whatever its case and spaces."""
    plain = _DASHES.sub("-", text)  # telephones turn two hyphens into a dash
    plain, shared = _POST.subn(" ", plain)
    post = shared > 0
    tokens = re.sub(r"[,;.!]+", " ", plain).split()
    if not tokens:
        return Phrase("help", post=post)
    verb = _WORDS.get(tokens[0].lower().strip("/"))
    ref = find_ref(plain if verb is None else " ".join(tokens[1:]))  # a verb may look like a reference itself
    if verb is None and ref is not None and _REF.search(plain.upper()):
        return Phrase("find", ref=ref, post=post)
    review = find_review(plain)
    if verb is None and review is not None:
        return Phrase("reviews", ref=review, post=post)
    if verb is None:
        return Phrase("help", post=post, hint="That is not one of the words below.")
    match verb:
        case "find" if ref is None and review is not None:
            return Phrase("reviews", ref=review, post=post)
        case _ if verb in WITH_REFERENCE:
            if ref is None:
                return Phrase(verb, post=post, hint=_REF_HINT)
            return Phrase(verb, ref=ref, post=post)
        case "stats" | "payers" | "trend":
            return _numbers(verb, [token.lower() for token in tokens[1:]], post)
        case "reviews":
            return Phrase(verb, ref=review, post=post)
        case _:
            return Phrase(verb, post=post)


_REF_HINT = (
    "Name a reference as it stands on a card: `DN-` and eight letters or digits."
    " References are the only thing to look up here; please type no claim numbers or patient details into Slack."
)


def find_ref(text: str) -> str | None:
    """The reference in a text: `DN-7KQ2M4XT`, `dn 7kq2m4xt`, `7kq2m4xt`."""
    upper = _DASHES.sub("-", text).upper().strip("`*_ ")
    found = _REF.search(upper) or _BARE_REF.search(upper)
    return f"DN-{found[1]}" if found else None


def find_review(text: str) -> str | None:
    """The reference of a prevention review in a text: `PR-7KQ2M4`, `pr 7kq2m4`."""
    found = _REVIEW.search(_DASHES.sub("-", text).upper())
    return f"PR-{found[1]}" if found else None


def _numbers(verb: str, tokens: list[str], post: bool) -> Phrase:
    usual = TREND_DAYS if verb == "trend" else DEFAULT_DAYS
    days, by, hint = usual, "payer" if verb == "payers" else "category", ""
    rest = " ".join(tokens)
    grouped = re.search(r"(?:\bby\s+|\bper\s+|--by[= ]?)(hand off|[a-z-]+)", rest)
    if grouped:
        rest = rest.replace(grouped[0], " ")
        known = _GROUPINGS.get(grouped[1].replace(" ", "-"))
        if known is None:
            hint = "Numbers can be grouped by category, payer, owner, handoff, code, practice or location."
        by = known or by
    if found := _MONTH.fullmatch(" ".join(rest.split())):
        return Phrase(verb, days=usual, by=by, month=f"{found[1]} month", post=post, hint=hint)
    span, understood = _span(rest)
    if not understood and not hint:
        hint = "A period is a number of days, such as `30d`, or “last month” or “this month”."
    if span is not None:
        days = span
    if not 1 <= days <= MOST_DAYS:
        hint, days = f"The period can be 1 to {MOST_DAYS} days.", usual
    return Phrase(verb, days=days, by=by, post=post, hint=hint)


def _span(text: str) -> tuple[int | None, bool]:
    """Days of a period in words; None where there is none; False where something else was said."""
    words = [word for word in text.split() if word not in ("last", "past", "the", "this", "for", "in", "of", "days'")]
    if not words:
        return None, True
    joined = " ".join(words)
    if found := _SPAN.fullmatch(joined):
        return int(found[1]) * _DAYS_PER[found[2] or "d"], True
    if joined in _NAMED:
        return _NAMED[joined], True
    return None, False
