"""What the Models page shows and does: downloads in turn, and smaller work beside them."""

from __future__ import annotations

import shutil
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from pfstudio.core.catalogue import CatalogueEntry
from pfstudio.core.errors import PfstudioError, RunError
from pfstudio.core.models import (
    Imported,
    InstalledModel,
    broken_models,
    installed_models,
    models_folder,
)
from pfstudio.core.routes import Route
from pfstudio.ui.files.background import Background
from pfstudio.ui.language import tr, tr_sentence
from pfstudio.ui.models.items import Heading, ModelItem, ModelList, Row, State
from pfstudio.ui.trash import Trashed, move_to_trash, restore

if TYPE_CHECKING:
    from pfstudio.engine.model_file import UnknownDirection

LOOK_MS = 200  # between looks at a running download
SPEED_SECONDS = 4.0  # over which its speed is measured


class Transfer:
    """One attempt to download a model; the thread that makes it writes, the window reads."""

    def __init__(self, entry: CatalogueEntry, done: int) -> None:
        self.entry = entry
        self.begun = False
        self.stop = threading.Event()
        self.done, self.total = done, entry.about_bytes
        self._seen: deque[tuple[float, int]] = deque()

    def told(self, done: int, total: int) -> None:
        """Progress of the download."""
        self.done, self.total = done, total

    @property
    def state(self) -> State:
        if not self.begun:
            return State.WAITING
        return State.FETCHING if self.done < self.total else State.INSTALLING

    def speed(self, now: float) -> float:
        """Bytes a second over the last seconds; 0: not known yet."""
        self._seen.append((now, self.done))
        while now - self._seen[0][0] > SPEED_SECONDS:
            self._seen.popleft()
        (then, before), (now, done) = self._seen[0], self._seen[-1]
        return (done - before) / (now - then) if now - then > 1 else 0.0


