"""The stage: the run's pictures and maps in one of four layouts, and the tools that paint."""

from __future__ import annotations

from functools import partial

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QStackedWidget, QVBoxLayout, QWidget

from pfstudio.ui.player.player import Player
from pfstudio.ui.stage.canvas import ImageCanvas
from pfstudio.ui.stage.colours import ColourModel
from pfstudio.ui.stage.compare_panel import ComparePanel
from pfstudio.ui.stage.geometry import ViewTransform
from pfstudio.ui.stage.layers import to_image
from pfstudio.ui.stage.panel import Refresher, Shared, ViewPanel
from pfstudio.ui.stage.scan import ScanLine
from pfstudio.ui.stage.toolbar import PAINTS, StageLayout, StageToolBar, Tool
from pfstudio.ui.stage.views import View
from pfstudio.ui.stage.words import WordLine
from pfstudio.ui.theme import tokens
from pfstudio.ui.view_models.paint import PaintModel
from pfstudio.ui.view_models.run import RunModel
from pfstudio.ui.view_models.scan_path import ScanPathModel
from pfstudio.ui.widgets.layouts import fill

FOUR = (View.PREDICTION, View.DIFFICULTY, View.TIME, View.ROLE)


class StageView(QWidget):
    """Looks at `run` and paints into `paint`. Zoom, pan and cursors are shared by all views."""

    layout_changed = Signal(str)
    tool_changed = Signal(str)

    def __init__(
        self, run: RunModel, paint: PaintModel, scan_path: ScanPathModel, player: Player,
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.run, self.paint, self.scan_path, self.player = run, paint, scan_path, player
        self.colours = ColourModel(self)
        self.transform = ViewTransform(self)
        self.tool = Tool.INSPECT
        self.marks = True  # whether painted marks are shown
        self._stroke: tuple[int, int] | None = None
        self.bar = StageToolBar(self)
        self.refresher = Refresher(self)
        shared = Shared(run, paint, self.colours, self.transform, self.refresher)
        self.single = ViewPanel(shared, View.PREDICTION, self)
        self.four = [ViewPanel(shared, view, self) for view in FOUR]
        self.overlay = ViewPanel(shared, View.DIFFICULTY, self, overlay=True)
        self.compare = ComparePanel(shared, self)
        self._stack = QStackedWidget(self)
        self._pages = {
            StageLayout.SINGLE: self.single,
            StageLayout.FOUR: _Grid(self.four, self),
            StageLayout.OVERLAY: self.overlay,
            StageLayout.COMPARE: self.compare,
        }
        for page in self._pages.values():
            self._stack.addWidget(page)
        self.words = WordLine(run, self)
        self.scan = ScanLine(run, self)
        fill(QVBoxLayout(self), self.bar, self.words, self.scan, (self._stack, 1))
        self._connect()
        self.set_layout(StageLayout.FOUR.value)
        self.bar.opacity.setValue(round(100 * self.overlay.opacity))
        self._paint_changed()
        self._path_changed()
        self._run_changed()

    def _connect(self) -> None:
        bar, run = self.bar, self.run
        bar.layout_chosen.connect(self.set_layout)
        bar.tool_chosen.connect(self.set_tool)
        bar.undo.clicked.connect(self.paint.undo)
        bar.clear.clicked.connect(self.paint.clear)
        bar.opacity.valueChanged.connect(self._opacity_moved)
        bar.image.chosen.connect(self._image_chosen)
        bar.fit.clicked.connect(self.transform.fit)
        self.transform.changed.connect(self._show_zoom)
        self.paint.changed.connect(self._paint_changed)
        self.scan_path.changed.connect(self._path_changed)
        for signal in (run.run_changed, run.scan_changed):
            signal.connect(self._path_changed)
        for signal in (run.run_changed, run.image_changed):
            signal.connect(self._run_changed)
        self.refresher.refreshed.connect(self._show_zoom)
        for canvas in self.canvases():
            canvas.resized.connect(self._show_zoom)
            canvas.hovered.connect(partial(self._pointed, canvas))
            canvas.patch_clicked.connect(partial(self._patch_clicked, canvas))
            canvas.patch_stepped.connect(self.step_patch)
            canvas.patch_activated.connect(self.use_tool)
            canvas.stroke_begun.connect(partial(self._stroke_begun_on, canvas))
            canvas.stroke_moved.connect(self._stroke_moved)
            canvas.stroke_ended.connect(self._stroke_ended)

    def canvases(self) -> list[ImageCanvas]:
        """Every canvas of every layout."""
        panels = (self.single, *self.four, self.overlay)
        return [*(panel.canvas for panel in panels), self.compare.canvas, self.compare.other_canvas]

    def views(self) -> QWidget | None:
        """The views that are shown, with their heads and colour bars."""
        return self._stack.currentWidget()

    # -- layouts and views --------------------------------------------------------------------

    @property
    def layout_name(self) -> StageLayout:
        """The layout that is on."""
        return next(key for key, page in self._pages.items() if page is self._stack.currentWidget())

    def set_layout(self, name: str) -> None:
        """Switch to single, four, overlay or compare."""
        layout = StageLayout(name)
        self._stack.setCurrentWidget(self._pages[layout])
        self.bar.show_layout(layout)
        self.bar.make_fit()
        self.layout_changed.emit(layout.value)

    def toggle_noisy(self) -> None:
        """Prediction and noisy state change places wherever one of them is shown."""
        swap = {View.PREDICTION: View.NOISY, View.NOISY: View.PREDICTION}
        for panel in (self.single, *self.four):
            if panel.isVisible() and panel.view in swap:
                panel.set_view(swap[panel.view])

    def toggle_grid(self) -> None:
        """Lines between patches, on every canvas."""
        for canvas in self.canvases():
            canvas.show_grid = not canvas.show_grid
            canvas.refresh()

    def set_start_picture(self, pixels: npt.NDArray[np.uint8] | None) -> None:
        """What the next run starts from (H,W,3), just as the engine will encode it."""
        image = None if pixels is None else to_image(pixels)
        for panel in self._view_panels():
            panel.set_start_picture(image)

    def toggle_marks(self) -> None:
        """Show painted marks, or hide them."""
        self.marks = not self.marks
        self._tell_panels()

    def _view_panels(self) -> tuple[ViewPanel, ...]:
        return (self.single, *self.four, self.overlay)

    def _tell_panels(self) -> None:
        for panel in self._view_panels():
            panel.set_painting(self.tool is not Tool.INSPECT, self.marks)

    def set_message(self, text: str) -> None:
        """What the empty stage says instead of its own words; "" for those."""
        for panel in (self.single, self.four[0], self.overlay):
            panel.set_message(text)

    # -- pointer ------------------------------------------------------------------------------

    def _pointed(self, canvas: ImageCanvas, row: int, column: int) -> None:
        self.words.point_at(*(self._of_run(canvas, row, column) if row >= 0 else (row, column)))

    def _patch_clicked(self, canvas: ImageCanvas, row: int, column: int) -> None:
        self.run.set_patch(*self._of_run(canvas, row, column))

    def _of_run(self, canvas: ImageCanvas, row: int, column: int) -> tuple[int, int]:
        """A patch of a canvas as one of the shown run."""
        other = canvas is self.compare.other_canvas and self.run.data is not None
        return self.compare.patch_at(row, column) if other else (row, column)

    # -- tools --------------------------------------------------------------------------------

    def set_tool(self, name: str) -> None:
        """Inspect, or paint with the left button."""
        self.tool = Tool(name)
        self.bar.show_tool(self.tool)
        self.bar.make_fit()
        for canvas in self.canvases():
            canvas.paints = self.tool is not Tool.INSPECT
        self._tell_panels()
        self._path_changed()
        self.tool_changed.emit(self.tool.value)

    def step_patch(self, rows: int, columns: int) -> None:
        """Move the patch cursor by keys, and bring it into view."""
        self.run.set_patch(self.run.patch[0] + rows, self.run.patch[1] + columns)
        if self.run.data is not None:
            n, m = self.run.data.grid
            row, column = self.run.patch
            self.transform.show_share((column + 0.5) / m, (row + 0.5) / n)

    def use_tool(self) -> None:
        """Paint the patch under the cursor with the tool that is on."""
        fits = not self.run.done or self.run.shown.grid == self.paint.codes.shape
        if self.tool is not Tool.INSPECT and fits:
            self._stroke_begun(*self.run.patch)
            self._stroke_ended()

    def _stroke_begun_on(self, canvas: ImageCanvas, row: int, column: int) -> None:
        if canvas.grid == self.paint.codes.shape:  # else it shows a run of other patches
            self._stroke_begun(row, column)

    def _stroke_begun(self, row: int, column: int) -> None:
        if not self.paint.codes.size:
            return
        self._stroke = (row, column)
        if self.tool is Tool.PATH:
            self.scan_path.begin_stroke(self._layer())
        else:
            self.paint.begin_stroke()
        self._mark(row, column)

    def _stroke_moved(self, row: int, column: int) -> None:
        if self._stroke is None:
            return
        (r0, c0), (r1, c1) = self._stroke, (row, column)
        steps = max(abs(r1 - r0), abs(c1 - c0))
        for i in range(1, steps + 1):  # a fast pointer leaves no gaps
            self._mark(round(r0 + (r1 - r0) * i / steps), round(c0 + (c1 - c0) * i / steps))
        self._stroke = (row, column)

    def _stroke_ended(self) -> None:
        if self._stroke is not None:
            self._stroke = None
            if self.tool is Tool.PATH:
                self.scan_path.end_stroke()
            else:
                self.paint.end_stroke()

    def _mark(self, row: int, column: int) -> None:
        """Use the tool on a patch."""
        if self.tool is Tool.PATH:
            self.scan_path.visit(row, column)
        else:
            self.paint.paint(row, column, PAINTS[self.tool], int(self.bar.brush.key()))

    def _layer(self) -> int:
        return self.run.data.scan.layer if self.run.data is not None else 0

    # -- what the bar shows -------------------------------------------------------------------

    def _paint_changed(self) -> None:
        self.bar.show_paint(painted=not self.paint.is_empty, can_undo=self.paint.can_undo)
        self.bar.make_fit()

    def _path_changed(self) -> None:
        """The path of the next run is shown while it is drawn; before the first run if chosen."""
        self.bar.show_path(available=self.scan_path.available)
        if self.tool is Tool.PATH and not self.scan_path.available:
            self.set_tool(Tool.INSPECT.value)
        planned = self.tool is Tool.PATH or (self.scan_path.chosen and not self.run.done)
        path = self.scan_path.path(self._layer()) if planned else None
        for panel in self._view_panels():
            panel.set_planned_path(path, self.scan_path.drawn)

    def _run_changed(self) -> None:
        data = self.run.data
        if data is not None and not self.paint.codes.size:  # the chosen model's patches come first
            self.paint.set_grid(*data.grid)
        self.bar.show_images(data.images if data else 1, self.run.image)

    def _image_chosen(self, key: str) -> None:
        self.run.set_image(int(key))

    def _opacity_moved(self, value: int) -> None:
        self.overlay.set_opacity(value / 100)

    def _show_zoom(self) -> None:
        """Device pixels for a pixel of a decoded picture, or of what is shown before the first."""
        seen = [canvas for canvas in self.canvases() if canvas.isVisible()]
        if not seen:
            return
        width = self.run.data.width if self.run.data else 0
        width = width or max(canvas.picture_width() for canvas in seen)
        self.bar.show_zoom(seen[0].placement().width / width if width else None)

    # -- keys ---------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self.player.accept_key(event):
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), QColor(tokens().base))


class _Grid(QWidget):
    """Panels two by two with hairlines between them."""

    def __init__(self, panels: list[ViewPanel], parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(1)
        for i, panel in enumerate(panels):
            grid.addWidget(panel, i // 2, i % 2)
        for i in range(2):
            grid.setRowStretch(i, 1)
            grid.setColumnStretch(i, 1)

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), QColor(tokens().border))
