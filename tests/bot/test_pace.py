"""The sender's pace against a server that counts strictly, in simulated time."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from bot.pace import Method, Pace, Ticket
from sandbox.limits import Limits, RateLimiter

_API: dict[Method, str] = {"post": "chat.postMessage", "update": "chat.update", "history": "conversations.history"}


@dataclass(frozen=True)
class Call:
    """One call somebody wants to make; it reaches the server `arrives` of the way through its `latency`."""

    method: Method
    channel: str
    human: bool
    latency: float
    arrives: float


@dataclass
class Simulation:
    """Time that moves from event to event."""

    at: float = 0.0
    refused: int = 0
    done: list[float] = field(default_factory=list)
    waited: dict[bool, float] = field(default_factory=lambda: {True: 0.0, False: 0.0})

    def __post_init__(self) -> None:
        self.pace = Pace(now=lambda: self.at)
        self.server = RateLimiter(Limits(tolerance=0.0), lambda: self.at)
        self.events: list[tuple[float, int, str, Call, Ticket]] = []
        self.busy: set[str] = set()
        self.count = 0

    def run(self, calls: list[Call]) -> None:
        for call in calls:
            wanted = self.at
            while (
                call.channel in self.busy
                or len(self.busy) >= 6
                or self.pace.wait(call.method, call.channel, human=call.human) > 0
            ):
                self._forward(self.pace.wait(call.method, call.channel, human=call.human))
            self.waited[call.human] = max(self.waited[call.human], self.at - wanted)
            self._begin(call)
        while self.events:
            self._forward(0)

    def _begin(self, call: Call) -> None:
        ticket = self.pace.begin(call.method, call.channel)
        self.busy.add(call.channel)
        self.count += 1
        heapq.heappush(self.events, (self.at + call.latency * call.arrives, self.count, "arrives", call, ticket))
        heapq.heappush(self.events, (self.at + call.latency, self.count + 1_000_000, "ends", call, ticket))

    def _forward(self, wait: float) -> None:
        """To the next event, or by `wait` if that is sooner."""
        if not self.events or (wait > 0 and self.at + wait < self.events[0][0]):
            self.at += max(wait, 1e-6)
            return
        self.at, _, what, call, ticket = heapq.heappop(self.events)
        if what == "arrives":
            self.refused += self.server.take(_API[call.method], call.channel) is not None
        else:
            self.pace.end(ticket)
            self.busy.discard(call.channel)
            self.done.append(self.at)


calls = st.lists(
    st.builds(
        Call,
        method=st.sampled_from(["post", "post", "update", "history"]),
        channel=st.sampled_from(["C1", "C2", "C3", "C4"]),
        human=st.booleans(),
        latency=st.floats(0.001, 3.0),
        arrives=st.floats(0, 1),
    ),
    max_size=200,
)


@given(calls)
def test_slack_never_has_to_refuse_whatever_the_latency(wanted: list[Call]) -> None:
    simulation = Simulation()
    simulation.run(wanted)
    assert simulation.refused == 0
    assert len(simulation.done) == len(wanted)


def test_ninety_percent_of_the_workspace_pace_is_kept_over_twenty_minutes() -> None:
    simulation = Simulation()
    simulation.run([Call("post", f"C{n % 8}", False, 0.03, 0.5) for n in range(240 * 20)])
    assert simulation.refused == 0
    assert simulation.at <= 20 * 60 / 0.9


def test_ninety_percent_of_a_channels_pace_is_kept() -> None:
    simulation = Simulation()
    simulation.run([Call("post", "C1", False, 0.03, 0.5) for _ in range(600)])
    assert simulation.refused == 0
    assert simulation.at <= 600 / 0.9


def test_bulk_updates_leave_fifteen_a_minute_to_people() -> None:
    simulation = Simulation()
    bulk = [Call("update", f"C{n % 5}", False, 0.01, 0.5) for n in range(35)]
    people = [Call("update", f"C{n % 5}", True, 0.01, 0.5) for n in range(15)]
    simulation.run([*bulk, *people])
    assert simulation.at < 5, "nobody waited for the minute to pass"
    assert simulation.refused == 0
    assert simulation.pace.wait("update") > 30, "more bulk has to wait"


def test_a_channel_slack_asked_to_leave_alone_rests_that_long() -> None:
    simulation = Simulation()
    simulation.pace.hold("post", 17, "C1")
    assert simulation.pace.wait("post", "C1") == 17
    assert simulation.pace.wait("post", "C2") == 0
    assert simulation.pace.resting() == {"C1"}


def test_a_method_slack_asked_to_leave_alone_rests_in_every_channel() -> None:
    simulation = Simulation()
    simulation.pace.hold("update", 9)
    assert simulation.pace.wait("update", human=True) == 9
    assert simulation.pace.wait("post", "C1") == 0


def test_calls_of_a_process_that_died_still_count() -> None:
    simulation = Simulation()
    for _ in range(50):
        simulation.pace.remember("update", "C1", ago=20)
    simulation.pace.remember("post", "C1", ago=0.4)
    assert round(simulation.pace.wait("update", human=True)) == 40
    assert 0.5 < simulation.pace.wait("post", "C1") <= 0.6


def test_a_call_that_was_not_made_does_not_count() -> None:
    simulation = Simulation()
    simulation.pace.cancel(simulation.pace.begin("post", "C1"))
    simulation.at += 0.25
    assert simulation.pace.wait("post", "C1") == 0
