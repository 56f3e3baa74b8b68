"""Outside words in every message and form: they mention nobody, link nowhere, format nothing, turn nothing around.

Everything that can be shown is built from its own types, each text that is not an id filled with something hostile.
A new kind of message is covered as soon as it stands in `Content`.
"""

from __future__ import annotations

import dataclasses
import html
import re
import types
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import pytest

from denials.metrics import AGING_BUCKETS
from denials.rules.load import load_rules
from denials.rules.model import Duration, RuleSet, Step
from handlers import render_stats, words
from handlers.blocks import Rendered
from handlers.modals import resolve_view
from handlers.move_forms import hand_off_view, snooze_view
from handlers.origin import Origin
from handlers.render import plain, render
from handlers.render_card import card
from handlers.render_details import details_view
from handlers.render_home import home_view
from handlers.render_lists import private_list
from handlers.render_payers import payers
from handlers.render_rules import rules as rules_page
from handlers.several import SeveralOrigin, several_text, several_view
from sandbox.blockkit import message_problems, view_problems
from services.bulk import Choice, Several
from services.history import Details
from services.home import Home
from services.scorecard import Scorecard
from services.stats import Stats
from services.views import Content, ItemView, Notice
from services.weekly import GROUPINGS, Groups

TODAY = date(2026, 3, 10)
HOSTILE = (
    "<!channel> pay now",
    "<https://evil.example|your claim>",
    "<@U0LEAD> &lt;!here&gt;",
    "```quoted``` `code` *bold* _slant_ ~gone~",
    "first\nsecond\r> third",
    "abc\u202edcba\u2066x\u200b\u200dy\u0007",
    "W" * 4000,
    "&<>" * 1400,
)
"""What nobody may smuggle in."""

# Texts that are ids, words of our own, or come from a fixed list: they cannot hold what somebody typed.
_OWN = {
    "ref": "DN-7KQ2M4XT",
    "refs": "DN-7KQ2M4XT",
    "assignee": "U0FRONT1",
    "owner": "front_desk",
    "owner_channel": "C0FRONT",
    "channel": "C0FRONT",
    "category": "registration",
    "codes": "CO-31",
    "code": "CO-31",
    "rarcs": "N382",
    "outcome": "Appeal sent",
    "resolved_by": "U0FRONT1",
    "approved_by": "U0LEAD",
    "acknowledged_by": "U0FRONT1",
    "mentions": "U0LEAD",
    "audience": "lead",
    "reason": "unclaimed for 4 business hours",
    "links": "C0FRONT",
    "message_id": "0" * 32,
    "holder": "U0FRONT1",
    "responsible": "U0FRONT1",
    "actor": "U0FRONT1",
    "kind": "claimed",
    "only": "",
    "by": "payer",
    "dimension": "payer",
    "decided_by": "carc:31",
    "cause": None,
    "action": None,
    "dismissed_for": None,
    "remark": "N382",
    "top_codes": "CO-31",
    "filters": "team:front_desk",
    "refused": "DN-7KQ2M4XT",
    "text": "Already claimed by <@U0LEAD>.",
}


def made(kind: Any, name: str, hostile: str) -> Any:
    """A value of a type, with every outside text in it hostile."""
    origin, inner = get_origin(kind), get_args(kind)
    if kind is str:
        return _OWN.get(name, hostile)
    if origin in (Union, types.UnionType):
        options = [one for one in inner if one is not type(None)]
        return made(options[0], name, hostile)
    if origin is Literal:
        return inner[0]
    if origin is tuple:
        if len(inner) == 2 and inner[1] is Ellipsis:
            return () if name == "yaml" else (made(inner[0], name, hostile),)
        return tuple(made(one, name, hostile) for one in inner)
    if origin in (dict, Mapping):
        keys = AGING_BUCKETS if name == "aging" else ("yes", "partly", "no") if name == "preventable" else ()
        return {key: made(inner[1], name, hostile) for key in keys}
    if isinstance(kind, type) and issubclass(kind, Enum):
        return next(iter(kind))
    if kind in _PLAIN:
        return _PLAIN[kind]
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        hints = get_type_hints(kind)
        return kind(
            **{field.name: _field(hints[field.name], field.name, hostile) for field in dataclasses.fields(kind)}
        )
    return _PLAIN[kind]


def _field(kind: Any, name: str, hostile: str) -> Any:
    if name == "yaml":  # quoted by the machine, as services write it
        return f'  - id: x\n    match: {{payer: ["{hostile[:60].translate(_QUOTED)}"]}}\n    category: coding\n'
    if name == "replaces":
        return ("old-rule",)
    if kind == tuple[Groups, ...]:
        return tuple(dataclasses.replace(made(Groups, name, hostile), by=one) for one in GROUPINGS)
    return made(kind, name, hostile)


_QUOTED = str.maketrans({"\n": " ", "\r": " ", '"': "'", **dict.fromkeys("\u202e\u2066\u200b\u200d\a", "")})
_PLAIN: dict[Any, Any] = {
    int: 3,
    float: 0.5,
    bool: False,
    Decimal: Decimal("1240.00"),
    date: TODAY,
    datetime: datetime(2026, 3, 10, 15, tzinfo=UTC),
    object: 1,
    Step: Step("unclaimed", ("lead",), after=Duration(4, "bh")),
}

