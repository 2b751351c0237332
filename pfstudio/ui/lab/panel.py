"""The sampler lab as a mode of the Generate page's stage."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from pfstudio.ui.lab.column import COLORMAP, LabColumn
from pfstudio.ui.lab.model import LabModel
from pfstudio.ui.lab.setup import LabSetup
from pfstudio.ui.lab.table import LabTable
from pfstudio.ui.language import QT_TR_NOOP, tr
from pfstudio.ui.stage.colour_bar import ColourBar
from pfstudio.ui.stage.colours import ColourScale
from pfstudio.ui.stage.geometry import ViewTransform
from pfstudio.ui.theme import tokens
from pfstudio.ui.widgets.labels import label
from pfstudio.ui.widgets.layouts import fill

EMPTY = QT_TR_NOOP(
    "Compare samplers from the same noise, with the same condition and the same NFE.\n"
    "Choose two or more above, then press Compare."
)


class LabPanel(QWidget):
    """Set-up line, a column per sampler, and the table."""

    compare_wanted = Signal(tuple, int, float)  # samplers, NFE, seconds (0: equal NFE)

    def __init__(self, model: LabModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = model
        self._view = ViewTransform(self)
        self._dirty: set[int] = set()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._refresh_dirty)
        self.setup = LabSetup(self)
        self.table = LabTable(model, self)
        self.bar = ColourBar(self)
        self.columns: list[LabColumn] = []
        self._lay_out()
        self.setup.compare_wanted.connect(self.compare_wanted)
        self.setup.stop_wanted.connect(model.stop)
        self.setup.reference_chosen.connect(model.set_reference)
        model.runs_changed.connect(self.rebuild)
        model.run_changed.connect(self._schedule)
        model.cursor_changed.connect(self._schedule_all)
        model.reference_changed.connect(self._schedule_all)
        self.rebuild()

    def _lay_out(self) -> None:
        self._row = fill(QHBoxLayout(), spacing=1)
        side = fill(QVBoxLayout(), (None, 3), self.bar, (None, 1), spacing=-1)
        runs = QWidget(self)
        fill(QHBoxLayout(runs), (self._row, 1), side)
        empty = label(tr(EMPTY), colour="muted", wrap=True)
        empty.setMargin(24)
        empty.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Expanding)
        empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._stack = QStackedWidget(self)
        self._stack.addWidget(empty)
        self._stack.addWidget(runs)
        fill(QVBoxLayout(self), self.setup, (self._stack, 1), self.table)

    def rebuild(self) -> None:
        """Other runs: other columns."""
        for column in self.columns:
            self._row.removeWidget(column)
            column.deleteLater()
        runs = self.model.runs
        self.columns = [LabColumn(self.model, i, self._view, self) for i in range(len(runs))]
        for column in self.columns:
            self._row.addWidget(column, 1)
            column.chosen.connect(self.model.select)
        self._stack.setCurrentIndex(1 if runs else 0)
        self.table.setVisible(bool(runs))
        self.table.rebuild()
        self.setup.show_runs([tr(run.label) for run in runs], self.model.reference)
        self._schedule_all()

    # -- following the model ------------------------------------------------------------------

    def _schedule(self, index: int) -> None:
        self._dirty.add(index)
        if self.isVisible():
            self._timer.start()

    def _schedule_all(self) -> None:
        self._dirty.update(range(len(self.columns)))
        if self.isVisible():
            self._timer.start()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._refresh_dirty()

    def _refresh_dirty(self) -> None:
        """Bring everything that changed on the screen, once however often it changed."""
        dirty, self._dirty = self._dirty, set()
        top = self.model.compute_top()
        self.bar.show_scale(
            ColourScale(COLORMAP, (0.0, top)),
            "",
            tr("tokens"),
            name=tr("tokens spent on a patch"),
            digits=0,
        )
        for index, column in enumerate(self.columns):
            if index in dirty:
                column.refresh(top)
        self.table.refresh_all()
        self.table.show_selected()
        self.setup.show_busy(self.model.busy)

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), QColor(tokens().base))
