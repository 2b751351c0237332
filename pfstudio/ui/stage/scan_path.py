"""Drawing the path of a scan over the patches, in device pixels on a placed grid."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from pfstudio.core.scan_paths import ScanPath
from pfstudio.ui.stage.geometry import Placement
from pfstudio.ui.theme import tokens


def draw_path(painter: QPainter, place: Placement, path: ScanPath, unit: int) -> None:
    """All of it, thin, with a dot where it begins and a ring where it ends."""
    points = _points(place, path)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _draw_line(painter, points, QColor(0, 0, 0, 150), QColor(255, 255, 255, 215), unit, 1.2)
    size = min(max(0.16 * place.width / place.columns, 3.0 * unit), 7.0 * unit)
    painter.setPen(QPen(QColor(0, 0, 0, 170), unit))
    painter.setBrush(QColor("#ffffff"))
    painter.drawEllipse(points.first(), size, size)
    painter.setBrush(QColor(0, 0, 0, 120))
    painter.setPen(QPen(QColor("#ffffff"), 1.5 * unit))
    painter.drawEllipse(points.last(), size, size)
    painter.restore()


def draw_walked(painter: QPainter, place: Placement, path: ScanPath, unit: int) -> None:
    """The part of a path that has been walked, so that it stands out."""
    painter.save()
    painter.setClipRect(place.rect)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _draw_line(painter, _points(place, path), QColor("#ffffff"), QColor(tokens().accent), unit, 2.4)
    painter.restore()


def _draw_line(
    painter: QPainter, points: QPolygonF, rim: QColor, colour: QColor, unit: int, width: float
) -> None:
    for line, wide in ((rim, width + 1.6), (colour, width)):
        pen = QPen(line, wide * unit)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawPolyline(points)


def _points(place: Placement, path: ScanPath) -> QPolygonF:
    """The middles of the patches, in the order of the path."""
    rows, columns = np.divmod(path, place.columns)
    x = place.x + (columns + 0.5) * place.width / place.columns
    y = place.y + (rows + 0.5) * place.height / place.rows
    return QPolygonF([QPointF(*point) for point in zip(x.tolist(), y.tolist(), strict=True)])
