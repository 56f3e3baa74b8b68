"""Text that people typed in Slack: whether a claim number that is known here stands in it."""

from __future__ import annotations

from collections.abc import Iterable

from sqlmodel import Session

from denials.notes import HOLDS_NUMBER, possible_numbers
from services.vault import Vault
from services.views import Refused
from store import claims


def names_a_claim(session: Session, vault: Vault, texts: Iterable[str]) -> Refused | None:
    """Why texts are not kept: a word of them is the number of a claim in the database. None where none is.

    The words are compared by their keyed hashes and go nowhere else.
    """
    keys = {vault.number_key(word) for text in texts for word in possible_numbers(text)}
    if keys and (claims.items_among(session, keys) or claims.adjudicated_among(session, keys)):
        return Refused("note", HOLDS_NUMBER)
    return None
