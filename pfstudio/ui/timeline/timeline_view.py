"""The timeline: transport, film strip and schedule raster of the run."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from pfstudio.ui.stage.choice import ChoiceButton
from pfstudio.ui.stage.colours import ColourModel
from pfstudio.ui.theme import font, tokens
from pfstudio.ui.timeline.film_strip import FilmStrip
from pfstudio.ui.timeline.player import SPEEDS, Player
from pfstudio.ui.timeline.raster import Order, RasterColours
from pfstudio.ui.timeline.raster_view import RasterView
from pfstudio.ui.view_models.run import RunModel
from pfstudio.ui.widgets.buttons import IconButton

ORDERS = ((Order.DIFFICULTY, "difficulty"), (Order.FINISHING, "finishing order"),
          (Order.PLACE, "place"))  # fmt: skip
COLOURS = (
    (RasterColours.TIME, "time"),
    (RasterColours.DIFFICULTY, "difficulty"),
    (RasterColours.ROLE, "role"),
)


@lru_cache(maxsize=512)
def _width(part: str, role: str) -> int:
    return QFontMetrics(font(role)).horizontalAdvance(part)


class CallWords(QWidget):
    """Where the time cursor is; the middle part stands out. Cheaper than a rich-text label."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._parts = ("", "", "")
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        widest = QFontMetrics(font("body")).horizontalAdvance("call 000 of 000 · running")
        return QSize(widest + 4, 26)

    def describe(self) -> None:
        """Tell screen readers."""
        self.setAccessibleName(self.text())

    def text(self) -> str:
        """All of it."""
        return "".join(self._parts)

    def show_words(self, before: str, strong: str = "", after: str = "") -> None:
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


class TimelineView(QWidget):
    """Everything about when. Moves the run's time cursor through `player`."""

    def __init__(
        self, run: RunModel, player: Player, colours: ColourModel, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.run, self.player = run, player
        self.first = IconButton("first", "First call (Home)", parent=self)
        self.previous = IconButton("previous-call", "One call back (Left)", parent=self)
        self.play = IconButton("play", "Play (Space)", parent=self)
        self.next = IconButton("next-call", "One call on (Right)", parent=self)
        self.last = IconButton("last", "Last call (End)", parent=self)
        self.loop = IconButton("loop", "Start over at the end", parent=self)
        self.loop.setCheckable(True)
        speeds = [(f"{s:g}", f"{s:g}×") for s in SPEEDS]
        self.speed = ChoiceButton("Speed", speeds, parent=self)
        self.speed.set_key("1")
        self.words = CallWords(self)
        self.shown = ChoiceButton(
            "Colour of the schedule", [(k.value, text) for k, text in COLOURS],
            prefix="coloured by", parent=self,
        )  # fmt: skip
        self.order = ChoiceButton(
            "Order of the patches", [(k.value, text) for k, text in ORDERS],
            prefix="patches sorted by", parent=self,
        )  # fmt: skip
        self.strip = FilmStrip(run, self)
        self.raster = RasterView(run, colours, self)
        self._arrange()
        self._connect()
        self._show_words()
        self.words.describe()

    def _arrange(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(2)
        for button in (self.first, self.previous, self.play, self.next, self.last):
            row.addWidget(button)
        row.addSpacing(8)
        row.addWidget(self.words)
        row.addSpacing(8)
        row.addWidget(self.loop)
        row.addWidget(self.speed)
        row.addStretch(1)
        row.addWidget(self.shown)
        row.addWidget(self.order)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 8, 14, 14)
        column.setSpacing(5)
        column.addLayout(row)
        column.addWidget(self.strip)
        column.addWidget(self.raster, 1)

    def _connect(self) -> None:
        run, player = self.run, self.player
        self.first.clicked.connect(player.first)
        self.previous.clicked.connect(player.previous)
        self.play.clicked.connect(player.toggle)
        self.next.clicked.connect(player.next)
        self.last.clicked.connect(player.last)
        self.loop.toggled.connect(player.set_loop)
        self.speed.chosen.connect(self._speed_chosen)
        self.shown.chosen.connect(self.raster.set_shown)
        self.order.chosen.connect(self.raster.set_order)
        player.changed.connect(self._show_player)
        for signal in (run.run_changed, run.calls_changed, run.call_changed):
            signal.connect(self._show_words)
        run.settled.connect(self.words.describe)
        run.run_changed.connect(self.words.describe)

    def _speed_chosen(self, key: str) -> None:
        self.player.set_speed(float(key))

    def _show_player(self) -> None:
        self.play.set_icon("pause" if self.player.playing else "play")
        name = "Hold (Space)" if self.player.playing else "Play (Space)"
        self.play.setAccessibleName(name)
        self.play.setToolTip(name)
        self.loop.setChecked(self.player.loop)
        self.speed.set_key(f"{self.player.speed:g}")

    def _show_words(self) -> None:
        run = self.run
        some = run.done > 0
        buttons = (self.first, self.previous, self.play, self.next, self.last)
        for button in buttons:
            button.setEnabled(some)
        if not some:
            self.words.show_words("no calls yet")
            return
        live = " · live" if run.is_live and run.follow_live else " · running" if run.is_live else ""
        self.words.show_words("call ", str(run.call), f" of {run.data.expected - 1}{live}")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self.player.take_key(event):
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        t = tokens()
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(t.panel))
        painter.fillRect(0, 0, self.width(), 1, QColor(t.border))
