"""A comparison in rounds: everybody takes one turn in each, so that what else the machine does hits all alike."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from benchmarks.measure import Failed, Found, Measured, judged, middle, table

_HEADINGS = ("", "seconds", "× floor", "CPU s", "CPU × floor", "peak MB", "against the truth")


@dataclass
class Contender:
    """One way to read one file, and how it did in each round. Without `floor` it is one itself."""

    label: str
    run: Callable[[], Measured]
    floor: Contender | None
    truth: Found
    note: str = ""
    rounds: list[Measured] = field(default_factory=list)
    failure: str = ""

    def turn(self) -> None:
        """Do it once more, unless it failed before."""
        if not self.failure:
            try:
                self.rounds.append(self.run())
            except Failed as failed:
                self.failure = str(failed)

    def row(self) -> list[str]:
        """Its line in the table."""
        base = (self.floor or self).rounds
        if self.failure or not self.rounds or not base:
            return [self.label, *["–"] * 5, f"failed: {self.failure}"]
        mine, least = middle(self.rounds), middle(base)
        return [
            self.label,
            f"{mine.seconds:.2f}",
            f"{mine.seconds / least.seconds:.1f}",
            f"{mine.cpu:.2f}",
            f"{mine.cpu / least.cpu:.1f}",
            f"{mine.peak_mb:.0f}",
            judged(self.rounds, self.truth) + self.note,
        ]


def play(ways: Sequence[Contender], rounds: int) -> None:
    """Let everybody take a turn in each round."""
    for done in range(1, rounds + 1):
        for way in ways:
            way.turn()
        print(f"round {done} of {rounds} done", file=sys.stderr)


def standings(ways: Sequence[Contender]) -> str:
    """The medians as a table. CPU is the reader's own process, without a database server's."""
    return table(_HEADINGS, [way.row() for way in ways])
