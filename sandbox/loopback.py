"""Whether a request was meant for this machine: a site that has its name point at 127.0.0.1 must learn nothing here."""

from __future__ import annotations

from starlette.requests import HTTPConnection

_NAMES = ("127.0.0.1", "localhost", "[::1]")


def meant_for_this_machine(request: HTTPConnection) -> bool:
    """Whether the Host header names the loopback address, with any port."""
    host = request.headers.get("host", "")
    name = host if host.endswith("]") else host.rpartition(":")[0] or host
    return name in _NAMES
