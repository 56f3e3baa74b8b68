"""The definitions of all numbers as HTML: a page of the bot's own, and a part of the report file."""

from __future__ import annotations

import re
from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from denials.definitions import SECTIONS, Definition, Section

PATH = "/definitions"
_EMPHASIS = re.compile(r"\*([^*]+)\*")
_CODE = re.compile(r"`([^`]+)`")
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
STYLE = """
dl.definitions { margin: 0; } dl.definitions dt { font-weight: 600; margin-top: .8rem; }
dl.definitions dd { margin: 0; } dl.definitions dd.of { color: #575757; font-size: .9em; }
dl.definitions dt:target { background: #fff3bf; }
"""
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Denial Desk: what the numbers mean</title><style>
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; color: #1d1c1d; }}
{style}</style></head><body><h1>What the numbers mean</h1>{body}</body></html>
"""


def routes() -> list[Route]:
    """The page's address, to be mounted at the root. It says nothing of this practice."""
    page = _PAGE.format(style=STYLE, body=definitions_html("h2"))

    async def show(_request: Request) -> Response:
        return HTMLResponse(page, headers=_HEADERS)

    return [Route(PATH, show, methods=["GET"])]


def definitions_html(heading: str) -> str:
    """Every definition under its anchor, by sections that begin with such a heading."""
    return "".join(
        f'<{heading}>{escape(section.title)}</{heading}><dl class="definitions">'
        f"{''.join(map(_definition, section.definitions))}</dl>"
        for section in SECTIONS
    )


def definitions_markdown() -> str:
    """The same as the tables of docs/numbers.md, which a test compares with this."""
    return "\n".join(_section_markdown(section) for section in SECTIONS)


def _section_markdown(section: Section) -> str:
    rows = (
        f'| <a id="{one.anchor}"></a>{one.name} | {_cell(one.formula)} | {_cell(one.denominator) or "–"}'
        f" | {_cell(one.date)} | {', '.join(f'`{key}`' for key in one.keys) or '–'} |\n"
        for one in section.definitions
    )
    head = "| number | formula | of | date | in JSON |\n| --- | --- | --- | --- | --- |\n"
    return f"## {section.title}\n\n{head}{''.join(rows)}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _definition(one: Definition) -> str:
    of = f"Of: {_inline(one.denominator)}. " if one.denominator else ""
    return (
        f'<dt id="{escape(one.anchor)}">{escape(one.name)}</dt><dd>{_inline(one.formula)}</dd>'
        f'<dd class="of">{of}Date: {_inline(one.date)}.</dd>'
    )


def _inline(text: str) -> str:
    """A text of ours with its *emphasis* and `code`."""
    return _CODE.sub(r"<code>\1</code>", _EMPHASIS.sub(r"<em>\1</em>", escape(text, quote=False)))
