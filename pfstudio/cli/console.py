"""How the verbs speak: plain lines, a progress bar with the time left, or JSON line by line."""

from __future__ import annotations

import json
import math
import shutil
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any, TextIO

import numpy as np

from pfstudio.core.documents import finite
from pfstudio.core.errors import PfstudioError
from pfstudio.core.events import Event
from pfstudio.core.trace import Role

if TYPE_CHECKING:
    from pfstudio.engine.control import Control

_WIDTH = 24
DONE, FAILED, BAD_USAGE, INTERRUPTED = 0, 1, 2, 130  # exit codes


def say_error(error: PfstudioError) -> None:
    """One sentence and the advice, on stderr."""
    print(f"pfstudio: {error}" + (f" {error.advice}" if error.advice else ""), file=sys.stderr)


def duration(seconds: float) -> str:
    """Seconds for people, e.g. "0.8 s", "42 s", "3 min 05 s", "2 h 10 min"."""
    if not math.isfinite(seconds) or seconds < 0:
        return "?"
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


@contextmanager
def ctrl_c(control: Control) -> Iterator[None]:
    """The first Ctrl-C stops before the next layer, the second one at once."""

    def stop(signum: int, frame: object) -> None:
        if control.cancelled:
            raise KeyboardInterrupt
        control.cancel()

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


class ProgressBar:
    """One line on stderr that redraws itself; nothing at all where stderr is no terminal."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._drawn = False

    def show(self, what: str, done: int, total: int, eta: float) -> None:
        """Draw `done` of `total`, with the seconds to go."""
        if not self._stream.isatty():
            return
        share = done / max(1, total)
        bar = "█" * round(share * _WIDTH)
        line = f"{what} {done}/{total} {bar:░<{_WIDTH}} {share:4.0%}  {duration(eta)} left"
        columns = shutil.get_terminal_size().columns - 1
        self._stream.write(f"\r{line[:columns]}\x1b[K")
        self._stream.flush()
        self._drawn = True

    def clear(self) -> None:
        """Remove the line, so that other text can be printed."""
        if self._drawn:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
        self._drawn = False


def event_json(event: Event) -> str:
    """An event as one line of JSON; maps are given as means per picture, pictures not at all.

    What the kind of the task tells of a call, and of its result, stands beside the rest.
    """
    data: dict[str, Any] = {"event": type(event).__name__.lower()}
    for field in fields(event):
        value = getattr(event, field.name)
        if field.name == "detail":
            data.update({} if value is None else _plain(value))
        elif field.name == "result":
            data.update({} if value is None else value.summary())
        elif field.name == "request":
            data[field.name] = json.loads(value.to_json())
        elif field.name != "details" and not isinstance(value, np.ndarray):
            data[field.name] = _number(value) if isinstance(value, float) else value
    return json.dumps(finite(data), ensure_ascii=False)


def _plain(detail: Any) -> dict[str, Any]:
    """What a call told; latents are left out."""
    data: dict[str, Any] = {}
    for field in fields(detail):
        value = getattr(detail, field.name)
        if field.name == "role":
            counts = np.bincount(value.ravel(), minlength=len(Role))
            data["role"] = {role.name.lower(): int(counts[role]) for role in Role}
        elif not isinstance(value, np.ndarray):
            data[field.name] = _number(value) if isinstance(value, float) else value
        elif value.dtype == np.float32:
            maps = value.reshape(-1, *value.shape[-2:])  # of a single picture or of several
            data[field.name] = [_number(mean) for mean in maps.mean(axis=(1, 2))]
    return data


def _number(value: float) -> float:
    return round(float(value), 6)


def print_json(data: Any) -> None:
    """Any plain dataclass or mapping as one line of JSON on stdout, at once."""
    print(json.dumps(finite(data if isinstance(data, dict) else asdict(data))), flush=True)
