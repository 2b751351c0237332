"""Files of the list on their way through the queue."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from pfstudio.core.events import Final
from pfstudio.core.upscale import UpscaleRequest
from pfstudio.ui.files.model import FileItem, FileListModel, FileState
from pfstudio.ui.jobs import JobHandle, Jobs

QUEUED = 50  # files in the queue at once; the others follow as these end
_WORDS = "in the queue"


class UpscaleJobs(QObject):
    """Hands files to the queue, and knows which file a job belongs to."""

    begun = Signal(object)  # FileItem: its turn has come
    progress = Signal(object, list)  # FileItem, list[Progress]
    ended = Signal(object, object, object)  # FileItem, its request, Final

    def __init__(self, files: FileListModel, jobs: Jobs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._files = files
        self._jobs = jobs
        self._pending: list[tuple[FileItem, UpscaleRequest]] = []
        self._items: dict[JobHandle, FileItem] = {}  # in the queue

    @property
    def running(self) -> FileItem | None:
        """The file that the worker works on."""
        handle = self._jobs.running
        return self._items.get(handle) if handle else None

    @property
    def busy(self) -> bool:
        """Whether files run or wait for their turn."""
        return bool(self._items or self._pending)

    def holds(self, item: FileItem) -> bool:
        """Whether a file runs or waits for its turn."""
        waiting = (other for other, _ in self._pending)
        return any(other is item for other in (*self._items.values(), *waiting))

    def submit(self, item: FileItem, request: UpscaleRequest) -> None:
        """Let a file wait for its turn."""
        self._files.set_state(item, FileState.WAITING, _WORDS)
        self._pending.append((item, request))
        self._feed()

    def _feed(self) -> None:
        while self._pending and len(self._items) < QUEUED:
            item, request = self._pending.pop(0)
            self._follow(self._jobs.submit(request), item)

    def adopt(self, handle: JobHandle) -> None:
        """Show a job that an earlier session left: its file is put into the list."""
        path = Path(handle.request.image_file)
        known = [item for item in self._files.items if item.path == path]
        self._follow(handle, (known or self._files.add([path]))[0])

    def _follow(self, handle: JobHandle, item: FileItem) -> None:
        self._items[handle] = item
        handle.began.connect(partial(self._on_began, item))
        handle.returned.connect(partial(self._files.set_state, item, FileState.WAITING, _WORDS))
        handle.progress.connect(partial(self.progress.emit, item))
        handle.ended.connect(partial(self._on_ended, handle))
        handle.removed.connect(partial(self._on_removed, handle))

    def stop(self) -> None:
        """Stop the file that runs, and let those that wait be."""
        self._cancel(lambda item: True)

    def forget(self, item: FileItem) -> None:
        """A file leaves the list: stop it if it runs; it does not wait any more."""
        self._cancel(lambda other: other is item)
        self._items = {handle: other for handle, other in self._items.items() if other is not item}

    def _cancel(self, which: Callable[[FileItem], bool]) -> None:
        dropped = [item for item, _ in self._pending if which(item)]
        self._pending = [pair for pair in self._pending if not which(pair[0])]
        for item in dropped:
            self._files.set_state(item, FileState.WAITING)
        handles = [handle for handle, item in self._items.items() if which(item)]
        self._jobs.remove(handles)  # before the running one ends: the next would begin
        for handle in handles:
            if handle.running:
                handle.cancel()

    def _on_began(self, item: FileItem) -> None:
        self._files.set_state(item, FileState.RUNNING)
        self.begun.emit(item)

    def _on_ended(self, handle: JobHandle, event: Final) -> None:
        item = self._items.pop(handle, None)
        if item is not None:
            self.ended.emit(item, handle.request, event)
        self._feed()

    def _on_removed(self, handle: JobHandle) -> None:
        """What somebody took out of the queue just stands in the list again."""
        if (item := self._items.pop(handle, None)) is not None:
            self._files.set_state(item, FileState.WAITING)
