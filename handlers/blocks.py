"""The few Block Kit shapes that messages are made of, and the check that a message fits into Slack.

slackblocks checks each block against Slack's limits; what counts for a message as a whole is checked here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from slackblocks import (
    Block,
    Button,
    ContextBlock,
    HeaderBlock,
    InvalidUsageError,
    Markdown,
    PlainText,
    SectionBlock,
    WebhookMessage,
)
from slackblocks.elements import ButtonStyle, Element

from handlers.words import cut, visible

MOST_BLOCKS = 50
MOST_TEXT = 13_000  # characters of all texts of a message's blocks
LONGEST_FALLBACK = 3_500  # Slack recommends 4,000 for `text`

Blocks = list[dict[str, Any]]


class DoesNotFit(Exception):
    """A message is larger than Slack takes."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message ready for Slack: blocks, and a text that stands alone in a notification or a screen reader."""

    text: str
    blocks: Blocks


def section(text: str, *, accessory: Element | None = None, block_id: str | None = None) -> SectionBlock:
    """Text that links and mentions nothing by itself."""
    return SectionBlock(Markdown(text, verbatim=True), accessory=accessory, block_id=block_id)


def prose(text: str) -> SectionBlock:
    """Text of the rules file's own: its links and channel names may work."""
    return SectionBlock(Markdown(text))


def context(*texts: str) -> ContextBlock:
    """Small print."""
    return ContextBlock([Markdown(text, verbatim=True) for text in texts])


def header(text: str) -> HeaderBlock:
    """A heading, plain text."""
    return HeaderBlock(PlainText(cut(text.replace("\n", " "), 150)))


def button(label: str, verb: str, ref: str, version: int, *, primary: bool = False, says: str | None = None) -> Button:
    """A button whose action id is `verb:reference` and whose value is `reference:version`.

    `says` is what a screen reader speaks in its place.
    """
    return Button(
        PlainText(label),
        action_id=f"{verb}:{ref}",
        value=f"{ref}:{version}",
        style=ButtonStyle.PRIMARY if primary else None,
        accessibility_label=visible(says).replace("\n", " ") if says else says,
    )


def parse_value(value: str) -> tuple[str, int] | None:
    """Reference and version of a button's value; None for anything else."""
    ref, _, version = value.partition(":")
    return (ref, int(version)) if ref and version.isascii() and version.isdigit() else None


def message(text: str, blocks: Sequence[Block], place: str = "") -> Rendered:
    """A message that fits into Slack; drawing the same state twice gives the same message. Raises DoesNotFit.

    `place` names a private answer in its block ids, which come back with every press in it.
    """
    try:
        made: Blocks = WebhookMessage(text=text, blocks=list(blocks)).to_dict()["blocks"]
    except InvalidUsageError as wrong:
        raise DoesNotFit(type(wrong).__name__) from wrong
    for number, block in enumerate(made):
        del block["block_id"]  # Slack gives its own
        if place:
            block["block_id"] = f"{place}:{number}"
    check(made)
    return Rendered(text=cut(text, LONGEST_FALLBACK), blocks=made)


def check(blocks: Blocks) -> None:
    """Raise DoesNotFit where Slack would refuse the message as a whole."""
    if len(blocks) > MOST_BLOCKS:
        raise DoesNotFit(f"{len(blocks)} blocks")
    if (size := sum(len(text) for text in texts(blocks))) > MOST_TEXT:
        raise DoesNotFit(f"{size} characters")
    ids = list(action_ids(blocks))
    if len(ids) != len(set(ids)):
        raise DoesNotFit("an action id twice")


def texts(value: Any) -> Iterator[str]:
    """Every string that is shown, in any depth."""
    if isinstance(value, list):
        for one in value:
            yield from texts(one)
    elif isinstance(value, dict):
        for key, one in value.items():
            if isinstance(one, str):
                if key in ("text", "title", "caption", "label", "name"):
                    yield one
            else:
                yield from texts(one)


def action_ids(value: Any) -> Iterator[str]:
    """Every action id, in any depth."""
    if isinstance(value, list):
        for one in value:
            yield from action_ids(one)
    elif isinstance(value, dict):
        if "action_id" in value:
            yield value["action_id"]
        for one in value.values():
            if not isinstance(one, str):
                yield from action_ids(one)
