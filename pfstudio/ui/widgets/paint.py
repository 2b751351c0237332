"""The few strokes that every own widget shares."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QWidget

from pfstudio.ui.theme import font, tokens

_BY_KEYBOARD = {
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
}


def painter_of(widget: QWidget) -> QPainter:
    """An antialiased painter on the widget, with the widget's own font."""
    painter = QPainter(widget)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    return painter


def box(
    painter: QPainter,
    place: QRectF,
    fill: str,
    border: str = "",
    radius: float = 7,
    width: float = 1,
) -> None:
    """A rounded rectangle whose border lies inside `place`, crisp at whole scales."""
    inset = width / 2 if border else 0
    painter.setPen(QPen(QColor(border), width) if border else Qt.PenStyle.NoPen)
    painter.setBrush(QColor(fill) if fill else Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(place.adjusted(inset, inset, -inset, -inset), radius, radius)


CENTRE = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
MIDDLE = Qt.AlignmentFlag.AlignVCenter  # one line, at the left


def write(
    painter: QPainter, place: QRectF | QRect, text: str, role: str = "small",
    colour: str = "muted", align: Qt.AlignmentFlag | int = CENTRE,
) -> None:  # fmt: skip
    """Text in a font role and in a colour of the theme by its name."""
    painter.setFont(font(role))
    painter.setPen(QColor(getattr(tokens(), colour)))
    painter.drawText(QRectF(place), align, text)


_PRESS = {Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter}
_MOVE = {Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down}


class FocusRing:
    """Mixin: remembers whether the keyboard brought the focus, and draws the ring then.

    Space and Return press the focused control, and arrow keys go through choices that the keyboard
    came to; `Commands` keeps the window's shortcuts from taking them first.
    """

    ring_radius = 7.0
    _by_keyboard = False

    def wants_key(self, event: QKeyEvent) -> bool:
        """Whether a key is for this control, which has the focus, and not for a shortcut."""
        if event.modifiers() != Qt.KeyboardModifier.NoModifier:
            return False
        is_choice = isinstance(self, QAbstractButton) and self.autoExclusive()
        return event.key() in (_PRESS | _MOVE if is_choice and self._by_keyboard else _PRESS)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._by_keyboard = event.reason() in _BY_KEYBOARD
        super().focusInEvent(event)  # type: ignore[misc]

    def paintEvent(self, event: QPaintEvent) -> None:
        """What Qt draws, and the ring over it."""
        super().paintEvent(event)  # type: ignore[misc]
        self.draw_ring(painter_of(self), self.ring_radius)  # type: ignore[arg-type]

    def draw_ring(self, painter: QPainter, radius: float = 7) -> None:
        """The ring, if the keyboard brought the focus here."""
        if self._by_keyboard and self.hasFocus():  # type: ignore[attr-defined]
            box(painter, self.ring_place(), "", tokens().focus, radius, 2)

    def ring_place(self) -> QRectF:
        """Where the ring is drawn: around the whole widget."""
        return QRectF(self.rect())  # type: ignore[attr-defined]
