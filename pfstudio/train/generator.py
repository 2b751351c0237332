"""Training a generator: Patch Forcing with its difficulty head, or plain flow matching."""

from __future__ import annotations

from dataclasses import asdict
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from pfstudio.core.card import ModelCard
from pfstudio.core.errors import InputError
from pfstudio.core.execution import Kernels
from pfstudio.core.guidance import ClassifierFree, NoGuidance
from pfstudio.core.routes import Route, check_routes
from pfstudio.flow.guidance import GuidedField
from pfstudio.flow.guidance.predict import Predict
from pfstudio.flow.objective import flow_matching_loss, patch_forcing_loss, validation_losses
from pfstudio.flow.path import interpolate, target_velocity
from pfstudio.nn.architecture import Architecture
from pfstudio.nn.condition import Condition
from pfstudio.nn.registry import ARCHITECTURES
from pfstudio.nn.token_routing import random_selection
from pfstudio.train.conditions import Conditions
from pfstudio.train.config import TrainingConfig
from pfstudio.train.latents import LatentData
from pfstudio.train.report import picture_grid
from pfstudio.train.state import VALIDATION, TrainingProgress, step_generator
from pfstudio.train.task import (
    Figures,
    StepLoss,
    batch_indices,
    describe_training,
    time_sampler,
)
from pfstudio.weights.autoencoders import Autoencoder

_AT_ONCE = 128


