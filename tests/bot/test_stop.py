"""Told to stop, the bot finishes what it holds: nothing is left in doubt, and what it had no time for waits."""

from __future__ import annotations

from pathlib import Path

from sandbox.faults import slow
from services import delivery
from services.desk import Desk
from tests.bot.processes import Bot
from tests.bot.rig import eventually, fast_sandbox, say, texts

CHANNELS = ("C0FRONT", "C0CODING", "C0AUTH", "C0CLINICAL", "C0FOLLOWUP")
POST = "chat.postMessage"


def test_a_stop_ends_the_calls_under_way_and_takes_no_more(desk: Desk, database_url: str, tmp_path: Path) -> None:
    with fast_sandbox() as sandbox:
        sandbox.faults.every(1, POST, slow(1.0))
        with Bot(tmp_path, database_url, sandbox) as bot:
            for n in range(20):
                say(desk, CHANNELS[n % len(CHANNELS)], f"notice {n}")
            eventually(lambda: sandbox.calls.of(POST), "calls under way")
            assert bot.terminate() == 0
            assert "Traceback" not in bot.log.read_text()
        depth = delivery.depth(desk)
        assert set(depth) <= {"pending"}, "nothing is being sent or in doubt"
        said = sum(len(texts(sandbox, channel)) for channel in CHANNELS)
        assert said + depth.get("pending", 0) == 20
        assert said > 0
