"""The middle of the Depth page: picture and depth, the point cloud, the flow below."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QImage, QPaintEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from pfstudio.core.depth_measures import view
from pfstudio.core.events import Floats
from pfstudio.ui import icons
from pfstudio.ui.depth.cloud import make_cloud
from pfstudio.ui.depth.cloud_view import make_cloud_view
from pfstudio.ui.depth.detail import DepthDetail
from pfstudio.ui.depth.display import WORDS
from pfstudio.ui.depth.page_model import DepthPageModel
from pfstudio.ui.depth.paint import masked_picture
from pfstudio.ui.depth.toolbar import DepthToolBar, DepthView
from pfstudio.ui.files.model import FileState
from pfstudio.ui.files.pair import PairView
from pfstudio.ui.language import QT_TR_NOOP, tr, tr_sentence
from pfstudio.ui.player.film_strip import Frame
from pfstudio.ui.player.player import Player
from pfstudio.ui.player.transport import PlayerPanel
from pfstudio.ui.stage.colour_bar import ColourBar
from pfstudio.ui.stage.colours import ColourScale
from pfstudio.ui.stage.geometry import ViewTransform
from pfstudio.ui.stage.layers import Layers, map_image
from pfstudio.ui.theme import tokens
from pfstudio.ui.widgets.buttons import PRIMARY, Button
from pfstudio.ui.widgets.layouts import fill
from pfstudio.ui.widgets.paint import painter_of, write

CALLS_PER_SECOND = 2.5  # at normal speed
EMPTY_TITLE = QT_TR_NOOP("Depth from any image")
EMPTY = QT_TR_NOOP("Drop images or a folder here, paste with Ctrl+V, or browse.")


WHY_NOTHING = {
    FileState.RUNNING: QT_TR_NOOP("Estimating depth…"),
    FileState.WAITING: QT_TR_NOOP("Waiting in the queue."),
    FileState.CANCELLED: QT_TR_NOOP("Stopped before it was finished. Estimate all runs it again."),
}


class _Painted(NamedTuple):
    """The depth in colours, and what they mean."""

    key: tuple[object, ...]  # of all that it depends on
    picture: QImage | None
    scale: ColourScale | None


class DepthStage(QWidget):
    """Shows what the model looks at."""

    browse_wanted = Signal()
    view_changed = Signal()

    def __init__(self, model: DepthPageModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = model
        self.view = DepthView.SIDE
        self.transform = ViewTransform(self)
        self.bar = DepthToolBar(model.display, self)
        self.pair = PairView(tr("Image"), tr("Depth"), self.transform, self)
        self.cloud = make_cloud_view(self)
        self.empty = EmptyStage(self)
        self.player = Player(model.flow, self, per_second=CALLS_PER_SECOND)
        self.flow_bar = PlayerPanel(
            self.player, self._frame, tr("From the image to its depth"), parent=self
        )
        self.range = ColourBar(self, lying=True)
        self.range.setMinimumWidth(130)
        self.flow_bar.transport.row.addWidget(self.range)
        self._picture: QImage | None = None
        self._painted: _Painted | None = None
        self._cloud_of: tuple[object, ...] = ()
        self._stack = QStackedWidget(self)
        for page in (self.pair, self.cloud, self.empty):
            self._stack.addWidget(page)
        fill(QVBoxLayout(self), self.bar, (self._stack, 1), self.flow_bar)
        self._connect()
        self._on_shown()

    def _connect(self) -> None:
        model, bar = self.model, self.bar
        bar.view_chosen.connect(self.set_view)
        bar.probe.toggled.connect(self.pair.set_draws)
        bar.opacity_changed.connect(self.pair.set_opacity)
        bar.lock_wanted.connect(self.lock_range)
        bar.fit.clicked.connect(self.fit)
        model.shown_changed.connect(self._on_shown)
        model.files_changed.connect(self.refresh)
        model.display.changed.connect(self.refresh)
        flow = model.flow
        for signal in (flow.run_changed, flow.calls_changed, flow.call_changed, flow.frame_changed):
            signal.connect(self.refresh)
        self.empty.browse.clicked.connect(self.browse_wanted)

    def minimumSizeHint(self) -> QSize:
        return QSize(490, 240)  # the tool bar's choices and drawings

    def views(self) -> QWidget | None:
        """What is shown below the tool bar."""
        return self._stack.currentWidget()

    # -- verbs ------------------------------------------------------------------------------------

    @Slot(str)
    def set_view(self, key: str) -> None:
        """Side by side, slider, overlay or point cloud."""
        self.view = DepthView(key)
        self.bar.show_view(self.view)
        if self.view is not DepthView.CLOUD:
            self.pair.set_mode(self.view.value)
        self.refresh()
        self.view_changed.emit()

    @Slot()
    def toggle_probe(self) -> None:
        """Draw lines, or pan."""
        self.bar.probe.toggle()

    @Slot()
    def fit(self) -> None:
        """Show everything, from the front."""
        self.transform.fit()
        self.cloud.reset()

    @Slot()
    def lock_range(self) -> None:
        """Keep the present range for everything that is shown from now on."""
        values = self._values()
        if values is not None:
            self.model.display.set(locked=self.model.display.limits(values))

    # -- what is shown ----------------------------------------------------------------------------

    @Slot()
    def _on_shown(self) -> None:
        """Another file, or more is known of it."""
        detail = self.model.detail
        self.flow_bar.strip.start_over()
        self._picture = detail.halves.image if detail.halves else None
        if detail.halves is not None:
            self.pair.renderer.know(detail.halves)
        size, known = detail.size, detail.picture is not None or detail.values is not None
        if known and size != self.pair.left.grid:
            self.pair.set_size(*size)
            self.pair.set_line(None)
            self.pair.set_pointer(None)
            self.transform.fit()
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Draw anew what the model looks at."""
        item, detail = self.model.files.chosen, self.model.detail
        if item is None:
            self._stack.setCurrentWidget(self.empty)
            self.flow_bar.hide()
            return
        self.flow_bar.show()
        self.flow_bar.strip.refresh()
        cloud = self.view is DepthView.CLOUD
        self._stack.setCurrentWidget(self.cloud if cloud else self.pair)
        left = Layers(self._picture)
        depth = self.depth_picture()
        self.pair.set_pair(left, Layers(depth))
        self.pair.set_words(item.path.name, self._words(depth))
        missing = "" if depth is not None else self._why_nothing()
        self.pair.set_messages(tr_sentence(detail.problem), missing)
        self._show_range()
        if cloud:
            self._show_cloud(detail, missing)

    def _words(self, depth: QImage | None) -> str:
        if depth is None:
            return ""
        words, flow = tr(WORDS[self.model.display.settings.quantity]), self.model.flow
        return words if flow.at_result else f"{words} · {flow.sentence()}"

    def _why_nothing(self) -> str:
        item = self.model.files.chosen
        assert item is not None
        if item.state is FileState.FAILED and not self.model.detail.problem:
            return item.words
        if item.state in WHY_NOTHING:
            return tr(WHY_NOTHING[item.state])
        detail = self.model.detail
        return tr_sentence(detail.problem) if detail.picture is not None else ""

    def _values(self) -> Floats | None:
        """The quantity (h,w) under the flow's cursor."""
        flow, detail = self.model.flow, self.model.detail
        if flow.at_result:
            return detail.small_values
        frame = flow.frame(flow.call)
        return None if frame is None else view(frame, self.model.display.settings.quantity)

    def depth_picture(self) -> QImage | None:
        """The depth under the flow's cursor in colours, with the mask; None: not known (yet)."""
        return self._paint().picture

    def _paint(self) -> _Painted:
        """What was painted last, if nothing of it changed."""
        flow = self.model.flow
        about = (id(self.model.detail), self.model.display.settings, flow.call, flow.done)
        key = (*about, id(flow.frame(flow.call)))
        if self._painted is None or self._painted.key != key:
            self._painted = self._paint_anew(key)
        return self._painted

    def _paint_anew(self, key: tuple[object, ...]) -> _Painted:
        display, flow = self.model.display, self.model.flow
        values = self._values()
        scale = None if values is None else self._scale(values)
        if flow.call == 0 and flow.done > 1:
            return _Painted(key, self._picture, scale)
        if values is None or scale is None:
            return _Painted(key, None, None)
        picture = map_image(values, scale)
        spread = self.model.detail.small_spread
        if display.settings.masked and flow.at_result and spread is not None:
            picture = masked_picture(picture, spread, display.threshold(spread))
        return _Painted(key, picture, scale)

    def _frame(self, call: int) -> Frame | str:
        """A small picture of a place of the flow's cursor."""
        flow, display, item = self.model.flow, self.model.display, self.model.files.chosen
        if call == 0:
            thumbnail = item.thumbnail if item else None
            return Frame(thumbnail.cacheKey(), lambda: thumbnail) if thumbnail else ""
        at_result = flow.step_of(call) is None
        known = self.model.detail.small_values if at_result else flow.frame(call)
        if known is None:
            return str(call)

        def draw() -> QImage:
            values = known if at_result else view(known, display.settings.quantity)
            values = values[:: max(1, values.shape[0] // 96), :: max(1, values.shape[1] // 96)]
            return map_image(values, self._scale(values))

        return Frame((at_result, display.settings), draw)

    def _show_range(self) -> None:
        quantity, scale = self.model.display.settings.quantity, self._paint().scale
        self.range.hide()
        if scale is not None:
            near, far = tr("near"), tr("far")
            words = (far, near) if quantity == "disparity" else (near, far)
            self.range.show_scale(scale, *words, name=tr(quantity.capitalize()))

    def _scale(self, values: Floats) -> ColourScale:
        display = self.model.display
        return ColourScale(display.settings.colormap, display.limits(values))

    def _show_cloud(self, detail: DepthDetail, missing: str) -> None:
        display = self.model.display
        depth, spread = detail.depth, detail.spread
        if depth is None or detail.picture is None or spread is None:
            self._cloud_of = ()
            self.cloud.show_cloud(None, missing or tr_sentence(detail.problem))
            return
        threshold = display.threshold(spread) if display.settings.masked else None
        if self._cloud_of != (id(detail), threshold):
            self._cloud_of = (id(detail), threshold)
            kept = None if threshold is None else spread <= threshold
            cloud = make_cloud(depth.log_depth, detail.picture, self.cloud.most, kept)
            self.cloud.show_cloud(cloud)


class EmptyStage(QWidget):
    """What to do while there is no file."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.browse = Button(tr("Browse…"), "open", kind=PRIMARY, height=36, centred=True)
        self.browse.setAccessibleName(tr("Browse for images"))
        column = QVBoxLayout(self)
        column.addStretch(1)
        column.addSpacing(170)
        column.addWidget(self.browse, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)

    def paintEvent(self, event: QPaintEvent) -> None:
        t, painter = tokens(), painter_of(self)
        painter.fillRect(self.rect(), QColor(t.base))
        top = self.browse.geometry().top() - 150
        side = 56
        icons.draw(painter, "depth", QRectF((self.width() - side) / 2, top, side, side), t.muted)
        line = QRectF(0, top + 70, self.width(), 28)
        write(painter, line, tr(EMPTY_TITLE), "title", "text")
        write(painter, line.translated(0, 30), tr(EMPTY), "body")
