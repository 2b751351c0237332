"""The colour bar of a map: its limits in words and numbers; a click may open its settings."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QActionGroup, QImage, QPainter, QPaintEvent, QPixmap, QPixmapCache
from PySide6.QtWidgets import QAbstractButton, QMenu, QWidget

from pfstudio.core.colour import TABLES, lookup
from pfstudio.ui import icons
from pfstudio.ui.language import number, tr
from pfstudio.ui.stage.colours import CLIPS, ColourModel, ColourScale, RangeMode, natural_mode
from pfstudio.ui.stage.views import VIEWS, View
from pfstudio.ui.theme import tokens
from pfstudio.ui.widgets.choice import open_below
from pfstudio.ui.widgets.paint import FocusRing, box, painter_of, write
from pfstudio.ui.widgets.plot import draw_foot
from pfstudio.ui.widgets.spoken import OpensMenu

WIDTH = 62  # logical pixels at the side of a canvas: the words of every language fit
_WORDS = 32  # height of word and number at either end
_THICK = 8


class ColourBar(OpensMenu, FocusRing, QAbstractButton):
    """Upright with high values on top, or `lying`. A click opens `make_menu()`, if given."""

    def __init__(
        self, parent: QWidget | None = None, *, lying: bool = False,
        make_menu: Callable[[], QMenu] | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self._lying, self._make_menu = lying, make_menu
        self.opens_menu = make_menu is not None
        self.scale = ColourScale()
        self._words = ("", "")
        self._numbers = ("", "")
        self._locked = False
        self.setMaximumSize(self.sizeHint())
        self.setAccessibleName(tr("Colour bar"))
        if make_menu is None:
            self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        else:
            self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            self.setCursor(Qt.CursorShape.PointingHandCursor)
            self.clicked.connect(self._open_menu)

    def sizeHint(self) -> QSize:
        return QSize(230, 26) if self._lying else QSize(WIDTH, 2 * _WORDS + 120)

    def show_scale(
        self, scale: ColourScale, low: str, high: str, *, name: str, digits: int = 2,
        locked: bool = False,
    ) -> None:  # fmt: skip
        """Show the bar with these colours; `low` and `high` say what lies at the limits."""
        self.show()
        numbers = (_limit(scale.limits[0], digits), _limit(scale.limits[1], digits))
        before = (self.scale, self._words, self._numbers, self._locked)
        self.scale, self._words = scale, (low, high)
        self._numbers, self._locked = numbers, locked
        if before != (self.scale, self._words, self._numbers, self._locked):
            words = tr(
                "{name}: {numbers} to {numbers_2}",
                name=name,
                numbers=numbers[0],
                numbers_2=numbers[1],
            )
            self.setAccessibleName(tr("Colours of {words}", words=words))
            self.setToolTip(tr("{words}. Click for colour map, range and clipping.", words=words))
            self.update()

    def _open_menu(self) -> None:
        assert self._make_menu is not None
        open_below(self, self._make_menu())

    # -- painting -----------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = painter_of(self)
        if self._lying:
            self._draw_lying(painter)
            return
        painter.drawPixmap(0, 0, self._background())
        for top, value in ((self.height() - _WORDS, self._numbers[0]), (0, self._numbers[1])):
            write(painter, QRectF(0, top + 15, self.width(), 14), value, "tiny", "text")
        if self._locked:
            bar = self._bar()
            lock = QRectF(bar.right() + 3, bar.top(), 12, 12)
            icons.draw(painter, "lock", lock, tokens().text)
        self.draw_ring(painter, 6)

    def _bar(self) -> QRectF:
        left, height = (self.width() - _THICK) / 2, self.height() - 2 * _WORDS
        return QRectF(left, _WORDS, _THICK, height)

    def _background(self) -> QPixmap:
        """All of an upright bar but its numbers, which may change with every call."""
        t, dpr = tokens(), self.devicePixelRatioF()
        fill = t.hover if self.underMouse() else t.base
        low, high = self._words
        key = (
            f"colours {self.width()} {self.height()} {dpr} {self.scale.colormap} {low} {high} "
            f"{fill} {t.name}"
        )
        made = QPixmap()
        if QPixmapCache.find(key, made):
            return made
        made = QPixmap(self.size() * dpr)
        made.setDevicePixelRatio(dpr)
        made.fill(Qt.GlobalColor.transparent)
        painter = QPainter(made)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setOpacity(0.85)  # legible when a zoomed picture lies below
        box(painter, QRectF(0, 0, self.width(), self.height()), fill, "", 6)
        painter.setOpacity(1)
        for top, word in ((self.height() - _WORDS, low), (0, high)):
            write(painter, QRectF(0, top + 2, self.width(), 14), word, "tiny")
        self._draw_gradient(painter, self._bar())
        painter.end()
        QPixmapCache.insert(key, made)
        return made

    def _draw_lying(self, painter: QPainter) -> None:
        low = f"{self._words[0]} {self._numbers[0]}"
        high = f"{self._numbers[1]} {self._words[1]}"
        draw_foot(painter, QRectF(self.rect()), low, high)
        left, right = (painter.fontMetrics().horizontalAdvance(text) for text in (low, high))
        top, width = (self.height() - _THICK) / 2, self.width() - left - right - 16
        self._draw_gradient(painter, QRectF(left + 8, top, width, _THICK))

    def _draw_gradient(self, painter: QPainter, bar: QRectF) -> None:
        colours = lookup(self.scale.colormap)
        colours = np.ascontiguousarray(colours[None] if self._lying else colours[::-1, None])
        rows, columns = colours.shape[:2]
        image = QImage(colours.data, columns, rows, 3 * columns, QImage.Format.Format_RGB888)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(bar, image)
        box(painter, bar, "", tokens().border, 2)


def _limit(value: float, digits: int) -> str:
    """With so many decimals, or one digit that says something where all of those are 0."""
    tiny = 0 < abs(value) < 0.5 * 10**-digits
    return number(value, ".1g" if tiny else f".{digits}f")


def colour_menu(parent: QWidget, colours: ColourModel, view: View, scale: ColourScale) -> QMenu:
    """Colour map, range and clipping of a view whose colours are `scale` now."""
    menu, now = QMenu(parent), colours.of(view)

    def offer(rows: Iterable[tuple[str, bool, dict]], *, exclusive: bool = True) -> None:
        group = QActionGroup(menu)
        group.setExclusive(exclusive)
        for text, on, values in rows:
            action = menu.addAction(text)
            action.setCheckable(True)
            action.setChecked(on)
            action.setData(values)
            group.addAction(action)

    def begin(title: str) -> None:
        menu.addSeparator()
        menu.addAction(title).setEnabled(False)

    begin(tr("Colour map"))
    offer((name, name == now.colormap, {"colormap": name}) for name in TABLES)
    begin(tr("Range"))
    modes = {RangeMode.NATURAL: tr("Everything possible"), RangeMode.CALL: tr("This call"),
             RangeMode.RUN: tr("The whole run")}  # fmt: skip
    if VIEWS[view].limits is None:
        del modes[RangeMode.NATURAL]
    offer((text, mode is now.mode, {"mode": mode}) for mode, text in modes.items())
    locked, digits = now.mode is RangeMode.LOCKED, min(VIEWS[view].digits, 2)
    low, high = (_limit(limit, digits) for limit in scale.limits)
    text = (
        tr("Locked at {low} to {high}", low=low, high=high)
        if locked
        else tr("Lock at {low} to {high}", low=low, high=high)
    )
    values = {"mode": RangeMode.LOCKED, "locked": scale.limits}
    offer([(text, locked, {"mode": natural_mode(view)} if locked else values)], exclusive=False)
    begin(tr("Clip at both ends"))
    offer((tr("{c:g} % of the patches", c=c) if c else tr("Nothing"), c == now.clip, {"clip": c})
          for c in CLIPS)  # fmt: skip
    menu.triggered.connect(lambda action: colours.set(view, **action.data()))
    return menu
