"""Raw bytes to a server and what came back: for requests that no HTTP library would send."""

from __future__ import annotations

import random
import socket
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

_METHODS = (b"GET", b"POST", b"HEAD", b"PUT", b"DELETE", b"OPTIONS", b"TRACE", b"CONNECT", b"PATCH", b"BREW", b"")
_TAILS = (b"", b"", b"/", b"?x=%00", b"%2e%2e/", b"/" * 50, b"?" + b"a" * 3000, b"%ff%fe", b"%zz", b";a")


@dataclass(frozen=True)
class Reply:
    """The statuses that came back on one connection, in order; all that was read."""

    statuses: tuple[int, ...]
    raw: bytes

    @property
    def status(self) -> int:
        """The first status; 0 where the connection was closed without one."""
        return self.statuses[0] if self.statuses else 0


def send(port: int, pieces: Iterable[bytes], *, pause: float = 0.0, hangs_up: bool = True) -> Reply:
    """Send pieces on one connection, with a pause after each, and read until the server closes.

    A server that closes while we still send is fine; what it said before that counts. With `hangs_up` we say that we
    are done, and the server may leave what takes it longer unanswered.
    """
    with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
        with suppress(OSError):
            for piece in pieces:
                line.sendall(piece)
                if pause:
                    time.sleep(pause)
            if hangs_up:
                line.shutdown(socket.SHUT_WR)
        return read(line)


def read(line: socket.socket) -> Reply:
    """Everything until the server closes."""
    raw = bytearray()
    with suppress(OSError):
        while piece := line.recv(65536):
            raw += piece
    return Reply(_statuses(bytes(raw)), bytes(raw))


def _statuses(raw: bytes) -> tuple[int, ...]:
    found = []
    for part in raw.split(b"HTTP/1.1 ")[1:]:
        code = part[:3]
        if code.isdigit():
            found.append(int(code))
    return tuple(found)


def request(method: bytes, target: bytes, headers: Iterable[tuple[bytes, bytes]], body: bytes = b"") -> bytes:
    """A request as bytes, whatever the parts are."""
    head = b"".join(name + b": " + value + b"\r\n" for name, value in headers)
    return method + b" " + target + b" HTTP/1.1\r\n" + head + b"\r\n" + body


class Nonsense:
    """Seeded requests between nearly right and pure noise."""

    def __init__(self, seed: int, targets: Iterable[bytes], largest: int = 2000) -> None:
        self._draw = random.Random(seed)
        self._targets = list(targets)
        self._largest = largest

    def connection(self) -> bytes:
        """What one connection sends: one or several requests, perhaps cut short."""
        whole = b"".join(self._one() for _ in range(self._draw.choice((1, 1, 1, 2, 5))))
        return whole[: self._draw.randrange(len(whole) + 1)] if self._draw.random() < 0.15 else whole

    def body(self) -> bytes:
        """Bytes of some kind and size."""
        size = self._draw.choice((0, 1, 20, 200, self._largest))
        match self._draw.randrange(4):
            case 0:
                return self._draw.randbytes(size)
            case 1:
                return b"payload=" + b"%7B%22" * (size // 6)
            case 2:
                return b'{"a":' * (size // 5)
            case _:
                return ("é\u202e\U0001f600\x00" * (size // 8)).encode("utf-16" if size > 50 else "utf-8")

    def _one(self) -> bytes:
        draw = self._draw
        if draw.random() < 0.1:
            return draw.randbytes(draw.randrange(300))
        body = self.body()
        headers = [(b"Host", b"127.0.0.1"), *(self._header() for _ in range(draw.randrange(6)))]
        match draw.randrange(6):
            case 0:
                headers.append((b"Transfer-Encoding", draw.choice((b"chunked", b"gzip", b"chunked, chunked", b"x"))))
                body = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
            case 1:
                wrong = draw.choice((b"-1", b"1e9", b"0x10", b"99999999999999999999", b" 5 ", b"\xb2"))
                headers.append((b"Content-Length", wrong))
            case 2:
                headers += [(b"Content-Length", b"%d" % len(body)), (b"Content-Length", b"%d" % (len(body) + 1))]
            case _:
                headers.append((b"Content-Length", b"%d" % len(body)))
        methods = (
            b"GET",
            b"POST",
            b"HEAD",
            b"PUT",
            b"DELETE",
            b"OPTIONS",
            b"TRACE",
            b"CONNECT",
            b"PATCH",
            b"BREW",
            b"",
        )
        return request(draw.choice(methods), self._target(), headers, body)

    def _target(self) -> bytes:
        draw = self._draw
        tail = draw.choice(
            (b"", b"", b"/", b"?x=%00", b"%2e%2e/", b"/" * 50, b"?" + b"a" * 3000, b"%ff%fe", b"%zz", b";a")
        )
        return draw.choice(self._targets) + tail

    def _header(self) -> tuple[bytes, bytes]:
        draw = self._draw
        names = (
            b"Content-Type",
            b"Content-Encoding",
            b"X-Slack-Signature",
            b"X-Slack-Request-Timestamp",
            b"X-Slack-Retry-Num",
            b"X-Forwarded-For",
            b"X-Forwarded-Proto",
            b"Connection",
            b"Upgrade",
            b"Expect",
            b"Cookie",
            b"Accept-Encoding",
            b"X-" + bytes(draw.choices(b"abcdef", k=8)),
        )
        values = (
            b"application/json",
            b"application/x-www-form-urlencoded; charset=utf-7",
            b"multipart/form-data; boundary=x",
            b"gzip",
            b"v0=" + b"0" * 64,
            b"v0=" + draw.randbytes(8).replace(b"\r", b"x").replace(b"\n", b"y"),
            b"%d" % int(time.time()),
            b"websocket",
            b"upgrade, close",
            b"100-continue",
            b"1.2.3.4, <script>, \x1b[31m",
            b"a" * draw.choice((10, 1000, 8000)),
            b"",
        )
        return draw.choice(names), draw.choice(values)
