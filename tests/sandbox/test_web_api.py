"""Tokens, scopes, encodings, lists and pages of the Web API."""

from __future__ import annotations

import http.client
import json
from contextlib import closing
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from slack_sdk import WebClient

from sandbox.app import App
from sandbox.server import Sandbox
from tests.sandbox.conftest import FAST, client_of
from tests.sandbox.samples import section
from tests.sandbox.test_chat import FRONT, METADATA, refusal


def raw(sandbox: Sandbox, method: str, body: str, kind: str, token: str | None = None) -> tuple[Any, dict[str, str]]:
    """One request as a client of any make would send it."""
    parts = urlsplit(sandbox.api_url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
    headers = {"Content-Type": kind, **({"Authorization": f"Bearer {token}"} if token else {})}
    connection.request("POST", f"/api/{method}", body, headers)
    response = connection.getresponse()
    answer = json.loads(response.read())
    connection.close()
    return answer, {key.lower(): value for key, value in response.getheaders()}


@pytest.mark.parametrize(
    ("token", "error"),
    [("", "not_authed"), ("xoxb-somebody", "invalid_auth"), (Sandbox.app_token, "not_allowed_token_type")],
)
def test_only_the_right_token_is_let_in(sandbox: Sandbox, token: str, error: str) -> None:
    answer, _ = raw(sandbox, "auth.test", urlencode({"token": token}), "application/x-www-form-urlencoded")
    assert answer == {"ok": False, "error": error}


@pytest.mark.parametrize(
    ("host", "status"),
    [("127.0.0.1", 200), ("localhost:1234", 200), ("[::1]:1234", 200), ("evil.example", 403), ("", 403)],
)
def test_only_calls_to_this_machine_are_answered(sandbox: Sandbox, host: str, status: int) -> None:
    parts = urlsplit(sandbox.api_url)
    with closing(http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)) as connection:
        headers = {"Host": host, "Authorization": f"Bearer {sandbox.bot_token}"}
        connection.request("POST", "/api/auth.test", headers=headers)
        assert connection.getresponse().status == status
    assert len(sandbox.calls.documents()) == (1 if status == 200 else 0)


@pytest.mark.parametrize("error", ["token_revoked", "account_inactive", "invalid_auth"])
def test_a_removed_app_is_refused_until_it_is_back(sandbox: Sandbox, client: WebClient, error: str) -> None:
    sandbox.reject_token(error)
    assert refusal(client.auth_test)["error"] == error
    assert refusal(client_of(sandbox).apps_connections_open, app_token=sandbox.app_token)["error"] == error
    sandbox.accept_token()
    assert client.auth_test()["user_id"] == "U0DENIALDESK"


def test_an_unknown_method_is_named_so(client: WebClient) -> None:
    assert refusal(client.api_call, api_method="chat.shout")["error"] == "unknown_method"


def test_scopes_are_told_and_checked() -> None:
    with Sandbox(app=App(scopes=frozenset({"chat:write"})), limits=FAST) as sandbox:
        client = client_of(sandbox)
        answer = refusal(client.conversations_history, channel=FRONT)
        assert (answer["error"], answer["needed"], answer["provided"]) == (
            "missing_scope",
            "channels:history",
            "chat:write",
        )
        posted = client.chat_postMessage(channel=FRONT, text="x")
        assert posted.headers["x-oauth-scopes"] == "chat:write"
        assert posted.headers["x-accepted-oauth-scopes"] == "chat:write"


def test_forms_and_json_say_the_same(sandbox: Sandbox) -> None:
    given = {"channel": FRONT, "text": "x", "blocks": [section("DN-1")], "metadata": METADATA}
    as_json, _ = raw(
        sandbox, "chat.postMessage", json.dumps(given), "application/json; charset=utf-8", sandbox.bot_token
    )
    form = urlencode({key: json.dumps(one) if not isinstance(one, str) else one for key, one in given.items()})
    as_form, headers = raw(sandbox, "chat.postMessage", form, "application/x-www-form-urlencoded", sandbox.bot_token)
    for answer in (as_json, as_form):
        assert answer["ok"]
        assert answer["message"]["metadata"] == METADATA
        assert answer["message"]["blocks"][0]["text"]["text"] == "DN-1"
    assert headers["content-type"] == "application/json; charset=utf-8"
    assert headers["x-slack-req-id"]


@pytest.mark.parametrize(
    ("body", "kind", "error"),
    [
        ("{", "application/json", "invalid_json"),
        ("[]", "application/json", "json_not_object"),
        ("x", "text/plain", "invalid_post_type"),
    ],
)
def test_what_cannot_be_read_is_refused(sandbox: Sandbox, body: str, kind: str, error: str) -> None:
    assert raw(sandbox, "auth.test", body, kind, sandbox.bot_token)[0]["error"] == error


