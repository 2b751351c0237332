"""The comparison's view-model: its runs, their one cursor, and the table of figures."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from functools import partial

import numpy as np
from PySide6.QtCore import QObject, Signal, Slot

from pfstudio.core.errors import InputError, RunError
from pfstudio.core.events import (
    Cancelled,
    Failed,
    Final,
    Finished,
    Floats,
    Preview,
    Progress,
    Started,
)
from pfstudio.core.generation import Generated, GenerateStep
from pfstudio.core.jobs import Decoded, Estimated
from pfstudio.core.requests import GenerateRequest
from pfstudio.core.tasks import kind_of
from pfstudio.ui.decoding import Decoding
from pfstudio.ui.job_handle import JobHandle
from pfstudio.ui.lab.analysis import psnr, rmse, token_shares
from pfstudio.ui.lab.plan import LabPlan
from pfstudio.ui.language import QT_TR_NOOP, tr_sentence
from pfstudio.ui.view_models.generate import GeneratePageModel
from pfstudio.ui.view_models.run_data import RunData


class State(Enum):
    """Where a run of the comparison is; the value is the word shown."""

    WAITING = QT_TR_NOOP("waiting")
    RUNNING = QT_TR_NOOP("running")
    DONE = QT_TR_NOOP("done")
    STOPPED = QT_TR_NOOP("stopped")
    FAILED = QT_TR_NOOP("failed")


OPEN = (State.WAITING, State.RUNNING)


@dataclass(eq=False)
class LabRun:
    """One column: a sampler's run."""

    handle: JobHandle
    state: State = State.WAITING
    message: str = ""  # why it failed
    seconds: float = 0.0
    files: tuple[str, ...] = ()  # what was saved
    data: RunData | None = None  # once started
    # Tokens spent on each patch (n,m), by (call, image).
    spent: dict[tuple[int, int], Floats] = field(default_factory=dict, repr=False)

    @property
    def request(self) -> GenerateRequest:
        """What it runs."""
        return self.handle.request

    @property
    def label(self) -> str:
        """The sampler's name for people."""
        return self.request.sampler.label

    def add(self, progress: Progress) -> None:
        """Take one call."""
        if self.data is not None and not self.data.ended:
            self.data.append(progress)
            self.seconds, step = progress.elapsed, progress.detail
            for place, shares in enumerate(token_shares(step.role, step.tokens)):
                self.spent[progress.call, step.first + place] = shares

    def compute(self, nfe: int, image: int) -> Floats | None:
        """Tokens spent on each patch of a picture in its first `nfe` calls, (n,m)."""
        known = [shares for (call, of), shares in self.spent.items() if call < nfe and of == image]
        return np.sum(known, axis=0) if known else None


@dataclass(frozen=True)
class LabPicture:
    """A picture that a column would like to show."""

    data: RunData
    call: int
    image: int

    @property
    def key(self) -> tuple[int, int]:
        """For `JobRunner.decode`; the page's run model numbers pictures in the same way."""
        return self.data.job, self.call * self.data.images + self.image


@dataclass(frozen=True)
class Figures:
    """A row of the table; None where it is not known yet."""

    nfe: int | None
    seconds: float | None
    tokens: int | None
    error: float | None  # RMSE to the reference's final pictures, grey levels
    psnr: float | None  # dB


