"""Push buttons, icon buttons and switches in the theme's look (see `theme/stylesheet.py`)."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from pfstudio.ui import icons
from pfstudio.ui.theme import font, tokens
from pfstudio.ui.widgets.paint import MIDDLE, FocusRing, box, painter_of, write

PLAIN, PRIMARY, DANGER, GHOST = "plain", "primary", "danger", "ghost"
_COLOURS = {PLAIN: "text", PRIMARY: "on_accent", DANGER: "danger", GHOST: "muted"}


class Button(FocusRing, QPushButton):
    """A push or toggle button.

    `kind` is plain, primary (the one main action), danger or ghost (no frame until hovered).
    `centred` puts icon and text in the middle.
    """

    def __init__(
        self,
        text: str = "",
        icon: str = "",
        *,
        kind: str = PLAIN,
        tip: str = "",
        height: int = 30,
        centred: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, parent)
        self._colour = _COLOURS[kind]
        self.hint = ""  # small text at the right end, such as a shortcut, where there is room
        self.setProperty("kind", kind)
        self.setProperty("centred", centred)
        self.setFont(font("strong" if kind in (PRIMARY, DANGER) else "body"))
        self.setAutoDefault(False)  # Return in a dialog's field presses none of its buttons
        self.setToolTip(tip)
        self.setAccessibleName(text or tip)
        self.setFixedHeight(height)
        self.setIconSize(QSize(18, 16))  # the drawing, and a little room before the text
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        if icon:
            self.set_icon(icon)

    def set_icon(self, name: str) -> None:
        """Show another drawing."""
        self.setIcon(icons.icon(name, self._colour, self._colour))

    def set_hint(self, hint: str) -> None:
        """Show another hint at the right end."""
        self.hint = hint
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        hint = 18 + QFontMetrics(font("small")).horizontalAdvance(self.hint) if self.hint else 0
        return self.minimumSizeHint() + QSize(hint, 0)

    def minimumSizeHint(self) -> QSize:
        return super().sizeHint() - QSize(0 if self.text() else 6, 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.hint and self.width() >= self.sizeHint().width():
            painter = painter_of(self)
            painter.setOpacity(0.82 if self.isEnabled() else 1)
            colour, right = (
                self._colour if self.isEnabled() else "faint",
                Qt.AlignmentFlag.AlignRight,
            )
            place = self.rect().adjusted(0, 0, -12, 0)
            write(painter, place, self.hint, "small", colour, MIDDLE | right)


class IconButton(FocusRing, QToolButton):
    """A small square button with a drawing; `name` is what screen readers and the tip say."""

    ring_radius = 6

    def __init__(
        self, icon: str, name: str, *, side: int = 26, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.set_icon(icon)
        self.setAutoRaise(True)
        self.setAccessibleName(name)
        self.setToolTip(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFixedSize(side, side)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def set_icon(self, name: str) -> None:
        """Show another drawing."""
        self.setIcon(icons.icon(name, "muted", "text"))


class RadioGroup(QButtonGroup):
    """Buttons of which one is on. Tab goes to that one, the arrow keys go to the others."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.buttonToggled.connect(self._bring_tab)

    def add(self, button: QAbstractButton) -> None:
        """One more; screen readers call it a radio button."""
        button.setCheckable(True)
        button.setAutoExclusive(True)
        self.addButton(button)

    def _bring_tab(self) -> None:
        # Qt does so only once one of them has had the focus.
        policy = Qt.FocusPolicy
        for button in self.buttons():
            button.setFocusPolicy(policy.StrongFocus if button.isChecked() else policy.ClickFocus)


class Switch(FocusRing, QAbstractButton):
    """An on/off switch with its label at the left."""

    ring_radius = 6

    def __init__(self, text: str, tip: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
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
        colour = "faint" if not usable else "text" if self.underMouse() else "muted"
        write(painter, place, self.text(), "body", colour, MIDDLE)
        track = QRectF(place.right() - 31, place.center().y() - 8.5, 30, 17)
        fill = (t.accent if usable else t.faint) if on else t.track
        box(painter, track, fill, "" if on else t.muted if t.name == "high-contrast" else "", 8.5)
        knob = QRectF(track.right() - 15 if on else track.left() + 2, track.top() + 2, 13, 13)
        box(painter, knob, t.on_accent if on else t.knob if t.dark else t.card, "", 6.5)
        self.draw_ring(painter, self.ring_radius)
