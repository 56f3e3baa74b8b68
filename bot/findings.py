"""What `denials doctor` says of one thing it looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. `mend` is empty where nothing is wrong."""

    topic: str
    level: Literal["ok", "warning", "error"]
    message: str
    mend: str = ""

    def as_json(self) -> dict[str, Any]:
        """In the shape of `denials doctor --json`."""
        return {"topic": self.topic, "level": self.level, "message": self.message, "mend": self.mend}