class LabModel(QObject):
    """Runs a `LabPlan` through the page's queue and keeps what comes back.

    The page's run model is the cursor of all columns: each shows the same share of its run, which
    is the same call where the calls are equal.
    """

    runs_changed = Signal()  # another comparison: other columns
    run_changed = Signal(int)  # state, figures or pictures of this column
    cursor_changed = Signal()
    reference_changed = Signal()
    trouble = Signal(object)  # PfstudioError

    def __init__(self, page: GeneratePageModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._page, self._jobs = page, page.jobs
        self._decoding = Decoding(page.jobs, self)
        self.runs: list[LabRun] = []
        self.reference = 0
        self._plan: LabPlan | None = None  # while its costs are being asked
        self._costs: dict[str, Estimated] = {}
        self._line: list[LabPicture] = []  # pictures wanted, in order
        self._asked: LabPicture | None = None
        page.jobs.estimated.connect(self._on_estimated)
        self._decoding.decoded.connect(self._on_decoded)
        for signal in (page.run.call_changed, page.run.calls_changed, page.run.run_changed,
                       page.run.patch_changed, page.run.image_changed):  # fmt: skip
            signal.connect(self._on_cursor)

    # -- running ------------------------------------------------------------------------------

    def compare(self, plan: LabPlan) -> None:
        """Start a comparison; one that still runs is stopped."""
        self.stop()
        if plan.seconds > 0:
            self._plan, self._costs = plan, {}
            for request in plan.requests():
                self._jobs.estimate(request, timed=True)
        else:
            self._submit(plan.requests())

    def stop(self) -> None:
        """Cancel what has not ended; other entries of the queue stay."""
        self._plan = None
        handles = [run.handle for run in self.runs if run.state in OPEN]
        self._jobs.remove(handles)  # before the running one ends: the next would begin
        for handle in handles:
            if handle.running:
                handle.cancel()

    @property
    def busy(self) -> bool:
        """Whether something has not ended yet."""
        return self._plan is not None or any(run.state in OPEN for run in self.runs)

    def _submit(self, requests: tuple[GenerateRequest, ...]) -> None:
        self._plan = None
        self._line, self._asked = [], None
        self.reference = 0
        self.runs = [LabRun(self._jobs.submit(request)) for request in requests]
        for run in self.runs:
            self._follow(run)
        self.runs_changed.emit()

    def _follow(self, run: LabRun) -> None:
        handle = run.handle
        handle.began.connect(partial(self._set_state, run, State.RUNNING))
        handle.returned.connect(partial(self._set_state, run, State.WAITING))
        handle.removed.connect(partial(self._set_state, run, State.STOPPED))
        handle.started.connect(partial(self._on_started, run))
        handle.progress.connect(partial(self._on_progress, run))
        handle.preview.connect(partial(self._on_preview, run))
        handle.ended.connect(partial(self._on_ended, run))

    @Slot(object)
    def _on_estimated(self, answer: Estimated) -> None:
        plan = self._plan
        if plan is None or not answer.timed or answer.request not in plan.requests():
            return
        self._costs[answer.request.sampler.name] = answer
        if set(self._costs) != set(plan.samplers):
            return
        try:
            self._submit(plan.timed_requests(self._costs))
        except InputError as error:
            self._plan = None
            self.trouble.emit(error)

    # -- what comes back; also of a comparison before this one, which is no longer shown ---------

    def _changed(self, run: LabRun) -> None:
        if run in self.runs:
            self.run_changed.emit(self.runs.index(run))

    def _set_state(self, run: LabRun, state: State) -> None:
        run.state = state
        self._changed(run)

    def _on_started(self, run: LabRun, event: Started) -> None:
        run.data = RunData.live(event, run.request)
        self._changed(run)

    def _on_preview(self, run: LabRun, event: Preview) -> None:
        if run.data is not None:
            run.data.keep_picture(event.call, event.images, event.first)
            self._changed(run)

    def _on_progress(self, run: LabRun, steps: list[Progress]) -> None:
        if isinstance(steps[0].detail, GenerateStep):
            for step in steps:
                run.add(step)
            self._changed(run)

    def _on_ended(self, run: LabRun, event: Final) -> None:
        if isinstance(event, Finished):
            run.state = State.DONE
            self._keep(run, event.result, event.files)
        elif isinstance(event, Cancelled):
            run.state = State.STOPPED
            self._keep(run, event.result, event.files)
        elif isinstance(event, Failed):
            run.state, run.message = State.FAILED, tr_sentence(event.message)
        self._changed(run)
        self._wish_pictures()

    def _keep(self, run: LabRun, result: Generated | None, files: tuple[str, ...]) -> None:
        run.files = files
        if run.data is not None:
            run.data.finish(result)

    # -- decoding: one ask at a time, so the columns stand in line -------------------------------

    def _wish_pictures(self) -> None:
        """Want the pictures under the cursor that are not at hand."""
        self._line = [
            LabPicture(run.data, self.call_of(run), self.image_of(run))
            for run in self.runs
            if run.data is not None and run.data.ended
        ]
        if self._asked is None:
            self._decode_next()

    def _decode_next(self) -> None:
        self._asked = None
        while self._line and self._asked is None:
            wish = self._line.pop(0)
            latents = wish.data.prediction_latents(wish.call, wish.image)
            if latents is not None and not wish.data.is_decoded(wish.call, wish.image):
                self._asked = wish
                self._decoding.ask(wish.data.request, wish.key, latents[None])

    @Slot(object)
    def _on_decoded(self, answer: Decoded) -> None:
        job, place = answer.key
        if answer.values is None:
            self.trouble.emit(RunError(answer.problem))
        for index, run in enumerate(self.runs):
            if run.handle.job == job and run.data is not None and answer.values is not None:
                run.data.keep_decoded(place, answer.values)
                self.run_changed.emit(index)
        if self._asked is not None and answer.key == self._asked.key:
            self._decode_next()

    # -- the cursor ---------------------------------------------------------------------------

    @property
    def share(self) -> float:
        """Place of the time cursor as a share of the shown run, 0..1."""
        data = self._page.run.data
        return self._page.run.call / max(data.expected - 1, 1) if data else 1.0

    def call_of(self, run: LabRun) -> int:
        """The call that a column shows now."""
        if run.data is None:
            return 0
        last = run.data.known(self.image_of(run)) - 1
        return max(0, min(round(self.share * (run.data.expected - 1)), last))

    def image_of(self, run: LabRun) -> int:
        """Picture of the batch that a column shows."""
        return min(self._page.run.image, run.data.images - 1 if run.data else 0)

    @property
    def patch(self) -> tuple[int, int]:
        """The patch cursor."""
        return self._page.run.patch

    def set_patch(self, row: int, column: int) -> None:
        """Point at a patch, in every view of the page."""
        self._page.run.set_patch(row, column)

    @property
    def selected(self) -> int | None:
        """The column that timeline and inspector show."""
        data = self._page.run.data
        jobs = [run.handle.job for run in self.runs]
        return jobs.index(data.job) if data and data.job in jobs else None

    def select(self, index: int) -> None:
        """Show a column's run in timeline and inspector, at the same place."""
        run = self.runs[index]
        if run.data is None or not run.data.done or self.selected == index:
            return
        share = self.share
        self._page.run.set_data(run.data, kind_of(run.request).title(run.request))
        self._page.show_files(run.files)
        self._page.run.set_call(round(share * (run.data.expected - 1)))

    @Slot()
    def _on_cursor(self) -> None:
        if self.runs:
            self.cursor_changed.emit()
            self._wish_pictures()

    # -- figures ------------------------------------------------------------------------------

    def set_reference(self, index: int) -> None:
        """Measure the differences to this column."""
        self.reference = index
        self.reference_changed.emit()

    def figures(self, index: int) -> Figures:
        """The table's row of a column; differences are over all pictures of the run."""
        run = self.runs[index]
        data, base = run.data, self.runs[self.reference].data
        error = None
        if data and base and data.final is not None and base.final is not None:
            error = rmse(base.final, data.final)
        return Figures(
            nfe=data.done if data else None,
            seconds=run.seconds or None,
            tokens=data.tokens_computed if data and data.done else None,
            error=error,
            psnr=None if error is None else psnr(error),
        )

    def compute_top(self) -> float:
        """Upper end of the compute maps' common colours: equal colours mean equal compute."""
        known = [(run, run.data) for run in self.runs if run.data is not None]
        maps = [run.compute(data.expected, self.image_of(run)) for run, data in known]
        return max((float(spent.max()) for spent in maps if spent is not None), default=1.0)
