"""Logs that hold no patient data and no tokens, whoever writes them.

Our own events carry ids, counts and codes only. Exceptions are logged as type and place, since their messages may quote
what was being read; texts of libraries lose anything shaped like a token or a long number.
"""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any, TextIO

import structlog

from denials.model import Sensitive

_TOKEN = re.compile(r"x(?:ox[a-z]|app)-[\w.-]+|(?<=ticket=)[\w-]+|(?i:bearer\s+\S+)|postgres\w*(?:\+\w+)?://\S+")
_LONG_NUMBER = re.compile(r"\d[\d -]{5,}\d")
_MAIL = re.compile(r"\S+@\S+\.\S+")
_OWN_TEXT = {"event", "logger", "level", "timestamp", "at"}
_OWN_IDS = {"ts", "outbox_id", "message_id", "channel", "ref", "batch", "pid", "worker", "address", "url"}
_FORBIDDEN = {"claim_number", "number", "file", "file_name", "name", "note", "text", "payer_name", "member_id", "row"}
_LONGEST = 300


def configure(log_format: str | None, stream: TextIO | None = None, *, quiet: bool = False) -> None:
    """Set up logging for the whole process, to stderr; no format means console on a terminal and JSON otherwise.

    `quiet` leaves only what somebody should look at.
    """
    stream = stream or sys.stderr
    kind = log_format or ("console" if stream.isatty() else "json")
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        place_of_exception,
        redact,
    ]
    renderer: Any = (
        structlog.processors.JSONRenderer() if kind == "json" else structlog.dev.ConsoleRenderer(pad_event_to=36)
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,  # loggers are made at import; what is set later holds for them too
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared[:-1], redact_foreign],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    for old in list(root.handlers):
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    for ours in ("bot", "handlers", "services", "intake", "store"):
        logging.getLogger(ours).setLevel(logging.WARNING if quiet else logging.INFO)
    for library, level in (
        ("slack_sdk", logging.WARNING),
        ("slack_sdk.web.base_client", logging.CRITICAL),  # the gateway logs every failed call itself
        ("slack_bolt", logging.WARNING),
        ("apscheduler", logging.ERROR),  # a slow job's skipped turns are no news
        ("alembic", logging.WARNING),
        ("uvicorn", logging.WARNING),
        ("uvicorn.access", logging.CRITICAL),
        ("websockets", logging.ERROR),
        ("sqlalchemy", logging.ERROR),
    ):
        logging.getLogger(library).setLevel(level)


def get_logger(name: str) -> Any:
    """A structured logger: `log.info("digest composed", channel=…, cards=…)`."""
    return structlog.stdlib.get_logger(name)


def where(error: BaseException) -> str:
    """Type and innermost place of an exception in our own code, without its message."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "site-packages" not in frame.filename] or frames
    if not ours:
        return type(error).__name__
    last = ours[-1]
    return f"{type(error).__name__} at {Path(last.filename).parent.name}/{Path(last.filename).name}:{last.lineno}"


def place_of_exception(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace exception information by its type and place."""
    info = event.pop("exc_info", None)
    if info is True:
        info = sys.exc_info()
    error = info[1] if isinstance(info, tuple) else info
    if isinstance(error, BaseException):
        event["error"] = where(error)
    event.pop("stack_info", None)
    return event


def redact(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Keep tokens and patient data out of our own events."""
    for key, value in list(event.items()):
        if key in _FORBIDDEN:
            del event[key]
        elif isinstance(value, Sensitive):
            event[key] = "‹hidden›"
        elif isinstance(value, str) and not key.startswith("_"):
            event[key] = _TOKEN.sub("‹token›", value)
            if key not in _OWN_TEXT and key not in _OWN_IDS:
                event[key] = masked(event[key])
    return event


def redact_foreign(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The same for what libraries write, whose text may quote anything."""
    event["event"] = masked(str(event.get("event", "")))
    return redact(logger, method, event)


def masked(text: str) -> str:
    """Text on one line without tokens, long numbers and mail addresses, at most 300 characters."""
    line = " ".join(_TOKEN.sub("‹token›", text).split())
    line = _MAIL.sub("‹hidden›", _LONG_NUMBER.sub("‹hidden›", line))
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"
