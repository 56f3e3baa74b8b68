"""the words of cards once for many items, and fewer indexes

Programs of earlier revisions cannot work with this schema: what they read of an item stands elsewhere. They are kept
away by the fact `oldest_schema_of_programs`.
"""

import hashlib
from typing import Any

import sqlalchemy as sa
from alembic import op

from store.types import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_FLOOR = "oldest_schema_of_programs"
_WORDS = ("next_step", "decided_by", "why", "due_confidence", "due_source")
_APART = ("payer_key", "practice", "first_category", "kind")
_OPEN = sa.text("state <> 'resolved' AND NOT history")
_OWNED = sa.text("state <> 'resolved' AND NOT history AND owner IS NOT NULL")
_CACHE_KB = 65_536  # of SQLite: its unique indexes are written all over the file


def upgrade() -> None:
    bind = op.get_bind()
    op.create_table(
        "guidance",
        sa.Column("id", sa.BigInteger(), nullable=False, autoincrement=False),
        *[sa.Column(name, sa.String(), nullable=False) for name in _WORDS],
        sa.PrimaryKeyConstraint("id"),
        sqlite_with_rowid=False,
    )
    op.drop_index("ix_denial_row_item_id", "denial_row")
    for name in ("ix_item_owner_state", "ix_item_open_due"):
        op.drop_index(name, "item")
    if bind.dialect.name == "postgresql":
        _narrow_on_postgresql()
    else:
        _narrow_on_sqlite(bind)
    op.create_index("ix_item_open", "item", ["id"], sqlite_where=_OPEN, postgresql_where=_OPEN)
    op.create_index("ix_item_open_owner", "item", ["owner", "state"], sqlite_where=_OWNED, postgresql_where=_OWNED)
    bind.execute(sa.text("DELETE FROM meta WHERE key = :key"), {"key": _FLOOR})
    bind.execute(sa.text("INSERT INTO meta (key, value) VALUES (:key, :value)"), {"key": _FLOOR, "value": revision})


def downgrade() -> None:
    bind = op.get_bind()
    bind.execute(sa.text("DELETE FROM meta WHERE key = :key"), {"key": _FLOOR})
    for name in ("ix_item_open", "ix_item_open_owner"):
        op.drop_index(name, "item")
    if bind.dialect.name == "postgresql":
        _widen_on_postgresql()
    else:
        _widen_on_sqlite(bind)
    op.create_index("ix_item_open_due", "item", ["due"], sqlite_where=_OPEN, postgresql_where=_OPEN)
    op.create_index("ix_item_owner_state", "item", ["owner", "state"])
    op.create_index("ix_denial_row_item_id", "denial_row", ["item_id"])
    op.drop_table("guidance")


# The digests, as they were when this revision was made


def _digest(texts: Any, bits: int) -> int:
    told = "".join(f"{len(text)}:{text}" for text in texts)
    return int.from_bytes(hashlib.sha256(told.encode()).digest()[:8], "big") >> (64 - bits)


def _digest_in_sql(columns: tuple[str, ...], bits: int) -> str:
    """The same in PostgreSQL. A shift to the right keeps the sign there, so that is cut off."""
    told = " || ".join(f"length({name}) || ':' || {name}" for name in columns)
    number = f"('x' || left(encode(sha256(convert_to({told}, 'UTF8')), 'hex'), 16))::bit(64)::bigint"
    return f"(({number} >> {64 - bits}) & {(1 << bits) - 1})"


# PostgreSQL


def _narrow_on_postgresql() -> None:
    """What goes lends its place to what comes, so that one statement writes the table anew, and only once."""
    words, names = _digest_in_sql(_WORDS, 63), ", ".join(_WORDS)
    op.execute("SET LOCAL statement_timeout = 0")
    op.execute(f"INSERT INTO guidance (id, {names}) SELECT DISTINCT {words}, {names} FROM item")  # noqa: S608 - our own
    op.execute("ALTER TABLE item DROP CONSTRAINT ux_item_natural")
    emptied = [f"ALTER {name} DROP NOT NULL, ALTER {name} TYPE varchar USING NULL" for name in _WORDS[2:]]
    op.execute(
        f"ALTER TABLE item ALTER next_step TYPE bigint USING {words},"
        f" ALTER decided_by TYPE bigint USING {_digest_in_sql(_APART, 47)}, {', '.join(emptied)}"
    )
    op.execute("ALTER TABLE item " + ", ".join(f"DROP COLUMN {name}" for name in _WORDS[2:]))
    op.alter_column("item", "next_step", new_column_name="guidance_id")
    op.alter_column("item", "decided_by", new_column_name="apart_key")
    op.create_unique_constraint("ux_item_natural", "item", ["number_key", "apart_key"])


def _widen_on_postgresql() -> None:
    op.execute("SET LOCAL statement_timeout = 0")
    op.execute("ALTER TABLE item " + ", ".join(f"ADD COLUMN {name} varchar" for name in _WORDS))
    told = ", ".join(f"{name} = guidance.{name}" for name in _WORDS)
    op.execute(f"UPDATE item SET {told} FROM guidance WHERE guidance.id = item.guidance_id")  # noqa: S608 - our own
    op.execute("ALTER TABLE item " + ", ".join(f"ALTER {name} SET NOT NULL" for name in _WORDS))
    op.execute("ALTER TABLE item DROP CONSTRAINT ux_item_natural, DROP COLUMN guidance_id, DROP COLUMN apart_key")
    op.create_unique_constraint("ux_item_natural", "item", ["number_key", *_APART])


