"""The page's own addresses: what each person may see and do, and who may ask."""

from __future__ import annotations

import http.client
import json
import threading
from typing import Any
from urllib.parse import urlsplit

import pytest
from slack_sdk import WebClient

from sandbox.errors import PageRefusal, SandboxError
from sandbox.seed import Channel, Group, Person, Seed
from sandbox.server import Sandbox
from sandbox.story import Story
from tests.sandbox.conftest import FAST
from tests.sandbox.samples import actions, button, section
from tests.sandbox.test_chat import FRONT


def ask(sandbox: Sandbox, method: str, path: str, body: str = "", **headers: str) -> tuple[int, str, dict[str, str]]:
    """One request of a browser; headers with underscores for hyphens."""
    parts = urlsplit(sandbox.url)
    connection = http.client.HTTPConnection("127.0.0.1", parts.port, timeout=10)
    given = {key.replace("_", "-"): value for key, value in headers.items()}
    connection.request(method, path, body, given)
    response = connection.getresponse()
    text = response.read().decode()
    connection.close()
    return response.status, text, {key.lower(): value for key, value in response.getheaders()}


JSON = {"Content_Type": "application/json"}
READ = json.dumps({"viewer": "U0FRONT1", "channel": FRONT})
STATE = {
    *("version", "now", "offset", "workspace", "app", "viewer", "people", "groups", "channels", "dms"),
    *("channel", "messages", "more", "thread", "home", "modal", "notices", "commands"),
}
MESSAGE = {"ts", "user", "text", "blocks", "edited", "ephemeral", "thread_ts", "reply_count", "metadata"}


def test_the_page_is_served_and_loads_nothing_from_elsewhere(sandbox: Sandbox) -> None:
    status, text, headers = ask(sandbox, "GET", "/")
    assert status == 200
    assert "<html" in text
    assert headers["content-security-policy"].startswith("default-src 'self'")


def test_a_browser_asks_for_the_pages_files_each_time(sandbox: Sandbox) -> None:
    status, text, headers = ask(sandbox, "GET", "/static/sidebar.js")
    assert (status, headers["cache-control"]) == (200, "no-cache")
    assert "Reminders wait for business hours" in text
    again = ask(sandbox, "GET", "/static/sidebar.js", If_None_Match=headers["etag"])
    assert (again[0], again[2]["cache-control"]) == (304, "no-cache")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (JSON, 200),
        ({**JSON, "Host": "localhost:1234"}, 200),
        ({**JSON, "Host": "[::1]:1234"}, 200),
        ({}, 415),
        ({"Content_Type": "text/plain"}, 415),
        ({"Content_Type": "application/x-www-form-urlencoded"}, 415),
        ({**JSON, "Host": "evil.example"}, 403),
        ({**JSON, "Host": "127.0.0.1.evil.example"}, 403),
        ({**JSON, "Origin": "https://evil.example"}, 403),
        ({**JSON, "Origin": "null"}, 403),
        ({**JSON, "Sec_Fetch_Site": "cross-site"}, 403),
        ({**JSON, "Sec_Fetch_Site": "same-site"}, 403),
    ],
)
def test_only_the_own_page_may_act(sandbox: Sandbox, headers: dict[str, str], status: int) -> None:
    answer = ask(sandbox, "POST", "/sandbox/read", READ, **headers)
    assert answer[0] == status
    assert ("error" in json.loads(answer[1])) == (status != 200)


def test_the_own_origin_may_act(sandbox: Sandbox) -> None:
    assert ask(sandbox, "POST", "/sandbox/read", READ, **JSON, Origin=sandbox.url)[0] == 200


def test_state_is_hidden_from_other_sites(sandbox: Sandbox) -> None:
    assert ask(sandbox, "GET", "/sandbox/state", Host="evil.example")[0] == 403


