"""Training a depth model: the flow from a noised picture latent to the latent of its log-depth.

DepthFM (AAAI 2025, arXiv 2403.13788): straight path from the latent of the picture, noised by a
fixed step, to the latent of the depth map; the clean latent is the condition; an auxiliary loss
compares surface normals. The same task trains the plain regression that the flow is measured
against: same network and pictures, no noise, no time, no normals.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TypeVar

import cv2
import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pfstudio.core.card import ModelCard
from pfstudio.core.depth_measures import accuracy
from pfstudio.core.errors import InputError
from pfstudio.flow.add_noise import add_noise, alpha_bar, ensemble_noise
from pfstudio.nn.depth_unet import (
    DEPTH_FM,
    IMAGE_ENCODER_FACTOR,
    DepthUNet,
    DepthUNetConfig,
    FeatureProjection,
    SpatialTransformer,
    TimestepResidualBlock,
)
from pfstudio.nn.layers import channels_last
from pfstudio.train.config import TrainingConfig
from pfstudio.train.data import to_unit
from pfstudio.train.depth_data import (
    Bytes,
    DepthData,
    DepthPair,
    augment,
    cut_pair,
    log_depth_target,
)
from pfstudio.train.mobilenet import load_mobilenet
from pfstudio.train.report import picture_grid
from pfstudio.train.state import VALIDATION, TrainingProgress, step_generator
from pfstudio.train.task import Figures, StepLoss, batch_indices, build_network, describe_training
from pfstudio.weights.autoencoders import Autoencoder
from pfstudio.weights.depth import NOISING_STEPS

_SHAPES = ((4, 4), (3, 4), (4, 3))  # heights and widths of the batches, in fourths of the side
_SLOPE = 8.0  # log-depth per side of the picture that a surface of 45 degrees has
_FIT_PAIRS = 32  # depth maps that the linear reading of latents is fitted to
_ENSEMBLE_SIZE, _STEPS = 4, 2  # of the ensemble that validation looks at
_SHOWN = 6
Number = TypeVar("Number", np.uint8, np.float32)


class TrainedDepth(DepthUNet):
    """The network with its prompt: one constant token, exported with the weights.

    What is added to something else begins at 0.
    """

    empty_text_embedding: Tensor  # (1,1,K), the name that a depth model keeps it by

    def __init__(self, config: DepthUNetConfig) -> None:
        super().__init__(config)
        self.register_buffer("empty_text_embedding", torch.ones(1, 1, config.context_dim))
        for module in self.modules():
            if isinstance(module, TimestepResidualBlock):
                nn.init.zeros_(module.out_layers[-1].get_parameter("weight"))
            elif isinstance(module, SpatialTransformer):
                nn.init.zeros_(module.proj_out.weight)
            elif isinstance(module, FeatureProjection):
                nn.init.zeros_(module.weight)
        for values in self.out[-1].parameters():
            nn.init.zeros_(values)
        if config.image_features:
            self.image_encoder.load_state_dict(load_mobilenet(head=False).state_dict())
        if config.linear_skip:  # the state leaves as it came: the rest has to find the depth alone
            nn.init.zeros_(self.linear_skip.weight)
            nn.init.zeros_(self.linear_skip.get_parameter("bias"))
            with torch.no_grad():
                state = range(config.out_channels)
                self.linear_skip.weight[state, state] = -1.0


def normals(log_depth: Tensor) -> Tensor:
    """Unit normals (B,3,h-1,w-1) of log-depth maps (B,1,h,w), seen as relief over the picture."""
    side = max(log_depth.shape[-2:]) / _SLOPE
    along_x = (log_depth[..., :-1, 1:] - log_depth[..., :-1, :-1]) * side
    along_y = (log_depth[..., 1:, :-1] - log_depth[..., :-1, :-1]) * side
    return F.normalize(torch.cat([-along_x, -along_y, torch.ones_like(along_x)], dim=1), dim=1)


def normal_loss(prediction: Tensor, target: Tensor) -> Tensor:
    """Mean of 1 - cosine between the normals of two log-depth maps (B,1,h,w)."""
    return 1 - (normals(prediction) * normals(target)).sum(dim=1).mean()


def fit_reading(latents: Tensor, log_depth: Tensor) -> Tensor:
    """Weights (C+1,) that read log-depth (B,1,h,w) off latents (B,C,h,w): linear, least squares."""
    rows = latents.permute(0, 2, 3, 1).flatten(0, 2).double()
    rows = torch.cat([rows, torch.ones_like(rows[:, :1])], dim=1)
    return torch.linalg.lstsq(rows, log_depth.flatten().double()[:, None]).solution[:, 0].float()


class DepthTask:
    """A depth network on pairs of picture and depth; see `task.TrainingTask`."""

    second = projector = average = None

    def __init__(
        self,
        recipe: TrainingConfig,
        data: DepthData,
        autoencoder: Autoencoder,
        device: torch.device,
    ) -> None:
        self.recipe = recipe
        self.data = data
        self.device = device
        self.autoencoder = channels_last(autoencoder)
        self.network = _network(recipe, autoencoder).to(device)
        self.alpha_bar = alpha_bar(recipe.depth.noising_step, NOISING_STEPS)
        self.reading = self._fit_reading() if recipe.depth.normal_weight > 0 else None

    def loss(self, network: nn.Module, step: int, process: int, processes: int) -> StepLoss:
        training, depth = self.recipe.training, self.recipe.depth
        chosen = batch_indices(step, training.batch, len(self.data.train), training.seed)
        generator = step_generator(training.seed, step, process)
        pairs = [self.data.train[i] for i in chosen[process::processes].tolist()]
        shown, target, log_depth = self._batch(pairs, self._size(step), generator)
        image, tokens = self.autoencoder.encode(shown), self.network.empty_text_embedding
        with torch.no_grad():
            features = self.network.encode_image(shown)
        if depth.regression:
            nothing = torch.zeros_like(image)
            found = network(nothing, nothing[:, 0, 0, 0], image, tokens, features)
            error = (found - target).square().mean()
            return StepLoss(error, (("error", error),))
        noise = torch.randn(image.shape, generator=generator).to(self.device)
        t = torch.rand(len(image), generator=generator)
        t = t * (torch.rand(len(image), generator=generator) >= depth.start_share)
        t = t.to(self.device)
        start, at = add_noise(image, noise, self.alpha_bar), t[:, None, None, None]
        velocity = network((1 - at) * start + at * target, t, image, tokens, features)
        flow = (velocity - (target - start)).square().mean()
        if self.reading is None:
            return StepLoss(flow, (("flow", flow),))
        end = self._read(start + velocity)
        slope = normal_loss(end, F.avg_pool2d(log_depth, self.autoencoder.factor))
        total = flow + depth.normal_weight * slope
        return StepLoss(total, (("flow", flow), ("normals", slope)))

    @torch.no_grad()
    def validate(self, network: nn.Module) -> Figures:
        pairs = self._some(self.recipe.report.validation_pictures)
        told = []
        for pair in pairs:
            picture, inverse = pair.both()
            found = self.log_depth(network, self._fitted(picture))
            truth = _resized(inverse, found.shape)
            fit = accuracy(np.exp(-found), truth)
            told.append((fit.abs_rel, fit.delta1))
        abs_rel, delta1 = np.mean(told, axis=0)
        return (("abs_rel", float(abs_rel)), ("delta1", float(delta1)))

    @torch.no_grad()
    def grid(self, network: nn.Module) -> npt.NDArray[np.uint8]:
        rows: list[list[Tensor]] = [[], [], []]
        for pair in self._some(_SHOWN):
            colours, inverse = pair.both()
            picture = self._fitted(colours)
            found = torch.from_numpy(self.log_depth(network, picture))
            side = picture.shape[1], picture.shape[2]
            wanted = log_depth_target(_resized(inverse, side))
            for row, values in zip(
                rows, (to_unit(picture), found, torch.from_numpy(wanted)), strict=True
            ):
                row.append(values.expand(3, -1, -1))
        return np.concatenate([picture_grid(torch.stack(row), _SHOWN) for row in rows])

    @torch.no_grad()
    def log_depth(self, network: nn.Module, picture: Tensor) -> npt.NDArray[np.float32]:
        """Log-depth (H,W) of a picture (3,H,W) uint8: the mean of a small ensemble."""
        with torch.autocast(self.device.type, torch.bfloat16, self._low_precision):
            colours = to_unit(picture)[None].to(self.device)
            image, features = self.autoencoder.encode(colours), self.network.encode_image(colours)
            tokens = self.network.empty_text_embedding
            if self.recipe.depth.regression:
                nothing = torch.zeros_like(image)
                x = network(nothing, nothing[:, 0, 0, 0], image, tokens, features)
            else:
                noise = ensemble_noise(range(_ENSEMBLE_SIZE), image.shape[1:], 0).to(self.device)
                x, image = (
                    add_noise(image, noise, self.alpha_bar),
                    image.expand(_ENSEMBLE_SIZE, -1, -1, -1),
                )
                for step in range(_STEPS):
                    t = x.new_full((_ENSEMBLE_SIZE,), step / _STEPS)
                    x = x + network(x, t, image, tokens, features) / _STEPS
            return self.autoencoder.decode(x).mean(dim=(0, 1)).cpu().numpy()

    def card(self, network: nn.Module, progress: TrainingProgress) -> ModelCard:
        recipe, figures = self.recipe, dict(self.validate(network))
        sizes = {**asdict(self.network.config), "noising_step": recipe.depth.noising_step}
        return ModelCard(
            name=recipe.name,
            title=recipe.title,
            architecture=DEPTH_FM.name,
            sizes=sizes,
            autoencoder=recipe.depth.autoencoder,
            latent_scale=self.autoencoder.scaling.scale,
            latent_shift=self.autoencoder.scaling.shift,
            pixels=recipe.depth.pixels or recipe.data.pixels,
            licence=recipe.licence,
            data=recipe.data_note,
            training=describe_training(recipe, progress),
            quality={
                "AbsRel on held-out scenes": round(figures["abs_rel"], 4),
                "delta1 on held-out scenes": round(figures["delta1"], 4),
            },
            limits=recipe.limits,
            paper=DEPTH_FM.paper,
        )

    @property
    def _low_precision(self) -> bool:
        return self.recipe.training.precision == "bfloat16"

    def _size(self, step: int) -> tuple[int, int]:
        """Height and width of a step's pictures; the first steps look at half the side."""
        recipe, side = self.recipe, self.recipe.data.pixels // 4
        if step < recipe.depth.half_size_until * recipe.training.steps:
            side //= 2
        rows, columns = _SHAPES[step % len(_SHAPES)]
        return rows * side, columns * side

    def _batch(
        self, pairs: list[DepthPair], size: tuple[int, int], generator: torch.Generator
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Pictures (B,3,H,W), and latents (B,C,h,w) and values (B,1,H,W) of their log-depth."""
        seed = int(torch.randint(2**62, (), generator=generator))
        random = np.random.default_rng(seed)
        colours, depths = [], []
        for pair in pairs:
            picture, inverse = cut_pair(*pair.both(), size, random, self.recipe.data.flip)
            colours.append(torch.from_numpy(augment(picture, random)).permute(2, 0, 1))
            depths.append(torch.from_numpy(log_depth_target(inverse)))
        log_depth = torch.stack(depths)[:, None].to(self.device)
        shown = to_unit(torch.stack(colours)).to(self.device)
        return shown, self.autoencoder.encode(log_depth.expand(-1, 3, -1, -1)), log_depth

    def _read(self, latents: Tensor) -> Tensor:
        """Log-depth (B,1,h,w) of depth latents, at their own size, roughly."""
        assert self.reading is not None
        return torch.einsum("bchw,c->bhw", latents, self.reading[:-1])[:, None] + self.reading[-1]

    @torch.no_grad()
    def _fit_reading(self) -> Tensor:
        generator = step_generator(self.recipe.training.seed, 0, 0, VALIDATION)
        pairs = list(self.data.train[:: max(1, len(self.data.train) // _FIT_PAIRS)])
        size = self.recipe.data.pixels, self.recipe.data.pixels
        _, latents, log_depth = self._batch(pairs, size, generator)
        small = F.avg_pool2d(log_depth, self.autoencoder.factor)
        return fit_reading(latents.cpu(), small.cpu()).to(self.device)

    def _some(self, count: int) -> list[DepthPair]:
        """An evenly spread part of the held-out pairs."""
        held = self.data.test
        chosen = np.linspace(0, len(held) - 1, min(count, len(held))).astype(int)
        return [held[i] for i in chosen]

    def _fitted(self, picture: Bytes) -> Tensor:
        """A whole picture (H,W,3) as (3,side,side)."""
        side = self.recipe.data.pixels
        return torch.from_numpy(_resized(picture, (side, side))).permute(2, 0, 1)


def _resized(values: npt.NDArray[Number], size: tuple[int, ...]) -> npt.NDArray[Number]:
    if values.shape[:2] == size[:2]:
        return values
    resized = cv2.resize(values, (size[1], size[0]), interpolation=cv2.INTER_AREA)
    return resized.astype(values.dtype, copy=False)


def _network(recipe: TrainingConfig, autoencoder: Autoencoder) -> TrainedDepth:
    """A fresh network for these latents.

    Raises:
        InputError: sizes that the network does not have or that cannot be built.
    """
    known = {"in_channels": 2 * autoencoder.channels, "out_channels": autoencoder.channels}
    network = build_network(TrainedDepth, DepthUNetConfig, recipe.model, known)
    if network.config.image_features and autoencoder.factor != IMAGE_ENCODER_FACTOR:
        raise InputError(
            "The recipe cannot be used: a network with image features needs latents of "
            f"1/{IMAGE_ENCODER_FACTOR} of the side, but {recipe.depth.autoencoder} makes them "
            f"1/{autoencoder.factor}."
        )
    unit = 8 * autoencoder.factor * network.config.factor
    if recipe.data.pixels % unit:
        raise InputError(f"The recipe cannot be used: data.pixels must be a multiple of {unit}.")
    return channels_last(network)
