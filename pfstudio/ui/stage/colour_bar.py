"""The colour bar of a map: its ends in words and numbers; a click opens its settings."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QAction, QActionGroup, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QMenu, QWidget

from pfstudio.core.colour import TABLES
from pfstudio.ui import icons
from pfstudio.ui.stage.colours import CLIPS, ColourModel, RangeMode
from pfstudio.ui.stage.scale import ENDS, WIDTH, bar_place, draw_numbers, scale_plate
from pfstudio.ui.stage.views import VIEWS, View, number
from pfstudio.ui.theme import tokens
from pfstudio.ui.widgets.paint import FocusRing, Hover


class ColourBar(FocusRing, Hover, QAbstractButton):
    """A vertical bar, high values on top."""

    def __init__(self, colours: ColourModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._colours = colours
        self._view = View.DIFFICULTY
        self._ends = (0.0, 1.0)
        self._shown: tuple = ()
        self.setAccessibleName("Colour bar")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.clicked.connect(self._open_menu)

    def sizeHint(self) -> QSize:
        return QSize(WIDTH, 2 * ENDS + 120)

    def show_range(self, view: View, ends: tuple[float, float]) -> None:
        """Show the colours of `view` between these ends."""
        now = (view, ends, self._colours.of(view))
        if now == self._shown:
            return
        self._view, self._ends, self._shown = view, ends, now
        low, high = self._numbers()
        name = VIEWS[view].title
        self.setAccessibleName(f"Colours of {name}: {low} to {high}")
        self.setToolTip(f"{name}: {low} to {high}. Click for colour map, range and clipping.")
        self.update()

    def _numbers(self) -> tuple[str, str]:
        digits = min(VIEWS[self._view].digits, 2)
        return number(self._ends[0], digits), number(self._ends[1], digits)

    def paintEvent(self, event: QPaintEvent) -> None:
        t, kind, now = tokens(), VIEWS[self._view], self._colours.of(self._view)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        surface = "hover" if self.underMouse() else "base"
        size, dpr = self.size(), self.devicePixelRatioF()
        plate = scale_plate(size, dpr, now.table, kind.high, kind.low, surface)
        painter.drawPixmap(0, 0, plate)
        low, high = self._numbers()
        draw_numbers(painter, size, high, low)
        if now.mode is RangeMode.LOCKED:
            bar = bar_place(size)
            icons.draw(painter, "lock", QRectF(bar.right() + 3, bar.top(), 12, 12), t.text)
        self.draw_ring(painter, 6)

    # -- the menu -----------------------------------------------------------------------------

    def _open_menu(self) -> None:
        menu = self.menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.mapToGlobal(QPoint(0, self.height())))

    def menu(self) -> QMenu:
        """Colour map, range and clipping of this view."""
        menu = QMenu(self)
        now = self._colours.of(self._view)
        menu.addSection("Colour map")
        self._choices(menu, "table", [(name, name, name == now.table) for name in TABLES])
        menu.addSection("Range")
        modes = [(RangeMode.CALL, "This call"), (RangeMode.RUN, "The whole run")]
        if VIEWS[self._view].ends is not None:
            modes.insert(0, (RangeMode.NATURAL, "Everything possible"))
        self._choices(menu, "mode", [(mode, text, mode is now.mode) for mode, text in modes])
        locked = now.mode is RangeMode.LOCKED
        low, high = self._numbers()
        text = f"Locked at {low} to {high}" if locked else f"Lock at {low} to {high}"
        self._choices(menu, "lock", [(not locked, text, locked)], exclusive=False)
        menu.addSection("Clip at both ends")
        texts = [(c, "Nothing" if c == 0 else f"{c:g} % of the patches") for c in CLIPS]
        self._choices(menu, "clip", [(c, text, c == now.clip) for c, text in texts])
        menu.triggered.connect(self._chosen)
        return menu

    def _choices(
        self, menu: QMenu, what: str, rows: list[tuple], *, exclusive: bool = True
    ) -> None:
        group = QActionGroup(menu)
        group.setExclusive(exclusive)
        for value, text, on in rows:
            action = QAction(text, menu, checkable=True, checked=on)
            action.setData((what, value))
            group.addAction(action)
            menu.addAction(action)

    def _chosen(self, action: QAction) -> None:
        what, value = action.data()
        if what == "table":
            self._colours.set_table(self._view, value)
        elif what == "mode":
            self._colours.set_mode(self._view, value)
        elif what == "clip":
            self._colours.set_clip(self._view, value)
        elif value:
            self._colours.lock(self._view, self._ends)
        else:
            natural = VIEWS[self._view].ends is not None
            mode = RangeMode.NATURAL if natural else RangeMode.CALL
            self._colours.set_mode(self._view, mode)
