"""Training the small KL autoencoder: L1, perceptual, a little KL, and if wanted adversarial."""

from __future__ import annotations

from dataclasses import asdict
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pfstudio.core.card import ModelCard
from pfstudio.nn.autoencoder import AUTOENCODER_KL, AutoencoderConfig, VariationalAutoencoder
from pfstudio.train.config import TrainingConfig
from pfstudio.train.data import PictureSet, TrainingData, fitted, random_crop, to_unit
from pfstudio.train.mobilenet import load_mobilenet, perceptual_distance
from pfstudio.train.report import picture_grid
from pfstudio.train.state import TrainingProgress, step_generator
from pfstudio.train.task import Figures, StepLoss, build_network, describe_training

PAPER = "High-Resolution Image Synthesis with Latent Diffusion Models (CVPR 2022, arXiv 2112.10752)"
_SHOWN = 8
_SCALE_PICTURES = 512  # latents of so many pictures decide scale and shift


class PatchDiscriminator(nn.Module):
    """Says of each region of a picture whether it is real: (B,3,H,W) -> (B,1,H/8,W/8).

    Isola et al., "Image-to-Image Translation with Conditional Adversarial Networks" (2017).
    """

    def __init__(self, width: int = 32) -> None:
        super().__init__()
        widths = (3, width, 2 * width, 4 * width)
        self.layers = nn.ModuleList(
            nn.Conv2d(a, b, 4, stride=2, padding=1) for a, b in pairwise(widths)
        )
        self.out = nn.Conv2d(widths[-1], 1, 3, padding=1)

    def forward(self, picture: Tensor) -> Tensor:
        x = picture
        for layer in self.layers:
            x = F.leaky_relu(layer(x), 0.2)
        return self.out(x)


def hinge_loss(real: Tensor, made: Tensor) -> Tensor:
    """What the discriminator minimises."""
    return 0.5 * (F.relu(1 - real).mean() + F.relu(1 + made).mean())


def psnr(picture: Tensor, target: Tensor) -> Tensor:
    """Peak signal-to-noise ratio in dB of each picture (B,3,H,W) in -1..1: (B,)."""
    error = (picture.float() - target.float()).square().mean(dim=(1, 2, 3))
    return 10 * torch.log10(4 / error.clamp(min=1e-10))


