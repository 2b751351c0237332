"""How an export will look, as one picture, and the widget that shows it."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from pfstudio.ui.export.figure import build_figure
from pfstudio.ui.export.frames import VideoLook, video_frames
from pfstudio.ui.export.plan import Export, PictureExport, SheetExport, ShownRun, VideoExport
from pfstudio.ui.export.sheet import sheet_image
from pfstudio.ui.language import QT_TR_NOOP, tr
from pfstudio.ui.stage.colours import Colouring
from pfstudio.ui.stage.layers import to_image
from pfstudio.ui.stage.views import View
from pfstudio.ui.theme import font, tokens
from pfstudio.ui.widgets.paint import box, painter_of

SHEET_WIDTH = 1400  # pixels
WORDS = {
    "maps": QT_TR_NOOP("One line per patch and call (CSV), or arrays for NumPy (NPY, NPZ)."),
    "trace": QT_TR_NOOP(
        "The trace holds every call: its maps, states, predictions and the recipe."
    ),
}


def preview_image(
    plan: Export, run: ShownRun, colours: Mapping[View, Colouring], model_title: str,
    classes: tuple[str, ...],
) -> QImage | None:  # fmt: skip
    """The picture, the video's frame at the time cursor, or the figure; None: nothing to see.

    Raises:
        InputError: the plan cannot be carried out.
    """
    data = run.data
    if isinstance(plan, PictureExport):
        return None if data.final is None else to_image(data.final[plan.image or 0])
    if isinstance(plan, VideoExport):
        look = VideoLook(plan.views, plan.image, plan.side, tokens(), colours)
        return to_image(next(video_frames(data, {}, look, range(run.call, run.call + 1))))
    if isinstance(plan, SheetExport):
        figure = build_figure(
            data, plan.image, plan.calls, plan.views,
            decoded={}, colours=colours, model_title=model_title, classes=classes,
        )  # fmt: skip
        return sheet_image(figure, SHEET_WIDTH)
    return None


class ExportPreview(QWidget):
    """Shows a picture fitted into its area, or words where there is nothing to see."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._image: QImage | None = None
        self._words = ""
        self.setAccessibleName(tr("Preview of the export"))

    def show_image(self, image: QImage | None, words: str = "") -> None:
        """Show this from now on."""
        self._image, self._words = image, words
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        t, painter = tokens(), painter_of(self)
        box(painter, QRectF(self.rect()), t.base, t.border, t.radius)
        area = QRectF(self.rect()).adjusted(14, 14, -14, -14)
        if self._image is None:
            painter.setFont(font())
            painter.setPen(t.muted)
            wrap = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(area, wrap, self._words)
            return
        place = self._fitted(area)
        size = (place.size() * self.devicePixelRatioF()).toSize()
        keep, smooth = Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode
        mode = smooth.SmoothTransformation
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(place, self._image.scaled(size, keep, mode))

    def _fitted(self, area: QRectF) -> QRectF:
        assert self._image is not None
        width, height = self._image.width(), self._image.height()
        scale = min(area.width() / width, area.height() / height)
        place = QRectF(0, 0, width * scale, height * scale)
        place.moveCenter(area.center())
        return place
