"""What to export, as plain data: one frozen dataclass per kind, and the run it is of."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pfstudio.core.application import TRACE_SUFFIX
from pfstudio.core.errors import InputError
from pfstudio.core.events import Bytes
from pfstudio.core.maps import MAP_SUFFIXES
from pfstudio.core.metadata import PICTURE_FORMATS
from pfstudio.core.video import VIDEO_SUFFIXES
from pfstudio.ui.language import tr
from pfstudio.ui.stage.views import View
from pfstudio.ui.view_models.run_data import RunData

SHEET_SUFFIXES = (".pdf", ".svg")
TRACE_SUFFIXES = (TRACE_SUFFIX,)


@dataclass(frozen=True)
class ShownRun:
    """A run as it is shown when its export is asked for; the page may show another one later.

    Attributes:
        image, call: under the cursors, from 0.
        trace: its trace file; None: it is not on disk.
    """

    data: RunData
    image: int = 0
    call: int = 0
    trace: Path | None = None


@dataclass(frozen=True)
class PictureExport:
    """The final pictures; `image` None is all of them, numbered."""

    path: Path
    image: int | None = 0
    metadata: bool = True

    def __post_init__(self) -> None:
        _check(self.path, tuple(PICTURE_FORMATS))


@dataclass(frozen=True)
class VideoExport:
    """The run as a video of the chosen views side by side."""

    path: Path
    image: int = 0
    views: tuple[View, ...] = (View.PREDICTION,)
    fps: float = 12.0
    side: int = 384  # height of a view in pixels
    hold: float = 1.5  # seconds that the last frame stays

    def __post_init__(self) -> None:
        _check(self.path, VIDEO_SUFFIXES)
        if not self.views:
            raise InputError(tr("The video shows nothing."), tr("Choose at least one view."))


@dataclass(frozen=True)
class SheetExport:
    """A figure for a paper: views down, calls across."""

    path: Path
    image: int = 0
    views: tuple[View, ...] = (View.PREDICTION, View.DIFFICULTY, View.TIME)
    calls: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        _check(self.path, SHEET_SUFFIXES)


@dataclass(frozen=True)
class MapsExport:
    """All maps of the run as numbers."""

    path: Path

    def __post_init__(self) -> None:
        _check(self.path, MAP_SUFFIXES)


@dataclass(frozen=True)
class TraceExport:
    """A copy of the trace file."""

    path: Path

    def __post_init__(self) -> None:
        _check(self.path, TRACE_SUFFIXES)


def final_images(data: RunData) -> Bytes:
    """The images (B,H,W,3) that a run came to.

    Raises:
        InputError: it was stopped before.
    """
    if data.final is None:
        raise InputError(
            tr("This run has no final image."),
            tr("Export a video or the trace, or run it to its end."),
        )
    return data.final


Export = PictureExport | VideoExport | SheetExport | MapsExport | TraceExport


def _check(path: Path, suffixes: tuple[str, ...]) -> None:
    if path.suffix.lower() not in suffixes:
        raise InputError(
            tr(
                "{name} does not end in {suffixes}.",
                name=path.name or tr("The file"),
                suffixes=tr(
                    "{first} or {second}", first=", ".join(suffixes[:-1]), second=suffixes[-1]
                )
                if len(suffixes) > 1
                else suffixes[0],
            ),
            tr("Choose one of these endings."),
        )
    if not path.is_absolute():
        raise InputError(tr("{path} is not a full path.", path=path), tr("Choose a folder."))
