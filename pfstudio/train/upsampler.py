"""Training our own latent upsampler: flow matching from a noised soft latent to the sharp one.

The objective of "Boosting Latent Diffusion with Flow Matching" (arXiv 2312.07360) with the time
maps and the difficulty head of Patch Forcing, and beside them a look at the picture that the
velocity points to, so that one or two steps already are sharp.
"""

from __future__ import annotations

import math
from dataclasses import asdict

import numpy as np
import numpy.typing as npt
import torch
from torch import Generator, Tensor, nn

from pfstudio.core.card import ModelCard
from pfstudio.core.errors import InputError
from pfstudio.flow.add_noise import add_noise, alpha_bar
from pfstudio.flow.objective import patch_forcing_loss, validation_losses
from pfstudio.flow.path import interpolate, predicted_data, target_velocity, to_pixels
from pfstudio.flow.time_samplers import TimeSampler
from pfstudio.nn.latent_upsampler import PATCH_UPSAMPLER, PatchUpsampler, PatchUpsamplerConfig
from pfstudio.nn.layers import channels_last
from pfstudio.train.autoencoder import psnr
from pfstudio.train.config import TrainingConfig, UpsamplerTrainingConfig
from pfstudio.train.data import TrainingData, fit, to_unit
from pfstudio.train.mobilenet import load_mobilenet, perceptual_distance
from pfstudio.train.report import picture_grid
from pfstudio.train.state import VALIDATION, TrainingProgress, step_generator
from pfstudio.train.task import Figures, StepLoss, build_network, describe_training, time_sampler
from pfstudio.train.upsampler_data import degrade, enlarge, random_crops, shrink
from pfstudio.weights.autoencoders import Autoencoder
from pfstudio.weights.upsampler import FACTOR, NOISING_STEPS

RESIZE = "bicubic"
_SHOWN = 8
_MOST_DONE = 0.4  # share of the patches that may already be finished where times differ


def draw_times(
    recipe: UpsamplerTrainingConfig,
    sampler: TimeSampler,
    batch: int,
    grid: tuple[int, int],
    generator: Generator,
) -> Tensor:
    """Time maps (batch,n,m): some exactly 0, some uniform over a picture, the others per patch.

    Where they differ, a random share of the patches is finished, as it is when a clock per patch
    lets flat ones end early.
    """
    times = sampler(batch, grid, generator)
    done = _MOST_DONE * torch.rand((batch, 1, 1), generator=generator)
    times = torch.where(torch.rand(times.shape, generator=generator) < done, 1.0, times)
    parallel = torch.rand((batch, 1, 1), generator=generator)
    which = torch.rand((batch, 1, 1), generator=generator)
    times = torch.where(which < recipe.zero_share + recipe.parallel_share, parallel, times)
    return torch.where(which < recipe.zero_share, 0.0, times)


