"""The rules file on disk: read at start, read again when it changes; a broken file changes nothing."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass
from pathlib import Path

from denials.errors import RulesError, SettingsError
from denials.rules.load import load_rules
from denials.rules.model import RuleSet


@dataclass(frozen=True, slots=True)
class Reload:
    """What looking at the file again came to. `broken` is the one-line reason, told once per content."""

    changed: bool = False
    broken: str | None = None
    content: str = ""  # what the broken file is known by


class RulesFile:
    """The rules in force, replaced as a whole when the file changes and is valid."""

    def __init__(self, path: Path) -> None:
        """Raises SettingsError when there is no such file, RulesError when it does not validate."""
        self.path = path
        text = read_rules(path)
        self._rules = load_rules(text)
        self._seen = _fingerprint(text)
        self._stat = _stat(path)
        self._lock = threading.Lock()

    def current(self) -> RuleSet:
        """The rules in force."""
        return self._rules

    def refresh(self) -> Reload:
        """Look at the file again. Cheap while it has not been touched."""
        with self._lock:
            stat = _stat(self.path)
            if stat is not None and stat == self._stat:
                return Reload()
            try:
                text = read_rules(self.path)
            except SettingsError as gone:
                return self._broken("missing", str(gone), stat)
            seen = _fingerprint(text)
            if seen == self._seen:
                self._stat = stat
                return Reload()
            try:
                self._rules = load_rules(text)
            except RulesError as wrong:
                return self._broken(seen, str(wrong), stat)
            self._seen, self._stat = seen, stat
            return Reload(changed=True)

    def _broken(self, seen: str, reason: str, stat: tuple[int, ...] | None) -> Reload:
        told = self._seen == seen
        self._seen, self._stat = seen, stat
        return Reload(broken=None if told else reason, content=seen)


def read_rules(path: Path) -> str:
    """The text of a rules file. Raises SettingsError."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise SettingsError(
            f"there is no rules file {path}: copy the shipped rules.yaml there or set DENIALS_RULES to where yours is"
        ) from None
    except (OSError, UnicodeDecodeError):
        raise SettingsError(
            f"the rules file {path} cannot be read: save it as a UTF-8 text file that this user may read"
        ) from None


def _fingerprint(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _stat(path: Path) -> tuple[int, ...] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return (found.st_mtime_ns, found.st_size, found.st_ino)
