"""The page's addresses for programs: one small JSON client."""

from __future__ import annotations

import http.client
import json
from contextlib import closing
from typing import Any
from urllib.parse import urlencode, urlsplit

from sandbox.errors import PageRefusal

_SLOWEST = 60.0


class PageClient:
    """Thread-safe: each exchange has a connection of its own."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host = parts.hostname or "127.0.0.1"
        self._port = parts.port or 80

    def room(self, channel: str, thread: str | None = None) -> dict[str, Any]:
        """All messages of a room or thread."""
        return self._get("messages", channel=channel, thread=thread)

    def private(self, viewer: str) -> dict[str, Any]:
        """What only one person sees."""
        return self._get("private", viewer=viewer)

    def state(self, viewer: str, channel: str | None, thread: str | None) -> dict[str, Any]:
        """The page as one person sees it."""
        return self._get("state", viewer=viewer, channel=channel, thread=thread)

    def calls(self) -> list[dict[str, Any]]:
        """The record of Web API calls."""
        found: list[dict[str, Any]] = self._get("calls")["calls"]
        return found

    def version(self) -> int:
        """How often the workspace has changed."""
        return int(self._get("wait", after=-1, seconds=0)["version"])

    def wait(self, after: int, seconds: float) -> int:
        """Wait for the next change after a version."""
        return int(self._get("wait", after=after, seconds=round(max(seconds, 0.0), 3))["version"])

    def post(self, deed: str, **given: Any) -> dict[str, Any]:
        """Something that a person does."""
        return self._exchange("POST", f"/sandbox/{deed}", json.dumps(given))

    def _get(self, what: str, **query: Any) -> dict[str, Any]:
        given = urlencode({key: value for key, value in query.items() if value is not None})
        return self._exchange("GET", f"/sandbox/{what}?{given}", None)

    def _exchange(self, method: str, path: str, body: str | None) -> dict[str, Any]:
        headers = {"Content-Type": "application/json"} if body is not None else {}
        with closing(http.client.HTTPConnection(self._host, self._port, timeout=_SLOWEST)) as connection:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            text = response.read()
        answer: dict[str, Any] = json.loads(text)
        if response.status != 200:
            raise PageRefusal(str(answer.get("error", response.status)), response.status)
        return answer