_ALLOWED = re.compile(
    r"<(?:@[UW][A-Z0-9]+|#C[A-Z0-9]+|!subteam\^S[A-Z0-9]+|!date\^[^<>]*|https://acme\.slack\.example/[^<>|]*\|[^<>]*)>"
)


def _strings(value: Any, markdown: bool = True) -> Iterator[tuple[str, bool]]:
    """Every text that is shown, and whether Slack reads markup in it."""
    if isinstance(value, list):
        for one in value:
            yield from _strings(one, markdown)
    elif isinstance(value, dict):
        kind = value.get("type")
        for key, one in value.items():
            if isinstance(one, str):
                if key in ("text", "title", "caption", "label", "name", "accessibility_label"):
                    yield one, kind == "mrkdwn"
            else:
                yield from _strings(one, markdown)


def problems(shown: Rendered | dict[str, Any]) -> list[str]:
    """What of the hostile words came through."""
    if isinstance(shown, Rendered):
        found = [(shown.text, True), *_strings(shown.blocks)]
        wrong = message_problems(shown.blocks) if shown.blocks else []
    else:
        found, wrong = list(_strings(shown)), view_problems(shown, shown["type"])
    for text, markdown in found:
        if any(not char.isprintable() and char != "\n" for char in text):
            wrong.append(f"something unseen in {text[:60]!r}")
        if not markdown:
            continue
        left = _ALLOWED.sub("", text)
        if "<" in left or ">" in left:
            wrong.append(f"markup in {left[:80]!r}")
        if text.count("```") not in (0, 2) or text.replace("```", "").count("`") % 2:
            wrong.append(f"an open quotation in {text[:80]!r}")
        outside_yaml = text.split("  - id: ")[0]  # a rule to paste stays as it is
        if any(piece in outside_yaml for piece in ("*bold*", "_slant_", "~gone~", "`code`")):
            wrong.append(f"formatted in {text[:80]!r}")
        if len(html.unescape(text)) > 4000:
            wrong.append(f"{len(text)} characters")
    return wrong


KINDS = [one for one in get_args(Content) if one is not Notice]  # a notice is a line of our own words
ORIGIN = Origin("DN-7KQ2M4XT", 4, None, "")


@pytest.mark.parametrize("hostile", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize(
    "kind", [one for one in get_args(Content) if one is not Notice], ids=lambda kind: kind.__name__
)
def test_no_message_lets_outside_words_act(rules: RuleSet, kind: type[Any], hostile: str) -> None:
    content = made(kind, "", hostile)
    assert problems(render(content, rules, workspace_url="https://acme.slack.example/")) == []
    assert problems(plain(content, rules)) == []


@pytest.mark.parametrize("hostile", HOSTILE, ids=range(len(HOSTILE)))
def test_no_answer_or_form_lets_outside_words_act(rules: RuleSet, hostile: str) -> None:
    item = made(ItemView, "", hostile)
    numbers, backlog = made(Stats, "", hostile), made(Stats, "", hostile).backlog
    choice = made(Choice, "", hostile[:40])  # no label is longer, and these stand in values too
    several = SeveralOrigin("claim", ("front_desk",), None, "")
    for shown in (
        card(item, TODAY, rules),
        private_list("You have", [item], TODAY, rules, none="Nothing.", place="mine"),
        render_stats.stats(numbers, rules),
        render_stats.trend(numbers, rules),
        render_stats.aging(backlog, rules),
        payers(made(Scorecard, "", hostile), rules),
        rules_page(rules),
        resolve_view(item, TODAY, rules, ORIGIN),
        hand_off_view(item, TODAY, rules, ORIGIN),
        snooze_view(item, TODAY, TODAY, rules, ORIGIN),
        details_view(made(Details, "", hostile), rules, ORIGIN, may_note=True, may_give=True),
        home_view(made(Home, "", hostile), rules),
        several_view(choice, TODAY, rules, several),
        Rendered(several_text("claim", made(Several, "", hostile), rules), []),
    ):
        assert problems(shown) == []


@pytest.mark.parametrize("hostile", ["<!channel> pay now", "```x``` *bold* `code`", "<https://evil.example|x>"])
def test_the_rules_files_own_labels_are_neutralised_too(hostile: str) -> None:
    quoted = hostile.replace('"', "'")
    text = (
        "ops_channel: C0OPS\nadmins: [U0ADMIN]\n"
        f'owners: {{front_desk: {{channel: C0FRONT, title: "{quoted}"}}}}\n'
        f'categories: {{registration: {{owner: front_desk, title: "{quoted}", handoff: "{quoted}",'
        f' next_step: "{quoted}"}}}}\n'
    )
    rules = load_rules(text)
    item = dataclasses.replace(made(ItemView, "", quoted), category_title=rules.category_title("registration"))
    for shown in (card(item, TODAY, rules), rules_page(rules), hand_off_view(item, TODAY, rules, ORIGIN)):
        assert problems(shown) == []


def test_a_name_of_four_thousand_characters_is_cut() -> None:
    assert len(words.safe("W" * 4000)) <= 300
    assert len(words.safe("&" * 4000)) <= 375
    assert words.safe("a\u202eb\u200bc\nd") == "abc d"
