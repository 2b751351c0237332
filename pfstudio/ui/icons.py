"""Our own SVG drawings, painted in any colour at any size and scale."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QByteArray, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QIconEngine, QImage, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from pfstudio.core.paths import shipped
from pfstudio.ui.theme import tokens


@cache
def _renderer(name: str, colour: str) -> QSvgRenderer:
    text = shipped("resources", "icons", f"{name}.svg").read_text(encoding="utf-8")
    return QSvgRenderer(QByteArray(text.replace("currentColor", colour).encode()))


def draw(painter: QPainter, name: str, place: QRectF, colour: str) -> None:
    """Paint the drawing `resources/icons/NAME.svg` into a square, in `colour` ("#rrggbb")."""
    _renderer(name, colour).render(painter, QRectF(place))


def pixmap(name: str, side: int, colour: str, scale: float = 1.0) -> QPixmap:
    """The drawing as a picture of `side` logical pixels for a screen of this scale."""
    made = QPixmap(QSize(round(side * scale), round(side * scale)))
    made.setDevicePixelRatio(scale)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    draw(painter, name, QRectF(0, 0, side, side), colour)
    painter.end()
    return made


class _Engine(QIconEngine):
    """Draws in the theme's colours at the moment of painting."""

    def __init__(self, name: str, colour: str, lit: str) -> None:
        super().__init__()
        self._of = name, colour, lit

    def paint(self, painter: QPainter, place: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        name, colour, lit = self._of
        if mode is QIcon.Mode.Disabled:
            colour = "faint"
        elif mode is QIcon.Mode.Active or state is QIcon.State.On:
            colour = lit
        side = min(place.width(), place.height())
        draw(painter, name, QRectF(place.x(), place.y(), side, side), getattr(tokens(), colour))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        made = QPixmap(size)
        made.fill(Qt.GlobalColor.transparent)
        painter = QPainter(made)
        self.paint(painter, made.rect(), mode, state)
        painter.end()
        return made

    def clone(self) -> QIconEngine:
        return _Engine(*self._of)


def icon(name: str, colour: str = "muted", lit: str = "text") -> QIcon:
    """The drawing in a colour of the theme by its name, and in `lit` while hovered or on."""
    return QIcon(_Engine(name, colour, lit))


def of_image(image: QImage | None) -> QIcon:
    """An image in its own colours, also where it is selected; None: a stopped run without one."""
    if image is None:
        return icon("stop")
    shown = QPixmap.fromImage(image)
    made = QIcon(shown)
    made.addPixmap(shown, QIcon.Mode.Selected)  # Qt would tint it
    return made


def app_icon() -> QIcon:
    """The mark of the program, for title bars and task switchers."""
    made = QIcon()
    for side in (16, 24, 32, 48, 64, 128, 256):
        made.addPixmap(pixmap("app", side, "#000000"))
    return made
