"""How a model of each kind is asked for its hidden states of pictures, whatever it was made for.

Latents (B,C,h,w), maps (B,n,m). A generator is given the picture noised to any time, and its true
velocity is known. A depth model's or an upsampler's flow begins at the noised picture and ends at
something unknown, so that its state at time t is that of one Euler step from the begin.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from pfstudio.core.conditions import PictureCondition
from pfstudio.core.errors import InputError
from pfstudio.core.trace import Trace
from pfstudio.engine.depth_model import DepthModel, Encoded
from pfstudio.engine.loaded_model import LoadedModel
from pfstudio.engine.model import Model
from pfstudio.engine.upscale_model import UpscaleModel
from pfstudio.flow.add_noise import add_noise
from pfstudio.flow.path import interpolate, pool, target_velocity
from pfstudio.nn.hidden import attended, captured, stages
from pfstudio.nn.interface import Output

Bytes = npt.NDArray[np.uint8]
Given = Tensor | list[Encoded]  # latents (I,C,h,w); of a depth model, what it knows of each picture


@dataclass(frozen=True)
class Hidden:
    """What one call of a network leaves."""

    layers: dict[int, Tensor]  # (B,h,w,D) float32
    attention: dict[int, Tensor] = field(default_factory=dict)  # (B,h,w,P) float32, if asked for
    difficulty: Tensor | None = None  # (B,n,m) variance; None: no difficulty head
    error: Tensor | None = None  # (B,n,m) mean squared error; None: not known


class FeatureSource(ABC):
    """A model that was given pictures.

    Attributes:
        layers: how many it has.
        latents: (I,C,h,w) of the pictures.
        grid: patches (rows, columns).
        per_patch: whether each patch may have a time of its own.
    """

    layers: int
    latents: Tensor
    grid: tuple[int, int]
    per_patch = False

    @abstractmethod
    def at(
        self, images: slice, noise: Tensor, time: Tensor, layers: Sequence[int],
        attention: bool = False,
    ) -> Hidden:  # fmt: skip
        """Call the network for some pictures, with noise (B,C,h,w), at times (B,n,m).

        Args:
            attention: whether that of the layers is wanted as well, where the network has it.
        """


def pixels_of(model: LoadedModel) -> int:
    """Side of the pictures that a model is given here."""
    if isinstance(model, Model):
        return int(model.network.config.input_size) * model.factor
    assert isinstance(model, DepthModel | UpscaleModel)
    unit = model.unit if isinstance(model, DepthModel) else model.unit * model.factor
    return max(1, (model.card.pixels or 8 * unit) // unit) * unit


def encode(model: LoadedModel, pictures: Bytes) -> Given:
    """What a model makes of pictures (I,H,W,3) before it is asked anything."""
    if isinstance(model, Model):
        return model.encode(pictures)
    if isinstance(model, DepthModel):
        return [model.encode(picture) for picture in pictures]
    assert isinstance(model, UpscaleModel)
    scaled = torch.from_numpy(np.array(pictures)).permute(0, 3, 1, 2).float() / 127.5 - 1
    return torch.cat([model.encode(model.enlarged(one[None], 2)) for one in scaled]).cpu()


def source_of(
    model: LoadedModel, given: Given, condition: PictureCondition | None
) -> FeatureSource:
    """Give a model pictures that it encoded.

    Raises:
        InputError: a condition that does not fit.
    """
    if isinstance(model, Model):
        assert isinstance(given, Tensor)
        return _Generator(model, given, condition)
    if condition is not None:
        raise InputError(f"{model.name} takes neither classes nor text.", "Give none.")
    if isinstance(model, DepthModel):
        assert not isinstance(given, Tensor)
        return _Depth(model, given)
    assert isinstance(model, UpscaleModel)
    assert isinstance(given, Tensor)
    return _Upsampler(model, given)


class _Generator(FeatureSource):
    def __init__(self, model: Model, latents: Tensor, condition: PictureCondition | None) -> None:
        self.model, self.latents, self.condition = model, latents, condition
        self.layers = model.architecture.layers(model.network.config)
        self.per_patch = model.architecture.time == "per patch"
        self.grid = (latents.shape[2] // model.patch_size, latents.shape[3] // model.patch_size)

    def at(
        self, images: slice, noise: Tensor, time: Tensor, layers: Sequence[int],
        attention: bool = False,
    ) -> Hidden:  # fmt: skip
        data, p = self.latents[images], self.model.patch_size
        with attended(self.model.network, layers if attention else ()) as shares:
            out = self.model.hidden(interpolate(data, noise, time, p), time, self.condition, layers)
        velocity = out.velocity.float().cpu()
        wrong = (velocity - target_velocity(data, noise)).square().mean(dim=1, keepdim=True)
        return _hidden(out, shares, self.grid, p, pool(wrong, p))


class RunStates(FeatureSource):
    """The recorded states of a run as they are: they are noisy already."""

    def __init__(self, model: Model, trace: Trace, call: int) -> None:
        """Take the states that call `call`, from 0, was given.

        Raises:
            InputError: the run has none.
        """
        if trace.states is None:
            raise InputError("This run holds no states.", "Generate it with states recorded.")
        self.model, self.conditions = model, trace.request.per_image
        self.scan = trace.request.scan if model.scan else ""
        self.latents = torch.from_numpy(trace.states[call].astype(np.float32))
        self.times = torch.from_numpy(trace.time[call])
        self.layers = model.architecture.layers(model.network.config)
        self.grid = (trace.time.shape[2], trace.time.shape[3])

    def at(
        self, images: slice, noise: Tensor, time: Tensor, layers: Sequence[int],
        attention: bool = False,
    ) -> Hidden:  # fmt: skip
        given = (self.latents[images], self.times[images], self.conditions[images])
        with attended(self.model.network, layers if attention else ()) as shares:
            out = self.model.hidden(*given, layers, self.scan)
        return _hidden(out, shares, self.grid, self.model.patch_size)


class _Depth(FeatureSource):
    """Pictures are looked at one by one: each has features of its own at all sizes."""

    def __init__(self, model: DepthModel, images: list[Encoded]) -> None:
        self.model, self.images = model, images
        self.latents = torch.cat([image.latent for image in self.images]).cpu()
        self.layers = len(stages(model.network))
        self.grid = (self.latents.shape[2], self.latents.shape[3])

    def at(
        self, images: slice, noise: Tensor, time: Tensor, layers: Sequence[int],
        attention: bool = False,
    ) -> Hidden:  # fmt: skip
        parts = zip(self.images[images], noise, time, strict=True)
        return _joined([self._one(image, one, float(t[0, 0]), layers) for image, one, t in parts])

    @torch.inference_mode()
    def _one(self, image: Encoded, noise: Tensor, t: float, layers: Sequence[int]) -> Hidden:
        model = self.model
        start = add_noise(image.latent, noise[None].to(model.device), model.alpha_bar)
        x = start + t * model.velocity(start, 0.0, image) if t else start
        with captured(model.network, layers) as found:
            model.velocity(x, t, image)
        return Hidden({layer: h.float().cpu() for layer, h in found.items()})


class _Upsampler(FeatureSource):
    """What goes in is the picture at twice its sides."""

    def __init__(self, model: UpscaleModel, latents: Tensor) -> None:
        self.model, self.latents = model, latents
        self.layers = len(stages(model.network))
        self.grid = (self.latents.shape[2] // model.patch, self.latents.shape[3] // model.patch)

    @torch.inference_mode()
    def at(
        self, images: slice, noise: Tensor, time: Tensor, layers: Sequence[int],
        attention: bool = False,
    ) -> Hidden:  # fmt: skip
        model = self.model
        context, noise, time = (
            part.to(model.device) for part in (self.latents[images], noise, time)
        )
        start = add_noise(context, noise, model.alpha_bar)
        first, _ = model.velocity(start, torch.zeros_like(time), context)
        x = start + time[:, None, :1, :1] * first
        with captured(model.network, layers) as found:
            _, variance = model.velocity(x, time, context)
        maps = {layer: h.float().cpu() for layer, h in found.items()}
        return Hidden(maps, difficulty=None if variance is None else variance.cpu())


def _hidden(
    out: Output, shares: Mapping[int, Tensor], grid: tuple[int, int], patch: int,
    error: Tensor | None = None,
) -> Hidden:  # fmt: skip
    maps, attention = (
        {layer: h.float().unflatten(1, grid).cpu() for layer, h in found.items()}
        for found in (out.hidden, shares)
    )
    variance = out.log_variance
    told = None if variance is None else pool(variance.float().exp().cpu(), patch)
    return Hidden(maps, attention, told, error)


def _joined(parts: list[Hidden]) -> Hidden:
    maps = {k: torch.cat([part.layers[k] for part in parts]) for k in parts[0].layers}
    return Hidden(maps)
