"""Whatever stands between us and Slack may answer anything: it is never taken for Slack's word."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import ClassVar

import pytest

from bot.gateway import Failure, Gateway, Posted, RateLimited, Refused, Unknown, make_client


class _Answers(BaseHTTPRequestHandler):
    status: ClassVar[int] = 200
    body: ClassVar[bytes] = b""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(self.status)
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def gateway() -> Iterator[Gateway]:
    """A gateway to a server that answers what a test says."""
    server = HTTPServer(("127.0.0.1", 0), _Answers)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield Gateway(make_client("xoxb-test", f"http://127.0.0.1:{server.server_port}/api/"))
    server.shutdown()
    thread.join()
    server.server_close()


def _post(gateway: Gateway, status: int, body: bytes) -> Posted | Failure:
    _Answers.status, _Answers.body = status, body
    return gateway.post("C0FRONT", "hello", [], "0" * 32)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b""),
        (200, b"<html>sign in to this network</html>"),
        (200, b"null"),
        (200, b"[]"),
        (200, b'"ok"'),
        (200, b"5"),
        (200, b"\xff\xfe"),
        (200, b'{"ok": true}'),
        (200, b'{"ok": false, "error": "patient 12345 in words"}'),
        (502, b"<html>bad gateway</html>"),
        (500, b'{"ok": false, "error": "internal_error"}'),
    ],
)
def test_after_an_odd_answer_a_post_is_in_doubt(gateway: Gateway, status: int, body: bytes) -> None:
    answer = _post(gateway, status, body)

    assert isinstance(answer, Unknown)
    assert "patient" not in answer.reason


def test_slacks_own_words_are_understood(gateway: Gateway) -> None:
    assert _post(gateway, 200, b'{"ok": true, "channel": "C0FRONT", "ts": "1.2"}') == Posted("C0FRONT", "1.2")
    assert _post(gateway, 200, b'{"ok": false, "error": "is_archived"}') == Refused("is_archived")
    assert isinstance(_post(gateway, 429, b'{"ok": false, "error": "ratelimited"}'), RateLimited)
