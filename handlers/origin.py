"""Where a form was opened, carried in its private metadata: people do not see it and Slack hands it back."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Origin:
    """Which item at which version, and where to answer. `amount` is None where Slack must not learn it.

    The response URL ends after 30 minutes; `channel` is where to answer then.
    """

    ref: str
    version: int
    response_url: str | None
    place: str
    amount: Decimal | None = None
    channel: str = ""

    def to_text(self) -> str:
        """As private metadata."""
        amount = None if self.amount is None else str(self.amount)
        return json.dumps([self.ref, self.version, self.response_url, self.place, amount, self.channel])

    @classmethod
    def from_text(cls, text: str) -> Origin:
        """What `to_text` wrote."""
        ref, version, response_url, place, amount, *rest = json.loads(text)  # forms opened long ago name no channel
        return cls(ref, int(version), response_url, place, None if amount is None else Decimal(amount), *rest)
