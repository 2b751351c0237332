"""The line under the set-up: which part of a comparison is shown, and how."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QColor, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from pfstudio.ui.lab.run import Cost
from pfstudio.ui.language import QT_TR_NOOP, tr
from pfstudio.ui.stage.views import VIEWS, View
from pfstudio.ui.theme import tokens
from pfstudio.ui.widgets.choice import ChoiceButton
from pfstudio.ui.widgets.layouts import fill
from pfstudio.ui.widgets.paint import painter_of
from pfstudio.ui.widgets.segmented import Segmented

COMPUTE = QT_TR_NOOP("Where the compute went")
MAPS = (View.DIFFERENCE, View.GUIDANCE, View.MASKS, View.DIFFICULTY, View.TIME, View.SPEED)


class Part(StrEnum):
    """What can be seen of a comparison; the value is the word shown."""

    IMAGES = QT_TR_NOOP("Images")
    TABLE = QT_TR_NOOP("Table")
    PLOT = QT_TR_NOOP("Plot")


def map_title(view: View | None) -> str:
    """The name of a column's map; None: where the compute went."""
    return tr(COMPUTE if view is None else VIEWS[view].title)


class LabViewBar(QWidget):
    """Says what the user wants to see."""

    part_chosen = Signal()
    view_chosen = Signal(object)  # View | None
    cost_chosen = Signal()
    reference_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tight = True
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.parts = Segmented(tr("What is shown"), [(part.value, tr(part.value)) for part in Part])
        self.parts.set_key(Part.IMAGES.value)
        self.map = ChoiceButton(
            tr("Map of every column"),
            [("", map_title(None)), *((view.value, map_title(view)) for view in MAPS)],
        )
        costs = [(cost.name, tr(cost.value)) for cost in Cost]
        self.costs = ChoiceButton(tr("What the plot prices the columns in"), costs)
        self.reference = ChoiceButton(
            tr("Reference of the differences"), (("0", ""),), prefix=tr("Difference to")
        )
        self.parts.chosen.connect(self.part_chosen)
        self.map.chosen.connect(self._map_chosen)
        self.costs.chosen.connect(self.cost_chosen)
        self.reference.chosen.connect(self._reference_picked)
        fill(
            QHBoxLayout(self), self.parts, 4, self.map, self.costs, None, self.reference,
            margins=(10, 2, 10, 2), spacing=4,
        )  # fmt: skip

    # -- what the user does -------------------------------------------------------------------

    @property
    def part(self) -> Part:
        """What the user wants to see; beside the images where there is room for two."""
        return Part(self.parts.key())

    @property
    def cost(self) -> Cost:
        """What the plot prices the columns in."""
        return Cost[self.costs.key()]

    def _map_chosen(self, key: str) -> None:
        self.view_chosen.emit(View(key) if key else None)

    def _reference_picked(self, key: str) -> None:
        self.reference_chosen.emit(int(key))

    # -- what the panel says ------------------------------------------------------------------

    def set_tight(self, tight: bool) -> None:
        """Whether there is room for one part only, which then may be the images."""
        if tight != self._tight:
            self._tight = tight
            self.parts.set_offered(Part.IMAGES.value, tight)
            if tight or self.part is Part.IMAGES:
                self.parts.set_key((Part.IMAGES if tight else Part.TABLE).value)

    def show_state(self, view: View | None, labels: Sequence[str], reference: int) -> None:
        """Show the map, and offer these columns as the reference."""
        self.map.set_key("" if view is None else view.value)
        if labels:
            self.reference.set_options([(str(i), label) for i, label in enumerate(labels)])
            self.reference.set_key(str(reference))

    def paintEvent(self, event: QPaintEvent) -> None:
        t, painter = tokens(), painter_of(self)
        painter.fillRect(self.rect(), QColor(t.panel))
        painter.fillRect(QRectF(0, self.height() - 1, self.width(), 1), QColor(t.border))
