"""What all pages have in common that do something with every file of a list."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from pfstudio.core.events import Failed, Final, Finished, Progress
from pfstudio.ui.files.background import Background
from pfstudio.ui.files.find import find_pictures
from pfstudio.ui.files.model import OPEN, FileItem, FileListModel, FileState
from pfstudio.ui.files.summary import summary
from pfstudio.ui.job_handle import JobHandle
from pfstudio.ui.jobs import Jobs, Phase
from pfstudio.ui.language import tr, tr_sentence
from pfstudio.ui.notify import WARNING, Notifier
from pfstudio.ui.view_models.settings import SettingsModel

QUEUED = 50  # files in the queue at once; the others follow as these end
PORTION = 10  # of them are handed over in one turn of the event loop


class FilesPageModel(QObject):
    """The files of a page and their jobs.

    A page says what is asked for a file (`blank_request`), and overrides `_on_chosen`, `_began`,
    `_on_progress`, `_finished` and `_ended` to keep what it shows in `FileItem.known`.
    """

    files_changed = Signal()  # the list, or a state in it
    shown_changed = Signal()  # another file is looked at, or there is more to show of it
    all_ended = Signal(str)  # nothing waits or runs any more; what came out

    name = ""  # of the page
    outcome = ("", "")  # what became of one image, and of several

    def __init__(
        self, jobs: Jobs, settings: SettingsModel, notifier: Notifier,
        parent: QObject | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._jobs, self._settings, self._notifier = jobs, settings, notifier
        self.background = Background(tr("{page} files", page=tr(self.name)), self)
        self.files = FileListModel(self)
        self.running: FileItem | None = None
        self._pending: dict[FileItem, Any] = {}  # not handed to the queue yet, with their recipes
        self._handles: dict[JobHandle, FileItem] = {}  # in the queue
        self._batch: list[FileItem] = []  # ended since nothing waited or ran
        self._feeding = QTimer(self)  # in a turn of its own, so that adding many files is shown
        self._feeding.setSingleShot(True)
        self._feeding.timeout.connect(self._feed)
        self.files.changed.connect(self.files_changed)
        self.files.chosen_changed.connect(self._on_chosen)
        jobs.phase_changed.connect(self.files_changed)

    # -- what a page is -------------------------------------------------------------------------

    def blank_request(self) -> Any:
        """What would be asked for every file now; `image_file` is empty."""
        raise NotImplementedError

    @property
    def at_once(self) -> bool:
        """Whether files run as soon as they are added."""
        return True

    @Slot()
    def _on_chosen(self) -> None:
        """Another file is looked at."""

    def _began(self, item: FileItem, request: Any) -> None:
        """The turn of a file has come."""

    def _on_progress(self, item: FileItem, steps: list[Progress]) -> None:
        """Calls were made for the file that runs."""

    def _finished(self, item: FileItem, request: Any, event: Finished) -> str:
        """Keep a result; returns the words of its row."""
        raise NotImplementedError

    def _ended(self, item: FileItem, event: Final) -> None:
        """The job of a file in the list ended; its state is told already."""

    # -- how things stand -------------------------------------------------------------------------

    @property
    def busy(self) -> bool:
        """Whether a file waits or runs."""
        return self.files.count(*OPEN) > 0

    @property
    def waits(self) -> bool:
        """Whether a file waits."""
        return self.files.count(FileState.WAITING) > 0

    @property
    def stopping(self) -> bool:
        """Whether the running file was told to stop."""
        return self.running is not None and self._jobs.phase is Phase.STOPPING

    def due(self) -> list[FileItem]:
        """The files that neither wait nor run and have no result of the present recipe."""
        recipe = self.blank_request()
        idle = (item for item in self.files.items if item.state not in OPEN)
        return [item for item in idle if item.recipe != recipe]

    def has_due(self) -> bool:
        """Whether any file is due; costs the same however long the list is."""
        return self.files.due(self.blank_request())[0] > 0

    def can_start_chosen(self) -> bool:
        """Whether the file that is looked at can be run."""
        return self.files.chosen is not None and self.files.chosen.state not in OPEN

    def has_results(self) -> bool:
        """Whether any file has a result."""
        return self.files.with_result() > 0

    def title(self) -> str:
        """For the window's title line."""
        count = len(self.files.items)
        return tr("%n images · {page}", "", count, page=tr(self.name.capitalize())) if count else ""

    # -- the user's verbs -------------------------------------------------------------------------

    def add_paths(self, paths: Sequence[Path]) -> None:
        """Put files, and the pictures in folders, into the list."""
        find = partial(find_pictures, tuple(paths), lambda: self.background.stopping)
        self.background.ask(find, self._on_found, self._notifier.error)

    def _on_found(self, found: tuple[Path, ...]) -> None:
        if not found:
            self._notifier.say(tr("No images found there."), level=WARNING)
            return
        fresh = self.files.add(found, FileState.WAITING if self.at_once else FileState.NEW)
        self.files.choose(fresh[0] if fresh else self.files.at(found[0]))
        if self.at_once:
            QTimer.singleShot(0, self, partial(self._start, fresh))  # the list is shown first

    def start_all(self) -> None:
        """Run every file that is due."""
        self._start(self.due())

    def start_chosen(self) -> None:
        """Run the file that is looked at, once more if it has a result."""
        if self.files.chosen is not None and self.can_start_chosen():
            self._start([self.files.chosen])

    def _start(self, items: list[FileItem]) -> None:
        self._pending.update(dict.fromkeys(items, self.blank_request()))
        self.files.set_states(items, FileState.WAITING)
        self._feeding.start(0)

    def stop_all(self) -> None:
        """Stop the running file and take the waiting ones out; what is done stays."""
        self._cancel([*self._pending, *self._handles.values()])

    def remove(self, item: FileItem) -> None:
        """Take a file out of the list, and out of the queue; the file itself stays."""
        self._take_out([item])

    def clear(self) -> None:
        """Empty the list."""
        self._take_out(list(self.files.items))

    def _take_out(self, items: list[FileItem]) -> None:
        self._cancel(items)
        self.files.remove(items)

    def _cancel(self, items: Iterable[FileItem]) -> None:
        """Take files out of the queue; one that runs is stopped."""
        wanted = set(items)
        handles = [h for h, item in self._handles.items() if item in wanted and not h.running]
        dropped = [item for item in self._pending if item in wanted]
        dropped += [self._handles.pop(handle) for handle in handles]
        for item in dropped:
            self._pending.pop(item, None)
        self.files.set_states(dropped, FileState.CANCELLED)
        self._batch += dropped
        self._jobs.remove(handles)  # before the running one ends: the next would begin
        for handle, item in self._handles.items():
            if item in wanted:  # all that are left run
                handle.cancel()
        if not self.busy:
            self._batch.clear()

    def close(self) -> None:
        """End what works beside the window."""
        self.background.stop()
        self.files.close()

    # -- in step with the queue -------------------------------------------------------------------

    @Slot()
    def _feed(self) -> None:
        """Hand over some files, and soon some more, until the queue is full."""
        count = min(PORTION, QUEUED - len(self._handles), len(self._pending))
        for _ in range(count):
            item = next(iter(self._pending))
            request = replace(self._pending.pop(item), image_file=str(item.path))
            self._follow(item, self._jobs.submit(request))
        if count > 0:
            self._feeding.start(0)

    def adopt(self, handle: JobHandle) -> None:
        """Show a job that an earlier session left; its file comes into the list."""
        path = Path(handle.request.image_file)
        self._follow(self.files.at(path) or self.files.add([path])[0], handle)

    def _follow(self, item: FileItem, handle: JobHandle) -> None:
        self._handles[handle] = item
        handle.began.connect(partial(self._on_began, item, handle.request))
        handle.returned.connect(partial(self._on_returned, item))
        handle.progress.connect(partial(self._on_progress, item))
        handle.ended.connect(partial(self._on_ended, handle, item))
        handle.removed.connect(partial(self._on_removed, handle, item))

    def _on_began(self, item: FileItem, request: Any) -> None:
        self.running = item
        self.files.set_state(item, FileState.RUNNING)
        self._began(item, request)

    def _on_returned(self, item: FileItem) -> None:
        self.running = None
        self.files.set_state(item, FileState.WAITING)

    def _on_removed(self, handle: JobHandle, item: FileItem) -> None:
        """Somebody took a waiting file out of the queue; with the last one, those that follow."""
        if self._handles.pop(handle, None) is not None:
            follow = [] if any(not other.running for other in self._handles) else [*self._pending]
            self._cancel(follow)
            self.files.set_state(item, FileState.CANCELLED)
            self._batch.append(item)

    def _on_ended(self, handle: JobHandle, item: FileItem, event: Final) -> None:
        del self._handles[handle]
        self.running = None
        if self.files.holds(item):
            if isinstance(event, Finished):
                words = self._finished(item, handle.request, event)
                self.files.set_recipe(item, replace(handle.request, image_file=""))
                self.files.set_state(item, FileState.DONE, words)
                for notice in event.notices:
                    self._notifier.say(notice, level=WARNING)
            elif isinstance(event, Failed):
                self.files.set_state(item, FileState.FAILED, tr_sentence(event.message))
            else:
                self.files.set_state(item, FileState.CANCELLED)
            self._batch.append(item)
            self._ended(item, event)
        self._feed()
        if self._batch and not self.busy:
            self._tell_end(event)

    def _tell_end(self, event: Final) -> None:
        """Sum up once nothing waits or runs."""
        batch = [item for item in self._batch if self.files.holds(item)]
        self._batch = []
        done = sum(item.state is FileState.DONE for item in batch)
        self.all_ended.emit(
            tr(
                "{page}: {done} of %n images done.",
                "",
                len(batch),
                page=tr(self.name.capitalize()),
                done=done,
            )
        )
        if (notice := summary(batch, event, self.outcome)) is not None:
            self._notifier.post(notice)
