"""A small convolutional KL autoencoder: pictures <-> latents at a quarter of the side.

The family of Rombach et al., "High-Resolution Image Synthesis with Latent Diffusion Models" (2022),
section 3.1, reduced to what two CPU cores decode quickly: no attention, no normalisation, residual
blocks of two 3x3 convolutions, and space-to-depth in place of work at full resolution. Having no
global operation it serves any picture whose sides are divisible by 4.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pfstudio.nn.architecture import Architecture, Sizes, Tensors

_LOG_VARIANCE_RANGE = (-12.0, 4.0)


@dataclass(frozen=True)
class AutoencoderConfig:
    """Sizes. `widths` are the channels at a half and at a quarter of the side."""

    latent_channels: int = 4
    widths: tuple[int, int] = (64, 128)
    encoder_blocks: tuple[int, int] = (1, 2)  # residual blocks at a half and at a quarter
    decoder_blocks: tuple[int, int] = (2, 3)
    preview_width: int = 32  # channels of the preview decoder

    def __post_init__(self) -> None:
        for name in ("widths", "encoder_blocks", "decoder_blocks"):  # JSON gives lists
            object.__setattr__(self, name, tuple(getattr(self, name)))


class Posterior(NamedTuple):
    """The diagonal normal distribution that the encoder predicts; both (B,C,H/4,W/4)."""

    mean: Tensor
    log_variance: Tensor

    def sample(self, noise: Tensor) -> Tensor:
        """A draw, from standard normal noise of the same shape."""
        return self.mean + torch.exp(0.5 * self.log_variance) * noise

    def kl(self) -> Tensor:
        """Divergence from N(0, I), mean over all elements (a scalar, >= 0)."""
        variance = self.log_variance.exp()
        return 0.5 * (self.mean.square() + variance - 1.0 - self.log_variance).mean()


class Reconstruction(NamedTuple):
    """What a training step looks at."""

    posterior: Posterior
    picture: Tensor  # (B,3,H,W) decoded from a sample of the posterior
    preview: Tensor  # (B,3,H,W) from the same sample, whose gradient stops there


class ResidualBlock(nn.Module):
    """x + conv(relu(conv(relu(x)))); the second convolution starts at zero."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(width, width, 3, padding=1)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1)
        nn.init.zeros_(self.conv2.weight)
        nn.init.zeros_(self.conv2.get_parameter("bias"))

    def forward(self, x: Tensor) -> Tensor:
        return x + self.conv2(F.relu(self.conv1(F.relu(x))))


def _blocks(width: int, count: int) -> nn.Sequential:
    return nn.Sequential(*(ResidualBlock(width) for _ in range(count)))


class Encoder(nn.Module):
    """Pictures (B,3,H,W) in -1..1 -> mean and log-variance (B,2C,H/4,W/4)."""

    def __init__(self, config: AutoencoderConfig) -> None:
        super().__init__()
        half, quarter = config.widths
        self.into = nn.Conv2d(12, half, 3, padding=1)
        self.fine = _blocks(half, config.encoder_blocks[0])
        self.down = nn.Conv2d(half, quarter, 4, stride=2, padding=1)
        self.coarse = _blocks(quarter, config.encoder_blocks[1])
        self.out = nn.Conv2d(quarter, 2 * config.latent_channels, 3, padding=1)

    def forward(self, picture: Tensor) -> Tensor:
        x = self.fine(self.into(F.pixel_unshuffle(picture, 2)))
        return self.out(F.relu(self.coarse(self.down(F.relu(x)))))


class Decoder(nn.Module):
    """Latents (B,C,h,w) -> pictures (B,3,4h,4w), about -1..1."""

    def __init__(self, config: AutoencoderConfig) -> None:
        super().__init__()
        half, quarter = config.widths
        self.into = nn.Conv2d(config.latent_channels, quarter, 3, padding=1)
        self.coarse = _blocks(quarter, config.decoder_blocks[1])
        self.up = nn.Conv2d(quarter, 4 * half, 1)
        self.fine = _blocks(half, config.decoder_blocks[0])
        self.out = nn.Conv2d(half, 12, 3, padding=1)

    def forward(self, latents: Tensor) -> Tensor:
        x = self.coarse(self.into(latents))
        x = self.fine(F.pixel_shuffle(self.up(F.relu(x)), 2))
        return F.pixel_shuffle(self.out(F.relu(x)), 2)


class PreviewDecoder(nn.Module):
    """Latents -> pictures of the same size by two convolutions: soft, but good for every step."""

    def __init__(self, config: AutoencoderConfig) -> None:
        super().__init__()
        self.into = nn.Conv2d(config.latent_channels, config.preview_width, 3, padding=1)
        self.out = nn.Conv2d(config.preview_width, 48, 3, padding=1)

    def forward(self, latents: Tensor) -> Tensor:
        return F.pixel_shuffle(self.out(F.relu(self.into(latents))), 4)


class VariationalAutoencoder(nn.Module):
    """Encoder, decoder and preview decoder; latents here are raw, without a card's scale."""

    def __init__(self, config: AutoencoderConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = Encoder(config)
        self.decoder = Decoder(config)
        self.preview_decoder = PreviewDecoder(config)

    def encode(self, picture: Tensor) -> Posterior:
        """The posterior of pictures (B,3,H,W) in -1..1; H and W divisible by 4.

        Raises:
            ValueError: a side is not divisible by 4.
        """
        if picture.shape[-1] % 4 or picture.shape[-2] % 4:
            raise ValueError(f"sides must be divisible by 4, not {tuple(picture.shape[-2:])}")
        mean, log_variance = self.encoder(picture).float().chunk(2, dim=1)
        return Posterior(mean, log_variance.clamp(*_LOG_VARIANCE_RANGE))

    def forward(self, picture: Tensor, noise: Tensor) -> Reconstruction:
        """One training pass; noise (B,C,H/4,W/4) is standard normal."""
        posterior = self.encode(picture)
        latents = posterior.sample(noise)
        return Reconstruction(posterior, self.decode(latents), self.preview(latents.detach()))

    def decode(self, latents: Tensor) -> Tensor:
        """Pictures (B,3,4h,4w), about -1..1, from raw latents (B,C,h,w)."""
        return self.decoder(latents)

    def preview(self, latents: Tensor) -> Tensor:
        """As `decode`, far cheaper and softer."""
        return self.preview_decoder(latents)


def _infer(tensors: Tensors, given: Mapping[str, Any], name: str, heads: int) -> Sizes:
    def blocks(where: str) -> int:
        return len([key for key in tensors if key.startswith(where) and key.endswith("1.bias")])

    half, quarter = (tensors[f"encoder.{key}.weight"].shape[0] for key in ("into", "down"))
    values = {
        "latent_channels": tensors["decoder.into.weight"].shape[1],
        "widths": (half, quarter),
        "encoder_blocks": (blocks("encoder.fine."), blocks("encoder.coarse.")),
        "decoder_blocks": (blocks("decoder.fine."), blocks("decoder.coarse.")),
        "preview_width": tensors["preview_decoder.into.weight"].shape[0],
    }
    return Sizes(values)


AUTOENCODER_KL = Architecture(
    name="autoencoder-kl",
    task="autoencode",
    config=AutoencoderConfig,
    network=VariationalAutoencoder,
    recognise=lambda tensors: "encoder.into.weight" in tensors,
    infer=_infer,
    channels="latent_channels",
)
