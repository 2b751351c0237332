"""State of the Upscale page: its files, how they are upscaled, and what came out."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from pfstudio.core.errors import PfstudioError
from pfstudio.core.events import Final, Finished, Progress
from pfstudio.core.upscale import UpscaleRequest
from pfstudio.ui.files.model import FileItem
from pfstudio.ui.files.page_model import FilesPageModel
from pfstudio.ui.files.saving import Saver
from pfstudio.ui.jobs import Jobs
from pfstudio.ui.language import QT_TR_NOOP, tr, tr_sentence
from pfstudio.ui.notify import Notifier
from pfstudio.ui.recipe.cost import seconds_text
from pfstudio.ui.upscale.pictures import Pictures, Reading
from pfstudio.ui.upscale.recipe import UpscaleRecipe
from pfstudio.ui.upscale.saving import Result
from pfstudio.ui.view_models.settings import SettingsModel

READY, READY_BYTES = 4, 600 * 2**20  # files whose pictures stay in memory, beside the shown one


@dataclass(frozen=True)
class ShownUpscale:
    """What the stage looks at. `pictures` is None while they are read."""

    item: FileItem | None = None
    pictures: Pictures | None = None
    result: Result | None = None
    step: Progress | None = None  # the last call, while the file runs
    problem: str = ""  # why there is no picture


class UpscalePageModel(FilesPageModel):
    """Files that are upscaled when the user says so, or as soon as they are added."""

    stepped = Signal()  # a call was made for the file that is shown

    name = "upscale"
    outcome = (
        QT_TR_NOOP("%n images are upscaled"),
        QT_TR_NOOP("{done} of %n images are upscaled"),
    )

    def __init__(
        self, jobs: Jobs, settings: SettingsModel, notifier: Notifier,
        parent: QObject | None = None,
    ) -> None:  # fmt: skip
        super().__init__(jobs, settings, notifier, parent)
        self.saver = Saver(notifier, self)
        self.recipe = UpscaleRecipe(self)
        self.keep_metadata = True
        self._ready: OrderedDict[FileItem, Pictures] = OrderedDict()
        self._problem = ""  # why the chosen file cannot be read
        self._wanted = 0  # number of the latest reading
        self._step: Progress | None = None
        self.recipe.refused.connect(notifier.error)

    def blank_request(self) -> UpscaleRequest:
        return UpscaleRequest("", self.recipe.upscale, compute=self._settings.settings.compute)

    @property
    def at_once(self) -> bool:
        return self.recipe.at_once and self.recipe.model is not None

    def has_due(self) -> bool:
        return self.recipe.model is not None and super().has_due()

    def can_start_chosen(self) -> bool:
        return self.recipe.model is not None and super().can_start_chosen()

    # -- reading --------------------------------------------------------------------------------

    @property
    def shown(self) -> ShownUpscale:
        """What the stage looks at."""
        item = self.files.chosen
        if item is None:
            return ShownUpscale()
        step = self._step if item is self.running else None
        return ShownUpscale(item, self._ready.get(item), item.known, step, self._problem)

    @property
    def results(self) -> list[Result]:
        """Everything finished, in the order of the list."""
        return [item.known for item in self.files.items if item.known is not None]

    @property
    def expected(self) -> float | None:
        """Seconds that the files that are due will take, as far as that is known."""
        pixels = self.files.due(self.blank_request())[1]
        return self.recipe.expected(pixels) if pixels else None

    # -- the user's verbs -----------------------------------------------------------------------

    def save(self, path: Path) -> None:
        """Write the result that is shown."""
        result = self.shown.result
        if result is not None:
            self.saver.save([partial(result.write, path, metadata=self.keep_metadata)])

    def save_all(self, folder: Path) -> None:
        """Write every result into a folder."""
        self.saver.save(
            [partial(one.write_into, folder, metadata=self.keep_metadata) for one in self.results]
        )

    def close(self) -> None:
        """End the threads beside the window."""
        super().close()
        self.saver.stop()

    # -- files ----------------------------------------------------------------------------------

    @Slot()
    def _on_chosen(self) -> None:
        self._problem = ""
        self._read()
        self.shown_changed.emit()

    def _read(self) -> None:
        """Prepare the pictures of the chosen file in the background; the latest wish counts."""
        item = self.files.chosen
        self._wanted += 1
        if item is None:
            return
        if item in self._ready:
            self._ready.move_to_end(item)
            return
        result: Result | None = item.known
        job = Reading(item.path)
        if result is not None:
            job = Reading(item.path, result.kept, result.upscaled if result.in_memory else None)
        read = partial(self._on_read, item, self._wanted)
        failed = partial(self._on_unreadable, self._wanted)
        self.background.ask(job, read, failed, instead_of="pictures")

    def _on_read(self, item: FileItem, number: int, found: Pictures) -> None:
        if number == self._wanted:
            self._ready[item] = found
            self._let_go()
            self.shown_changed.emit()

    def _on_unreadable(self, number: int, error: PfstudioError) -> None:
        if number == self._wanted:
            self._problem = f"{tr_sentence(error)} {tr_sentence(error.advice)}".strip()
            self.shown_changed.emit()

    def _let_go(self) -> None:
        """Forget the pictures that were looked at longest ago, if there are too many."""
        ready = self._ready
        while len(ready) > 1 and (
            len(ready) > READY or sum(known.bytes for known in ready.values()) > READY_BYTES
        ):
            ready.popitem(last=False)

    def _take_out(self, items: list[FileItem]) -> None:
        super()._take_out(items)
        for item in items:
            self._ready.pop(item, None)

    # -- the worker's answers -------------------------------------------------------------------

    def _began(self, item: FileItem, request: UpscaleRequest) -> None:
        self._step = None
        if item is self.files.chosen:
            self.shown_changed.emit()

    def _on_progress(self, item: FileItem, steps: list[Progress]) -> None:
        self._step = step = steps[-1]
        share = 100 * (step.call + 1) / max(step.nfe, 1)
        words = f"{share:.0f} %"
        if step.eta > 0:
            words = tr("{progress} · {time} left", progress=words, time=seconds_text(step.eta))
        self.files.set_state(item, item.state, words)
        if item is self.files.chosen:
            self.stepped.emit()

    def _finished(self, item: FileItem, request: UpscaleRequest, event: Finished) -> str:
        upscaled = event.result
        kept = Path(event.files[0]) if event.files else None
        height, width = upscaled.image.shape[:2]
        item.known = Result(item.path, upscaled, event.seconds, (width, height), kept)
        self._ready.pop(item, None)
        if item is self.files.chosen:
            self._read()  # while its pixels are in memory
        item.known = item.known.light()
        rows, columns = upscaled.picture.shape[:2]
        self.recipe.remember(request.upscale, rows * columns, event.seconds)
        return tr("{factor} × in {time}", factor=width // columns, time=seconds_text(event.seconds))

    def _ended(self, item: FileItem, event: Final) -> None:
        if item is self.files.chosen:
            self.shown_changed.emit()


def step_words(step: Progress) -> str:
    """Where a run is, e.g. "pass 1 of 2, tile 3 of 12"."""
    words, detail = [], step.detail
    if detail.levels > 1:
        words.append(tr("pass {level} of {levels}", level=detail.level + 1, levels=detail.levels))
    if detail.tiles > 1:
        words.append(tr("tile {tile} of {tiles}", tile=detail.tile, tiles=detail.tiles))
    words.append(tr("call {call} of {nfe}", call=step.call + 1, nfe=step.nfe))
    return ", ".join(words)
