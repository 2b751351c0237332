"""The right side of the Upscale page: figures of the result, of a pixel, and the way to save."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRectF, QSize, Qt, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from pfstudio.core.events import Progress
from pfstudio.ui.inspector.figures import FigureTable
from pfstudio.ui.language import QT_TR_NOOP, number, tr
from pfstudio.ui.recipe.cost import seconds_text
from pfstudio.ui.stage.views import place_text
from pfstudio.ui.theme import font, tokens
from pfstudio.ui.upscale.page_model import UpscalePageModel
from pfstudio.ui.upscale.pictures import Pictures, patch_side
from pfstudio.ui.upscale.saving import Result
from pfstudio.ui.widgets.buttons import Button, Switch
from pfstudio.ui.widgets.labels import Surface, heading
from pfstudio.ui.widgets.layouts import fill
from pfstudio.ui.widgets.paint import box
from pfstudio.ui.widgets.scroll import scrolling

WIDTH = 290
RESULT_ROWS = (
    QT_TR_NOOP("Size"),
    QT_TR_NOOP("Model"),
    QT_TR_NOOP("Time"),
    QT_TR_NOOP("Patch evaluations"),
    QT_TR_NOOP("Compute saved"),
    QT_TR_NOOP("Saved as"),
)
RUN_ROWS = (
    QT_TR_NOOP("Pass"),
    QT_TR_NOOP("Tile"),
    QT_TR_NOOP("Call"),
    QT_TR_NOOP("Elapsed · left"),
    QT_TR_NOOP("Patches finished"),
)
POINT_ROWS = (
    QT_TR_NOOP("Pixel"),
    QT_TR_NOOP("Before"),
    QT_TR_NOOP("After"),
    QT_TR_NOOP("Patch"),
    QT_TR_NOOP("NFE spent"),
    QT_TR_NOOP("Difficulty"),
    QT_TR_NOOP("Rank"),
)


class CallBars(QWidget):
    """How many patches took how many network evaluations, as bars with numbers."""

    _LINE = 20

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shares: list[tuple[int, float]] = []
        self.setAccessibleName(tr("Calls for each patch"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_nfe(self, nfe: npt.NDArray[np.int32] | None) -> None:
        """Show (n,m) evaluations of patches."""
        self._shares = []
        if nfe is not None and nfe.size:
            values, counts = np.unique(nfe, return_counts=True)
            shares = counts / nfe.size
            self._shares = [(int(v), float(s)) for v, s in zip(values, shares, strict=True)][:8]
        words = (
            tr("{share:.0f} % took {calls}", share=100 * share, calls=value)
            for value, share in self._shares
        )
        self.setAccessibleDescription("; ".join(words))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(220, self._LINE * max(1, len(self._shares)))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        t, painter = tokens(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font("small"))
        middle = Qt.AlignmentFlag.AlignVCenter
        if not self._shares:
            painter.setPen(QColor(t.muted))
            painter.drawText(QRectF(self.rect()), middle, "–")
        for i, (value, share) in enumerate(self._shares):
            line = QRectF(0, i * self._LINE, self.width(), self._LINE)
            painter.setPen(QColor(t.muted))
            painter.drawText(line, middle, tr("%n calls", "", value))
            room = self.width() - 62 - 46
            box(painter, QRectF(62, line.y() + 5, room, 10), t.track, "", 3)
            box(painter, QRectF(62, line.y() + 5, max(3.0, share * room), 10), t.accent, "", 3)
            painter.setPen(QColor(t.text))
            right = middle | Qt.AlignmentFlag.AlignRight
            painter.drawText(line, right, f"{100 * share:.0f} %")


class FiguresPanel(Surface):
    """Shows what an UpscalePageModel looks at, in numbers."""

    def __init__(self, model: UpscalePageModel, parent: QWidget | None = None) -> None:
        super().__init__("panel", parent=parent)
        self._model = model
        self._pixel = (-1, -1)
        self.setFixedWidth(WIDTH)
        self.title = heading(tr("Result"))
        self.result_table = FigureTable(tr("Result"), RESULT_ROWS)
        self.run_table = FigureTable(tr("Run"), RUN_ROWS)
        self.bars_title = heading(tr("Calls for each patch"))
        self.bars = CallBars()
        self.point_table = FigureTable(tr("At the pointer"), POINT_ROWS)
        self.metadata = Switch(
            tr("Save with metadata"), tr("The recipe, EXIF data and how it was upscaled")
        )
        self.metadata.setChecked(model.keep_metadata)
        self.metadata.clicked.connect(self._metadata_switched)
        self.save = Button(tr("Save…"), "export", tip=tr("Save the shown result"), height=34)
        self.save_all = Button(
            tr("Save all…"), "folder", tip=tr("Save every result to a folder"), height=34
        )
        self._lay_out()
        model.shown_changed.connect(self.refresh)
        model.stepped.connect(self.refresh)
        model.files_changed.connect(self.refresh)
        self.refresh()

    def _lay_out(self) -> None:
        inside = fill(
            QVBoxLayout(), self.title, self.result_table, self.run_table, self.bars_title,
            self.bars, 6, heading(tr("At the pointer")), self.point_table, (None, 1),
            margins=(14, 14, 14, 8), spacing=9,
        )  # fmt: skip
        buttons = fill(
            QVBoxLayout(), self.metadata, self.save, self.save_all,
            margins=(14, 4, 14, 14), spacing=9,
        )  # fmt: skip
        fill(QVBoxLayout(self), (scrolling(inside), 1), buttons, margins=(1, 0, 0, 0))

    @Slot(bool)
    def _metadata_switched(self, on: bool) -> None:
        self._model.keep_metadata = on

    @Slot(int, int)
    def set_pixel(self, row: int, column: int) -> None:
        """Look at a pixel of the result; (-1, -1): none."""
        self._pixel = (row, column)
        self._show_point()

    @Slot()
    def refresh(self) -> None:
        """Show the figures now."""
        shown = self._model.shown
        runs = shown.item is not None and self._model.running is shown.item
        self.title.setText((tr("Run") if runs else tr("Result")).upper())
        self.run_table.setVisible(runs)
        for part in (self.result_table, self.bars_title, self.bars):
            part.setVisible(not runs)
        if runs:
            self.run_table.show_values({} if shown.step is None else run_texts(shown.step))
        else:
            saved = shown.result is not None and saved_share(shown.result) > 0
            self.result_table.show_values(
                {} if shown.result is None else result_texts(shown.result),
                {"Compute saved": "good"} if saved else None,
            )
            self.bars.show_nfe(None if shown.result is None else shown.result.upscaled.nfe)
        self._show_point()

    def _show_point(self) -> None:
        shown = self._model.shown
        pictures = shown.pictures
        texts = {}
        if pictures is not None and self._pixel[0] >= 0:
            if shown.item is self._model.running:  # the stage shows the picture before alone
                pictures = Pictures(pictures.before)
            texts = point_texts(pictures, shown.result, self._pixel)
        self.point_table.show_values(texts)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        QPainter(self).fillRect(0, 0, 1, self.height(), QColor(tokens().border))


def saved_share(result: Result) -> float:
    """Share of the patch evaluations that the clock saved; 0 if none."""
    done = result.upscaled
    return max(0.0, 1 - done.computed / done.uniform) if done.uniform else 0.0


def result_texts(result: Result) -> dict[str, str]:
    """The figures of a result, by the names of RESULT_ROWS."""
    done, share = result.upscaled, saved_share(result)
    return {
        "Size": f"{result.size[0]} × {result.size[1]} px",
        "Model": done.model,
        "Time": seconds_text(result.seconds),
        "Patch evaluations": tr(
            "{number:,} of {count:,}", number=done.computed, count=done.uniform
        ),
        "Compute saved": f"{100 * share:.0f} %",
        "Saved as": result.kept.name if result.kept else tr("not saved yet"),
    }


def run_texts(step: Progress) -> dict[str, str]:
    """The figures of a run, by the names of RUN_ROWS."""
    detail = step.detail
    finished = int((detail.time >= 1).sum())
    return {
        "Pass": tr("{number} of {count}", number=detail.level + 1, count=detail.levels),
        "Tile": tr("{number} of {count}", number=detail.tile, count=detail.tiles),
        "Call": tr("{number} of {count}", number=step.call + 1, count=step.nfe),
        "Elapsed · left": f"{seconds_text(step.elapsed)} · {seconds_text(step.eta)}",
        "Patches finished": tr("{number:,} of {count:,}", number=finished, count=detail.time.size),
    }


def point_texts(
    pictures: Pictures, result: Result | None, pixel: tuple[int, int]
) -> dict[str, str]:
    """The figures of a pixel (row, column) of the result, by the names of POINT_ROWS."""
    row, column = pixel
    height, width = pictures.size
    if not (row < height and column < width):
        return {}
    before = pictures.before[row // pictures.factor, column // pictures.factor]
    texts = {"Pixel": f"{column}, {row}", "Before": _colour(before)}
    if pictures.after is None or result is None:
        return texts
    texts["After"] = _colour(pictures.after[row, column])
    nfe = result.upscaled.nfe
    side = patch_side(pictures.size, (nfe.shape[0], nfe.shape[1]))
    patch = (row // side, column // side)
    texts["Patch"] = place_text(patch)
    texts["NFE spent"] = str(int(nfe[patch]))
    difficulty = result.upscaled.difficulty
    if difficulty is not None:
        value = float(difficulty[patch])
        texts["Difficulty"] = f"log σ² {number(np.log(max(value, 1e-12)))}"
        texts["Rank"] = tr(
            "{number:,} of {count:,}",
            number=1 + int((difficulty < value).sum()),
            count=difficulty.size,
        )
    return texts


def _colour(pixel: npt.NDArray[np.uint8]) -> str:
    return " ".join(str(int(value)) for value in pixel)
