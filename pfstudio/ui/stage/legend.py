"""What the tints and patterns of the role view mean."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from pfstudio.core.colour import ROLE_COLOURS
from pfstudio.core.trace import Role
from pfstudio.ui.language import tr
from pfstudio.ui.stage import patches
from pfstudio.ui.stage.canvas import ImageCanvas
from pfstudio.ui.stage.colour_bar import WIDTH
from pfstudio.ui.theme import tokens
from pfstudio.ui.view_models.run import ROLE_WORDS
from pfstudio.ui.widgets.paint import box, write

_LINE, _SPARE = 34, 8


class RoleLegend(QWidget):
    """A swatch and a word for each role that occurs, one below the other."""

    def __init__(self, canvas: ImageCanvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._roles: list[Role] = []
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def sizeHint(self) -> QSize:
        return QSize(WIDTH, _LINE * max(1, len(self._roles)) + _SPARE)

    def show_roles(self, codes: npt.NDArray[np.uint8]) -> None:
        """Explain the roles in these codes."""
        roles = [Role(int(code)) for code in np.unique(codes)]
        if roles != self._roles:
            self._roles = roles
            self._canvas.place_beside(self)
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setOpacity(0.85)  # legible when a zoomed picture lies below
        box(painter, QRectF(self.rect()), tokens().base, "", 6)
        painter.setOpacity(1)
        unit = max(1, round(self.devicePixelRatioF()))
        line = (self.height() - _SPARE) // max(1, len(self._roles))  # less where there is no room
        side = min(14, max(line - 16, 6))
        top = _SPARE // 2
        for role in self._roles:
            swatch = QRect((self.width() - side) // 2, top, side, side)
            painter.fillRect(swatch, QColor(*ROLE_COLOURS[role]))
            if brush := patches.role_brush(role, unit):
                painter.fillRect(swatch, brush)
            painter.setPen(QColor(tokens().border))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(swatch.adjusted(0, 0, -1, -1))
            write(painter, QRect(0, top + side, self.width(), 15), tr(ROLE_WORDS[role]), "tiny")
            top += line
