"""Rich text: sections, lists, quotes and preformatted text."""

from __future__ import annotations

from sandbox.blockkit.node import Node

_PARTS = ("rich_text_section", "rich_text_list", "rich_text_preformatted", "rich_text_quote")
_LEAVES = {
    "text": "text",
    "link": "url",
    "emoji": "name",
    "user": "user_id",
    "usergroup": "usergroup_id",
    "channel": "channel_id",
    "broadcast": "range",
    "color": "value",
    "date": "timestamp format",
}
_MORE = {
    "link": "text unsafe",
    "emoji": "unicode skin_tone display_team_id display_url",
    "date": "fallback url",
    "text": "",
}


def rich_text(node: Node) -> None:
    """A rich_text block."""
    node.fields("type elements", "block_id")
    for part in node.items("elements", 1, 100):
        _part(part)


def _part(node: Node) -> None:
    kind = node.get("type")
    if kind not in _PARTS:
        node.wrong(f"unsupported type: {kind}")
    elif kind == "rich_text_list":
        node.fields("type style elements", "indent offset border")
        node.choice("style", "bullet", "ordered")
        node.number("indent", 0, 8, whole=True)
        for section in node.items("elements", 1, 500):
            if section.get("type") != "rich_text_section":
                section.wrong(f"unsupported type: {section.get('type')}")
            else:
                _leaves(section)
    else:
        _leaves(node)


def _leaves(node: Node) -> None:
    node.fields("type elements", "border language")
    for leaf in node.items("elements", 0, 500):
        kind = leaf.get("type")
        if kind not in _LEAVES:
            leaf.wrong(f"unsupported type: {kind}")
            continue
        leaf.fields(f"type {_LEAVES[kind]}", f"style {_MORE.get(kind, '')}")
        if kind == "text":
            leaf.string("text", 12_000)
