"""The jobs that wait, kept in a file so that they survive a restart."""

from __future__ import annotations

import json
import logging
import threading
from dataclasses import dataclass
from pathlib import Path

from pfstudio.core.errors import PfstudioError
from pfstudio.core.files import set_aside, write_text
from pfstudio.core.paths import state_folder
from pfstudio.core.request_json import Request
from pfstudio.core.tasks import request_from_json, request_to_json

FILE_NAME = "queue.json"


@dataclass(frozen=True)
class Job:
    """A numbered request."""

    number: int
    request: Request


class JobQueue:
    """Waiting jobs and the one that runs; every method may be called by any thread.

    The file holds both, and what an earlier session left until `take_left` was called. `problem` is
    a sentence where that could not be read in full.
    """

    def __init__(self, file: Path | None = None) -> None:
        self._file = file or state_folder() / FILE_NAME
        self._lock = threading.RLock()
        self._waiting: list[Job] = []
        self._running: Job | None = None
        self._last = 0
        self._left, self.problem = _read(self._file)
        if self.problem:
            self._save()  # what could be read

    def add(self, request: Request) -> Job:
        """Put a request at the end."""
        with self._lock:
            self._last += 1
            job = Job(self._last, request)
            self._waiting.append(job)
            self._save()
            return job

    def take(self) -> Job | None:
        """The next job, which now runs; None if none waits."""
        with self._lock:
            self._running = self._waiting.pop(0) if self._waiting else None
            return self._running

    def done(self) -> None:
        """The running job ended and is not to be restored."""
        with self._lock:
            self._running = None
            self._save()

    def remove(self, number: int) -> Job | None:
        """Take a waiting job out; None if it does not wait."""
        with self._lock:
            job = next((job for job in self._waiting if job.number == number), None)
            if job:
                self._waiting.remove(job)
                self._save()
            return job

    def move(self, number: int, position: int) -> None:
        """Put a waiting job at a position, 0 being next."""
        with self._lock:
            job = self.remove(number)
            if job:
                self._waiting.insert(max(0, position), job)
                self._save()

    def waiting(self) -> tuple[Job, ...]:
        with self._lock:
            return tuple(self._waiting)

    def take_left(self) -> tuple[Request, ...]:
        """What an earlier session left unfinished; asked once."""
        with self._lock:
            left, self._left = self._left, ()
            return left

    def left(self) -> tuple[Request, ...]:
        """What an earlier session left unfinished, as long as nobody took it."""
        with self._lock:
            return self._left

    def forget_left(self) -> None:
        """Drop what an earlier session left."""
        with self._lock:
            self._left = ()
            self._save()

    def _save(self) -> None:
        running = [self._running] if self._running else []
        requests = [*self._left, *(job.request for job in (*running, *self._waiting))]
        texts = [request_to_json(request) for request in requests]
        try:
            if texts or self._file.exists():
                write_text(self._file, json.dumps(texts))
        except PfstudioError as error:  # the queue itself still works
            logging.getLogger(__name__).warning("the queue is not kept: %s", error)


def _read(file: Path) -> tuple[tuple[Request, ...], str]:
    """The requests in the file, and a sentence if it holds more than that and was set aside."""
    try:
        texts = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return (), ""
    except (OSError, ValueError) as error:
        return (), _problem(file, f"The list of waiting runs cannot be read ({error})")
    if not isinstance(texts, list):
        return (), _problem(file, "The list of waiting runs is damaged")
    requests = []
    for text in texts:
        try:
            requests.append(request_from_json(text))
        except PfstudioError as error:
            logging.getLogger(__name__).warning("a stored run cannot be read: %s", error)
    if len(requests) == len(texts):
        return tuple(requests), ""
    lost = len(texts) - len(requests)
    runs = "One waiting run" if lost == 1 else f"{lost} waiting runs"
    return tuple(requests), _problem(file, f"{runs} of the last session cannot be read")


def _problem(file: Path, what: str) -> str:
    aside = set_aside(file)
    sentence = f"{what}; the file was kept as {aside}." if aside else f"{what}."
    logging.getLogger(__name__).warning("%s: %s", file, sentence)
    return sentence
