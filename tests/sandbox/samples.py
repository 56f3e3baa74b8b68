"""Small blocks and views for tests."""

from __future__ import annotations

from typing import Any

Block = dict[str, Any]


def plain(text: str) -> Block:
    """A plain_text object."""
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Block:
    """A mrkdwn object."""
    return {"type": "mrkdwn", "text": text}


def section(text: str = "words", **more: Any) -> Block:
    """A section."""
    return {"type": "section", "text": mrkdwn(text), **more}


def button(label: str = "Claim", action_id: str = "claim:DN-1", value: str = "DN-1:1", **more: Any) -> Block:
    """A button."""
    return {"type": "button", "text": plain(label), "action_id": action_id, "value": value, **more}


def actions(*elements: Block) -> Block:
    """An actions block."""
    return {"type": "actions", "elements": list(elements)}


def option(text: str, value: str | None = None) -> Block:
    """An option of a menu."""
    return {"text": plain(text), "value": value or text.lower()}


def overflow(*texts: str, action_id: str = "more") -> Block:
    """An overflow menu."""
    return {"type": "overflow", "action_id": action_id, "options": [option(text) for text in texts]}


def text_input(label: str, block_id: str = "note", **more: Any) -> Block:
    """An input block with a text field; ``more`` goes to the field, ``optional`` to the block."""
    optional = more.pop("optional", False)
    element = {"type": "plain_text_input", "action_id": "value", **more}
    return {"type": "input", "block_id": block_id, "label": plain(label), "element": element, "optional": optional}


def select_input(label: str, *texts: str, block_id: str = "choice", **more: Any) -> Block:
    """An input block with a menu."""
    element = {"type": "static_select", "action_id": "value", "options": [option(text) for text in texts], **more}
    return {"type": "input", "block_id": block_id, "label": plain(label), "element": element}


def modal(*blocks: Block, title: str = "Resolve", **more: Any) -> Block:
    """A modal view."""
    return {
        "type": "modal",
        "callback_id": "resolve",
        "title": plain(title),
        "submit": plain("Resolve"),
        "blocks": list(blocks) or [section()],
        **more,
    }


def home(*blocks: Block) -> Block:
    """An App Home."""
    return {"type": "home", "blocks": list(blocks) or [section()]}


def data_table(rows: int = 1, columns: int = 2, cell: str = "x") -> Block:
    """A data table with a heading and so many rows."""
    row = [{"type": "raw_text", "text": cell}] * columns
    return {"type": "data_table", "caption": "Numbers", "rows": [row] * (rows + 1)}


def bar_chart(*labels: str, series: int = 1) -> Block:
    """A bar chart."""
    drawn = [{"name": f"s{n}", "data": [{"label": one, "value": 1} for one in labels]} for n in range(series)]
    chart = {"type": "bar", "series": drawn, "axis_config": {"categories": list(labels)}}
    return {"type": "data_visualization", "title": "Denials", "chart": chart}


def pie_chart(*labels: str) -> Block:
    """A pie chart."""
    chart = {"type": "pie", "segments": [{"label": one, "value": 1} for one in labels]}
    return {"type": "data_visualization", "title": "Denials", "chart": chart}
