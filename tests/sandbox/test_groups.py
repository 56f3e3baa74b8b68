"""User groups: their members can be changed, and the app hears of it as Slack tells it."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox.app import App
from sandbox.errors import SandboxError
from sandbox.manifest import manifest_findings
from sandbox.server import Sandbox
from sandbox.story import Story
from tests.sandbox.conftest import FAST, client_of
from tests.sandbox.socket_app import SocketApp

EVENTS = frozenset({"subteam_updated", "subteam_members_changed"})


def test_a_changed_group_has_other_members_from_then_on_and_the_app_is_told_twice(tmp_path: Path) -> None:
    state, after = tmp_path / "workspace.db", ["U0AUTH1", "U0CLIN1"]
    with Sandbox(app=App(events=EVENTS), limits=FAST, state=state) as sandbox, SocketApp(sandbox) as app:
        Story(sandbox).change_group("S0CODING", after)
        assert client_of(sandbox).usergroups_users_list(usergroup="S0CODING")["users"] == after
        app.next(2)
        told = {one["payload"]["event"]["type"]: one["payload"]["event"] for one in app.envelopes}
    assert told["subteam_updated"]["subteam"]["users"] == after
    changed = told["subteam_members_changed"]
    assert (changed["subteam_id"], changed["added_users"], changed["removed_users"]) == ("S0CODING", after, ["U0CODE1"])
    with Sandbox(limits=FAST, state=state) as again:
        assert client_of(again).usergroups_users_list(usergroup="S0CODING")["users"] == after


@pytest.mark.parametrize(("group", "members"), [("S0NONE", ["U0CODE1"]), ("S0CODING", ["U0NOBODY"])])
def test_what_is_not_there_cannot_be_put_together(group: str, members: list[str]) -> None:
    with Sandbox(limits=FAST) as sandbox, pytest.raises(SandboxError):
        Story(sandbox).change_group(group, members)


def test_its_events_need_the_scope() -> None:
    manifest = {
        "display_information": {"name": "Desk"},
        "oauth_config": {"scopes": {"bot": ["chat:write"]}},
        "settings": {"event_subscriptions": {"bot_events": sorted(EVENTS)}, "socket_mode_enabled": True},
    }
    assert manifest_findings(manifest) == ["an event needs the scope usergroups:read"]
