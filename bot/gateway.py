"""The calls that the sender makes to Slack, each answered by a plain result instead of an exception.

No retries in here: Slack has no idempotency key, so a post whose outcome is unknown is the sender's to settle.
"""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from typing import Any
from urllib.error import URLError
from urllib.parse import urlsplit

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.version import __version__

EVENT_TYPE = "denials_outbox"
TIMEOUT_S = 10
PAGE = 200
_ERROR_CODE = re.compile(r"[a-z][a-z0-9_]{1,60}")
_UNSURE = {"internal_error", "fatal_error", "request_timeout", "service_unavailable"}  # Slack may have done it


@dataclass(frozen=True, slots=True)
class Posted:
    """Slack has it."""

    channel: str
    ts: str


@dataclass(frozen=True, slots=True)
class RateLimited:
    """Slack did not do it and says how many seconds to wait."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Refused:
    """Slack did not do it, under its own error name."""

    error: str
    needed: str = ""  # the missing scope, if that is it
    date: datetime | None = field(default=None, compare=False)  # Slack's own clock when it answered


@dataclass(frozen=True, slots=True)
class Unknown:
    """Slack may or may not have done it."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unreachable:
    """The request never left this host."""

    reason: str


Failure = RateLimited | Refused | Unknown | Unreachable


