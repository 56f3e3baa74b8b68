"""`denials` and `python -m bot`."""

from __future__ import annotations

import os
import sys

from bot.cli.main import invoke


def main() -> None:
    """Run the command line and exit with its status. Files it makes are for this user only."""
    os.umask(0o077)
    sys.exit(invoke(sys.argv[1:]))


if __name__ == "__main__":
    main()
