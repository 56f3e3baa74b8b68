"""The HTTP entries: signatures, age, size, odd requests. Nothing anyone sends makes them answer with a 5xx."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_bolt import Ack, App
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient

from bot.http import LARGEST_BODY, HttpServer, SlackEndpoint, web_app
from bot.readiness import Readiness

SECRET = "a-signing-secret"


class _Seconds:
    def labels(self, _transport: str) -> _Seconds:
        return self

    def observe(self, _seconds: float) -> None:
        pass


class _Metrics:
    acks = _Seconds()

    def text(self) -> bytes:
        return b"# nothing\n"


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    text: str


@dataclass(frozen=True)
class Client:
    """A plain HTTP client of the server under test."""

    port: int

    def send(self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Answer:
        """One request on a connection of its own."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, body, dict(headers or {}))
            answer = connection.getresponse()
            return Answer(answer.status, answer.read().decode())
        finally:
            connection.close()

    def slack(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        """What Slack would send."""
        return self.send("POST", "/slack/events", body, headers)


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    """The server with an app that knows one command."""

    def authorize() -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=None, team_id="T1", bot_token="xoxb-1", bot_user_id="U1", bot_id="B1")

    app = App(client=WebClient(), authorize=authorize, signing_secret=SECRET)

    @app.command("/denials")
    def _answer(ack: Ack) -> None:
        ack("here I am")

    metrics: Any = _Metrics()
    endpoint = SlackEndpoint(app, SECRET, metrics)
    routes = web_app(metrics, lambda: Readiness(False, {"slack": "token_revoked"}), endpoint)
    server = HttpServer(routes, "127.0.0.1", 0)
    server.start()
    yield Client(int(server.address.rpartition(":")[2]))
    server.stop()
    endpoint.close()


def _signed(body: bytes, *, at: float | None = None, secret: str = SECRET) -> dict[str, str]:
    timestamp = str(int(time.time() if at is None else at))
    signature = hmac.new(secret.encode(), b"v0:" + timestamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": f"v0={signature}"}


COMMAND = urlencode({"command": "/denials", "text": "help", "team_id": "T1", "user_id": "U2"}).encode()
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def test_a_signed_command_is_answered(client: Client) -> None:
    answer = client.slack(COMMAND, {**FORM, **_signed(COMMAND)})
    assert (answer.status, answer.text) == (200, "here I am")


def test_the_challenge_of_a_request_url_is_answered(client: Client) -> None:
    body = json.dumps({"type": "url_verification", "challenge": "abc"}).encode()
    answer = client.slack(body, {"Content-Type": "application/json", **_signed(body)})
    assert answer.status == 200
    assert "abc" in answer.text


@pytest.mark.parametrize(
    "headers",
    [
        {},
        _signed(COMMAND, secret="another"),
        _signed(b"another body"),
        _signed(COMMAND, at=time.time() - 600),
        _signed(COMMAND, at=time.time() + 86_400),
        {"X-Slack-Request-Timestamp": "soon", "X-Slack-Signature": "v0=00"},
        {"X-Slack-Request-Timestamp": "1", "X-Slack-Signature": ""},
    ],
    ids=["none", "wrong secret", "wrong body", "old", "from the future", "no number", "empty"],
)
def test_an_unsigned_or_stale_request_is_refused(client: Client, headers: dict[str, str]) -> None:
    answer = client.slack(COMMAND, {**FORM, **headers})
    assert answer.status == 401


def test_a_body_too_large_is_refused_before_it_is_read_to_its_end(client: Client) -> None:
    body = b"x" * (LARGEST_BODY + 1)
    assert client.slack(body, _signed(body)).status == 413


def test_only_posts_reach_the_events_address(client: Client) -> None:
    assert client.send("GET", "/slack/events").status == 405
    assert client.send("GET", "/elsewhere").status == 404


def test_readiness_says_what_is_missing(client: Client) -> None:
    answer = client.send("GET", "/readyz")
    assert answer.status == 503
    assert json.loads(answer.text) == {"ready": False, "slack": "token_revoked"}
    assert client.send("GET", "/healthz").text == "ok"


_types = st.sampled_from(
    ["application/json", "application/x-www-form-urlencoded", "text/plain", "multipart/form-data", ""]
)
_keys = st.sampled_from(["type", "event", "user", "team", "actions", "payload", "command", "view", "token", "x"])
_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_keys, inner, max_size=4),
    max_leaves=12,
)
_bodies = (
    st.binary(max_size=300)
    | st.dictionaries(_keys, _json, max_size=6).map(lambda data: json.dumps(data).encode())
    | _json.map(lambda data: urlencode({"payload": json.dumps(data)}).encode())
    | st.text(max_size=80).map(str.encode)
)


@given(body=_bodies, kind=_types, signed=st.booleans())
def test_whatever_is_sent_is_never_a_server_error(client: Client, body: bytes, kind: str, signed: bool) -> None:
    headers = {"Content-Type": kind, **(_signed(body) if signed else {})}
    answer = client.slack(body, headers)
    assert answer.status < 500
    assert signed or answer.status == 401
