"""Words shared by many items: found by their digest, stored once, read with few queries."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, text
from sqlmodel import select

from denials.errors import StorageError
from services.desk import Desk
from store import guidance
from store.database import Database
from store.guidance import Guidance, Words, apart_key, guidance_id
from store.tables import Item
from tests.services.stock import WORDS, add_items

TEXTS = st.text(alphabet="a:1|é ", max_size=4)


@contextmanager
def asked(database: Database) -> Iterator[list[str]]:
    """The statements that are sent meanwhile."""
    told: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        told.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield told
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


@given(st.tuples(*[TEXTS] * 5), st.tuples(*[TEXTS] * 5))
def test_only_the_same_words_have_the_same_key(one: tuple[str, ...], other: tuple[str, ...]) -> None:
    assert (guidance_id(Words(*one)) == guidance_id(Words(*other))) is (one == other)
    assert 0 <= guidance_id(Words(*one)) < 2**63


def test_items_of_one_claim_are_told_apart_by_payer_practice_category_and_kind() -> None:
    plain = ("aetna", "1234567893", "coding", "denial")
    keys = {apart_key(*plain), apart_key("a", *plain[1:]), apart_key(*plain[:3], "takeback")}
    assert len(keys) == 3
    assert all(0 <= key < 2**47 for key in keys)
    assert apart_key("ab", "c", "d", "e") != apart_key("a", "bc", "d", "e")


def test_keys_are_the_same_forever() -> None:
    """They stand in databases."""
    assert guidance_id(Words("Call.", "carc:31", "Why.", "low", "Somewhere")) == 5779031985607508809
    assert apart_key("aetna", "1234567893", "coding", "denial") == 122463375972001


def test_words_are_stored_once(database: Database) -> None:
    for words in ([WORDS, WORDS._replace(why="Another.")], [WORDS], []):
        with database.write() as session:
            guidance.add(session, words)
    with database.read() as session:
        assert {row.why for row in session.exec(select(Guidance))} == {WORDS.why, "Another."}


def test_the_words_of_many_items_take_one_query(desk: Desk) -> None:
    for number in range(5):
        add_items(desk, 2, next_step=f"Step {number} of {desk.db.url.database}.")
    with desk.db.read() as session:
        items = session.exec(select(Item)).all()
        with asked(desk.db) as told:
            steps = [item.words.next_step for item in items]
    assert len(set(steps)) == 5
    assert len(told) == 1
    with desk.db.read() as session:
        items = session.exec(select(Item)).all()
        with asked(desk.db) as told:
            assert [item.words.next_step for item in items] == steps
    assert told == []


def test_missing_words_are_told_with_the_mend(desk: Desk) -> None:
    add_items(desk, 1, next_step=f"Lost of {desk.db.url.database}.")
    with desk.db.write() as session:
        session.execute(text("DELETE FROM guidance"))
    with desk.db.read() as session, pytest.raises(StorageError, match="restore a backup"):
        _ = session.exec(select(Item)).one().words
