"""Made-up features of made-up pictures, for tests of the window."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from pfstudio.core.events import Event, Finished, Progress, Started
from pfstudio.core.features import Features, FeaturesRequest, FeaturesStep, LayerFeatures
from pfstudio.core.image_io import read_filling

LAYERS, SIDE, GRID, WIDTH = 6, 64, 8, 12


def events(job: int, request: FeaturesRequest) -> Iterator[Event]:
    """What the engine would say, at once."""
    yield Started(job, len(request.times), len(request.files), (GRID, GRID), "cpu", "float32", 1)
    for call, time in enumerate(request.times):
        detail = FeaturesStep(time, 0, len(request.files), 0)
        yield Progress(job, call, len(request.times), 0.1, 0.0, detail)
    yield Finished(job, made_up_features(request), 0.1)


def made_up_features(request: FeaturesRequest) -> Features:
    """Colours of the patches and their places, mixed anew by each layer, under the noise."""
    pictures = np.stack([read_filling(file, (SIDE, SIDE)) for file in request.files])
    cell = SIDE // GRID
    means = pictures.reshape(len(pictures), GRID, cell, GRID, cell, 3).mean(axis=(2, 4)) / 255
    places = np.broadcast_to(
        np.moveaxis(np.indices((GRID, GRID)), 0, -1) / GRID, (*means.shape[:3], 2)
    )
    known = np.concatenate([means, places], axis=-1)
    random = np.random.default_rng(0)
    noise = random.normal(size=(*means.shape[:3], WIDTH))
    layers = []
    for layer in range(1, LAYERS + 1):
        mixed = np.tanh(known @ random.normal(size=(5, WIDTH)))
        each = [time * mixed + (1 - time) * noise for time in request.times]
        layers.append(LayerFeatures(layer, np.stack(each, axis=1).astype(np.float16)))
    times = np.array(request.times)[:, None, None]
    variance = (0.1 + means.std(axis=-1)[:, None] * times + 0.2 * times).astype(np.float32)
    error = (variance * random.uniform(0.6, 1.4, variance.shape)).astype(np.float32)
    names = tuple(Path(file).name for file in request.files)
    return Features(
        request, request.model, names, pictures, request.times, tuple(layers), variance, error
    )