def test_json_without_a_charset_is_warned_about(sandbox: Sandbox) -> None:
    answer, _ = raw(sandbox, "auth.test", "{}", "application/json", sandbox.bot_token)
    assert answer["warning"] == "missing_charset"


def test_history_comes_in_pages_newest_first(client: WebClient) -> None:
    sent = [client.chat_postMessage(channel=FRONT, text=f"m{n}")["ts"] for n in range(5)]
    found: list[str] = []
    cursor = None
    while cursor != "":
        page = client.conversations_history(channel=FRONT, limit=2, cursor=cursor)
        found += [one["ts"] for one in page["messages"]]
        cursor = page["response_metadata"]["next_cursor"] if page["has_more"] else ""
    assert found == sent[::-1]
    assert refusal(client.conversations_history, channel=FRONT, cursor="nonsense")["error"] == "invalid_cursor"


def test_history_between_two_times(client: WebClient) -> None:
    sent = [client.chat_postMessage(channel=FRONT, text=f"m{n}")["ts"] for n in range(4)]
    given = {"channel": FRONT, "oldest": sent[0], "latest": sent[3]}
    assert [m["ts"] for m in client.conversations_history(**given)["messages"]] == [sent[2], sent[1]]
    inclusive = client.conversations_history(inclusive=True, **given)["messages"]
    assert [m["ts"] for m in inclusive] == sent[::-1]


def test_history_is_for_members(sandbox: Sandbox, client: WebClient) -> None:
    sandbox.remove_app(FRONT)
    assert refusal(client.conversations_history, channel=FRONT)["error"] == "not_in_channel"
    sandbox.invite_app(FRONT)
    assert client.conversations_history(channel=FRONT)["messages"] == []


def test_channels_people_and_groups_are_listed(client: WebClient) -> None:
    channels = client.conversations_list(types="public_channel,private_channel", limit=3)
    assert len(channels["channels"]) == 3
    assert channels["response_metadata"]["next_cursor"]
    assert client.conversations_info(channel=FRONT, include_num_members=True)["channel"]["num_members"] == 5
    assert "U0FRONT1" in client.conversations_members(channel=FRONT)["members"]
    assert client.users_info(user="U0ADMIN")["user"]["is_admin"] is True
    assert client.users_info(user="U0DENIALDESK")["user"]["is_bot"] is True
    assert len(client.users_list()["members"]) == 10
    groups = client.usergroups_list(include_users=True)["usergroups"]
    assert groups[0]["users"] == ["U0FRONT1", "U0FRONT2"]
    assert client.usergroups_users_list(usergroup="S0CODING")["users"] == ["U0CODE1"]
    assert client.team_info()["team"]["id"] == "T0SANDBOX"
    assert client.bots_info(bot="B0DENIALDESK")["bot"]["user_id"] == "U0DENIALDESK"


def test_a_direct_message_is_opened_once(client: WebClient) -> None:
    first = client.conversations_open(users="U0LEAD")
    second = client.conversations_open(users="U0LEAD")
    assert first["channel"]["id"] == second["channel"]["id"]
    assert second["already_open"] is True


@pytest.mark.parametrize(
    ("method", "given", "error"),
    [
        ("users.info", {"user": "U0NONE"}, "user_not_found"),
        ("users.info", {}, "invalid_arguments"),
        ("usergroups.users.list", {"usergroup": "S0NONE"}, "no_such_subteam"),
        ("bots.info", {"bot": "B0NONE"}, "bot_not_found"),
        ("conversations.info", {"channel": "C0NONE"}, "channel_not_found"),
        ("conversations.list", {"types": "secret"}, "invalid_types"),
        ("conversations.list", {"limit": "0"}, "invalid_limit"),
        ("conversations.open", {"users": "U0NONE"}, "user_not_found"),
        ("conversations.open", {"users": "U0DENIALDESK"}, "cannot_dm_bot"),
        ("views.publish", {"user_id": "U0NONE", "view": "{}"}, "user_not_found"),
        ("views.update", {"view": "{}"}, "invalid_arguments"),
        ("views.update", {"view": "{}", "view_id": "V0"}, "not_found"),
        ("views.open", {"view": "{}", "trigger_id": "1.2.3"}, "invalid_trigger_id"),
    ],
)
def test_what_is_not_there_has_slacks_name_for_it(
    client: WebClient, method: str, given: dict[str, str], error: str
) -> None:
    assert refusal(client.api_call, api_method=method, params=given)["error"] == error


def test_every_call_is_on_record(sandbox: Sandbox, client: WebClient) -> None:
    client.chat_postMessage(channel="#front-desk", text="x")
    refusal(client.chat_postMessage, channel="C0NONE", text="x")
    assert [(call.method, call.channel, call.error) for call in sandbox.calls] == [
        ("chat.postMessage", FRONT, ""),
        ("chat.postMessage", "C0NONE", "channel_not_found"),
    ]
    assert [call.error for call in sandbox.refused_calls()] == ["channel_not_found"]
