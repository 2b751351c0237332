"""What somebody sees who has generated nothing yet: a finished run, and what to do with it."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QRectF, QSize, Qt, Slot
from PySide6.QtGui import QColor, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from pfstudio.core.conditions import DEFAULT_CONDITIONS
from pfstudio.core.paths import shipped
from pfstudio.core.result_files import TRACE_NAME
from pfstudio.core.results import list_results
from pfstudio.ui.language import QT_TR_NOOP, tr
from pfstudio.ui.pages.generate_files import GenerateFiles
from pfstudio.ui.theme import font, tokens
from pfstudio.ui.view_models.generate import GeneratePageModel
from pfstudio.ui.widgets.buttons import IconButton
from pfstudio.ui.widgets.labels import label
from pfstudio.ui.widgets.layouts import fill
from pfstudio.ui.widgets.paint import box, painter_of

MODEL = "pft-emoji-text-128"  # of the example
HINTS = (
    QT_TR_NOOP("This run is an example. Press Generate for one of your own."),
    QT_TR_NOOP("Drag along the timeline, or press the arrow keys, to see every call."),
    QT_TR_NOOP("Click a patch to see how it came to be."),
)


class _Number(QWidget):
    """A numeral in a circle."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self._text = str(number)
        self.setFixedSize(QSize(22, 22))

    def paintEvent(self, event: QPaintEvent) -> None:
        t, painter = tokens(), painter_of(self)
        box(painter, QRectF(self.rect()).adjusted(1, 1, -1, -1), t.soft, t.soft_border, 10)
        painter.setFont(font("small-strong"))
        painter.setPen(QColor(t.link))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self._text)


class FirstRun(QWidget):
    """Three hints over the example, until something else is looked at."""

    def __init__(self, model: GeneratePageModel, files: GenerateFiles) -> None:
        super().__init__()
        self._model, self._files = model, files
        self._offered = False
        self.close_button = IconButton("close", tr("Hide these hints"), side=22)
        self.close_button.clicked.connect(self.hide)
        row = fill(QHBoxLayout(self), margins=(14, 8, 10, 8), spacing=8)
        for number, words in enumerate(HINTS, 1):
            row.addWidget(_Number(number))
            row.addWidget(label(tr(words), "small", wrap=True), 1)
        row.addWidget(self.close_button)
        self.hide()

    def offer(self) -> None:
        """Show the example if there are no results yet and its model is the chosen one."""
        chosen = self._model.recipe.model
        if self._offered or chosen is None or chosen.name != MODEL or list_results():
            return
        self._offered = True
        self._files.open(shipped("resources", "samples", "first-run", TRACE_NAME))
        recipe, shown = self._model.recipe, self._model.run.data
        nothing = (DEFAULT_CONDITIONS[chosen.card.condition],)
        if shown is not None and recipe.request.conditions == nothing:
            request = replace(recipe.request, conditions=shown.request.conditions)
            recipe.set_recipe(replace(recipe.recipe, request=request))
        self.setVisible(self._model.run.done > 0)
        self._model.run.run_changed.connect(self._follow)

    @Slot()
    def _follow(self) -> None:
        self.hide()
