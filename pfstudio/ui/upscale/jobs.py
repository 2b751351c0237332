"""Files of the list on their way through the queue."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from pfstudio.core.events import Final
from pfstudio.core.upscale import UpscaleRequest
from pfstudio.ui.files.model import FileItem, FileListModel, FileState
from pfstudio.ui.queue.model import Entry
from pfstudio.ui.view_models.generate import GeneratePageModel

QUEUED = 50  # files in the queue at once; the others follow as these end
_WORDS = "in the queue"


class UpscaleJobs(QObject):
    """Hands files to the queue, and knows which file an entry of the queue belongs to.

    Entries that come from elsewhere, e.g. from an earlier session, get a file of the list when
    their turn comes.
    """

    begun = Signal(object)  # FileItem: its turn has come
    ended = Signal(object, object, object)  # FileItem, its request, Final

    def __init__(
        self, files: FileListModel, page: GeneratePageModel, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._files = files
        self._page = page
        self._pending: list[tuple[FileItem, UpscaleRequest]] = []
        self._items: dict[int, FileItem] = {}  # by the number of the entry
        self._handed: tuple[UpscaleRequest, FileItem] | None = None  # being put into the queue
        page.queue.begun.connect(self._on_begun)
        page.queue.ended.connect(self._on_ended)
        page.queue.changed.connect(self._on_queue)

    @property
    def running(self) -> FileItem | None:
        """The file that the worker works on."""
        entry = self._page.queue.running
        return self._items.get(entry.number) if entry else None

    @property
    def busy(self) -> bool:
        """Whether files run or wait for their turn."""
        return bool(self._items or self._pending)

    def holds(self, item: FileItem) -> bool:
        """Whether a file runs or waits for its turn."""
        waiting = (other for other, _ in self._pending)
        return any(other is item for other in (*self._items.values(), *waiting))

    def item_of(self, job: int) -> FileItem | None:
        """The file of the running job, if it is this one."""
        return self.running if self._page.queue.job == job else None

    def submit(self, item: FileItem, request: UpscaleRequest) -> None:
        """Let a file wait for its turn."""
        self._files.set_state(item, FileState.WAITING, _WORDS)
        self._pending.append((item, request))
        self._feed()

    def _feed(self) -> None:
        while self._pending and len(self._items) < QUEUED:
            item, request = self._pending.pop(0)
            self._handed = (request, item)
            entry = self._page.queue.add(request)
            self._handed = None
            self._items[entry.number] = item

    def stop(self) -> None:
        """Stop the file that runs, and let those that wait be."""
        self._drop_waiting(lambda item: True)
        if self.running is not None:
            self._page.stop()

    def forget(self, item: FileItem) -> None:
        """A file leaves the list: stop it if it runs; it does not wait any more."""
        self._drop_waiting(lambda other: other is item)
        if self.running is item:
            self._page.stop()
            self._items = {n: other for n, other in self._items.items() if other is not item}

    def _drop_waiting(self, which: Callable[[FileItem], bool]) -> None:
        dropped = [item for item, _ in self._pending if which(item)]
        self._pending = [pair for pair in self._pending if not which(pair[0])]
        for item in dropped:
            self._files.set_state(item, FileState.WAITING)
        for entry in list(self._page.queue.waiting):
            if entry.number in self._items and which(self._items[entry.number]):
                self._page.queue.remove(entry.number)  # `_on_queue` follows

    def adopt(self, entry: Entry) -> None:
        """Take over an entry whose turn came before anybody listened."""
        self._on_begun(entry)

    @Slot(object)
    def _on_begun(self, entry: Entry) -> None:
        if not isinstance(entry.request, UpscaleRequest):
            return
        if entry.number not in self._items:
            self._items[entry.number] = self._item_for(entry.request)
        item = self._items[entry.number]
        for other in self._items.values():  # the worker may have taken another one than was thought
            if other is not item and other.state is FileState.RUNNING:
                self._files.set_state(other, FileState.WAITING, _WORDS)
        self._files.set_state(item, FileState.RUNNING)
        self.begun.emit(item)

    def _item_for(self, request: UpscaleRequest) -> FileItem:
        if self._handed is not None and self._handed[0] is request:
            return self._handed[1]
        path = Path(request.image_file)
        known = [item for item in self._files.items if item.path == path]
        return (known or self._files.add([path]))[0]

    @Slot(object, object)
    def _on_ended(self, entry: Entry, event: Final) -> None:
        item = self._items.pop(entry.number, None)
        if item is not None:
            self.ended.emit(item, entry.request, event)
        self._feed()

    @Slot()
    def _on_queue(self) -> None:
        """What somebody took out of the queue just stands in the list again."""
        queue = self._page.queue
        there = {entry.number for entry in queue.waiting}
        if queue.running is not None:
            there.add(queue.running.number)
        for number in [number for number in self._items if number not in there]:
            self._files.set_state(self._items.pop(number), FileState.WAITING)
