"""The page of definitions as a whole: nothing is defined that is not tested, and nothing said that is not defined."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from denials.definitions import everything
from services import stats
from services.desk import Desk
from services.weekly import weekly
from tests.services.definitions import test_numbers, test_report, test_reviews
from tests.services.definitions.measured import WEEK

PARTS = (test_numbers, test_report, test_reviews)


def test_every_definition_has_its_test_and_every_test_its_definition() -> None:
    anchors = [one.anchor for one in everything()]
    assert len(anchors) == len(set(anchors))
    tests = [name for module in PARTS for name in vars(module) if name.startswith("test_")]
    assert sorted(anchors) == sorted(name.removeprefix("test_").replace("_", "-") for name in tests)


def test_every_key_of_the_json_has_a_definition_and_no_definition_a_key_there_is_not(
    desk: Desk, with_reviews: dict[str, Any]
) -> None:
    defined = [key for one in everything() for key in one.keys]
    assert len(defined) == len(set(defined))
    found = {_plain(key) for key in _keys(with_reviews)} | set(_keys(stats.as_json(stats.stats(desk, 30))))
    assert found == set(defined)


def _plain(key: str) -> str:
    """A key of the report under the name that `denials stats --json` has for it."""
    for part in ("numbers.", "before."):
        key = key.removeprefix(part)
    if key.startswith("groups."):
        return f"groups[].{key.rpartition('.')[2]}"
    return key


def _keys(value: Any, at: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for key, one in value.items():
            yield from _keys(one, f"{at}.{key}" if at else key)
    elif isinstance(value, list):
        for one in value:
            yield from _keys(one, f"{at}[]")
    else:
        yield at


def test_the_numbers_of_the_week_are_the_same_whoever_asks(desk: Desk) -> None:
    found = weekly(desk, WEEK)
    assert found.now == stats.between(desk, WEEK.first, WEEK.last)
    assert found.categories.rising[0].name == "eligibility"
