"""Faults in every tenth call and processes killed at random: everything is there exactly once. Seeded."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.bot.chaos import Chaos, seed
from tests.bot.processes import restart_postgres
from tests.bot.rig import fast_sandbox

ITEMS, KILLS = int(os.environ.get("CHAOS_ITEMS", "2000")), int(os.environ.get("CHAOS_KILLS", "50"))


def _rage(
    database_url: str,
    folder: Path,
    *,
    items: int,
    kills: int,
    steps: tuple[int, int],
    replicas: int = 1,
    number: int = 7,
    between: Callable[[], None] | None = None,
) -> None:
    with fast_sandbox(seed=seed()) as sandbox:
        chaos = Chaos(database_url, sandbox, folder, number=number, replicas=replicas, steps=steps)
        try:
            chaos.rage(items, kills, between)
            sys.stdout.write(
                f"{items} items, {kills} kills, {len(sandbox.calls)} calls, {len(chaos.messages())} messages;"
                f" {chaos.doubts()} posts in doubt: {dict(chaos.endings())}\n"
            )
            assert chaos.leftovers() == []
            assert len(chaos.items()) == items
            assert chaos.wrong_posts() == []
            assert chaos.wrong_visible() == []
            assert chaos.wrong_steps() == []
            assert chaos.wrong_logs() == []
            assert "Traceback" not in "".join(bot.log.read_text() for bot in chaos.bots)
        finally:
            chaos.database.dispose()


@pytest.mark.timeout(1200)
def test_two_hundred_items_faults_and_kills(database_url: str, tmp_path: Path) -> None:
    if database_url.startswith("sqlite"):
        _rage(database_url, tmp_path, items=200, kills=5, steps=(3, 8))
    else:  # each takeover waits for the dead process's lease to run out
        _rage(database_url, tmp_path, items=80, kills=2, steps=(3, 8))


@pytest.mark.long
@pytest.mark.timeout(7200)
def test_two_thousand_items_faults_and_fifty_kills(database_url: str, tmp_path: Path) -> None:
    _rage(database_url, tmp_path, items=ITEMS, kills=KILLS, steps=(20, 60))


@pytest.mark.long
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_two_replicas_under_fire(database_url: str, tmp_path: Path) -> None:
    _rage(database_url, tmp_path, items=ITEMS, kills=KILLS, steps=(20, 60), replicas=2)


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_the_database_server_dies_and_comes_back_in_the_middle(database_url: str, tmp_path: Path) -> None:
    _rage(
        database_url,
        tmp_path,
        items=200,
        kills=2,
        steps=(10, 30),
        replicas=2,
        between=lambda: restart_postgres(database_url),
    )