@pytest.mark.parametrize(
    ("deed", "given"),
    [
        ("read", {"viewer": "U0NONE", "channel": FRONT}),
        ("read", {"viewer": "U0DENIALDESK", "channel": FRONT}),
        ("read", {"viewer": "U0FRONT1", "channel": "C0NONE"}),
        ("message", {"viewer": "U0FRONT1", "channel": FRONT, "text": " "}),
        ("message", {"viewer": "U0FRONT1", "channel": "C0CODING", "text": "x"}),
        ("message", {"viewer": "U0FRONT1", "channel": FRONT, "text": "x", "thread_ts": "1.2"}),
        ("action", {"viewer": "U0FRONT1", "channel": FRONT, "message_ts": "1.2", "action_id": "x"}),
        ("action", {"viewer": "U0FRONT1", "view_id": "V0", "action_id": "x"}),
        ("submit", {"viewer": "U0FRONT1", "view_id": "V0"}),
        ("clock", {}),
        ("clock", {"advance": "soon"}),
        ("clock", {"to": "tomorrow"}),
        ("dm", {"viewer": "U0FRONT1", "user": "U0FRONT1"}),
        ("dance", {}),
    ],
)
def test_what_cannot_be_done_is_refused_in_one_line(sandbox: Sandbox, deed: str, given: dict[str, Any]) -> None:
    status, text, _ = ask(sandbox, "POST", f"/sandbox/{deed}", json.dumps(given), **JSON)
    assert 400 <= status < 500
    assert "\n" not in json.loads(text)["error"]


@pytest.mark.parametrize("body", ["{", "[]", ""])
def test_what_is_no_json_object_is_refused(sandbox: Sandbox, body: str) -> None:
    assert ask(sandbox, "POST", "/sandbox/read", body, **JSON)[0] == 400


def test_state_has_all_that_the_page_draws(client: WebClient, story: Story) -> None:
    client.chat_postMessage(channel=FRONT, text="hello <@U0FRONT1>", blocks=[section("DN-1"), actions(button())])
    state = story.state("U0FRONT1", FRONT)
    assert set(state) == STATE
    assert state["viewer"] == {
        "id": "U0FRONT1",
        "name": "Maya Ortiz",
        "title": "Front desk biller",
        "is_admin": False,
        "is_guest": False,
        "tz": "America/New_York",
        "is_bot": False,
    }
    assert [one["id"] for one in state["people"] if one["is_bot"]] == ["U0DENIALDESK"]
    assert state["groups"][0] == {
        "id": "S0FRONT",
        "handle": "front-desk",
        "name": "Front desk",
        "members": ["U0FRONT1", "U0FRONT2"],
    }
    assert state["channels"][0] == {
        "id": FRONT,
        "name": "front-desk",
        "topic": "Registration and eligibility denials",
        "private": False,
        "archived": False,
        "is_member": True,
        "unread": 1,
        "mentions": 1,
    }
    assert set(state["messages"][0]) == MESSAGE
    assert state["commands"][0]["command"] == "/denials"


def test_a_group_mention_counts_for_its_members_until_read(client: WebClient, story: Story) -> None:
    client.chat_postMessage(channel=FRONT, text="x", blocks=[section("look, <!subteam^S0FRONT>")])
    client.chat_postMessage(channel=FRONT, text="all quiet")

    def counts(user: str) -> tuple[int, int]:
        channel = next(one for one in story.state(user)["channels"] if one["id"] == FRONT)
        return channel["unread"], channel["mentions"]

    assert counts("U0FRONT1") == (2, 1)
    assert counts("U0LEAD") == (2, 0)
    story._client.post("read", viewer="U0FRONT1", channel=FRONT)
    assert counts("U0FRONT1") == (0, 0)
    assert counts("U0LEAD") == (2, 0)


SMALL = Seed(
    "T1",
    "Small",
    (Person("U1", "One", "Member"), Person("U2", "Two", "Guest", is_guest=True)),
    (
        Channel("C1", "open", members=("U1",)),
        Channel("C2", "closed", members=("U1",), private=True),
        Channel("C3", "hers", members=("U2",)),
    ),
    (Group("S1", "ones", "Ones", ("U1",)),),
)


