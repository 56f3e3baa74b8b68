"""Acknowledgement times with fifty people at once: `python -m benchmarks.load`.

`denials run` and a bare Bolt app that does nothing but acknowledge take turns, over HTTP and over Socket Mode, each a
process of its own. Fifty people press, type, submit and open App Home: first each at their own pace (a moment of
thought between two acts), then all in the same instant, again and again. What was acknowledged must have been done,
exactly once. A batch of thousands of denials is being posted meanwhile.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlmodel import select

from benchmarks.databases import Databases, databases
from benchmarks.load_people import People, Waits
from benchmarks.load_slack import SECRET, SlackSide
from benchmarks.measure import load, machine, table
from benchmarks.soak_practice import RULES, Process, desk_on, free_port, ingest, wait_for, write_batch
from services.desk import Desk
from store.tables import Event, Item

MOST_TIMES = 3.0  # of the bare app's p99
LONGEST_S = 1.0
_SETTLE_S = 30.0


@dataclass(frozen=True)
class Work:
    """How much is asked."""

    people: int
    rounds: int
    seconds: float
    bursts: int
    rows: int


@dataclass
class Side:
    """One app: its process, its Slack, its people and how long they waited."""

    slack: SlackSide
    process: Process
    people: People
    paced: Waits
    at_once: Waits


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure acknowledgement times under load.")
    parser.add_argument("--people", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=4, help="turns of each app (default: 4)")
    parser.add_argument("--seconds", type=float, default=15, help="of everyone's own pace in a turn (default: 15)")
    parser.add_argument("--bursts", type=int, default=8, help="of all at once in a turn (default: 8)")
    parser.add_argument("--rows", type=int, default=6000, help="denials ingested before (default: 6000)")
    parser.add_argument("--over", choices=("HTTP", "Socket Mode"), help="only one of the two")
    parser.add_argument("--postgresql", action="store_true", help="instead of SQLite")
    given = parser.parse_args()
    work = Work(given.people, given.rounds, given.seconds, given.bursts, given.rows)
    kind = "postgresql" if given.postgresql else "sqlite"
    print(f"{machine()}, {kind}, {work.people} people", flush=True)
    rows: list[list[str]] = []
    problems: list[str] = []
    with (
        tempfile.TemporaryDirectory(prefix="denials-load-") as name,
        databases(Path(name), postgresql=given.postgresql) as places,
    ):
        for way in (given.over,) if given.over else ("HTTP", "Socket Mode"):
            told, wrong = asyncio.run(_measured(Path(name), places, kind, way, work))
            rows += told
            problems += wrong
    print(table(("over", "how", "who", "acts", "p50 ms", "p99 ms", "worst ms", "not in 3 s", "p99 × bare"), rows))
    print(f"Load at the end: {load()}")
    print("Targets met, every act done exactly once." if not problems else "MISSED: " + "; ".join(problems))
    sys.exit(1 if problems else 0)


async def _measured(
    folder: Path, places: Databases, kind: str, way: str, work: Work
) -> tuple[list[list[str]], list[str]]:
    with places.fresh(kind) as database:
        (folder / "rules.yaml").write_text(RULES, encoding="utf-8")
        environment = {**database, "DENIALS_RULES": str(folder / "rules.yaml"), "DENIALS_LOG_FORMAT": "json"}
        batch = folder / "batch.csv"
        write_batch(batch, 1, work.rows)
        await asyncio.to_thread(ingest, folder, batch, environment)
        desk = desk_on(environment)
        try:
            with desk.db.read() as session:
                refs = list(session.exec(select(Item.ref).order_by(Item.ref)))
            bare_port, port = free_port(), free_port()
            address = "http://127.0.0.1:{}/slack/events" if way == "HTTP" else ""
            async with SlackSide(address.format(bare_port)) as bare_slack, SlackSide(address.format(port)) as slack:
                bare = await _bare(folder, way, bare_slack, bare_port, work)
                try:
                    ours = await _ours(folder, way, slack, port, environment, iter(refs), work)
                    try:
                        await _turns(bare, ours, work)
                        wrong = await _check(environment, ours.people)
                    finally:
                        await asyncio.to_thread(ours.process.end)
                finally:
                    bare.process.child.kill()
                    await asyncio.to_thread(bare.process.child.wait)
        finally:
            desk.db.dispose()
    log = ours.process.log.read_text()
    wrong += [f"the log tells: {words}" for words in ("Traceback", "a listener failed") if words in log]
    wrong = [f"{way}: {one}" for one in wrong]
    return _told(way, bare, ours, wrong), wrong


async def _bare(folder: Path, way: str, slack: SlackSide, port: int, work: Work) -> Side:
    arguments = ["benchmarks.load_bare", "http" if way == "HTTP" else "socket", f"{slack.url}/api/", str(port)]
    process = Process(folder, "bare", arguments)
    if way == "HTTP":
        await asyncio.to_thread(wait_for, f"http://127.0.0.1:{port}/healthz", process)
    else:
        await slack.connected()
    people = People(slack, (f"DN-{number:08d}" for number in itertools.count()), work.people)
    return Side(slack, process, people, Waits(), Waits())


async def _ours(
    folder: Path, way: str, slack: SlackSide, port: int, environment: dict[str, str], refs: Iterator[str], work: Work
) -> Side:
    key = {"SLACK_SIGNING_SECRET": SECRET} if way == "HTTP" else {"SLACK_APP_TOKEN": "xapp-load"}
    tokens = {"SLACK_API_URL": f"{slack.url}/api/", "SLACK_BOT_TOKEN": "xoxb-load", **key}
    process = Process(folder, f"bot-{port}", ["bot", "run"], **environment, **tokens, DENIALS_HTTP_PORT=str(port))
    await asyncio.to_thread(wait_for, f"http://127.0.0.1:{port}/readyz", process)
    return Side(slack, process, People(slack, refs, work.people), Waits(), Waits())


async def _turns(bare: Side, ours: Side, work: Work) -> None:
    for side in (bare, ours):  # both have met everybody before it counts
        await side.people.at_once(2, Waits())
    for _ in range(work.rounds):
        for side in (bare, ours):
            await side.people.work(work.seconds, side.paced)
        for side in (bare, ours):
            await side.people.at_once(work.bursts, side.at_once)


async def _check(environment: dict[str, str], people: People) -> list[str]:
    """What was acknowledged has been done once, by the one who did it; waits until the last act has ended."""
    desk = desk_on(environment)
    try:
        wrong: list[str] = []
        for _ in range(int(_SETTLE_S)):
            wrong = []
            done = {kind: _done(desk, kind) for kind in ("claimed", "resolved")}
            for kind, wanted in (("claimed", people.claims), ("resolved", people.resolved)):
                refs = {ref for ref, _ in done[kind]}
                lost = [one for one in wanted.items() if one not in done[kind] and one[0] not in people.unsure]
                # whoever resolves a denial while their claim of it still waits for the database needs the claim no more
                overtaken = {ref for ref, _ in done["resolved"]} if kind == "claimed" else set()
                lost = [one for one in lost if one[0] not in overtaken]
                if lost:
                    wrong.append(f"{len(lost)} of {len(wanted)} {kind} were acknowledged and not done")
                if len(refs) != len(done[kind]):
                    wrong.append(f"something was {kind} twice")
                if not refs <= {*wanted, *people.unsure}:
                    wrong.append(f"something was {kind} that nobody asked for")
            if not wrong:
                return []
            await asyncio.sleep(1)
        return wrong
    finally:
        desk.db.dispose()


def _done(desk: Desk, kind: str) -> list[tuple[str, str]]:
    with desk.db.read() as session:
        query = select(Item.ref, Event.actor).where(Event.item_id == Item.id, Event.kind == kind)
        return [(ref, str(actor)) for ref, actor in session.exec(query)]


def _told(way: str, bare: Side, ours: Side, wrong: list[str]) -> list[list[str]]:
    rows = []
    for how, floor, waits in (("own pace", bare.paced, ours.paced), ("all at once", bare.at_once, ours.at_once)):
        for who, one in (("bare Bolt app", floor), ("denials run", waits)):
            times = one.at(0.99) / floor.at(0.99)
            rows.append([way, how, who, f"{len(one.seconds):,}"] + [f"{s * 1000:.0f}" for s in _marks(one)])
            rows[-1] += [str(one.missed), f"{times:.1f}"]
        if waits.at(0.99) > MOST_TIMES * floor.at(0.99):
            wrong.append(f"{way}, {how}: p99 {waits.at(0.99) / floor.at(0.99):.1f} times the bare app's")
        if waits.missed or max(waits.seconds) > LONGEST_S:
            wrong.append(f"{way}, {how}: {waits.missed} not in time, the longest {max(waits.seconds):.2f} s")
    return rows


def _marks(waits: Waits) -> tuple[float, float, float]:
    return waits.at(0.5), waits.at(0.99), max(waits.seconds)


if __name__ == "__main__":
    main()
