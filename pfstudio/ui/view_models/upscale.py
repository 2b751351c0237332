"""State of the Upscale page: its files, how they are upscaled, and what came out."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from pfstudio.core.events import Cancelled, Failed, Final, Finished, Progress
from pfstudio.core.upscale import Upscale, UpscaleRequest
from pfstudio.ui.files.background import Background
from pfstudio.ui.files.find import find_pictures
from pfstudio.ui.files.model import FileItem, FileListModel, FileState
from pfstudio.ui.files.summary import failures
from pfstudio.ui.jobs import Jobs, Phase
from pfstudio.ui.notify import ERROR, GOOD, WARNING, Notifier
from pfstudio.ui.recipe.cost import seconds_text
from pfstudio.ui.upscale.jobs import UpscaleJobs
from pfstudio.ui.upscale.pictures import Pictures, Reading, Unreadable
from pfstudio.ui.upscale.recipe import UpscaleRecipe
from pfstudio.ui.upscale.saving import Result, SaveAll, SavedUpscales, SaveOne
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


class UpscalePageModel(QObject):
    """Turns the user's verbs into requests and the worker's events into state."""

    shown_changed = Signal()  # another file, or its pictures are there now
    stepped = Signal()  # a call was made for the file that is shown
    busy_changed = Signal()

    def __init__(
        self,
        jobs: Jobs,
        settings: SettingsModel,
        notifier: Notifier,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._settings = settings
        self._notifier = notifier
        self.background = Background("upscale-files", self)
        self.files = FileListModel(self.background, self)
        self.jobs = UpscaleJobs(self.files, jobs, self)
        self.recipe = UpscaleRecipe(self)
        self.keep_metadata = True
        self._results: dict[int, Result] = {}  # by the number of the file
        self._asked: dict[int, Upscale] = {}  # settings that a finished file was run with
        self._ready: OrderedDict[int, Pictures] = OrderedDict()
        self._problems: dict[int, str] = {}
        self._reading: set[int] = set()
        self._step: Progress | None = None
        self._program = jobs
        self._batch: list[FileItem] = []  # ended since nothing ran
        self.files.chosen_changed.connect(self._on_chosen)
        self.files.changed.connect(self.busy_changed)
        self.jobs.begun.connect(self._on_begun)
        self.jobs.ended.connect(self._on_ended)
        jobs.phase_changed.connect(self.busy_changed)
        self.recipe.refused.connect(notifier.error)
        self.jobs.progress.connect(self._on_progress)

    # -- reading --------------------------------------------------------------------------------

    @property
    def busy(self) -> bool:
        """Whether files run or wait in the queue."""
        return self.jobs.busy

    @property
    def stopping(self) -> bool:
        """Whether the running file was told to stop."""
        return self._program.phase is Phase.STOPPING and self.jobs.running is not None

    @property
    def shown(self) -> ShownUpscale:
        """What the stage looks at."""
        item = self.files.chosen
        if item is None:
            return ShownUpscale()
        runs = self.jobs.running is item
        return ShownUpscale(
            item,
            self._ready.get(item.number),
            self._results.get(item.number),
            self._step if runs else None,
            self._problems.get(item.number, ""),
        )

    @property
    def due(self) -> list[FileItem]:
        """Files that have no result with the present settings, and are not under way."""
        return [
            item
            for item in self.files.items
            if not self.jobs.holds(item) and self._asked.get(item.number) != self.recipe.upscale
        ]

    @property
    def results(self) -> list[Result]:
        """Everything finished, in the order of the list."""
        return [self._results[i.number] for i in self.files.items if i.number in self._results]

    @property
    def expected(self) -> float | None:
        """Seconds that the files that are due will take, as far as that is known."""
        each = [self.recipe.expected(item.size) for item in self.due if item.size[0]]
        return None if not each or None in each else sum(each)

    def title(self) -> str:
        """Words for the title bar."""
        count = len(self.files.items)
        return f"{count} image{'s' if count != 1 else ''} · upscale" if count else ""

    # -- the user's verbs -----------------------------------------------------------------------

    def take(self, paths: Sequence[Path]) -> None:
        """Put files, and the pictures in folders, into the list."""
        work = partial(find_pictures, tuple(paths), lambda: self.background.stopping)
        self.background.ask(work, self._on_found)

    def start(self) -> None:
        """Upscale every file that has no result with these settings."""
        if self.recipe.model is None:
            self._notifier.say("No upsampler is installed.", level=ERROR)
            return
        due = self.due
        if not due:
            words = (
                "There is nothing to upscale."
                if not self.files.items
                else ("Every picture is upscaled with these settings.")
            )
            self._notifier.say(words, advice="Drop a picture, or change the settings.")
        for item in due:
            self._submit(item)

    def start_one(self) -> None:
        """Upscale the file that is looked at, once more if it has a result."""
        item = self.files.chosen
        if item is not None and self.recipe.model is not None and not self.jobs.holds(item):
            self._submit(item)

    def _submit(self, item: FileItem) -> None:
        compute = self._settings.settings.compute
        request = UpscaleRequest(str(item.path), self.recipe.upscale, compute=compute)
        self.jobs.submit(item, request)
        self.busy_changed.emit()

    def stop(self) -> None:
        """Stop the file that runs; those that wait in the queue stay in the list."""
        self.jobs.stop()
        self.busy_changed.emit()

    def remove(self, item: FileItem) -> None:
        """Take a file out of the list; files on disk stay."""
        self.jobs.forget(item)
        for known in (self._results, self._asked, self._ready, self._problems):
            known.pop(item.number, None)
        self.files.remove(item)

    def clear(self) -> None:
        """Take out every file that is not under way."""
        for item in [item for item in self.files.items if not self.jobs.holds(item)]:
            self.remove(item)

    def save(self, path: Path) -> None:
        """Write the result that is shown."""
        result = self.shown.result
        if result is not None:
            self.background.ask(SaveOne(result, path, self.keep_metadata), self._on_saved)

    def save_all(self, folder: Path) -> None:
        """Write every result into a folder."""
        job = SaveAll(tuple(self.results), folder, self.keep_metadata)
        self.background.ask(job, self._on_saved)

    def say(self, sentence: str) -> None:
        """Tell the user something."""
        self._notifier.say(sentence)

    def close(self) -> None:
        """Keep the settings and end the thread beside the window."""
        if (error := self.recipe.save()) is not None:
            self._notifier.error(error)
        self.background.stop()

    # -- files ----------------------------------------------------------------------------------

    @Slot(object)
    def _on_found(self, paths: tuple[Path, ...]) -> None:
        if not paths:
            self._notifier.say("There is no picture in there.", level=WARNING)
            return
        fresh = self.files.add(paths)
        known = [item for item in self.files.items if item.path == paths[0]]
        self.files.choose((fresh or known)[0])
        if self.recipe.at_once and self.recipe.model is not None:
            for item in fresh:
                self._submit(item)

    @Slot()
    def _on_chosen(self) -> None:
        item = self.files.chosen
        if item is not None and item.number in self._ready:
            self._ready.move_to_end(item.number)
        self._read(item)
        self.shown_changed.emit()

    def _read(self, item: FileItem | None) -> None:
        if item is None or item.number in self._ready or item.number in self._reading:
            return
        result = self._results.get(item.number)
        known = None
        if result is not None and result.in_memory:
            known = Pictures(item.number, result.upscaled.picture, result.upscaled.image)
        self._reading.add(item.number)
        kept = result.kept if result is not None else None
        self.background.ask(Reading(item.number, item.path, kept, known), self._on_read)

    @Slot(object)
    def _on_read(self, found: Pictures | Unreadable) -> None:
        self._reading.discard(found.number)
        if isinstance(found, Unreadable):
            self._problems[found.number] = f"{found.error} {found.error.advice}".strip()
        else:
            self._problems.pop(found.number, None)
            self._ready[found.number] = found
            self._let_go()
        chosen = self.files.chosen
        if chosen is not None and chosen.number == found.number:
            self.shown_changed.emit()

    def _let_go(self) -> None:
        """Forget the pictures that were looked at longest ago, if there are too many."""
        ready = self._ready
        while len(ready) > 1 and (
            len(ready) > READY or sum(known.bytes for known in ready.values()) > READY_BYTES
        ):
            ready.popitem(last=False)

    @Slot(object)
    def _on_saved(self, saved: SavedUpscales) -> None:
        for error in saved.problems:
            self._notifier.error(error)
        if len(saved.paths) == 1:
            self._notifier.say(f"Saved {saved.paths[0].name}.", level=GOOD)
        elif saved.paths:
            place = saved.paths[0].parent.name
            self._notifier.say(f"Saved {len(saved.paths)} pictures in {place}.", level=GOOD)

    # -- the worker's answers -------------------------------------------------------------------

    @Slot(object)
    def _on_begun(self, item: FileItem) -> None:
        self._step = None
        self.busy_changed.emit()
        if item is self.files.chosen:
            self.shown_changed.emit()

    @Slot(object, list)
    def _on_progress(self, item: FileItem, steps: list[Progress]) -> None:
        step = steps[-1]
        self._step = step
        share = 100 * (step.call + 1) / max(step.nfe, 1)
        eta = f" · {seconds_text(step.eta)} left" if step.eta > 0 else ""
        self.files.set_state(item, FileState.RUNNING, f"{share:.0f} %{eta}")
        if item is self.files.chosen:
            self.stepped.emit()

    @Slot(object, object, object)
    def _on_ended(self, item: FileItem, request: UpscaleRequest, event: Final) -> None:
        self._step = None
        if isinstance(event, Finished):
            self._on_finished(item, request, event)
        elif isinstance(event, Cancelled):
            self.files.set_state(item, FileState.CANCELLED)
        elif isinstance(event, Failed):
            self.files.set_state(item, FileState.FAILED, event.message)
        self._batch.append(item)
        if not self.jobs.busy:
            self._tell_end(event)
        self.busy_changed.emit()
        if item is self.files.chosen:
            self.shown_changed.emit()

    def _on_finished(self, item: FileItem, request: UpscaleRequest, event: Finished) -> None:
        upscaled = event.result
        kept = Path(event.files[0]) if event.files else None
        height, width = upscaled.image.shape[:2]
        result = Result(item.path, upscaled, event.seconds, (width, height), kept)
        self._results[item.number] = result
        self._asked[item.number] = request.upscale
        self._ready.pop(item.number, None)
        self._reading.discard(item.number)
        if item is self.files.chosen:
            self._read(item)
        self._results[item.number] = result.light()
        small = (upscaled.picture.shape[1], upscaled.picture.shape[0])
        self.recipe.remember(request.upscale, small, event.seconds)
        words = f"{width // small[0]} × in {seconds_text(event.seconds)}"
        self.files.set_state(item, FileState.DONE, words)
        for notice in event.notices:
            self._notifier.say(notice, level=WARNING)

    def _tell_end(self, event: Final) -> None:
        """Sum up once nothing of ours waits or runs."""
        batch, self._batch = self._batch, []
        done = sum(item.state is FileState.DONE for item in batch)
        notice = failures(batch, event, "pictures are upscaled")
        if notice is not None:
            self._notifier.post(notice)
        elif done:
            pictures = "picture is" if done == 1 else "pictures are"
            self._notifier.say(f"{done} {pictures} upscaled.", level=GOOD)


def step_words(step: Progress) -> str:
    """Where a run is, e.g. "pass 1 of 2, tile 3 of 12"."""
    words, detail = [], step.detail
    if detail.levels > 1:
        words.append(f"pass {detail.level + 1} of {detail.levels}")
    if detail.tiles > 1:
        words.append(f"tile {detail.tile} of {detail.tiles}")
    words.append(f"call {step.call + 1} of {step.nfe}")
    return ", ".join(words)
