"""The comparison in figures: one row a column."""

from __future__ import annotations

import math

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QSizePolicy,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from pfstudio.ui.lab.model import LabModel
from pfstudio.ui.lab.plan import Compared
from pfstudio.ui.lab.run import Figures
from pfstudio.ui.language import QT_TR_NOOP, number, tr
from pfstudio.ui.recipe.cost import compute_text

NAMES = {
    Compared.SAMPLER: QT_TR_NOOP("Sampler"),
    Compared.GUIDANCE: QT_TR_NOOP("Guidance"),
}
HEADINGS = (
    ("", QT_TR_NOOP("Click a row to show its run in timeline and inspector")),
    ("NFE", QT_TR_NOOP("Network evaluations that were made")),
    (QT_TR_NOOP("Passes"), QT_TR_NOOP("Network passes that guidance makes in an evaluation")),
    (QT_TR_NOOP("Tokens"), QT_TR_NOOP("Tokens that really went through the network")),
    (QT_TR_NOOP("Compute"), QT_TR_NOOP("Operations of all network evaluations")),
    (QT_TR_NOOP("Seconds"), QT_TR_NOOP("Time of sampling on this machine")),
    (
        "RMSE",
        QT_TR_NOOP(
            "Root mean square difference of the final images to the reference, in grey levels"
        ),
    ),
    ("PSNR dB", QT_TR_NOOP("Peak signal-to-noise ratio of the final images to the reference")),
)
ROW, LEAST_ROWS, MOST_ROWS = 22, 4, 8  # shown at once; the others are scrolled to
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class LabTable(QTableWidget):
    """Read-only figures of the model's runs."""

    def __init__(self, model: LabModel, parent: QWidget | None = None) -> None:
        super().__init__(0, len(HEADINGS), parent)
        self._model = model
        self._cells: list[list[QTableWidgetItem]] = []
        self.setAccessibleName(tr("Comparison in figures"))
        for column, (words, tip) in enumerate(HEADINGS):
            item = QTableWidgetItem(words and tr(words))
            item.setToolTip(tr(tip))
            if column:
                item.setTextAlignment(RIGHT)
            else:
                item.setTextAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
            self.setHorizontalHeaderItem(column, item)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(ROW)
        head, modes = self.horizontalHeader(), QHeaderView.ResizeMode
        head.setSectionResizeMode(modes.ResizeToContents)
        head.setSectionResizeMode(0, modes.Stretch)
        head.setMinimumSectionSize(30)
        head.setHighlightSections(False)
        self.setShowGrid(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setTabKeyNavigation(False)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.cellClicked.connect(self._clicked)

    def rebuild(self) -> None:
        """Other runs: other rows."""
        self.setRowCount(len(self._model.runs))
        name = tr(NAMES[self._model.compared])
        self.model().setHeaderData(0, Qt.Orientation.Horizontal, name)
        self._cells = [
            [QTableWidgetItem() for _ in range(self.columnCount())] for _ in self._model.runs
        ]
        for row, cells in enumerate(self._cells):
            for column, item in enumerate(cells):
                if column:
                    item.setTextAlignment(RIGHT)
                self.setItem(row, column, item)
            self.refresh(row)
        self.setMinimumHeight(self._height(min(LEAST_ROWS, self.rowCount())))
        self.updateGeometry()

    def _height(self, rows: int) -> int:
        return self.horizontalHeader().sizeHint().height() + ROW * max(1, rows) + 4

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self._height(min(MOST_ROWS, self.rowCount())))

    def refresh(self, row: int) -> None:
        """Show what is known of a run now."""
        run = self._model.runs[row]
        reference = row == self._model.reference
        name = run.label
        if reference:
            name = tr("{label} (reference)", label=name)
        for column, words in enumerate((name, *texts(self._model.figures(row), reference))):
            self._cells[row][column].setText(words)

    def refresh_all(self) -> None:
        """Show what is known of all runs now."""
        for row in range(self.rowCount()):
            self.refresh(row)

    def show_selected(self) -> None:
        """Mark the run that timeline and inspector show."""
        selected = self._model.selected
        if selected is None:
            self.clearSelection()
        elif selected < self.rowCount():
            self.selectRow(selected)

    def _clicked(self, row: int, _: int) -> None:
        self._model.select(row)
        self.show_selected()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The arrow keys go through the rows, and choose as a click does."""
        super().keyPressEvent(event)
        if self.currentRow() >= 0:
            self._clicked(self.currentRow(), 0)


def texts(figures: Figures, reference: bool) -> tuple[str, ...]:
    """A row's cells after the name; a dash where nothing is known yet."""
    error = "–" if reference or figures.error is None else number(figures.error)
    ratio = "–" if reference or figures.psnr is None else _decibels(figures.psnr)
    return (
        "–" if figures.nfe is None else str(figures.nfe),
        number(figures.passes, "g"),
        "–" if figures.tokens is None else number(figures.tokens, ","),
        "–" if figures.flops is None else compute_text(figures.flops / 1e12),
        "–" if figures.seconds is None else number(figures.seconds),
        error,
        ratio,
    )


def _decibels(value: float) -> str:
    return "∞" if math.isinf(value) else number(value, ".1f")
