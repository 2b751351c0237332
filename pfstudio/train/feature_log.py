"""What the layers of a network in training know: one k-NN probe and one CKNNA a layer.

Both are for the log, at one time and without conditions; `pfstudio evaluate --features` measures
with more care and with controls.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from pfstudio.core.cknna import cknna
from pfstudio.core.clustering import nearest_labels
from pfstudio.core.probes import accuracy, pooled
from pfstudio.flow.path import interpolate
from pfstudio.nn.condition import Condition
from pfstudio.train.latents import LatentData, LatentSet
from pfstudio.train.state import VALIDATION, step_generator
from pfstudio.train.task import Figures

TIME = 0.75  # where the features of such models tell most
NEIGHBOURS = 10  # of CKNNA
_AT_ONCE = 128
_KNOWN = 2048  # training pictures that the probe knows, at most

Doubles = npt.NDArray[np.float64]


@torch.no_grad()
def feature_figures(
    network: nn.Module,
    latents: LatentData,
    maps: LatentData,
    null: Callable[[int], Condition],
    layers: int,
    *,
    labelled: bool,
    pictures: int,
    patch: int,
    device: torch.device,
) -> Figures:
    """`probe L` (share right of held-out pictures) and `cknna L` of each layer L, from 1.

    Args:
        maps: of the encoder, of the same pictures.
        null: the condition that stands for none, of so many pictures.
        labelled: the labels are classes; without them there are no probes.
        pictures: held-out ones that count, at most.
    """

    def features(held: LatentSet, chosen: Tensor) -> list[Doubles]:
        every: list[list[Tensor]] = [[] for _ in range(layers)]
        generator = step_generator(0, 0, 0, VALIDATION)
        for part in chosen.split(_AT_ONCE):
            data = held.latents[part]
            noise = torch.randn(data.shape, generator=generator)
            grid = (data.shape[-2] // patch, data.shape[-1] // patch)
            t = torch.full((len(data), *grid), TIME)
            x = interpolate(data, noise, t, patch)
            condition = null(len(data)).to(device)
            asked = range(1, layers + 1)
            hidden = network(x.to(device), t.to(device), condition, capture=asked).hidden
            for layer, found in zip(asked, every, strict=True):
                found.append(hidden[layer].float().cpu())
        return [pooled(torch.cat(found).numpy()[:, :, None]) for found in every]

    def spread(held: LatentSet, most: int) -> Tensor:
        return torch.linspace(0, len(held) - 1, min(len(held), most)).long()

    asked = spread(latents.test, pictures)
    tested = features(latents.test, asked)
    figures: list[tuple[str, float]] = []
    if labelled:
        known = spread(latents.train, _KNOWN)
        given, truth = (part.labels.numpy() for part in (latents.train, latents.test))
        for layer, (train, test) in enumerate(
            zip(features(latents.train, known), tested, strict=True), 1
        ):
            mean = train.mean(axis=0)
            told = nearest_labels(train - mean, given[known], test - mean)
            figures.append((f"probe {layer}", accuracy(told, truth[asked])))
    seen = maps.test.latents[asked].mean(dim=(2, 3)).numpy()
    if len(asked) > NEIGHBOURS:
        figures += [
            (f"cknna {layer}", cknna(test, seen, NEIGHBOURS))
            for layer, test in enumerate(tested, 1)
        ]
    return tuple(figures)
