"""The point cloud on the graphics card. Imported only where OpenGL works."""

from __future__ import annotations

import math

import numpy as np
from pyqtgraph.opengl import GLScatterPlotItem, GLViewWidget
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QVector3D
from PySide6.QtWidgets import QWidget

from pfstudio.ui.depth.cloud import Cloud
from pfstudio.ui.language import tr
from pfstudio.ui.theme import tokens
from pfstudio.ui.widgets.paint import write

POINTS = 1_500_000  # that turn smoothly on a graphics card
_MARGIN = 1.08


class GlCloudView(GLViewWidget):
    """Drag turns, the wheel zooms, a double click looks from the camera again."""

    most = POINTS
    _cloud: Cloud | None = None  # here, because the base's own start calls `reset`

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._message = ""
        self._item: GLScatterPlotItem | None = None
        self.setAccessibleName(tr("Point cloud"))
        self.setAccessibleDescription(tr("Arrow keys turn it, the wheel zooms"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setBackgroundColor(QColor(tokens().base))
        self.reset()

    def show_cloud(self, cloud: Cloud | None, message: str = "") -> None:
        """Show these points, or a message in their place."""
        self._message = message if cloud is None else ""
        if self._item is not None:
            self.removeItem(self._item)
            self._item = None
        first, self._cloud = self._cloud is None, cloud
        if cloud is not None:
            # OpenGL's axes here: x right, y ahead, z up.
            points = cloud.points[:, [0, 2, 1]] * np.array([1, 1, -1], np.float32)
            colours = np.ones((len(points), 4), np.float32)
            colours[:, :3] = cloud.colours / np.float32(255)
            self._item = GLScatterPlotItem(pos=points, color=colours, size=2, pxMode=True)
            self._item.setGLOptions("opaque")
            self.addItem(self._item)
            if first:
                self.reset()
        self.update()

    def reset(self) -> None:
        """Look from the camera again: the whole picture is in sight, with a margin."""
        across, down = self._cloud.reach if self._cloud else (0.5, 0.5)
        wide = max(across, down * self.width() / max(self.height(), 1))
        self.opts["fov"] = 2 * math.degrees(math.atan(_MARGIN * wide))
        away = self._cloud.centre if self._cloud else 1.0
        self.setCameraPosition(QVector3D(0, 0, 0), away, 0, -90)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.reset()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._message:
            write(QPainter(self), self.rect(), self._message, "body")

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self.setBackgroundColor(QColor(tokens().base))
        super().changeEvent(event)
