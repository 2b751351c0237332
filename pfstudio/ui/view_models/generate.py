"""State of the Generate page: its recipe, and the run being looked at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from pfstudio.core.application import TRACE_SUFFIXES
from pfstudio.core.conditions import check_prompts
from pfstudio.core.errors import InputError
from pfstudio.core.events import Cancelled, Failed, Final, Finished, Preview, Progress, Started
from pfstudio.core.generation import GenerateStep
from pfstudio.core.jobs import Decoded, Estimated
from pfstudio.core.requests import Branch, GenerateRequest
from pfstudio.core.tasks import kind_of
from pfstudio.ui.decoding import Decoding
from pfstudio.ui.job_handle import JobHandle
from pfstudio.ui.jobs import Jobs, Phase
from pfstudio.ui.language import tr, tr_sentence
from pfstudio.ui.notify import ERROR, GOOD, WARNING, Notice, Notifier
from pfstudio.ui.recipe.model import RecipeModel
from pfstudio.ui.view_models.paint import PaintModel
from pfstudio.ui.view_models.run import DecodeAsk, RunModel
from pfstudio.ui.view_models.scan_path import ScanPathModel
from pfstudio.ui.view_models.settings import SettingsModel

ESTIMATE_MS = 150


class GeneratePageModel(QObject):
    """Turns the user's verbs into requests and the worker's events into state."""

    result_changed = Signal()  # `files` is different
    ended = Signal(object)  # Finished | Cancelled | Failed, after everything is up to date
    submitted = Signal()  # the recipe was handed to the queue

    def __init__(
        self, jobs: Jobs, settings: SettingsModel, notifier: Notifier,
        parent: QObject | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self.jobs = jobs
        self._settings = settings
        self._notifier = notifier
        self._decoding = Decoding(jobs, self)
        self.recipe = RecipeModel(self)
        self.run = RunModel(self)
        self.paint = PaintModel(self.recipe, self)
        self.scan_path = ScanPathModel(self.recipe, self)
        self.commit: Callable[[], bool] = lambda: True  # takes over what is typed, if it can be
        self._told: tuple[str, ...] = ()  # when the last run began
        self._look_seconds = 0.0  # all that looks had taken when the shown run began
        self.files: tuple[str, ...] = ()  # what the shown run was saved as
        self._last: GenerateRequest | None = None  # run as it is, and not touched since
        self._branch_wish: tuple[int, int] | None = None  # (job, call) of a run being stopped
        self._estimate_timer = QTimer(self)
        self._estimate_timer.setSingleShot(True)
        self._estimate_timer.setInterval(ESTIMATE_MS)
        self._estimate_timer.timeout.connect(self._ask_estimate)
        jobs.began.connect(self._on_began)
        jobs.ended.connect(self._on_any_ended)
        jobs.progressed.connect(self._on_progressed)
        jobs.estimated.connect(self._on_estimated)
        self._decoding.decoded.connect(self._on_decoded)
        self.run.decode_wanted.connect(self._on_decode_wanted)
        self.recipe.changed.connect(self._estimate_soon)
        self.recipe.changed.connect(self._on_recipe)
        self.recipe.refused.connect(notifier.error)
        settings.changed.connect(self._estimate_soon)

    # -- the user's verbs ------------------------------------------------------------------------

    def request(self) -> GenerateRequest:
        """The recipe with the device settings, or exactly as then: what Generate would run."""
        request = self.recipe.request
        if request.compute.execution is not None:
            return request
        settings = self._settings.settings
        return replace(
            request,
            compute=settings.compute,
            word_maps=settings.word_maps and request.conditions[0].kind == "text",
            scan_maps=settings.scan_maps and bool(self.recipe.scan),
        )

    def generate(self) -> None:
        """Run the recipe: at once, or next if something runs."""
        self._submit(first=True)

    def enqueue(self) -> None:
        """Put the recipe at the end of the queue."""
        self._submit(first=False)

    def is_ready(self) -> bool:
        """Whether the recipe can be run; what is missing is said."""
        if not self.commit():
            return False
        if self.recipe.model is None:
            self._notifier.say(
                tr("No model is chosen."), level=ERROR, advice=tr("Choose a model in the recipe.")
            )
            return False
        try:
            check_prompts(self.recipe.request.conditions)
        except InputError as error:
            self._notifier.error(error)
            return False
        if self.recipe.lacks_picture:
            self.paint.picture_needed.emit()
            return False
        return True

    def _submit(self, first: bool) -> None:
        if not self.is_ready():
            return
        if not self.recipe.recipe.keep_seed and self._last == self.recipe.request:
            self.recipe.next_seed()
        self._last = self.recipe.request
        busy = self.jobs.busy
        self.jobs.submit(self.request(), first=first)
        self.submitted.emit()
        if busy:
            self._notifier.say(tr("Added to the queue."))

    def can_branch(self) -> bool:
        """Whether the shown run has calls on disk to go on from."""
        if self.run.is_live:
            return self.run.done > 0 and self.jobs.phase is Phase.PAUSED
        return self.run.done > 0 and bool(self.trace_file())

    def trace_file(self) -> str:
        """The file with all calls of the shown run; "": it is not on disk."""
        traces = (name for name in self.files if Path(name).suffix.lower() in TRACE_SUFFIXES)
        return next(traces, "")

    def branch_here(self) -> None:
        """Let the recipe start from the call under the time cursor."""
        self.branch_at(self.run.call)

    @Slot(int)
    def branch_at(self, call: int) -> None:
        """Let the recipe start from the state before a call of the shown run.

        A paused run is stopped for it: a branch with the settings of its run is that run continued.
        """
        self._branch_wish = None
        if self.run.is_live and self.jobs.phase is Phase.PAUSED:
            self._branch_wish = (self.run.shown.job, call)  # once its calls are saved
            self.jobs.stop()
            return
        if not self.can_branch():
            self._notifier.say(
                tr("This run cannot be branched yet."), level=WARNING,
                advice=tr("Pause it, or let it end."),
            )  # fmt: skip
            return
        assert self.run.data is not None
        branch = Branch(self.trace_file(), call)
        then, now = self.run.data.request, self.recipe.request
        if self.run.data.images < then.images:  # it was stopped before its later batches
            then = then.of_first(self.run.data.images)
        same = (then.model, then.height, then.width) == (now.model, now.height, now.width)
        paint = now.paint if same and any(now.paint) else then.paint  # what was just painted stays
        lost = _lost_files(then)
        self.recipe.set_request(replace(then, branch=branch, start_time=0.0, paint=paint, **lost))
        if "masks_file" in lost:  # the trace itself holds what the others gave
            self._notifier.say(
                tr(
                    "The masks file {masks_file} was not found: masks are drawn instead.",
                    masks_file=then.masks_file,
                ),
                level=WARNING,
            )
        self._notifier.say(
            tr("The recipe starts from call {call}: change it, then Generate.", call=call + 1)
        )

    def show_files(self, files: tuple[str, ...]) -> None:
        """The shown run lives in these files (a result that was opened)."""
        self.files = files
        self.result_changed.emit()

    # -- what the worker tells of runs -----------------------------------------------------------

    @Slot(object)
    def _on_began(self, handle: JobHandle) -> None:
        """Every run is shown, whoever asked for it."""
        if isinstance(handle.request, GenerateRequest):
            handle.started.connect(self._on_started)
            handle.progress.connect(self._on_progress)
            handle.preview.connect(self._on_preview)
            handle.ended.connect(self._on_ended)

    @Slot(object)
    def _on_started(self, event: Started) -> None:
        assert self.jobs.running is not None
        request = self.jobs.running.request
        self.run.begin(event, request, kind_of(request).title(request))
        self._look_seconds = self.jobs.bridge.look_seconds
        self._told = event.notices
        self.show_files(())

    @Slot(list)
    def _on_progress(self, steps: list[Progress]) -> None:
        data = self.run.data
        if isinstance(steps[-1].detail, GenerateStep):
            if data is not None and data.job == steps[-1].job:
                data.look_seconds = self.jobs.bridge.look_seconds - self._look_seconds
            self.run.append(steps)

    @Slot(object)
    def _on_preview(self, event: Preview) -> None:
        if self._is_shown(event.job):
            self.run.set_preview(event.call, event.images, event.first)

    @Slot(object)
    def _on_ended(self, event: Final) -> None:
        shown = self._is_shown(event.job)
        wish = self._branch_wish
        wished = wish is not None and wish[0] == event.job
        if wished:
            self._branch_wish = None
        if shown:
            self.run.finish(None if isinstance(event, Failed) else event.result)
        if isinstance(event, Failed):
            if self.jobs.engine.ready:  # a broken engine is told of already
                self._notifier.post(Notice(ERROR, event.message, event.advice, event.details))
        else:
            if shown:
                self.show_files(event.files)
            for notice in event.notices:
                self._notifier.say(notice, level=WARNING)
        if isinstance(event, Cancelled) and event.result is not None and not wished:
            self._notifier.say(
                tr("Stopped after {nfe} calls; they are kept.", nfe=event.result.trace.nfe)
            )
        if isinstance(event, Finished):
            done = tr("Done in {seconds:.1f} s.", seconds=event.seconds)
            # Said again: a short run is done before its first words can be read.
            self._notifier.post(Notice(GOOD, done, " ".join(map(tr_sentence, self._told))))
        self.ended.emit(event)
        if wish is not None and wished and shown:
            self.branch_at(min(wish[1], max(self.run.done - 1, 0)))

    @Slot(object, object)
    def _on_any_ended(self, handle: JobHandle, event: Final) -> None:
        if isinstance(handle.request, GenerateRequest):  # the machine knows speeds better now
            self._estimate_soon()

    @Slot()
    def _on_progressed(self) -> None:
        if self.run.is_live:  # other kinds of jobs are not this page's
            self.run.refresh_slow()

    def _is_shown(self, job: int) -> bool:
        """Whether the page looks at this job's run, and not at another one meanwhile."""
        return self.run.data is not None and self.run.data.job == job

    @Slot(object)
    def _on_decode_wanted(self, ask: DecodeAsk) -> None:
        self._decoding.ask(ask.request, ask.key, ask.latents)

    @Slot(object)
    def _on_decoded(self, answer: Decoded) -> None:
        if answer.problem:
            self._notifier.say(answer.problem, level=WARNING)
        self.run.set_decoded(answer.key, answer.values)

    # -- recipe, paint and settings --------------------------------------------------------------

    @Slot()
    def _estimate_soon(self) -> None:
        self._estimate_timer.start()

    @Slot()
    def _ask_estimate(self) -> None:
        if self.recipe.model is not None:
            self.jobs.estimate(self.request())

    @Slot(object)
    def _on_estimated(self, answer: Estimated) -> None:
        if not answer.timed:  # those are of the lab and of Learn
            self.recipe.set_estimate(answer)

    @Slot()
    def _on_recipe(self) -> None:
        """Paint is shown on the patches that the recipe's model has."""
        model, request = self.recipe.model, self.recipe.request
        if request != self._last:
            self._last = None  # a recipe that comes back later is run with its own seed
        if model is None:
            return
        sizes, side = model.card.sizes, model.card.pixels or 1
        if "input_size" in sizes and "patch_size" in sizes:
            patches = sizes["input_size"] // sizes["patch_size"]
            rows, columns = request.height or side, request.width or side
            grid = (round(patches * rows / side), round(patches * columns / side))
            self.paint.set_grid(*grid)
            self.scan_path.set_grid(*grid)


def _lost_files(request: GenerateRequest) -> dict[str, Any]:
    """What a request has to do without: a saved one names files, but no folders to find them in."""
    named = {name: getattr(request, name) for name in ("image_file", "noise_file", "masks_file")}
    return {name: "" for name, file in named.items() if file and not Path(file).is_absolute()}
