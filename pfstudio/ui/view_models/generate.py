"""State of the Generate page: recipe, queue, the run being looked at, and what the worker does.

The worker's phase and progress are told here for jobs of every kind; the rest of what other kinds
of jobs do is told by the models of their own pages.
"""

from __future__ import annotations

import logging
from dataclasses import replace

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from pfstudio.core.events import (
    Cancelled,
    Failed,
    Final,
    Finished,
    Loading,
    Preview,
    Progress,
    Started,
)
from pfstudio.core.generation import GenerateStep
from pfstudio.core.jobs import Decoded, Estimated
from pfstudio.core.request_json import Request
from pfstudio.core.requests import Branch, GenerateRequest
from pfstudio.core.results import TRACE_NAME
from pfstudio.core.tasks import kind_of
from pfstudio.core.upscale import UpscaleStep
from pfstudio.ui.bridge import EngineBridge
from pfstudio.ui.notify import ERROR, GOOD, WARNING, Notice, Notifier
from pfstudio.ui.queue.model import Entry, QueueModel
from pfstudio.ui.recipe.model import RecipeModel
from pfstudio.ui.view_models.paint import PaintModel
from pfstudio.ui.view_models.phase import HowFar, Phase
from pfstudio.ui.view_models.run import DecodeAsk, RunModel
from pfstudio.ui.view_models.settings import SettingsModel
from pfstudio.ui.worker import Engine

log = logging.getLogger(__name__)

ESTIMATE_MS = 150
DECODING, DRAWING = 0.3, 0.5  # of the budget of live views


