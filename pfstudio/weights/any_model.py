"""A checkpoint of any kind, completely read and proved to load."""

from __future__ import annotations

from collections.abc import Callable

from pfstudio.weights.checkpoint import Checkpoint
from pfstudio.weights.depth import depth_of
from pfstudio.weights.load import LoadedNetwork, architecture_of, network_of
from pfstudio.weights.upsampler import upsampler_of

# Tasks whose models are more than a network; an upsampler or a depth model is checked as a whole.
_LOADERS: dict[str, Callable[[Checkpoint, int], LoadedNetwork]] = {
    "depth": depth_of,
    "upscale": upsampler_of,
}


def model_of(checkpoint: Checkpoint, heads: int = 0) -> LoadedNetwork:
    """What a checkpoint that was read holds, whatever its task.

    Raises:
        InputError: it is of an unknown kind, or its tensors do not fit.
    """
    task = architecture_of(checkpoint).task
    if task in _LOADERS:
        return _LOADERS[task](checkpoint, heads)
    return network_of(checkpoint, task, heads)
