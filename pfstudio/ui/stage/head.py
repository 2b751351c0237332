"""The thin head of a stage panel: which view it shows (click to choose another) and a few words."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from pfstudio.ui import icons
from pfstudio.ui.language import tr
from pfstudio.ui.stage.views import VIEWS, View
from pfstudio.ui.theme import font, tokens
from pfstudio.ui.widgets.choice import ChoiceButton
from pfstudio.ui.widgets.paint import box, painter_of

HEIGHT = 27
OF_A_RUN = tuple(view for view in View if view is not View.START)


def draw_title(painter: QPainter, place: QRectF, title: str, words: str) -> None:
    """A title and words about it, cut short where there is little room."""
    t, place = tokens(), QRectF(place)
    for text, role, colour in ((title, "small-strong", t.text), (words, "small", t.muted)):
        painter.setFont(font(role))
        painter.setPen(QColor(colour))
        metrics = painter.fontMetrics()
        text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, int(place.width()))
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, text)
        place.setLeft(place.left() + metrics.horizontalAdvance(text) + 8)


class ViewHead(ChoiceButton):
    """Title of a view and words about it; `chosen(key)` with the key of another View."""

    def __init__(self, views: Sequence[View] = OF_A_RUN, parent: QWidget | None = None) -> None:
        options = [(view.value, tr(VIEWS[view].title)) for view in views]
        super().__init__(tr("View"), options, parent=parent)
        self._words = ""
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setToolTip(tr("Choose what this panel shows"))

    def sizeHint(self) -> QSize:
        return QSize(160, HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return QSize(80, HEIGHT)

    def set_words(self, words: str) -> None:
        """Show other words beside the title."""
        if words != self._words:
            self._words = words
            self.setAccessibleDescription(words)
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        t = tokens()
        painter = painter_of(self)
        painter.fillRect(self.rect(), QColor(t.hover if self.underMouse() else t.header))
        painter.fillRect(0, self.height() - 1, self.width(), 1, QColor(t.border))
        draw_title(
            painter, QRectF(10, 0, self.width() - 36, HEIGHT - 1), self._label(), self._words
        )
        arrow = QRectF(self.width() - 22, (self.height() - 13) / 2, 12, 12)
        icons.draw(painter, "chevron-down", arrow, t.text if self.underMouse() else t.faint)
        if self._by_keyboard and self.hasFocus():
            box(painter, QRectF(self.rect()), "", t.focus, 2, 2)
