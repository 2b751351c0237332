"""The sampler lab as a mode of the Generate page's stage."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from pfstudio.ui.lab.column import HEAD, SIDE, LabColumn
from pfstudio.ui.lab.model import LabModel
from pfstudio.ui.lab.pareto import ParetoPlot
from pfstudio.ui.lab.plan import Compared
from pfstudio.ui.lab.setup import LabSetup
from pfstudio.ui.lab.table import LabTable
from pfstudio.ui.lab.view_bar import LabViewBar, Part, map_title
from pfstudio.ui.language import QT_TR_NOOP, tr
from pfstudio.ui.recipe.model import RecipeModel
from pfstudio.ui.stage.colour_bar import ColourBar
from pfstudio.ui.stage.colours import ColourModel, ColourScale
from pfstudio.ui.stage.geometry import ViewTransform
from pfstudio.ui.stage.views import VIEWS
from pfstudio.ui.theme import tokens
from pfstudio.ui.widgets.labels import label
from pfstudio.ui.widgets.layouts import fill

COMPUTE_COLORMAP = "viridis"
LOWEST = HEAD + SIDE + 12  # logical pixels of the columns and of what scrolls them
EMPTY = {
    Compared.SAMPLER: QT_TR_NOOP(
        "Compare samplers from the same noise, with the recipe's condition and guidance and the "
        "same NFE.\nChoose two or more above, then press Compare."
    ),
    Compared.GUIDANCE: QT_TR_NOOP(
        "Compare guidance rules from the same noise, with the recipe's condition and sampler and "
        "the same NFE.\nChoose two or more above, then press Compare."
    ),
}


class LabPanel(QWidget):
    """Set-up, a column per sampler or guidance rule, and the table or the plot of all."""

    def __init__(
        self, model: LabModel, recipe: RecipeModel, colours: ColourModel,
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self.model = model
        self._colours = colours
        self._view = ViewTransform(self)
        self._dirty: set[int] = set()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._refresh_dirty)
        self.setup = LabSetup(recipe, self)
        self.views = LabViewBar(self)
        self.table = LabTable(model, self)
        self.plot = ParetoPlot(model, self)
        self.bar = ColourBar(self)
        self.columns: list[LabColumn] = []
        self._lay_out()
        self.setup.compare_wanted.connect(model.compare_recipe)
        self.setup.compared_changed.connect(self._say_empty)
        self.setup.stop_wanted.connect(model.stop)
        self.views.part_chosen.connect(self._arrange)
        self.views.view_chosen.connect(model.set_view)
        self.views.cost_chosen.connect(self._schedule_all)
        self.views.reference_chosen.connect(model.set_reference)
        model.runs_changed.connect(self.rebuild)
        model.run_changed.connect(self._schedule)
        model.cursor_changed.connect(self._schedule_all)
        model.view_changed.connect(self._schedule_all)
        colours.changed.connect(self._schedule_all)
        self.rebuild()

    def _lay_out(self) -> None:
        content = QWidget()
        self._row = fill(QHBoxLayout(content), spacing=1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setMinimumHeight(LOWEST)
        area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setWidget(content)
        side = fill(QVBoxLayout(), (None, 3), self.bar, (None, 1), spacing=-1)
        runs = QWidget(self)
        fill(QHBoxLayout(runs), (area, 1), side)
        self._empty = label("", colour="muted", wrap=True)
        self._empty.setMargin(24)
        self._empty.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Expanding)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._say_empty(self.setup.chosen())
        self._stack = QStackedWidget(self)
        self._stack.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(runs)
        fill(QVBoxLayout(self), self.setup, self.views, (self._stack, 1), self.table, self.plot)

    @Slot(object)
    def _say_empty(self, compared: Compared) -> None:
        self._empty.setText(tr(EMPTY[compared]))

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
        self.table.rebuild()
        self.plot.show_points(self.views.cost)
        self._arrange()
        self._schedule_all()

    # -- where there is little room, one part of it -----------------------------------------------

    @Slot()
    def _arrange(self) -> None:
        """Images and what the user wants beside them, or only that where there is little room."""
        some = bool(self.model.runs)
        beside = self.table.minimumHeight() if some else 0
        above = self.setup.sizeHint().height() + self.views.sizeHint().height()
        tight = self.height() < above + LOWEST + beside
        self.views.set_tight(tight)
        part = self.views.part
        self.views.setVisible(some)
        self.views.costs.setVisible(part is Part.PLOT)
        self.views.map.setVisible(part is Part.IMAGES or not tight)
        self._stack.setVisible(part is Part.IMAGES or not tight or not some)
        self.table.setVisible(some and part is Part.TABLE)
        self.plot.setVisible(some and part is Part.PLOT)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._arrange()

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
        scale = self._show_scale()
        for index, column in enumerate(self.columns):
            if index in dirty:
                column.refresh(scale)
        self.table.refresh_all()
        self.table.show_selected()
        self.plot.show_points(self.views.cost)
        labels = [run.label for run in self.model.runs]
        self.views.show_state(self.model.view, labels, self.model.reference)
        self.setup.show_busy(self.model.busy)

    def _show_scale(self) -> ColourScale:
        """The colours that all columns share, beside them."""
        view, limits, name = self.model.view, self.model.limits(), map_title(self.model.view)
        if view is None:
            scale = ColourScale(COMPUTE_COLORMAP, limits)
            self.bar.show_scale(scale, "", tr("tokens"), name=name, digits=0)
        else:
            kind, scale = VIEWS[view], ColourScale(self._colours.of(view).colormap, limits)
            low, high = tr(kind.low), tr(kind.high)
            self.bar.show_scale(scale, low, high, name=name, digits=min(kind.digits, 2))
        return scale

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), QColor(tokens().base))
