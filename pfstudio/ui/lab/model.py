"""The comparison's view-model: its runs, their one cursor, and the table of figures."""

from __future__ import annotations

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
from pfstudio.ui.lab.analysis import psnr, rmse
from pfstudio.ui.lab.plan import Compared, LabPlan, variants_of
from pfstudio.ui.lab.run import OPEN, Cost, Figures, LabPicture, LabRun, Point, State
from pfstudio.ui.language import tr_sentence
from pfstudio.ui.stage.colours import limits_of
from pfstudio.ui.stage.views import VIEWS, View, map_values
from pfstudio.ui.view_models.generate import GeneratePageModel
from pfstudio.ui.view_models.run_data import RunData


class LabModel(QObject):
    """Runs a `LabPlan` through the page's queue and keeps what comes back.

    The page's run model is the cursor of all columns: each shows the same share of its run, which
    is the same call where the calls are equal.
    """

    runs_changed = Signal()  # another comparison: other columns
    run_changed = Signal(int)  # state, figures or pictures of this column
    cursor_changed = Signal()
    view_changed = Signal()  # another map, another reference, or costs are being asked or not
    trouble = Signal(object)  # PfstudioError

    def __init__(self, page: GeneratePageModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._page, self._jobs = page, page.jobs
        self._decoding = Decoding(page.jobs, self)
        self.runs: list[LabRun] = []
        self.compared = Compared.SAMPLER  # what the columns differ in
        self.view: View | None = None  # the map of every column; None: where the compute went
        self._reference: int | None = None  # None: the finished run of most compute
        self._plan: LabPlan | None = None  # while its costs are being asked
        self._costs: dict[int, Estimated] = {}  # by column
        self._line: list[LabPicture] = []  # pictures wanted, in order
        self._asked: LabPicture | None = None
        self._undecodable: set[int] = set()  # jobs whose pictures cannot be had
        page.jobs.estimated.connect(self._on_estimated)
        self._decoding.decoded.connect(self._on_decoded)
        for signal in (page.run.call_changed, page.run.calls_changed, page.run.run_changed,
                       page.run.patch_changed, page.run.image_changed):  # fmt: skip
            signal.connect(self._on_cursor)

    # -- running ------------------------------------------------------------------------------

    @Slot(object, tuple, int, float)
    def compare_recipe(
        self, compared: Compared, keys: tuple[str, ...], nfe: int, seconds: float = 0.0
    ) -> None:
        """Compare these samplers or guidance rules with the recipe as it is set."""
        if not self._page.is_ready():
            return
        every = variants_of(compared, self._page.recipe)
        chosen = tuple(one for one in every if one.key in keys)
        try:
            self.compare(LabPlan(self._page.request(), compared, chosen, nfe, seconds))
        except InputError as error:
            self.trouble.emit(error)

    def compare(self, plan: LabPlan) -> None:
        """Start a comparison; one that still runs is stopped."""
        self.stop()
        if plan.seconds > 0:
            self._costs = {}
            self._set_plan(plan)
            for request in plan.requests():
                self._jobs.estimate(request, timed=True)
        else:
            self._submit(plan, plan.requests())

    def stop(self) -> None:
        """Cancel what has not ended; other entries of the queue stay."""
        self._set_plan(None)
        handles = [run.handle for run in self.runs if run.state in OPEN]
        self._jobs.remove(handles)  # before the running one ends: the next would begin
        for handle in handles:
            if handle.running:
                handle.cancel()

    @property
    def busy(self) -> bool:
        """Whether something has not ended yet."""
        return self._plan is not None or any(run.state in OPEN for run in self.runs)

    def _set_plan(self, plan: LabPlan | None) -> None:
        self._plan = plan
        self.view_changed.emit()

    def _submit(self, plan: LabPlan, requests: tuple[GenerateRequest, ...]) -> None:
        self._set_plan(None)
        self._line, self._asked = [], None
        self._undecodable.clear()
        self._reference = None
        if plan.compared is not self.compared:
            self.compared = plan.compared
            self.view = View.DIFFERENCE if plan.compared is Compared.GUIDANCE else None
        self.runs = [
            LabRun(variant, self._jobs.submit(request))
            for variant, request in zip(plan.variants, requests, strict=True)
        ]
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
        self._costs[plan.requests().index(answer.request)] = answer
        if len(self._costs) < len(plan.variants):
            return
        try:
            costs = [self._costs[column] for column in range(len(plan.variants))]
            self._submit(plan, plan.timed_requests(costs))
        except InputError as error:
            self._set_plan(None)
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
            self._keep(run, None, ())
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
            if wish.data.job in self._undecodable:
                continue
            if latents is not None and not wish.data.is_decoded(wish.call, wish.image):
                self._asked = wish
                self._decoding.ask(wish.data.request, wish.key, latents[None])

    @Slot(object)
    def _on_decoded(self, answer: Decoded) -> None:
        job, place = answer.key
        if answer.values is None and job not in self._undecodable:
            self._undecodable.add(job)
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

    # -- maps and figures ---------------------------------------------------------------------

    def set_view(self, view: View | None) -> None:
        """Show this map in every column; None: where the compute went."""
        self.view = view
        self.view_changed.emit()

    def values(self, run: LabRun) -> Floats | None:
        """The map (n,m) of a column under the cursor; NaN: the run has none. None: not yet."""
        call, image = self.call_of(run), self.image_of(run)
        spent = run.compute(call + 1, image)
        if run.data is None or spent is None:
            return None
        return spent if self.view is None else map_values(run.data, self.view, call, image)

    def limits(self) -> tuple[float, float]:
        """The maps' common range: equal colours mean equal values."""
        known = [(run, run.data) for run in self.runs if run.data is not None]
        if self.view is None:
            whole = [run.compute(data.expected, self.image_of(run)) for run, data in known]
            return 0.0, max((float(one.max()) for one in whole if one is not None), default=1.0)
        natural = VIEWS[self.view].limits
        if natural is not None and known:
            lows, highs = zip(*(natural(data) for _, data in known), strict=True)
            return min(lows), max(highs)
        shown = [one for run, _ in known if (one := self.values(run)) is not None]
        finite = [one[np.isfinite(one)] for one in shown]
        together = np.concatenate(finite) if finite else np.zeros(0, np.float32)
        return limits_of(together) if together.size else (0.0, 1.0)

    @property
    def reference(self) -> int:
        """The column that differences are measured to."""
        if self._reference is not None:
            return self._reference
        ended = [i for i, run in enumerate(self.runs) if run.data and run.data.final is not None]
        return max(ended, key=lambda i: self._flops(self.runs[i]), default=0)

    def set_reference(self, index: int) -> None:
        """Measure the differences to this column."""
        self._reference = index
        self.view_changed.emit()

    def _flops(self, run: LabRun) -> float:
        return run.data.flops if run.data else 0.0

    def figures(self, index: int) -> Figures:
        """The table's row of a column; differences are over all pictures of the run."""
        run = self.runs[index]
        data, base = run.data, self.runs[self.reference].data
        error = None
        if data and base and data.final is not None and base.final is not None:
            error = rmse(base.final, data.final)
        return Figures(
            nfe=data.done if data else None,
            passes=run.request.guidance.passes,
            tokens=data.tokens_computed if data and data.done else None,
            flops=self._flops(run) or None,
            seconds=run.seconds or None,
            error=error,
            psnr=None if error is None else psnr(error),
        )

    def points(self, cost: Cost) -> list[Point]:
        """What of the comparison a plot of cost and difference can show."""
        found = []
        for column, run in enumerate(self.runs):
            figures = self.figures(column)
            spent = figures.seconds if cost is Cost.SECONDS else figures.flops
            if run.data is not None and spent is not None and figures.error is not None:
                found.append(Point(column, run.label, spent / run.data.images, figures.error))
        return found
