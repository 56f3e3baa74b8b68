"""What Slack adds to blocks that it has accepted."""

from __future__ import annotations

import copy
import secrets
import string
from typing import Any

_LETTERS = string.ascii_letters + string.digits
_INTERACTIVE = frozenset(
    {"button", "overflow", "checkboxes", "radio_buttons", "datepicker", "timepicker", "datetimepicker"}
)


def dress(blocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A copy of the blocks with a block id each, an action id for each element and the flags of every text."""
    dressed: list[dict[str, Any]] = copy.deepcopy(blocks)
    for block in dressed:
        block.setdefault("block_id", _id())
        _walk(block)
    return dressed


def dress_text(text: Any) -> Any:
    """A text object with the flag that Slack adds."""
    dressed = copy.deepcopy(text)
    _walk(dressed)
    return dressed


def _walk(value: Any) -> None:
    if isinstance(value, list):
        for one in value:
            _walk(one)
    elif isinstance(value, dict):
        kind = value.get("type")
        if kind == "plain_text":
            value.setdefault("emoji", True)
        elif kind == "mrkdwn":
            value.setdefault("verbatim", False)
        elif isinstance(kind, str) and (kind in _INTERACTIVE or kind.endswith(("_select", "_input"))):
            value.setdefault("action_id", _id())
        for one in value.values():
            _walk(one)


def _id() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(5))
