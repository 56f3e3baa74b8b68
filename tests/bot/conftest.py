"""The command line in this process, as most tests of it need it."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.cli.main import invoke
from tests.bot.processes import RULES


@dataclass(frozen=True)
class Result:
    """What a command left behind."""

    status: int
    out: str
    err: str


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Result]:
    """Runs a command in an empty folder with the test rules and no other settings."""
    for name in list(os.environ):
        if name.startswith(("SLACK_", "DENIALS_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("DENIALS_RULES", str(RULES))
    monkeypatch.chdir(tmp_path)

    def command(*arguments: str) -> Result:
        status = invoke(arguments)
        captured = capsys.readouterr()
        return Result(status, captured.out, captured.err)

    return command


Run = Callable[..., Result]
