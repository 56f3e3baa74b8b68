"""A manifest is checked as Slack checks it, and decides what the app may do."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from sandbox.app import App, app_of_manifest
from sandbox.errors import PageRefusal, SandboxError
from sandbox.server import Sandbox
from sandbox.story import Story
from tests.sandbox.conftest import FAST, client_of
from tests.sandbox.samples import actions, button, home, section
from tests.sandbox.test_chat import FRONT

Manifest = dict[str, Any]

GOOD: Manifest = {
    "display_information": {"name": "Desk", "description": "Works", "background_color": "#1f4e5f"},
    "features": {
        "app_home": {"home_tab_enabled": True, "messages_tab_enabled": True, "messages_tab_read_only_enabled": False},
        "slash_commands": [{"command": "/desk", "description": "works", "usage_hint": "help"}],
    },
    "oauth_config": {"scopes": {"bot": ["chat:write", "commands", "app_mentions:read"]}},
    "settings": {
        "event_subscriptions": {"bot_events": ["app_mention"]},
        "interactivity": {"is_enabled": True},
        "socket_mode_enabled": True,
    },
}


def test_a_manifest_decides_what_the_app_may_do() -> None:
    app = app_of_manifest(GOOD)
    assert (app.name, app.events) == ("Desk", frozenset({"app_mention"}))
    assert app.scopes == frozenset({"chat:write", "commands", "app_mentions:read"})
    assert [(one.command, one.usage_hint) for one in app.commands] == [("/desk", "help")]
    assert (app.interactive, app.has_home, app.may_be_written_to) == (True, True, True)


def _without_commands_scope(manifest: Manifest) -> None:
    manifest["oauth_config"]["scopes"]["bot"].remove("commands")


def _without_event_scope(manifest: Manifest) -> None:
    manifest["oauth_config"]["scopes"]["bot"].remove("app_mentions:read")


def _scope_twice(manifest: Manifest) -> None:
    manifest["oauth_config"]["scopes"]["bot"].append("commands")


def _long_name(manifest: Manifest) -> None:
    manifest["display_information"]["name"] = "x" * 36


def _long_description(manifest: Manifest) -> None:
    manifest["display_information"]["description"] = "x" * 141


def _color(manifest: Manifest) -> None:
    manifest["display_information"]["background_color"] = "teal"


def _shouted_command(manifest: Manifest) -> None:
    manifest["features"]["slash_commands"][0]["command"] = "/Desk"


def _http_without_address(manifest: Manifest) -> None:
    manifest["settings"]["socket_mode_enabled"] = False


@pytest.mark.parametrize(
    "spoil",
    [
        _without_commands_scope,
        _without_event_scope,
        _scope_twice,
        _long_name,
        _long_description,
        _color,
        _shouted_command,
        _http_without_address,
    ],
)
def test_a_manifest_that_slack_would_refuse_is_refused(spoil: Callable[[Manifest], None]) -> None:
    manifest = copy.deepcopy(GOOD)
    spoil(manifest)
    with pytest.raises(SandboxError, match="would be refused"):
        app_of_manifest(manifest)


def test_what_is_turned_off_does_not_work() -> None:
    with Sandbox(app=App(interactive=False, has_home=False, may_be_written_to=False), limits=FAST) as sandbox:
        story, client = Story(sandbox), client_of(sandbox)
        client.chat_postMessage(channel=FRONT, text="x", blocks=[section("DN-1"), actions(button())])
        assert not story.click(story.expect_message(FRONT, "DN-1"), "Claim", by="U0FRONT1")
        assert "interactivity" in story.notices("U0FRONT1")[0]
        with pytest.raises(SlackApiError, match="not_enabled"):
            client.views_publish(user_id="U0FRONT1", view=home())
        with pytest.raises(PageRefusal, match="turned off"):
            story.say("U0FRONT1", story.direct("U0FRONT1"), "hello")
