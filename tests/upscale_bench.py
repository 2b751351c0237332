"""A window with an upsampler whose results are made up, for tests of the Upscale page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QWidget
from window_bench import Bench

from pfstudio.core.card import CARD_NAME, WEIGHTS_NAME, ModelCard
from pfstudio.core.models import models_folder
from pfstudio.ui.files.model import FileItem
from pfstudio.ui.pages.upscale_page import UpscalePage
from pfstudio.ui.upscale.page_model import UpscalePageModel

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


@dataclass
class UpscaleBench(Bench):
    """A window on the Upscale page."""

    folder: Path

    @property
    def model(self) -> UpscalePageModel:
        return self.window.page("upscale").model

    @property
    def page(self) -> UpscalePage:
        page = self.window.page("upscale")
        assert page is not None
        return page

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
def open_upscale(open_window: Callable[..., Bench], tmp_path: Path) -> Callable[..., UpscaleBench]:
    """Makes windows that show the Upscale page."""

    def open_one(allowed: float = float("inf"), page: str = "upscale") -> UpscaleBench:
        install_upsamplers()
        bench = open_window(allowed)
        bench.window.open_page(page)
        return UpscaleBench(**vars(bench), folder=tmp_path)

    return open_one
