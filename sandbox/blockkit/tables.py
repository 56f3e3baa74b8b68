"""Tables and charts, whose limits Slack counts over the whole message as well."""

from __future__ import annotations

from typing import Any

from sandbox.blockkit.node import Node
from sandbox.blockkit.rich_text import rich_text

_MOST_ROWS, _MOST_COLUMNS, _MOST_CHARACTERS = 100, 20, 10_000
MOST_CHARTS = 2
_LABEL = 20


def data_table(node: Node) -> None:
    """A header row and 1 to 100 rows of 1 to 20 cells, none of them empty."""
    node.fields("type rows caption", "block_id page_size row_header_column_index")
    node.string("caption", 3000)
    node.number("page_size", 1, 100, whole=True)
    width = _rows(node, 2, _MOST_ROWS + 1, ("raw_text", "raw_number", "rich_text"), header=True)
    node.number("row_header_column_index", 0, max(width - 1, 0), whole=True)
    if cell_characters(node.value) > _MOST_CHARACTERS:
        node.wrong(f"no more than {_MOST_CHARACTERS} characters allowed in a table")


def table(node: Node) -> None:
    """Up to 100 rows of up to 20 cells."""
    node.fields("type rows", "block_id column_settings")
    _rows(node, 1, _MOST_ROWS, ("raw_text", "raw_number", "rich_text"), header=False)
    for setting in node.items("column_settings", 0, _MOST_COLUMNS):
        if setting.value is not None and setting.fields("", "align is_wrapped"):
            setting.choice("align", "left", "center", "right")
            setting.flag("is_wrapped")


def table_problems(blocks: list[Any]) -> list[str]:
    """What is wrong with a message's tables and charts taken together."""
    kinds = [block.get("type") for block in blocks if isinstance(block, dict)]
    problems = []
    if kinds.count("table") > 1:
        problems.append("only one table block allowed [json-pointer:/blocks]")
    if kinds.count("data_visualization") > MOST_CHARTS:
        problems.append(f"no more than {MOST_CHARTS} data_visualization blocks allowed [json-pointer:/blocks]")
    tables = [block for block in blocks if isinstance(block, dict) and block.get("type") in ("table", "data_table")]
    if len(tables) > 1 and sum(map(cell_characters, tables)) > _MOST_CHARACTERS:
        problems.append(f"no more than {_MOST_CHARACTERS} characters allowed in all tables [json-pointer:/blocks]")
    return problems


def cell_characters(value: Any) -> int:
    """The characters in all cells."""
    if isinstance(value, dict):
        if "rows" in value:
            return cell_characters(value["rows"])
        own = len(value["text"]) if isinstance(value.get("text"), str) else 0
        return own + cell_characters(value.get("elements"))
    return sum(map(cell_characters, value)) if isinstance(value, list) else 0


def _rows(node: Node, least: int, most: int, kinds: tuple[str, ...], *, header: bool) -> int:
    """Check every cell; the number of columns of the first row."""
    width = None
    for index, row in enumerate(node.items("rows", least, most)):
        if not isinstance(row.value, list):
            row.wrong("must be an array")
            continue
        if not 1 <= len(row.value) <= _MOST_COLUMNS:
            row.wrong(f"between 1 and {_MOST_COLUMNS} cells required")
        width = len(row.value) if width is None else width
        if header and len(row.value) != width:
            row.wrong("all rows must have the same number of cells")
        for column, cell in enumerate(row.value):
            _cell(Node(cell, f"{row.at}/{column}", row.problems), kinds, heading=header and index == 0)
    return width or 0


def _cell(node: Node, kinds: tuple[str, ...], *, heading: bool) -> None:
    kind = node.get("type")
    if kind not in kinds or (heading and kind == "rich_text"):
        node.wrong(f"unsupported type: {kind}")
    elif kind == "rich_text":
        rich_text(node)
    elif kind == "raw_number":
        node.fields("type value", "text")
        node.number("value")
        node.string("text", _MOST_CHARACTERS)
    else:
        node.fields("type text")
        node.string("text", _MOST_CHARACTERS)


def chart(node: Node) -> None:
    """A data visualization: a title and a pie, bar, line or area chart."""
    node.fields("type title chart", "block_id")
    node.string("title", 50)
    drawing = node.child("chart")
    if drawing is None:
        return
    kind = drawing.get("type")
    if kind == "pie":
        drawing.fields("type segments")
        for segment in drawing.items("segments", 1, 6):
            if segment.fields("label value"):
                segment.string("label", _LABEL)
                segment.number("value")
                if isinstance(segment.get("value"), int | float) and segment.get("value") <= 0:
                    segment.wrong("value must be more than 0")
    elif kind in ("bar", "line", "area"):
        _axes(drawing)
    else:
        drawing.wrong(f"unsupported type: {kind}")


def _axes(node: Node) -> None:
    node.fields("type series axis_config")
    axis = node.child("axis_config")
    categories: list[str] = []
    if axis is not None and axis.fields("categories", "x_label y_label"):
        categories = [one.value for one in axis.items("categories", 1, 20) if one.is_string(_LABEL)]
        axis.string("x_label", 50)
        axis.string("y_label", 50)
    if len(set(categories)) != len(categories):
        node.wrong("categories must be unique")
    names = []
    for series in node.items("series", 1, 6):
        if not series.fields("name data"):
            continue
        series.string("name", _LABEL)
        names.append(series.get("name"))
        labels = []
        for point in series.items("data", 1, 20):
            if point.fields("label value"):
                point.string("label", _LABEL)
                point.number("value")
                labels.append(point.get("label"))
        if sorted(map(str, labels)) != sorted(categories):
            series.wrong("data must have one point for each category")
    if len(set(map(str, names))) != len(names):
        node.wrong("series names must be unique")
