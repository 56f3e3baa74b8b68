"""A running sandbox, Slack's own client for it, and people's side of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from slack_sdk import WebClient

from sandbox.limits import Limits
from sandbox.server import Sandbox
from sandbox.story import Story
from tests.sandbox.socket_app import SocketApp

FAST = Limits(scale=1000, redeliver=(0.02, 0.05, 0.1))
IMPATIENT = replace(FAST, acknowledge=0.1)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A sandbox whose pace does not slow tests down."""
    with Sandbox(limits=FAST) as running:
        yield running


@pytest.fixture
def impatient() -> Iterator[Sandbox]:
    """A sandbox that waits a tenth of a second for an acknowledgement."""
    with Sandbox(limits=IMPATIENT) as running:
        yield running


@pytest.fixture
def client(sandbox: Sandbox) -> WebClient:
    """Slack's own client without retries."""
    return client_of(sandbox)


@pytest.fixture
def story(sandbox: Sandbox) -> Story:
    """What people see and do."""
    return Story(sandbox)


@pytest.fixture
def app(sandbox: Sandbox) -> Iterator[SocketApp]:
    """An app connected by one Socket Mode connection."""
    with SocketApp(sandbox) as connected:
        yield connected


def client_of(sandbox: Sandbox, token: str | None = None) -> WebClient:
    """Slack's own client without retries, with the bot's token unless another is given."""
    return WebClient(token=token or sandbox.bot_token, base_url=sandbox.api_url, retry_handlers=[], timeout=10)
