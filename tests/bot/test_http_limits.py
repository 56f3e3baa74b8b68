"""What a client cannot do to the server: hold it up, fill it, break it. Every limit is seen from the outside."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.guard import USUAL, HttpLimits
from bot.http import HttpServer
from tests.bot.raw_http import read, request, send
from tests.bot.rig import eventually

HOST = (b"Host", b"127.0.0.1")
MEGABYTE = 1024 * 1024
PATIENT = replace(USUAL, body_s=60, drain_s=60, head_s=60, request_s=60)  # times are no part of most of these tests
BRIEF = replace(USUAL, body_s=0.3, head_s=0.4)


async def _echo(asked: Request) -> Response:
    """How much was sent, from whom."""
    if asked.query_params.get("stumble"):
        raise ValueError("a secret that must not be told")
    body = await asked.body()
    return PlainTextResponse(f"{len(body)} from {asked.client.host if asked.client else None}")


@contextmanager
def _serving(limits: HttpLimits) -> Iterator[int]:
    app = Starlette(routes=[Route("/", _echo, methods=["GET", "POST"])])
    server = HttpServer(app, "127.0.0.1", 0, limits)
    server.start()
    try:
        yield int(server.address.rpartition(":")[2])
    finally:
        server.stop()


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """A server that gives everybody time."""
    with _serving(PATIENT) as opened:
        yield opened


@pytest.fixture(scope="module")
def hasty() -> Iterator[int]:
    """A server with short times."""
    with _serving(BRIEF) as opened:
        yield opened


def _post(body: bytes, *more: tuple[bytes, bytes], length: int | None = None) -> bytes:
    size = b"%d" % (len(body) if length is None else length)
    return request(b"POST", b"/", [HOST, (b"Content-Length", size), *more], body)


def test_a_body_within_the_limits_arrives_whole(port: int) -> None:
    assert b"1048576 from" in send(port, [_post(b"x" * MEGABYTE)]).raw


@pytest.mark.parametrize("size", [MEGABYTE + 1, 50 * MEGABYTE])
@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_too_large_is_told_so_and_not_reset(port: int, size: int, chunked: bool) -> None:
    piece = b"x" * MEGABYTE
    pieces = [piece] * (size // MEGABYTE) + [b"x" * (size % MEGABYTE)]
    if chunked:
        head = request(b"POST", b"/", [HOST, (b"Transfer-Encoding", b"chunked")])
        pieces = [b"%x\r\n%b\r\n" % (len(one), one) for one in pieces if one] + [b"0\r\n\r\n"]
    else:
        head = _post(b"", length=size)
    assert send(port, [head, *pieces]).status == 413


def test_a_body_beyond_what_is_drained_ends_the_connection() -> None:
    with _serving(replace(PATIENT, drained=MEGABYTE)) as port:
        reply = send(port, [_post(b"", length=500 * MEGABYTE), *[b"x" * MEGABYTE] * 100])
        assert reply.status in (0, 413)


def test_who_asks_first_whether_to_send_too_much_need_not_send_it(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
        line.sendall(_post(b"", (b"Expect", b"100-continue"), length=50 * MEGABYTE))
        assert read(line).statuses == (413,)


def test_a_body_that_trickles_is_given_up(hasty: int) -> None:
    assert send(hasty, [_post(b"", length=1000), *[b"x"] * 200], pause=0.02).status == 408


@pytest.mark.parametrize("head", [b"", b"POST / HTTP/1.1\r\nHost: x\r\nX-Slow: "], ids=["silence", "half a head"])
def test_a_connection_without_a_whole_head_is_closed(hasty: int, head: bytes) -> None:
    with socket.create_connection(("127.0.0.1", hasty), timeout=20) as line:
        line.sendall(head)
        assert read(line).raw == b""


def test_a_head_that_trickles_is_given_up(hasty: int) -> None:
    reply = send(hasty, [b"GET / HTTP/1.1\r\nHost: x\r\n", *[b"X-A: b\r\n"] * 200], pause=0.02)
    assert reply.statuses == ()


def test_a_head_too_large_is_refused(port: int) -> None:
    many = request(b"GET", b"/", [HOST, *[(b"X-%d" % number, b"a" * 1000) for number in range(300)]])
    assert send(port, [many]).status == 400
    assert send(port, [request(b"GET", b"/" + b"a" * 200_000, [HOST])]).status == 400


def test_one_connection_serves_many_requests_and_none_after_a_refusal(port: int) -> None:
    assert send(port, [_post(b"x") * 20]).statuses == (200,) * 20
    too_large = _post(b"x" * (MEGABYTE + 1))
    assert send(port, [_post(b"x"), too_large, _post(b"x")]).statuses == (200, 413)


def test_idle_connections_make_room_for_new_ones_and_work_goes_on() -> None:
    with _serving(replace(USUAL, connections=20)) as port, ExitStack() as stack:
        idle = [stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=20)) for _ in range(60)]
        for _ in range(5):
            assert send(port, [_post(b"x", (b"Connection", b"close"))]).status == 200
        assert read(idle[0]).raw == b""


def test_large_bodies_together_are_bounded_and_small_ones_still_pass() -> None:
    with _serving(replace(USUAL, held=2 * MEGABYTE)) as port, ExitStack() as stack:
        for _ in range(3):
            line = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=20))
            line.sendall(_post(b"x" * 900_000, length=MEGABYTE))
        statuses = set()

        def seen() -> bool:
            statuses.add(send(port, [_post(b"x" * 900_000)]).status)
            return 429 in statuses

        eventually(seen, "a refusal of more large bodies")
        assert send(port, [_post(b"x" * 1000)]).status == 200
    assert statuses <= {200, 429}


def test_a_page_that_stumbles_tells_nothing(port: int) -> None:
    reply = send(port, [request(b"GET", b"/?stumble=1", [HOST])])
    assert reply.status == 500
    assert b"secret" not in reply.raw
    assert b"Traceback" not in reply.raw


def test_a_header_that_is_no_address_is_not_taken_for_one(port: int) -> None:
    for claimed in (b"<script>", b"\x1b[31m", b"a" * 5000):
        assert b"from unknown" in send(port, [_post(b"x", (b"X-Forwarded-For", claimed))]).raw
    assert b"from 192.0.2.7" in send(port, [_post(b"x", (b"X-Forwarded-For", b"192.0.2.7"))]).raw


def test_clients_that_leave_in_the_middle_leave_nothing_behind(port: int) -> None:
    before = threading.active_count()
    for cut in range(0, 400, 13):
        with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
            line.sendall(_post(b"x" * 300)[:cut])
    assert send(port, [_post(b"x")]).status == 200
    assert threading.active_count() <= before + 1
