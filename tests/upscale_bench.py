"""A window with an upsampler whose results are made up, for tests of the Upscale page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from paced_runner import PacedRunner
from PIL import Image
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot
from window_bench import Recorder, install_models

from pfstudio.core.card import CARD_NAME, WEIGHTS_NAME, ModelCard
from pfstudio.core.errors import InputError
from pfstudio.core.events import Cancelled, Failed, Final, Finished, Loading, Progress, Started
from pfstudio.core.image_io import read_picture
from pfstudio.core.models import models_folder
from pfstudio.core.upscale import Upscaled, UpscaleRequest, UpscaleStep
from pfstudio.core.upscale_files import save_upscaled
from pfstudio.engine.queue import Job
from pfstudio.ui import theme
from pfstudio.ui.files.model import FileItem
from pfstudio.ui.notify import Notice
from pfstudio.ui.pages.upscale_page import UpscalePage
from pfstudio.ui.view_models.upscale import UpscalePageModel
from pfstudio.ui.window import MainWindow

PATCH = 8  # pixels of the result
SECONDS = 2.5
_HELD = (Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)


def install_upsamplers() -> None:
    """One with a clock for every patch, and one without."""
    for name, kind, time in (
        ("little-up", "patch-upsampler", "per patch"),
        ("plain-up", "latent-upsampler", "uniform"),
    ):
        folder = models_folder() / name
        folder.mkdir(parents=True, exist_ok=True)
        card = ModelCard(name, name.capitalize(), kind, task="upscale", time=time, pixels=64)
        (folder / CARD_NAME).write_text(card.to_json(), encoding="utf-8")
        (folder / WEIGHTS_NAME).write_bytes(b"")


def make_result(request: UpscaleRequest) -> Upscaled:
    """The negative of the picture, enlarged; the left half took one call, the right half all."""
    picture = read_picture(request.image_file)
    upscale = request.upscale
    image = 255 - picture.repeat(upscale.factor, axis=0).repeat(upscale.factor, axis=1)
    grid = (-(-image.shape[0] // PATCH), -(-image.shape[1] // PATCH))
    nfe = np.full(grid, upscale.steps, np.int32)
    nfe[:, : grid[1] // 2] = 1
    difficulty = np.linspace(0.1, 0.9, nfe.size, dtype=np.float32).reshape(grid)
    uniform = nfe.size * upscale.steps
    return Upscaled(
        upscale, upscale.model, picture, image, nfe, difficulty, int(nfe.sum()), uniform
    )


class UpscaleRunner(PacedRunner):
    """Upscales at the pace that the test allows. `saves=False` keeps results in memory only."""

    saves = True

    def _work(self, job: Job) -> Final:
        if isinstance(job.request, UpscaleRequest):
            return self._upscale(job.number, job.request)
        return super()._work(job)

    def _upscale(self, number: int, request: UpscaleRequest) -> Final:
        self.emit(Loading(number, "Loading the model"))
        try:
            result = make_result(request)
        except InputError as error:
            return Failed(number, str(error), error.advice)
        grid, steps = result.nfe.shape, request.upscale.steps
        self.emit(Started(number, steps, 1, grid, "cpu", "float32", 1))
        for call in range(steps):
            with self._asked:
                self._asked.wait_for(self._may_call)
                if self._cancelled:
                    return Cancelled(number)
                self.allowed -= 1
            time = np.where(result.nfe <= call + 1, 1.0, (call + 1) / steps).astype(np.float32)
            detail = UpscaleStep(0, 1, 1, 1, time)
            self.emit(Progress(number, call, steps, call + 1.0, 0.5, detail))
        self.finished.append(request)
        files = (str(save_upscaled(result, request.image_file)),) if self.saves else ()
        return Finished(number, result, SECONDS, files)


@dataclass
class UpscaleBench:
    """A window on the Upscale page, and the runner behind it."""

    window: MainWindow
    qtbot: QtBot
    runners: list[UpscaleRunner]
    notices: list[Notice]
    folder: Path

    @property
    def model(self) -> UpscalePageModel:
        return self.window.upscale.model

    @property
    def page(self) -> UpscalePage:
        page = self.window.upscale.page
        assert page is not None
        return page

    @property
    def runner(self) -> UpscaleRunner:
        return self.runners[-1]

    def until(self, condition: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(condition, timeout=10_000)

    def picture(self, name: str, size: tuple[int, int] = (24, 16), shade: int = 60) -> Path:
        """A file of `size` (width, height): dark, with a bright left upper quarter."""
        pixels = np.full((size[1], size[0], 3), shade, np.uint8)
        pixels[: size[1] // 2, : size[0] // 2] = 200
        path = self.folder / name
        Image.fromarray(pixels).save(path)
        return path

    def take(self, *paths: Path) -> list[FileItem]:
        """Drop files on the window, and wait until they are in the list and can be seen."""
        before = len(self.model.files.items)
        drop(self.window, *paths)
        self.until(lambda: len(self.model.files.items) > before)
        self.until(lambda: self.model.shown.pictures is not None or bool(self.model.shown.problem))
        return self.model.files.items[before:]

    def run(self) -> None:
        """Upscale all, and wait until everything is done and shown."""
        self.window.commands.action("run.generate").trigger()
        self.until(lambda: not self.model.busy)
        self.until(lambda: self.model.shown.pictures is not None)

    def said(self) -> list[str]:
        """Every sentence that the user was told."""
        return [notice.text for notice in self.notices]


def hang(widget: QWidget, *paths: Path) -> QMimeData:
    """Hold files over a widget."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    event = QDragEnterEvent(QPoint(9, 9), Qt.DropAction.CopyAction, mime, *_HELD)
    QApplication.sendEvent(widget, event)
    return mime


def drop(widget: QWidget, *paths: Path) -> None:
    """Let files fall on a widget."""
    mime = hang(widget, *paths)
    event = QDropEvent(QPointF(9, 9), Qt.DropAction.CopyAction, mime, *_HELD)
    QApplication.sendEvent(widget, event)


@pytest.fixture
def open_upscale(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path
) -> Iterator[Callable[..., UpscaleBench]]:
    """Makes windows that show the Upscale page; each is closed at the end."""
    windows: list[MainWindow] = []

    def open_one(allowed: float = float("inf"), page: str = "upscale") -> UpscaleBench:
        install_models()
        install_upsamplers()
        theme.apply(qapp, "dark")
        runners: list[UpscaleRunner] = []

        def make(emit: Callable[[object], None]) -> UpscaleRunner:
            runners.append(UpscaleRunner(emit, allowed))
            return runners[-1]

        recorder = Recorder()
        window = MainWindow(make, recorder)
        windows.append(window)
        window.show()
        window.start()
        qtbot.waitUntil(lambda: window.jobs.engine.ready, timeout=10_000)
        window.open_page(page)
        return UpscaleBench(window, qtbot, runners, recorder.notices, tmp_path)

    yield open_one
    for window in windows:
        window.close()
        window.deleteLater()
    qapp.processEvents()
