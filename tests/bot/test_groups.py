"""Following Slack's user groups goes on whatever happens on the way."""

from __future__ import annotations

from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from bot.gateway import Gateway, make_client
from bot.groups import GroupWatch
from bot.workspace import Workspace
from denials.rules.model import RuleSet
from services.desk import Desk
from tests.bot.rig import SCALE, eventually, fast_sandbox
from tests.conftest import FixedRules


class _OnceBroken(FixedRules):
    """Rules that cannot be had the first time."""

    asked = 0

    def current(self) -> RuleSet:
        self.asked += 1
        if self.asked == 1:
            raise RuntimeError("a surprise")
        return super().current()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_surprise_does_not_end_the_following(desk: Desk, rules: RuleSet) -> None:
    rules = replace(rules, admins=("S0FRONT",))
    desk = replace(desk, rules_source=_OnceBroken(rules))
    with fast_sandbox() as sandbox, capture_logs() as logs:
        gateway = Gateway(make_client(sandbox.bot_token, sandbox.api_url))
        watch = GroupWatch(desk, gateway, Workspace(desk, gateway, sandbox.bot_token, SCALE), SCALE)
        watch.start()
        try:
            eventually(lambda: "S0FRONT" in desk.roster.applied(rules).user_groups, "the group to be read")
        finally:
            watch.stop()
    assert [line["event"] for line in logs if line["log_level"] == "error"] == [
        "following the user groups stumbled and goes on"
    ]
