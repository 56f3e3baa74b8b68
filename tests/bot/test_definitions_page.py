"""The page of definitions says the same in the docs, on the bot's own address and in a report."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import httpx
from starlette.applications import Starlette

from bot import definitions_page
from bot.definitions_page import PATH, definitions_html, definitions_markdown
from denials.definitions import everything

ROOT = Path(__file__).parents[2]


def test_the_docs_have_every_definition_as_it_is() -> None:
    page = (ROOT / "docs" / "numbers.md").read_text(encoding="utf-8")
    assert page.partition("\n## ")[2] == definitions_markdown().partition("## ")[2], (
        "docs/numbers.md differs: put bot.definitions_page.definitions_markdown() below its introduction"
    )


def test_the_bot_serves_them_under_their_anchors() -> None:
    async def get() -> httpx.Response:
        transport = httpx.ASGITransport(Starlette(routes=definitions_page.routes()))
        async with httpx.AsyncClient(transport=transport, base_url="http://bot") as client:
            return await client.get(PATH)

    answer = asyncio.run(get())
    assert answer.status_code == 200
    assert set(re.findall(r'<dt id="([^"]+)"', answer.text)) == {one.anchor for one in everything()}
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "<script" not in answer.text


def test_marks_of_our_texts_become_html_and_nothing_else_does() -> None:
    html = definitions_html("h2")
    assert "<em>Appeal sent</em>" in html
    assert "<code>/denials stats</code>" in html
    assert "|new − previous| &gt; 1.96" in html
    assert not re.search(r"[`*]", html)
