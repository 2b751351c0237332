"""Autoencoders behind one small interface: pictures in -1..1 <-> latents for the generator.

Our own, diffusers' AutoencoderKL (also from CompVis's layout) and AutoencoderTiny (TAESD), and
where nothing is installed a linear map from latents to colours, so that a run can be looked at.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pfstudio.core.card import ModelCard
from pfstudio.core.errors import InputError
from pfstudio.nn.autoencoder import VariationalAutoencoder

_AT_ONCE = 4  # pictures decoded together: a 256 px KL decoder needs about 1 GB for them

# Red, green and blue of each of Stable Diffusion's four latent channels: the fit that its users
# published (keturn, "Decoding latents to RGB without upscaling", Hugging Face forum, 2022).
_SD_COLOURS = (
    (0.298, 0.207, 0.208),
    (0.187, 0.286, 0.173),
    (-0.158, 0.189, 0.264),
    (-0.184, -0.271, -0.473),
)


@dataclass(frozen=True)
class Scaling:
    """latents = (encoded mean - shift) * scale"""

    scale: float = 1.0
    shift: float = 0.0


class Autoencoder(nn.Module):
    """What every autoencoder of this program can do. Move it with `.to(...)` like any module.

    Attributes:
        factor: pixels per latent, each side.
        channels: latent channels C.
        notices: sentences to show, e.g. that only a rough preview is possible.
    """

    def __init__(
        self, factor: int, channels: int, scaling: Scaling, notices: tuple[str, ...] = ()
    ) -> None:
        super().__init__()
        self.factor = factor
        self.channels = channels
        self.scaling = scaling
        self.notices = notices

    @torch.no_grad()
    def encode(self, images: Tensor) -> Tensor:
        """Pictures (B,3,H,W) in -1..1 -> latents (B,C,H/f,W/f), scaled as the generator needs them.

        The mean of the posterior is taken, as the published training code does.

        Raises:
            InputError: a side is no multiple of `factor`, or nothing is installed that can encode.
        """
        height, width = images.shape[-2:]
        if height % self.factor or width % self.factor:
            raise InputError(
                f"An image of {width} x {height} pixels cannot be encoded: both sides must be "
                f"multiples of {self.factor}.",
                "Crop or resize it.",
            )
        parts = images.to(self._dtype()).split(_AT_ONCE)
        means = torch.cat([self._mean(part).float() for part in parts])
        return (means - self.scaling.shift) * self.scaling.scale

    @torch.no_grad()
    def decode(self, latents: Tensor) -> Tensor:
        """Latents (B,C,h,w) -> pictures (B,3,f h,f w), about -1..1, float32."""
        raw = latents.float() / self.scaling.scale + self.scaling.shift
        parts = raw.to(self._dtype()).split(_AT_ONCE)
        return torch.cat([self._picture(part).float() for part in parts])

    def picture(self, latents: Tensor) -> Tensor:
        """As `decode`, but with a gradient, and all at once."""
        raw = latents.float() / self.scaling.scale + self.scaling.shift
        return self._picture(raw.to(self._dtype())).float()

    @torch.no_grad()
    def preview(self, latents: Tensor) -> Tensor:
        """As `decode`, as cheaply as is possible with what is installed."""
        return self.decode(latents)

    def _dtype(self) -> torch.dtype:
        return next((p.dtype for p in self.parameters()), torch.float32)

    def _mean(self, images: Tensor) -> Tensor:
        raise InputError("No autoencoder is installed that could encode an image.")

    def _picture(self, raw: Tensor) -> Tensor:
        raise InputError("No autoencoder is installed that could decode latents.")


class OwnAutoencoder(Autoencoder):
    """The small autoencoder of the shipped models."""

    def __init__(self, network: VariationalAutoencoder, scaling: Scaling) -> None:
        super().__init__(4, network.config.latent_channels, scaling)
        self.network = network

    @torch.no_grad()
    def preview(self, latents: Tensor) -> Tensor:
        raw = latents.float() / self.scaling.scale + self.scaling.shift
        return self.network.preview(raw.to(self._dtype())).float()

    def _mean(self, images: Tensor) -> Tensor:
        return self.network.encode(images).mean

    def _picture(self, raw: Tensor) -> Tensor:
        return self.network.decode(raw)


class PublishedAutoencoder(Autoencoder):
    """diffusers' AutoencoderKL, with a TAESD for the previews where one is installed."""

    def __init__(self, network: Any, scaling: Scaling, tiny: TinyAutoencoder | None = None) -> None:
        config: Any = network.config
        factor = 2 ** (len(config.block_out_channels) - 1)
        super().__init__(factor, config.latent_channels, scaling)
        self.network = network
        self.tiny = (
            tiny if tiny and (tiny.factor, tiny.channels) == (factor, self.channels) else None
        )

    @torch.no_grad()
    def preview(self, latents: Tensor) -> Tensor:
        if self.tiny is not None:
            return self.tiny.decode(latents)
        return linear_preview(latents, self.factor)

    def _mean(self, images: Tensor) -> Tensor:
        return self.network.encode(images).latent_dist.mean

    def _picture(self, raw: Tensor) -> Tensor:
        return self.network.decode(raw).sample