class AutoencoderTask:
    """The autoencoder on random crops of mixed sources; see `task.TrainingTask`."""

    projector = average = None

    def __init__(
        self, recipe: TrainingConfig, data: tuple[TrainingData, ...], device: torch.device
    ) -> None:
        self.recipe = recipe
        self.data = data
        self.device = device
        shares = torch.tensor([source.share for source in recipe.data.sources])
        self.shares = shares / shares.sum()
        self.network = build_network(VariationalAutoencoder, AutoencoderConfig, recipe.model, {})
        self.second = PatchDiscriminator() if recipe.autoencoder.adversarial > 0 else None
        self.features = load_mobilenet().to(device) if recipe.autoencoder.perceptual > 0 else None

    def loss(self, network: nn.Module, step: int, process: int, processes: int) -> StepLoss:
        training, weights = self.recipe.training, self.recipe.autoencoder
        generator = step_generator(training.seed, step, process)
        picture = self._crops(training.batch // processes, generator).to(self.device)
        side = self.recipe.data.pixels // 4
        shape = (len(picture), self.network.config.latent_channels, side, side)
        noise = torch.randn(shape, generator=generator).to(self.device)
        out = network(picture, noise)
        l1 = (out.picture.float() - picture).abs().mean()
        preview = (out.preview.float() - picture).abs().mean()
        kl = out.posterior.kl()
        total = l1 + weights.kl * kl + preview
        figures = [("l1", l1), ("kl", kl), ("preview", preview)]
        if self.features is not None:
            count = max(1, round(weights.perceptual_share * len(picture)))
            seen = perceptual_distance(self.features, out.picture[:count], picture[:count])
            total = total + weights.perceptual * seen
            figures.append(("perceptual", seen))
        second = None
        if self.second is not None:
            joined = step >= weights.adversarial_from
            fooled = -self._judge(out.picture.float()).mean()
            total = total + weights.adversarial * joined * fooled
            second = hinge_loss(self.second(picture), self.second(out.picture.float().detach()))
            figures += [("adversarial", fooled), ("discriminator", second)]
        return StepLoss(total, tuple(figures), second)

    @torch.no_grad()
    def validate(self, network: nn.Module) -> Figures:
        assert isinstance(network, VariationalAutoencoder)
        figures = []
        for source, data in zip(self.recipe.data.sources, self.data, strict=True):
            if not len(data.test):
                continue
            picture = to_unit(fitted(self._some(data.test), self.recipe.data.pixels))
            whole, preview = [], []
            for part in picture.split(64):
                latents = network.encode(part.to(self.device)).mean
                whole.append(psnr(network.decode(latents).clamp(-1, 1).cpu(), part))
                preview.append(psnr(network.preview(latents).clamp(-1, 1).cpu(), part))
            figures.append((f"psnr {source.path}", float(torch.cat(whole).mean())))
            figures.append((f"psnr preview {source.path}", float(torch.cat(preview).mean())))
        return tuple(figures)

    @torch.no_grad()
    def grid(self, network: nn.Module) -> npt.NDArray[np.uint8]:
        assert isinstance(network, VariationalAutoencoder)
        rows = []
        for data in self.data:
            if not len(data.test):
                continue
            some = fitted(self._some(data.test, _SHOWN), self.recipe.data.pixels)
            picture = to_unit(some).to(self.device)
            latents = network.encode(picture).mean
            for row in (picture, network.decode(latents), network.preview(latents)):
                rows.append(picture_grid(row.float().cpu(), columns=_SHOWN))
        return np.concatenate(rows) if rows else np.full((4, 4, 3), 255, np.uint8)

    @torch.no_grad()
    def card(self, network: nn.Module, progress: TrainingProgress) -> ModelCard:
        assert isinstance(network, VariationalAutoencoder)
        latents = torch.cat(
            [
                network.encode(to_unit(part).to(self.device)).mean
                for data in self.data
                for part in fitted(
                    self._some(data.train, _SCALE_PICTURES), self.recipe.data.pixels
                ).split(64)
            ]
        )
        return ModelCard(
            name=self.recipe.name,
            title=self.recipe.title,
            architecture=AUTOENCODER_KL.name,
            sizes=asdict(self.network.config),
            latent_scale=float(1 / latents.std()),
            latent_shift=float(latents.mean()),
            pixels=self.recipe.data.pixels,
            licence=self.recipe.licence,
            data=self.recipe.data_note,
            training=describe_training(self.recipe, progress),
            quality=dict(self.validate(network)),
            limits=self.recipe.limits,
            paper=PAPER,
        )

    def _crops(self, count: int, generator: torch.Generator) -> Tensor:
        """Random crops (count,3,side,side), sources drawn by their shares."""
        side, flip = self.recipe.data.pixels, self.recipe.data.flip
        crops = []
        for source in torch.multinomial(self.shares, count, True, generator=generator).tolist():
            pictures = self.data[source].train.pictures
            chosen = int(torch.randint(len(pictures), (), generator=generator))
            crops.append(random_crop(pictures[chosen], side, generator, flip))
        return torch.stack(crops)

    def _some(self, pictures: PictureSet, count: int = 0) -> PictureSet:
        """An evenly spread part of a set."""
        count = min(len(pictures), count or self.recipe.report.validation_pictures)
        chosen = torch.linspace(0, len(pictures) - 1, count).long().tolist()
        return PictureSet(
            tuple(pictures.names[i] for i in chosen),
            tuple(pictures.pictures[i] for i in chosen),
            pictures.labels[chosen],
        )

    def _judge(self, picture: Tensor) -> Tensor:
        """The discriminator's opinion, without a gradient for the discriminator itself."""
        assert self.second is not None
        self.second.requires_grad_(False)
        try:
            return self.second(picture)
        finally:
            self.second.requires_grad_(True)
