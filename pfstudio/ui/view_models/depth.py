"""State of the Depth page: its files, what the worker found out about them, and what is shown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from pfstudio.core.depth import DepthRequest, DepthStep
from pfstudio.core.errors import InputError
from pfstudio.core.events import Cancelled, Failed, Final, Finished, Progress
from pfstudio.core.jobs import Decoded
from pfstudio.core.models import InstalledModel
from pfstudio.ui.decoding import Decoding
from pfstudio.ui.depth.closely import Closely, look_closely, without_picture
from pfstudio.ui.depth.flow import Flow, FlowModel
from pfstudio.ui.depth.look import LookModel
from pfstudio.ui.depth.runs import DepthRun, trim_flows
from pfstudio.ui.files.background import Background
from pfstudio.ui.files.find import find_pictures
from pfstudio.ui.files.model import FileItem, FileListModel, FileState
from pfstudio.ui.files.summary import failures
from pfstudio.ui.jobs import JobHandle, Jobs
from pfstudio.ui.notify import GOOD, WARNING, Notifier
from pfstudio.ui.recipe.cost import seconds_text
from pfstudio.ui.view_models.settings import SettingsModel

QUEUED = 50  # files handed to the queue at once; the others follow as these end
LIVE_SECONDS = 1.0  # between two looks into a run that goes on
OPEN = (FileState.WAITING, FileState.RUNNING)


class DepthPageModel(QObject):
    """Turns the user's verbs into requests and the worker's events into state."""

    recipe_changed = Signal()
    models_changed = Signal()
    files_changed = Signal()  # the list, or a state in it
    shown_changed = Signal()  # `closely` is another one
    all_ended = Signal(str)  # nothing of ours waits or runs any more; what came out

    def __init__(
        self, jobs: Jobs, settings: SettingsModel, notifier: Notifier,
        parent: QObject | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._jobs, self._decoding = jobs, Decoding(jobs, self)
        self._settings, self._notifier = settings, notifier
        self.background = Background("depth files", self)
        self._thumbnails = Background("depth thumbnails", self)  # nobody waits for these
        self.files = FileListModel(self._thumbnails, self)
        self.look = LookModel(self)
        self.flow = FlowModel(self)
        self.request = DepthRequest()
        self.models: tuple[InstalledModel, ...] = ()
        self.closely = Closely(None)
        self._runs: dict[int, DepthRun] = {}  # by the number of the file
        self._items: dict[JobHandle, FileItem] = {}  # in the queue
        self._pending: list[FileItem] = []  # not handed to the queue yet
        self._batch: list[FileItem] = []  # ended since the worker last had nothing to do
        self._wanted = 0  # number of the latest close look
        self._decoding.decoded.connect(self._on_decoded)
        self.files.chosen_changed.connect(self._on_chosen)
        self.files.changed.connect(self.files_changed)
        self.look.quantity_changed.connect(self._look_closely)
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

    def set(self, **values: object) -> None:
        """Change the recipe; what cannot be is said."""
        try:
            request = replace(self.request, **values)
        except InputError as error:
            self._notifier.error(error)
            request = self.request
        if request != self.request:
            self.request = request
        self.recipe_changed.emit()
        self.files_changed.emit()

    def recipe(self) -> DepthRequest:
        """What would be run for every file now; it names none."""
        return replace(self.request, image_file="", compute=self._settings.settings.compute)

    # -- the user's verbs -------------------------------------------------------------------------

    def add_paths(self, paths: Sequence[Path]) -> None:
        """Take files and folders, and estimate the depth of every picture in them."""
        find = partial(find_pictures, list(paths), lambda: self.background.stopping)
        self.background.ask(find, partial(self._on_found, len(paths)))

    def _on_found(self, given: int, found: tuple[Path, ...]) -> None:
        if not found:
            where = "there" if given > 1 else "in this folder"
            self._notifier.say(f"There is no picture {where}.", level=WARNING)
            return
        fresh = self.files.add(found)
        again = [item for item in self.files.items if item.path in found]
        if again and (len(found) == 1 or not fresh):
            self.files.choose(again[0])
        self._estimate(fresh)

    def outdated(self) -> list[FileItem]:
        """The files that `estimate_all` would run: without a result, or with another recipe's."""
        recipe = self.recipe()
        return [item for item in self.files.items if self._is_outdated(item, recipe)]

    def has_outdated(self) -> bool:
        """Whether there are any."""
        recipe = self.recipe()
        return any(self._is_outdated(item, recipe) for item in self.files.items)

    def _is_outdated(self, item: FileItem, recipe: DepthRequest) -> bool:
        if item.state in OPEN:
            return False
        return item.state is not FileState.DONE or self.run_of(item).recipe != recipe

    def estimate_all(self) -> None:
        """Run every file that has no result of the present recipe."""
        self._estimate(self.outdated())

    def estimate_chosen(self) -> None:
        """Run the file that is looked at, once more if need be."""
        if self.files.chosen is not None and self.files.chosen.state not in OPEN:
            self._estimate([self.files.chosen])

    def _estimate(self, items: list[FileItem]) -> None:
        for item in items:
            self.files.set_state(item, FileState.WAITING)
        self._pending += items
        self._feed()

    def stop(self) -> None:
        """Stop the running file and take the waiting ones out; what is done stays."""
        dropped, self._pending = self._pending, []
        self._cancel(list(self._items))
        self._batch += dropped
        for item in dropped:
            self.files.set_state(item, FileState.CANCELLED)

    def _cancel(self, handles: list[JobHandle]) -> None:
        self._jobs.remove(handles)  # before the running one ends: the next would begin
        for handle in handles:
            if handle.running:
                handle.cancel()

    def remove(self, item: FileItem) -> None:
        """Take a file out of the list; its run is stopped."""
        self._pending = [other for other in self._pending if other is not item]
        self._cancel([handle for handle, other in self._items.items() if other is item])
        self._runs.pop(item.number, None)
        self.files.remove(item)

    def clear(self) -> None:
        """Empty the list."""
        self.stop()
        for item in list(self.files.items):
            self.remove(item)

    def open_items(self) -> list[FileItem]:
        """The files that wait or run."""
        return [item for item in self.files.items if item.state in OPEN]

    @property
    def busy(self) -> bool:
        """Whether a file waits or runs."""
        return self.files.count(*OPEN) > 0

    def run_of(self, item: FileItem) -> DepthRun:
        """What is known about a file."""
        return self._runs.setdefault(item.number, DepthRun())

    def finished(self) -> list[FileItem]:
        """The files with a result."""
        return [item for item in self.files.items if self.run_of(item).result is not None]

    # -- in step with the queue -------------------------------------------------------------------

    def _feed(self) -> None:
        """Hand over files, so many at a time that the queue stays small."""
        while self._pending and sum(not handle.running for handle in self._items) < QUEUED:
            item = self._pending.pop(0)
            request = replace(self.recipe(), image_file=str(item.path))
            self._follow(self._jobs.submit(request), item)

    def adopt(self, handle: JobHandle) -> None:
        """Show a job that an earlier session left."""
        path = Path(handle.request.image_file)
        self.files.add([path])
        self._follow(handle, next(item for item in self.files.items if item.path == path))

    def _follow(self, handle: JobHandle, item: FileItem) -> None:
        self._items[handle] = item
        run = self.run_of(item)
        run.request = handle.request
        run.recipe = replace(handle.request, image_file="")
        handle.began.connect(partial(self._on_began, item))
        handle.returned.connect(partial(self.files.set_state, item, FileState.WAITING))
        handle.progress.connect(partial(self._on_progress, item))
        handle.ended.connect(partial(self._on_ended, handle, item))
        handle.removed.connect(partial(self._on_removed, handle, item))

    def _on_began(self, item: FileItem) -> None:
        run = self.run_of(item)
        run.flow, run.looked = Flow(), 0.0
        self.files.set_state(item, FileState.RUNNING)
        if item is self.files.chosen:
            self.flow.show(run.flow, finished=False)

    def _on_progress(self, item: FileItem, steps: list[Progress]) -> None:
        run = self.run_of(item)
        for step in steps:
            run.flow.add(step.detail)
        last = steps[-1]
        detail: DepthStep = last.detail
        words = f"call {last.call + 1} of {last.nfe}"
        if detail.tile:
            words = f"tile {detail.tile} of {detail.tiles}"
        self.files.set_state(item, FileState.RUNNING, words)
        if item is self.files.chosen:
            if last.elapsed - run.looked >= LIVE_SECONDS:
                run.looked = last.elapsed
                self.flow.update(finished=False)
            else:
                self.flow.calls_changed.emit()

    def _on_ended(self, handle: JobHandle, item: FileItem, event: Final) -> None:
        del self._items[handle]
        if not self.files.holds(item):
            self._feed()
            return
        run = self.run_of(item)
        if isinstance(event, Finished):
            run.result = without_picture(event.result)
            saved = "saved" if event.files else "done"
            self.files.set_state(item, FileState.DONE, f"{saved} · {seconds_text(event.seconds)}")
            for notice in event.notices:
                self._notifier.say(notice, level=WARNING)
        elif isinstance(event, Failed):
            run.result = None
            self.files.set_state(item, FileState.FAILED, event.message)
        elif isinstance(event, Cancelled):
            self.files.set_state(item, FileState.CANCELLED)
        self._batch.append(item)
        trim_flows(self._runs, self.files.chosen)
        if item is self.files.chosen:
            self.flow.update(finished=run.result is not None)
            picture = event.result.picture if isinstance(event, Finished) else None
            self._look_closely(picture)
        self._feed()
        self._tell_end(event)

    def _tell_end(self, event: Final) -> None:
        """Sum up once nothing of ours waits or runs."""
        if self.busy:
            return
        batch, self._batch = self._batch, []
        done = sum(item.state is FileState.DONE for item in batch)
        self.all_ended.emit(f"Depth: {done} of {len(batch)} images done.")
        notice = failures(batch, event, "images have depth now")
        if notice is not None:
            self._notifier.post(notice)
        elif len(batch) > 1 and done == len(batch):
            self._notifier.say(f"All {done} images have depth now.", level=GOOD)
        elif len(batch) > 1:
            self._notifier.say(f"Stopped; {done} of {len(batch)} images have depth.")

    def _on_removed(self, handle: JobHandle, item: FileItem) -> None:
        """Someone took a waiting file out of the queue."""
        del self._items[handle]
        self.files.set_state(item, FileState.CANCELLED)
        self._batch.append(item)

    # -- what is looked at ------------------------------------------------------------------------

    @Slot()
    def _on_chosen(self) -> None:
        item = self.files.chosen
        run = self.run_of(item) if item else None
        self.closely = Closely(None)
        self.flow.show(run.flow if run else None, finished=bool(run and run.result))
        self.shown_changed.emit()
        self._look_closely()

    @Slot()
    def _look_closely(self, picture: object = None) -> None:
        """Prepare the shown file's maps in the background; the latest wish counts."""
        item = self.files.chosen
        self._wanted += 1
        if item is None:
            return
        if picture is None and self.closely.picture is not None:
            picture = self.closely.picture
        depth, quantity = self.run_of(item).result, self.look.look.quantity
        work = partial(look_closely, item.path, depth, quantity, picture)
        self.background.ask(work, partial(self._on_looked, self._wanted))

    def _on_looked(self, number: int, closely: Closely) -> None:
        if number == self._wanted:
            self.closely = closely
            self.shown_changed.emit()

    @Slot(int)
    def _want_frame(self, call: int) -> None:
        item = self.files.chosen
        run = self.run_of(item) if item else None
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

    def close(self) -> None:
        """End what works beside the window."""
        self.background.stop()
        self._thumbnails.stop()

    # -- words ------------------------------------------------------------------------------------

    def title(self) -> str:
        """For the window's title line."""
        count = len(self.files.items)
        return f"{count} image{'s' if count != 1 else ''} · depth" if count else "depth"
