"""A practice under fire: batches, people and escalations, faults in every tenth call, processes killed at random."""

from __future__ import annotations

import json
import random
import re
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from sqlmodel import col, select

from bot.desk import SystemClock
from denials.lifecycle import LogEntry, replay
from denials.rules.load import load_rules
from sandbox.records import Message
from sandbox.seed import Channel, Seed, default_seed
from sandbox.server import Sandbox
from services import work
from services.desk import Desk
from services.items import state_of
from services.keys import provide_vault
from services.people import Actor
from services.views import Done
from store import tables
from store.database import Database
from tests.bot.processes import Bot
from tests.bot.rig import OPS, idle
from tests.conftest import DATA_KEY, SAMPLES, FixedRules

CHANNELS = ("C0FRONT", "C0CODING", "C0AUTH", "C0CLINICAL", "C0FOLLOWUP", OPS, "C0LEADS", "C0BILLING")
LEAD = "U0LEAD"
FAULT_RATE = 0.1
PATIENCE_S = 900.0  # for machines that have other things to do
_WORKER = Actor("U0FRONT1")
_REF = re.compile(r"DN-[2-9A-HJ-NP-Z]{8}")
_SOON = timedelta(minutes=10)  # the steps of these rules come within it


def seed() -> Seed:
    """The usual practice with one more team."""
    usual = default_seed()
    return replace(usual, channels=(*usual.channels, Channel("C0BILLING", "billing", "", (LEAD,))))


def rules_text(first_step: int, second_step: int) -> str:
    """Eight teams, one category each by payer; always open; two steps (seconds) for what nobody claims."""
    usual = (SAMPLES / "rules.yaml").read_text(encoding="utf-8")
    kept = usual[usual.index("handoffs:") : usual.index("escalations:")]
    teams = "".join(f"  team{n}: {{channel: {channel}, lead: {LEAD}}}\n" for n, channel in enumerate(CHANNELS))
    usual_categories = usual[usual.index("categories:") + len("categories:\n") : usual.index("handoffs:")]
    usual_teams = usual[usual.index("owners:") + len("owners:\n") : usual.index("categories:")]
    categories = "".join(
        f"  kind{n}: {{title: Kind {n}, owner: team{n}, handoff: Desk {n}, preventable: 'no', next_step: Work it.,"
        " escalation: standard}\n"
        for n in range(len(CHANNELS))
    )
    payers = "".join(f'  "payer {n}": Payer {n}\n' for n in range(len(CHANNELS)))
    matches = "".join(
        f'  - {{id: r{n}, match: {{payer: "payer {n}"}}, category: kind{n}}}\n' for n in range(len(CHANNELS))
    )
    return (
        "version: 1\ntimezone: America/New_York\n"
        'business_hours: {days: [mon, tue, wed, thu, fri, sat, sun], open: "00:00", close: "23:59"}\n'
        "digest: {cards: 20, gather: 1s}\n"
        f"ops_channel: {OPS}\nadmins: [U0ADMIN]\n"
        f"owners:\n{usual_teams}{teams}categories:\n{usual_categories}{categories}{kept}"
        "escalations:\n  standard:\n"
        f"    - {{when: unclaimed, after: {first_step}s, notify: [channel]}}\n"
        f"    - {{when: unclaimed, after: {second_step}s, notify: [lead]}}\n"
        f"payers:\n{payers}rules:\n{matches}"
    )


