"""The lines above the columns: what is compared, how much each may spend, and what is shown."""

from __future__ import annotations

import math

from PySide6.QtCore import QRectF, Signal, Slot
from PySide6.QtGui import QColor, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from pfstudio.ui.lab.plan import DEFAULT_KEYS, Compared, variants_of
from pfstudio.ui.language import QT_TR_NOOP, tr
from pfstudio.ui.recipe.model import RecipeModel
from pfstudio.ui.theme import tokens
from pfstudio.ui.widgets.buttons import DANGER, PRIMARY, Button
from pfstudio.ui.widgets.layouts import fill
from pfstudio.ui.widgets.many_choice import Entry, ManyChoice
from pfstudio.ui.widgets.paint import painter_of
from pfstudio.ui.widgets.segmented import Segmented
from pfstudio.ui.widgets.slider import Slider

NFE, SECONDS = "nfe", "seconds"
PLURALS = {
    Compared.SAMPLER: QT_TR_NOOP("Samplers"),
    Compared.GUIDANCE: QT_TR_NOOP("Guidance"),
}


class LabSetup(QWidget):
    """Two rows of controls; says what the user wants and decides nothing."""

    compare_wanted = Signal(
        object, tuple, int, float
    )  # Compared, keys, NFE, seconds (0: equal NFE)
    compared_changed = Signal(object)  # Compared
    stop_wanted = Signal()

    def __init__(self, recipe: RecipeModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._recipe = recipe
        self._ticked = {compared: frozenset(keys) for compared, keys in DEFAULT_KEYS.items()}
        options = [(compared.value, tr(PLURALS[compared])) for compared in Compared]
        self.compared = Segmented(tr("What is compared"), options)
        self.compared.set_key(Compared.SAMPLER.value)
        self.compared.chosen.connect(self._compared_chosen)
        self.variants = ManyChoice()
        self.variants.chosen.connect(self._choice_changed)
        self.back = Button(tr("Stage"), "four", tip=tr("Back to the stage"), height=30)
        self.compare = Button(tr("Compare"), "play", kind=PRIMARY)
        self.stop = Button(tr("Stop"), "stop", kind=DANGER, tip=tr("Stop the comparison"))
        self.compare.clicked.connect(self._compare)
        self.stop.clicked.connect(self.stop_wanted)
        self.stop.hide()
        top = fill(
            QHBoxLayout(), self.compared, (self.variants, 1), self.back, self.compare, self.stop,
            spacing=6,
        )  # fmt: skip

        options = [(NFE, tr("Equal NFE")), (SECONDS, tr("Equal seconds"))]
        self.budget = Segmented(tr("What the columns share"), options, room=math.inf)
        self.budget.set_key(NFE)
        self.budget.chosen.connect(self._budget_chosen)
        self.nfe = Slider("NFE", 4, 400, 1, tr("Network evaluations of each column"))
        self.nfe.set_number(48)
        self.seconds = Slider(tr("Seconds"), 0.5, 120, 0.5, tr("Seconds of each column"))
        self.seconds.set_number(2)
        self.seconds.hide()
        below = fill(QHBoxLayout(), self.budget, (self.nfe, 1), (self.seconds, 1), spacing=12)
        fill(QVBoxLayout(self), top, below, margins=(10, 8, 10, 8), spacing=8)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        recipe.changed.connect(self.refresh)
        recipe.models_changed.connect(self.refresh)
        self.refresh()

    # -- what the user does -------------------------------------------------------------------

    def chosen(self) -> Compared:
        """What the user wants to compare."""
        return Compared(self.compared.key())

    @Slot(str)
    def _compared_chosen(self, key: str) -> None:
        self.refresh()
        self.compared_changed.emit(self.chosen())

    def _choice_changed(self) -> None:
        self._ticked[self.chosen()] = self.variants.ticked()
        self._allow()

    def _allow(self) -> None:
        enough = len(self.variants.keys()) >= 2
        self.compare.setEnabled(enough)
        self.compare.setToolTip(tr("Run what is chosen") if enough else tr("Choose at least two"))

    def _budget_chosen(self, key: str) -> None:
        self.nfe.setVisible(key == NFE)
        self.seconds.setVisible(key == SECONDS)

    def _compare(self) -> None:
        seconds = self.seconds.number() if self.budget.key() == SECONDS else 0.0
        self.compare_wanted.emit(
            self.chosen(), self.variants.keys(), round(self.nfe.number()), seconds
        )

    # -- what the models say ------------------------------------------------------------------

    @Slot()
    def refresh(self) -> None:
        """Offer what the recipe's model can do."""
        compared = self.chosen()
        entries = [
            Entry(one.key, one.label, one.refusal) for one in variants_of(compared, self._recipe)
        ]
        self.variants.offer(tr(PLURALS[compared]), entries, self._ticked[compared])
        self._allow()

    def show_busy(self, busy: bool) -> None:
        """Offer Stop while the comparison runs."""
        self.compare.setVisible(not busy)
        self.stop.setVisible(busy)

    def paintEvent(self, event: QPaintEvent) -> None:
        t, painter = tokens(), painter_of(self)
        painter.fillRect(self.rect(), QColor(t.panel))
        painter.fillRect(QRectF(0, self.height() - 1, self.width(), 1), QColor(t.border))
