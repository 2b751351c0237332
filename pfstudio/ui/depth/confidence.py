"""The right side: how sure the members are, the values at the pointer and along a line, saving."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from pfstudio.core.depth import SPREAD_LABEL
from pfstudio.ui.depth.histogram import SpreadHistogram
from pfstudio.ui.depth.page_model import DepthPageModel
from pfstudio.ui.depth.paint import SPREAD_COLORMAP, SpreadPicture
from pfstudio.ui.depth.profile import ProfilePlot, profile_along
from pfstudio.ui.files.pair import Marks
from pfstudio.ui.inspector.figures import FigureTable
from pfstudio.ui.language import QT_TR_NOOP, number, tr
from pfstudio.ui.stage.colours import ColourScale
from pfstudio.ui.stage.layers import map_image
from pfstudio.ui.widgets.buttons import Switch
from pfstudio.ui.widgets.labels import Surface, heading, label
from pfstudio.ui.widgets.layouts import fill
from pfstudio.ui.widgets.scroll import scrolling

WIDTH = 290
MEDIAN, LEAST, MASKED = (
    QT_TR_NOOP("Spread, median"),
    QT_TR_NOOP("Least certain 5 %"),
    QT_TR_NOOP("Uncertain"),
)
PIXEL, VALUE, SPREAD = QT_TR_NOOP("Pixel"), QT_TR_NOOP("Depth"), QT_TR_NOOP("± ensemble std")
_UNITS = {"depth": "", "log-depth": " (log)", "disparity": " (disp.)"}


class ConfidencePanel(Surface):
    """Shows the detail of the chosen file, and where `marks` are."""

    def __init__(self, model: DepthPageModel, marks: Marks, parent: QWidget | None = None) -> None:
        super().__init__("panel", parent=parent)
        self._model, self._marks = model, marks
        self.setMinimumWidth(240)
        self.picture = SpreadPicture()
        self.figures = FigureTable(tr("Confidence"), (MEDIAN, LEAST, MASKED))
        self.histogram = SpreadHistogram()
        self.mask_switch = Switch(
            tr("Hide uncertain pixels"), tr("Stripes over pixels less certain than the line")
        )
        self.pointer = FigureTable(tr("At the pointer"), (PIXEL, VALUE, SPREAD))
        self.profile = ProfilePlot()
        # The page puts the buttons for saving into the foot.
        self.foot = fill(QVBoxLayout(), margins=(14, 8, 14, 14), spacing=8)
        self._lay_out()
        self.histogram.threshold_chosen.connect(self._on_threshold)
        self.mask_switch.clicked.connect(self._on_mask)
        model.shown_changed.connect(self.refresh)
        model.flow.call_changed.connect(self.refresh_pointer)
        model.display.changed.connect(self.refresh_threshold)
        self.refresh()

    def _lay_out(self) -> None:
        spread = tr(SPREAD_LABEL)
        body = fill(
            QVBoxLayout(), heading(tr("Confidence")), self.picture,
            label(spread[0].upper() + spread[1:], "tiny", "muted", wrap=True),
            self.figures, self.histogram, self.mask_switch,
            heading(tr("At the pointer")), self.pointer, heading(tr("Profile")), self.profile, None,
            margins=(14, 12, 14, 10), spacing=7,
        )  # fmt: skip
        fill(QVBoxLayout(self), (scrolling(body), 1), self.foot)

    # -- from the user ----------------------------------------------------------------------------

    @Slot(float)
    def _on_threshold(self, value: float) -> None:
        self._model.display.set(threshold=value, masked=True)

    @Slot(bool)
    def _on_mask(self, on: bool) -> None:
        self._model.display.set(masked=on)

    # -- to the user ------------------------------------------------------------------------------

    @Slot()
    def refresh(self) -> None:
        """Another file, or its result."""
        detail = self._model.detail
        spread = detail.small_spread
        if spread is None:
            self.picture.show_image(
                None, tr("The spread of the ensemble is shown here once there is depth.")
            )
        elif not float(spread.max()) > 0:
            self.picture.show_image(
                None, tr("A single member has no spread. Choose a larger ensemble.")
            )
        else:
            top = float(np.percentile(spread, 99))
            scale = ColourScale(SPREAD_COLORMAP, (0.0, top))
            self.picture.show_image(map_image(spread, scale))
        self.refresh_threshold()
        self.refresh_pointer()

    @Slot()
    def refresh_threshold(self) -> None:
        """The line of the histogram moved."""
        display, spread = self._model.display, self._model.detail.small_spread
        self.mask_switch.setChecked(display.settings.masked)
        self.mask_switch.setEnabled(spread is not None)
        if spread is None:
            self.histogram.show_spread(None, 0.0)
            self.figures.show_values({})
            return
        threshold = display.threshold(spread)
        self.histogram.show_spread(spread, threshold)
        self.figures.show_values(
            {
                MEDIAN: number(float(np.median(spread)), ".3f"),
                LEAST: f"≥ {number(float(np.percentile(spread, 95)), '.3f')}",
                MASKED: tr("{value:.1f} % of all", value=100 * float((spread > threshold).mean())),
            }
        )

    @Slot()
    def refresh_pointer(self) -> None:
        """The pointer or the line moved."""
        detail, marks = self._model.detail, self._marks
        shown: dict[str, str] = {}
        if marks.pointer is not None:
            shown[PIXEL] = f"{marks.pointer[1]}, {marks.pointer[0]}"
        values, spread = detail.values, detail.spread
        if values is None or spread is None:
            self.pointer.show_values(shown)
            self.profile.show_profile(None)
            return
        if marks.pointer is not None and _inside(marks.pointer, values.shape):
            shown[VALUE] = f"{number(float(values[marks.pointer]), '.3f')}{_UNITS[detail.quantity]}"
            shown[SPREAD] = number(float(spread[marks.pointer]), ".3f")
        self.pointer.show_values(shown)
        line = marks.line
        if line is not None and not all(_inside(pixel, values.shape) for pixel in line):
            line = None
        self.profile.show_profile(profile_along(line, values, spread) if line else None)


def _inside(pixel: tuple[int, int], shape: tuple[int, ...]) -> bool:
    return 0 <= pixel[0] < shape[0] and 0 <= pixel[1] < shape[1]
