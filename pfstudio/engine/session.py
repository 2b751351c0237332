"""The one way to run a request: the window's worker, the CLI and Python all go through it."""

from __future__ import annotations

import importlib
import logging
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pfstudio.core.errors import PfstudioError
from pfstudio.core.events import Cancelled, Event, Failed, Final, Finished, Loading, Started
from pfstudio.core.request_json import Request
from pfstudio.core.tasks import kind_of
from pfstudio.engine.control import Control, Stopped, stoppable
from pfstudio.engine.memory import is_out_of_memory
from pfstudio.engine.model_cache import ModelCache
from pfstudio.engine.reporter import Clock, Reporter
from pfstudio.engine.saving import Saving

_log = logging.getLogger(__name__)

Models = tuple[Any, ...]
_MOST_SHOWN = 300  # characters of an error of others
_TOO_LARGE = "There is not enough memory for this run."


@dataclass(frozen=True)
class SavedFiles:
    """What was written, and sentences about what was not."""

    files: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    lost: bool = False  # it could not be written: what was recorded of the run is kept


Save = Callable[[Any, Request, Models], SavedFiles]  # result, request, models


def save_nothing(result: Any, request: Request, models: Models) -> SavedFiles:
    """For who keeps the result in memory, or writes it."""
    return SavedFiles()


@dataclass(frozen=True)
class SaveByItself:
    """Saves as the kind of the request does; what goes wrong is a notice, for the result is shown
    all the same."""

    saving: Saving = Saving()

    def __call__(self, result: Any, request: Request, models: Models) -> SavedFiles:
        task = importlib.import_module(kind_of(request).module)
        try:
            return SavedFiles(task.save(result, request, models, self.saving))
        except (PfstudioError, OSError) as error:
            return SavedFiles((), (f"The result is not saved: {error}",), lost=True)


class Session:
    """Runs requests of every kind, one after the other, on one thread.

    Events go to a callback instead of being an iterator: so layers and tiles report directly, from
    wherever they are, and a slow or abandoned consumer does no harm.
    """

    def __init__(
        self,
        cache: ModelCache | None = None,
        save: Save = save_nothing,
        clock: Clock = time.monotonic,
    ) -> None:
        """Make a session.

        Args:
            cache: of loaded models; None makes an own one.
            save: what becomes of results, also of partial ones; an error in it fails the job.
            clock: seconds; tests give their own.
        """
        self.cache = cache or ModelCache()
        self._save, self._clock = save, clock

    def run(
        self,
        request: Request,
        emit: Callable[[Event], None] = lambda event: None,
        control: Control | None = None,
        job: int = 0,
        *,
        models: Models = (),
        **options: Any,
    ) -> Final:
        """Load, run, step down where memory runs out, save: the last event, which is also emitted.

        Args:
            emit: told every event, on this thread.
            control: cancel, pause, single step and the share of time for previews.
            job: number that all events carry.
            models: already loaded, instead of those that the request names.
            options: what the kind's `run` takes beside the request, e.g. `picture=`.
        """

        def tell(event: Event) -> None:
            _note(event)
            emit(event)

        _log.info("job %d: %s", job, kind_of(request).name)
        report = Reporter(tell, control, job, self._clock)
        saved = SavedFiles()
        try:
            last, saved = self._run(request, report, models, options)
        except Exception as error:
            last = failure(job, error)
        tell(last)
        for end in report.at_end:
            end(not (isinstance(last, Failed) or saved.lost))
        return last

    def _run(
        self, request: Request, report: Reporter, models: Models, options: dict[str, Any]
    ) -> tuple[Final, SavedFiles]:
        job = report.job
        task = importlib.import_module(kind_of(request).module)
        self.cache.loading = lambda name: report.emit(Loading(job, f"Loading {Path(name).name}"))
        try:
            with stoppable(report.control):
                models = models or task.load(request, self.cache)
                report.free = lambda: self.cache.keep_only(models)
                result = task.run(models, request, report, **options)
        except Stopped as stopped:
            saved = SavedFiles()
            if stopped.partial is not None:
                saved = self._save(stopped.partial, request, models)
            return Cancelled(job, stopped.partial, saved.files, saved.notices), saved
        seconds = report.elapsed()
        saved = self._save(result, request, models)
        notices = report.notices + saved.notices
        return Finished(job, result, seconds, saved.files, notices), saved


def _note(event: Event) -> None:
    """What runs, and how, for the log; not what was asked for."""
    match event:
        case Loading():
            _log.info("job %d: %s", event.job, event.what)
        case Started():
            where = (event.device, event.precision, event.threads)
            _log.info("job %d: %d calls on %s, %s, %d threads", event.job, event.nfe, *where)
        case Finished():
            _log.info("job %d: finished in %.1f s", event.job, event.seconds)
        case Cancelled():
            _log.info("job %d: stopped", event.job)
        case Failed():
            _log.info("job %d: failed: %s", event.job, event.message)


def failure(job: int, error: Exception) -> Failed:
    """The event that ends a job with an error."""
    details = "".join(traceback.format_exception(error))
    if is_out_of_memory(error):
        advice = "Make fewer or smaller images at once, or close other programs."
        return Failed(job, _TOO_LARGE, advice, details)
    if isinstance(error, PfstudioError):
        return Failed(job, str(error), error.advice, details, error.exit_code)
    what = f"{type(error).__name__}: {error}"[:_MOST_SHOWN]
    message = f"Something went wrong in the program itself ({what})."
    return Failed(job, message, "Please report it with the details.", details)