class GeneratePageModel(QObject):
    """Turns the user's verbs into requests and the worker's events into state."""

    phase_changed = Signal(object)  # Phase
    progressed = Signal(object)  # HowFar; seldom enough to read it
    loading = Signal(str)  # what is being done before the first call
    machine_changed = Signal(object)  # Started: device, precision, threads
    result_changed = Signal()  # `files` is different
    ended = Signal(object)  # Finished | Cancelled | Failed, after everything is up to date
    picture_needed = Signal()  # fixed patches were painted, but there is no picture to keep

    def __init__(
        self, engine: Engine, bridge: EngineBridge, settings: SettingsModel, notifier: Notifier,
        parent: QObject | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._engine = engine
        self._bridge = bridge
        self._settings = settings
        self._notifier = notifier
        self.recipe = RecipeModel(self)
        self.queue = QueueModel(engine, bridge, self)
        self.run = RunModel(self)
        self.paint = PaintModel(self)
        self.phase = Phase.STARTING
        self.progress = HowFar(0, 0, 0.0)
        self._looked = 0.0  # the bridge's count of seconds when the shown run began
        self._held = False  # whether the worker waits before its next call
        self._upscales = False  # whether the last call was one of an upsampler
        self.files: tuple[str, ...] = ()  # what the shown run was saved as
        self._last: GenerateRequest | None = None
        self._estimate_timer = QTimer(self)
        self._estimate_timer.setSingleShot(True)
        self._estimate_timer.setInterval(ESTIMATE_MS)
        self._estimate_timer.timeout.connect(self._ask_estimate)
        self._listen(bridge)

    def _listen(self, bridge: EngineBridge) -> None:
        bridge.ready.connect(self._on_ready)
        bridge.broken.connect(self._on_broken)
        bridge.loading.connect(self._on_loading)
        bridge.started.connect(self._on_started)
        bridge.progress.connect(self._on_progress)
        bridge.preview.connect(self._on_preview)
        bridge.time_to_read.connect(self.run.refresh_slow)
        self.run.slow_refresh.connect(self._tell_progress)
        bridge.estimated.connect(self._on_estimated)
        bridge.decoded.connect(self._on_decoded)
        self.queue.begun.connect(self._on_begun)
        self.queue.ended.connect(self._on_ended)
        self.queue.trouble.connect(self._on_queue_trouble)
        self.run.decode_wanted.connect(self._on_decode_wanted)
        self.recipe.changed.connect(self._estimate_timer.start)
        self.recipe.changed.connect(self._on_recipe)
        self.recipe.refused.connect(self._notifier.error)
        self.paint.changed.connect(self._on_painted)
        self._settings.changed.connect(self._on_settings)

    # -- the user's verbs ------------------------------------------------------------------------

    def request(self) -> GenerateRequest:
        """The recipe with the device settings, or exactly as then: what Generate would run."""
        request = self.recipe.request
        if request.compute.execution is not None:
            return request
        return replace(request, compute=self._settings.settings.compute)

    def generate(self) -> None:
        """Run the recipe: at once, or next if something runs."""
        self._submit(first=True)

    def enqueue(self) -> None:
        """Put the recipe at the end of the queue."""
        self._submit(first=False)

    def _submit(self, first: bool) -> None:
        if self.recipe.model is None:
            self._notifier.say(
                "No model is chosen.", level=ERROR, advice="Choose a model in the recipe."
            )
            return
        if not self.recipe.recipe.keep_seed and self._last == self.recipe.request:
            self.recipe.next_seed()
        self._last = self.recipe.request
        busy = self.queue.running is not None
        self.queue.add(self.request(), first=first)
        if busy:
            self._notifier.say("The run waits in the queue.")

    def stop(self) -> None:
        """Stop the running job at once; its calls so far are kept."""
        if self.phase in (Phase.LOADING, Phase.RUNNING, Phase.PAUSED):
            self._set_phase(Phase.STOPPING)
            self.queue.cancel_current()

    def pause(self) -> None:
        """Hold before the next call."""
        if self.phase is Phase.RUNNING:
            self._hold(True)
            self._set_phase(Phase.PAUSED)

    def resume(self) -> None:
        """Go on."""
        if self.phase is Phase.PAUSED:
            self._hold(False)
            self._set_phase(Phase.RUNNING)

    def _hold(self, held: bool) -> None:
        """Hold the worker, which is the next job's too, or let it go on."""
        if held != self._held:
            self._held = held
            (self._engine.pause if held else self._engine.resume)()

    def toggle_pause(self) -> None:
        """Pause or resume."""
        if self.phase is Phase.PAUSED:
            self.resume()
        else:
            self.pause()

    def single_step(self) -> None:
        """Make exactly one call, then hold."""
        if self.phase in (Phase.RUNNING, Phase.PAUSED):
            self._held = True
            self._engine.single_step()
            self._set_phase(Phase.PAUSED)

    def can_branch(self) -> bool:
        """Whether the shown run has calls on disk to go on from."""
        return self.run.done > 0 and bool(self._trace_file())

    def _trace_file(self) -> str:
        return next((name for name in self.files if name.endswith(TRACE_NAME)), "")

    def branch_here(self) -> None:
        """Let the recipe start from the call under the time cursor."""
        self.branch_at(self.run.call)

    @Slot(int)
    def branch_at(self, call: int) -> None:
        """Let the recipe start from the state before a call of the shown run."""
        if not self.can_branch():
            self._notifier.say(
                "This run cannot be branched yet.",
                level=WARNING,
                advice="Stop it or let it end: its calls are then saved.",
            )
            return
        assert self.run.data is not None
        branch = Branch(self._trace_file(), call)
        self.recipe.set_request(replace(self.run.data.request, branch=branch))
        self._notifier.say(f"The recipe starts from call {call + 1}: change it, then Generate.")

    def show_files(self, files: tuple[str, ...]) -> None:
        """The shown run lives in these files (a result that was opened)."""
        self.files = files
        self.result_changed.emit()

    # -- the worker's answers --------------------------------------------------------------------

    def _set_phase(self, phase: Phase) -> None:
        if phase is not self.phase:
            self.phase = phase
            self.phase_changed.emit(phase)

    @Slot(object)
    def _on_ready(self, _: object) -> None:
        if self.phase is Phase.STARTING:
            self._set_phase(Phase.IDLE)

    @Slot(str)
    def _on_broken(self, details: str) -> None:
        log.error("the worker stopped\n%s", details)
        self._held = False
        self._set_phase(Phase.STARTING)
        self._notifier.post(
            Notice(
                ERROR,
                "The engine stopped unexpectedly.",
                "Start it again; the queue is kept.",
                details,
                (("Start again", self._engine.start),),
            )
        )

    @Slot(object)
    def _on_begun(self, entry: Entry) -> None:
        self._set_phase(Phase.LOADING)
        self.loading.emit("")

    @Slot(object)
    def _on_loading(self, event: Loading) -> None:
        if event.job == self.queue.job:
            self.loading.emit(event.what)

    @Slot(object)
    def _on_started(self, event: Started) -> None:
        entry = self.queue.running
        if entry is None or event.job != self.queue.job:
            return
        if isinstance(entry.request, GenerateRequest):
            self.run.begin(event, entry.request, self.title_of(entry.request))
            self._looked = self._bridge.look_seconds
            self.files = ()
            self.result_changed.emit()
        self._tell(HowFar(0, event.nfe, 0.0))
        if self.phase is Phase.LOADING:
            self._set_phase(Phase.PAUSED if self._held else Phase.RUNNING)
        self.machine_changed.emit(event)
        for notice in event.notices:
            self._notifier.say(notice)

    @Slot(list)
    def _on_progress(self, steps: list[Progress]) -> None:
        last = steps[-1]
        if last.job != self.queue.job:
            return
        if isinstance(last.detail, GenerateStep):
            if self._is_shown(last.job):
                self.run.data.look_seconds = self._bridge.look_seconds - self._looked
            self.run.append(steps)
        self._upscales = isinstance(last.detail, UpscaleStep)
        self._tell(HowFar(last.call + 1, last.nfe, last.eta))

    def _tell(self, progress: HowFar) -> None:
        self.progress = progress
        if self.phase is Phase.PAUSED or not progress.done:
            self.run.refresh_slow()

    @Slot()
    def _tell_progress(self) -> None:
        self.progressed.emit(self.progress)

    @Slot(object)
    def _on_preview(self, event: Preview) -> None:
        if event.job == self.queue.job and self._is_shown(event.job):
            self.run.set_preview(event.call, event.images, event.first)

    @Slot(object, object)
    def _on_ended(self, entry: Entry, event: Final) -> None:
        if isinstance(entry.request, GenerateRequest):
            self._on_run_ended(event)
        if self.queue.running is None and not any(e.job is not None for e in self.queue.waiting):
            self._hold(False)  # nothing is left that could be held
        self._set_phase(Phase.IDLE if self._engine.ready else Phase.STARTING)
        self._estimate_timer.start()  # the machine knows this model's speed better now
        if isinstance(entry.request, GenerateRequest):
            self.ended.emit(event)

    def _on_run_ended(self, event: Final) -> None:
        if isinstance(event, Failed) and self._engine.ready:  # a broken engine speaks for itself
            self._notifier.post(Notice(ERROR, event.message, event.advice, event.details))
        shown = self._is_shown(event.job)
        if shown and self.run.is_live:
            self.run.finish(None if isinstance(event, Failed) else event.result)
        if not isinstance(event, Failed):
            if shown:
                self.show_files(event.files)
            for notice in event.notices:
                self._notifier.say(notice, level=WARNING)
        if isinstance(event, Cancelled) and event.result is not None:
            self._notifier.say(f"Stopped after {event.result.trace.nfe} calls; they are kept.")
        if isinstance(event, Finished):
            self._notifier.post(Notice(GOOD, f"Done in {event.seconds:.1f} s."))

    @Slot(str)
    def _on_queue_trouble(self, sentence: str) -> None:
        self._notifier.say(sentence, level=WARNING)

    def _is_shown(self, job: int) -> bool:
        """Whether the page looks at this job's run, and not at another one meanwhile."""
        return self.run.data is not None and self.run.data.job == job

    @Slot(object)
    def _on_decode_wanted(self, ask: DecodeAsk) -> None:
        self._engine.decode(ask.request, ask.key, ask.latents)

    @Slot(object)
    def _on_decoded(self, answer: Decoded) -> None:
        if isinstance(answer.request, GenerateRequest):
            self.run.set_decoded(answer.key, answer.values)

    # -- recipe, paint and settings --------------------------------------------------------------

    @Slot()
    def _ask_estimate(self) -> None:
        if self.recipe.model is not None:
            self._engine.estimate(self.request())

    @Slot(object)
    def _on_estimated(self, answer: Estimated) -> None:
        self.recipe.set_estimate(answer)

    @Slot()
    def _on_recipe(self) -> None:
        """The paint shown is the recipe's, on the patches that its model has."""
        model, request = self.recipe.model, self.recipe.request
        if model is None:
            return
        sizes, side = model.card.sizes, model.card.pixels or 1
        if "input_size" in sizes and "patch_size" in sizes:
            patches = sizes["input_size"] // sizes["patch_size"]
            rows, columns = request.height or side, request.width or side
            self.paint.set_grid(round(patches * rows / side), round(patches * columns / side))
        if self.paint.as_request() != request.paint and not self._lacks_picture():
            self.paint.set_request(request.paint)

    @Slot()
    def _on_painted(self) -> None:
        if self._lacks_picture():
            self.picture_needed.emit()
        elif self.paint.as_request() != self.recipe.request.paint:
            self.recipe.set(paint=self.paint.as_request())

    def _lacks_picture(self) -> bool:
        request = self.recipe.request
        return self.paint.has_fixed and not (request.image_file or request.branch)

    @Slot(object)
    def _on_settings(self, settings: object) -> None:
        self.set_live_budget(self._settings.settings.preview_share)
        self._estimate_timer.start()

    def set_live_budget(self, share: float) -> None:
        """Live views may take this share of a run; some of it is kept for what nobody can time."""
        self._engine.set_preview_budget(DECODING * share)
        self._bridge.set_drawing_budget(DRAWING * share)

    # -- words -----------------------------------------------------------------------------------

    @property
    def activity(self) -> str:
        """What the worker does, in a few words."""
        request = self.queue.running.request if self.queue.running else None
        if self.phase is not Phase.RUNNING or request is None:
            return self.phase.value
        if self._upscales and isinstance(request, GenerateRequest):
            return "Upscaling"
        return kind_of(request).activity.format(title=self.title_of(request))

    def title_of(self, request: Request) -> str:
        """What a request is about, in a few words, e.g. "tabby cat", or a file's name."""
        return kind_of(request).title(request)