class GeneratorTask:
    """A conditional generator on cached latents; see `task.TrainingTask`.

    Args:
        latents: of the pictures at the recipe's size.
        half: of the same pictures at half the side, which the first part of the training looks at
            (see `GeneratorTrainingConfig.half_size_until`), or None.
        conditions: what the labels of the latents mean.
        sizes: of the network, as far as they follow from the conditions.
    """

    second = None

    def __init__(
        self,
        recipe: TrainingConfig,
        latents: LatentData,
        half: LatentData | None,
        conditions: Conditions,
        classes: tuple[str, ...],
        sizes: dict[str, Any],
        autoencoder: Autoencoder,
        device: torch.device,
    ) -> None:
        self.recipe = recipe
        self.latents = latents
        self.half = half
        self.conditions = conditions
        self.classes = classes
        self.autoencoder = autoencoder
        self.device = device
        self.times = time_sampler(recipe.generator.time_sampler, recipe.generator.time_options)
        self.architecture = ARCHITECTURES[recipe.kind]
        self.network = _build(self.architecture, {**sizes, **recipe.model}, latents)
        if device.type == "cpu":  # the fused kernel's backward pass is slow there
            self.network.kernels = Kernels(attention="matmul")
        self.patch = self.network.config.patch_size
        self.routes = _checked_routes(recipe, self.network.routable_layers)
        self.now = latents  # what the last step looked at

    def loss(self, network: nn.Module, step: int, process: int, processes: int) -> StepLoss:
        training, generator_recipe = self.recipe.training, self.recipe.generator
        early = step < generator_recipe.half_size_until * training.steps
        self.now = self.half if early and self.half is not None else self.latents
        train = self.now.train
        chosen = batch_indices(step, training.batch, len(train), training.seed)
        chosen = chosen[process::processes]
        generator = step_generator(training.seed, step, process)
        data = train.latents[chosen]
        noise = torch.randn(data.shape, generator=generator)
        t = self.times(len(data), self._grid(data), generator)
        x = interpolate(data, noise, t, self.patch)
        condition = self.conditions.draw(train.labels[chosen], generator)
        torch.manual_seed(int(torch.randint(2**62, (), generator=generator)))  # label dropping
        options = {}
        if self.routes:
            drawn = random_selection(self.routes, len(t), t[0].numel(), generator)
            options["selection"] = drawn.to(self.device)
        x, t, target = (v.to(self.device) for v in (x, t, target_velocity(data, noise)))
        out = network(x, t, condition.to(self.device), **options)
        velocity, log_variance = out.velocity, out.log_variance
        if log_variance is None:
            flow = flow_matching_loss(velocity.float(), target)
            return StepLoss(flow, (("flow", flow),))
        weight = generator_recipe.nll_weight
        loss = patch_forcing_loss(velocity.float(), log_variance.float(), target, weight)
        return StepLoss(loss.total, (("flow", loss.flow), ("nll", loss.nll)))

    @property
    def _validated(self) -> int:
        """How many held-out pictures are measured."""
        return min(len(self.now.test), self.recipe.report.validation_pictures)

    @torch.no_grad()
    def validate(self, network: nn.Module) -> Figures:
        held, count = self.now.test, self._validated
        data, labels = held.latents[:count], held.labels[:count]
        generator = step_generator(self.recipe.training.seed, 0, 0, VALIDATION)
        noise = torch.randn(data.shape, generator=generator)
        total = torch.zeros(8)
        for part in torch.arange(count).split(_AT_ONCE):
            condition = self.conditions.fixed(labels[part]).to(self.device)

            def velocity(x: Tensor, t: Tensor, condition: Condition = condition) -> Tensor:
                return network(x, t, condition).velocity.float()

            losses = validation_losses(
                velocity,
                data[part].to(self.device),
                noise[part].to(self.device),
                self.patch,
            )
            total += losses.cpu() * len(part) / count
        segments = tuple((f"segment_{i + 1}", float(v)) for i, v in enumerate(total))
        return (("loss", float(total.mean())), *segments)

    @torch.no_grad()
    def grid(self, network: nn.Module) -> npt.NDArray[np.uint8]:
        report = self.recipe.report
        names = report.grid_classes or self.conditions.default_names()
        condition = self.conditions.named(names).to(self.device)
        shape = self.now.train.latents.shape[1:]
        generator = step_generator(self.recipe.training.seed, 0, 0, VALIDATION)
        x = torch.randn((len(names), *shape), generator=generator).to(self.device)
        negative = self.network.null_condition(len(names))
        if negative is None:
            negative = self.conditions.null(len(names), self.device)
        rule = NoGuidance() if negative is None else ClassifierFree(report.grid_guidance)
        field = GuidedField(Predict(network, self.patch, negative), condition, rule)
        times = torch.linspace(0, 1, report.grid_steps + 1).tolist()
        for now, then in pairwise(times):
            t = x.new_full((len(names), *self._grid(x)), now)
            x = x + (then - now) * field(x, t).velocity.float()
        return picture_grid(self.autoencoder.decode(x).cpu(), columns=8)

    def card(self, network: nn.Module, progress: TrainingProgress) -> ModelCard:
        recipe = self.recipe
        self.now = self.latents
        figures = dict(self.validate(network))
        return ModelCard(
            name=recipe.name,
            title=recipe.title,
            architecture=self.architecture.name,
            sizes=asdict(self.network.config),
            routes=self.routes,
            autoencoder=recipe.generator.autoencoder,
            text_encoder=recipe.generator.text_encoder,
            prompt_styles=recipe.generator.prompt_styles,
            prompt_examples=recipe.generator.prompt_examples,
            latent_scale=self.autoencoder.scaling.scale,
            latent_shift=self.autoencoder.scaling.shift,
            pixels=recipe.data.pixels,
            classes=self.classes,
            licence=recipe.licence,
            data=recipe.data_note,
            training=describe_training(recipe, progress),
            quality={
                "held-out pictures": self._validated,
                "validation loss": round(figures.pop("loss"), 4),
                "validation loss in 8 segments of time": [round(v, 4) for v in figures.values()],
            },
            limits=recipe.limits,
            paper=self.architecture.paper,
            default_guidance=recipe.report.grid_guidance,
        )

    def _grid(self, latents: Tensor) -> tuple[int, int]:
        return latents.shape[-2] // self.patch, latents.shape[-1] // self.patch


def _checked_routes(recipe: TrainingConfig, layers: int) -> tuple[Route, ...]:
    """The routes of a recipe, if its network has such layers.

    Raises:
        InputError: it has not.
    """
    routes = recipe.training.routes
    if routes and not layers:
        raise InputError(
            f"The recipe cannot be used: {recipe.kind} cannot route patches around its layers.",
            "Leave training.routes out.",
        )
    check_routes(routes, layers)
    return routes


def _build(architecture: Architecture, sizes: dict[str, Any], latents: LatentData) -> Any:
    """A fresh network whose input follows from the data.

    Raises:
        InputError: sizes that the network does not have.
    """
    _, channels, side, _ = latents.train.latents.shape
    known = {"in_channels": channels, "input_size": side}
    try:
        return architecture.network(architecture.config(**{**known, **sizes}))
    except TypeError as error:
        raise InputError(f"The recipe cannot be used: [model] {error}.") from error
