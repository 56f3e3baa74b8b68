"""Checks of a message's content, the same for posts, updates, ephemeral messages and response URLs."""

from __future__ import annotations

import json
from typing import Any

from sandbox.blockkit import dress, message_problems, shown_length
from sandbox.errors import SlackRefusal

LONGEST_TEXT = 40_000
LONGEST_UPDATE = 4_000
MOST_SHOWN = 13_000
_LARGEST_METADATA = 8_000


def checked_blocks(blocks: Any) -> list[dict[str, Any]]:
    """The blocks as Slack keeps them, or its refusal with every problem named."""
    if blocks is None:
        return []
    if not isinstance(blocks, list):
        raise SlackRefusal("invalid_blocks_format")
    if problems := message_problems(blocks):
        raise SlackRefusal("invalid_blocks", *(f"[ERROR] {one}" for one in problems), errors=problems)
    if shown_length(blocks) > MOST_SHOWN:
        raise SlackRefusal("msg_blocks_too_long")
    return dress(blocks)


def checked_content(text: Any, blocks: Any, *, longest: int = LONGEST_TEXT) -> tuple[str, list[dict[str, Any]]]:
    """Text and blocks of a message, one of which there must be."""
    dressed = checked_blocks(blocks)
    if text is not None and not isinstance(text, str):
        raise SlackRefusal("invalid_arguments", "[ERROR] must be a string [json-pointer:/text]")
    if not dressed and not (text or "").strip():
        raise SlackRefusal("no_text")
    if len(text or "") > longest:
        raise SlackRefusal("msg_too_long")
    return text or "", dressed


def checked_metadata(metadata: Any) -> dict[str, Any] | None:
    """A message's metadata; an empty object takes it away."""
    if metadata in (None, {}):
        return None
    if not isinstance(metadata, dict):
        raise SlackRefusal("invalid_metadata_format")
    kind, payload = metadata.get("event_type"), metadata.get("event_payload")
    if not isinstance(kind, str) or not kind or not isinstance(payload, dict) or len(metadata) > 2:
        raise SlackRefusal("invalid_metadata_schema")
    if len(json.dumps(metadata)) > _LARGEST_METADATA:
        raise SlackRefusal("metadata_too_large")
    return {"event_type": kind, "event_payload": payload}
