"""Prompt and negative prompt, for models that take text."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from pfstudio.core.conditions import PictureCondition, Prompt
from pfstudio.ui.widgets.fields import Field
from pfstudio.ui.widgets.layouts import fill


class PromptField(QWidget):
    """Two lines of text; `chosen(Prompt)` at every change, so that a run never misses a word."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.text, self.negative = (Field(name) for name in ("Prompt", "Negative prompt"))
        self.text.setPlaceholderText("What the image shows")
        self.negative.setPlaceholderText("Negative prompt")
        for field in (self.text, self.negative):
            field.textEdited.connect(self._commit)
        fill(QVBoxLayout(self), self.text, self.negative, spacing=6)

    def show_conditions(self, conditions: Sequence[PictureCondition]) -> None:
        """Show the first of a request's prompts, if it has any."""
        first = conditions[0]
        prompt = first if isinstance(first, Prompt) else Prompt()
        for edit, text in ((self.text, prompt.text), (self.negative, prompt.negative)):
            if edit.text() != text:  # setting it would move the cursor
                edit.setText(text)

    @Slot()
    def _commit(self) -> None:
        self.chosen.emit(Prompt(self.text.text(), self.negative.text()))
