"""`make run`: the bot in Slack where tokens are set, else in the sandbox workspace."""

from __future__ import annotations

import os
import sys

from bot.cli.main import invoke
from bot.settings import load_settings
from denials.errors import SettingsError


def main() -> int:
    """Choose the mode and run; the exit status. Files it makes are for this user only."""
    os.umask(0o077)
    try:
        sandbox = not load_settings().has_tokens
    except SettingsError:
        sandbox = False  # `run` names what is wrong
    return invoke(["run", "--sandbox"] if sandbox else ["run"])


if __name__ == "__main__":
    sys.exit(main())
