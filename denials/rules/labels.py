"""Globs on names from files, and names made safe to show."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from fnmatch import translate
from functools import lru_cache

UNLISTED_PAYER = "Unlisted payer"
LABEL_LENGTH = 40
_MARKUP = str.maketrans("<>*_~`|", " " * 7)


@lru_cache(maxsize=4096)
def _pattern(glob: str) -> re.Pattern[str]:
    return re.compile(translate(glob))


def plain(text: str) -> str:
    """A name as globs see it: lower case, runs of white space as one space."""
    return " ".join(text.split()).casefold()


def glob_matches(glob: str, name: str) -> bool:
    """Whether a glob (`*`, `?`, `[abc]`) matches the whole name, whatever its case and runs of spaces."""
    return _pattern(plain(glob)).match(plain(name)) is not None


def any_glob(globs: Iterable[str], name: str) -> bool:
    """Whether one of the globs matches the name."""
    folded = plain(name)
    return any(_pattern(plain(glob)).match(folded) for glob in globs)


def safe_label(name: str) -> str:
    """A short harmless text: no control or bidirectional characters, no Slack markup, at most 40 characters.

    "" where nothing readable is left.
    """
    kept = "".join(
        " " if unicodedata.category(char)[0] in "CZ" else char
        for char in unicodedata.normalize("NFKC", name[:400]).replace("&", " and ")
    )
    short = " ".join(kept.translate(_MARKUP).split())
    if len(short) > LABEL_LENGTH:
        short = short[: LABEL_LENGTH - 1].rstrip() + "…"
    return short if any(char.isalnum() for char in short) else ""
