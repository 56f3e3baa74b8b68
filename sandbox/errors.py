"""Everything the sandbox refuses.

SandboxError
├── SlackRefusal   what Slack's Web API would answer with ``ok: false``
└── PageRefusal    what the sandbox's own page and test API answers to an impossible request
"""

from __future__ import annotations

from typing import Any


class SandboxError(Exception):
    """The sandbox cannot do what it was asked; the message says why in one line."""


class SlackRefusal(SandboxError):
    """An answer ``{"ok": false, "error": …}`` under Slack's own error name."""

    def __init__(
        self, error: str, *messages: str, status: int = 200, retry_after: int | None = None, **extra: Any
    ) -> None:
        super().__init__(error)
        self.error = error
        self.status = status
        self.retry_after = retry_after
        self.extra: dict[str, Any] = dict(extra)
        if messages:
            self.extra["response_metadata"] = {"messages": list(messages)}

    def body(self) -> dict[str, Any]:
        """The JSON document of the answer."""
        return {"ok": False, "error": self.error, **self.extra}


class PageRefusal(SandboxError):
    """The page asked for something that a person in Slack could not do."""

    def __init__(self, error: str, status: int = 400) -> None:
        super().__init__(error)
        self.status = status


def missing_argument(name: str) -> SlackRefusal:
    """Slack's answer when a required argument is absent."""
    return SlackRefusal("invalid_arguments", f"[ERROR] missing required field: {name}")
