"""The line above the columns: which samplers, how much each may spend, and the reference."""

from __future__ import annotations

import math

from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QColor, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from pfstudio.core.samplers import SAMPLERS
from pfstudio.ui.lab.plan import DEFAULT_SAMPLERS
from pfstudio.ui.language import tr
from pfstudio.ui.theme import tokens
from pfstudio.ui.widgets.buttons import DANGER, PRIMARY, Button
from pfstudio.ui.widgets.choice import ChoiceButton
from pfstudio.ui.widgets.layouts import fill
from pfstudio.ui.widgets.paint import painter_of
from pfstudio.ui.widgets.segmented import Segmented
from pfstudio.ui.widgets.slider import Slider

NFE, SECONDS = "nfe", "seconds"


class LabSetup(QWidget):
    """Two rows of controls; says what the user wants and decides nothing."""

    compare_wanted = Signal(tuple, int, float)  # samplers, NFE, seconds (0: equal NFE)
    stop_wanted = Signal()
    reference_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.samplers: dict[str, Button] = {}
        top = QHBoxLayout()
        top.setSpacing(6)
        for name, kind in SAMPLERS.items():
            button = Button(
                tr(kind.label), tip=tr("Compare {label}", label=tr(kind.label)), height=28
            )
            button.setAccessibleName(button.toolTip())
            button.setCheckable(True)
            button.setChecked(name in DEFAULT_SAMPLERS)
            button.toggled.connect(self._choice_changed)
            self.samplers[name] = button
            top.addWidget(button)
        top.addStretch(1)
        self.back = Button(tr("Stage"), "four", tip=tr("Back to the stage"), height=30)
        top.addWidget(self.back)
        self.compare = Button(
            tr("Compare"), "play", kind=PRIMARY, tip=tr("Run the chosen samplers")
        )
        self.stop = Button(tr("Stop"), "stop", kind=DANGER, tip=tr("Stop the comparison"))
        self.compare.clicked.connect(self._compare)
        self.stop.clicked.connect(self.stop_wanted)
        self.stop.hide()
        top.addWidget(self.compare)
        top.addWidget(self.stop)

        options = ((NFE, tr("Equal NFE")), (SECONDS, tr("Equal seconds")))
        self.budget = Segmented(tr("What the samplers share"), options, room=math.inf)
        self.budget.set_key(NFE)
        self.budget.chosen.connect(self._budget_chosen)
        self.nfe = Slider("NFE", 4, 400, 1, tr("Network evaluations of each sampler"))
        self.nfe.set_number(48)
        self.seconds = Slider(tr("Seconds"), 0.5, 120, 0.5, tr("Seconds of each sampler"))
        self.seconds.set_number(2)
        self.seconds.hide()
        self.reference = ChoiceButton(
            tr("Reference of the differences"), (("0", ""),), prefix=tr("Difference to")
        )
        self.reference.chosen.connect(self._reference_picked)

        below = fill(
            QHBoxLayout(), self.budget, (self.nfe, 1), (self.seconds, 1), (None, 1), self.reference,
            spacing=12,
        )  # fmt: skip
        fill(QVBoxLayout(self), top, below, margins=(10, 8, 10, 8), spacing=8)
        self.show_runs([], 0)

    # -- what the user does -------------------------------------------------------------------

    def chosen(self) -> tuple[str, ...]:
        """Names of the chosen samplers."""
        return tuple(name for name, button in self.samplers.items() if button.isChecked())

    def _choice_changed(self) -> None:
        enough = len(self.chosen()) >= 2
        self.compare.setEnabled(enough)
        self.compare.setToolTip(
            tr("Run the chosen samplers") if enough else tr("Choose at least two")
        )

    def _budget_chosen(self, key: str) -> None:
        self.nfe.setVisible(key == NFE)
        self.seconds.setVisible(key == SECONDS)

    def _compare(self) -> None:
        seconds = self.seconds.number() if self.budget.key() == SECONDS else 0.0
        self.compare_wanted.emit(self.chosen(), round(self.nfe.number()), seconds)

    def _reference_picked(self, key: str) -> None:
        self.reference_chosen.emit(int(key))

    # -- what the model says ------------------------------------------------------------------

    def show_runs(self, labels: list[str], reference: int) -> None:
        """Offer these runs as the reference."""
        self.reference.setVisible(bool(labels))
        if labels:
            self.reference.set_options([(str(i), label) for i, label in enumerate(labels)])
            self.reference.set_key(str(reference))

    def show_busy(self, busy: bool) -> None:
        """Offer Stop while the comparison runs."""
        self.compare.setVisible(not busy)
        self.stop.setVisible(busy)

    def paintEvent(self, event: QPaintEvent) -> None:
        t, painter = tokens(), painter_of(self)
        painter.fillRect(self.rect(), QColor(t.panel))
        painter.fillRect(QRectF(0, self.height() - 1, self.width(), 1), QColor(t.border))