class UpsamplerTask:
    """Our own latent upsampler on random crops, encoded as drawn; see `task.TrainingTask`."""

    second = projector = average = None

    def __init__(
        self,
        recipe: TrainingConfig,
        data: tuple[TrainingData, ...],
        autoencoder: Autoencoder,
        device: torch.device,
    ) -> None:
        self.recipe, self.how = recipe, recipe.upsampler
        self.data = data
        self.device = device
        autoencoder = channels_last(autoencoder.to(device))
        self.autoencoder = autoencoder.requires_grad_(False)
        shares = torch.tensor([source.share for source in recipe.data.sources])
        self.shares = shares / shares.sum()
        of_data = {"channels": autoencoder.channels}
        self.network = build_network(PatchUpsampler, PatchUpsamplerConfig, recipe.model, of_data)
        self.times = time_sampler(self.how.time_sampler, self.how.time_options)
        self.patch = self.network.config.patch
        unit = autoencoder.factor * math.lcm(self.patch, FACTOR)  # small pictures are encoded, too
        if recipe.data.pixels % unit:
            raise InputError(
                f"The recipe cannot be used: data.pixels must be a multiple of {unit}."
            )
        self.alpha_bar = alpha_bar(self.how.noising_step, NOISING_STEPS)
        self.features = load_mobilenet().to(device) if self.how.perceptual > 0 else None

    def loss(self, network: nn.Module, step: int, process: int, processes: int) -> StepLoss:
        training, how = self.recipe.training, self.how
        generator = step_generator(training.seed, step, process)
        pairs = max(1, training.batch // processes // how.draws)
        sharp, soft = self._pairs(pairs, generator)
        data, context = self._encode(sharp), self._encode(soft)
        data, context = (value.repeat(how.draws, 1, 1, 1) for value in (data, context))
        noise = torch.randn(data.shape, generator=generator).to(self.device)
        grid = (data.shape[-2] // self.patch, data.shape[-1] // self.patch)
        t = draw_times(how, self.times, len(data), grid, generator).to(self.device)
        start = add_noise(context, noise, self.alpha_bar)
        x = interpolate(data, start, t, self.patch)
        velocity, log_variance = network(x, t, context)
        loss = patch_forcing_loss(
            velocity.float(),
            to_pixels(log_variance.float(), self.patch),
            target_velocity(data, start),
            how.nll_weight,
        )
        looked = max(1, round(how.looked_share * pairs))
        part = slice(0, looked)
        ends = predicted_data(x[part], velocity[part].float(), t[part], self.patch)
        picture = self.autoencoder.picture(ends)
        pixel = (picture - sharp[part]).abs().mean()
        total = loss.total + how.pixel * pixel
        figures = [("flow", loss.flow), ("nll", loss.nll), ("pixel", pixel)]
        if self.features is not None:
            seen = perceptual_distance(self.features, picture, sharp[part])
            total = total + how.perceptual * seen
            figures.append(("perceptual", seen))
        return StepLoss(total, tuple(figures))

    @torch.no_grad()
    def validate(self, network: nn.Module) -> Figures:
        total, weight, figures = torch.zeros(8), 0, []
        generator = step_generator(self.recipe.training.seed, 0, 0, VALIDATION)
        for source, data in zip(self.recipe.data.sources, self.data, strict=True):
            if not len(data.test):
                continue
            found = []
            for sharp in self._held(data, self.recipe.report.validation_pictures).split(32):
                soft = enlarge(shrink(sharp, FACTOR), FACTOR, RESIZE)
                latents, context = self._encode(sharp), self._encode(soft)
                noise = torch.randn(latents.shape, generator=generator).to(self.device)
                start = add_noise(context, noise, self.alpha_bar)

                def velocity(x: Tensor, t: Tensor, context: Tensor = context) -> Tensor:
                    return network(x, t, context)[0].float()

                losses = validation_losses(velocity, latents, start, self.patch).cpu()
                total, weight = total + len(sharp) * losses, weight + len(sharp)
                made = (self._decoded(self._upscaled(network, context, start, n)) for n in (1, 2))
                found.append(torch.stack([psnr(p, sharp) for p in (soft, *made)]))
            means = torch.cat(found, dim=1).mean(dim=1).tolist()
            names = ("bicubic", "1 step", "2 steps")
            figures += [(f"psnr {k} {source.path}", v) for k, v in zip(names, means, strict=True)]
        segments = tuple((f"segment_{i + 1}", float(v)) for i, v in enumerate(total / weight))
        return (("loss", float(total.mean()) / weight), *segments, *figures)

    @torch.no_grad()
    def grid(self, network: nn.Module) -> npt.NDArray[np.uint8]:
        rows = []
        generator = step_generator(self.recipe.training.seed, 0, 0, VALIDATION)
        for data in self.data:
            if not len(data.test):
                continue
            sharp = self._held(data, _SHOWN)
            sharp = sharp.repeat(_SHOWN, 1, 1, 1)[:_SHOWN]  # rows of one width
            soft = enlarge(shrink(sharp, FACTOR), FACTOR, RESIZE)
            context = self._encode(soft)
            noise = torch.randn(context.shape, generator=generator).to(self.device)
            start = add_noise(context, noise, self.alpha_bar)
            made = (self._decoded(self._upscaled(network, context, start, n)) for n in (1, 4))
            shown = (soft, *made, self._decoded(self._encode(sharp)), sharp)
            rows += [picture_grid(row.float().cpu(), columns=_SHOWN) for row in shown]
        return np.concatenate(rows) if rows else np.full((4, 4, 3), 255, np.uint8)

    def card(self, network: nn.Module, progress: TrainingProgress) -> ModelCard:
        figures = dict(self.validate(network))
        return ModelCard(
            name=self.recipe.name,
            title=self.recipe.title,
            architecture=PATCH_UPSAMPLER.name,
            sizes={
                **asdict(self.network.config),
                "noising_step": self.how.noising_step,
                "resize": RESIZE,
            },
            autoencoder=self.how.autoencoder,
            latent_scale=self.autoencoder.scaling.scale,
            latent_shift=self.autoencoder.scaling.shift,
            pixels=self.recipe.data.pixels,
            licence=self.recipe.licence,
            data=self.recipe.data_note,
            training=describe_training(self.recipe, progress),
            quality={name: round(value, 4) for name, value in figures.items()},
            limits=self.recipe.limits,
            paper=PATCH_UPSAMPLER.paper,
        )

    def _pairs(self, count: int, generator: Generator) -> tuple[Tensor, Tensor]:
        """Sharp pictures and their enlarged degraded copies, both (count,3,side,side)."""
        how = self.recipe.data
        sharp = random_crops(self.data, self.shares, how.pixels, count, generator, how.flip)
        small = torch.stack([degrade(picture, FACTOR, generator) for picture in sharp])
        # Some came out of the autoencoder: pictures that a generator or a first upscaling made.
        through = torch.rand(count, generator=generator) < self.how.decoded_share
        if bool(through.any()):
            small[through] = self._decoded(self._encode(small[through])).cpu()
        return sharp.to(self.device), enlarge(small, FACTOR, RESIZE).to(self.device)

    def _encode(self, pictures: Tensor) -> Tensor:
        return self.autoencoder.encode(pictures.to(self.device))

    def _decoded(self, latents: Tensor) -> Tensor:
        return self.autoencoder.decode(latents).clamp(-1, 1)

    def _held(self, data: TrainingData, count: int) -> Tensor:
        """An evenly spread part of the held-out pictures (N,3,side,side) in -1..1."""
        count = min(count, len(data.test))
        chosen = torch.linspace(0, len(data.test) - 1, count).long().tolist()
        side = self.recipe.data.pixels
        pictures = torch.stack([fit(data.test.pictures[i], side) for i in chosen])
        return to_unit(pictures).to(self.device)

    def _upscaled(self, network: nn.Module, context: Tensor, x: Tensor, steps: int) -> Tensor:
        """The latent after so many Euler steps, all patches in time with each other."""
        size = (len(x), x.shape[-2] // self.patch, x.shape[-1] // self.patch)
        for k in range(steps):
            x = x + network(x, x.new_full(size, k / steps), context)[0].float() / steps
        return x
