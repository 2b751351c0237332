"""The options of each kind of export: small forms that turn into a plan."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from pfstudio.core.application import TRACE_SUFFIX
from pfstudio.core.results import picture_paths
from pfstudio.ui.export.figure import LABELS, chosen_calls
from pfstudio.ui.export.plan import (
    Export,
    MapsExport,
    PictureExport,
    SheetExport,
    TraceExport,
    VideoExport,
    final_images,
)
from pfstudio.ui.language import QT_TR_NOOP, tr, tr_inside
from pfstudio.ui.stage.views import View
from pfstudio.ui.view_models.run_data import RunData
from pfstudio.ui.widgets.buttons import Button, Switch
from pfstudio.ui.widgets.labels import heading, label
from pfstudio.ui.widgets.layouts import fill
from pfstudio.ui.widgets.segmented import Segmented
from pfstudio.ui.widgets.slider import Slider

ALL = "all"


class Options(QWidget):
    """What every kind shares: a list of file endings, the first being the default."""

    changed = Signal()

    def __init__(self, endings: tuple[tuple[str, str], ...], words: str) -> None:
        super().__init__()
        self.column = fill(QVBoxLayout(self), label(words, "small", "muted", wrap=True), spacing=10)
        self.ending = Segmented(tr("File format"), endings)
        self.ending.set_key(endings[0][0])
        self.ending.chosen.connect(self._touched)
        self.column.addWidget(self.ending)

    @property
    def suffix(self) -> str:
        """The chosen file ending."""
        return self.ending.key()

    def plan(self, path: Path, data: RunData, image: int) -> Export:
        """The export as set; InputError if something is missing."""
        raise TypeError("a kind of export says what it exports")

    def files(self, path: Path, data: RunData) -> tuple[Path, ...]:
        """What such an export writes."""
        return (path,)

    def _touched(self) -> None:
        self.changed.emit()


class PictureOptions(Options):
    """The final pictures."""

    def __init__(self) -> None:
        formats = ((".png", "PNG"), (".webp", "WebP"), (".jpg", "JPEG"))
        super().__init__(formats, tr("The finished image, as it came out of the run."))
        self.which = Segmented(
            tr("Which images"), (("one", tr("This image")), (ALL, tr("All images")))
        )
        self.which.set_key("one")
        self.metadata = Switch(
            tr("Write the recipe into the file"),
            tr("Dropping the file on this window brings its recipe back; galleries show it too"),
        )
        self.metadata.setChecked(True)
        self.column.addWidget(self.which)
        self.column.addWidget(self.metadata)
        self.column.addStretch(1)

    def plan(self, path: Path, data: RunData, image: int) -> Export:
        final_images(data)  # refused where there are none
        which = None if self._every(data) else image
        return PictureExport(path, which, self.metadata.isChecked())

    def files(self, path: Path, data: RunData) -> tuple[Path, ...]:
        if self._every(data):
            return picture_paths(path.parent, path.stem, path.suffix, data.images)
        return (path,)

    def _every(self, data: RunData) -> bool:
        return data.images > 1 and self.which.key() == ALL


class ViewChoice(QWidget):
    """Which views: one toggle each."""

    changed = Signal()

    def __init__(self, chosen: tuple[View, ...]) -> None:
        super().__init__()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(6)
        self.buttons: dict[View, Button] = {}
        for place, (view, (title, _)) in enumerate(LABELS.items()):
            button = Button(
                tr(title), tip=tr("Show {title}", title=tr_inside(title)), height=28, centred=True
            )
            button.setCheckable(True)
            button.setChecked(view in chosen)
            button.toggled.connect(self._toggled)
            self.buttons[view] = button
            grid.addWidget(button, place // 2, place % 2)

    def _toggled(self) -> None:
        self.changed.emit()

    def chosen(self) -> tuple[View, ...]:
        """The views that are on, in order."""
        return tuple(view for view, button in self.buttons.items() if button.isChecked())


class VideoOptions(Options):
    """A video of the run."""

    def __init__(self) -> None:
        formats = ((".mp4", "MP4"), (".gif", "GIF"), (".png", tr("Animated PNG")))
        super().__init__(formats, tr("One frame for every network call, the views side by side."))
        four = (View.PREDICTION, View.DIFFICULTY, View.TIME, View.ROLE)
        self.views = ViewChoice(four)
        self.fps = Slider(tr("Frames per second"), 1, 60, 1, tr("Calls shown per second"))
        self.fps.set_number(12)
        self.side = Slider(tr("Height of a view"), 64, 1024, 32, tr("Pixels"))
        self.side.set_number(384)
        self.column.addWidget(heading(tr("Views")))
        for part in (self.views, self.fps, self.side):
            self.column.addWidget(part)
        self.column.addStretch(1)
        self.views.changed.connect(self._touched)
        for slider in (self.fps, self.side):
            slider.edited.connect(self._touched)

    def plan(self, path: Path, data: RunData, image: int) -> Export:
        views, side = self.views.chosen(), round(self.side.number())
        return VideoExport(path, image, views, self.fps.number(), side)


class SheetOptions(Options):
    """A figure for a paper."""

    def __init__(self) -> None:
        formats = ((".pdf", "PDF"), (".svg", "SVG"))
        super().__init__(
            formats, tr("A figure for a paper: calls across, views down, with a caption.")
        )
        self.views = ViewChoice((View.PREDICTION, View.DIFFICULTY, View.TIME, View.ROLE))
        self.columns = Slider(tr("Columns"), 2, 10, 1, tr("Calls, spread evenly over the run"))
        self.columns.set_number(6)
        self.column.addWidget(heading(tr("Rows")))
        self.column.addWidget(self.views)
        self.column.addWidget(self.columns)
        self.column.addStretch(1)
        self.views.changed.connect(self._touched)
        self.columns.edited.connect(self._touched)

    def plan(self, path: Path, data: RunData, image: int) -> Export:
        calls = chosen_calls(data.done, round(self.columns.number()))
        return SheetExport(path, image, self.views.chosen(), calls)


class MapsOptions(Options):
    """The maps as numbers."""

    def __init__(self) -> None:
        formats = ((".csv", "CSV"), (".npy", "NPY"), (".npz", "NPZ"))
        words = tr("Time, difficulty, role and speed of every patch in every call, as numbers.")
        super().__init__(formats, words)
        self.column.addStretch(1)

    def plan(self, path: Path, data: RunData, image: int) -> Export:
        return MapsExport(path)


class TraceOptions(Options):
    """The whole trace."""

    def __init__(self) -> None:
        words = tr(
            "Everything of the run in one safetensors file: open, branch or analyse it later."
        )
        super().__init__(((TRACE_SUFFIX, tr("Trace")),), words)
        self.column.addStretch(1)

    def plan(self, path: Path, data: RunData, image: int) -> Export:
        return TraceExport(path)


KINDS: dict[str, tuple[str, str, Callable[[], Options]]] = {
    "picture": (QT_TR_NOOP("Image"), "image", PictureOptions),
    "video": (QT_TR_NOOP("Video"), "film", VideoOptions),
    "figure": (QT_TR_NOOP("Figure sheet"), "four", SheetOptions),
    "maps": (QT_TR_NOOP("Maps"), "overlay", MapsOptions),
    "trace": (QT_TR_NOOP("Trace"), "list", TraceOptions),
}
