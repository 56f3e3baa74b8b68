"""How Alembic runs here: always online, on the connection handed over by `store.migrate`."""

from alembic import context
from sqlalchemy import text
from sqlmodel import SQLModel

from store import tables  # noqa: F401 - registers the tables for autogenerate

_LOCK = 0x44454E49  # "DENI": replicas that start together migrate one after the other

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=SQLModel.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
)
with context.begin_transaction():
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    context.run_migrations()
if connection.in_transaction():
    connection.commit()
