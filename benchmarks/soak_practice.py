"""A practice at steady work for the soak: the sandbox workspace, `denials run`, files that come and people who act.

Every part is a process of its own, as in production. People press what stands in the database as posted, so that their
work does not grow with the channel.
"""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from sqlmodel import col, select

from benchmarks.measure import ROOT
from bot.manifest import app_manifest
from denials.rules.load import load_rules
from denials.rules.model import RuleSet
from sandbox.app import app_of_manifest
from sandbox.errors import PageRefusal
from sandbox.page_client import PageClient
from sandbox.run import serve_forever
from sandbox.server import Sandbox
from sandbox.shown import Modal
from services.desk import Desk
from services.keys import provide_vault
from services.vault import parse_data_key
from store.database import Database
from store.tables import Item, SlackMessage

RULES = """
version: 1
timezone: America/New_York
business_hours: {days: [mon, tue, wed, thu, fri, sat, sun], open: "00:00", close: "23:59"}
digest: {cards: 3, gather: 20s}
ops_channel: C0OPS
reports_channel: C0LEADS
admins: [U0ADMIN]
owners:
  front_desk: {channel: C0FRONT, lead: U0LEAD, manager: U0MANAGER}
  coding_team: {channel: C0CODING, lead: U0LEAD, manager: U0MANAGER}
  auth_team: {channel: C0AUTH, lead: U0LEAD, manager: U0MANAGER}
  clinical_team: {channel: C0CLINICAL, lead: U0LEAD, manager: U0MANAGER}
  follow_up_team: {channel: C0FOLLOWUP, lead: U0LEAD, manager: U0MANAGER}
categories:
  registration: {owner: front_desk}
  eligibility: {owner: front_desk}
  authorization: {owner: auth_team}
  coding: {owner: coding_team}
  documentation: {owner: clinical_team}
  payer_edit: {owner: follow_up_team}
  follow_up: {owner: follow_up_team}
escalations:
  standard:
    - {when: unclaimed, after: 3m, notify: [owner]}
    - {when: unclaimed, after: 8m, notify: [lead]}
    - {when: claimed, after: 4m, notify: [assignee]}
"""
PEOPLE = ("U0FRONT1", "U0FRONT2", "U0CODE1", "U0AUTH1", "U0CLIN1", "U0FOLLOW1", "U0LEAD", "U0MANAGER")
ASKED = ("stats 30d", "mine", "overdue", "aging", "trend", "payers", "help")
OUTCOMES = ("Billed to patient", "Written off", "Not a denial")
_CODES = ("CO-197", "CO-16", "PR-27", "CO-50", "CO-97", "OA-18", "CO-29", "CO-31")
_START_S = 300.0  # machines may be busy


@dataclass(frozen=True)
class Rules:
    """Rules that do not change."""

    rules: RuleSet

    def current(self) -> RuleSet:
        """The rules in force."""
        return self.rules


class Now:
    """Real time."""

    def now(self) -> datetime:
        """The present, UTC."""
        return datetime.now(UTC)


def desk_on(environment: dict[str, str]) -> Desk:
    """The practice's desk on the database that the environment names; dispose of its database afterwards."""
    db = Database(environment["DENIALS_DATABASE_URL"])
    vault = provide_vault(db, parse_data_key(environment["DENIALS_DATA_KEY"]))
    return Desk(db, Rules(load_rules(RULES)), vault, Now())


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def serve_workspace(port: int, events_url: str) -> None:
    """The workspace's process, until SIGTERM."""
    serve_forever(Sandbox(app=app_of_manifest(app_manifest()), port=port, events_url=events_url or None))


class Process:
    """A child with a log of its own, ended by SIGTERM."""

    def __init__(self, folder: Path, name: str, arguments: list[str], **environment: str) -> None:
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("DENIALS_", "SLACK_"))}
        self.log = folder / f"{name}.log"
        with self.log.open("ab") as log:
            self.child = subprocess.Popen(
                [sys.executable, "-m", *arguments],
                cwd=folder,
                env={**kept, "PYTHONPATH": str(ROOT), **environment},
                stdout=log,
                stderr=log,
            )

    def end(self) -> int:
        """SIGTERM; the exit status."""
        if self.child.poll() is None:
            self.child.send_signal(signal.SIGTERM)
        return self.child.wait(60)


