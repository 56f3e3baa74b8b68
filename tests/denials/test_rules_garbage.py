"""Whatever stands in a rules file, the answer is findings; and a row said to be shadowed really is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from denials.rules.labels import glob_matches
from denials.rules.load import check_rules, load_rules
from denials.rules.model import RulesFileError
from denials.rules.shadow import glob_covers

SHIPPED = (Path(__file__).parents[2] / "rules.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("wide", "narrow", "covers"),
    [
        ("*", "anything", True),
        ("*medicare*", "*MEDICARE*adv*", True),
        ("*medicare*adv*", "*medicare*", False),
        ("uhc*", "uhc", True),
        ("uhc", "uhc*", False),
        ("u?c", "uhc", True),
        ("u?c", "u?c", True),
        ("u?c", "u*c", False),
        ("*a*b*", "a*b", True),
        ("*a*b*", "b*a", False),
        ("[ab]*", "a*", False),
        ("[ab]*", "[ab]*", True),
    ],
)
def test_which_globs_leave_nothing_for_a_later_one(wide: str, narrow: str, covers: bool) -> None:
    assert glob_covers(wide, narrow) is covers


patterns = st.text("ab*?", max_size=6)


@given(patterns, patterns, st.lists(st.text("ab", max_size=6), max_size=8))
def test_a_covered_glob_matches_nothing_that_the_wide_one_leaves(wide: str, narrow: str, names: list[str]) -> None:
    if glob_covers(wide, narrow):
        assert all(glob_matches(wide, name) for name in names if glob_matches(narrow, name))


def never_raises_anything_else(text: str) -> None:
    """Checks that a text gives findings in one line each, and a rule set exactly if none of them is an error."""
    findings = check_rules(text)
    assert all(one.line >= 1 and one.column >= 1 and "\n" not in one.message for one in findings)
    if any(one.severity == "error" for one in findings):
        with pytest.raises(RulesFileError) as caught:
            load_rules(text)
        assert caught.value.findings == findings
    else:
        rules = load_rules(text)
        assert rules.categories
        assert rules.policy("standard")


@given(st.text(max_size=300))
def test_garbage_gives_findings_and_nothing_worse(text: str) -> None:
    never_raises_anything_else(text)


@given(st.data())
def test_a_damaged_rules_file_gives_findings_and_nothing_worse(data: st.DataObject) -> None:
    lines = SHIPPED.splitlines(keepends=True)
    start = data.draw(st.integers(0, len(lines) - 1))
    end = data.draw(st.integers(start, min(len(lines), start + 60)))
    text = "".join(lines[start:end])
    place = data.draw(st.integers(0, len(text)))
    cut = data.draw(st.integers(0, 8))
    put = data.draw(st.text("{}[]:,-#&*!|>'\"%@` \n\tabc019~\x00é", max_size=6))
    never_raises_anything_else("ops_channel: C0OPS\n" + text[:place] + put + text[place + cut :])


TOP = ["owners", "categories", "rules", "escalations", "deadlines", "payers", "handoffs", "digest", "ops_channel"]
TOP += ["business_hours", "profiles", "locations", "practices", "admins", "prevention"]
INNER = ["match", "payer", "carc", "rarc", "channel", "owner", "id", "category", "standard", "when", "after", "notify"]
INNER += ["appeal", "columns", "front", "coding", "days", "gather", "holidays", "repeat"]
VALUES = ["coding", "front", "C0A", "U0A", "1d", "*", "high", "owner", "197"]

pieces = st.recursive(
    st.none() | st.text("abc019:*#", max_size=6) | st.sampled_from(VALUES),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(INNER), inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(st.sampled_from(TOP), pieces))
def test_odd_shapes_give_findings_and_nothing_worse(shape: dict[str, object]) -> None:
    never_raises_anything_else(json.dumps(shape))
