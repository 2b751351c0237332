"""Prompt and negative prompt, for models that take text."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from pfstudio.core.conditions import PictureCondition, Prompt
from pfstudio.ui.widgets.fields import Field


class PromptField(QWidget):
    """Two lines of text; `chosen(Prompt)` when the user has changed one."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._prompt = Prompt()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        self.text, self.negative = (Field(name) for name in ("Prompt", "Negative prompt"))
        self.text.edit.setPlaceholderText("What the picture shows")
        self.negative.edit.setPlaceholderText("Negative prompt: what to lead away from")
        for field in (self.text, self.negative):
            field.edit.editingFinished.connect(self._commit)
            column.addWidget(field)

    def show_conditions(self, conditions: Sequence[PictureCondition]) -> None:
        """Show the first of a request's prompts, if it has any."""
        first = conditions[0]
        self._prompt = first if isinstance(first, Prompt) else Prompt()
        self.text.edit.setText(self._prompt.text)
        self.negative.edit.setText(self._prompt.negative)

    def _commit(self) -> None:
        prompt = Prompt(self.text.edit.text(), self.negative.edit.text())
        if prompt != self._prompt:
            self.chosen.emit(prompt)
