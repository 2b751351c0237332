"""A depth model ready to use: network, autoencoder and prompt on one device in one precision."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from pfstudio.core.depth import ATTENTION_MODES
from pfstudio.core.errors import InputError
from pfstudio.core.execution import Execution
from pfstudio.core.models import installed_models
from pfstudio.core.requests import Compute
from pfstudio.engine.execution import ExecutionConfig, default_execution, packing_pays
from pfstudio.engine.loaded_model import LoadedModel
from pfstudio.flow.add_noise import alpha_bar
from pfstudio.nn.depth_unet import IMAGE_ENCODER_FACTOR
from pfstudio.nn.layers import channels_last
from pfstudio.nn.packed import pack
from pfstudio.weights.autoencoders import Autoencoder
from pfstudio.weights.catalogue import find_entry
from pfstudio.weights.depth import (
    NOISING_STEPS,
    PUBLISHED,
    LoadedDepth,
)
from pfstudio.weights.depth import load_depth as read_depth
from pfstudio.weights.load import needed_autoencoder

# Numbers that a call keeps at its peak for each latent pixel, in units of the network's width: the
# skips, a residual block and a feed-forward's hidden layer. Estimated, rather too high.
_NETWORK_PEAK = 40


@dataclass(frozen=True)
class Encoded:
    """A picture as the network is given it."""

    latent: Tensor  # (1,C,h,w) float32; the mean of the posterior
    features: tuple[Tensor, ...]  # see `DepthUNet.encode_image`


class DepthModel(LoadedModel):
    """What `pfstudio.load_depth` returns. Latents (E,C,h,w), pictures (H,W,3), maps (E,H,W)."""

    def __init__(
        self, loaded: LoadedDepth, autoencoder: Autoencoder, execution: ExecutionConfig
    ) -> None:
        super().__init__(loaded.card, execution)
        self.notices = (*loaded.notices, *autoencoder.notices, *execution.notes)
        self.network = loaded.network.to(self.device, execution.dtype)
        self.autoencoder = autoencoder.to(self.device, execution.dtype)
        for module in (self.network, self.autoencoder):
            channels_last(module)
        if execution.device == "cpu" and packing_pays(execution.dtype):
            pack(self.network)
        self.tokens = loaded.embedding.to(self.device, execution.dtype)
        self.alpha_bar = alpha_bar(loaded.noising_step, NOISING_STEPS)

    @property
    def channels(self) -> int:
        """Latent channels C."""
        return self.network.config.out_channels

    @property
    def unit(self) -> int:
        """Sides of a picture must be multiples of this many pixels."""
        return self.autoencoder.factor * self.network.config.factor

    @property
    def pixels(self) -> int:
        """Longest side that the model works best at."""
        return self.card.pixels or 8 * self.unit

    def modules(self) -> Iterable[nn.Module]:
        return (self.network, self.autoencoder)

    def bytes_per_member(self, height: int, width: int) -> int:
        """Memory that one member of a picture of this size fills in a call, rather too much."""
        pixels = height * width // self.autoencoder.factor**2
        numbers = pixels * self.network.config.model_channels * _NETWORK_PEAK
        return numbers * self.execution.dtype.itemsize

    @torch.inference_mode()
    def encode(self, picture: npt.NDArray[np.uint8]) -> Encoded:
        """What the network is given of a picture, whatever the number of members."""
        exact = (picture.astype(np.float64) / 127.5 - 1).astype(np.float32)  # rounded as published
        scaled = torch.from_numpy(exact).permute(2, 0, 1)[None].to(self.device)
        return Encoded(self.autoencoder.encode(scaled).float(), self.network.encode_image(scaled))

    @torch.inference_mode()
    def velocity(
        self, x: Tensor, t: float, image: Encoded, attention: str = ATTENTION_MODES[0]
    ) -> Tensor:
        """Velocity (E,C,h,w) float32 of all members at state x (E,C,h,w) and time t."""
        times = torch.full((len(x),), t, dtype=torch.float32, device=x.device)
        latent = image.latent.expand_as(x)
        return self.network(x, times, latent, self.tokens, image.features, attention)

    @torch.inference_mode()
    def decode(self, latents: Tensor) -> npt.NDArray[np.float32]:
        """Log-depth (E,H,W) of depth latents: the mean of the decoded colours."""
        # One by one: a decoder fills the caches with a single picture, and all its memory.
        maps = [self.autoencoder.decode(z[None]).mean(dim=1)[0].cpu().numpy() for z in latents]
        return np.stack(maps)


def load_depth(
    name_or_path: str = "",
    autoencoder: str = "",
    device: str = "auto",
    precision: str = "auto",
    threads: int = 0,
    execution: Execution | None = None,
) -> DepthModel:
    """Load a depth model by name or from a file or folder; "" is the first installed one.

    Args:
        autoencoder: name or path of another autoencoder than the model's own.

    Raises:
        InputError: there is no such model, the file is damaged or of another kind, or the
            autoencoder's latents do not fit.
    """
    config = default_execution(Compute(device, precision, threads, execution))
    loaded = read_depth(name_or_path or default_depth_model())
    found = needed_autoencoder(loaded.card, autoencoder)
    if loaded.network.config.image_features and found.factor != IMAGE_ENCODER_FACTOR:
        raise InputError(
            f"{loaded.card.name} needs latents of 1/{IMAGE_ENCODER_FACTOR} of the side, but the "
            f"autoencoder {autoencoder or loaded.card.autoencoder} makes them 1/{found.factor}.",
            "Choose an autoencoder that does.",
        )
    model = DepthModel(loaded, found, config)
    model.lighter = partial(load_depth, name_or_path, autoencoder, device, "bfloat16", threads)
    return model


def default_depth_model() -> str:
    """The depth model to use where none is named.

    Raises:
        InputError: none is installed.
    """
    for model in installed_models("depth"):
        return model.name
    entry = find_entry(PUBLISHED)
    assert entry is not None
    raise InputError(
        f"No depth model is installed: open {entry.files[0].name} as its model.",
        f"Or fetch it: pfstudio models download {entry.name}",
    )
