"""Files that may hold patient data: made for this user only, and never seen half written."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from denials.errors import SettingsError


@contextmanager
def private_file(path: Path) -> Iterator[TextIO]:
    """A text file of mode 0600 that takes its name when the block ends well. Raises SettingsError."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as wrong:
        raise SettingsError(
            f"{path} cannot be written ({wrong.strerror}): name a folder that exists and that this user may write to"
        ) from wrong
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
