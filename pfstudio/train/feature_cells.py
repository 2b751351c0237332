"""The features of many pictures at every layer and a few times, of a model and of its control."""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from pfstudio.engine.api import features
from pfstudio.engine.loaded_model import LoadedModel
from pfstudio.engine.model import Model
from pfstudio.nn.mobilenet import MobileNetV2
from pfstudio.nn.modulation import ForwardCache
from pfstudio.train.data import fit

Bytes = npt.NDArray[np.uint8]
Halfs = npt.NDArray[np.float16]
Array = npt.NDArray[np.floating]
Keep = Callable[[Halfs], Array]
Progress = Callable[[str, int, int], None]
AT_ONCE = 64


@dataclass(frozen=True)
class Cell:
    """A layer at a time."""

    name: str
    values: Array  # (N,h,w,D), or what was kept of it
    attention: Halfs | None  # (N,h,w,P); None: not asked for, or the layer has none


def permuted(model: LoadedModel, seed: int) -> LoadedModel:
    """The same network with the numbers of each weight tensor in another order.

    It keeps the sizes and spreads of everything, and knows nothing; a freshly initialised network
    of this kind would pass on nothing at all, since its blocks start as identities.
    """
    other = copy.deepcopy(model)
    if isinstance(other, Model):
        other._cache = ForwardCache()
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in _learned(other.network):  # type: ignore[attr-defined]
            flat = parameter.flatten()
            order = torch.randperm(len(flat), generator=generator).to(flat.device)
            parameter.copy_(flat[order].view_as(parameter))
    return other


def _learned(network: nn.Module) -> Iterator[nn.Parameter]:
    """All that came from data, that of a frozen image encoder too; but no table of positions."""
    for module in network.modules():
        frozen = isinstance(module, MobileNetV2)
        yield from (p for p in module.parameters(recurse=frozen) if frozen or p.requires_grad)


def picture(pixels: Tensor, side: int) -> Bytes:
    """A picture (3,H,W) of a data set as a model is given it, (side,side,3)."""
    return fit(pixels, side).permute(1, 2, 0).numpy()


def cells(
    model: LoadedModel, pictures: Bytes, times: tuple[float, ...], seed: int,
    what: str, progress: Progress, *, attention: bool = False, keep: Keep = lambda values: values,
) -> tuple[Cell, ...]:  # fmt: skip
    """What every layer holds at each time.

    Args:
        keep: what is wanted of values (N,h,w,D), for which all of them may be too large.
    """
    values, shares = defaultdict(list), defaultdict(list)
    for first in range(0, len(pictures), AT_ONCE):
        progress(what, first, len(pictures))
        part = pictures[first : first + AT_ONCE]
        found = features(
            model, part, all_layers=True, times=times, seed=seed + first, attention=attention
        )
        for layer in found.layers:
            for t, time in enumerate(times):
                name = f"layer {layer.layer}, time {time:g}"
                values[name].append(keep(layer.values[:, t]))
                if layer.attention is not None:
                    shares[name].append(layer.attention[:, t])
    return tuple(
        Cell(name, np.concatenate(each), np.concatenate(shares[name]) if name in shares else None)
        for name, each in values.items()
    )