def test_a_guest_sees_only_their_own_channels() -> None:
    with Sandbox(SMALL, limits=FAST) as sandbox:
        story = Story(sandbox)
        assert [one["id"] for one in story.state("U1")["channels"]] == ["C1", "C2", "C3"]
        assert [one["id"] for one in story.state("U2")["channels"]] == ["C3"]
        assert story.state("U2", "C1")["channel"] is None
        with pytest.raises(PageRefusal):
            story.command("U2", "/denials", channel="C1")


def test_what_people_write_is_escaped_and_mentions(story: Story) -> None:
    said = story.say("U0FRONT1", FRONT, "<b> @Dana Whitfield & @front-desk, not me@example.org")
    assert said.text == "&lt;b&gt; <@U0LEAD> &amp; <!subteam^S0FRONT>, not me@example.org"
    elements = said.blocks[0]["elements"][0]["elements"]
    assert [one["type"] for one in elements] == ["text", "user", "text", "usergroup", "text"]
    assert elements[0]["text"] == "<b> "


def test_people_write_to_each_other_without_the_app(story: Story) -> None:
    channel = story._client.post("dm", viewer="U0FRONT1", user="U0LEAD")["channel"]
    story.say("U0FRONT1", channel, "between us")
    dms = story.state("U0LEAD")["dms"]
    assert [(one["id"], one["name"], one["unread"]) for one in dms] == [(channel, "Maya Ortiz", 1)]
    assert story.state("U0ADMIN")["dms"] == []


def test_the_clock_moves_messages_and_state(client: WebClient, story: Story, sandbox: Sandbox) -> None:
    story.move_clock_to("2030-01-01T00:00:00Z")
    ts = client.chat_postMessage(channel=FRONT, text="x")["ts"]
    assert story.state("U0FRONT1")["now"].startswith("2030-01-01T00:00")
    assert ts.startswith("1893456")
    story.move_clock("1d")
    assert story.state("U0FRONT1")["now"].startswith("2030-01-02")
    story.reset_clock()
    assert story.state("U0FRONT1")["offset"] == 0
    sandbox.clock.advance(60)
    assert story.state("U0FRONT1")["offset"] == 60


def test_the_page_hears_of_each_change(client: WebClient, sandbox: Sandbox) -> None:
    parts = urlsplit(sandbox.url)
    connection = http.client.HTTPConnection("127.0.0.1", parts.port, timeout=10)
    connection.request("GET", "/sandbox/stream?viewer=U0FRONT1")
    response = connection.getresponse()
    assert response.getheader("content-type", "").startswith("text/event-stream")
    first = int(response.readline().decode().removeprefix("data: "))
    assert response.readline() == b"\n"
    client.chat_postMessage(channel=FRONT, text="x")
    second = int(response.readline().decode().removeprefix("data: "))
    assert second > first
    response.close()
    connection.close()


def test_a_notice_stays_until_it_is_dismissed(story: Story) -> None:
    story.command("U0FRONT1", "/denials", channel=FRONT)
    notice = story.state("U0FRONT1")["notices"][0]
    assert set(notice) == {"id", "text", "level"}
    story._client.post("dismiss", viewer="U0FRONT1", id=notice["id"])
    assert story.notices("U0FRONT1") == []


def test_a_taken_port_is_said_in_one_line(sandbox: Sandbox) -> None:
    taken = int(sandbox.url.rpartition(":")[2])
    with pytest.raises(SandboxError, match=rf"cannot listen on 127\.0\.0\.1:{taken}: Address already in use"):
        Sandbox(port=taken).start()


def test_stopping_twice_is_fine() -> None:
    sandbox = Sandbox()
    sandbox.start()
    sandbox.stop()
    sandbox.stop()
    assert not any(thread.name == "sandbox" for thread in threading.enumerate())


def test_only_the_last_two_hundred_messages_are_drawn(client: WebClient, story: Story) -> None:
    for number in range(203):
        client.chat_postMessage(channel=FRONT, text=f"m{number}")
    state = story.state("U0FRONT1", FRONT)
    assert (len(state["messages"]), state["more"]) == (200, True)
    assert state["messages"][-1]["text"] == "m202"
    assert len(story.messages(FRONT)) == 203
