"""Half an hour of steady work leaves memory, file handles, threads and tables where they were."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.soak import judge, run, shown

MINUTES = 31.0
ROWS, ACTS = 20, 48


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("postgresql", [False, True], ids=["sqlite", "postgresql"])
def test_a_process_at_steady_work_stays_level(tmp_path: Path, postgresql: bool) -> None:
    samples, people = run(tmp_path, MINUTES, ROWS, ACTS, postgresql=postgresql)
    assert judge(samples).problems == (), shown(samples)
    assert sum(people.acknowledged.values()) > MINUTES * ACTS / 4
    assert sum(people.late.values()) == 0
