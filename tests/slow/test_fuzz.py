"""Many damaged files, by hand: `pytest -m slow tests/slow/test_fuzz.py --damaged-files 100000`."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from every_reader import every_reader, read_mutated

GIB = 2**30
FIRST = 1_000_000  # a seed that the default tests do not come to


@pytest.mark.slow
@pytest.mark.timeout(6 * 3600)
def test_many_damaged_files(
    tmp_path: Path, request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture
) -> None:
    resource = pytest.importorskip("resource")  # not on Windows
    (tmp_path / "originals").mkdir()
    readers = every_reader(tmp_path / "originals")
    unit = 1 if sys.platform == "darwin" else 1024
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    each = -(-request.config.getoption("--damaged-files") // len(readers))
    bad: list[str] = []
    for reader in readers:
        for seed in range(FIRST, FIRST + each):
            try:
                read_mutated(reader, tmp_path, seed)
            except Exception as error:
                bad.append(f"{reader.name}, {reader.damage}, seed {seed}: {error!r}")
        caplog.clear()
    print(f"{each * len(readers)} damaged files, {len(bad)} faults")
    assert not bad
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit - before < GIB