# SQLite: the table is written anew beside the old one and takes its place. env.py has put foreign keys out of force.


def _narrow_on_sqlite(bind: sa.Connection) -> None:
    kept: list[tuple[str, tuple[str, ...], int]] = [("words_known", _WORDS, 63), ("apart_known", _APART, 47)]
    for table, columns, bits in kept:
        names = ", ".join(columns)
        bind.exec_driver_sql(f"CREATE TEMP TABLE {table} ({names}, number, PRIMARY KEY ({names})) WITHOUT ROWID")
        found = bind.exec_driver_sql(f"SELECT DISTINCT {names} FROM item").all()  # noqa: S608 - our own
        if found:
            places = ", ".join("?" * (len(columns) + 1))
            rows = [(*row, _digest(row, bits)) for row in found]
            bind.exec_driver_sql(f"INSERT INTO {table} VALUES ({places})", rows)  # noqa: S608 - our own
    names = ", ".join(_WORDS)
    bind.exec_driver_sql(f"INSERT INTO guidance (id, {names}) SELECT number, {names} FROM words_known")  # noqa: S608
    added = [sa.Column(name, sa.BigInteger(), nullable=False) for name in ("guidance_id", "apart_key")]
    source = "item" + "".join(
        f" LEFT JOIN {table} ON " + " AND ".join(f"{table}.{name} = item.{name}" for name in columns)
        for table, columns, _ in kept
    )
    _write_anew(bind, added, ("number_key", "apart_key"), ("words_known.number", "apart_known.number"), source)
    for table in ("words_known", "apart_known"):
        bind.exec_driver_sql(f"DROP TABLE {table}")


def _widen_on_sqlite(bind: sa.Connection) -> None:
    added = [sa.Column(name, sa.String(), nullable=False) for name in _WORDS]
    source = "item LEFT JOIN guidance ON guidance.id = item.guidance_id"
    _write_anew(bind, added, ("number_key", *_APART), tuple(f"guidance.{name}" for name in _WORDS), source)


def _write_anew(
    bind: sa.Connection, added: list[sa.Column[Any]], natural: tuple[str, ...], values: tuple[str, ...], source: str
) -> None:
    """The item table with what stays of it and other columns, whose values are given as SQL over `source`."""
    stays = _columns_that_stay()
    names = [column.name for column in stays]
    indexes = bind.exec_driver_sql("SELECT sql FROM sqlite_master WHERE tbl_name = 'item' AND type = 'index'").scalars()
    again = [one for one in indexes if one]
    op.create_table(
        "item_anew",
        *stays,
        *added,
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint(*natural, name="ux_item_natural"),
        sa.UniqueConstraint("ref"),
    )
    bind.exec_driver_sql(f"PRAGMA cache_size = -{_CACHE_KB}")
    bind.exec_driver_sql("PRAGMA secure_delete = ON")  # no second copy stays in the file of what is purged one day
    bind.exec_driver_sql(
        f"INSERT INTO item_anew ({', '.join([*names, *[column.name for column in added]])})"  # noqa: S608 - our own
        f" SELECT {', '.join([*[f'item.{name}' for name in names], *values])} FROM {source} ORDER BY item.id"
    )
    op.drop_table("item")
    op.rename_table("item_anew", "item")
    for index in again:
        bind.exec_driver_sql(index)
    bind.exec_driver_sql("PRAGMA cache_size = -2000")


def _columns_that_stay() -> list[sa.Column[Any]]:
    text, number, cents = sa.String(), sa.Integer(), sa.BigInteger()
    columns: list[tuple[str, Any, bool]] = [
        ("id", number, False),
        ("ref", text, False),
        ("number_key", sa.BigInteger(), False),
        ("batch_id", text, False),
        ("kind", text, False),
        ("history", sa.Boolean(), False),
        ("state", text, False),
        ("assignee", text, True),
        ("version", number, False),
        ("outcome", text, True),
        ("recovered_cents", cents, True),
        ("written_off_cents", cents, True),
        ("follow_up", sa.Date(), True),
        ("repeats", number, False),
        ("category", text, False),
        ("first_category", text, False),
        ("owner", text, True),
        ("handoff", text, False),
        ("preventable", text, False),
        ("escalation", text, False),
        ("payer_key", text, False),
        ("payer_label", text, False),
        ("practice", text, False),
        ("practice_label", text, True),
        ("location_label", text, True),
        ("codes", text, False),
        ("rarcs", text, False),
        ("procedure", text, True),
        ("filing_indicator", text, False),
        ("amount_cents", cents, False),
        ("billed_cents", cents, False),
        ("remit_date", sa.Date(), False),
        ("remit_id", number, False),
        ("first_remit_date", sa.Date(), False),
        ("first_cents", cents, False),
        ("first_code", text, False),
        ("payment", text, False),
        ("measured_cents", cents, False),
        ("due", sa.Date(), True),
        ("filing_passed", sa.Boolean(), False),
        ("sealed", sa.LargeBinary(), False),
        ("home", text, True),
        ("ingested_at", UtcDateTime(), False),
        ("opened_at", UtcDateTime(), False),
        ("claimed_at", UtcDateTime(), True),
        ("first_claimed_at", UtcDateTime(), True),
        ("last_activity_at", UtcDateTime(), False),
        ("resolved_at", UtcDateTime(), True),
        ("next_escalation_at", UtcDateTime(), True),
    ]
    defaults = {"filing_passed": sa.text("false")}
    return [
        sa.Column(name, kind, nullable=nullable, server_default=defaults.get(name)) for name, kind, nullable in columns
    ]