class Chaos:
    """The storm, and what must be true when it is over."""

    def __init__(
        self, database_url: str, sandbox: Sandbox, folder: Path, *, number: int, replicas: int, steps: tuple[int, int]
    ) -> None:
        text = rules_text(*steps)
        (folder / "rules.yaml").write_text(text, encoding="utf-8")
        self._inbox = folder / "batches" / "new"
        self._inbox.mkdir(parents=True)
        self.sandbox = sandbox
        self.chance = random.Random(number)
        self.database = Database(database_url)
        vault = provide_vault(self.database, DATA_KEY)
        self.desk = Desk(self.database, FixedRules(load_rules(text)), vault, SystemClock())
        self.bots = [Bot(folder, database_url, sandbox) for _ in range(replicas)]
        for bot in self.bots:
            bot.variables |= {"DENIALS_RULES": str(folder / "rules.yaml"), "DENIALS_INBOX": str(self._inbox)}
        self.claimed: set[str] = set()
        self._files = 0
        sandbox.faults.at_random(FAULT_RATE, seed=number)

    def rage(self, items: int, kills: int, between: Callable[[], None] | None = None) -> None:
        """Drop batches, let people claim, kill processes; then wait until everything is told.

        `between` is called once, in the middle of the storm.
        """
        for bot in self.bots:
            bot.start(wait=False)
        files = max(kills, 1) * 2
        sizes = [items // files + (n < items % files) for n in range(files)]
        try:
            for nth in range(kills):
                for size in sizes[2 * nth : 2 * nth + 2]:
                    self._drop(size)
                self._await_posts(self.chance.randint(1, max(2, items // kills)))
                self._somebody_claims()
                victim = self.chance.choice(self.bots)
                victim.kill()
                if between is not None and nth == kills // 2:
                    between()
                victim.start(wait=False)
            self._await(lambda: self._settled(items), "everything told")
        finally:
            for bot in self.bots:
                bot.kill()

    def _drop(self, size: int) -> None:
        """A batch arrives: written beside the folder and moved in, as a careful program does it."""
        self._files += 1
        rows = [
            f"F{self._files}-{n},Payer {self.chance.randrange(len(CHANNELS))},CO-197,{100 + n}.00" for n in range(size)
        ]
        draft = self._inbox.parent / f"batch-{self._files}"
        draft.write_text("claim_id,payer,carc,amount\n" + "\n".join(rows) + "\n", encoding="utf-8")
        draft.rename(self._inbox / f"batch-{self._files}.csv")

    def _await_posts(self, count: int) -> None:
        """Let so many more posts be tried: the next kill comes right then, in the middle of whatever is under way."""
        before = len(self.sandbox.calls.of("chat.postMessage"))
        self._await(
            lambda: len(self.sandbox.calls.of("chat.postMessage")) >= before + count or self._nothing_to_post(),
            "more posts",
        )

    def _await(self, condition: Callable[[], object], what: str) -> None:
        """Like `eventually`, for conditions that take a look at everything and must not take the time themselves."""
        deadline = time.monotonic() + PATIENCE_S
        while not condition():
            if time.monotonic() > deadline:
                raise AssertionError(f"waited {PATIENCE_S:g} s in vain: {what}\n{self.tail()}")
            time.sleep(0.2)

    def _nothing_to_post(self) -> bool:
        return not any(self._inbox.iterdir()) and self._all_composed() and idle(self.desk)

    def _somebody_claims(self) -> None:
        with self.database.read() as session:
            free = session.exec(select(tables.Item).where(tables.Item.state == "open").order_by(col(tables.Item.id)))
            some = self.chance.sample(found := list(free), min(3, len(found)))
        for item in some:
            if isinstance(work.claim(self.desk, item.ref, item.version, _WORKER), Done):
                self.claimed.add(item.ref)

    def _all_composed(self) -> bool:
        with self.database.read() as session:
            gathering = select(tables.Digest.id).where(col(tables.Digest.composed_at).is_(None))
            return session.exec(gathering.limit(1)).first() is None

    def _settled(self, items: int) -> bool:
        if len(self.items()) < items or not self._nothing_to_post():
            return False
        with self.database.read() as session:
            ahead = select(tables.Item.id).where(col(tables.Item.next_escalation_at).is_not(None))
            soon = ahead.where(
                tables.Item.state == "open", col(tables.Item.next_escalation_at) <= self.desk.now() + _SOON
            )
            return session.exec(soon.limit(1)).first() is None and idle(self.desk)

    # What is there

    def items(self) -> list[tables.Item]:
        """Every item."""
        with self.database.read() as session:
            return list(session.exec(select(tables.Item).order_by(col(tables.Item.id))))

    def messages(self) -> list[Message]:
        """Everything the bot has said, in every room."""
        rooms = self.sandbox.workspace.all_rooms()
        return [one for room in rooms for one in self.sandbox.workspace.listed(room.id) if one.by_app]

    def wrong_visible(self) -> list[str]:
        """Items that are not on exactly one live card (or else list) in their team's channel, as they are now."""
        with self.database.read() as session:
            posts = select(tables.Outbox, tables.SlackMessage).where(
                col(tables.SlackMessage.id) == col(tables.Outbox.message_id)
            )
            kinds = {row.id: message.kind for row, message in session.exec(posts)}
        shown: dict[str, dict[str, list[Message]]] = {"card": {}, "list": {}}
        for message in self.messages():
            kind, words = kinds.get(_outbox_id(message)), json.dumps(message.blocks, ensure_ascii=False) + message.text
            if kind in shown and "is shown on a newer card" not in words:
                for ref in set(_REF.findall(words)):
                    shown[kind].setdefault(ref, []).append(message)
        wrong = []
        for item in self.items():
            cards, lists = shown["card"].get(item.ref, []), shown["list"].get(item.ref, [])
            channels = [one.channel for one in cards or lists]
            if channels != [self.desk.rules.owners[item.owner or ""].channel]:
                wrong.append(f"{item.ref} is in {channels}")
            elif cards and (f"<@{_WORKER.user}>" in str(cards[0].blocks)) != (item.assignee is not None):
                wrong.append(f"{item.ref} is not shown as it is")
        return wrong

    def wrong_posts(self) -> list[str]:
        """Rows of the outbox without exactly one message, and messages without a row."""
        there = Counter(_outbox_id(one) for one in self.messages())
        with self.database.read() as session:
            rows = list(session.exec(select(tables.Outbox).where(tables.Outbox.op == "post")))
        wrong = [
            f"{row.state} post is there {there[row.id]} times" for row in rows if there[row.id] != (row.state == "sent")
        ]
        return wrong + [f"a message of no row: {one}" for one in there.keys() - {row.id for row in rows}]

    def wrong_steps(self) -> list[str]:
        """Untouched items of which not each of the two steps was recorded once and told once."""
        with self.database.read() as session:
            fired: Counter[int] = Counter(session.exec(select(tables.Escalation.item_id)))
            pings = Counter(
                session.exec(
                    select(tables.MessageItem.item_id, tables.SlackMessage.channel).where(
                        tables.SlackMessage.id == tables.MessageItem.message_id, tables.SlackMessage.kind == "ping"
                    )
                )
            )
        wrong = []
        for item in self.items():
            number, channel = item.id or 0, self.desk.rules.owners[item.owner or ""].channel
            told = [pings[(number, channel)], pings[(number, LEAD)]]
            if item.ref in self.claimed:
                wrong += [f"{item.ref}, claimed, was told of {told}"] if max(told) > 1 else []
            elif fired[number] != 2 or told != [1, 1]:
                wrong.append(f"{item.ref}: {fired[number]} steps recorded, told {told}")
        return wrong

    def wrong_logs(self) -> list[str]:
        """Items whose log does not replay to what they are, or that somebody's claim is missing from."""
        wrong = []
        with self.database.read() as session:
            log: dict[int, list[LogEntry]] = {}
            for event in session.exec(select(tables.Event).order_by(col(tables.Event.id))):
                log.setdefault(event.item_id, []).append(LogEntry(event.kind, json.loads(event.data), event.version))
        for item in self.items():
            entries = log.get(item.id or 0, [])
            if not entries or replay(entries) != state_of(item):
                wrong.append(f"{item.ref}: the log does not replay")
            elif [entry.version for entry in entries] != list(range(1, item.version + 1)):
                wrong.append(f"{item.ref}: the log has gaps")
            elif (item.ref in self.claimed) != any(entry.kind == "claimed" for entry in entries):
                wrong.append(f"{item.ref}: a claim is missing, or nobody's")
        return wrong

    def leftovers(self) -> list[str]:
        """Batches that did not end in `done`."""
        done = self._inbox.parent / "done"
        kept = {path.name for path in done.glob("*.csv")}
        return sorted({f"batch-{n}.csv" for n in range(1, self._files + 1)} - kept)

    def endings(self) -> Counter[str]:
        """How posts of unknown outcome ended, as far as the processes lived to say so."""
        return Counter(line["ended"] for line in self._lines() if "ended" in line)

    def doubts(self) -> int:
        """How many posts came into doubt: no answer, or the process died with them under way."""
        lines = self._lines()
        unknown = sum(line["event"] == "a post's outcome is unknown" for line in lines)
        return unknown + sum(int(line.get("held_by_a_dead_sender", 0)) for line in lines)

    def _lines(self) -> list[dict[str, str]]:
        lines = [line for bot in self.bots for line in bot.log.read_text().splitlines()]
        return [json.loads(line) for line in lines if line.startswith("{") and line.endswith("}")]

    def tail(self) -> str:
        """The end of the processes' logs."""
        return "\n".join(bot.log.read_text()[-1500:] for bot in self.bots)


def _outbox_id(message: Message) -> str:
    return str(((message.metadata or {}).get("event_payload") or {}).get("outbox_id"))
