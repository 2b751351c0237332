"""What is known of the chosen item, with its star and its note."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QVBoxLayout

from pfstudio.core.library import LibraryItem
from pfstudio.ui.language import tr
from pfstudio.ui.library.grid import SIDE
from pfstudio.ui.library.model import KINDS
from pfstudio.ui.theme import font
from pfstudio.ui.widgets.buttons import PRIMARY, Button
from pfstudio.ui.widgets.labels import Surface, heading, label, row
from pfstudio.ui.widgets.layouts import fill

WIDTH = 264
_NOTE_MS = 800  # after the last letter


class Details(Surface):
    """The right side of the page; `marked` when the user changes star or note."""

    marked = Signal(object, bool, str)  # LibraryItem, starred, note
    open_wanted = Signal()
    trash_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._item: LibraryItem | None = None
        self.setFixedWidth(WIDTH)
        self.title = label("", "strong")
        self.title.setWordWrap(True)
        self.title.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        names = (tr("Kind"), tr("Model"), tr("Sampler"), tr("Made"), tr("File"))
        self.values = {name: label("", "value") for name in names}
        for value in self.values.values():
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.open = Button(tr("Open"), "open", kind=PRIMARY, centred=True)
        self.star = Button(tr("Star"), "star", centred=True)
        self.star.setCheckable(True)
        self.trash = Button(tr("Move to trash"), "trash")
        self.note = QPlainTextEdit()
        self.note.setAccessibleName(tr("Note"))
        self.note.setPlaceholderText(tr("Add a note"))
        self.note.setFont(font("body"))
        self.note.setTabChangesFocus(True)
        self.note.setFixedHeight(SIDE)
        self.note.installEventFilter(self)
        self._typing = QTimer(self, singleShot=True, interval=_NOTE_MS)
        self._typing.timeout.connect(self.keep)
        fill(
            QVBoxLayout(self), heading(tr("Selected")), self.title,
            *(row(name, value) for name, value in self.values.items()), 6,
            fill(QHBoxLayout(), (self.open, 1), (self.star, 1), spacing=8), 6,
            heading(tr("Note")), self.note, 6, self.trash, None,
            margins=(18, 18, 18, 18), spacing=9,
        )  # fmt: skip
        self.open.clicked.connect(self.open_wanted)
        self.trash.clicked.connect(self.trash_wanted)
        self.star.toggled.connect(self.keep)
        self.note.textChanged.connect(self._typing.start)
        self.show_items(())

    def show_items(self, items: Sequence[LibraryItem]) -> None:
        """Show one item; of several only how many there are."""
        item = items[0] if len(items) == 1 else None
        if item is not None and self._item is not None and item.path == self._item.path:
            self.replaced(item)
            return
        self.keep()
        self._item = item
        several = tr("%n items", "", len(items)) if items else tr("Nothing selected")
        self.title.setText(item.title if item else several)
        values = ("", "", "", "", "")
        if item is not None:
            made = f"{item.made:%Y-%m-%d %H:%M}"
            values = (tr(KINDS[item.kind]), item.model, item.sampler, made, item.path.name)
        for value, text in zip(self.values.values(), values, strict=True):
            value.setText(text or "–")
        with QSignalBlocker(self.star), QSignalBlocker(self.note):
            self.star.setChecked(item is not None and item.starred)
            self.note.setPlainText(item.note if item else "")
        self.open.setEnabled(item is not None)
        self.trash.setEnabled(bool(items))
        self.star.setEnabled(item is not None)
        self.note.setEnabled(item is not None)

    @Slot()
    def keep(self) -> None:
        """Tell what the user has changed of the item."""
        self._typing.stop()
        if self._item is not None:
            changed = self.star.isChecked(), self.note.toPlainText().strip()
            if changed != (self._item.starred, self._item.note):
                self.marked.emit(self._item, *changed)

    def replaced(self, item: LibraryItem) -> None:
        """The shown item may have another star or note; what the user is changing stays."""
        before = self._item
        if before is None or before.path != item.path:
            return
        self._item = item
        with QSignalBlocker(self.star), QSignalBlocker(self.note):
            if self.star.isChecked() is before.starred:
                self.star.setChecked(item.starred)
            if item.note != before.note == self.note.toPlainText().strip():
                self.note.setPlainText(item.note)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusOut:
            self.keep()
        return False
