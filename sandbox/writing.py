"""What people type, as Slack stores it: escaped, with mentions turned into ids, and as rich text."""

from __future__ import annotations

import html
import re
import secrets
from typing import Any

from sandbox.webapi.shapes import handle
from sandbox.workspace import Workspace

_MENTION = re.compile(r"<@(\w+)>|<!subteam\^(\w+)>")


def written(workspace: Workspace, typed: str) -> tuple[str, list[dict[str, Any]]]:
    """Text and blocks of a message that a person has typed; ``@Name`` or ``@handle`` is a mention."""
    text = html.escape(typed, quote=False)
    names = [(person.name, f"<@{person.id}>") for person in workspace.people.values()]
    names += [(handle(person), f"<@{person.id}>") for person in workspace.people.values()]
    names += [(group.handle, f"<!subteam^{group.id}>") for group in workspace.groups.values()]
    for name, mention in sorted(names, key=lambda one: -len(one[0])):
        text = re.sub(rf"(?<![\w<])@{re.escape(html.escape(name))}(?![\w-])", mention, text, flags=re.IGNORECASE)
    elements: list[dict[str, Any]] = []
    place = 0
    for found in _MENTION.finditer(text):
        elements += _plain(text[place : found.start()])
        person, group = found.groups()
        elements.append({"type": "user", "user_id": person} if person else {"type": "usergroup", "usergroup_id": group})
        place = found.end()
    elements += _plain(text[place:])
    section = {"type": "rich_text_section", "elements": elements}
    return text, [{"type": "rich_text", "block_id": secrets.token_hex(3), "elements": [section]}]


def _plain(text: str) -> list[dict[str, Any]]:
    return [{"type": "text", "text": html.unescape(text)}] if text else []
