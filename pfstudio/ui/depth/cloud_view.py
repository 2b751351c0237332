"""The point cloud that turns: with OpenGL where that works, drawn by ourselves elsewhere."""

from __future__ import annotations

import importlib.util
import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, QSize, Qt, QTimer
from PySide6.QtGui import (
    QColor,
    QGuiApplication,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QOffscreenSurface,
    QOpenGLContext,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from pfstudio.ui.depth.cloud import Cloud, Eye, draw_cloud
from pfstudio.ui.language import QT_TR_NOOP, tr
from pfstudio.ui.theme import tokens
from pfstudio.ui.widgets.paint import FocusRing, write
from pfstudio.ui.widgets.plot import draw_caption

if TYPE_CHECKING:
    from pfstudio.ui.depth.cloud_gl import GlCloudView

POINTS = 120_000  # that can be drawn by ourselves while they turn
_TURN = 0.4  # degrees for a pixel of the drag
_KEY_TURN = 5.0
_FINE_MS = 140
NOTE = QT_TR_NOOP(
    "Drag to turn, wheel to zoom, double click to reset.  Drawn without OpenGL, with fewer points."
)


def opengl_works() -> bool:
    """Whether this platform gives out OpenGL contexts and the packages to use them are there."""
    if QGuiApplication.platformName() in ("offscreen", "minimal", "vnc"):
        return False
    if any(importlib.util.find_spec(name) is None for name in ("OpenGL", "pyqtgraph")):
        return False
    context, surface = QOpenGLContext(), QOffscreenSurface()
    surface.create()
    works = context.create() and context.makeCurrent(surface)
    if works:
        context.doneCurrent()
    return bool(works)


class CloudView(FocusRing, QWidget):
    """Drag turns, the wheel zooms, a double click looks from the camera again; keys do the same."""

    most = POINTS  # worth giving it

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.eye = Eye()
        self._cloud: Cloud | None = None
        self._message = ""
        self._at: QPointF | None = None
        self._image: QImage | None = None
        self._coarse = False  # while it turns
        self._refine = QTimer(self)
        self._refine.setSingleShot(True)
        self._refine.setInterval(_FINE_MS)
        self._refine.timeout.connect(self._draw_fine)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(tr("Point cloud"))
        self.setAccessibleDescription(tr("Arrow keys with Control turn it, plus and minus zoom"))
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self.setMinimumSize(80, 80)

    def sizeHint(self) -> QSize:
        return QSize(600, 400)

    def show_cloud(self, cloud: Cloud | None, message: str = "") -> None:
        """Show these points, or a message in their place; the eye stays where it is."""
        self._cloud, self._message = cloud, message
        self._draw_anew()

    def reset(self) -> None:
        """Look from the camera again."""
        self.set_eye(Eye())

    def set_eye(self, eye: Eye) -> None:
        """Look from somewhere else."""
        self.eye = eye
        self._coarse = True
        self._refine.start()
        self._draw_anew()

    def _draw_fine(self) -> None:
        self._coarse = False
        self._draw_anew()

    def _draw_anew(self) -> None:
        self._image = None
        self.update()

    def image(self) -> QImage | None:
        """The points as they are seen now."""
        if self._image is None and self._cloud is not None:
            # All device pixels once it holds still; while it turns, about one for each point.
            scale = self.devicePixelRatioF()
            if self._coarse:
                area = max(self.width() * self.height(), 1) * scale**2
                scale *= min(1.0, math.sqrt(len(self._cloud.points) / area))
            width, height = round(self.width() * scale), round(self.height() * scale)
            ground = QColor(tokens().base)
            pixels = draw_cloud(
                self._cloud, self.eye, max(width, 8), max(height, 8),
                (ground.red(), ground.green(), ground.blue()),
            )  # fmt: skip
            rows, columns = pixels.shape[:2]
            kind = QImage.Format.Format_RGB888
            self._image = QImage(pixels.data, columns, rows, 3 * columns, kind).copy()
        return self._image

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(tokens().base))
        image = self.image()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        if image is None:
            write(painter, self.rect().adjusted(20, 20, -20, -20), self._message, "body")
        else:
            painter.drawImage(self.rect(), image)
            draw_caption(painter, QPointF(8, self.height() - 8), tr(NOTE), colour="muted")
        self.draw_ring(painter, 0)

    # -- pointer and keys -------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._at = event.position()
        self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._at is not None:
            moved = event.position() - self._at
            self._at = event.position()
            self.set_eye(self.eye.turned(moved.x() * _TURN, -moved.y() * _TURN))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._at = None
        self.setCursor(Qt.CursorShape.OpenHandCursor)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.reset()

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.set_eye(self.eye.zoomed(1.0015 ** event.angleDelta().y()))
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys = Qt.Key
        turns = {
            keys.Key_Left: (-_KEY_TURN, 0), keys.Key_Right: (_KEY_TURN, 0),
            keys.Key_Up: (0, _KEY_TURN), keys.Key_Down: (0, -_KEY_TURN),
        }  # fmt: skip
        zooms = {keys.Key_Plus: 1.15, keys.Key_Equal: 1.15, keys.Key_Minus: 1 / 1.15}
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        upright = event.key() in (keys.Key_Up, keys.Key_Down)
        if event.key() in turns and (control or upright):
            self.set_eye(self.eye.turned(*turns[Qt.Key(event.key())]))
        elif event.key() in zooms and not control:
            self.set_eye(self.eye.zoomed(zooms[Qt.Key(event.key())]))
        else:
            event.ignore()  # Left and Right alone belong to the flow

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._draw_anew()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._draw_anew()
        super().changeEvent(event)


def make_cloud_view(parent: QWidget | None = None) -> CloudView | GlCloudView:
    """The view that works here."""
    if opengl_works():
        from pfstudio.ui.depth.cloud_gl import GlCloudView

        return GlCloudView(parent)
    return CloudView(parent)
