"""The page behind a private link shows one claim number once, to whoever has the link, and to no preview."""

from __future__ import annotations

import re
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path

import pytest
from starlette.applications import Starlette

from bot import reveal_page
from bot.http import HttpServer
from services import reveal, work
from services.desk import Desk
from services.ingest import ingest_file
from services.lookup import lookup_claim
from services.people import Actor
from services.views import Done

NUMBER = "ACC-778899"
SOMEBODY = Actor("U0FRONT1")


@pytest.fixture
def port(desk: Desk) -> Iterator[int]:
    """The page's server."""
    server = HttpServer(Starlette(routes=[*reveal_page.routes(desk)]), "127.0.0.1", 0)
    server.start()
    yield int(server.address.rpartition(":")[2])
    server.stop()


@pytest.fixture
def path(desk: Desk, tmp_path: Path) -> str:
    """The address of a fresh link to one claimed item."""
    (tmp_path / "a.csv").write_text(f"claim_id,payer,carc,amount\n{NUMBER},Aetna,CO-31,120.00\n")
    ingest_file(desk, tmp_path / "a.csv")
    (ref,) = lookup_claim(desk, NUMBER, "test")
    assert isinstance(work.claim(desk, ref, None, SOMEBODY), Done)
    link = reveal.make_link(desk, ref, SOMEBODY)
    assert isinstance(link, reveal.Link)
    return f"{reveal_page.PATH}/{link.token}"


def _send(port: int, method: str, path: str) -> tuple[HTTPResponse, str]:
    connection = HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request(method, path)
        answer = connection.getresponse()
        return answer, answer.read().decode()
    finally:
        connection.close()


def test_looking_asks_and_pressing_shows_the_number_once(port: int, path: str) -> None:
    for _ in range(3):  # previews look as often as they like
        answer, page = _send(port, "GET", path)
        assert answer.status == 200
        assert NUMBER not in page
    answer, page = _send(port, "POST", path)
    assert answer.status == 200
    assert NUMBER in page
    for method in ("POST", "GET"):
        answer, page = _send(port, method, path)
        assert answer.status == 410
        assert NUMBER not in page


def test_nothing_of_the_page_is_kept_or_told_on(port: int, path: str) -> None:
    for method in ("GET", "POST"):
        answer, page = _send(port, method, path)
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert not re.search(r"https?://", page)


@pytest.mark.parametrize("token", ["x", "A" * 43, "%2e%2e%2fetc", "A" * 5000])
def test_an_invented_link_opens_nothing(port: int, token: str) -> None:
    for method in ("GET", "POST"):
        answer, _ = _send(port, method, f"{reveal_page.PATH}/{token}")
        assert answer.status in (404, 410)
