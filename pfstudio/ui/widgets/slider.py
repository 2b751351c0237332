"""A slider with its label at the left, its value at the right and the track below.

Wide ranges (1 to 1000) run on a logarithmic track. The value can be typed: press Return or a digit,
or double-click the number.
"""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractSlider, QLineEdit, QSizePolicy, QWidget

from pfstudio.ui.theme import font, tokens
from pfstudio.ui.widgets.paint import FocusRing, Hover, box, painter_of

_TRACK_Y = 27
_KNOB = 6


class _Editor(QLineEdit):
    """The small field over the number: Return takes the value, Escape leaves it as it was."""

    left = Signal()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and event.key() == Qt.Key.Key_Escape:
            event.accept()  # the window's Escape stops the run
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)
        event.accept()  # Return must not reach the slider, which would open the field again


class Slider(FocusRing, Hover, QAbstractSlider):
    """One number in a range. `edited(value)` when the user changed it, `set_number` is silent."""

    edited = Signal(float)

    def __init__(
        self,
        label: str,
        minimum: float,
        maximum: float,
        step: float = 1.0,
        tip: str = "",
        zero: str = "",
        parent: QWidget | None = None,
    ) -> None:
        """`zero` is the word to show for 0."""
        super().__init__(parent)
        self.label = label
        self._zero = zero
        self._low, self._high, self._unit = minimum, maximum, step
        self._digits = max(0, -math.floor(math.log10(step) + 1e-9))
        self._logarithmic = minimum > 0 and maximum / minimum >= 50
        self._editor: _Editor | None = None
        self.setRange(0, round((maximum - minimum) / step))
        self.setSingleStep(1)
        self.setPageStep(max(1, self.maximum() // 10))
        self.setAccessibleName(label)
        self.setAccessibleDescription(tip)
        self.setToolTip(tip)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(150, 37)

    def minimumSizeHint(self) -> QSize:
        return QSize(80, 37)

    # -- the number ------------------------------------------------------------------------------

    def number(self) -> float:
        """The value in the parameter's own units."""
        return round(self._low + self.value() * self._unit, self._digits + 2)

    def set_number(self, number: float) -> None:
        """Show a value without announcing it."""
        self.blockSignals(True)
        self.setValue(round((number - self._low) / self._unit))
        self.blockSignals(False)
        self.update()

    def text(self) -> str:
        """The value as shown."""
        if self._zero and not self.number():
            return self._zero
        return f"{self.number():.{self._digits}f}"

    def _edit(self, position: int) -> None:
        position = min(max(position, 0), self.maximum())
        if position != self.value():
            self.setValue(position)
            self.update()
            self.edited.emit(self.number())

    # -- place on the track ----------------------------------------------------------------------

    def _share(self) -> float:
        if self._logarithmic:
            return math.log(self.number() / self._low) / math.log(self._high / self._low)
        return self.value() / max(1, self.maximum())

    def _position_at(self, x: float) -> int:
        share = min(max((x - _KNOB) / max(1.0, self.width() - 2 * _KNOB), 0.0), 1.0)
        if self._logarithmic:
            number = self._low * (self._high / self._low) ** share
            return round((number - self._low) / self._unit)
        return round(share * self.maximum())

    # -- pointer, wheel, keys --------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and event.position().y() > _TRACK_Y - 9:
            self.setSliderDown(True)
            self._edit(self._position_at(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.isSliderDown():
            self._edit(self._position_at(event.position().x()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.setSliderDown(False)
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.position().y() < _TRACK_Y - 9:
            self.type_value(self.text())

    def wheelEvent(self, event: QWheelEvent) -> None:
        if not self.hasFocus():  # scrolling the panel must not change numbers on the way
            event.ignore()
            return
        self._edit(self.value() + (1 if event.angleDelta().y() > 0 else -1))

    def event(self, event: QEvent) -> bool:
        # Arrow keys belong to the slider while it has the focus, not to the window's shortcuts.
        if event.type() == QEvent.Type.ShortcutOverride and self._wants(event):
            event.accept()
            return True
        return super().event(event)

    def _wants(self, event: QKeyEvent) -> bool:
        keys, held = Qt.Key, Qt.KeyboardModifier
        if event.modifiers() & (held.ControlModifier | held.AltModifier):
            return False
        return event.text().isdigit() or event.key() in (
            keys.Key_Left, keys.Key_Right, keys.Key_Up, keys.Key_Down, keys.Key_Home, keys.Key_End,
            keys.Key_PageUp, keys.Key_PageDown, keys.Key_Return,
        )  # fmt: skip

    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys = Qt.Key
        moves = {
            keys.Key_Left: -1, keys.Key_Down: -1, keys.Key_Right: 1, keys.Key_Up: 1,
            keys.Key_PageDown: -self.pageStep(), keys.Key_PageUp: self.pageStep(),
            keys.Key_Home: -self.maximum(), keys.Key_End: self.maximum(),
        }  # fmt: skip
        if event.key() in moves:
            self._edit(self.value() + moves[Qt.Key(event.key())])
        elif event.text().isdigit():
            self.type_value(event.text(), select=False)
        elif event.key() == keys.Key_Return:
            self.type_value(self.text())
        else:
            super().keyPressEvent(event)

    # -- typing ----------------------------------------------------------------------------------

    def type_value(self, text: str, *, select: bool = True) -> None:
        """Open the small editor over the number."""
        self._editor = editor = _Editor(text, self)
        editor.setAccessibleName(self.label)
        editor.setAlignment(Qt.AlignmentFlag.AlignRight)
        editor.setGeometry(self.width() - 84, 0, 84, 24)
        editor.setStyleSheet("padding: 1px 6px;")
        if select:
            editor.selectAll()
        editor.editingFinished.connect(self._typed)
        editor.left.connect(self._close_editor)
        editor.show()
        editor.setFocus()

    def _typed(self) -> None:
        if self._editor is None:
            return
        try:
            number = float(self._editor.text().replace(",", "."))
        except ValueError:
            number = self.number()
        self._close_editor()
        self._edit(round((number - self._low) / self._unit))

    def _close_editor(self) -> None:
        editor, self._editor = self._editor, None
        if editor is not None:
            editor.hide()
            editor.deleteLater()
            self.setFocus()

    # -- look ------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        t = tokens()
        painter = painter_of(self)
        usable = self.isEnabled()
        line = QRectF(0, 0, self.width(), 20)
        painter.setFont(font())
        painter.setPen(t.muted if usable else t.faint)
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, self.label)
        painter.setPen(t.text if usable else t.faint)
        right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        painter.drawText(line, right, self.text())
        x = _KNOB + self._share() * (self.width() - 2 * _KNOB)
        box(painter, QRectF(0, _TRACK_Y - 2, self.width(), 4), t.track, "", 2)
        box(painter, QRectF(0, _TRACK_Y - 2, x, 4), t.accent if usable else t.faint, "", 2)
        active = usable and (self.underMouse() or self.isSliderDown() or self.hasFocus())
        side = _KNOB + (1 if active else 0)
        painter.setPen(t.accent if not t.dark else Qt.PenStyle.NoPen)
        painter.setBrush(t.knob if usable else t.faint)
        painter.drawEllipse(QPointF(x, _TRACK_Y), side, side)
        if self._by_keyboard and self.hasFocus():
            place = QRectF(x - side - 3, _TRACK_Y - side - 3, 2 * side + 6, 2 * side + 6)
            box(painter, place, "", t.focus, side + 3, 2)