def wait_for(address: str, process: Process) -> None:
    """Until an address answers with 200."""
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline and process.child.poll() is None:
        with suppress(URLError, OSError), urlopen(address, timeout=5) as answer:
            if answer.status == 200:
                return
        time.sleep(0.1)
    raise RuntimeError(f"{address} does not answer:\n{process.log.read_text()[-2000:]}")


class People:
    """What people do, one act at a time; counts what was acknowledged in time and what was not."""

    def __init__(self, desk: Desk, url: str, seed: int = 7) -> None:
        self._desk = desk
        self._page = PageClient(url)
        self._draw = random.Random(seed)
        self.acknowledged: Counter[str] = Counter()
        self.late: Counter[str] = Counter()

    def act(self) -> None:
        """Somebody does something."""
        work: list[Callable[[], None]] = [self._claim, self._resolve] * 4
        with suppress(PageRefusal):  # what they pressed has changed meanwhile
            self._draw.choice([*work, self._ask, self._home])()

    def _claim(self) -> None:
        found = self._posted("open")
        if found is not None:
            self._press("claim", *found, self._draw.choice(PEOPLE))

    def _resolve(self) -> None:
        found = self._posted("claimed")
        if found is None:
            return
        item, message = found
        person = item.assignee or PEOPLE[0]
        self._press("resolve", item, message, person)
        modal = self._modal(person)
        if modal is not None:
            values = modal.filled({"Outcome": self._draw.choice(OUTCOMES)})
            self._note("submit", self._page.post("submit", viewer=person, view_id=modal.id, values=values))

    def _ask(self) -> None:
        text = f"/denials {self._draw.choice(ASKED)}"
        self._note(
            "command", self._page.post("command", viewer=self._draw.choice(PEOPLE), channel="C0LEADS", text=text)
        )

    def _home(self) -> None:
        self._page.post("home", viewer=self._draw.choice(PEOPLE))

    def _posted(self, state: str) -> tuple[Item, SlackMessage] | None:
        query = (
            select(Item, SlackMessage)
            .join(SlackMessage, col(SlackMessage.id) == col(Item.home))
            .where(Item.state == state, col(SlackMessage.ts).is_not(None))
            .order_by(col(Item.id))
            .limit(20)
        )
        with self._desk.db.read() as session:
            found = list(session.exec(query))
        return self._draw.choice(found) if found else None

    def _press(self, verb: str, item: Item, message: SlackMessage, person: str) -> None:
        value, action = f"{item.ref}:{item.version}", f"{verb}:{item.ref}"
        element = {"type": "button", "action_id": action, "value": value, "text": {"type": "plain_text", "text": verb}}
        place = {"channel": message.posted_channel, "message_ts": message.ts, "block_id": "b", "action_id": action}
        self._note(verb, self._page.post("action", viewer=person, element=element, **place))

    def _modal(self, person: str) -> Modal | None:
        for _ in range(40):
            if found := self._page.state(person, "home", None)["modal"]:
                return Modal.of(found)
            time.sleep(0.05)
        return None

    def _note(self, deed: str, answer: dict[str, object]) -> None:
        (self.acknowledged if answer.get("acknowledged") else self.late)[deed] += 1


def write_batch(path: Path, number: int, rows: int) -> None:
    """A CSV of so many new denials."""
    lines = ["claim_id,payer,carc,amount,billed,paid,remit_date"]
    day = time.strftime("%Y-%m-%d")
    for place in range(rows):
        code = _CODES[(number + place) % len(_CODES)]
        lines.append(f"SOAK-{number:05d}-{place:04d},Aetna,{code},{100 + place}.00,{200 + place}.00,0,{day}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def ingest(folder: Path, path: Path, environment: dict[str, str]) -> None:
    """`denials ingest` as a process of its own."""
    process = Process(folder, "ingest", ["bot", "ingest", str(path)], **environment)
    if process.child.wait(300) != 0:
        raise RuntimeError(process.log.read_text()[-500:])
