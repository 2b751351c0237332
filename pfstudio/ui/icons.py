"""Our own SVG drawings, painted in any colour at any size and scale."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from pfstudio.core.paths import shipped


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


def app_icon() -> QIcon:
    """The mark of the program, for title bars and task switchers."""
    made = QIcon()
    for side in (16, 24, 32, 48, 64, 128, 256):
        made.addPixmap(pixmap("app", side, "#000000"))
    return made
