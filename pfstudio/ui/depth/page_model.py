"""State of the Depth page: its files, what the worker found out about them, and what is shown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from pfstudio.core.depth import DepthRequest, DepthStep
from pfstudio.core.errors import InputError, PfstudioError
from pfstudio.core.events import Bytes, Failed, Final, Finished, Progress
from pfstudio.core.jobs import Decoded
from pfstudio.core.models import InstalledModel
from pfstudio.ui.decoding import Decoding
from pfstudio.ui.depth.detail import DepthDetail, read_detail, without_picture
from pfstudio.ui.depth.display import DisplayModel
from pfstudio.ui.depth.flow import Flow, FlowModel
from pfstudio.ui.depth.runs import KeptFlows, run_of
from pfstudio.ui.files.model import FileItem
from pfstudio.ui.files.page_model import FilesPageModel
from pfstudio.ui.jobs import Jobs
from pfstudio.ui.language import QT_TR_NOOP, tr
from pfstudio.ui.notify import WARNING, Notifier
from pfstudio.ui.recipe.cost import seconds_text
from pfstudio.ui.view_models.settings import SettingsModel

LIVE_SECONDS = 1.0  # between two looks into a run that goes on


class DepthPageModel(FilesPageModel):
    """Files whose depth is estimated as soon as they are added."""

    recipe_changed = Signal()
    models_changed = Signal()

    name = "depth"
    outcome = (
        QT_TR_NOOP("%n images have depth"),
        QT_TR_NOOP("{done} of %n images have depth"),
    )

    def __init__(
        self, jobs: Jobs, settings: SettingsModel, notifier: Notifier,
        parent: QObject | None = None,
    ) -> None:  # fmt: skip
        super().__init__(jobs, settings, notifier, parent)
        self._decoding = Decoding(jobs, self)
        self.display = DisplayModel(self)
        self.flow = FlowModel(self)
        self.request = DepthRequest()
        self.models: tuple[InstalledModel, ...] = ()
        self.detail = DepthDetail(None)
        self._flows = KeptFlows()
        self._wanted = 0  # number of the latest reading
        self._decoding.decoded.connect(self._on_decoded)
        self.display.quantity_changed.connect(self._read_detail)
        self.flow.frame_wanted.connect(self._want_frame)

    # -- the recipe -------------------------------------------------------------------------------

    def set_models(self, models: Iterable[InstalledModel]) -> None:
        """Tell which models are installed."""
        self.models = tuple(model for model in models if model.card.task == "depth")
        known = [model.name for model in self.models]
        if self.request.model not in known and not Path(self.request.model).is_file():
            self.request = replace(self.request, model=known[0] if known else "")
        self.models_changed.emit()
        self.recipe_changed.emit()

    def set(self, **values: Any) -> None:
        """Change the recipe; what cannot be is said."""
        try:
            self.request = replace(self.request, **values)
        except InputError as error:
            self._notifier.error(error)
        self.recipe_changed.emit()
        self.files_changed.emit()

    def blank_request(self) -> DepthRequest:
        return replace(self.request, image_file="", compute=self._settings.settings.compute)

    # -- the files --------------------------------------------------------------------------------

    def finished(self) -> list[FileItem]:
        """The files with a result."""
        return [item for item in self.files.items if run_of(item).result is not None]

    def _take_out(self, items: list[FileItem]) -> None:
        super()._take_out(items)
        self._flows.forget(items)

    def _began(self, item: FileItem, request: DepthRequest) -> None:
        run = run_of(item)
        run.request, run.flow, run.looked = request, Flow(), 0.0
        if item is self.files.chosen:
            self.flow.show(run.flow, finished=False)

    def _on_progress(self, item: FileItem, steps: list[Progress]) -> None:
        run = run_of(item)
        for step in steps:
            run.flow.add(step.detail)
        last = steps[-1]
        detail: DepthStep = last.detail
        words = tr("call {call} of {nfe}", call=last.call + 1, nfe=last.nfe)
        if detail.tile:
            words = tr("tile {tile} of {tiles}", tile=detail.tile, tiles=detail.tiles)
        self.files.set_state(item, item.state, words)
        if item is self.files.chosen:
            if last.elapsed - run.looked >= LIVE_SECONDS:
                run.looked = last.elapsed
                self.flow.update(finished=False)
            else:
                self.flow.calls_changed.emit()

    def _finished(self, item: FileItem, request: DepthRequest, event: Finished) -> str:
        run_of(item).result = without_picture(event.result)
        done = tr("saved") if event.files else tr("done")
        return f"{done} · {seconds_text(event.seconds)}"

    def _ended(self, item: FileItem, event: Final) -> None:
        run = run_of(item)
        if isinstance(event, Failed):
            run.result = None
            self.files.set_recipe(item, None)
        self._flows.keep(item, self.files.chosen)
        if item is self.files.chosen:
            self.flow.update(finished=run.result is not None)
            self._read_detail(event.result.picture if isinstance(event, Finished) else None)

    # -- what is looked at ------------------------------------------------------------------------

    @Slot()
    def _on_chosen(self) -> None:
        item = self.files.chosen
        run = run_of(item) if item else None
        self.detail = DepthDetail(None)
        self.flow.show(run.flow if run else None, finished=bool(run and run.result))
        self.shown_changed.emit()
        self._read_detail()

    @Slot()
    def _read_detail(self, picture: Bytes | None = None) -> None:
        """Prepare the shown file's maps in the background; the latest wish counts."""
        item = self.files.chosen
        self._wanted += 1
        if item is None:
            return
        if picture is None and self.detail.picture is not None:
            picture = self.detail.picture
        depth, quantity = run_of(item).result, self.display.settings.quantity
        work = partial(read_detail, item.path, depth, quantity, picture)
        made = partial(self._on_detail, self._wanted)
        failed = partial(self._on_no_detail, self._wanted)
        self.background.ask(work, made, failed, instead_of="detail")

    def _on_detail(self, number: int, detail: DepthDetail) -> None:
        if number == self._wanted:
            self.detail = detail
            self.shown_changed.emit()

    def _on_no_detail(self, number: int, error: PfstudioError) -> None:
        self._on_detail(number, DepthDetail(None, problem=str(error)))

    @Slot(int)
    def _want_frame(self, call: int) -> None:
        run = run_of(self.files.chosen) if self.files.chosen else None
        if run is not None and run.request is not None and self.flow.flow is not None:
            latents = self.flow.flow.latents(call)
            self._decoding.ask(run.request, (id(self.flow.flow), call), latents)

    @Slot(object)
    def _on_decoded(self, answer: Decoded) -> None:
        flow, call = answer.key
        if answer.values is None:
            self._notifier.say(answer.problem, level=WARNING)
        elif self.flow.flow is not None and flow == id(self.flow.flow):
            self.flow.set_frame(call, answer.values[0])
