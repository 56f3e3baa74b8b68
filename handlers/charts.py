"""Charts and tables as Slack takes them: short unique labels, no empty cell, nothing over its limits."""

from __future__ import annotations

from collections.abc import Sequence

from slackblocks import (
    AxisConfig,
    BarChart,
    DataPoint,
    DataSeries,
    DataTableBlock,
    DataVisualizationBlock,
    LineChart,
    RawNumber,
    RawText,
    RichTextBlock,
)

from handlers.words import cut

MOST_BARS = 12
MOST_POINTS = 20
MOST_ROWS = 99  # and a header
MOST_TABLE_TEXT = 9_500  # of the 10,000 characters of a message's tables
LABEL = 20
LONGEST_CELL = 80
_PAGE = 10

Cell = str | tuple[float, str]
"""A text, or a number to sort by with the text that stands for it."""

Row = list[RawText | RawNumber | RichTextBlock]


def bars(
    title: str, categories: Sequence[str], series: Sequence[tuple[str, Sequence[float]]], *, y: str
) -> DataVisualizationBlock:
    """Grouped bars; at most `MOST_BARS` categories."""
    labels = short_labels(categories[:MOST_BARS])
    return DataVisualizationBlock(cut(title, 50), BarChart(_series(labels, series), AxisConfig(labels, y_label=y)))


def lines(
    title: str, categories: Sequence[str], series: Sequence[tuple[str, Sequence[float]]], *, y: str
) -> DataVisualizationBlock:
    """Lines over time; the latest `MOST_POINTS` points."""
    labels = short_labels(categories[-MOST_POINTS:])
    kept = [(name, values[-MOST_POINTS:]) for name, values in series]
    return DataVisualizationBlock(cut(title, 50), LineChart(_series(labels, kept), AxisConfig(labels, y_label=y)))


def _series(labels: list[str], series: Sequence[tuple[str, Sequence[float]]]) -> list[DataSeries]:
    return [
        DataSeries(cut(name, LABEL), [DataPoint(label, value) for label, value in zip(labels, values, strict=False)])
        for name, values in series
    ]


def short_labels(names: Sequence[str]) -> list[str]:
    """Names cut to Slack's 20 characters, told apart by a number where the cutting made them alike."""
    labels: list[str] = []
    for name in names:
        label, number = cut(name or "Not stated", LABEL), 2
        while label in labels:
            tail = f" {number}"
            label, number = cut(name or "Not stated", LABEL - len(tail)) + tail, number + 1
        labels.append(label)
    return labels


def table(caption: str, head: Sequence[str], rows: Sequence[Sequence[Cell]]) -> tuple[DataTableBlock | None, int]:
    """A sortable table and how many rows were left out; None where there is no row."""
    kept: list[Row] = []
    size = sum(len(text) for text in head)
    for row in rows[:MOST_ROWS]:
        size += sum(len(text_of(cell)) for cell in row)
        if size > MOST_TABLE_TEXT:
            break
        kept.append([_cell(cell) for cell in row])
    if not kept:
        return None, len(rows)
    top: Row = [RawText(text) for text in head]
    block = DataTableBlock([top, *kept], caption=caption, page_size=_PAGE)
    return block, len(rows) - len(kept)


def text_of(cell: Cell) -> str:
    """What a cell shows."""
    return cut(cell if isinstance(cell, str) else cell[1], LONGEST_CELL) or "–"


def _cell(cell: Cell) -> RawText | RawNumber:
    return RawText(text_of(cell)) if isinstance(cell, str) else RawNumber(cell[0], text_of(cell))
