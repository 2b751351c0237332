"""The timeline: transport, film strip and schedule raster of the run."""

from __future__ import annotations

from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget

from pfstudio.ui.language import QT_TR_NOOP, tr
from pfstudio.ui.player.film_strip import Frame
from pfstudio.ui.player.player import Player
from pfstudio.ui.player.transport import PlayerPanel
from pfstudio.ui.stage.colours import ColourModel
from pfstudio.ui.stage.layers import to_image
from pfstudio.ui.stage.views import View
from pfstudio.ui.timeline.raster import PatchOrder
from pfstudio.ui.timeline.raster_view import RasterView
from pfstudio.ui.view_models.run import RunModel
from pfstudio.ui.view_models.run_data import RunData, Source
from pfstudio.ui.widgets.choice import ChoiceButton

ORDERS = (
    (PatchOrder.DIFFICULTY, QT_TR_NOOP("difficulty")),
    (PatchOrder.FINISHING, QT_TR_NOOP("finishing order")),
    (PatchOrder.PLACE, QT_TR_NOOP("place")),
)
COLOURS = (
    (View.TIME, QT_TR_NOOP("time")),
    (View.DIFFICULTY, QT_TR_NOOP("difficulty")),
    (View.ROLE, QT_TR_NOOP("role")),
)


class TimelineView(PlayerPanel):
    """Everything about when. Moves the run's time cursor through `player`."""

    def __init__(
        self, run: RunModel, player: Player, colours: ColourModel, parent: QWidget | None = None
    ) -> None:
        super().__init__(player, self._frame, tr("Film strip of predictions"), spread=True,
                         parent=parent)  # fmt: skip
        self.run = run
        self.shown = ChoiceButton(
            tr("Colour of the schedule"), [(view.value, tr(text)) for view, text in COLOURS],
            prefix=tr("coloured by"), parent=self,
        )  # fmt: skip
        self.order = ChoiceButton(
            tr("Order of the patches"), [(k.value, tr(text)) for k, text in ORDERS],
            prefix=tr("patches sorted by"), parent=self,
        )  # fmt: skip
        self.raster = RasterView(run, player, colours, self)
        self.transport.row.addWidget(self.shown)
        self.transport.row.addWidget(self.order)
        self.column.addWidget(self.raster, 1)
        self.shown.chosen.connect(self.raster.set_shown)
        self.order.chosen.connect(self.raster.set_order)
        self.strip.slots_changed.connect(self._wish)
        run.slow_refresh.connect(self.transport.words.describe)
        run.slow_refresh.connect(self.strip.refresh)
        run.picture_changed.connect(self._pictured)
        run.image_changed.connect(self.strip.start_over)

    def _frame(self, call: int) -> Frame | str:
        """The picture of a call. All are previews from latents until all of them are decoded."""
        data, image = self.run.data, self.run.image
        if data is None or call >= self.run.done or (best := self._source(data, call)) is None:
            return ""
        version = data.colours.version if best[0] is Source.LINEAR else 0
        if self.run.is_live:
            version = min(version, 1)  # better colours can wait for the end of the run

        def make() -> QImage:
            picture = data.picture(best, image)
            return to_image(picture.pixels)

        return Frame((*best, version), make)

    def _source(self, data: RunData, call: int) -> tuple[Source, int] | None:
        image = self.run.image
        if data.prediction_latents(call, image) is None or (
            data.ended and all(data.is_decoded(other, image) for other in self.strip.calls())
        ):
            return data.source(call, image)
        return Source.LINEAR, call

    def _pictured(self) -> None:
        if not self.run.is_live:  # then the slow refresh comes soon
            self.strip.refresh()

    def _wish(self) -> None:
        if self.run.data is not None and not self.run.is_live:
            self.run.wish_pictures(self.strip.calls())
