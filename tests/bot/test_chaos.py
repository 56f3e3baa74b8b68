"""Faults in every tenth call and processes killed at random: everything is there exactly once. Seeded."""

from __future__ import annotations

import json
import random
import sys
from collections import Counter
from pathlib import Path

import pytest

from sandbox.server import Sandbox
from services.desk import Desk
from tests.bot.processes import Bot
from tests.bot.rig import OPS, eventually, fast_sandbox, idle, say, say_anew, texts

CHANNELS = ("C0FRONT", "C0CODING", "C0AUTH", "C0CLINICAL", "C0FOLLOWUP", OPS, "C0LEADS", "U0LEAD")
FAULT_RATE = 0.1


class Chaos:
    """Messages for all channels, faults, and one or more processes that are killed now and then."""

    def __init__(self, desk: Desk, database_url: str, sandbox: Sandbox, folder: Path, seed: int, replicas: int) -> None:
        self.desk = desk
        self.sandbox = sandbox
        self.chance = random.Random(seed)
        self.bots = [Bot(folder, database_url, sandbox) for _ in range(replicas)]
        self.wanted: Counter[tuple[str, str]] = Counter()
        sandbox.faults.at_random(FAULT_RATE, seed=seed)

    def run(self, messages: int, kills: int) -> None:
        """Let it rage, and settle."""
        ids = []
        for n in range(messages):
            channel = CHANNELS[n % len(CHANNELS)]
            ids.append(say(self.desk, channel, f"notice {n}"))
            self.wanted[(channel, f"notice {n}")] += 1
        for bot in self.bots:
            bot.start(wait=False)
        try:
            for _ in range(kills):
                self._await_posts(self.chance.randint(2, 2 * messages // (3 * kills)))
                for message_id in self.chance.sample(ids, min(5, len(ids))):
                    say_anew(self.desk, message_id, human=self.chance.random() < 0.5)
                victim = self.chance.choice(self.bots)
                victim.kill()
                victim.start(wait=False)
            eventually(lambda: idle(self.desk), lambda: f"everything sent\n{self.tail()}", seconds=150 + messages / 5)
        finally:
            for bot in self.bots:
                bot.kill()

    def _await_posts(self, count: int) -> None:
        """Let so many more posts be tried: the next kill comes right then, in the middle of whatever is under way."""
        before = len(self.sandbox.calls.of("chat.postMessage"))
        eventually(
            lambda: len(self.sandbox.calls.of("chat.postMessage")) >= before + count or idle(self.desk),
            lambda: f"more posts\n{self.tail()}",
            seconds=60,
        )

    def there(self) -> Counter[tuple[str, str]]:
        """What people see, counted."""
        return Counter((channel, text) for channel in CHANNELS for text in texts(self.sandbox, self._room(channel)))

    def _room(self, channel: str) -> str:
        room = self.sandbox.workspace.addressed(channel) if channel.startswith("U") else None
        return room.id if room else channel

    def endings(self) -> Counter[str]:
        """How posts of unknown outcome ended, as far as the processes lived to say so."""
        lines = [line for bot in self.bots for line in bot.log.read_text().splitlines() if '"ended"' in line]
        return Counter(json.loads(line)["ended"] for line in lines)

    def tail(self) -> str:
        """The end of the processes' logs."""
        return "\n".join(bot.log.read_text()[-1500:] for bot in self.bots)


def _rage(
    desk: Desk, database_url: str, folder: Path, *, messages: int, kills: int, replicas: int = 1, seed: int = 7
) -> None:
    with fast_sandbox() as sandbox:
        chaos = Chaos(desk, database_url, sandbox, folder, seed, replicas)
        chaos.run(messages, kills)
        sys.stdout.write(f"{kills} kills, {len(sandbox.calls)} calls; posts in doubt: {dict(chaos.endings())}\n")
        assert chaos.there() == chaos.wanted
        assert "Traceback" not in "".join(bot.log.read_text() for bot in chaos.bots)


@pytest.mark.timeout(400)
def test_two_hundred_messages_faults_and_kills(desk: Desk, database_url: str, tmp_path: Path) -> None:
    _rage(desk, database_url, tmp_path, messages=200, kills=5 if desk.db.is_sqlite else 2)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_two_thousand_messages_faults_and_fifty_kills(desk: Desk, database_url: str, tmp_path: Path) -> None:
    _rage(desk, database_url, tmp_path, messages=2000, kills=50)


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_two_replicas_under_fire(desk: Desk, database_url: str, tmp_path: Path) -> None:
    _rage(desk, database_url, tmp_path, messages=2000, kills=50, replicas=2)
