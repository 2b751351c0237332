"""Buttons that draw themselves: text, icon, a hint of the shortcut, and the state."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from pfstudio.ui import icons
from pfstudio.ui.theme import font, tokens
from pfstudio.ui.widgets.paint import FocusRing, Hover, box, painter_of

PLAIN, PRIMARY, DANGER, GHOST = "plain", "primary", "danger", "ghost"


class Button(FocusRing, Hover, QAbstractButton):
    """A push or toggle button.

    `kind` is plain, primary (the one main action), danger or ghost (no frame until hovered). A
    checkable button is tinted while it is on. `hint` is small text at the right end, such as a
    shortcut; `centred` puts icon and text in the middle.
    """

    def __init__(
        self,
        text: str = "",
        icon: str = "",
        *,
        kind: str = PLAIN,
        hint: str = "",
        tip: str = "",
        height: int = 30,
        centred: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setText(text)
        self.icon_name = icon
        self.kind = kind
        self.hint = hint
        self._height = height
        self._centred = centred
        self.setToolTip(tip)
        self.setAccessibleName(text or tip)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def set_icon(self, name: str) -> None:
        """Show another drawing."""
        self.icon_name = name
        self.update()

    def set_hint(self, hint: str) -> None:
        """Show another hint at the right end."""
        self.hint = hint
        self.updateGeometry()
        self.update()

    def _font(self) -> QFont:
        return font("strong" if self.kind in (PRIMARY, DANGER) else "body")

    def sizeHint(self) -> QSize:
        return QSize(self._plain_width() + self._hint_width(), self._height)

    def minimumSizeHint(self) -> QSize:
        return QSize(self._plain_width(), self._height)

    def _plain_width(self) -> int:
        icon = 16 + (6 if self.text() else 0) if self.icon_name else 0
        return 24 + icon + QFontMetrics(self._font()).horizontalAdvance(self.text())

    def _hint_width(self) -> int:
        return 18 + QFontMetrics(font("small")).horizontalAdvance(self.hint) if self.hint else 0

    def _colours(self) -> tuple[str, str, str]:
        """Fill, border and text for the present state."""
        t = tokens()
        hover = self.underMouse() and self.isEnabled()
        if not self.isEnabled():
            return ("" if self.kind == GHOST else t.panel, "" if self.kind == GHOST else t.border,
                    t.faint)  # fmt: skip
        if self.kind == PRIMARY:
            return (t.accent_hover if hover else t.accent, "", t.on_accent)
        if self.kind == DANGER:
            return (t.danger_soft, t.danger if hover else t.danger_border, t.danger)
        if self.isChecked():
            return (t.soft, t.soft_border, t.text)
        if self.isDown():
            return (t.raised, t.border, t.text)
        if self.kind == GHOST:
            return (t.hover if hover else "", "", t.text if hover else t.muted)
        return (t.hover if hover else t.field, t.border, t.text)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = painter_of(self)
        fill, border, ink = self._colours()
        place = QRectF(self.rect())
        if fill or border:
            box(painter, place, fill, border, tokens().radius)
        painter.setFont(self._font())
        text_width = QFontMetrics(self._font()).horizontalAdvance(self.text())
        content = text_width + (16 if self.icon_name else 0)
        content += 6 if self.icon_name and self.text() else 0
        x = (place.width() - content) / 2 if self._centred or not self.text() else 12.0
        if self.icon_name:
            icons.draw(painter, self.icon_name, QRectF(x, (place.height() - 16) / 2, 16, 16), ink)
            x += 22
        painter.setPen(ink)
        align = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(place.adjusted(x, 0, 0, 0), align, self.text())
        if self.hint and self.width() >= self._plain_width() + self._hint_width():
            painter.setFont(font("small"))
            painter.setOpacity(0.82 if self.isEnabled() else 1)
            align |= Qt.AlignmentFlag.AlignRight
            painter.drawText(place.adjusted(0, 0, -12, 0), align, self.hint)
            painter.setOpacity(1)
        self.draw_ring(painter)


class IconButton(FocusRing, Hover, QAbstractButton):
    """A small square button with a drawing; `name` is what screen readers and the tip say."""

    def __init__(
        self, icon: str, name: str, *, side: int = 26, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.icon_name = icon
        self._side = side
        self.setAccessibleName(name)
        self.setToolTip(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFixedSize(side, side)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def set_icon(self, name: str) -> None:
        """Show another drawing."""
        self.icon_name = name
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = painter_of(self)
        t = tokens()
        hover = self.underMouse() and self.isEnabled()
        if self.isChecked():
            box(painter, QRectF(self.rect()), t.soft, t.soft_border, 6)
        elif hover or self.isDown():
            box(painter, QRectF(self.rect()), t.raised if self.isDown() else t.hover, "", 6)
        ink = t.faint if not self.isEnabled() else t.text if hover or self.isChecked() else t.muted
        inset = (self._side - 16) / 2
        icons.draw(painter, self.icon_name, QRectF(inset, inset, 16, 16), ink)
        self.draw_ring(painter, 6)


class Switch(FocusRing, Hover, QAbstractButton):
    """An on/off switch with its label at the left."""

    def __init__(self, text: str, tip: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setText(text)
        self.setToolTip(tip)
        self.setAccessibleName(text)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(QFontMetrics(font()).horizontalAdvance(self.text()) + 50, 26)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = painter_of(self)
        t = tokens()
        on, usable = self.isChecked(), self.isEnabled()
        place = QRectF(self.rect())
        painter.setFont(font())
        painter.setPen(t.faint if not usable else t.text if self.underMouse() else t.muted)
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, self.text())
        track = QRectF(place.right() - 31, place.center().y() - 8.5, 30, 17)
        fill = (t.accent if usable else t.faint) if on else t.track
        box(painter, track, fill, "" if on else t.muted if t.name == "high-contrast" else "", 8.5)
        knob = QRectF(track.right() - 15 if on else track.left() + 2, track.top() + 2, 13, 13)
        box(painter, knob, t.on_accent if on else t.knob if t.dark else t.card, "", 6.5)
        self.draw_ring(painter, 6)
