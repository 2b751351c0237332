"""Type-ahead over a model's class names; several classes appear as chips."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent, QModelIndex, QObject, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QIcon, QImage, QKeyEvent, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QCompleter, QGridLayout, QListView, QSizePolicy, QVBoxLayout, QWidget

from pfstudio.core.class_names import rank_classes
from pfstudio.core.errors import InputError
from pfstudio.core.image_io import read_picture
from pfstudio.ui import icons
from pfstudio.ui.language import tr
from pfstudio.ui.widgets.buttons import Button
from pfstudio.ui.widgets.fields import Field
from pfstudio.ui.widgets.layouts import fill
from pfstudio.ui.widgets.scroll import clear

PICTURES_NAME = "classes.webp"  # in a model's folder: a square of small pictures, row by row
_LABEL = Qt.ItemDataRole.UserRole
_SIDE = 28  # of a picture in the list
_CHIP = 84  # width of a chip's text


class ClassField(QWidget):
    """Shows the chosen classes; `chosen(labels)` when the user picks others."""

    chosen = Signal(tuple)
    run_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names: tuple[str, ...] = ()
        self._labels: tuple[int, ...] = ()
        self._folder: Path | None = None  # of the model, where pictures of the classes may be
        self._icons: tuple[QIcon, ...] | None = None  # None: not read yet
        self._adding = False
        self._entered = False  # the focus came, and no click since
        self.edit = Field(tr("Class"))
        self.edit.setPlaceholderText(tr("Name or number"))
        self._more = self.edit.add_button("plus", tr("Add another class"))
        self._more.setCheckable(True)
        self._more.toggled.connect(self._add_mode)
        self._chips = QWidget()
        self._chip_grid = QGridLayout(self._chips)
        self._chip_grid.setContentsMargins(0, 0, 0, 0)
        self._chip_grid.setSpacing(5)
        fill(QVBoxLayout(self), self.edit, self._chips, spacing=6)
        self._found = QStandardItemModel(self)
        self.completer = QCompleter(self._found, self)
        self.completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self.completer.setMaxVisibleItems(12)
        self.completer.setWidget(self.edit)
        self.completer.activated[QModelIndex].connect(self._activated)  # type: ignore[index]
        self.list = QListView()
        self.list.setIconSize(QSize(_SIDE, _SIDE))
        self.completer.setPopup(self.list)
        self.edit.textEdited.connect(self._open)
        self.edit.returnPressed.connect(self._return_pressed)
        self.edit.editingFinished.connect(self.commit)
        self.edit.setToolTip(tr("What to make: type a part of its name, or its number"))
        for widget in (self.edit, self.list):
            widget.installEventFilter(self)

    def set_model(self, names: Sequence[str], folder: Path | None) -> None:
        """The chosen model's class names, by index, and where their pictures may be."""
        if tuple(names) != self._names:
            self._names = tuple(names)
            self._folder, self._icons = folder, None
            self._restore()

    def set_labels(self, labels: tuple[int, ...]) -> None:
        """Show these classes."""
        if labels != self._labels:  # otherwise what is being typed stays
            self._labels = labels
            self._restore()
        clear(self._chip_grid)
        self._chips.setVisible(len(labels) > 1)
        for i, label in enumerate(labels if len(labels) > 1 else ()):
            name = self._name(label)
            short = self.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, _CHIP)
            chip = Button(short.replace("&", "&&"), "close", tip=name, height=24)
            chip.setAccessibleName(tr("Remove {name}", name=name))
            chip.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            chip.clicked.connect(partial(self._remove, label))
            self._chip_grid.addWidget(chip, i // 2, i % 2)

    @Slot()
    def commit(self) -> bool:
        """Choose what is marked in the list, or the first class that fits what was typed.

        Returns:
            whether there is one; otherwise what was typed stays.
        """
        marked = self.list.currentIndex() if self.list.isVisible() else QModelIndex()
        self._close()
        text = self.edit.text().strip()
        if marked.isValid():
            self._activated(marked)
        elif not text or text == self._shown():
            self._restore()
        elif found := rank_classes(text, self._names):
            self._pick(found[0])
        elif text.isdigit() and not self._names:
            self._pick(int(text))
        else:
            return False
        return True

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A click opens the list; Escape belongs to the field while it is open or edited."""
        kind = event.type()
        if isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            if self.list.isVisible() or self.edit.text() != self._shown():
                if kind == QEvent.Type.KeyPress:
                    self._close()
                    self._restore()
                event.accept()
                return True
        elif watched is self.edit and kind == QEvent.Type.FocusIn:
            self._entered = True
        elif watched is self.edit and kind == QEvent.Type.MouseButtonRelease:
            QTimer.singleShot(0, self._clicked)
        return super().eventFilter(watched, event)

    @Slot()
    def _clicked(self) -> None:
        if self._entered:  # a second click places the cursor
            self.edit.selectAll()
        self._entered = False
        self._open()

    def _name(self, label: int) -> str:
        return (
            self._names[label] if label < len(self._names) else tr("class {number}", number=label)
        )

    def _shown(self) -> str:
        """What stands in the field while nothing is typed."""
        return "" if self._adding or not self._labels else self._name(self._labels[-1])

    def _restore(self) -> None:
        if not self.list.isVisible():
            self._more.setChecked(False)
            self.edit.setText(self._shown())

    def _add_mode(self, on: bool) -> None:
        self._adding = on
        if on:
            self.edit.clear()
            self.edit.setFocus()
            self._open()

    @Slot(str)
    def _open(self, text: str = "") -> None:
        """Open the list of what fits; without a text every class."""
        if self._icons is None:
            self._icons = class_icons(self._folder, len(self._names)) if self._folder else ()
        self._found.clear()
        for label in rank_classes(text, self._names):
            item = QStandardItem(self._name(label))
            item.setData(label, _LABEL)
            item.setToolTip(str(label))
            item.setEditable(False)
            if label < len(self._icons):
                item.setIcon(self._icons[label])
            self._found.appendRow(item)
        if self._found.rowCount():
            self.completer.complete()
            self.list.setCurrentIndex(QModelIndex())  # what the arrow keys choose is meant
        else:
            self._close()

    def _close(self) -> None:
        self.list.hide()

    def _activated(self, index: QModelIndex) -> None:
        self._pick(int(index.data(_LABEL)))

    def _return_pressed(self) -> None:
        highlighted = self.list.currentIndex()
        if self.list.isVisible() and highlighted.isValid():
            return  # the completer takes it
        self.commit()
        self.run_wanted.emit()

    def _pick(self, label: int) -> None:
        self._close()
        kept = self._labels if self._adding else ()
        self._more.setChecked(False)
        self.chosen.emit((*(one for one in kept if one != label), label))
        self._restore()

    def _remove(self, label: int) -> None:
        self.chosen.emit(tuple(one for one in self._labels if one != label))


def class_icons(folder: Path, count: int) -> tuple[QIcon, ...]:
    """Small pictures of a model's classes, by index; empty where its folder has none."""
    path = folder / PICTURES_NAME
    if not path.is_file():
        return ()
    try:
        pixels = read_picture(path)
    except InputError:
        return ()
    columns = math.ceil(math.sqrt(count))
    side = pixels.shape[1] // columns
    height, width = pixels.shape[:2]
    sheet = QImage(pixels.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888)
    places = (divmod(index, columns) for index in range(count))
    tiles = (sheet.copy(column * side, row * side, side, side) for row, column in places)
    return tuple(icons.of_image(tile) for tile in tiles)