class TinyAutoencoder(Autoencoder):
    """diffusers' AutoencoderTiny (TAESD). Its latents already are the scaled ones."""

    def __init__(self, network: Any) -> None:
        config = network.config
        factor = 2 ** (len(config.decoder_block_out_channels) - 1)
        super().__init__(factor, config.latent_channels, Scaling())
        self.network = network

    def _mean(self, images: Tensor) -> Tensor:
        return self.network.encode(images).latents

    def _picture(self, raw: Tensor) -> Tensor:
        return self.network.decode(raw).sample


class LinearPreview(Autoencoder):
    """No autoencoder: latents become colours by a linear map and are enlarged. It cannot encode."""

    def __init__(self, factor: int, channels: int, notices: tuple[str, ...]) -> None:
        super().__init__(factor, channels, Scaling(), notices)

    def _picture(self, raw: Tensor) -> Tensor:
        return linear_preview(raw, self.factor)


def linear_preview(latents: Tensor, factor: int) -> Tensor:
    """Rough colours of latents (B,C,h,w), enlarged to (B,3,f h,f w), in -1..1.

    Meant for Stable Diffusion's four channels; others are shown through the same weights.
    """
    used = latents[:, : len(_SD_COLOURS)].float()
    colours = torch.tensor(_SD_COLOURS, device=latents.device)[: used.shape[1]]
    picture = torch.einsum("bchw,cr->brhw", used, colours).clamp(-1, 1)
    return F.interpolate(picture, scale_factor=factor, mode="bilinear", align_corners=False)


def wrapped(
    network: nn.Module,
    architecture: str,
    scaling: Scaling,
    tiny: Callable[[], TinyAutoencoder | None],
) -> Autoencoder:
    """A network of this architecture as an autoencoder.

    Args:
        tiny: finds the fast decoder for previews, where one is of use.
    """
    return _WRAPPERS[architecture](network, scaling, tiny)


# How each architecture of the registry whose task is "autoencode" is used.
_WRAPPERS: dict[str, Callable[[Any, Scaling, Callable[[], Any]], Autoencoder]] = {
    "autoencoder-kl": lambda network, scaling, tiny: OwnAutoencoder(network, scaling),
    "autoencoder-tiny": lambda network, scaling, tiny: TinyAutoencoder(network),
    "autoencoder-diffusers": lambda network, scaling, tiny: PublishedAutoencoder(
        network, scaling, tiny()
    ),
}


def scaling_of(card: ModelCard) -> Scaling:
    """The scaling that a card gives."""
    return Scaling(card.latent_scale, card.latent_shift)
