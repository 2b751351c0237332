"""The images of the last runs in one row, newest first: to look at and to go on from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QPoint, QSize, Qt, QUrl, Signal, Slot
from PySide6.QtGui import QGuiApplication, QImage, QKeyEvent
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QMenu, QWidget

from pfstudio.core.conditions import condition_name
from pfstudio.core.errors import InputError, PfstudioError
from pfstudio.core.image_io import read_picture
from pfstudio.core.models import find_model
from pfstudio.core.requests import GenerateRequest
from pfstudio.core.results import SavedResult, list_results
from pfstudio.ui import icons
from pfstudio.ui.context import AppContext
from pfstudio.ui.files.background import Background
from pfstudio.ui.files.find import thumbnail
from pfstudio.ui.language import tr
from pfstudio.ui.notify import Notifier
from pfstudio.ui.stage.layers import to_image
from pfstudio.ui.theme import font
from pfstudio.ui.widgets.choice import menu_of, open_below

RUNS = 20
SIDE = 44
_WIDTH, _HEIGHT = 92, 86
_ENTRY = Qt.ItemDataRole.UserRole
_NOT_HELD = (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
_MOVE = {Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End}


@dataclass(frozen=True)
class Entry:
    """An image of a saved run, or a stopped run without one."""

    result: SavedResult
    request: GenerateRequest
    index: int  # of the image in its run
    title: str  # class or prompt
    icon: QImage | None

    @property
    def image(self) -> Path | None:
        return self.result.by_number.get(self.index)

    @property
    def opens(self) -> Path | None:
        """The file that shows the run."""
        return self.result.trace or self.image


def entries(results: Sequence[SavedResult]) -> tuple[Entry, ...]:
    """What the strip shows of results; one whose request cannot be read is left out."""
    found = []
    for result in results:
        try:
            request = result.request()
        except InputError:
            continue
        model = find_model(request.model)
        names = model.card.classes if model else ()
        conditions = request.per_image
        pictures: Mapping[int, Path | None] = result.by_number or {0: None}
        for index, path in pictures.items():
            if index < len(conditions):  # else a stranger's file
                title = condition_name(conditions[index], names)
                icon = thumbnail(path)[0] if path else None
                found.append(Entry(result, request, index, title, icon))
    return tuple(found)


class ResultsStrip(QListWidget):
    """A click shows an image's run, a double click shows it large; images can be dragged out."""

    wanted = Signal(object)  # Entry: show it
    large_wanted = Signal(object)  # Entry: show it as large as possible
    filled = Signal()

    def __init__(
        self, verbs: Callable[[Entry], Sequence[tuple[str, Callable[[], object]]]],
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        """`verbs(entry)` are the rows of its menu."""
        super().__init__(parent)
        self._verbs = verbs
        self._background = Background("results", self)
        self.setAccessibleName(tr("Results, newest first"))
        self.setFlow(QListWidget.Flow.LeftToRight)
        self.setWrapping(False)
        self.setViewMode(QListWidget.ViewMode.IconMode)
        self.setMovement(QListWidget.Movement.Static)
        self.setDragEnabled(True)
        self.setDragDropMode(QListWidget.DragDropMode.DragOnly)
        self.setIconSize(QSize(SIDE, SIDE))
        self.setFont(font("small"))
        self.setFrameShape(QListWidget.Shape.NoFrame)
        self.setGridSize(QSize(_WIDTH, _HEIGHT - 14))
        self.setFixedHeight(_HEIGHT)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.itemClicked.connect(self._clicked)
        self.itemActivated.connect(self._activated)
        self.customContextMenuRequested.connect(self._open_menu)

    def event(self, event: QEvent) -> bool:
        """Keys that move in it are no shortcuts of the window while it has the focus."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            event.setAccepted(event.key() in _MOVE and event.modifiers() in _NOT_HELD)
            return True
        return super().event(event)

    @Slot()
    def look(self) -> None:
        """Read anew what is on disk."""
        self._background.ask(
            lambda: entries(list_results()[:RUNS]), self._fill, self._on_unreadable, "results"
        )

    def stop(self) -> None:
        """For closing the window."""
        self._background.stop()

    def _fill(self, found: tuple[Entry, ...]) -> None:
        self.clear()
        for entry in found:
            item = QListWidgetItem(icons.of_image(entry.icon), entry.title)
            text = (
                tr("{title}, seed {seed}") if entry.image else tr("{title}, seed {seed}, stopped")
            )
            seed = entry.request.seeds[entry.index]
            item.setToolTip(text.format(title=entry.title, seed=seed))
            item.setData(_ENTRY, entry)
            self.addItem(item)
        self.filled.emit()

    def _on_unreadable(self, error: PfstudioError) -> None:
        self._fill(())

    def _clicked(self, item: QListWidgetItem) -> None:
        self.wanted.emit(item.data(_ENTRY))

    def _activated(self, item: QListWidgetItem) -> None:
        self.large_wanted.emit(item.data(_ENTRY))

    def newest(self) -> Entry | None:
        """The first entry, if there is one."""
        item: QListWidgetItem | None = self.item(0)
        return None if item is None else item.data(_ENTRY)

    def menu(self, item: QListWidgetItem) -> QMenu:
        """What can be done with an image."""
        return menu_of(self._verbs(item.data(_ENTRY)), self)

    def _open_menu(self, place: QPoint) -> None:
        if (item := self.itemAt(place)) is not None:
            open_below(self, self.menu(item))

    def mimeData(self, items: Sequence[QListWidgetItem]) -> QMimeData:
        """The files of what is dragged out."""
        paths = [image for item in items if (image := item.data(_ENTRY).image)]
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
        return data


def send_verbs(
    context: AppContext, images: Sequence[Path]
) -> list[tuple[str, Callable[[], object]]]:
    """Rows of a menu: send images to the pages that do something with them."""
    return [
        (tr("Send to {page}", page=tr(key.capitalize())), partial(context.send_files, key, images))
        for key in ("upscale", "depth")
        if f"page.{key}" in context.commands.all
    ]


def copy_image(path: Path, notifier: Notifier) -> None:
    """Put an image on the clipboard."""
    try:
        QGuiApplication.clipboard().setImage(to_image(read_picture(path)))
    except InputError as error:
        notifier.error(error)
