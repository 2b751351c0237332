"""The Tab key goes through a window as the eye does, in whatever order it was built."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QGridLayout, QLayout, QScrollArea, QWidget

if TYPE_CHECKING:
    _Mixed = QWidget
else:
    _Mixed = object


class ReadingOrder(_Mixed):
    """Mixin of a window: Tab moves the focus row by row, panel by panel, as they are laid out."""

    def focusNextPrevChild(self, forward: bool) -> bool:
        now, reason = QApplication.focusWidget(), Qt.FocusReason
        order = [one for one in reading_order(self) if one is now or _is_stop(one)]
        if not order:
            return False
        step = 1 if forward else -1
        place = order.index(now) + step if now in order else min(step, 0)
        stop = order[place % len(order)]
        stop.setFocus(reason.TabFocusReason if forward else reason.BacktabFocusReason)
        _scroll_to(stop)
        return True


def _is_stop(widget: QWidget) -> bool:
    takes = widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.focusProxy() is None
    return bool(takes) and widget.isVisible() and widget.isEnabled()


def _scroll_to(widget: QWidget) -> None:
    outer = widget.parentWidget()
    while outer is not None and not isinstance(outer, QScrollArea):
        outer = outer.parentWidget()
    if outer is not None:
        outer.ensureWidgetVisible(widget)


def reading_order(widget: QWidget) -> Iterator[QWidget]:
    """All widgets inside, as they are laid out."""
    layout = widget.layout()
    placed = [] if layout is None else list(_placed(layout))
    loose = [
        child
        for child in widget.children()
        if isinstance(child, QWidget) and not child.isWindow() and child not in placed
    ]
    for child in (*placed, *sorted(loose, key=lambda one: (one.y(), one.x()))):
        yield child
        yield from reading_order(child)


def _placed(layout: QLayout) -> Iterator[QWidget]:
    places = list(range(layout.count()))
    if isinstance(layout, QGridLayout):
        cells = [layout.getItemPosition(place) for place in places]  # row and column first
        places.sort(key=lambda place: cells[place])  # type: ignore[arg-type, return-value]
    for item in map(layout.itemAt, places):
        widget, inner = (item.widget(), item.layout()) if item is not None else (None, None)
        if widget is not None:
            yield widget
        elif inner is not None:
            yield from _placed(inner)
