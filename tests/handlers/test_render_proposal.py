"""A proposed rule shows its evidence and can be pasted as it stands."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from denials.model import Kind
from denials.rules.load import load_rules
from denials.rules.model import RuleSet
from handlers.blocks import Rendered, texts
from handlers.origin import Origin
from handlers.render import plain, render
from handlers.render_details import details_view
from sandbox.blockkit import message_problems
from services.chances import Odds
from services.history import Details
from services.views import Moved, Proposal
from tests.handlers.examples import ITEM, TODAY, lines

YAML = '  - id: acme-co-16\n    match: {payer: ["a<b&c*"], group: ["CO"], carc: ["16"]}\n    category: coding\n'
SHOWN = Proposal(
    payer="Aetna",
    code="CO-16",
    remark="N290",
    from_titles=("Registration errors",),
    to_title="Coding errors",
    count=12,
    amount=Decimal("3400.00"),
    people=2,
    kept=1,
    days=90,
    refs=("DN-7KQ2M4XT", "DN-3NDW8RTB"),
    yaml=YAML,
    replaces=(),
    tried=240,
    moves=(Moved("Registration errors", "Coding errors", 14, Decimal("4100.00")),),
)


def _seen(shown: Rendered) -> str:
    return "\n".join(texts(shown.blocks))


def test_administrators_are_mentioned_and_see_evidence_and_backtest(rules: RuleSet) -> None:
    seen = _seen(render(SHOWN, rules))

    for expected in (
        "<@U0ADMIN>",
        "2 people handed 12 Aetna denials with CO-16 and remark N290, $3,400.00",
        "from Registration errors to *Coding errors*",
        "1 of the kind were worked",
        "Of 240 denials of the last 90 days it would move:",
        "14 ($4,100.00) from Registration errors to Coding errors",
        "DN-7KQ2M4XT, DN-3NDW8RTB, …",
        "denials rules backtest",
    ):
        assert expected in seen, expected


def test_the_yaml_reads_as_it_was_made_once_slack_has_unescaped_it(rules: RuleSet) -> None:
    seen = _seen(render(SHOWN, rules))
    [block] = re.findall(r"```(.*?)```", seen, re.DOTALL)

    assert html.unescape(block) == YAML
    head = "ops_channel: C0OPS\nowners: {x: {channel: C0X}}\ncategories: {coding: {owner: x}}\nrules:\n"
    assert load_rules(head + html.unescape(block)).rules[0].match.payer == ("a<b&c*",)


def test_a_rule_that_has_to_go_is_named(rules: RuleSet) -> None:
    assert "delete that rule then" in _seen(render(replace(SHOWN, replaces=("old-one",)), rules))
    assert "delete" not in _seen(render(SHOWN, rules))


@given(lines(60), lines(40), st.integers(0, 6), st.integers(1, 50))
def test_whatever_it_says_slack_takes_it(title: str, payer: str, moves: int, rows: int) -> None:
    long = replace(
        SHOWN,
        payer=payer,
        to_title=title,
        from_titles=(title,) * 4,
        moves=(Moved(title, title, 1, Decimal(1)),) * moves,
        refs=("DN-7KQ2M4XT",) * 10,
        replaces=("x" * 60,) * 30,
        yaml=YAML + "x" * rows,
    )
    shown = render(long, load_rules("ops_channel: C0OPS\nadmins: [U0ADMIN]\n"))
    assert shown.blocks
    assert message_problems(shown.blocks) == []
    assert plain(long, load_rules("ops_channel: C0OPS\n")).text


def _details(odds: Odds, kind: Kind = Kind.DENIAL) -> Details:
    return Details(replace(ITEM, kind=kind), TODAY, "carc:31", "", odds.chance, Decimal("1.60"), (), (), None, odds)


@pytest.mark.parametrize(
    ("odds", "kind", "expected"),
    [
        (Odds(), Kind.DENIAL, "no denial with CO-31 has been decided here yet"),
        (Odds(), Kind.REJECTION, "no payer has decided this one"),
        (
            Odds(Decimal("0.62"), 9, 14, 22, 40),
            Kind.DENIAL,
            "14 decided here with CO-31 from Aetna, 9 overturned; 40 with CO-31 from any payer, 22 overturned",
        ),
    ],
)
def test_the_details_say_how_many_outcomes_the_rank_rests_on(
    rules: RuleSet, odds: Odds, kind: Kind, expected: str
) -> None:
    origin = Origin(ITEM.ref, ITEM.version, None, "card")
    seen = "\n".join(texts(details_view(_details(odds, kind), rules, origin, may_note=False, may_give=False)))

    assert expected in seen
    assert f"{odds.chance * 100:.0f}% chance to overturn" in seen
