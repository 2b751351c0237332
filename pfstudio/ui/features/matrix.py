"""Every layer at a few times, as small maps of the first picture; a click looks closer."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from pfstudio.ui.features.model import FeaturesPageModel
from pfstudio.ui.language import number, tr
from pfstudio.ui.stage.layers import to_image
from pfstudio.ui.theme import tokens
from pfstudio.ui.widgets.paint import MIDDLE, FocusRing, painter_of, write

_HEAD, _FOOT, _GAP = 60, 18, 3
_LEAST, _MOST = 20, 44  # side of a map


class LayerMatrix(FocusRing, QWidget):
    """Columns are layers, rows are times. Arrow keys move, as in a table."""

    def __init__(self, model: FeaturesPageModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._images: dict[tuple[int, int], QImage] = {}  # (layer, index of the time)
        self._of: object = None
        self._marked: QRectF | None = None
        self.setAccessibleName(tr("Layers and times"))
        self.setToolTip(tr("A column is a layer, a row is a time"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        model.found_changed.connect(self.refresh)
        model.settings_changed.connect(self._tell)

    def _times(self) -> tuple[float, ...]:
        return self._model.matrix.times if self._model.matrix else ()

    @Slot()
    def refresh(self) -> None:
        """Make the small maps anew, if there are others."""
        if self._model.matrix is not self._of:
            self._of = self._model.matrix
            self._images = {}
            for layer in self._model.layers:
                made = self._model.thumbnails(layer)
                for index, pixels in enumerate(made if made is not None else ()):
                    self._images[layer, index] = to_image(pixels)
            self.updateGeometry()
            self.update()
        self._tell()

    @Slot()
    def _tell(self) -> None:
        self.setAccessibleDescription(
            tr("Layer {layer}, time {time:g}", layer=self._model.layer, time=self._model.time)
        )
        if self._chosen() != self._marked:  # while one scrubs between two rows, nothing moves
            self.update()

    def _widest(self) -> float:
        count = max(1, len(self._model.layers))
        return min(_MOST, (self.width() - _HEAD - 12 - (count - 1) * _GAP) / count)

    def _side(self) -> float:
        rows = max(1, len(self._times()))
        return min(self._widest(), (self.height() - _FOOT - 8) / rows - _GAP)

    def _hint(self, side: float) -> QSize:
        rows = max(1, len(self._times()))
        return QSize(400, int(_FOOT + 8 + rows * (side + _GAP)) if self._images else 0)

    def sizeHint(self) -> QSize:
        return self._hint(self._widest())

    def minimumSizeHint(self) -> QSize:
        return self._hint(min(self._widest(), _LEAST))

    def resizeEvent(self, event: object) -> None:
        self.updateGeometry()

    def cell(self, layer: int, index: int) -> QRectF:
        """Where a layer (from 1) at a time (index from 0) is drawn."""
        side = self._side()
        column = self._model.layers.index(layer)
        return QRectF(_HEAD + column * (side + _GAP), 4 + index * (side + _GAP), side, side)

    def cell_at(self, point: QPointF) -> tuple[int, int] | None:
        """The layer and the index of the time under a point."""
        return next((key for key in self._images if self.cell(*key).contains(point)), None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        found = self.cell_at(event.position())
        if found is not None and event.button() == Qt.MouseButton.LeftButton:
            self._choose(*found)

    def _choose(self, layer: int, index: int) -> None:
        self._model.set_layer(layer)
        if self._model.request.noise != "clean":
            self._model.set_time(self._times()[index])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        layers, times = self._model.layers, self._times()
        moves = {
            Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0),
            Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1),
        }  # fmt: skip
        step = moves.get(Qt.Key(event.key()))
        if step is None or not layers or self._model.layer not in layers:
            super().keyPressEvent(event)
            return
        nearest = min(range(len(times)), key=lambda i: abs(times[i] - self._model.time))
        column = min(max(layers.index(self._model.layer) + step[0], 0), len(layers) - 1)
        self._choose(layers[column], min(max(nearest + step[1], 0), len(times) - 1))

    def paintEvent(self, event: QPaintEvent) -> None:
        t, painter = tokens(), painter_of(self)
        painter.fillRect(self.rect(), QColor(t.panel))
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        for key, image in self._images.items():
            painter.drawImage(self.cell(*key), image)
        right = MIDDLE | Qt.AlignmentFlag.AlignRight
        if self._images:
            side = self._side()
            for index, exact in enumerate(self._times()):
                time = round(exact, 2)
                line = QRectF(0, 4 + index * (side + _GAP), _HEAD - 8, side)
                words = tr("time {time:g}", time=time) if index == 0 else number(time, "g")
                write(painter, line, words, "tiny", align=right)
            below = self.cell(self._model.layers[0], len(self._times()) - 1).bottom() + 1
            write(painter, QRectF(0, below, _HEAD - 8, _FOOT), tr("layer"), "tiny", align=right)
            every = 1 if side > 16 else 2 if side > 9 else 5
            for layer in self._model.layers[::every]:
                foot = self.cell(layer, len(self._times()) - 1)
                place = QRectF(foot.center().x() - 16, foot.bottom() + 1, 32, _FOOT)
                write(painter, place, str(layer), "tiny")
        self._draw_chosen(painter)
        self.draw_ring(painter)

    def _chosen(self) -> QRectF | None:
        """Where the layer and the time that are looked at are drawn."""
        times, model = self._times(), self._model
        if not self._images or model.layer not in model.layers:
            return None
        index = 0 if model.request.noise == "clean" else -1
        index = times.index(model.time) if model.time in times else index
        if index < 0:  # between two rows
            first, last = self.cell(model.layer, 0), self.cell(model.layer, len(times) - 1)
            return first.united(last)
        return self.cell(model.layer, index)

    def _draw_chosen(self, painter: QPainter) -> None:
        self._marked = self._chosen()
        if self._marked is None:
            return
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(tokens().accent), 2))
        painter.drawRect(self._marked.adjusted(-1, -1, 1, 1))
