"""What the cards of many items say in the same words: the next step, what decided, why, and where the limit is from.

A row is known by a digest of its words, so it never changes, can be worked out before anything is written, and is the
same in every database. The words are those of the rules and of the shipped code tables; nothing of a file is in them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple, Protocol

from sqlalchemy import BigInteger, orm, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Field, Session, SQLModel, col

from denials.errors import StorageError

_BITS, _APART_BITS = 63, 47  # what a signed column holds; SQLite keeps the shorter one in six bytes
_MANY = 500
_MOST_KEPT = 10_000


class Guidance(SQLModel, table=True):
    """What an item's card advises and on what grounds; shared by all items of which that is so."""

    __tablename__ = "guidance"
    __table_args__ = ({"sqlite_with_rowid": False},)
    id: int = Field(sa_type=BigInteger, primary_key=True, sa_column_kwargs={"autoincrement": False})  # `guidance_id`
    next_step: str
    decided_by: str
    why: str
    due_confidence: str
    due_source: str


class Words(NamedTuple):
    """One row's contents."""

    next_step: str
    decided_by: str  # "rule:<id>", "carc:<code>", …
    why: str
    due_confidence: str = ""
    due_source: str = ""


_COLUMNS = [col(getattr(Guidance, name)) for name in ("id", *Words._fields)]


class _Shown(Protocol):
    guidance_id: int


_known: dict[int, Words] = {}  # of any database: a key stands for the same words everywhere


def guidance_id(words: Words) -> int:
    """The key of the row with these words."""
    return _digest(words, _BITS)


def apart_key(payer_key: str, practice: str, first_category: str, kind: str) -> int:
    """What tells items of one claim number apart: who decided it for whom, and where it was first thought to belong."""
    return _digest((payer_key, practice, first_category, kind), _APART_BITS)


def add(session: Session, words: Iterable[Words]) -> None:
    """Store words that are not stored yet. An item that refers to them may be written before or after."""
    wanted = {guidance_id(one): one for one in words}
    rows = [{"id": key, **one._asdict()} for key, one in sorted(wanted.items())]  # in one order: no deadlocks
    if rows:
        insert_new = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
        session.execute(insert_new(Guidance).on_conflict_do_nothing(), rows)


def words_of(item: _Shown) -> Words:
    """The words of an item. Those of all items of its session are read with them, unless they are known already.

    Raises StorageError where they are not stored.
    """
    found = _known.get(item.guidance_id)
    if found is None:
        session = orm.object_session(item)
        if session is not None:
            alike = (one for one in session.identity_map.values() if isinstance(one, type(item)))
            found = _read(session, {item.guidance_id, *(one.guidance_id for one in alike)}).get(item.guidance_id)
    if found is None:
        raise StorageError("the words of a denial are missing in the database: restore a backup")
    return found


def _read(session: orm.Session, keys: set[int]) -> dict[int, Words]:
    wanted = sorted(keys - _known.keys())
    found: dict[int, Words] = {}
    for start in range(0, len(wanted), _MANY):
        query = select(*_COLUMNS).where(col(Guidance.id).in_(wanted[start : start + _MANY]))
        found.update({key: Words._make(words) for key, *words in session.execute(query)})
    if len(_known) + len(found) > _MOST_KEPT:
        _known.clear()
    _known.update(found)
    return found


@lru_cache(maxsize=_MOST_KEPT)
def _digest(texts: tuple[str, ...], bits: int) -> int:
    """A number that only the same texts give; each is told with its length, so that none runs into the next."""
    told = "".join(f"{len(text)}:{text}" for text in texts)
    return int.from_bytes(hashlib.sha256(told.encode()).digest()[:8], "big") >> (64 - bits)
