"""The jobs that wait, kept in a file so that they survive a restart."""

from __future__ import annotations

import itertools
import json
import logging
import os
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pfstudio.core.documents import parse_json
from pfstudio.core.errors import PfstudioError
from pfstudio.core.files import lock, set_aside, write_error, write_text
from pfstudio.core.paths import state_folder
from pfstudio.core.request_json import Request
from pfstudio.core.tasks import kind_of, request_from_json, request_to_json

FILE_NAME = "queue.jsonl"
_DAMAGED = (PfstudioError, ValueError, TypeError, RecursionError)
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Job:
    """A numbered request."""

    number: int
    request: Request


class JobQueue:
    """Waiting jobs and the one that runs; every method may be called by any thread.

    The file holds both, and what an earlier session left until `forget_left` was called. A change
    is a line at the end of the file, so that a kill costs no more than the last one; each session
    begins with a short file. `problem` is a sentence where what an earlier session left could not
    be read in full.
    """

    def __init__(self, file: Path | None = None) -> None:
        """Read what was left; without `file`, in one that no other session has now."""
        self._file, self._claim = (file, None) if file else _claimed(state_folder() / FILE_NAME)
        self._lock = threading.RLock()
        self._waiting: dict[int, Job] = {}  # by their numbers, in order
        self._running: Job | None = None
        requests, self.problem = _read(self._file)
        left = [Job(number, request) for number, request in enumerate(requests.values(), 1)]
        try:
            write_text(self._file, "".join(map(_added, left)))
        except PfstudioError as error:
            left = [Job(number, request) for number, request in requests.items()]  # as in the file
            _log.warning("the queue is not kept: %s", error)
        self._left = {job.number: job for job in left}
        self._last = max(self._left, default=0)

    def close(self) -> None:
        """Leave the file to the next session. The queue is not to be changed any more."""
        if self._claim is not None:
            os.close(self._claim)
            self._claim = None

    def number_after(self, number: int) -> None:
        """Give the next jobs numbers above this one."""
        with self._lock:
            self._last = max(self._last, number)

    def add(self, request: Request) -> Job:
        """Put a request at the end."""
        with self._lock:
            self._last += 1
            job = self._waiting[self._last] = Job(self._last, request)
            if kind_of(request).is_kept:
                self._append(_added(job))
            return job

    def take(self) -> Job | None:
        """The next job, which now runs; None if none waits."""
        with self._lock:
            first = next(iter(self._waiting), None)
            self._running = None if first is None else self._waiting.pop(first)
            return self._running

    def done(self) -> None:
        """The running job ended and is not to be restored."""
        with self._lock:
            if self._running is not None:
                number, self._running = self._running.number, None
                self._gone([number])

    def remove(self, *numbers: int) -> list[int]:
        """Take jobs out; the numbers of those that did wait."""
        with self._lock:
            gone = [number for number in numbers if self._waiting.pop(number, None) is not None]
            if gone:
                self._gone(gone)
            return gone

    def move_first(self, *numbers: int) -> None:
        """Put those of some jobs that wait before all others, in the order given."""
        with self._lock:
            moved = {number: self._waiting[number] for number in numbers if number in self._waiting}
            if moved:
                self._waiting = moved | self._waiting
                self._append(_line({"order": list(self._waiting)}))

    def waiting(self) -> tuple[Job, ...]:
        with self._lock:
            return tuple(self._waiting.values())

    def __len__(self) -> int:
        """How many jobs wait."""
        return len(self._waiting)

    def left(self) -> tuple[Request, ...]:
        """What an earlier session left unfinished, as long as nobody dropped it."""
        with self._lock:
            return tuple(job.request for job in self._left.values())

    def forget_left(self) -> None:
        """Drop what an earlier session left."""
        with self._lock:
            left, self._left = self._left, {}
            if left:
                self._gone(left)

    def _gone(self, numbers: Iterable[int]) -> None:
        if self._waiting or self._left or self._running:
            self._append(_line({"gone": list(numbers)}))
            return
        try:
            self._file.unlink(missing_ok=True)  # nothing is left to be kept
        except OSError as error:
            _log.warning("the queue is not kept: %s", write_error(self._file, error))

    def _append(self, line: str) -> None:
        try:
            with self._file.open("a", encoding="ascii", newline="\n") as file:
                file.write(line)
        except OSError as error:  # the queue itself still works
            _log.warning("the queue is not kept: %s", write_error(self._file, error))


def _claimed(file: Path) -> tuple[Path, int | None]:
    """This file, or the first one like it that no other session has; and its open lock file."""
    path = file
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        for number in itertools.count(2):
            claim = os.open(path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT)
            if lock(claim):
                return path, claim
            os.close(claim)
            path = file.with_stem(f"{file.stem}-{number}")
    except OSError as error:
        _log.warning("the queue is not kept: %s", write_error(path, error))
    return path, None


def _line(change: dict[str, object]) -> str:
    """A change as text; it begins a new line whatever became of the one before."""
    return f"\n{json.dumps(change)}"


def _added(job: Job) -> str:
    return _line({"add": job.number, "request": request_to_json(job.request)})


def _apply(change: object, texts: dict[int, str]) -> None:
    """Make a change to the requests (as text) by their numbers, in the order of the queue.

    Raises:
        ValueError, TypeError: it is no change.
    """
    match change:
        case {"add": int(number), "request": str(text)}:
            texts[number] = text
        case {"gone": list(numbers)}:
            for number in numbers:
                texts.pop(number, None)
        case {"order": list(numbers)}:  # these come last
            for number in numbers:
                if number in texts:
                    texts[number] = texts.pop(number)
        case _:
            raise ValueError("not a change of the queue")


def _read(file: Path) -> tuple[dict[int, Request], str]:
    """The requests that a file holds, by their numbers in the order of the queue, and a sentence
    if not all of it can be read."""
    try:
        lines = file.read_bytes().splitlines()
    except FileNotFoundError:
        return {}, ""
    except OSError as error:
        return {}, _problem(file, f"The list of waiting runs cannot be read ({error})")
    texts: dict[int, str] = {}
    lost = 0
    for line in filter(None, lines):
        try:
            _apply(parse_json(line), texts)
        except _DAMAGED as error:
            lost += 1
            _log.warning("a line of the queue cannot be read: %s", error)
    requests = {}
    for number, text in texts.items():
        try:
            requests[number] = request_from_json(text)
        except _DAMAGED as error:
            lost += 1
            _log.warning("a stored run cannot be read: %s", error)
    if not lost:
        return requests, ""
    runs = "One waiting run" if lost == 1 else f"{lost} waiting runs"
    return requests, _problem(file, f"{runs} of the last session cannot be read")


def _problem(file: Path, what: str) -> str:
    aside = set_aside(file)
    sentence = f"{what}; the file was saved as {aside}." if aside else f"{what}."
    _log.warning("%s: %s", file, sentence)
    return sentence