class ModelsPageModel(QObject):
    """The rows, and what is done with them."""

    changed = Signal()  # rows, disk or memory
    said = Signal(str)  # something went well
    failed = Signal(object)  # PfstudioError
    imported = Signal(object)  # Imported
    questioned = Signal(object, int)  # Path that does not say how it was trained, its blocks
    models_changed = Signal()  # others are installed than before

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.list = ModelList(self)
        self.entries: tuple[CatalogueEntry, ...] = ()
        self.used = self.free = 0  # bytes on disk: by models, and left
        self.busy = ""  # what is done beside downloads, in words
        self._imports = 0  # of files, that have not ended
        self._fetched: dict[str, int] = {}  # bytes that earlier attempts left, by name
        self._errors: dict[str, str] = {}
        self._transfers: dict[str, Transfer] = {}
        self._installed: tuple[InstalledModel, ...] = ()
        self._broken: tuple[tuple[Path, str], ...] = ()
        self.downloads = Background(tr("downloads"), self)
        self._small = Background(tr("models"), self)
        self._looking = QTimer(self, interval=LOOK_MS)
        self._looking.timeout.connect(self.refresh)

    # -- what there is ----------------------------------------------------------------------------

    def scan(self) -> None:
        """Look at the disk, and read the catalogue (its first reading imports torch)."""
        self._installed, self._broken = installed_models(), broken_models()
        self.used = sum(model.bytes for model in self._installed)
        self.free = _free(models_folder())
        self.refresh()
        self._small.ask(_catalogue, self._on_catalogue, self.failed.emit, "catalogue")

    def _on_catalogue(self, found: tuple[tuple[CatalogueEntry, ...], dict[str, int]]) -> None:
        self.entries, self._fetched = found
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Show what is known now."""
        self.list.show_rows([*self._rows()])
        self.changed.emit()

    def _rows(self) -> Iterable[Row]:
        yield Heading(tr("On this machine"))
        entries = {entry.name: entry for entry in self.entries}
        for model in self._installed:
            state = State.SHIPPED if model.shipped else State.INSTALLED
            entry = None if model.shipped else entries.get(model.name)
            title = model.card.title
            yield ModelItem(model.name, title, state, model, entry, model.folder)
        for folder, why in self._broken:
            yield ModelItem(
                folder.name, folder.name, State.BROKEN, folder=folder, problem=tr_sentence(why)
            )
        here = {model.name for model in self._installed}
        offered = [entry for entry in self.entries if entry.name not in here]
        if offered:
            yield Heading(tr("Can be downloaded"))
        for entry in offered:
            yield self._offer(entry)

    def _offer(self, entry: CatalogueEntry) -> ModelItem:
        transfer = self._transfers.get(entry.name)
        item = ModelItem(entry.name, entry.title, State.OFFERED, entry=entry,
                         total=entry.about_bytes)  # fmt: skip
        if transfer is not None:
            speed = transfer.speed(time.monotonic())
            return replace(item, state=transfer.state, done=transfer.done, total=transfer.total,
                           speed=speed)  # fmt: skip
        done = self._fetched.get(entry.name, 0)
        error = self._errors.get(entry.name, "")
        return replace(item, state=State.PAUSED if done else State.OFFERED, done=done, error=error)

    @property
    def installing(self) -> bool:
        """Whether a model is being checked and converted: that cannot be paused."""
        transfers = self._transfers.values()
        return self._imports > 0 or any(t.state is State.INSTALLING for t in transfers)

    def item(self, name: str) -> ModelItem | None:
        """The row of a model."""
        row = self.list.row_of(name)
        found = self.list.rows[row] if row >= 0 else None
        return found if isinstance(found, ModelItem) else None

    # -- downloads --------------------------------------------------------------------------------

    def download(self, entry: CatalogueEntry) -> None:
        """Begin, or go on from what is there; after those that were asked for before."""
        if entry.name in self._transfers:
            return
        self._errors.pop(entry.name, None)
        transfer = Transfer(entry, self._fetched.get(entry.name, 0))
        self._transfers[entry.name] = transfer
        self.downloads.ask(
            partial(_download, transfer),
            partial(self._on_downloaded, transfer),
            partial(self._on_download_failed, transfer),
        )
        self._looking.start()
        self.refresh()

    def pause(self, name: str) -> None:
        """End a download, keeping what came."""
        transfer = self._transfers.pop(name, None)
        if transfer is not None:
            transfer.stop.set()
            self._fetched[name] = transfer.done
            self._ended()

    def discard(self, name: str) -> None:
        """End a download, and delete what came."""
        transfer = self._transfers.pop(name, None)
        if transfer is not None:
            transfer.stop.set()
        self._fetched.pop(name, None)
        self._errors.pop(name, None)
        # On the thread that downloads: it has let go of the files by then.
        self.downloads.ask(partial(_discard, name), lambda _: None, self.failed.emit)
        self._ended()

    def _ended(self) -> None:
        if not self._transfers:
            self._looking.stop()
        self.refresh()

    def _on_downloaded(self, transfer: Transfer, made: Imported) -> None:
        self._transfers.pop(transfer.entry.name, None)
        self._fetched.pop(transfer.entry.name, None)
        self._ended()
        self._on_imported(made)

    def _on_download_failed(self, transfer: Transfer, error: PfstudioError) -> None:
        name = transfer.entry.name
        if self._transfers.get(name) is not transfer:
            return  # it was paused or discarded
        del self._transfers[name]
        self._fetched[name] = transfer.done
        self._errors[name] = " ".join((tr_sentence(error), tr_sentence(error.advice))).strip()
        self._ended()
        self.failed.emit(error)
        self.scan()  # what came may have been no use, and be gone

    # -- files and installed models ----------------------------------------------------------------

    def import_file(self, path: Path) -> None:
        """Convert a checkpoint into an installed model."""
        self._ask_import(path, partial(_import, path))

    def answer(self, path: Path, reversed_time: bool, routes: tuple[Route, ...]) -> None:
        """Import a checkpoint that did not say how it was trained."""
        self._ask_import(path, partial(_answer, path, reversed_time, routes))

    def _ask_import(self, path: Path, work: Callable[[], Imported | UnknownDirection]) -> None:
        self._imports += 1
        self._set_busy(tr("Importing {name}…", name=path.name))
        done = partial(self._on_file_imported, path)
        self._small.ask(work, done, self._on_import_failed)

    def _on_import_failed(self, error: PfstudioError) -> None:
        self._import_ended()
        self.failed.emit(error)

    def _import_ended(self) -> None:
        self._imports -= 1
        if not self._imports:
            self._set_busy("")

    def _on_file_imported(self, path: Path, made: Imported | UnknownDirection) -> None:
        self._import_ended()
        if isinstance(made, Imported):
            self._on_imported(made)
        else:
            self.questioned.emit(path, made.blocks)

    def _on_imported(self, made: Imported) -> None:
        self.scan()
        self.models_changed.emit()
        self.imported.emit(made)

    def verify(self, name: str) -> None:
        """Hold an installed model's weights against their check sum."""
        self._set_busy(tr("Checking {name}…", name=name))
        self._small.ask(partial(_verify, name), self._on_verified, self._on_small_failed)

    def _on_verified(self, model: InstalledModel) -> None:
        self._set_busy("")
        self.said.emit(tr("{name} is intact: its weights match their check sum.", name=model.name))

    def _on_small_failed(self, error: PfstudioError) -> None:
        self._set_busy("")
        self.failed.emit(error)

    def _set_busy(self, words: str) -> None:
        self.busy = words
        self.changed.emit()

    def trash(self, item: ModelItem) -> list[Trashed]:
        """Move an installed model to the trash.

        Raises:
            InputError: it cannot be moved.
        """
        assert item.folder is not None
        trashed = move_to_trash([item.folder])
        self._after_trash()
        return trashed

    def bring_back(self, trashed: Sequence[Trashed]) -> None:
        """Put it back.

        Raises:
            InputError: it is no longer in the trash, or its place is taken.
        """
        restore(trashed)
        self._after_trash()

    def _after_trash(self) -> None:
        self.scan()
        self.models_changed.emit()

    def close(self) -> None:
        """For closing the window: downloads stop, and go on in the next session when asked."""
        for transfer in self._transfers.values():
            transfer.stop.set()
        self._looking.stop()
        self.downloads.stop()
        self._small.stop()


