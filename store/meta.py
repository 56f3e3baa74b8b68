"""Facts about the database itself."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from store.tables import Meta


def get(session: Session, key: str, *, hold: bool = False) -> str | None:
    """The value of a fact, or None. With `hold` it stays as it is until this transaction ends."""
    query = select(Meta.value).where(Meta.key == key)
    return session.exec(query.with_for_update(read=True) if hold else query).first()


def set_once(session: Session, key: str, value: str) -> str:
    """Store a fact unless it is there; the value that stands, which may be another process's."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    session.execute(insert(Meta).values(key=key, value=value).on_conflict_do_nothing())
    return session.exec(select(Meta.value).where(Meta.key == key)).one()


def replace(session: Session, key: str, old: str | None, new: str) -> bool:
    """Put a new value in the place of the one that was read; False when another process was faster."""
    if old is None:
        return set_once(session, key, new) == new
    result: Any = session.execute(update(Meta).where(col(Meta.key) == key, col(Meta.value) == old).values(value=new))
    return bool(result.rowcount == 1)


def remove(session: Session, key: str) -> None:
    """Forget a fact."""
    session.execute(delete(Meta).where(col(Meta.key) == key))
