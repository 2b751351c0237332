"""Promise: the picture that a run starts from lies on the stage just as the engine encodes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from PySide6.QtGui import QImage
from window_bench import Bench

from pfstudio.core.requests import GenerateRequest
from pfstudio.engine.initial_state import prepare_initial_state

SIDEWAYS = 6  # EXIF: the right side is up


@dataclass
class Encoder:
    """As much of a model as reading a start picture takes; keeps what it was given."""

    channels: int = 4
    patch_size: int = 2
    factor: int = 8
    given: list[np.ndarray] = field(default_factory=list)

    def latent_shape(self, request: GenerateRequest) -> tuple[int, int, int]:
        return self.channels, (request.height or 64) // 8, (request.width or 64) // 8

    def encode(self, pixels: np.ndarray) -> torch.Tensor:
        self.given.append(pixels[0])
        _, height, width, _ = pixels.shape
        return torch.zeros(1, self.channels, height // 8, width // 8)


def photo(folder: Path) -> Path:
    """A picture of 90 x 150 px that was taken with the camera on its side."""
    pixels = np.random.default_rng(0).integers(0, 255, (9, 15, 3), np.uint8)
    exif = Image.Exif()
    exif[0x0112] = SIDEWAYS
    path = folder / "photo.jpg"
    Image.fromarray(pixels.repeat(10, 0).repeat(10, 1)).save(path, exif=exif)
    return path


def pixels_of(image: QImage) -> np.ndarray:
    image = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.array(image.constBits()).reshape(image.height(), -1)
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3)


@pytest.mark.parametrize("size", [(0, 0), (64, 96), (96, 64)])
def test_the_stage_shows_what_is_encoded(
    size: tuple[int, int], open_window: Callable[..., Bench], tmp_path: Path
) -> None:
    bench, encoder = open_window(), Encoder()
    bench.page.recipe.set_picture(photo(tmp_path))
    bench.page.recipe.set(height=size[0], width=size[1])
    prepare_initial_state(encoder, bench.page.request())
    (encoded,) = encoder.given
    assert encoded.shape == (size[0] or 64, size[1] or 64, 3)
    for panel in (
        bench.window.page("generate").stage.four[0],
        bench.window.page("generate").stage.single,
    ):
        assert np.array_equal(pixels_of(panel._start), encoded)
    canvas = bench.window.page("generate").stage.four[0].canvas
    bench.until(lambda: canvas.picture_width() == encoded.shape[1])