# What the threads do; the engine's room imports torch, so it is imported there.


def _catalogue() -> tuple[tuple[CatalogueEntry, ...], dict[str, int]]:
    from pfstudio.engine import model_store

    entries = model_store.CATALOGUE
    return entries, {entry.name: model_store.fetched_bytes(entry) for entry in entries}


def _download(transfer: Transfer) -> Imported:
    from pfstudio.engine import model_store

    if transfer.stop.is_set():
        raise RunError(tr("The download was stopped."))
    transfer.begun = True
    stopped: Callable[[], bool] = transfer.stop.is_set
    return model_store.download_model(transfer.entry.name, transfer.told, stopped)


def _discard(name: str) -> None:
    from pfstudio.engine import model_store

    model_store.discard_download(name)


def _import(path: Path) -> Imported | UnknownDirection:
    from pfstudio.engine import model_store

    return model_store.import_or_question(path)


def _answer(
    path: Path, reversed_time: bool, routes: tuple[Route, ...]
) -> Imported | UnknownDirection:
    from pfstudio.engine import model_store

    model_store.answer(path, reversed_time, routes)
    return model_store.import_or_question(path)


def _verify(name: str) -> InstalledModel:
    from pfstudio.engine import model_store

    return model_store.verify_model(name)


def _free(folder: Path) -> int:
    """Bytes left on the disk of a folder, which need not exist yet."""
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free
