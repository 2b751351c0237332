"""How long the program takes to start: processes of their own, until the first painted window.

    pfstudio bench start [--cold] [--json]

Nothing of Qt is imported here: what this process holds in memory cannot be forgotten by the disk.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import pfstudio
from pfstudio.core.application import program_command
from pfstudio.core.documents import parse_json
from pfstudio.core.errors import InputError, RunError


@dataclass(frozen=True)
class Starts:
    """From the start of the process to the first painted window."""

    seconds: tuple[float, ...]
    cpu_seconds: tuple[float, ...]  # of the process until then: what a busy machine does not change
    torch_imported: bool  # before the window was painted

    def __str__(self) -> str:
        torch = "imported before it" if self.torch_imported else "not imported before it"
        runs = ", ".join(f"{value:.2f}" for value in self.seconds)
        return (
            f"window visible   {statistics.median(self.seconds):.2f} s (median of {runs}), "
            f"{statistics.median(self.cpu_seconds):.2f} s of processor time; torch {torch}"
        )


def run(args: argparse.Namespace) -> int:
    """`pfstudio bench start`; with `--until-painted` the process that is measured."""
    if args.until_painted:
        from pfstudio.drivers.first_paint import open_until_painted

        return open_until_painted(args.until_painted)
    starts = measure_starts(args.repeats, cold=args.cold)
    if args.json:
        print(json.dumps({"measure": "start", "cold": args.cold, **asdict(starts)}))
    else:
        print(f"{starts}; {'cold' if args.cold else 'warm'}: {' '.join(program_command())}")
    return 0


def measure_starts(count: int, *, cold: bool = False) -> Starts:
    """Start the program `count` times, after one start that warms the disk.

    Args:
        cold: before each, have the system forget the program's files.

    Raises:
        InputError: this system cannot be asked to forget.
        RunError: the window did not come up.
    """
    if cold and not hasattr(os, "posix_fadvise"):
        raise InputError("Cold starts can be measured on Linux only.", "Leave --cold out.")
    answers = []
    with tempfile.TemporaryDirectory(prefix="pfstudio-bench-") as folder:
        for _ in range(count + 1):
            if cold:
                forget_files()
            answers.append(_start_once(folder))
    counted = answers[1:]
    return Starts(
        tuple(answer["seconds"] for answer in counted),
        tuple(answer["cpu"] for answer in counted),
        any(answer["torch"] for answer in counted),
    )


def forget_files() -> None:
    """Drop the program's files from the memory of the disk, but for those that a process uses."""
    frozen = getattr(sys, "frozen", False)
    folders = [Path(sys.executable).parent] if frozen else [Path(pfstudio.__file__).parent]
    if not frozen:
        folders += [Path(name) for name in sys.path if name.endswith("site-packages")]
    for path in (path for folder in folders for path in folder.rglob("*")):
        with contextlib.suppress(OSError):
            descriptor = os.open(path, os.O_RDONLY)
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(descriptor)


def _start_once(folder: str) -> dict[str, float]:
    environment = {**os.environ, "PFSTUDIO_CONFIG": folder, "PFSTUDIO_STATE": folder}
    done = subprocess.run(
        [*program_command(), "bench", "start", "--until-painted", repr(time.time())],
        env=environment,
        capture_output=True,
        text=True,
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if not lines:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise RunError(f"The window did not open: {reason}")
    answer: dict[str, float] = parse_json(lines[0])
    return answer
