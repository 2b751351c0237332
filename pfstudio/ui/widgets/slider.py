"""Sliders: one with its label, its value and a field to type it in, and a slim one for tool bars.

Wide ranges (1 to 1000) run on a logarithmic track. The value can be typed: press Return or a digit,
or double-click the number. It may stand between two steps of the track, or beyond its end.
"""

from __future__ import annotations

import math
from contextlib import suppress

from PySide6.QtCore import QEvent, QObject, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QLineEdit, QSizePolicy, QSlider, QStyleOptionSlider, QWidget

from pfstudio.ui.language import number
from pfstudio.ui.theme import tokens
from pfstudio.ui.widgets.paint import MIDDLE, FocusRing, box, painter_of, write
from pfstudio.ui.widgets.spoken import SpokenValue

_TRACK_TOP = 18  # of the slider with label and value
_KNOB = 6
_POSITIONS = 10_000  # of the knob on the track
_MOVES = {
    Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down,
    Qt.Key.Key_PageUp, Qt.Key.Key_PageDown, Qt.Key.Key_Home, Qt.Key.Key_End,
}  # fmt: skip


class SlimSlider(SpokenValue, FocusRing, QSlider):
    """Track and knob, which jumps to the pointer. Up and Down move it; Left and Right do not."""

    ring_radius = 6

    def __init__(
        self, name: str, minimum: int, maximum: int, parent: QWidget | None = None
    ) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setRange(minimum, maximum)
        self.setPageStep(max(1, maximum // 10))
        self.setAccessibleName(name)
        self.setToolTip(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(26)
        self.setMinimumWidth(50)
        self.setMaximumWidth(180)

    def number(self) -> float:
        return self.value()

    def text(self) -> str:
        return f"{self.value()}"

    def limits(self) -> tuple[float, float, float]:
        return self.minimum(), self.maximum(), 1

    def enter(self, number: float) -> None:
        self.setValue(round(number))

    def _position_at(self, share: float) -> int:
        """The value at a share of the track, 0 to 1."""
        return round(self.minimum() + share * (self.maximum() - self.minimum()))

    def _drag_to(self, x: float) -> None:
        share = (x - _KNOB) / max(self.width() - 2 * _KNOB, 1)
        self.setValue(self._position_at(min(max(share, 0.0), 1.0)))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.setSliderDown(True)
            self._drag_to(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.isSliderDown():
            self._drag_to(event.position().x())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.setSliderDown(False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End):
            event.ignore()  # these are the time cursor's
        else:
            super().keyPressEvent(event)


class Slider(SlimSlider):
    """One number in a range. `edited(value)` when the user changed it, `set_number` is silent."""

    edited = Signal(float)
    ring_radius = 10

    def __init__(
        self,
        label: str,
        minimum: float,
        maximum: float,
        step: float = 1.0,
        tip: str = "",
        zero: str = "",
        parent: QWidget | None = None,
        *,
        percent: bool = False,
        good: tuple[float, float] | None = None,
        typed: tuple[float, float] | None = None,
    ) -> None:
        """`zero` is the word to show for 0; `percent` shows a share 0..1 in percent; `good` is a
        range to mark below the track; `typed` is the range of what may be typed, at any place
        (None: only the steps of the track)."""
        # All of it before Qt has the slider: a screen reader may ask for its value at once.
        self.label = label
        self._zero, self._percent, self._good, self._typed = zero, percent, good, typed
        self._off_track: float | None = None  # the number, where the knob cannot stand on it
        self._low, self._high, self._unit = minimum, maximum, step
        self._digits = max(0, -math.floor(math.log10(step) + 1e-9))
        self._logarithmic = minimum > 0 and maximum / minimum >= 50
        self._editor: QLineEdit | None = None
        super().__init__(label, 0, round((maximum - minimum) / step), parent)
        self.setAccessibleDescription(tip)
        self.setToolTip(tip)
        self.setFixedHeight(37)
        self.setMinimumWidth(80)
        self.setMaximumWidth(16_777_215)  # any
        self.valueChanged.connect(self._announce)

    # -- the number ------------------------------------------------------------------------------

    def number(self) -> float:
        """The value in the parameter's own units."""
        return self._on_track() if self._off_track is None else self._off_track

    def set_number(self, number: float) -> None:
        """Show a value, also one that the track does not reach, without announcing it."""
        place = self._place_of(number)
        self.blockSignals(True)
        self.setValue(place)
        self.blockSignals(False)
        self._off_track = None if math.isclose(number, self._on_track()) else number
        self.update()

    def enter(self, number: float) -> None:
        low, high = self._typed or (self._low, self._high)
        number = min(max(number, low), high)
        if self._typed is None:
            number = self._number_at(self._place_of(number))
        if number != self.number():
            self.set_number(number)
            self.edited.emit(self.number())

    def limits(self) -> tuple[float, float, float]:
        return *(self._typed or (self._low, self._high)), self._unit

    def text(self) -> str:
        shown, digits = self.number(), self._digits
        if self._zero and not shown:
            return self._zero
        if self._percent:
            shown, digits = 100 * shown, max(0, digits - 2)
        text = number(shown, f".{digits}f" if self._off_track is None else "g")
        return f"{text} %" if self._percent else text

    def _announce(self) -> None:
        self._off_track = None
        self.edited.emit(self.number())

    def _drag_to(self, x: float) -> None:
        super()._drag_to(x)
        if self._off_track is not None:  # the knob stood there, but the number did not
            self._announce()
            self.update()

    # -- place on the track ----------------------------------------------------------------------

    def _place_of(self, number: float) -> int:
        return round((min(max(number, self._low), self._high) - self._low) / self._unit)

    def _number_at(self, place: int) -> float:
        return round(self._low + place * self._unit, self._digits + 2)

    def _on_track(self) -> float:
        return self._number_at(self.value())

    def _share(self) -> float:
        if self._logarithmic:
            return math.log(self._on_track() / self._low) / math.log(self._high / self._low)
        return self.value() / max(1, self.maximum())

    def _position_at(self, share: float) -> int:
        if self._logarithmic:
            return self._place_of(self._low * (self._high / self._low) ** share)
        return super()._position_at(share)

    def initStyleOption(self, option: QStyleOptionSlider) -> None:
        super().initStyleOption(option)
        option.maximum, option.sliderPosition = _POSITIONS, round(self._share() * _POSITIONS)

    # -- pointer, wheel, keys --------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.position().y() > _TRACK_TOP:
            super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.position().y() < _TRACK_TOP:
            self.type_value(self.text())

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            self.setValue(self.value() + (1 if event.angleDelta().y() > 0 else -1))
        else:  # scrolling the panel must not change numbers on the way
            event.ignore()

    def wants_key(self, event: QKeyEvent) -> bool:
        held = Qt.KeyboardModifier
        if event.modifiers() & (held.ControlModifier | held.AltModifier):
            return False
        number = event.text().isdigit() or event.key() in _MOVES
        return number or super().wants_key(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.text().isdigit():
            self.type_value(event.text(), select=False)
        elif event.key() == Qt.Key.Key_Return:
            self.type_value(self.text())
        else:
            QSlider.keyPressEvent(self, event)

    # -- typing ----------------------------------------------------------------------------------

    def type_value(self, text: str, *, select: bool = True) -> None:
        """Open a small field over the number: Return accepts it, Escape leaves it as it was."""
        self._editor = editor = QLineEdit(text, self)
        editor.setAccessibleName(self.accessibleName())
        editor.setAlignment(Qt.AlignmentFlag.AlignRight)
        editor.setGeometry(self.width() - 84, 0, 84, 24)
        editor.setStyleSheet("padding: 1px 6px;")
        if select:
            editor.selectAll()
        editor.editingFinished.connect(self._close_editor)
        editor.installEventFilter(self)
        editor.show()
        editor.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        keys = (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress)
        if isinstance(event, QKeyEvent) and event.type() in keys:
            ends = event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter)
            if ends and event.type() == QEvent.Type.KeyPress:
                self._close_editor(accept=event.key() != Qt.Key.Key_Escape)
            if ends:
                event.accept()  # the window's Escape stops the run, and Return opens the field
            return ends
        return False

    def _close_editor(self, *, accept: bool = True) -> None:
        editor, self._editor = self._editor, None
        if editor is None:
            return
        editor.hide()
        editor.deleteLater()
        self.setFocus()
        with suppress(ValueError):
            if accept:
                number = float(editor.text().replace(",", ".").rstrip(" %"))
                self.enter(number / 100 if self._percent else number)

    # -- look ------------------------------------------------------------------------------------

    def ring_place(self) -> QRectF:
        x = _KNOB + self._share() * (self.width() - 2 * _KNOB)
        return QRectF(x - 10, self.height() - 20, 20, 20)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter, line = painter_of(self), self.rect().adjusted(0, 0, 0, 20 - self.height())
        name, value = ("muted", "text") if self.isEnabled() else ("faint", "faint")
        write(painter, line, self.label, "body", name, MIDDLE)
        write(painter, line, self.text(), "body", value, MIDDLE | Qt.AlignmentFlag.AlignRight)
        if self._good is not None and self.isEnabled():
            first, last = (
                _KNOB + (number - self._low) / (self._high - self._low) * (self.width() - 2 * _KNOB)
                for number in self._good
            )
            mark = QRectF(first, self.height() - 3, last - first, 2)
            box(painter, mark, tokens().good, "", 1)
