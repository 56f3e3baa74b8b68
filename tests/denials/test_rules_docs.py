"""The reference of rules.yaml cannot drift from what is read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from denials.rules import schema
from denials.rules.fields import COLUMNS
from denials.rules.load import check_rules, load_rules
from denials.rules.mistakes import keys_of

ROOT = Path(__file__).parents[2]
REFERENCE = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", REFERENCE, re.DOTALL)
BASE = """ops_channel: C0OPS
owners: {front: {channel: C0FRONT, lead: U0LEAD, manager: U0MANAGER}}
categories: {registration: {owner: front}}
"""


def parts() -> list[type[BaseModel]]:
    """Every mapping of the file."""
    found = [one for one in vars(schema).values() if isinstance(one, type) and issubclass(one, schema.Part)]
    return [one for one in found if one not in (schema.Part, schema.DefaultsFile, schema.CategoryTextPart)]


@pytest.mark.parametrize("part", parts(), ids=lambda part: str(part.__name__))
def test_every_key_is_explained(part: type[BaseModel]) -> None:
    text = re.sub(r"```.*?```", "", REFERENCE, flags=re.DOTALL)
    named = set(re.findall(r"[a-z_]+", " ".join(re.findall(r"`([^`\n]+)`", text))))

    assert set(part.model_fields) - named == set()


def test_every_column_name_is_listed() -> None:
    assert [name for name in COLUMNS if f"`{name}`" not in REFERENCE] == []


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_is_a_valid_part_of_a_file(example: str) -> None:
    assert check_rules(BASE + example.replace("category: authorization", "category: registration")) == ()


def test_the_shipped_escalation_is_quoted_as_it_is() -> None:
    quoted = next(example for example in EXAMPLES if "escalations:" in example)

    assert load_rules(BASE + quoted).policy("standard") == load_rules(BASE).policy("standard")


def test_the_keys_of_any_place_are_known_for_suggestions() -> None:
    assert "carc" in keys_of(schema.RulesFile, ("rules", 0, "match"))
    assert "channel" in keys_of(schema.RulesFile, ("owners", "front"))
    assert "notify" in keys_of(schema.RulesFile, ("escalations", "standard", 2))
    assert keys_of(schema.RulesFile, ("payers", "*x*")) == ()
    assert keys_of(schema.RulesFile, ("nowhere", 1)) == ()
