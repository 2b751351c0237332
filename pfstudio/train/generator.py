"""Training a generator: Patch Forcing with its difficulty head, or plain flow matching."""

from __future__ import annotations

import copy
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
from pfstudio.nn.condition import Condition, Unconditional
from pfstudio.nn.interface import Backbone, Output
from pfstudio.nn.registry import ARCHITECTURES
from pfstudio.nn.token_routing import random_selection
from pfstudio.train.alignment import Alignment, alignment_method, make_alignment
from pfstudio.train.alignment.method import AlignedStep
from pfstudio.train.conditions import Conditions, NoConditions
from pfstudio.train.config import TrainingConfig
from pfstudio.train.feature_log import feature_figures
from pfstudio.train.latents import LatentData
from pfstudio.train.report import picture_grid
from pfstudio.train.state import ALIGNMENT, VALIDATION, TrainingProgress, step_generator
from pfstudio.train.task import (
    Figures,
    StepLoss,
    batch_indices,
    build_network,
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
        maps: of MobileNetV2, of the pictures of `latents`, where the recipe needs them.
        conditions: what the labels of the latents mean.
        sizes: of the network, as far as they follow from the conditions.
    """

    second = None

    def __init__(
        self,
        recipe: TrainingConfig,
        latents: LatentData,
        half: LatentData | None,
        maps: LatentData | None,
        conditions: Conditions,
        classes: tuple[str, ...],
        sizes: dict[str, Any],
        autoencoder: Autoencoder,
        device: torch.device,
    ) -> None:
        self.recipe = recipe
        self.latents = latents
        self.half = half
        self.maps = maps
        self.conditions = conditions
        self.classes = classes
        self.autoencoder = autoencoder
        self.device = device
        self.times = time_sampler(recipe.generator.time_sampler, recipe.generator.time_options)
        self.architecture = ARCHITECTURES[recipe.kind]
        _, channels, side, _ = latents.train.latents.shape
        of_data = {"in_channels": channels, "input_size": side, **sizes}
        kind = self.architecture
        network = build_network(kind.network, kind.config, recipe.model, of_data)
        assert isinstance(network, Backbone)
        self.network = network
        if device.type == "cpu":  # the fused kernel's backward pass is slow there
            self.network.kernels = Kernels(attention="matmul")
        self.patch = self.network.config.patch_size
        unit = 2 * autoencoder.factor * self.patch
        if half is not None and recipe.data.pixels % unit:
            raise InputError(
                "The recipe cannot be used: with generator.half_size_until data.pixels must be a "
                f"multiple of {unit}."
            )
        self.routes = _checked_routes(recipe, self.network.routable_layers)
        self.now = latents if half is None else half  # what the last step looked at
        self.alignment = self._alignment()
        self.projector = None if self.alignment is None else self.alignment.projector
        itself = self.alignment is not None and self.alignment.method.layers
        self.average = copy.deepcopy(self.network).eval().requires_grad_(False) if itself else None
        if recipe.report.features:
            self._null(1)
        if recipe.report.grid_classes:  # an unknown one is told before the training
            conditions.named(recipe.report.grid_classes)

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
        options: dict[str, Any] = {}
        if self.alignment is not None:
            options["capture"] = (self.alignment.layer,)
        if self.routes:
            drawn = random_selection(self.routes, len(t), t[0].numel(), generator)
            options["selection"] = drawn.to(self.device)
        x, t, target = (v.to(self.device) for v in (x, t, target_velocity(data, noise)))
        condition = condition.to(self.device)
        out = network(x, t, condition, **options)
        loss = self._flow_loss(out, target)
        if self.alignment is None:
            return loss
        maps = self.maps.train.latents[chosen].to(self.device) if self.maps is not None else None
        drawing = step_generator(training.seed, step, process, ALIGNMENT)
        data, noise = data.to(self.device), noise.to(self.device)
        seen = AlignedStep(data, noise, t, condition, self.patch, self.average, maps, drawing)
        aligned = self.alignment.loss(out.hidden[self.alignment.layer], seen)
        total = loss.total + self.recipe.alignment.weight * aligned
        return StepLoss(total, (*loss.figures, ("alignment", aligned)))

    def _flow_loss(self, out: Output, target: Tensor) -> StepLoss:
        velocity, log_variance = out.velocity, out.log_variance
        if log_variance is None:
            flow = flow_matching_loss(velocity.float(), target)
            return StepLoss(flow, (("flow", flow),))
        weight = self.recipe.generator.nll_weight
        loss = patch_forcing_loss(velocity.float(), log_variance.float(), target, weight)
        return StepLoss(loss.total, (("flow", loss.flow), ("nll", loss.nll)))

    @property
    def _validated(self) -> int:
        """How many held-out pictures are measured."""
        return min(len(self.now.test), self.recipe.report.validation_pictures)

    def validate(self, network: nn.Module) -> Figures:
        losses = self._validation_losses(network)
        if not self.recipe.report.features or self.maps is None:
            return losses
        return losses + feature_figures(
            network, self.latents, self.maps, self._null, self._layers,
            labelled=len(self.classes) > 1, pictures=self._validated, patch=self.patch,
            device=self.device,
        )  # fmt: skip

    @torch.no_grad()
    def _validation_losses(self, network: nn.Module) -> Figures:
        held, count = self.now.test, self._validated
        spread = torch.linspace(0, len(held) - 1, count).long()  # packs are sorted by class
        data, labels = held.latents[spread], held.labels[spread]
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
        figures = dict(self._validation_losses(network))
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

    @property
    def _layers(self) -> int:
        return self.architecture.layers(self.network.config)

    def _null(self, count: int) -> Condition:
        """The condition that says nothing about so many pictures.

        Raises:
            InputError: there is none.
        """
        if isinstance(self.conditions, NoConditions):
            return Unconditional(count)
        null: Condition | None = self.network.null_condition(count)
        null = self.conditions.null(count, self.device) if null is None else null
        if null is None:
            raise InputError(
                "The recipe cannot be used: report.features needs a network that also learns "
                "without a class.",
                "Leave model.class_dropout_prob out.",
            )
        return null

    def _alignment(self) -> Alignment | None:
        recipe, per_patch = self.recipe.alignment, self.architecture.time == "per patch"
        method = alignment_method(recipe, self._layers, per_patch)
        if method is None:
            return None
        train = self.latents.train
        data, condition = train.latents[:1], self.conditions.fixed(train.labels[:1])
        with torch.no_grad():
            t = torch.zeros(1, *self._grid(data))
            tokens = self.network(data, t, condition, capture=(recipe.layer,)).hidden[recipe.layer]
        width = tokens.shape[-1]
        target = self.maps.train.latents.shape[1] if method.encoder and self.maps else width
        return make_alignment(method, recipe, width, target)

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
