"""The blocks themselves, and on which surface each may stand."""

from __future__ import annotations

from collections.abc import Callable

from sandbox.blockkit.elements import IN_ACTIONS, IN_CONTEXT, IN_INPUT, IN_SECTION, check_element
from sandbox.blockkit.node import BOTH, Node, check_text
from sandbox.blockkit.rich_text import rich_text
from sandbox.blockkit.tables import chart, data_table, table

_EVERYWHERE = frozenset({"actions", "context", "divider", "header", "image", "input", "rich_text", "section"})

ON_SURFACE = {
    "message": _EVERYWHERE | {"data_table", "data_visualization", "markdown", "table"},
    "home": _EVERYWHERE | {"data_table", "data_visualization", "table"},
    "modal": _EVERYWHERE | {"alert"},
}
"""Block types by surface. What the sandbox does not know (cards, videos, plans) it refuses as Slack does an unknown
type: nothing passes here that was not checked."""


def check_block(node: Node, surface: str) -> None:
    """Check one block for a surface: "message", "home" or "modal"."""
    if not isinstance(node.value, dict):
        node.wrong("must be an object")
        return
    kind = node.get("type")
    if not isinstance(kind, str):
        node.wrong("missing required field: type")
        return
    if kind not in ON_SURFACE[surface]:
        node.wrong(f"unsupported type: {kind}")
        return
    node.string("block_id", 255)
    _CHECKS[kind](node)


def _section(node: Node) -> None:
    node.fields("type", "block_id text fields accessory expand")
    if node.get("text") is None and node.get("fields") is None:
        node.wrong("missing required field: text")
    check_text(node.child("text"), 3000, kinds=BOTH)
    for field in node.items("fields", 1, 10):
        check_text(field, 2000, kinds=BOTH)
    node.flag("expand")
    check_element(node.child("accessory"), IN_SECTION)


def _header(node: Node) -> None:
    node.fields("type text", "block_id level")
    check_text(node.child("text"), 150)


def _context(node: Node) -> None:
    node.fields("type elements", "block_id")
    for element in node.items("elements", 1, 10):
        if element.get("type") in BOTH:
            check_text(element, 2000, kinds=BOTH)
        else:
            check_element(element, IN_CONTEXT)


def _actions(node: Node) -> None:
    node.fields("type elements", "block_id")
    for element in node.items("elements", 1, 25):
        check_element(element, IN_ACTIONS)


def _input(node: Node) -> None:
    node.fields("type label element", "block_id hint optional dispatch_action")
    check_text(node.child("label"), 2000)
    check_text(node.child("hint"), 2000)
    node.flag("optional")
    node.flag("dispatch_action")
    check_element(node.child("element"), IN_INPUT)


def _divider(node: Node) -> None:
    node.fields("type", "block_id")


def _image(node: Node) -> None:
    node.fields("type alt_text image_url", "block_id title")
    node.url("image_url", only_web=True)
    node.string("alt_text", 2000)
    check_text(node.child("title"), 2000)


def _markdown(node: Node) -> None:
    node.fields("type text", "block_id")
    node.string("text", 12_000)


def _alert(node: Node) -> None:
    node.fields("type text", "block_id level")
    check_text(node.child("text"), 200, kinds=BOTH)


_CHECKS: dict[str, Callable[[Node], None]] = {
    "section": _section,
    "header": _header,
    "context": _context,
    "actions": _actions,
    "input": _input,
    "divider": _divider,
    "image": _image,
    "markdown": _markdown,
    "alert": _alert,
    "rich_text": rich_text,
    "table": table,
    "data_table": data_table,
    "data_visualization": chart,
}
