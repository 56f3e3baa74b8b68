"""Every address that the process serves, under seeded nonsense: never a server error, never a traceback."""

from __future__ import annotations

import hashlib
import hmac
import json
import random
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlencode

import psutil
import pytest

from sandbox.server import Sandbox
from tests.bot.processes import Bot, free_port
from tests.bot.raw_http import Nonsense, Reply, request, send
from tests.bot.rig import fast_sandbox

TARGETS = (
    b"/slack/events",
    b"/healthz",
    b"/readyz",
    b"/metrics",
    b"/reveal/" + b"A" * 43,
    b"/reveal/%00%ff",
    b"/definitions",
    b"/",
    b"/nowhere",
)
LONG_SECONDS = 240
MOST_MEMORY_GROWTH_MB = 60


@pytest.fixture(scope="module")
def bot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bot]:
    """`denials run` over HTTP as a process of its own, with the page of claim numbers."""
    folder, port = tmp_path_factory.mktemp("fuzz"), free_port()
    with fast_sandbox(events_url=f"http://127.0.0.1:{port}/slack/events") as sandbox:
        url = f"sqlite:///{folder}/denials.db"
        own = Bot(folder, url, sandbox, http=True, port=port)
        own.variables["DENIALS_REVEAL_URL"] = own.url
        with own:
            yield own


def _signed(body: bytes, kind: bytes = b"application/x-www-form-urlencoded") -> bytes:
    stamp = b"%d" % int(time.time())
    digest = hmac.new(Sandbox.signing_secret.encode(), b"v0:" + stamp + b":" + body, hashlib.sha256).hexdigest()
    headers = [
        (b"Host", b"127.0.0.1"),
        (b"Content-Type", kind),
        (b"X-Slack-Request-Timestamp", stamp),
        (b"X-Slack-Signature", b"v0=" + digest.encode()),
        (b"Content-Length", b"%d" % len(body)),
        (b"Connection", b"close"),
    ]
    return request(b"POST", b"/slack/events", headers, body)


class Payloads:
    """Seeded payloads that look like Slack's and are not: parts missing, of another type, or of another's making."""

    def __init__(self, seed: int) -> None:
        self._draw = random.Random(seed)

    def one(self) -> bytes:
        """A signed request."""
        draw = self._draw
        base = json.loads(json.dumps(draw.choice(_SHAPES)))
        for _ in range(draw.randrange(4)):
            self._spoil(base)
        if draw.random() < 0.3:
            return _signed(json.dumps(base).encode(), b"application/json")
        fields = base if draw.random() < 0.3 else {"payload": json.dumps(base)}
        return _signed(urlencode(fields).encode())

    def _spoil(self, value: Any) -> None:
        """Take one key somewhere away, or put something else there."""
        while isinstance(value, dict | list) and value:
            key = self._draw.choice(list(value) if isinstance(value, dict) else list(range(len(value))))
            if not isinstance(value[key], dict | list) or self._draw.random() < 0.4:
                if self._draw.random() < 0.4:
                    del value[key]
                else:
                    value[key] = self._draw.choice(_ODD)
                return
            value = value[key]


