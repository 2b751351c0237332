"""An upsampler ready to use: network and autoencoder on one device in one precision.

Pictures (1,3,H,W) in -1..1, latents (B,C,h,w), maps of patches (B,n,m).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pfstudio.core.errors import InputError
from pfstudio.core.execution import Execution
from pfstudio.core.models import installed_models
from pfstudio.core.requests import Compute
from pfstudio.core.tiling import TilingConfig, weighted_tiles_over
from pfstudio.engine.execution import ExecutionConfig, default_execution
from pfstudio.engine.loaded_model import LoadedModel
from pfstudio.flow.add_noise import alpha_bar
from pfstudio.nn.latent_upsampler import PatchUpsampler
from pfstudio.nn.layers import channels_last
from pfstudio.weights.autoencoders import Autoencoder, OwnAutoencoder
from pfstudio.weights.load import needed_autoencoder
from pfstudio.weights.upsampler import NOISING_STEPS, LoadedUpsampler
from pfstudio.weights.upsampler import load_upsampler as read_upsampler

_MOST = 384  # side in latents of what our own network is given at once
_PUBLISHED_SIDE, _PUBLISHED_RAMP = 128, 32  # the published one is best at exactly this side
_RAMP = 8
_BATCH_ON_CPU, _BATCH_ON_GPU = 64**2, 512**2  # latents computed at once, where tiles are smaller
# An own autoencoder has no global operation: with this margin its tiles agree exactly. Others have
# norms and attention over the whole tile, whose differences fade out over a wide ramp.
_OWN_AUTOENCODER = TilingConfig(most=256, unit=1, margin=12, ramp=4)
_OTHER_SIDE, _OTHER_MARGIN, _OTHER_RAMP = 512, 8, 16  # pixels, latents, latents


class UpscaleModel(LoadedModel):
    """What `pfstudio.load_upsampler` returns."""

    def __init__(
        self, loaded: LoadedUpsampler, autoencoder: Autoencoder, execution: ExecutionConfig
    ) -> None:
        super().__init__(loaded.card, execution)
        self.notices = (*loaded.notices, *autoencoder.notices, *execution.notes)
        self.network = loaded.network.to(self.device, execution.dtype)
        self.autoencoder = autoencoder.to(self.device, execution.dtype)
        for module in (self.network, self.autoencoder):
            channels_last(module)
        self.alpha_bar = alpha_bar(loaded.noising_step, NOISING_STEPS)
        self.resize = loaded.resize

    def modules(self) -> Iterable[nn.Module]:
        return (self.network, self.autoencoder)

    @property
    def factor(self) -> int:
        """Picture pixels per latent pixel, each side."""
        return self.autoencoder.factor

    @property
    def channels(self) -> int:
        """Latent channels C."""
        return self.network.config.channels

    @property
    def unit(self) -> int:
        """Sides of a latent must be multiples of this."""
        return self.network.config.factor

    @property
    def patch(self) -> int:
        """Side of a patch in latent pixels; one unit for a network that knows a single time."""
        network = self.network
        return network.config.patch if isinstance(network, PatchUpsampler) else self.unit

    @property
    def has_difficulty(self) -> bool:
        """Whether every patch has a time and a predicted error of its own."""
        return isinstance(self.network, PatchUpsampler)

    @property
    def batch(self) -> int:
        """Latent pixels to compute in one call."""
        return _BATCH_ON_CPU if self.device.type == "cpu" else _BATCH_ON_GPU

    def tiling(self, pixels: int = 0) -> TilingConfig:
        """How a large canvas is cut for the network; tiles of `pixels` of the result, 0: its own.

        Raises:
            InputError: the tiles are too small.
        """
        network = self.network
        most = pixels // self.factor // self.unit * self.unit
        most = most if pixels else _MOST if self.has_difficulty else _PUBLISHED_SIDE
        if most < 8 * self.unit:
            least = 8 * self.unit * self.factor
            raise InputError(f"A tile of {pixels} pixels is too small.", f"Use at least {least}.")
        if not isinstance(network, PatchUpsampler):
            return TilingConfig(most, self.unit, 0, min(_PUBLISHED_RAMP, most // 4), fixed=True)
        margin = min(network.config.reach, most // 8 // self.unit * self.unit)
        return TilingConfig(most, self.unit, margin, _RAMP)

    def window_tiling(self, pixels: int = 0) -> TilingConfig:
        """As `tiling`, for windows around the patches that are still computed."""
        tiling = self.tiling(pixels)
        return replace(tiling, margin=min(tiling.margin, self.unit))

    def enlarged(self, picture: Tensor, factor: int) -> Tensor:
        """A picture (1,3,H,W) at `factor` times its sides, as in the network's training."""
        large = F.interpolate(picture, scale_factor=factor, mode=self.resize, align_corners=False)
        return large.clamp(-1, 1) if self.resize == "bicubic" else large

    @torch.inference_mode()
    def encode(self, picture: Tensor) -> Tensor:
        """Latents (1,C,h,w) float32 on the device, of a picture (1,3,H,W) on the CPU."""
        f = self.factor
        size = (picture.shape[2] // f, picture.shape[3] // f)
        out = torch.zeros(1, self.channels, *size, device=self.device)
        return self._tiled(lambda z: self.autoencoder.encode(z), picture, out, size, f, 1)

    @torch.inference_mode()
    def decode(self, latents: Tensor) -> Tensor:
        """Picture (1,3,H,W) float32 on the CPU, about -1..1, of latents (1,C,h,w)."""
        f, size = self.factor, (latents.shape[2], latents.shape[3])
        out = torch.zeros(1, 3, size[0] * f, size[1] * f)
        return self._tiled(lambda z: self.autoencoder.decode(z), latents, out, size, 1, f)

    @torch.inference_mode()
    def velocity(self, x: Tensor, t: Tensor, context: Tensor) -> tuple[Tensor, Tensor | None]:
        """Velocity (B,C,h,w) and difficulty (B,n,m), its expected squared error, both float32.

        Args:
            x: state (B,C,h,w).
            t: times (B,n,m); where the network knows a single time they are all alike.
            context: latents (B,C,h,w) of the enlarged picture.
        """
        if isinstance(self.network, PatchUpsampler):
            velocity, log_variance = self.network(x, t, context)
            return velocity, log_variance.float().exp()
        return self.network(x, t[:, 0, 0], context), None

    def _tiled(
        self,
        function: Callable[[Tensor], Tensor],
        source: Tensor,
        out: Tensor,
        size: tuple[int, int],
        per_in: int,
        per_out: int,
    ) -> Tensor:
        """Apply an autoencoder part by part; a latent is `per_in` pixels of the source."""
        total = torch.zeros(out.shape[2:])
        for part in weighted_tiles_over(*size, self._autoencoder_cut()):
            taken, given = part.tile.scaled(per_in).slices, part.tile.scaled(per_out).slices
            found = function(source[:, :, *taken].to(self.device)).to(out.device)
            weight = torch.from_numpy(part.weight)
            spread = weight.repeat_interleave(per_out, 0).repeat_interleave(per_out, 1)
            out[:, :, *given] += spread.to(out.device) * found
            total[given] += spread
        return out.div_(total.to(out.device))

    def _autoencoder_cut(self) -> TilingConfig:
        if isinstance(self.autoencoder, OwnAutoencoder):
            return _OWN_AUTOENCODER
        return TilingConfig(_OTHER_SIDE // self.factor, 1, _OTHER_MARGIN, _OTHER_RAMP)


def load_upsampler(
    name_or_path: str = "",
    autoencoder: str = "",
    device: str = "auto",
    precision: str = "auto",
    threads: int = 0,
    execution: Execution | None = None,
) -> UpscaleModel:
    """Load an upsampler by name or from a file or folder; "" is the first installed one.

    Args:
        autoencoder: name or path of another autoencoder than the model's own.

    Raises:
        InputError: there is no such model, or the file is damaged or of another kind.
    """
    config = default_execution(Compute(device, precision, threads, execution))
    loaded = read_upsampler(name_or_path or default_upsampler())
    model = UpscaleModel(loaded, needed_autoencoder(loaded.card, autoencoder), config)
    model.lighter = partial(load_upsampler, name_or_path, autoencoder, device, "bfloat16", threads)
    return model


def default_upsampler() -> str:
    """The upsampler to use where none is named.

    Raises:
        InputError: none is installed.
    """
    for model in installed_models("upscale"):
        return model.name
    raise InputError(
        "No upsampler is installed, and none was chosen.",
        "pfstudio models list shows what is installed.",
    )
