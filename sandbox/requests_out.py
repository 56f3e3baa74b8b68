"""HTTP delivery: signed requests to the app's request URL."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import http.client
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlencode, urlsplit

from sandbox.core import SIGNING_SECRET, VERIFICATION_TOKEN, Core
from sandbox.delivery import Outcome, Parcel

_REASONS = {"timeout": "http_timeout", "not_connected": "connection_failed", "http_error": "http_error"}


class Requests:
    """Posts each payload to one address, signed as Slack signs it."""

    def __init__(self, core: Core, address: str) -> None:
        self._core = core
        self._address = address
        self._threads = ThreadPoolExecutor(32, thread_name_prefix="sandbox-http")

    async def offer(self, parcel: Parcel) -> Outcome:
        """Send one request and read the acknowledgement out of its response."""
        body, kind = _encoded(parcel)
        headers = {"Content-Type": kind}
        if parcel.attempt:
            headers["X-Slack-Retry-Num"] = str(parcel.attempt)
            headers["X-Slack-Retry-Reason"] = _REASONS.get(parcel.reason, parcel.reason)
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._post, body, headers)

    async def verify(self) -> bool:
        """The challenge that Slack sends when a request URL is entered; whether the app answered it."""
        challenge = hashlib.sha256(str(self._core.clock.real()).encode()).hexdigest()
        body = json.dumps({"token": VERIFICATION_TOKEN, "challenge": challenge, "type": "url_verification"}).encode()
        headers = {"Content-Type": "application/json"}
        outcome = await asyncio.get_running_loop().run_in_executor(self._threads, self._post, body, headers)
        answer = outcome.body
        return challenge == (answer.get("challenge") or answer.get("text") if isinstance(answer, dict) else None)

    def close(self) -> None:
        """End the threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _post(self, body: bytes, headers: dict[str, str]) -> Outcome:
        parts = urlsplit(self._address)
        stamp = str(int(self._core.clock.real()))
        signed = hmac.new(SIGNING_SECRET.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
        headers = {
            **headers,
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": f"v0={signed}",
        }
        connection = http.client.HTTPConnection(
            parts.hostname or "127.0.0.1", parts.port, timeout=self._core.limits.acknowledge
        )
        try:
            connection.request("POST", parts.path or "/", body, headers)
            response = connection.getresponse()
            text = response.read().decode("utf-8", "replace")
        except TimeoutError:
            return Outcome("timeout")
        except (OSError, http.client.HTTPException):
            return Outcome("not_connected")
        finally:
            connection.close()
        if not 200 <= response.status < 300:
            return Outcome("http_error", again=response.getheader("X-Slack-No-Retry") != "1")
        return Outcome(body=_decoded(text, response.getheader("Content-Type", "") or ""))


def _encoded(parcel: Parcel) -> tuple[bytes, str]:
    if parcel.kind == "events_api":
        return json.dumps(parcel.payload).encode(), "application/json"
    if parcel.kind == "slash_commands":
        return urlencode(parcel.payload).encode(), "application/x-www-form-urlencoded"
    return urlencode({"payload": json.dumps(parcel.payload)}).encode(), "application/x-www-form-urlencoded"


def _decoded(text: str, kind: str) -> Any:
    if not text.strip():
        return None
    if "json" not in kind:
        return {"text": text}
    try:
        return json.loads(text)
    except ValueError:
        return {"text": text}
