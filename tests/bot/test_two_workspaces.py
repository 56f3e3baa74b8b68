"""A database belongs to the workspace it was first used with, until somebody says otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from bot.workspace import ANOTHER
from sandbox.seed import default_seed
from sandbox.server import Sandbox
from services import workspace
from services.desk import Desk
from tests.bot.rig import OPS, Rig, eventually, fast_sandbox, idle, say, texts


@pytest.fixture
def ours() -> Iterator[Sandbox]:
    """The practice's workspace."""
    with fast_sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def theirs() -> Iterator[Sandbox]:
    """Another practice's."""
    with fast_sandbox(seed=replace(default_seed(), team_id="T0OTHER")) as sandbox:
        yield sandbox


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_another_workspace_is_refused_until_the_first_is_forgotten(desk: Desk, ours: Sandbox, theirs: Sandbox) -> None:
    with Rig(desk, ours):
        say(desk, OPS, "ours")
        eventually(lambda: idle(desk), "posted")
    say(desk, OPS, "for us alone")

    with capture_logs() as logs, Rig(desk, theirs) as rig:
        eventually(lambda: rig.workspace.refused_by == ANOTHER, "refused")
        assert not rig.workspace.works
    (told,) = [line for line in logs if line["log_level"] == "critical"]
    assert (told["database"], told["token"]) == ("T0SANDBOX", "T0OTHER")
    assert "denials db workspace --forget T0SANDBOX" in told["mend"]
    assert texts(theirs, OPS) == []

    with Rig(desk, ours):
        eventually(lambda: idle(desk), "posted where it belongs")
    assert texts(ours, OPS) == ["ours", "for us alone"]

    workspace.forget(desk.db, "T0SANDBOX")
    say(desk, OPS, "after the move")
    with Rig(desk, theirs):
        eventually(lambda: idle(desk), "posted in the new one")
    assert texts(theirs, OPS) == ["after the move"]
    assert workspace.remembered_in(desk.db) == "T0OTHER"
