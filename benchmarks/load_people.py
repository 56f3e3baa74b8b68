"""Fifty people: what they press and type, as Slack would send it, and how long each waited for the acknowledgement."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from benchmarks.load_slack import TEAM, Payload, SlackSide
from handlers.origin import Origin

ASKED = ("mine", "stats 30d", "overdue", "help")
_OUTCOME = "Billed to patient"
_MESSAGE = "About as much text as a list of denials carries. " * 60


@dataclass
class Waits:
    """Seconds to each acknowledgement, and how many did not come."""

    seconds: list[float] = field(default_factory=list)
    missed: int = 0

    def at(self, share: float) -> float:
        """The percentile, nearest rank."""
        ranked = sorted(self.seconds)
        return ranked[min(len(ranked) - 1, max(0, -(-int(share * 1000) * len(ranked) // 1000) - 1))]


@dataclass
class Person:
    """One of them, with what they have claimed and not resolved yet."""

    id: str
    claimed: list[str] = field(default_factory=list)


class People:
    """Takes items one after the other, so that each is claimed by one person once."""

    def __init__(self, slack: SlackSide, refs: Iterator[str], count: int, seed: int = 50) -> None:
        self._slack = slack
        self._refs = refs
        self._draw = random.Random(seed)
        self.people = [Person(f"U0LOAD{number:02d}") for number in range(count)]
        self.claims: dict[str, str] = {}  # what was acknowledged: reference and person
        self.resolved: dict[str, str] = {}
        self.unsure: set[str] = set()  # acted on, and not acknowledged in time
        self._numbers = 0

    async def work(self, seconds: float, waits: Waits, think_s: float = 2.0) -> None:
        """Everybody acts, waits, thinks for a moment, and acts again."""
        end = time.monotonic() + seconds

        async def one(person: Person) -> None:
            await asyncio.sleep(self._draw.uniform(0, think_s))
            while time.monotonic() < end:
                await self._act(person, waits)
                await asyncio.sleep(self._draw.uniform(0, think_s))

        await asyncio.gather(*(one(person) for person in self.people))

    async def at_once(self, times: int, waits: Waits, rest_s: float = 1.0) -> None:
        """Everybody acts in the same moment, and again after a rest."""
        for _ in range(times):
            await asyncio.gather(*(self._act(person, waits) for person in self.people))
            await asyncio.sleep(rest_s)

    async def _act(self, person: Person, waits: Waits) -> None:
        kind, payload, ref, done = self._deed(person)
        took = await self._slack.deliver(kind, payload)
        if took is None:
            waits.missed += 1
            self.unsure.add(ref)
            return
        waits.seconds.append(took)
        if done is not None:
            done[ref] = person.id

    def _deed(self, person: Person) -> tuple[str, Payload, str, dict[str, str] | None]:
        chance = self._draw.random()
        if chance < 0.25:
            return "slash_commands", self._command(person), "", None
        if chance < 0.35:
            return "events_api", self._home(person), "", None
        if chance < 0.50 and len(person.claimed) > 3:  # the oldest: its claim has long been carried out
            ref = person.claimed.pop(0)
            return "interactive", self._submission(person, ref), ref, self.resolved
        ref = next(self._refs)
        person.claimed.append(ref)
        return "interactive", self._press(person, ref), ref, self.claims

    def _base(self, person: Person) -> Payload:
        self._numbers += 1
        return {
            "user": {"id": person.id, "username": person.id.lower(), "name": person.id.lower(), "team_id": TEAM},
            "team": {"id": TEAM, "domain": "load"},
            "api_app_id": "A0LOAD",
            "token": "t",
            "trigger_id": f"1.2.{self._numbers}",
            "is_enterprise_install": False,
        }

    def _press(self, person: Person, ref: str) -> Payload:
        button = {"type": "button", "action_id": f"claim:{ref}", "block_id": "b1", "value": f"{ref}:1"}
        return {
            **self._base(person),
            "type": "block_actions",
            "container": {"type": "message", "message_ts": "1.2", "channel_id": "C0FRONT", "is_ephemeral": False},
            "channel": {"id": "C0FRONT", "name": "front-desk"},
            "message": {"ts": "1.2", "text": _MESSAGE, "blocks": []},
            "response_url": f"{self._slack.url}/hooks/{self._numbers}",
            "actions": [{**button, "action_ts": "1.3", "text": {"type": "plain_text", "text": "Claim"}}],
        }

    def _command(self, person: Person) -> Payload:
        self._numbers += 1
        return {
            "command": "/denials",
            "text": self._draw.choice(ASKED),
            "team_id": TEAM,
            "user_id": person.id,
            "channel_id": "C0FRONT",
            "trigger_id": f"1.2.{self._numbers}",
            "response_url": f"{self._slack.url}/hooks/{self._numbers}",
        }

    def _home(self, person: Person) -> Payload:
        self._numbers += 1
        event = {"type": "app_home_opened", "user": person.id, "channel": "D1", "tab": "home", "event_ts": "1.2"}
        ids = {"team_id": TEAM, "api_app_id": "A0LOAD", "event_id": f"Ev{id(self)}{self._numbers}"}
        return {**ids, "token": "t", "type": "event_callback", "event": event, "event_time": int(time.time())}

    def _submission(self, person: Person, ref: str) -> Payload:
        origin = Origin(ref, 1, f"{self._slack.url}/hooks/{self._numbers}", "", None, "C0FRONT").to_text()
        option = {"text": {"type": "plain_text", "text": _OUTCOME}, "value": _OUTCOME}
        values = {"outcome": {"outcome": {"type": "static_select", "selected_option": option}}}
        view = {"id": "V1", "type": "modal", "callback_id": "resolve", "private_metadata": origin, "hash": "1.a"}
        return {**self._base(person), "type": "view_submission", "view": {**view, "state": {"values": values}}}
