"""Too fast is refused with the time to wait, and waiting that long is enough."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from sandbox.limits import Limits, RateLimiter
from sandbox.server import Sandbox
from tests.sandbox.conftest import client_of
from tests.sandbox.test_chat import FRONT


def _limited(client: WebClient, channel: str) -> str | None:
    try:
        client.chat_postMessage(channel=channel, text="x")
    except SlackApiError as refused:
        answer = refused.response
    else:
        return None
    assert (answer["error"], answer.status_code) == ("ratelimited", 429)
    return str(answer.headers["Retry-After"])


def test_one_post_a_second_to_a_channel() -> None:
    with Sandbox(limits=Limits(post_interval=60)) as sandbox:
        client = client_of(sandbox)
        assert _limited(client, FRONT) is None
        assert _limited(client, "#front-desk") == "60"
        assert _limited(client, "C0CODING") is None
        assert [call.error for call in sandbox.calls] == ["", "ratelimited", ""]


def test_a_minute_has_room_for_so_many_calls_of_a_method() -> None:
    with Sandbox(limits=Limits(per_minute={"chat.update": 3})) as sandbox:
        client = client_of(sandbox)
        ts = client.chat_postMessage(channel=FRONT, text="x")["ts"]
        for _ in range(3):
            client.chat_update(channel=FRONT, ts=ts, text="y")
        with pytest.raises(SlackApiError) as refused:
            client.chat_update(channel=FRONT, ts=ts, text="y")
        assert int(refused.value.response.headers["Retry-After"]) > 50


class _Time:
    at = 0.0

    def __call__(self) -> float:
        return self.at


@given(st.lists(st.tuples(st.sampled_from(["A", "B", "C"]), st.floats(0, 5)), max_size=40))
def test_whoever_waits_as_told_is_let_through(deeds: list[tuple[str, float]]) -> None:
    now = _Time()
    limiter = RateLimiter(Limits(per_minute={"chat.postMessage": 10}), now)
    for channel, pause in deeds:
        now.at += pause
        wait = limiter.take("chat.postMessage", channel)
        if wait is not None:
            assert wait >= 1
            now.at += wait
            assert limiter.take("chat.postMessage", channel) is None


@given(st.lists(st.floats(0, 2), min_size=1, max_size=80))
def test_no_minute_lets_more_through_than_allowed(pauses: list[float]) -> None:
    now = _Time()
    limiter = RateLimiter(Limits(per_minute={"chat.update": 7}), now)
    passed: list[float] = []
    for pause in pauses:
        now.at += pause
        if limiter.take("chat.update") is None:
            passed.append(now.at)
    assert all(sum(at - 60 < one <= at for one in passed) <= 7 for at in passed)
