"""Where patches lie on a canvas, and the zoom and pan that linked canvases share."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, QPointF, QRect, Signal

MAX_ZOOM = 64.0


class ViewTransform(QObject):
    """Zoom (1 = the whole picture fits) and the centre, in shares of the picture, 0..1."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.zoom = 1.0
        self.centre = (0.5, 0.5)  # (x, y)

    def fit(self) -> None:
        """Show everything."""
        self._set(1.0, (0.5, 0.5))

    def zoom_at(self, factor: float, point: tuple[float, float]) -> None:
        """Zoom so that `point` (shares of the picture) stays where it is on the screen."""
        zoom = min(max(self.zoom * factor, 1.0), MAX_ZOOM)
        if zoom == 1.0:
            return self.fit()
        ratio = self.zoom / zoom
        (x, y), (at_x, at_y) = point, self.centre
        return self._set(zoom, (x + (at_x - x) * ratio, y + (at_y - y) * ratio))

    def pan(self, dx: float, dy: float) -> None:
        """Move the centre by shares of the picture; does nothing while everything fits."""
        if self.zoom > 1.0:
            self._set(self.zoom, (self.centre[0] + dx, self.centre[1] + dy))

    def show_share(self, x: float, y: float) -> None:
        """Bring a point into view if it is zoomed out of it."""
        half = 0.5 / self.zoom
        cx, cy = self.centre
        moved = (min(max(cx, x - half), x + half), min(max(cy, y - half), y + half))
        if self.zoom > 1.0 and moved != self.centre:
            self._set(self.zoom, moved)

    def _set(self, zoom: float, centre: tuple[float, float]) -> None:
        centre = (min(max(centre[0], 0.0), 1.0), min(max(centre[1], 0.0), 1.0))
        if (zoom, centre) != (self.zoom, self.centre):
            self.zoom, self.centre = zoom, centre
            self.changed.emit()


@dataclass(frozen=True)
class Placement:
    """A grid of patches on a surface of device pixels: whole pixels, so that edges are sharp."""

    x: int
    y: int
    width: int
    height: int
    rows: int
    columns: int

    @classmethod
    def fitted(
        cls, size: tuple[int, int], margin: tuple[int, int], grid: tuple[int, int],
        view: ViewTransform,
    ) -> Placement:  # fmt: skip
        """The grid (rows, columns) on a surface (width, height), `margin` (x, y) free at fit."""
        rows, columns = grid
        room = (max(size[0] - 2 * margin[0], 8), max(size[1] - 2 * margin[1], 8))
        scale = min(room[0] / columns, room[1] / rows) * view.zoom
        width, height = round(columns * scale), round(rows * scale)
        x = round(size[0] / 2 - view.centre[0] * width)
        y = round(size[1] / 2 - view.centre[1] * height)
        return cls(x, y, max(width, 1), max(height, 1), rows, columns)

    @property
    def rect(self) -> QRect:
        return QRect(self.x, self.y, self.width, self.height)

    def column_edge(self, column: int) -> int:
        """x of a patch column's left edge."""
        return self.x + round(column * self.width / self.columns)

    def row_edge(self, row: int) -> int:
        """y of a patch row's upper edge."""
        return self.y + round(row * self.height / self.rows)

    def patch_rect(self, row: int, column: int, columns: int = 1) -> QRect:
        """The pixels of a patch, or of `columns` patches side by side."""
        left, top = self.column_edge(column), self.row_edge(row)
        right, bottom = self.column_edge(column + columns), self.row_edge(row + 1)
        return QRect(left, top, right - left, bottom - top)

    def share(self, point: QPointF) -> tuple[float, float]:
        """A point of the surface in shares of the picture."""
        return (point.x() - self.x) / self.width, (point.y() - self.y) / self.height

    def patch_at(self, point: QPointF) -> tuple[int, int] | None:
        """(row, column) under a point of the surface; None outside."""
        x, y = self.share(point)
        if not (0 <= x < 1 and 0 <= y < 1):
            return None
        return int(y * self.rows), int(x * self.columns)
