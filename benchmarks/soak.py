"""Whether a process at steady work stays level: `python -m benchmarks.soak --minutes 35`.

A practice works: files come in, people claim, resolve, ask and open App Home, steps fall due and are told. Once a
minute the bot's memory, file handles and threads and the sizes of the tables are read. The first third is warm-up; over
the rest, memory must not climb, and what has done its work must not pile up. So that this can be seen within the
hour, what a real process keeps for weeks (sent rows, old reminders) is kept for five minutes here. Denials, their log
and what is counted grow with the work, as they should; `denials purge` is for those.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import psutil
from sqlalchemy import func, text
from sqlmodel import col, select

from benchmarks.databases import Databases, databases
from benchmarks.measure import machine, table
from benchmarks.soak_practice import (
    RULES,
    People,
    Process,
    desk_on,
    free_port,
    ingest,
    serve_workspace,
    wait_for,
    write_batch,
)
from sandbox.core import APP_TOKEN, BOT_TOKEN
from services.cleanup import Kept, tidy
from services.desk import Desk
from store.cleanup import PASSING
from store.tables import SlackMessage

BRIEF = timedelta(minutes=5)
KEPT = Kept(outbox=BRIEF, digests=BRIEF, messages=BRIEF, escalations=BRIEF, job_runs=BRIEF, events=BRIEF, reveals=BRIEF)
DONE = ("outbox", "digest", "digest_item", "escalation", "job_run", "seen_event", "passing")  # what is tidied
GROWS = ("item", "event", "slack_message", "message_item", "denial_row", "batch")  # what is kept
MOST_GROWTH = 0.10  # of the memory after warm-up, within the time measured
MOST_MORE = 1.5  # times the most of what is tidied in the first half after warm-up
_SPARE = 30  # rows, files or threads that are no pile


@dataclass(frozen=True)
class Sample:
    """One look."""

    minute: float
    rss_mb: float
    files: int
    threads: int
    cpu_s: float  # used by the bot's process so far
    rows: dict[str, int]


@dataclass(frozen=True)
class Verdict:
    """What is not level, in words; empty when all is."""

    rss_slope_mb_per_hour: float
    problems: tuple[str, ...]


def main() -> None:
    """Work, look, print."""
    parser = argparse.ArgumentParser(description="Let a practice work steadily and watch the process.")
    parser.add_argument("--minutes", type=float, default=35.0)
    parser.add_argument("--rows", type=int, default=20, help="new denials a minute (default: 20)")
    parser.add_argument("--acts", type=int, default=48, help="things people do a minute (default: 48)")
    parser.add_argument("--postgresql", action="store_true", help="instead of SQLite")
    parser.add_argument("--workspace", type=int, metavar="PORT", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.workspace:
        serve_workspace(given.workspace, "")
        return
    print(machine(), flush=True)
    with tempfile.TemporaryDirectory(prefix="denials-soak-") as name:
        samples, people = run(Path(name), given.minutes, given.rows, given.acts, postgresql=given.postgresql)
    print(shown(samples))
    verdict = judge(samples)
    print(f"\nAcknowledged: {dict(people.acknowledged)}; not in time: {dict(people.late)}")
    print(f"Memory after warm-up: {verdict.rss_slope_mb_per_hour:+.1f} MB an hour")
    print("Level." if not verdict.problems else "NOT level: " + "; ".join(verdict.problems))
    sys.exit(1 if verdict.problems else 0)


def run(
    folder: Path, minutes: float, rows: int, acts: int, *, postgresql: bool = False, every_s: float = 60.0
) -> tuple[list[Sample], People]:
    """A practice at work for so long, looked at every minute."""
    (folder / "rules.yaml").write_text(RULES, encoding="utf-8")
    with databases(folder, postgresql=postgresql) as places:
        return _run_on(folder, places, "postgresql" if postgresql else "sqlite", minutes, rows, acts, every_s)


def _run_on(
    folder: Path, places: Databases, kind: str, minutes: float, rows: int, acts: int, every_s: float
) -> tuple[list[Sample], People]:
    with places.fresh(kind) as database:
        environment = {**database, "DENIALS_RULES": str(folder / "rules.yaml"), "DENIALS_LOG_FORMAT": "json"}
        desk = desk_on(environment)
        port, http = free_port(), free_port()
        url = f"http://127.0.0.1:{port}"
        slack = {"SLACK_API_URL": f"{url}/api/", "SLACK_BOT_TOKEN": BOT_TOKEN, "SLACK_APP_TOKEN": APP_TOKEN}
        workspace = Process(folder, "workspace", ["benchmarks.soak", "--workspace", str(port)])
        bot = None
        try:
            wait_for(f"{url}/", workspace)
            own = {"DENIALS_HTTP_PORT": str(http), "DENIALS_SWEEP_SECONDS": "10"}
            bot = Process(folder, "bot", ["bot", "run"], **environment, **slack, **own)
            wait_for(f"http://127.0.0.1:{http}/readyz", bot)
            people = People(desk, url)
            samples = _work(desk, bot, people, folder, environment, minutes, rows, acts, every_s)
            if "Traceback" in bot.log.read_text():
                raise RuntimeError("the bot's log holds a traceback")
            return samples, people
        finally:
            if bot is not None:
                bot.end()
            workspace.end()
            desk.db.dispose()


def _work(
    desk: Desk,
    bot: Process,
    people: People,
    folder: Path,
    environment: dict[str, str],
    minutes: float,
    rows: int,
    acts: int,
    every_s: float,
) -> list[Sample]:
    watched, samples = psutil.Process(bot.child.pid), list[Sample]()
    started, number = time.monotonic(), 0
    while (now := time.monotonic() - started) < minutes * 60:
        batch = folder / f"batch-{number}.csv"
        write_batch(batch, number, rows)
        ingest(folder, batch, environment)
        batch.unlink()
        number += 1
        for act in range(acts):
            people.act()
            wait = started + now + (act + 1) * every_s / acts - time.monotonic()
            time.sleep(max(0.0, wait))
        tidy(desk, KEPT)
        samples.append(_look(desk, watched, (time.monotonic() - started) / 60))
        if os.environ.get("SOAK_TALKS"):
            print(samples[-1], flush=True)
    return samples


def _look(desk: Desk, watched: psutil.Process, minute: float) -> Sample:
    with desk.db.read() as session:
        rows = {
            name: int(session.execute(text(f"SELECT count(*) FROM {name}")).scalar_one())
            for name in (*DONE, *GROWS)
            if name != "passing"
        }
        passing = select(func.count()).select_from(SlackMessage).where(col(SlackMessage.kind).in_(PASSING))
        rows["passing"] = session.exec(passing).one()
    with watched.oneshot():
        spent = watched.cpu_times()
        return Sample(
            minute,
            watched.memory_info().rss / 1e6,
            watched.num_fds(),
            watched.num_threads(),
            spent.user + spent.system,
            rows,
        )


def judge(samples: list[Sample]) -> Verdict:
    """Whether memory, files, threads and what has done its work are level after the first third."""
    warm = samples[len(samples) // 3 :]
    first, second = warm[: len(warm) // 2], warm[len(warm) // 2 :]
    slope = _slope([one.minute for one in warm], [one.rss_mb for one in warm])
    lasted = warm[-1].minute - warm[0].minute
    problems = []
    if slope * lasted > MOST_GROWTH * warm[0].rss_mb:
        problems.append(f"memory climbs by {slope * 60:.1f} MB an hour")
    for what, was, now in (
        ("file handles", max(one.files for one in first), max(one.files for one in second)),
        ("threads", max(one.threads for one in first), max(one.threads for one in second)),
        *((name, max(s.rows[name] for s in first), max(s.rows[name] for s in second)) for name in DONE),
    ):
        if now > MOST_MORE * was + _SPARE:
            problems.append(f"{what} grow from {was} to {now}")
    return Verdict(slope * 60, tuple(problems))


def _slope(places: list[float], values: list[float]) -> float:
    """Of the straight line that fits best."""
    middle_x, middle_y = sum(places) / len(places), sum(values) / len(values)
    spread = sum((x - middle_x) ** 2 for x in places)
    return sum((x - middle_x) * (y - middle_y) for x, y in zip(places, values, strict=True)) / spread if spread else 0.0


def shown(samples: list[Sample]) -> str:
    """A row for every few minutes."""
    every = max(1, len(samples) // 12)
    rows = [
        [f"{one.minute:.0f}", f"{one.rss_mb:.1f}", str(one.files), str(one.threads), f"{one.cpu_s:.0f}"]
        + [f"{one.rows[name]:,}" for name in (*DONE, *GROWS)]
        for place, one in enumerate(samples)
        if place % every == 0 or one is samples[-1]
    ]
    return table(("minute", "RSS MB", "files", "threads", "CPU s", *DONE, *GROWS), rows)


if __name__ == "__main__":
    main()