_ODD: tuple[Any, ...] = (
    None,
    "",
    0,
    -1,
    1e300,
    [],
    {},
    [[]],
    "x" * 5000,
    "\x00",
    "DN-",
    "DN-AAAAAAAA:99999999999999",
    True,
)
_PERSON = {"id": "U0FRONT1", "team_id": "T0SANDBOX"}
_BUTTON = {"type": "button", "block_id": "b", "action_id": "claim:DN-AAAAAAAA", "value": "DN-AAAAAAAA:1"}
_VIEW = {
    "id": "V1",
    "type": "modal",
    "callback_id": "resolve",
    "private_metadata": json.dumps(["DN-AAAAAAAA", 1, None, "", None, ""]),
    "state": {"values": {"outcome": {"outcome": {"selected_option": {"value": "Written off"}}}}},
}
_PRESS = {
    "type": "block_actions",
    "user": _PERSON,
    "team": {"id": "T0SANDBOX"},
    "trigger_id": "1.2.3",
    "container": {"type": "message", "message_ts": "1.2", "channel_id": "C0FRONT"},
    "channel": {"id": "C0FRONT"},
    "actions": [_BUTTON],
}
_ACTIONS = ("release:DN-1", "resolve:DN-1", "menu:DN-1", "several:claim", "home:next", "acknowledge:1", "unheard_of")
_FORMS = ("resolve", "hand_off", "snooze", "details", "several_claim", "unheard_of")
_SHAPES: tuple[dict[str, Any], ...] = (
    _PRESS,
    *(
        {**_PRESS, "actions": [{**_BUTTON, "action_id": f"{verb}:DN-AAAAAAAA"}]}
        for verb in ("release", "resolve", "menu")
    ),
    *(
        {**_PRESS, "actions": [{**_BUTTON, "action_id": verb}]}
        for verb in ("several:claim", "home:next", "acknowledge:1")
    ),
    *(
        {
            "type": "view_submission",
            "user": _PERSON,
            "team": {"id": "T0SANDBOX"},
            "view": {**_VIEW, "callback_id": name},
        }
        for name in ("resolve", "hand_off", "snooze", "details", "several_claim", "unheard_of")
    ),
    {"type": "view_closed", "user": _PERSON, "view": _VIEW},
    {"command": "/denials", "text": "find DN-AAAAAAAA", "user_id": "U0FRONT1", "team_id": "T0SANDBOX"},
    {"command": "/denials", "text": "stats 90d --by payer", "user_id": "U0LEAD", "team_id": "T0SANDBOX"},
    {
        "type": "event_callback",
        "team_id": "T0SANDBOX",
        "event_id": "Ev1",
        "event": {"type": "app_home_opened", "user": "U0FRONT1", "tab": "home"},
    },
    {"type": "url_verification", "challenge": "x"},
    {"type": "shortcut", "callback_id": "x", "user": _PERSON},
)


def _check(bot: Bot, replies: list[Reply]) -> None:
    bad = [(reply.statuses, reply.raw[:200]) for reply in replies if any(one >= 500 for one in reply.statuses)]
    assert [one for one in bad if b'"ready"' not in one[1]] == []
    assert bot.process is not None
    assert bot.process.poll() is None, "the process has ended"
    assert bot.get("/healthz") == (200, "ok")
    text = bot.log.read_text()
    assert "Traceback" not in text
    assert "a page failed" not in text


def _nonsense(bot: Bot, seed: int, connections: int) -> list[Reply]:
    made = Nonsense(seed, TARGETS)
    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(lambda data: send(bot.port, [data]), [made.connection() for _ in range(connections)]))


def _payloads(bot: Bot, seed: int, count: int) -> list[Reply]:
    made = Payloads(seed)
    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(lambda data: send(bot.port, [data], hangs_up=False), [made.one() for _ in range(count)]))


def test_nonsense_is_never_a_server_error(bot: Bot) -> None:
    replies = _nonsense(bot, seed=1, connections=300)
    _check(bot, replies)
    assert {400, 401, 404, 405} <= {status for reply in replies for status in reply.statuses}


def test_signed_payloads_that_slack_never_sends_are_never_a_server_error(bot: Bot) -> None:
    replies = _payloads(bot, seed=2, count=200)
    _check(bot, replies)
    assert {200, 400, 404} <= {reply.status for reply in replies}


@pytest.mark.long
@pytest.mark.timeout(LONG_SECONDS * 3)
def test_minutes_of_nonsense_leave_the_memory_where_it_was(bot: Bot) -> None:
    assert bot.process is not None
    watched = psutil.Process(bot.process.pid)
    _nonsense(bot, 0, 500)
    _payloads(bot, 0, 500)
    _large_bodies(bot)
    before, handles, end, seed = watched.memory_info().rss, watched.num_fds(), time.monotonic() + LONG_SECONDS, 100
    while time.monotonic() < end:
        seed += 1
        _check(bot, _nonsense(bot, seed, 500))
        _check(bot, _payloads(bot, seed, 500))
        _check(bot, _large_bodies(bot))
    grown = (watched.memory_info().rss - before) / 1e6
    assert grown < MOST_MEMORY_GROWTH_MB, f"{grown:.0f} MB more after {seed - 100} rounds"
    assert watched.num_fds() <= handles + 10


def _large_bodies(bot: Bot) -> list[Reply]:
    head = request(b"POST", b"/slack/events", [(b"Host", b"x"), (b"Content-Length", b"%d" % (20 << 20))])
    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(lambda _: send(bot.port, [head, *[b"x" * (1 << 20)] * 20]), range(16)))
