"""A whole practice for a story: the sandbox workspace and the bot in it, wired as `denials run` wires it."""

from __future__ import annotations

import base64
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from bot.manifest import app_manifest
from bot.sandbox_run import SandboxClock
from bot.settings import load_settings
from bot.wiring import Parts, build
from sandbox.app import App, app_of_manifest
from sandbox.limits import Limits
from sandbox.seed import Seed
from sandbox.server import Sandbox
from sandbox.shown import Shown
from sandbox.story import Story
from services.desk import Desk
from services.ingest import ingest_file
from services.views import BatchSummary
from tests.conftest import DATA_KEY, SAMPLES

Transport = Literal["socket", "http"]

SCALE = 20.0
TUESDAY_11 = "2026-03-10T15:00:00Z"  # 11:00 in New York, within business hours
GATHER = "2m"


@dataclass
class Practice:
    """People, the bot, and the files that come in."""

    sandbox: Sandbox
    story: Story
    parts: Parts
    folder: Path
    files: int = 0

    @property
    def desk(self) -> Desk:
        """The bot's own desk."""
        return self.parts.desk

    def take_in(self, text: str, *, history: bool = False, announce: bool = True) -> BatchSummary:
        """A batch arrives on the host; with `announce` the time in which files gather passes too."""
        self.files += 1
        path = self.folder / f"batch-{self.files}"
        path.write_text(text, encoding="utf-8")
        summary = self.take_in_file(path, history=history)
        if announce:
            self.story.move_clock(GATHER)
        return summary

    def take_in_file(self, path: Path, *, history: bool = False) -> BatchSummary:
        """A file as it is."""
        return ingest_file(self.desk, path, history=history)

    def card(self, channel: str, ref: str = "DN-") -> Shown:
        """The card of a denial, once it is posted."""
        return self.story.expect_message(channel, ("Next step", ref))


@contextmanager
def practice(
    folder: Path,
    transport: Transport = "socket",
    *,
    database_url: str | None = None,
    rules: Path | None = None,
    seed: Seed | None = None,
    app: App | None = None,
    scale: float = SCALE,
    at: str = TUESDAY_11,
) -> Iterator[Practice]:
    """Open a practice; everything it writes is in `folder`. Paces are `scale` times faster than Slack's."""
    shutil.copy(rules or SAMPLES / "rules.yaml", folder / "rules.yaml")
    port = _free_port()
    events_url = f"http://127.0.0.1:{port}/slack/events" if transport == "http" else None
    app = app or app_of_manifest(app_manifest())
    with Sandbox(seed, app=app, limits=Limits(scale=scale), events_url=events_url) as sandbox:
        sandbox.clock.move_to(at)
        settings = load_settings(
            bot_token=sandbox.bot_token,
            app_token=sandbox.app_token if transport == "socket" else None,
            signing_secret=sandbox.signing_secret if transport == "http" else None,
            slack_api_url=sandbox.api_url,
            database_url=database_url or f"sqlite:///{folder}/denials.db",
            data_key=base64.urlsafe_b64encode(DATA_KEY).decode(),
            rules=folder / "rules.yaml",
            http_port=port,
            sweep_seconds=0.2,
            pace_scale=scale,
        )
        parts = build(settings, SandboxClock(sandbox.clock))
        parts.start()
        story = Story(sandbox, patience=30)
        try:
            story.expect(lambda: parts.ready().ready or None, "the bot to be ready")
            yield Practice(sandbox, story, parts, folder)
        finally:
            parts.stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
