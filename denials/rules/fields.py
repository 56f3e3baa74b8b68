"""The values a rules file may hold, each with the one-line message for what is not one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date, time
from decimal import Decimal
from difflib import get_close_matches
from typing import Annotated
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BeforeValidator, PlainValidator

from denials.codes import GROUPS, looks_like_carc, looks_like_group, looks_like_rarc, normal_code
from denials.public_holidays import country_of
from denials.rules.labels import safe_label
from denials.rules.model import Duration

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
PEOPLE = ("owner", "assignee", "lead", "manager", "channel")
COLUMNS = (
    "claim_id",
    "payer",
    "group",
    "carc",
    "rarc",
    "amount",
    "billed",
    "paid",
    "remit_date",
    "service_date",
    "procedure",
    "location",
)
"""Our names for the columns of a CSV or XLSX export."""

MOST_DAYS = 3650
_SLACK_CHANNEL = re.compile(r"[CG][A-Z0-9]{2,20}|#[a-z0-9][a-z0-9._-]{0,79}")
_SLACK_USER = re.compile(r"[UW][A-Z0-9]{2,20}")
_SLACK_STAFF = re.compile(r"[UWS][A-Z0-9]{2,20}")  # a person, or everybody in a user group
_SLACK_GROUP = re.compile(r"S[A-Z0-9]{2,20}")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,39}")
_RULE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}")
_MONEY = re.compile(r"[0-9]{1,9}(\.[0-9]{1,2})?")
_TIME = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")
_NPI = re.compile(r"[0-9]{10}")
_FILING = re.compile(r"[A-Z0-9]{1,2}")
_PAYER_ID = re.compile(r"[A-Z0-9-]{1,80}")
_STATUS = re.compile(r"[A-Z][0-9]{1,2}(:[0-9]{1,4}){0,2}")


def suggest(word: str, options: Iterable[str]) -> str:
    """`; did you mean "owner"?` where one option is close, else the options if they are few, else ""."""
    known = list(options)
    near = get_close_matches(word.lower(), [option.lower() for option in known], n=1, cutoff=0.6)
    if near:
        best = next(option for option in known if option.lower() == near[0])
        return f'; did you mean "{best}"?'
    return f"; use {_one_of(known)}" if 0 < len(known) <= 12 else ""


def _one_of(options: list[str]) -> str:
    return options[0] if len(options) == 1 else f"{', '.join(options[:-1])} or {options[-1]}"


def choice(*options: str) -> Callable[[str], str]:
    """A validator for one of a few words, in any case."""

    def check(text: str) -> str:
        if text.lower() not in options:
            raise ValueError(f"not one of the words allowed here{suggest(text, options)}")
        return text.lower()

    return check


def shaped(pattern: re.Pattern[str], message: str, change: Callable[[str], str] = str) -> Callable[[str], str]:
    """A validator for a text of one shape."""

    def check(text: str) -> str:
        if not pattern.fullmatch(change(text)):
            raise ValueError(message)
        return change(text)

    return check


def line_of(longest: int) -> Callable[[str], str]:
    """A validator for one readable line of bounded length."""

    def check(text: str) -> str:
        if not text.strip():
            raise ValueError("is empty; write a text")
        if len(text) > longest or not text.isprintable():
            raise ValueError(f"must be one line of at most {longest} characters")
        return text

    return check


def _label(text: str) -> str:
    if not safe_label(line_of(40)(text)):
        raise ValueError("must hold a letter or a digit")
    return text


def as_list(value: object) -> object:
    """One value where a list may stand is a list of one."""
    return [value] if isinstance(value, str) else value


def _duration(units: str) -> Callable[[str], Duration]:
    allowed = units.split()

    def check(text: str) -> Duration:
        duration = Duration.parse(text)
        if duration.unit not in allowed:
            raise ValueError(f"must be in {_one_of(allowed)}, such as 14{allowed[0]}")
        if duration.unit in ("d", "bd") and duration.count > MOST_DAYS:
            raise ValueError(f"is longer than {MOST_DAYS} days")
        return duration

    return check


def _days(text: str) -> int:
    duration = _duration("d")(text)
    if duration.count == 0:
        raise ValueError("must be at least 1d")
    return duration.count


def _time(text: str) -> time:
    found = _TIME.fullmatch(text)
    if found is None:
        raise ValueError('must be a time of day such as "08:00" or "17:30"')
    return time(int(found[1]), int(found[2]))


def _money(text: str) -> Decimal:
    if not _MONEY.fullmatch(text):
        raise ValueError("must be dollars such as 500.00, without sign, commas or $")
    return Decimal(text)


def _zone(text: str) -> ZoneInfo:
    try:
        return ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        hint = suggest(text, available_timezones()) or "; use a name such as America/Chicago"
        raise ValueError(f"no such time zone{hint}") from None


def _holiday(text: str) -> str | date:
    """A country ("US"), a country and its state ("US-NY"), or one date (2026-12-24)."""
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise ValueError("no such date; write it as 2026-12-24") from None
    country, _, state = text.upper().partition("-")
    if (country, state) == ("US", ""):
        return country  # the usual answer needs no look into the library, which is slow to load
    known = country_of(country)
    if known is None:
        raise ValueError("no holidays known for this country; use a code such as US or US-NY, or dates")
    if state and state not in known.subdivisions:
        raise ValueError(f"no holidays known for this state; use a code such as {country}, or dates")
    return f"{country}-{state}" if state else country


def _carc(text: str) -> str:
    if not looks_like_carc(text):
        raise ValueError('not the shape of a CARC; write it like "197", "A1" or "B7", without the group')
    return normal_code(text)


def _rarc(text: str) -> str:
    if not looks_like_rarc(text):
        raise ValueError('not the shape of a RARC; write it like "N290", "M51" or "MA130"')
    return normal_code(text)


def _group(text: str) -> str:
    if not looks_like_group(text):
        raise ValueError(f"no such group code{suggest(text, GROUPS)}")
    return text.upper()


def _date_format(text: str) -> str:
    parts = set(re.findall(r"%(.)", text))
    if not (
        parts <= set("dmyYbBj") and parts & set("yY") and ((parts >= {"d"} and parts & set("mbB")) or "j" in parts)
    ):
        raise ValueError('must name day, month and year, such as "%m/%d/%Y" or "%Y-%m-%d"')
    return text


def parsed(check: Callable[[str], object]) -> PlainValidator:
    """Marks a field whose text is turned into something else by `check`."""

    def parse(value: object) -> object:
        if not isinstance(value, str):
            raise ValueError("must be one plain value, not a list or a mapping")
        return check(value.strip())

    return PlainValidator(parse)


def _target(text: str) -> str:
    if text.lower() in PEOPLE:
        return text.lower()
    if any(pattern.fullmatch(text) for pattern in (_SLACK_USER, _SLACK_GROUP, _SLACK_CHANNEL)):
        return text
    raise ValueError(f"must be a Slack id, a #channel or a word{suggest(text, PEOPLE)}")


_CHANNEL_HELP = 'must be a channel id such as C0123ABCD or a name such as "#denials"'
_USER_HELP = (
    "must be a member id such as U0123ABCD (Slack profile, Copy member ID) or a user group id such as S0123ABCD"
)
_NAME_HELP = "a name is a letter, then letters, digits, _ or -, such as front_desk"
_ID_HELP = "an id is letters, digits, dots, _ or -, such as uhc-therapy-auth"

Text = Annotated[str, AfterValidator(line_of(60))]
Sentence = Annotated[str, AfterValidator(line_of(300))]
LabelText = Annotated[str, AfterValidator(_label)]
Glob = Annotated[str, AfterValidator(line_of(200))]
Name = Annotated[str, AfterValidator(shaped(_NAME, _NAME_HELP))]
RuleId = Annotated[str, AfterValidator(shaped(_RULE_ID, _ID_HELP))]
Channel = Annotated[str, AfterValidator(shaped(_SLACK_CHANNEL, _CHANNEL_HELP))]
Staff = Annotated[str, AfterValidator(shaped(_SLACK_STAFF, _USER_HELP))]
UserGroup = Annotated[str, AfterValidator(shaped(_SLACK_GROUP, "must be a user group id such as S0123ABCD"))]
Target = Annotated[str, AfterValidator(_target)]
Npi = Annotated[str, AfterValidator(shaped(_NPI, "an NPI has ten digits"))]
FilingIndicator = Annotated[str, AfterValidator(shaped(_FILING, "must be a code such as MA or 12", str.upper))]
PayerId = Annotated[str, AfterValidator(shaped(_PAYER_ID, "must be a payer id such as 60054", str.upper))]
StatusCode = Annotated[
    str, AfterValidator(shaped(_STATUS, 'must be a claim status such as "A3" or "A3:21"', str.upper))
]
Carc = Annotated[str, AfterValidator(_carc)]
Rarc = Annotated[str, AfterValidator(_rarc)]
Group = Annotated[str, AfterValidator(_group)]
Weekday = Annotated[str, AfterValidator(choice(*DAYS))]
Column = Annotated[str, AfterValidator(choice(*COLUMNS))]
DateFormat = Annotated[str, AfterValidator(_date_format)]
AnyDuration = Annotated[Duration, parsed(_duration("s m h d bh bd"))]
ShortTime = Annotated[Duration, parsed(_duration("m s h"))]
Days = Annotated[int, parsed(_days)]
ClockTime = Annotated[time, parsed(_time)]
Money = Annotated[Decimal, parsed(_money)]
Zone = Annotated[ZoneInfo, parsed(_zone)]
Holiday = Annotated[str | date, parsed(_holiday)]
AsList = BeforeValidator(as_list)
