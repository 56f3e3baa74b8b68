"""A bare app on Socket Mode: it keeps every envelope and acknowledges only what it is told to."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from slack_sdk import WebClient
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from sandbox.server import Sandbox

Envelope = dict[str, Any]
_PATIENCE = 10.0


def acknowledge(_: Envelope) -> Any:
    """Acknowledge with nothing."""
    return None


def stay_silent(_: Envelope) -> Any:
    """Do not acknowledge."""
    return ...


class SocketApp:
    """One connection. ``answer`` gives the acknowledgement's payload, or ``...`` for no acknowledgement."""

    def __init__(self, sandbox: Sandbox, answer: Callable[[Envelope], Any] = acknowledge) -> None:
        self.answer = answer
        self.messages: list[Envelope] = []
        self._new = threading.Condition()
        opened = WebClient(token=sandbox.app_token, base_url=sandbox.api_url, retry_handlers=[])
        self._url: str = opened.apps_connections_open(app_token=sandbox.app_token)["url"]
        self._ending = ExitStack()
        self._thread = threading.Thread(target=self._read, daemon=True)

    @property
    def envelopes(self) -> list[Envelope]:
        """What was delivered so far, without greetings."""
        return [one for one in self.messages if "envelope_id" in one]

    def next(self, count: int = 1, kind: str = "envelope_id") -> Envelope:
        """The ``count``-th envelope, or message of a type, once it is there."""

        def found() -> list[Envelope]:
            return [one for one in self.messages if kind in one or one.get("type") == kind]

        with self._new:
            assert self._new.wait_for(lambda: len(found()) >= count, _PATIENCE), f"no {kind} number {count}"
            return found()[count - 1]

    def wait_until_closed(self) -> None:
        """Wait for the end of the connection."""
        self._thread.join(_PATIENCE)
        assert not self._thread.is_alive()

    def __enter__(self) -> SocketApp:
        self.connect()
        self.next(kind="hello")
        return self

    def connect(self) -> None:
        """Open the connection without waiting for the greeting."""
        self._ending.callback(self._thread.join, _PATIENCE)
        self._socket = self._ending.enter_context(connect(self._url, ping_interval=None))
        self._thread.start()

    def close(self) -> None:
        """Close the connection."""
        self._ending.close()

    def __exit__(self, *_: object) -> None:
        self.close()

    def _read(self) -> None:
        try:
            for text in self._socket:
                message = json.loads(text)
                with self._new:
                    self.messages.append(message)
                    self._new.notify_all()
                if "envelope_id" in message and (payload := self.answer(message)) is not ...:
                    body = {"envelope_id": message["envelope_id"]}
                    self._socket.send(json.dumps(body if payload is None else {**body, "payload": payload}))
        except ConnectionClosed:
            pass
