"""What Slack checks of a message's blocks as a whole."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sandbox.blockkit.layout import check_block
from sandbox.blockkit.node import Node
from sandbox.blockkit.tables import table_problems

_MOST_BLOCKS = 50
_SHOWN = frozenset({"text", "title", "caption", "label", "name"})


def message_problems(blocks: Any) -> list[str]:
    """Everything that Slack would refuse in a message's blocks; empty if they are good."""
    problems: list[str] = []
    root = Node({"blocks": blocks}, "", problems)
    for node in root.items("blocks", 0, _MOST_BLOCKS):
        check_block(node, "message")
    if isinstance(blocks, list):
        problems += table_problems(blocks)
        problems += double_ids(blocks)
        markdown = sum(len(str(b.get("text"))) for b in blocks if isinstance(b, dict) and b.get("type") == "markdown")
        if markdown > 12_000:
            problems.append("no more than 12000 characters allowed in all markdown blocks [json-pointer:/blocks]")
    return problems


def shown_length(value: Any) -> int:
    """The characters that a message's blocks show; Slack refuses messages of more than about 13,000."""
    if isinstance(value, list):
        return sum(map(shown_length, value))
    if not isinstance(value, dict):
        return 0
    return sum(
        (len(one) if key in _SHOWN else 0) if isinstance(one, str) else shown_length(one) for key, one in value.items()
    )


def double_ids(blocks: list[Any], at: str = "/blocks", *, across: bool = True) -> list[str]:
    """Block ids that stand twice, and action ids that stand twice in a block or, ``across``, in the whole message."""
    problems: list[str] = []
    seen: set[tuple[str, str]] = set()
    for index, block in enumerate(blocks):
        if not across:
            seen = {one for one in seen if one[0] == "block_id"}
        found = [("block_id", block.get("block_id"))] if isinstance(block, dict) else []
        found += [("action_id", one) for one in action_ids(block)]
        for kind, one in found:
            if isinstance(one, str):
                if (kind, one) in seen:
                    problems.append(f'{kind} "{one}" already exists [json-pointer:{at}/{index}]')
                seen.add((kind, one))
    return problems


def action_ids(value: Any) -> Iterator[Any]:
    """Every action id in any depth."""
    if isinstance(value, list):
        for one in value:
            yield from action_ids(one)
    elif isinstance(value, dict):
        if "action_id" in value:
            yield value["action_id"]
        for one in value.values():
            yield from action_ids(one)
