"""What Slack checks of a modal or an App Home."""

from __future__ import annotations

import json
from typing import Any

from sandbox.blockkit.layout import check_block
from sandbox.blockkit.message import double_ids
from sandbox.blockkit.node import Node, check_text

_MOST_BLOCKS = 100
LARGEST_VIEW = 250_000
"""Bytes of JSON; Slack answers more with view_too_large."""

_COMMON = "private_metadata callback_id external_id"
_MODAL = "close submit clear_on_close notify_on_close submit_disabled"


def view_problems(view: Any, *surfaces: str) -> list[str]:
    """Everything that Slack would refuse in a view; ``surfaces`` are the types allowed: "modal", "home"."""
    problems: list[str] = []
    node = Node(view, "/view", problems)
    if not isinstance(view, dict):
        node.wrong("must be an object")
        return problems
    surface = view.get("type")
    if surface not in surfaces:
        node.wrong(f"unsupported type: {surface}")
        return problems
    if surface == "modal":
        node.fields("type title blocks", f"{_COMMON} {_MODAL}")
        for key in ("title", "close", "submit"):
            check_text(node.child(key), 24)
        for key in ("clear_on_close", "notify_on_close", "submit_disabled"):
            node.flag(key)
    else:
        node.fields("type blocks", f"{_COMMON} title")
    node.string("private_metadata", 3000, 0)
    node.string("callback_id", 255, 0)
    node.string("external_id", 255, 0)
    for block in node.items("blocks", 0, _MOST_BLOCKS):
        check_block(block, surface)
    blocks = view.get("blocks")
    if isinstance(blocks, list):
        problems += double_ids(blocks, "/view/blocks", across=False)
        _inputs(node, [block for block in blocks if isinstance(block, dict)], surface)
    return problems


def too_large(view: Any) -> bool:
    """Whether the view's JSON is larger than Slack takes."""
    return len(json.dumps(view)) > LARGEST_VIEW


def _inputs(node: Node, blocks: list[dict[str, Any]], surface: str) -> None:
    inputs = [block for block in blocks if block.get("type") == "input"]
    if inputs and surface == "modal" and node.get("submit") is None:
        node.wrong("missing required field: submit")
    focused = json.dumps(blocks).count('"focus_on_load": true')
    if focused > 1:
        node.wrong("only one element may have focus_on_load")
