"""Measuring one piece of work in a process of its own, and showing many such measurements as a table.

A module that can be measured is run as `python -m MODULE …` and ends with `report(…)`, one line of JSON; `child()`
starts it and reads that line. Interpreter start and imports are counted for nobody.
"""

from __future__ import annotations

import json
import os
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from statistics import median
from typing import TypeVar

ROOT = Path(__file__).resolve().parent.parent
MEGABYTE = 1_000_000

Result = TypeVar("Result")


@dataclass(frozen=True)
class Found:
    """What a reader says is in the file; None for what it cannot tell. Amounts in cents."""

    claims: int | None = None
    denials: int | None = None
    denied_cents: int | None = None
    segments: int | None = None
    rejected: int | None = None
    stored: int | None = None  # rows the database holds afterwards
    stored_cents: int | None = None


@dataclass(frozen=True)
class Measured:
    """One piece of work: seconds by the clock and of this process's CPU, the process's peak memory, what was found."""

    seconds: float
    cpu: float
    peak_mb: float
    found: Found


_WORDS = {
    "claims": "claims",
    "denials": "denials",
    "denied_cents": "cents",
    "segments": "segments",
    "rejected": "rejected rows",
    "stored": "stored rows",
    "stored_cents": "stored cents",
}


class Failed(Exception):
    """A child ended without a measurement."""


def measured(work: Callable[[], Found]) -> Measured:
    """Do the work once, here, and measure it."""
    cpu, start = time.process_time(), time.perf_counter()
    found = work()
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    return Measured(seconds, cpu, peak_mb(), found)


def peak_mb() -> float:
    """The most memory this process ever held, in megabytes.

    Linux tells it per program; the counter of `getrusage` would also show what the parent held when it forked.
    """
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:
        used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return used / MEGABYTE if sys.platform == "darwin" else used * 1024 / MEGABYTE
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) * 1024 / MEGABYTE


def report(result: Measured) -> None:
    """Tell the parent, as the last line of standard output."""
    print(json.dumps(asdict(result)))


def child(
    module: str,
    arguments: Sequence[str],
    *,
    python: Path | None = None,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> Measured:
    """Run `module` in a fresh interpreter and hand out what it measured. Raises Failed."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("DENIALS_", "SLACK_", "PYTHON"))}
    done = subprocess.run(
        [str(python or sys.executable), "-m", module, *arguments],
        cwd=folder or ROOT,
        env={**kept, "PYTHONPATH": str(ROOT), **(environment or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    lines = done.stdout.splitlines()
    if done.returncode or not lines:
        raise Failed((done.stderr.strip().splitlines() or ["no output"])[-1])
    told = json.loads(lines[-1])
    return Measured(told["seconds"], told["cpu"], told["peak_mb"], Found(**told["found"]))


def middle(rounds: Sequence[Measured]) -> Measured:
    """The medians of several rounds; memory is the most of any."""
    return Measured(
        median(one.seconds for one in rounds),
        median(one.cpu for one in rounds),
        max(one.peak_mb for one in rounds),
        rounds[-1].found,
    )


def judged(rounds: Sequence[Measured], truth: Found) -> str:
    """Whether every round found the truth: of all that a reader can tell, every number must be right."""
    wrong: list[str] = []
    told: list[str] = []
    for name, right in asdict(truth).items():
        found = {asdict(one.found)[name] for one in rounds} - {None}
        if right is None or not found:
            continue
        told.append(_WORDS[name])
        wrong += [f"{_WORDS[name]} {value:,} instead of {right:,}" for value in sorted(found - {right})]
    return "WRONG: " + ", ".join(wrong) if wrong else "exact: " + ", ".join(told) if told else "reads only"


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """The rows under their headings in Markdown, numbers to the right."""
    widths = [max(len(row[place]) for row in (headings, *rows)) for place in range(len(headings))]
    right = [place > 0 and place < len(headings) - 1 for place in range(len(headings))]

    def line(cells: Sequence[str]) -> str:
        out = (
            cell.rjust(width) if aside else cell.ljust(width)
            for cell, width, aside in zip(cells, widths, right, strict=True)
        )
        return "| " + " | ".join(out) + " |"

    rule = [("-" * (width - 1) + ":") if aside else "-" * width for width, aside in zip(widths, right, strict=True)]
    return "\n".join([line(headings), line(rule), *map(line, rows)])


def machine() -> str:
    """Where and under what load this runs."""
    today = date.today()  # noqa: DTZ011 - the local day, for people
    return f"{today}, Python {platform.python_version()}, {os.cpu_count()} cores, load {load()}"


def load() -> str:
    """How many processes waited for a core in the last minute, where the system tells."""
    return f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
