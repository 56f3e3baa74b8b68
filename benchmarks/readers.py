"""Reading a remittance, side by side: `python -m benchmarks.readers --claims 100000`, or `make bench`.

A bare loop that only splits segments is the floor, and every figure is a multiple of it. All readers take turns in each
round, every one in a process of its own; the figures are medians. Peers that are much slower read a smaller file,
which has a floor of its own. Peers are looked for in `.venv-peers` (which `make bench` makes), else here.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks import generate
from benchmarks.contest import Contender, play, standings
from benchmarks.databases import Databases, databases
from benchmarks.measure import ROOT, Failed, Found, Measured, child, judged, load, machine
from benchmarks.peers import READERS

SLOW = frozenset({"pyx12", "openx12", "edi-835-parser"})
TARGET = 6.0
_HARD_CLAIMS = 1000
_LABELS = {
    "floor": "bare loop over split segments (floor)",
    "ours": "Denial Desk, reading only",
    "oxedi": "oxedi, rows through polars",
    "x12sdk": "x12sdk, segments only",
    "pyx12": "pyx12, segments only",
    "sqlite": "`denials ingest` into SQLite, committed",
    "postgresql": "`denials ingest` into PostgreSQL, committed",
}


@dataclass(frozen=True)
class Sample:
    """A generated file and what is true of it."""

    path: Path
    claims: int
    truth: Found


def sample(folder: Path, claims: int, *, hard: bool = False) -> Sample:
    """Write a remittance of so many claims; a hard one has several adjustments in a CAS and a line per segment."""
    path = folder / f"{claims}{'-hard' if hard else ''}.835"
    true = generate.write(path, claims, triplets=hard, newlines=hard)
    truth = Found(
        claims=true.claims,
        denials=true.denials,
        denied_cents=true.denied_cents,
        segments=true.segments,
        rejected=0,
        stored=true.denials,
        stored_cents=true.denied_cents,
    )
    return Sample(path, claims, truth)


def find_peers() -> tuple[Path, dict[str, str]]:
    """The interpreter that has the most peers, and which, with versions."""
    own = ROOT / ".venv-peers" / "bin" / "python"
    pythons = [python for python in (own, Path(sys.executable)) if python.exists()]
    return max(((python, installed(python)) for python in pythons), key=lambda found: len(found[1]))


def installed(python: Path) -> dict[str, str]:
    """The peers that this interpreter has, with versions."""
    done = subprocess.run([python, "-m", "benchmarks.peers"], cwd=ROOT, capture_output=True, text=True, check=True)
    return dict(line.split() for line in done.stdout.splitlines())


@dataclass(frozen=True)
class Contest:
    """The files, the peers and the databases of one comparison."""

    large: Sample
    small: Sample
    hard: Sample
    peers: dict[str, str]
    python: Path
    places: Databases

    def contenders(self) -> list[Contender]:
        """Everybody who takes part, in the order of a round."""
        known = [name for name in READERS if name in self.peers]
        floor = self._contender("floor", self.large, None)
        names = ["ours", *(name for name in known if name not in SLOW), "sqlite", "postgresql"]
        out = [floor, *(self._contender(name, self.large, floor) for name in names)]
        slow = [name for name in known if name in SLOW]
        if slow:
            low = self._contender("floor", self.small, None)
            out += [low, *(self._contender(name, self.small, low) for name in slow)]
        return out

    def _contender(self, name: str, sample: Sample, floor: Contender | None) -> Contender:
        label = _LABELS.get(name, name)
        if sample is not self.large:
            label = f"{'the floor' if name == 'floor' else label}, {sample.claims:,} claims"
        return Contender(
            label,
            run=partial(_run, name, sample.path, self.python, self.places),
            floor=floor,
            truth=sample.truth,
            note=self._hard_verdict(name),
        )

    def _hard_verdict(self, name: str) -> str:
        """Read the small hard file, untimed, and say what went wrong."""
        try:
            verdict = judged([_run(name, self.hard.path, self.python, self.places)], self.hard.truth)
        except Failed as failed:
            verdict = f"fails ({failed})"
        return "" if verdict.startswith("exact") else f"; with several adjustments in a CAS {verdict}"


def _run(name: str, path: Path, python: Path, places: Databases) -> Measured:
    if name in READERS:
        return child("benchmarks.peers", [name, str(path)], python=python)
    if name == "ours":
        return child("benchmarks.ours", ["read", str(path)])
    with places.fresh(name) as environment:
        return child("benchmarks.ours", ["ingest", str(path)], environment=environment, folder=path.parent)


def main() -> None:
    """Compare and print."""
    parser = argparse.ArgumentParser(description="Compare readers of 835 files, and the whole ingest, in one run.")
    parser.add_argument("--claims", type=int, default=100_000, help="claims in the file (default: 100,000)")
    parser.add_argument("--slow-claims", type=int, default=10_000, help="claims for the slow peers (default: 10,000)")
    parser.add_argument("--rounds", type=int, default=5, help="rounds, of which the medians are shown (default: 5)")
    given = parser.parse_args()
    python, peers = find_peers()
    with tempfile.TemporaryDirectory(prefix="denials-bench-") as name, databases(Path(name)) as places:
        folder = Path(name)
        large, small = sample(folder, given.claims), sample(folder, min(given.slow_claims, given.claims))
        contest = Contest(large, small, sample(folder, _HARD_CLAIMS, hard=True), peers, python, places)
        print(machine())
        print(
            f"{large.claims:,} claims, {large.truth.denials:,} denied amounts, {large.truth.segments:,} segments,",
            end=" ",
        )
        print(f"{large.path.stat().st_size / 1e6:.1f} MB; medians of {given.rounds} rounds")
        print("peers: " + (", ".join(f"{name} {version}" for name, version in peers.items()) or "none"))
        for missing in [name for name in READERS if name not in peers and name != "floor"]:
            print(f"missing, so skipped: {missing}; `make bench` installs it")
        ways = contest.contenders()
        play(ways, given.rounds)
    print(f"\n{standings(ways)}\n")
    print(f"The target for the whole ingest is at most {TARGET:.0f} times the floor. Load at the end: {load()}")


if __name__ == "__main__":
    main()
