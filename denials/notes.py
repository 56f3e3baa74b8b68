"""What people type is refused when it looks like patient data: it has passed through Slack by then.

This cannot recognize a name. It catches the shapes that a biller pastes by habit, and says which one it saw.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import islice

from denials.model import Sensitive

NOTE_LENGTH = 200
NOTE_LABEL = "No patient details: this text passes through Slack"
HOLDS_NUMBER = "That text holds a claim number; use the reference DN-… instead. Nothing was kept."
SHORTEST_NUMBER = 4
MOST_NUMBERS = 60

_DASHES = "-‐‑‒–—―−./\\_"  # what people put between groups of digits
_SEP = rf"[\s{re.escape(_DASHES)}]{{0,2}}"
_MONEY = re.compile(r"[$€£]\s?\d{1,3}(?:,\d{3})*(?:\.\d{1,2})?(?![\d,.]*\d)|[$€£]\s?\d+(?:\.\d{1,2})?(?![\d,.]*\d)")
_EMAIL = re.compile(r"[^\s@<>]+\s?@\s?[^\s@<>]+\.[^\s@<>]{2,}|[^\s@<>]+\s?[\[(]at[\])]\s?[^\s@<>]+", re.IGNORECASE)
_SSN = re.compile(rf"(?<!\d)\d{{3}}{_SEP}\d{{2}}{_SEP}\d{{4}}(?!\d)")
_PHONE = re.compile(rf"(?<!\d)(?:\+?1{_SEP})?\(?\d{{3}}\)?{_SEP}\d{{3}}{_SEP}\d{{4}}(?!\d)")
_DATE = re.compile(r"(?<!\d)(?:\d{1,2}[-./]\d{1,2}[-./](?:\d{4}|\d{2})|\d{4}[-./]\d{1,2}[-./]\d{1,2})(?!\d)")
_LONG = re.compile(rf"\d(?:[{re.escape(_DASHES)},#]?\d){{5,}}")
_TYPED_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−", "-"))  # as telephones and word processors put them
_PART = re.compile(r"[^\W_]+")
_SPELT = re.compile(rf"(?<!\d)\d{{1,4}}(?:[\s{re.escape(_DASHES)}]\d{{1,4}}){{2,}}(?!\d)")


def note_problem(text: str) -> str | None:
    """Why a note is refused, as one sentence that repeats nothing of it; None when it may be kept."""
    plain = _plain(text)
    if len(plain.strip()) > NOTE_LENGTH:
        return f"A note here is at most {NOTE_LENGTH} characters; write longer ones on the host."
    plain = _MONEY.sub(" ", plain)
    if _EMAIL.search(plain):
        return "That looks like an e-mail address. Please leave it out: this text passes through Slack."
    if _DATE.search(plain):
        return "That looks like a full date. Please leave the year out: this text passes through Slack."
    if _SSN.search(plain):
        return "That looks like a social security number. Please leave it out: this text passes through Slack."
    if _PHONE.search(plain):
        return "That looks like a phone number. Please leave it out: this text passes through Slack."
    if _LONG.search(plain) or _spelt_out(plain):
        return "That looks like a claim, member or account number. Please leave it out: this text passes through Slack."
    return None


def possible_numbers(text: str) -> tuple[Sensitive, ...]:
    """The words of a note that may be claim numbers: four characters or more with a digit among them, at most 60.

    A word counts without the punctuation around it, and so does each part of it between punctuation marks. Amounts with
    a currency sign are left out.
    """
    found: dict[Sensitive, None] = {}
    for word in _MONEY.sub(" ", _plain(text)).translate(_TYPED_DASHES).split():
        parts = list(_PART.finditer(word))
        if parts:
            whole = word[parts[0].start() : parts[-1].end()]
            found.update(dict.fromkeys(Sensitive(one) for one in (whole, *(part[0] for part in parts))))
    fit = (one for one in found if len(one) >= SHORTEST_NUMBER and any(char.isdigit() for char in one.reveal()))
    return tuple(islice(fit, MOST_NUMBERS))


def _plain(text: str) -> str:
    """A text in ordinary characters, without those that nobody sees."""
    return "".join(
        char for char in unicodedata.normalize("NFKC", text) if unicodedata.category(char) not in ("Cf", "Mn")
    )


def _spelt_out(plain: str) -> bool:
    """Short groups of digits in a row that make a long number together: `12 34 56 78`."""
    return any(sum(char.isdigit() for char in found[0]) >= 7 for found in _SPELT.finditer(plain))
