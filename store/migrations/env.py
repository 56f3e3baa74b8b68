"""How Alembic runs here: always online, on the connection handed over by `store.migrate`."""

from alembic import context
from sqlalchemy import text
from sqlmodel import SQLModel

from store import tables  # noqa: F401 - registers the tables for autogenerate

_LOCK = 0x44454E49  # "DENI": replicas that start together migrate one after the other

connection = context.config.attributes["connection"]
on_sqlite = connection.dialect.name == "sqlite"
context.configure(
    connection=connection,
    target_metadata=SQLModel.metadata,
    render_as_batch=on_sqlite,
)
if on_sqlite:  # where a table is written anew, others refer to it meanwhile; within a transaction it cannot be said
    connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")
try:
    with context.begin_transaction():
        if not on_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        context.run_migrations()
    if connection.in_transaction():
        connection.commit()
finally:
    if on_sqlite:
        connection.rollback()  # ends what failed; nothing where all went well
        connection.connection.driver_connection.execute("PRAGMA foreign_keys=ON")
