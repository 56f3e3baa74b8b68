"""How Slack reaches us in Socket Mode: one connection, made again whenever it is lost."""

from __future__ import annotations

import threading
import time
from typing import Any

from slack_bolt import App
from slack_bolt.adapter.socket_mode.builtin import SocketModeHandler
from slack_sdk.errors import SlackApiError

from bot.gateway import is_loopback, make_client
from bot.logs import get_logger, where
from bot.metrics import Metrics
from bot.turns import Turns
from bot.workspace import Workspace

log = get_logger(__name__)

_WORKERS = 64  # each holds one acknowledgement that is due
_FIRST_WAIT_S = 0.5
_SAY_AGAIN_S = 0.1
_LONGEST_WAIT_S = 30.0
_TOKEN_ERRORS = ("invalid_auth", "not_authed", "token_revoked", "account_inactive", "not_allowed_token_type")


class _TimedHandler(SocketModeHandler):
    """Bolt's handler, with the time to each acknowledgement observed."""

    metrics: Metrics
    turns: Turns

    def handle(self, client: Any, req: Any) -> None:
        started = time.perf_counter()
        with self.turns.acknowledging():
            super().handle(client, req)
        self.metrics.acks.labels("socket").observe(time.perf_counter() - started)


class SocketLink:
    """Connects in the background and stays connected."""

    def __init__(
        self,
        app: App,
        app_token: str,
        base_url: str,
        workspace: Workspace,
        metrics: Metrics,
        turns: Turns | None = None,
    ) -> None:
        self._workspace = workspace
        self._handler = _TimedHandler(
            app,
            app_token,
            web_client=make_client(app_token, base_url),
            concurrency=_WORKERS,
            ping_interval=5,
        )
        self._handler.metrics = metrics
        self._handler.turns = turns or Turns()
        if is_loopback(base_url):
            self._handler.client.proxy = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._connect, name="socket-mode", daemon=True)

    @property
    def connected(self) -> bool:
        """Whether a connection stands."""
        return bool(self._handler.client.is_connected())

    def start(self) -> None:
        """Begin connecting."""
        self._thread.start()

    def stop(self) -> None:
        """Close the connection; requests already received are still answered."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()
        self._end_session()
        self._handler.client.close()

    def _end_session(self) -> None:
        """End the thread that receives.

        Slack's client says only once that it shall end, and one that is just beginning takes that back and then waits
        for a closed connection for ever. So it is said until it has ended.
        """
        client = self._handler.client
        client.closed, client.auto_reconnect_enabled = True, False
        client.disconnect()
        runner = client.current_session_runner
        runner.event.set()
        while runner.is_alive():
            client.current_session_state.terminated = True
            runner.thread.join(_SAY_AGAIN_S)

    def _connect(self) -> None:
        """Only the first connection is made here; the client renews it by itself."""
        wait = _FIRST_WAIT_S
        while not self._stopping.is_set():
            try:
                self._handler.client.connect_to_new_endpoint(force=True)
            except SlackApiError as refused:
                error = str(refused.response.get("error", ""))
                if error in _TOKEN_ERRORS:
                    log.critical("Slack refuses SLACK_APP_TOKEN; nothing can be received", reason=error)
                else:
                    log.warning("Socket Mode is refused; trying again", reason=error)
            except Exception as failed:  # noqa: BLE001 - whatever it was, the next try may work
                log.warning("Socket Mode cannot connect; trying again", error=where(failed))
            else:
                log.info("connected to Slack by Socket Mode")
                return
            self._stopping.wait(wait)
            wait = min(_LONGEST_WAIT_S, wait * 2)
