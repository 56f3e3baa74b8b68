"""A replica that dies: how long until another does its work, with real processes and real kills."""

from __future__ import annotations

import sys
import time
from functools import partial
from pathlib import Path

import pytest

from sandbox.server import Sandbox
from services.desk import Desk
from tests.bot.processes import Bot
from tests.bot.rig import OPS, eventually, fast_sandbox, idle, say, texts

DEATHS = 6
LIMIT_S = 10.0


def _waits(bot: Bot) -> bool:
    return bot.ready().get("sender") == "another process sends"


def _said(sandbox: Sandbox, text: str) -> bool:
    return text in texts(sandbox, OPS)


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_another_replica_sends_within_ten_seconds_of_a_death(desk: Desk, database_url: str, tmp_path: Path) -> None:
    took = []
    with (
        fast_sandbox() as sandbox,
        Bot(tmp_path, database_url, sandbox) as one,
        Bot(tmp_path, database_url, sandbox) as two,
    ):
        for n in range(DEATHS):
            sending = one if one.ready()["sender"] == "sending" else two
            other = two if sending is one else one
            eventually(partial(_waits, other), "the other waits")
            sending.kill()
            died = time.monotonic()
            say(desk, OPS, f"after death {n}")
            eventually(partial(_said, sandbox, f"after death {n}"), "posted by the other")
            took.append(time.monotonic() - died)
            sending.start()
        eventually(lambda: idle(desk), "all sent")
        assert texts(sandbox, OPS) == [f"after death {n}" for n in range(DEATHS)]
    sys.stdout.write(f"from a kill to the other's post: {', '.join(f'{one:.1f} s' for one in sorted(took))}\n")
    assert max(took) < LIMIT_S
