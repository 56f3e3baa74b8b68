"""Acknowledgements go before work.

Slack waits three seconds for an acknowledgement, people for less; what they asked for may come a moment later. Python
runs one thread at a time, so fifty listeners that all begin to work slow down every acknowledgement that is still due.
Here a listener that has acknowledged waits until no other acknowledgement is due, and only so many work at once. One
that has waited long enough may work nevertheless, though few of them. Waiting costs a thread and nothing else.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from slack_bolt import Ack, App, BoltContext, BoltRequest, BoltResponse
from slack_bolt.listener.listener_completion_handler import ListenerCompletionHandler
from slack_bolt.listener.listener_start_handler import ListenerStartHandler

AT_ONCE = 8  # some of them wait for Slack or for the database
AT_ONCE_WHILE_DUE = 3
PATIENCE_S = 0.3  # a form must be opened within three seconds of the press


class _Waiter:
    __slots__ = ("go", "since")

    def __init__(self) -> None:
        self.go = threading.Event()
        self.since = time.monotonic()


class Turns:
    """Who may work now. Safe to use from many threads; in the order of asking."""

    def __init__(self, at_once: int = AT_ONCE, patience_s: float = PATIENCE_S) -> None:
        self._at_once = at_once
        self._few = min(at_once, AT_ONCE_WHILE_DUE)
        self._patience_s = patience_s
        self._lock = threading.Lock()
        self._due = 0
        self._working = 0
        self._waiting: deque[_Waiter] = deque()

    @contextmanager
    def acknowledging(self) -> Iterator[None]:
        """While the block runs an acknowledgement is due."""
        with self._lock:
            self._due += 1
        try:
            yield
        finally:
            with self._lock:
                self._due -= 1
                self._let_in()

    def begin(self) -> None:
        """Wait for the turn to work; `end` must follow."""
        waiter = _Waiter()
        with self._lock:
            self._waiting.append(waiter)
            self._let_in()
        if not waiter.go.wait(self._patience_s):
            with self._lock:
                self._let_in()
            waiter.go.wait()

    def end(self) -> None:
        """The work is done."""
        with self._lock:
            self._working -= 1
            self._let_in()

    def _let_in(self) -> None:
        now = time.monotonic()
        while self._waiting and self._working < (self._few if self._due else self._at_once):
            if self._due and now < self._waiting[0].since + self._patience_s:
                return
            self._working += 1
            self._waiting.popleft().go.set()


class _PatientAck(Ack):
    """Bolt's `ack`; in a listener it returns when it is the listener's turn to work."""

    def __init__(self, turns: Turns) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # Bolt does not say
        self._turns = turns
        self._in_listener = False
        self._has_turn = False

    def __call__(self, *args: Any, **options: Any) -> BoltResponse:
        """Acknowledge."""
        answer = super().__call__(*args, **options)
        if self._in_listener:
            self._begin()
        return answer

    def starts(self) -> None:
        """The listener starts in its own thread; of an event Bolt has acknowledged by now."""
        self._in_listener = True
        if self.response is not None:
            self._begin()

    def ends(self) -> None:
        """The listener has ended, or failed."""
        if self._has_turn:
            self._has_turn = False
            self._turns.end()

    def _begin(self) -> None:
        if not self._has_turn:
            self._turns.begin()
            self._has_turn = True


class _Starts(ListenerStartHandler):
    def handle(self, request: BoltRequest, response: BoltResponse | None) -> None:  # noqa: ARG002 - Bolt passes it
        if isinstance(request.context.ack, _PatientAck):
            request.context.ack.starts()


class _Ends(ListenerCompletionHandler):
    def handle(self, request: BoltRequest, response: BoltResponse | None) -> None:  # noqa: ARG002 - Bolt passes it
        if isinstance(request.context.ack, _PatientAck):
            request.context.ack.ends()


def take_turns(app: App, turns: Turns) -> None:
    """Have every listener of the app take its turn once it has acknowledged. Call it before listeners are added."""

    def patient(context: BoltContext, next: Callable[[], BoltResponse]) -> BoltResponse:
        context["ack"] = _PatientAck(turns)
        return next()

    app.middleware(patient)
    app.listener_runner.listener_start_handler = _Starts()
    app.listener_runner.listener_completion_handler = _Ends()
