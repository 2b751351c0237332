"""A stage panel: one view of the run under the shared cursors, with head, canvas and colour bar."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage, QShowEvent
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget

from pfstudio.core.scan_paths import ScanPath
from pfstudio.ui.debounce import Debouncer
from pfstudio.ui.language import tr
from pfstudio.ui.stage.canvas import ImageCanvas
from pfstudio.ui.stage.colour_bar import WIDTH, ColourBar, colour_menu
from pfstudio.ui.stage.colours import ColourModel, RangeMode
from pfstudio.ui.stage.geometry import ViewTransform
from pfstudio.ui.stage.head import ViewHead
from pfstudio.ui.stage.layers import Layers, layers_of, overlay_of
from pfstudio.ui.stage.legend import RoleLegend
from pfstudio.ui.stage.views import (
    SCAN_VIEWS,
    VIEWS,
    View,
    about,
    subtitle,
    value_text,
    view_over_prediction,
)
from pfstudio.ui.view_models.paint import PaintModel
from pfstudio.ui.view_models.run import RunModel
from pfstudio.ui.view_models.run_data import RunData
from pfstudio.ui.widgets.layouts import fill

MAP_OPACITY = 0.6  # of a map over the prediction


class Refresher(QObject):
    """Refreshes panels together, once, however much changed since."""

    refreshed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting: list[RunPanel] = []
        self._debouncer = Debouncer(self)
        self._debouncer.due.connect(self._refresh)

    def ask(self, panel: RunPanel) -> None:
        """Refresh this panel soon."""
        if panel not in self._waiting:
            self._waiting.append(panel)
            self._debouncer.ask()

    def _refresh(self) -> None:
        panels, self._waiting = self._waiting, []
        for panel in panels:
            panel.refresh_due()
        self.refreshed.emit()


@dataclass(frozen=True)
class Shared:
    """What all panels of a stage look at together."""

    run: RunModel
    paint: PaintModel
    colours: ColourModel
    transform: ViewTransform
    refresher: Refresher


class RunPanel(QWidget):
    """A panel that follows the run: pictures by `refresh`, what is read by `refresh_words`."""

    def __init__(self, shared: Shared, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.run, self.paint, self.colours = shared.run, shared.paint, shared.colours
        self._refresher = shared.refresher
        self._words_due = False
        run = shared.run
        signals = (run.run_changed, run.image_changed, run.slow_refresh, run.pinned_changed,
                   run.word_changed, run.scan_changed, shared.colours.changed,
                   shared.paint.changed)  # fmt: skip
        for signal in signals:
            signal.connect(self.schedule)
        for signal in (run.call_changed, run.picture_changed):
            signal.connect(self._schedule_picture)

    def schedule(self) -> None:
        """Refresh everything soon, if this panel can be seen."""
        if self.isVisible():
            self._words_due = True
            self._refresher.ask(self)

    def _schedule_picture(self) -> None:
        if self.isVisible():
            self._words_due |= not self.run.is_live
            self._refresher.ask(self)

    def showEvent(self, event: QShowEvent) -> None:
        self._words_due = True
        self._refresher.ask(self)

    def refresh_due(self) -> None:
        """Show what has changed."""
        if not self._words_due:
            self.follow()
            return
        self._words_due = False
        self.refresh()
        self.refresh_words()

    def refresh(self) -> None:
        """Show the state of the run now; every panel has its own."""
        raise TypeError("RunPanel is a base class")

    def refresh_words(self) -> None:
        """Show words and numbers about it; seldom while a run is followed."""

    def follow(self) -> None:
        """Show another call, or its picture, of the run that is shown already."""
        self.refresh()


class ViewPanel(RunPanel):
    """One view (`overlay`: over the prediction). The user can choose another."""

    view_changed = Signal(object)

    def __init__(
        self,
        shared: Shared,
        view: View,
        parent: QWidget | None = None,
        *,
        overlay: bool = False,
    ) -> None:
        super().__init__(shared, parent)
        self.view = view
        self.opacity = 0.55
        self._overlay = overlay
        self._start: QImage | None = None
        self._painting, self._marks = False, True
        self._seen: tuple = ()  # what the layers on the canvas were made of, as far as compared
        self._message = ""
        self._planned: ScanPath | None = None
        self._drawn = 0  # of its first patches, by hand
        maps = tuple(v for v in View if v not in (View.PREDICTION, View.NOISY, View.START))
        self.head = ViewHead(maps if overlay else tuple(View), self)
        self.canvas = ImageCanvas(shared.transform, "", self)
        self.canvas.margin = (WIDTH + 4, 5)
        self.bar = ColourBar(self.canvas, make_menu=self.make_menu)
        self.legend = RoleLegend(self.canvas)
        self.canvas.add_beside(self.bar)
        self.canvas.add_beside(self.legend)
        fill(QVBoxLayout(self), self.head, (self.canvas, 1))
        self.head.chosen.connect(self._view_chosen)
        self.canvas.hovered.connect(self._read)
        self.run.patch_changed.connect(self._patch_moved)
        self.set_view(view)

    def _view_chosen(self, key: str) -> None:
        self.set_view(View(key))

    def set_view(self, view: View) -> None:
        """Show another view."""
        self.view = view
        self.head.set_key(view.value)
        self.canvas.setAccessibleName(tr("Canvas: {title}", title=tr(VIEWS[view].title)))
        self.schedule()
        self.view_changed.emit(view)

    def set_start_picture(self, image: QImage | None) -> None:
        """What the next run starts from; see `_shows_start`."""
        self._start = image
        self.schedule()

    def set_painting(self, painting: bool, marks: bool) -> None:
        """Tell whether a brush is in hand, and whether painted marks are wanted at all."""
        self._painting, self._marks = painting, marks
        self.schedule()

    def set_planned_path(self, path: ScanPath | None, drawn: int) -> None:
        """The scan path of the next run (None: it is not shown), and how much of it is drawn."""
        if path is not self._planned or drawn != self._drawn:
            self._planned, self._drawn = path, drawn
            self.schedule()

    def set_message(self, text: str) -> None:
        """What an empty panel says."""
        self._message = text
        self.schedule()

    def set_opacity(self, opacity: float) -> None:
        """Opacity of the map over the picture, 0..1 (overlay panels)."""
        self.opacity = opacity
        self.schedule()

    # -- content ------------------------------------------------------------------------------

    def refresh(self) -> None:
        known, start = self.run.done > 0, self._shows_start()
        canvas = self.canvas
        of_run = known and not start
        canvas.set_grid(*(self.run.shown.grid if of_run else self._paint_grid()))
        canvas.set_layers(self._layers())
        self._seen = self._sources() if known else ()
        canvas.set_paint(self.paint.codes if self._shows_marks() else None)
        path, steps = self._path()
        canvas.set_path(path, steps)
        canvas.set_cursor_patch(self.run.patch if known else None)
        empty = not (of_run or (start and self._start) or not self.paint.is_empty)
        empty &= path is None
        empty |= of_run and self._lacks_word()
        canvas.set_message((self._message or tr(VIEWS[self.view].about)) if empty else "")
        self._read()

    def refresh_words(self) -> None:
        if self.view is View.NOISY:
            self.run.want_noisy()
        at = (self.run.call, self.run.image)
        start = self._shows_start()
        known = self.run.done > 0 and not start
        if start and self._start is not None and self.view is not View.START:
            self.head.set_words(tr("start image, as the model sees it"))
        else:
            self.head.set_words(
                subtitle(self.run.shown, self.view, *at) if known else about(self.view)
            )
        self.legend.setVisible(known and self.view is View.ROLE)
        shown = self._map_view() if known else None
        if shown is not None and not self._lacks_word():
            self._show_scale(self.run.shown, shown, *at)
        else:
            self.bar.hide()
        if self.legend.isVisible():
            self._show_roles(self.run.shown, *at)
        self.canvas.setAccessibleDescription(self.run.sentence())

    def _path(self) -> tuple[ScanPath | None, int | None]:
        """The one that is planned, where there is one; else the shown run's.

        With it how much of it stands out, see `ImageCanvas.set_path`.
        """
        pictured = self._overlay or self.view in (View.PREDICTION, View.START, *SCAN_VIEWS)
        if self._planned is not None and pictured:
            return self._planned, self._drawn
        if not pictured or not self.run.done or self._shows_start():
            return None, None
        scan = self.run.shown.scan
        return (scan.path() if scan.look.path else None), None

    def _lacks_word(self) -> bool:
        return self.view is View.WORD and self.run.shown.word is None

    def _map_view(self) -> View | None:
        """The map that is shown, by itself or over the prediction; None: there is none."""
        if self.view is View.PREDICTION:
            return view_over_prediction(self.run.shown)
        return self.view if VIEWS[self.view].is_map else None

    def _show_scale(self, data: RunData, view: View, call: int, image: int) -> None:
        kind, locked = VIEWS[view], self.colours.of(view).mode is RangeMode.LOCKED
        scale = self.colours.scale(view, data, call, image)
        self.bar.show_scale(scale, tr(kind.low), tr(kind.high), name=tr(kind.title),
                            digits=min(kind.digits, 2), locked=locked)  # fmt: skip

    def _show_roles(self, data: RunData, call: int, image: int) -> None:
        self.head.set_words(subtitle(data, self.view, call, image))
        self.legend.show_roles(data.role[call, image])

    def make_menu(self) -> QMenu:
        """What the colour bar offers."""
        view = self._map_view()
        assert view is not None, "only a map has a colour bar"
        return colour_menu(self, self.colours, view, self.bar.scale)

    def follow(self) -> None:
        """Only what moves. Below roles that stay the picture may wait for the slow refresh."""
        if not self.run.done or self._shows_start():
            return self.refresh()
        sources = self._sources()
        if not sources or sources != self._seen:
            self._seen = sources
            self.canvas.set_layers(self._layers())
            if self.view is View.ROLE:  # its legend belongs to these very roles
                self._show_roles(self.run.shown, self.run.call, self.run.image)
        return self._read()

    def _sources(self) -> tuple:
        """Equal while the layers need not be made anew; empty: they always must."""
        data, at = self.run.shown, (self.run.call, self.run.image)
        if self.run.is_live and not self._overlay and self.view is View.ROLE:
            return (data, data.role[at].tobytes())
        if self.run.is_live and not self._overlay and self.view is View.PREDICTION:
            plain = view_over_prediction(data) is None
            return (data, data.source(*at), data.colours.version) if plain else ()
        return ()

    def _shows_start(self) -> bool:
        """As a view of its own; else before the first run, and under a brush."""
        if self.view is View.START:
            return True
        if not self._overlay and self.view is not View.PREDICTION:
            return False
        if not self.run.done:
            return True
        other_grid = self._paint_grid() != self.run.shown.grid  # what is painted lies elsewhere
        return self._painting and (self._start is not None or other_grid)

    def _shows_marks(self) -> bool:
        """Marks belong to the next run: they do not lie over what another one made."""
        return self._marks and (self._painting or not self.run.done or self.view is View.START)

    def _paint_grid(self) -> tuple[int, int]:
        return self.paint.codes.shape if self.paint.codes.size else self.canvas.grid

    def _layers(self) -> Layers:
        if self._shows_start():
            return Layers(self._start)
        if not self.run.done:
            return Layers()
        at = (self.run.shown, self.view, self.run.call, self.run.image, self.colours)
        if self._overlay:
            return overlay_of(*at, self.opacity)
        over = view_over_prediction(self.run.shown)
        if self.view is View.PREDICTION and over is not None:
            return overlay_of(at[0], over, *at[2:], MAP_OPACITY)
        return layers_of(*at)

    def _patch_moved(self, row: int, column: int) -> None:
        self.canvas.set_cursor_patch((row, column))
        if self.run.done and self._map_view() is View.REACH:
            self.schedule()
        self.canvas.setAccessibleDescription(self.run.sentence())

    def _read(self) -> None:
        """Tell the value under the pointer, also where that rests and something else changed."""
        patch = self.canvas.hover
        if patch is None or not self.run.done or self._shows_start():
            self.canvas.set_read_out("")
            return
        view = self._map_view() or self.view
        text = value_text(self.run.shown, view, self.run.call, self.run.image, patch)
        self.canvas.set_read_out(text)
