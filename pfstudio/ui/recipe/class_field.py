"""Type-ahead over a model's class names; several classes appear as chips."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QModelIndex, QStringListModel, Qt, Signal
from PySide6.QtWidgets import QCompleter, QGridLayout, QSizePolicy, QVBoxLayout, QWidget

from pfstudio.ui.widgets.buttons import Button
from pfstudio.ui.widgets.fields import Field
from pfstudio.ui.widgets.layouts import fill
from pfstudio.ui.widgets.scroll import clear

_GAP = "   "  # between a name and its number in the list
_CHIP = 84  # width of a chip's text


class ClassField(QWidget):
    """Shows the chosen classes; `chosen(labels)` when the user picks others."""

    chosen = Signal(tuple)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names: tuple[str, ...] = ()
        self._labels: tuple[int, ...] = ()
        self._adding = False
        self.edit = Field("Class")
        self.edit.setPlaceholderText("Name or number")
        self._more = self.edit.add_button("plus", "Add another class")
        self._more.setCheckable(True)
        self._more.toggled.connect(self._add_mode)
        self._chips = QWidget()
        self._chip_grid = QGridLayout(self._chips)
        self._chip_grid.setContentsMargins(0, 0, 0, 0)
        self._chip_grid.setSpacing(5)
        fill(QVBoxLayout(self), self.edit, self._chips, spacing=6)
        self._model = QStringListModel(self)
        self.completer = QCompleter(self._model, self)
        self.completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self.completer.setMaxVisibleItems(12)
        self.completer.setWidget(self.edit)
        self.completer.activated[QModelIndex].connect(self._activated)  # type: ignore[index]
        self.edit.textEdited.connect(self._typed)
        self.edit.returnPressed.connect(self._accept_first)
        self.edit.editingFinished.connect(self._restore)
        self.edit.setToolTip("What to make: type a part of its name, or its number")

    def set_names(self, names: Sequence[str]) -> None:
        """The chosen model's class names, by index."""
        if tuple(names) != self._names:
            self._names = tuple(names)
            self._model.setStringList([f"{name}{_GAP}{i}" for i, name in enumerate(names)])

    def set_labels(self, labels: tuple[int, ...]) -> None:
        """Show these classes."""
        self._labels = labels
        self._restore()
        clear(self._chip_grid)
        self._chips.setVisible(len(labels) > 1)
        for i, label in enumerate(labels if len(labels) > 1 else ()):
            name = self._name(label)
            short = self.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, _CHIP)
            chip = Button(short.replace("&", "&&"), "close", tip=name, height=24)
            chip.setAccessibleName(f"Remove {name}")
            chip.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            chip.clicked.connect(partial(self._remove, label))
            self._chip_grid.addWidget(chip, i // 2, i % 2)

    def _name(self, label: int) -> str:
        return self._names[label] if label < len(self._names) else f"class {label}"

    def _restore(self) -> None:
        popup = self.completer.popup()
        if popup is not None and popup.isVisible():
            return
        self._more.setChecked(False)
        self.edit.setText(self._name(self._labels[-1]) if self._labels else "")

    def _add_mode(self, on: bool) -> None:
        self._adding = on
        if on:
            self.edit.clear()
            self.edit.setFocus()
            self._typed("")

    def _typed(self, text: str) -> None:
        self.completer.setCompletionPrefix(text)
        self.completer.complete()

    def _activated(self, index: QModelIndex) -> None:
        self._pick(int(str(index.data()).rpartition(_GAP)[2]))

    def _accept_first(self) -> None:
        text = self.edit.text().strip()
        if text.isdigit():
            self._pick(int(text))
            return
        self.completer.setCompletionPrefix(text)
        if text and self.completer.completionCount():
            self._pick(int(self.completer.currentCompletion().rpartition(_GAP)[2]))
        else:
            self._restore()

    def _pick(self, label: int) -> None:
        if label >= max(len(self._names), 1):
            self._restore()
            return
        popup = self.completer.popup()
        if popup is not None:
            popup.hide()
        kept = self._labels if self._adding else ()
        self._more.setChecked(False)
        self.chosen.emit((*(one for one in kept if one != label), label))
        self._restore()

    def _remove(self, label: int) -> None:
        self.chosen.emit(tuple(one for one in self._labels if one != label))
