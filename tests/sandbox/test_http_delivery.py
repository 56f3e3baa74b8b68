"""Request URLs: signed requests, in the encodings of Slack, with the same consequences as Socket Mode."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import pytest
from slack_sdk.signature import SignatureVerifier

from sandbox.server import Sandbox
from sandbox.story import Story
from tests.sandbox.conftest import FAST, client_of
from tests.sandbox.samples import actions, button, modal, section, text_input
from tests.sandbox.test_chat import FRONT

Reply = tuple[int, str, str]
NOTHING: Reply = (200, "", "text/plain")


class RequestUrl:
    """An app's request URL: it keeps each request and answers as ``answer`` says."""

    def __init__(self) -> None:
        self.answer: Callable[[dict[str, Any]], Reply] = lambda _: NOTHING
        self.requests: list[tuple[dict[str, str], str]] = []
        self.bodies: list[dict[str, Any]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                text = self.rfile.read(int(self.headers["Content-Length"])).decode()
                headers = {key.lower(): value for key, value in self.headers.items()}
                body = _decoded(text, headers["content-type"])
                outer.requests.append((headers, text))
                outer.bodies.append(body)
                status, answer, kind = outer.answer(body)
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer.encode())

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/slack/events"


def _decoded(text: str, kind: str) -> dict[str, Any]:
    if kind == "application/json":
        return dict(json.loads(text))
    form = {key: values[0] for key, values in parse_qs(text, keep_blank_values=True).items()}
    return dict(json.loads(form["payload"])) if "payload" in form else form


@pytest.fixture
def app() -> Iterator[RequestUrl]:
    """A request URL that answers."""
    url = RequestUrl()
    thread = threading.Thread(target=url.server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield url
    url.server.shutdown()
    thread.join()
    url.server.server_close()


@pytest.fixture
def sandbox(app: RequestUrl) -> Iterator[Sandbox]:
    """A sandbox that delivers there."""
    with Sandbox(limits=FAST, events_url=app.url) as running:
        yield running


def test_every_request_is_signed(sandbox: Sandbox, story: Story, app: RequestUrl) -> None:
    story.command("U0FRONT1", "/denials stats", channel=FRONT)
    headers, body = app.requests[0]
    assert SignatureVerifier(sandbox.signing_secret).is_valid_request(body, headers)
    assert not SignatureVerifier("another").is_valid_request(body, headers)
    assert headers["content-type"] == "application/x-www-form-urlencoded"
    assert app.bodies[0]["command"] == "/denials"
    assert app.bodies[0]["text"] == "stats"


def test_an_answer_in_the_response_is_shown(sandbox: Sandbox, story: Story, app: RequestUrl) -> None:
    app.answer = lambda _: (200, "plain words", "text/plain")
    story.command("U0FRONT1", "/denials", channel=FRONT)
    assert story.expect_private_answer("U0FRONT1").text == "plain words"
    app.answer = lambda _: (200, json.dumps({"response_type": "in_channel", "text": "to all"}), "application/json")
    story.command("U0FRONT1", "/denials", channel=FRONT)
    story.expect_message(FRONT, "to all")


def test_clicks_and_submissions_come_as_a_form_with_a_payload(sandbox: Sandbox, story: Story, app: RequestUrl) -> None:
    client = client_of(sandbox)
    client.chat_postMessage(channel=FRONT, text="x", blocks=[section("DN-1"), actions(button())])
    assert story.click(story.expect_message(FRONT, "DN-1"), "Claim", by="U0FRONT1")
    assert app.requests[0][1].startswith("payload=%7B")
    client.views_open(trigger_id=app.bodies[0]["trigger_id"], view=modal(text_input("Note")))
    refused = {"response_action": "errors", "errors": {"note": "Too short"}}
    app.answer = lambda _: (200, json.dumps(refused), "application/json")
    still_open = story.submit("U0FRONT1", {"Note": "x"})
    assert still_open is not None
    assert still_open.errors == {"note": "Too short"}
    app.answer = lambda _: NOTHING
    assert story.submit("U0FRONT1", {"Note": "x"}) is None


def test_an_event_is_json_and_comes_again_until_it_is_taken(sandbox: Sandbox, story: Story, app: RequestUrl) -> None:
    app.answer = lambda _: (500, "", "text/plain") if len(app.bodies) < 3 else NOTHING
    story.say("U0FRONT1", FRONT, "@Denial Desk hello")
    _until(lambda: len(app.bodies) == 3)
    first, second, third = (headers for headers, _ in app.requests)
    assert first["content-type"] == "application/json"
    assert "x-slack-retry-num" not in first
    assert (second["x-slack-retry-num"], second["x-slack-retry-reason"]) == ("1", "http_error")
    assert third["x-slack-retry-num"] == "2"
    assert len({body["event_id"] for body in app.bodies}) == 1


def test_a_request_url_proves_itself(sandbox: Sandbox, app: RequestUrl) -> None:
    assert not sandbox.verify_events_url()
    app.answer = lambda body: (200, json.dumps({"challenge": body["challenge"]}), "application/json")
    assert sandbox.verify_events_url()
    app.answer = lambda body: (200, body["challenge"], "text/plain")
    assert sandbox.verify_events_url()
    assert {body["type"] for body in app.bodies} == {"url_verification"}


def test_an_app_that_is_away_is_told_to_the_person(story: Story, app: RequestUrl, sandbox: Sandbox) -> None:
    app.answer = lambda _: (404, "", "text/plain")
    assert not story.command("U0FRONT1", "/denials", channel=FRONT)
    assert "http_error" in story.notices("U0FRONT1")[0]


def _until(look: Callable[[], bool]) -> None:
    ready = threading.Event()
    for _ in range(500):
        if look():
            return
        ready.wait(0.02)
    raise AssertionError("waited in vain")
