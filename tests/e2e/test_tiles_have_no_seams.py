"""Along the borders of tiles a large picture changes no more than anywhere else."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image
from sessions import finish
from small_models import small_upsampler

from pfstudio.core.tiling import weighted_tiles_over
from pfstudio.core.upscale import Upscale, UpscaleRequest

SIDE, TILE = 176, 192  # of the picture, and of the tiles of the result, in pixels


def upscaled(model, pixels, **settings):
    request = UpscaleRequest(upscale=Upscale(consistency=0.0, **settings))
    return finish(request, model, picture=pixels).result.image.astype(np.float64)


def energies(image, columns):
    """Squared mean change across given columns, and across all others that begin a latent.

    A seam is a step all along a border, so the change is averaged along the column first. Within
    the block of 4 pixels that a latent becomes, every column has its own mean change.
    """
    change = np.diff(image, axis=1).mean(axis=0)
    others = [c for c in range(8, image.shape[1] - 4, 4) if c not in columns]
    usual = change[np.asarray(others) - 1]
    energy = np.square(change - usual.mean(axis=0)).mean(axis=1)
    return energy[np.asarray(columns) - 1], energy[np.asarray(others) - 1]


@pytest.fixture(params=["flat", "ramp", "texture"])
def pixels(request):
    random = np.random.default_rng(0)
    if request.param == "flat":
        return np.full((SIDE, SIDE, 3), 128, np.uint8)
    if request.param == "ramp":
        ramp = np.linspace(20, 230, SIDE).astype(np.uint8)
        return np.repeat(np.repeat(ramp[None, :, None], SIDE, 0), 3, 2)
    small = Image.fromarray(random.integers(0, 256, (30, 30, 3), np.uint8))
    return np.asarray(small.resize((SIDE, SIDE), Image.Resampling.BICUBIC))


def borders(model):
    """Columns of the result where a tile begins or ends, or begins or ends to count."""
    tiling = model.tiling(TILE)
    side = 2 * SIDE // model.factor
    found = set()
    for part in weighted_tiles_over(side, side, tiling):
        begin, end = part.tile.left, part.tile.left + part.tile.width
        found |= {begin, begin + tiling.margin} if begin else set()
        found |= {end, end - tiling.margin} if end < side else set()
    assert len(found) >= 4
    return sorted(column * model.factor for column in found)


def test_borders_are_like_everything_else(pixels) -> None:
    model = small_upsampler()
    image = upscaled(model, pixels, tile=TILE, steps=3)
    columns = borders(model)
    for turned in (image, image.transpose(1, 0, 2)):
        at, elsewhere = energies(turned, columns)
        assert at.mean() < elsewhere.mean() + 3 * elsewhere.std() / np.sqrt(len(columns))
        assert at.max() < elsewhere.max() * 1.5


def test_tiles_equal_the_whole(pixels) -> None:
    model = small_upsampler()
    whole = upscaled(model, pixels, steps=3)
    tiled = upscaled(model, pixels, tile=256, steps=3)  # wide enough for a margin of its reach
    assert np.abs(whole - tiled).max() <= 1


def test_a_seam_would_be_found(pixels) -> None:
    """The measure itself: a tile that is 4 of 255 levels brighter."""
    model = small_upsampler()
    columns = borders(model)
    image = upscaled(model, pixels, steps=3)
    image[:, columns[1] :] += 4
    at, elsewhere = energies(image, columns)
    assert at[1] > 1.5 * elsewhere.max()
