"""A place in a JSON document that can say what is wrong with it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit


class Node:
    """One value of a document, its JSON pointer, and the list that all problems of the document go into."""

    __slots__ = ("at", "problems", "value")

    def __init__(self, value: Any, at: str, problems: list[str]) -> None:
        self.value = value
        self.at = at
        self.problems = problems

    def wrong(self, text: str) -> None:
        """Note a problem of this place."""
        self.problems.append(f"{text} [json-pointer:{self.at}]")

    def get(self, key: str) -> Any:
        """The value under a key, None where there is none."""
        return self.value.get(key) if isinstance(self.value, dict) else None

    def child(self, key: str) -> Node | None:
        """The place under a key; None where there is nothing."""
        value = self.get(key)
        return None if value is None else Node(value, f"{self.at}/{key}", self.problems)

    def fields(self, required: str, optional: str = "") -> bool:
        """Check that this is an object with all required fields and no unknown ones; False if it is no object."""
        if not isinstance(self.value, dict):
            self.wrong("must be an object")
            return False
        names = required.split()
        for name in names:
            if self.value.get(name) is None:
                self.wrong(f"missing required field: {name}")
        known = {*names, *optional.split()}
        for name in self.value:
            if name not in known:
                self.wrong(f"invalid additional property: {name}")
        return True

    def items(self, key: str, least: int, most: int) -> Iterator[Node]:
        """The places of a list under a key, after a check of its length."""
        node = self.child(key)
        if node is None:
            return
        if not isinstance(node.value, list):
            node.wrong("must be an array")
            return
        if len(node.value) < least:
            node.wrong(f"no fewer than {least} items required")
        if len(node.value) > most:
            node.wrong(f"no more than {most} items allowed")
        for index, value in enumerate(node.value[: most + 1]):
            yield Node(value, f"{node.at}/{index}", self.problems)

    def is_string(self, most: int, least: int = 1) -> bool:
        """Check that this is a string of an allowed length."""
        if not isinstance(self.value, str):
            self.wrong("must be a string")
            return False
        if len(self.value) > most:
            self.wrong(f"must be less than {most + 1} characters")
        if len(self.value) < least:
            self.wrong(f"must be more than {least - 1} characters")
        return True

    def string(self, key: str, most: int, least: int = 1) -> None:
        """Check a string under a key, if there is one."""
        if (node := self.child(key)) is not None:
            node.is_string(most, least)

    def choice(self, key: str, *allowed: str) -> None:
        """Check that the value under a key is one of the words allowed."""
        node = self.child(key)
        if node is not None and node.value not in allowed:
            node.wrong("must be one of " + ", ".join(allowed))

    def flag(self, key: str) -> None:
        """Check a boolean under a key."""
        node = self.child(key)
        if node is not None and not isinstance(node.value, bool):
            node.wrong("must be a boolean")

    def number(self, key: str, least: float = -math.inf, most: float = math.inf, *, whole: bool = False) -> None:
        """Check a number under a key."""
        node = self.child(key)
        if node is None:
            return
        value = node.value
        kinds = (int,) if whole else (int, float)
        if isinstance(value, bool) or not isinstance(value, kinds) or not math.isfinite(value):
            node.wrong("must be an integer" if whole else "must be a number")
        elif value < least:
            node.wrong(f"must be at least {least:g}")
        elif value > most:
            node.wrong(f"must be at most {most:g}")

    def url(self, key: str, most: int = 3000, *, only_web: bool = False) -> None:
        """Check an address under a key."""
        node = self.child(key)
        if node is None or not node.is_string(most):
            return
        schemes = ("http", "https") if only_web else ("http", "https", "mailto", "slack", "tel")
        try:
            parts = urlsplit(node.value)
        except ValueError:
            node.wrong("invalid url")
            return
        if parts.scheme not in schemes or not (parts.netloc or parts.path) or (only_web and not parts.netloc):
            node.wrong("invalid url")


def check_text(node: Node | None, most: int, *, kinds: tuple[str, ...] = ("plain_text",), least: int = 1) -> None:
    """Check a text object; ``kinds`` names the types allowed in this place."""
    if node is None or not node.fields("type text", "emoji verbatim"):
        return
    kind = node.get("type")
    if kind not in kinds:
        node.wrong("must be a valid text type: " + " or ".join(kinds))
        return
    node.string("text", most, least)
    node.flag("emoji")
    node.flag("verbatim")
    if kind == "plain_text" and node.get("verbatim") is not None:
        node.wrong("invalid additional property: verbatim")
    if kind == "mrkdwn" and node.get("emoji") is not None:
        node.wrong("invalid additional property: emoji")


BOTH = ("plain_text", "mrkdwn")
"""The kinds of text allowed where Slack takes either."""