@dataclass(frozen=True, slots=True)
class Answer:
    """A successful call."""

    data: Mapping[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def date(self) -> datetime | None:
        """Slack's own clock when it answered."""
        return _date(self.headers)


def make_client(token: str, base_url: str, timeout: int = TIMEOUT_S) -> WebClient:
    """A Web API client that never repeats a call by itself. A loopback address is reached without a proxy."""
    client = WebClient(
        token=token,
        base_url=base_url,
        timeout=timeout,
        retry_handlers=[],
        user_agent_suffix=f"DenialDesk/{__version__}",
    )
    if is_loopback(base_url):
        client.proxy = None
    return client


def is_loopback(address: str) -> bool:
    """Whether an address is this host's own."""
    return (urlsplit(address).hostname or "") in ("localhost", "127.0.0.1", "::1")


class Gateway:
    """Slack as the sender sees it. Safe to use from several threads."""

    def __init__(self, client: WebClient) -> None:
        self._client = client
        self._names: dict[str, str] = {}  # "#name" and user ids to the conversation they mean

    def post(self, channel: str, text: str, blocks: Sequence[Mapping[str, Any]], outbox_id: str) -> Posted | Failure:
        """chat.postMessage, marked so that it can be found again."""
        arguments: dict[str, Any] = {
            "channel": channel,
            "text": text,
            "metadata": {"event_type": EVENT_TYPE, "event_payload": {"outbox_id": outbox_id}},
            "unfurl_links": False,
            "unfurl_media": False,
        }
        if blocks:
            arguments["blocks"] = list(blocks)
        answer = self.call("chat.postMessage", **arguments)
        if not isinstance(answer, Answer):
            return answer
        try:
            posted = Posted(str(answer.data["channel"]), str(answer.data["ts"]))
        except KeyError:
            return Unknown("an answer without channel and ts")
        if channel != posted.channel:
            self._names[channel] = posted.channel
        return posted

    def update(self, channel: str, ts: str, text: str, blocks: Sequence[Mapping[str, Any]]) -> Answer | Failure:
        """chat.update; repeating it does no harm."""
        return self.call("chat.update", channel=channel, ts=ts, text=text, blocks=list(blocks))

    def join(self, channel: str) -> Answer | Failure:
        """conversations.join, which works for public channels only."""
        return self.call("conversations.join", channel=channel)

    def history_page(self, channel: str, oldest: float, cursor: str = "") -> Answer | Failure:
        """One page of conversations.history with metadata, newest first."""
        arguments: dict[str, Any] = {
            "channel": channel,
            "oldest": f"{oldest:.6f}",
            "limit": PAGE,
            "include_all_metadata": True,
            "inclusive": True,
        }
        if cursor:
            arguments["cursor"] = cursor
        return self.call("conversations.history", **arguments)

    def conversation(self, channel: str) -> str | Failure:
        """The conversation's id behind a channel id, a "#name" or a user id (its direct message)."""
        if channel[:1] in "CGD":
            return channel
        known = self._names.get(channel)
        if known:
            return known
        found = self._by_name(channel[1:]) if channel.startswith("#") else self._direct_message(channel)
        if isinstance(found, str):
            self._names[channel] = found
        return found

    def known_as(self, channel: str) -> str:
        """The conversation a name or user id turned out to be, as far as is known; else the name itself."""
        return self._names.get(channel, channel)

    def names_of(self, channel: str) -> set[str]:
        """Every name under which a conversation is known."""
        return {channel, *(name for name, known in self._names.items() if known == channel)}

    def auth_test(self) -> Answer | Failure:
        """Who we are, and whether the token works."""
        return self.call("auth.test")

    def call(self, method: str, **arguments: Any) -> Answer | Failure:
        """Any method, once."""
        # Slack reads JSON bodies in methods that write; the others want a form.
        writes = method.startswith("chat.")
        try:
            response = self._client.api_call(
                method, json=arguments if writes else None, params=None if writes else arguments
            )
        except SlackApiError as refused:
            return _refusal(refused)
        except URLError as failed:
            return _not_reached(failed)
        except (OSError, HTTPException, ValueError) as failed:
            return Unknown(type(failed).__name__)
        except AttributeError:  # the SDK takes for granted that JSON is an object
            return Unknown("an answer that is not Slack's")
        data = response.data
        return Answer(data if isinstance(data, dict) else {}, response.headers)

    def _direct_message(self, user: str) -> str | Failure:
        answer = self.call("conversations.open", users=user)
        return str(answer.data["channel"]["id"]) if isinstance(answer, Answer) else answer

    def _by_name(self, name: str) -> str | Failure:
        for page in self.channel_pages():
            if not isinstance(page, Answer):
                return page
            for one in page.data.get("channels", ()):
                if one.get("name") == name:
                    return str(one["id"])
        return Refused("channel_not_found")

    def channel_pages(self) -> Iterator[Answer | Failure]:
        """Pages of conversations.list; the last one may be a failure."""
        cursor = ""
        while True:
            arguments = {"limit": PAGE, "types": "public_channel,private_channel"}
            page = self.call("conversations.list", **arguments, **({"cursor": cursor} if cursor else {}))
            yield page
            cursor = next_cursor(page)
            if not cursor:
                return


def next_cursor(page: Answer | Failure) -> str:
    """Where the next page starts; "" at the end or after a failure."""
    if not isinstance(page, Answer):
        return ""
    return str((page.data.get("response_metadata") or {}).get("next_cursor") or "")


def own_messages(page: Answer) -> dict[str, str]:
    """Outbox id to ts of our own messages on a page of history; everything else on it is not looked at."""
    found: dict[str, str] = {}
    for message in page.data.get("messages", ()):
        metadata = message.get("metadata") or {}
        if metadata.get("event_type") == EVENT_TYPE:
            outbox_id = str((metadata.get("event_payload") or {}).get("outbox_id") or "")
            if outbox_id:
                found[outbox_id] = str(message["ts"])
    return found


def _refusal(refused: SlackApiError) -> Failure:
    response = refused.response
    data = response.data if isinstance(response.data, dict) else {}
    error = str(data.get("error") or "")
    if response.status_code == 429 or error in ("ratelimited", "rate_limited"):
        return RateLimited(_retry_after(response.headers))
    if response.status_code >= 500 or error in _UNSURE:
        return Unknown(f"Slack answered {response.status_code} {error if _ERROR_CODE.fullmatch(error) else ''}".strip())
    if not _ERROR_CODE.fullmatch(error):
        return Unknown("an answer that is not Slack's")
    return Refused(error, needed=str(data.get("needed") or ""), date=_date(response.headers))


def _date(headers: Mapping[str, Any]) -> datetime | None:
    text = next((str(value) for key, value in headers.items() if key.lower() == "date"), "")
    try:
        found = parsedate_to_datetime(text) if text else None
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found is not None and found.tzinfo is None else found


def _retry_after(headers: Mapping[str, Any]) -> float:
    value = next((value for key, value in headers.items() if key.lower() == "retry-after"), None)
    if isinstance(value, (list, tuple)):
        value = value[0] if value else None
    try:
        return min(3600.0, max(1.0, float(str(value))))
    except ValueError:
        return 30.0


def _not_reached(failed: URLError) -> Failure:
    reason = failed.reason
    if isinstance(reason, (ConnectionRefusedError, socket.gaierror, ssl.SSLCertVerificationError)):
        return Unreachable(type(reason).__name__)
    return Unknown(type(reason).__name__ if isinstance(reason, BaseException) else "URLError")
