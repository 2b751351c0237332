"""The transport bar, and the panel of it and a film strip that lies below what is played."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from pfstudio.ui.language import number, tr
from pfstudio.ui.player.film_strip import FilmStrip, Frame
from pfstudio.ui.player.player import SPEEDS, Player
from pfstudio.ui.theme import font, tokens
from pfstudio.ui.widgets.buttons import IconButton
from pfstudio.ui.widgets.choice import ChoiceButton
from pfstudio.ui.widgets.layouts import fill


@lru_cache(maxsize=512)
def _width(part: str, role: str) -> int:
    return QFontMetrics(font(role)).horizontalAdvance(part)


class CallWords(QWidget):
    """Where the cursor is; the middle part stands out. Cheaper than a rich-text label."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._parts = ("", "", "")
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        widest = QFontMetrics(font("body")).horizontalAdvance(
            tr("call {call} of {total} · running", call="000", total="000")
        )
        return QSize(widest + 4, 26)

    def describe(self) -> None:
        """Tell screen readers."""
        self.setAccessibleName(self.text())

    def text(self) -> str:
        """All of it."""
        return "".join(self._parts)

    def show_words(self, before: str, strong: str, after: str) -> None:
        """Show these words, `strong` in a heavier weight."""
        old, self._parts = self._parts, (before, strong, after)
        if old == self._parts:
            return
        same = (old[0], old[2]) == (before, after)
        if same and _width(old[1], "strong") == _width(strong, "strong"):  # the common case: a call
            self.update(_width(before, "body"), 0, _width(strong, "strong"), self.height())
        else:
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(event.rect(), QColor(tokens().panel))
        painter.setPen(QColor(tokens().text))
        left, right = event.rect().left(), event.rect().right()
        x = 0
        for part, role in zip(self._parts, ("body", "strong", "body"), strict=True):
            end = x + _width(part, role)
            if x <= right and end > left:
                painter.setFont(font(role))
                place = QRect(x, 0, self.width() - x, self.height())
                painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, part)
            x = end


class TransportBar(QWidget):
    """The buttons of a player, and where its cursor is; a page adds its own things to `row`."""

    def __init__(self, player: Player, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.player = player
        verbs = {
            "first": ("first", tr("First (Home)"), player.first),
            "previous": ("previous-call", tr("Previous (Left)"), player.previous),
            "play": ("play", tr("Play (Space)"), player.toggle),
            "next": ("next-call", tr("Next (Right)"), player.next),
            "last": ("last", tr("Last (End)"), player.last),
        }
        self.buttons: dict[str, IconButton] = {}
        self.words = CallWords(self)
        self.loop = IconButton("loop", tr("Loop"), parent=self)
        self.loop.setCheckable(True)
        self.speed = ChoiceButton(
            tr("Speed"), [(f"{s:g}", f"{number(s, 'g')}×") for s in SPEEDS], parent=self
        )
        self._extras = (self.loop, self.speed)
        for key, (icon, name, verb) in verbs.items():
            self.buttons[key] = button = IconButton(icon, name, parent=self)
            button.clicked.connect(verb)
        self.row = fill(
            QHBoxLayout(self), *self.buttons.values(), 8, self.words, 8, self.loop, self.speed,
            (None, 1), spacing=2,
        )  # fmt: skip
        self.loop.toggled.connect(player.set_loop)
        self.speed.chosen.connect(self._speed_chosen)
        player.changed.connect(self._show_player)
        for signal in (player.run.run_changed, player.run.calls_changed, player.run.call_changed):
            signal.connect(self._show_words)
        player.run.run_changed.connect(self.words.describe)
        self._show_player()
        self._show_words()
        self.words.describe()

    def minimumSizeHint(self) -> QSize:
        """Without loop and speed, which go first where there is little room."""
        shown = [part for part in self._extras if not part.isHidden()]
        widths = (max(part.minimumWidth(), part.minimumSizeHint().width()) for part in shown)
        spare = sum(widths) + len(shown) * self.row.spacing()
        return super().minimumSizeHint() - QSize(spare, 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        for part in self._extras:
            part.show()
        self.row.invalidate()
        roomy = self.row.minimumSize().width() <= self.width()
        for part in self._extras:
            part.setVisible(roomy)

    def _speed_chosen(self, key: str) -> None:
        self.player.set_speed(float(key))

    def _show_player(self) -> None:
        play, playing = self.buttons["play"], self.player.playing
        name = tr("Pause (Space)") if playing else tr("Play (Space)")
        play.set_icon("pause" if playing else "play")
        play.setAccessibleName(name)
        play.setToolTip(name)
        self.loop.setChecked(self.player.loop)
        self.speed.set_key(f"{self.player.speed:g}")

    def _show_words(self) -> None:
        run = self.player.run
        for button in self.buttons.values():
            button.setEnabled(run.done > 0 and run.total > 1)
        self.words.show_words(*run.words())


class PlayerPanel(QWidget):
    """Transport bar over film strip; a page adds its own things to `transport.row` and `column`."""

    def __init__(
        self, player: Player, frame_of: Callable[[int], Frame | str], strip_name: str, *,
        spread: bool = False, parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.player = player
        self.transport = TransportBar(player, self)
        self.strip = FilmStrip(player, frame_of, strip_name, spread=spread, parent=self)
        for button in self.transport.buttons.values():
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.pressed.connect(self._take_keys)
        self.column = fill(
            QVBoxLayout(self), self.transport, self.strip, margins=(14, 8, 14, 12), spacing=5
        )

    def _take_keys(self) -> None:
        """After a click on a button Space plays, and does not press the button once more."""
        if not any(button.hasFocus() for button in self.transport.buttons.values()):
            self.strip.setFocus(Qt.FocusReason.MouseFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self.player.accept_key(event):
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        t, painter = tokens(), QPainter(self)
        painter.fillRect(self.rect(), QColor(t.panel))
        painter.fillRect(0, 0, self.width(), 1, QColor(t.border))
