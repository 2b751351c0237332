"""A generator ready to use: network, card and autoencoder on one device in one precision."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial, reduce
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from pfstudio.core.card import ModelCard
from pfstudio.core.conditions import (
    DEFAULT_CONDITIONS,
    ClassLabel,
    PictureCondition,
    Prompt,
    check_conditions,
)
from pfstudio.core.errors import InputError
from pfstudio.core.execution import Execution
from pfstudio.core.guidance import Guidance
from pfstudio.core.requests import Compute, GenerateRequest
from pfstudio.core.samplers import Sampler
from pfstudio.engine.call_maps import CallMaps
from pfstudio.engine.execution import ExecutionConfig, apply, choose_execution
from pfstudio.engine.loaded_model import LoadedModel
from pfstudio.engine.weak_model import check_weak_model
from pfstudio.flow.guidance import GuidedField
from pfstudio.flow.guidance.masks import MaskSource, RecordedMasks
from pfstudio.flow.guidance.predict import Predict
from pfstudio.flow.precompute import times_of_run
from pfstudio.flow.step import InitialState
from pfstudio.nn.condition import (
    ClassLabels,
    Condition,
    TextEmbeddings,
    Unconditional,
    concatenate,
)
from pfstudio.nn.interface import Backbone, ComputedLayers, Output
from pfstudio.nn.layers import channels_last
from pfstudio.nn.modulation import ForwardCache
from pfstudio.nn.perturbation import Perturbation
from pfstudio.nn.registry import find_architecture
from pfstudio.nn.token_routing import TokenSelection
from pfstudio.weights.autoencoders import Autoencoder
from pfstudio.weights.load import load_autoencoder, load_network
from pfstudio.weights.text_encoders import ReadsTexts, load_text_encoder


class Model(LoadedModel):
    """What `pfstudio.load` returns. Shapes: latents (B,C,H,W), patch maps (B,n,m), F = n*m.

    Attributes:
        card: name, classes, licence, measured quality.
        notices: sentences that a person should see (licence, assumptions).
        patch_size: latent pixels per patch side p.
        grid: patches (rows, columns) of the model's own size.
        has_difficulty: whether it predicts a log-variance.
    """

    def __init__(
        self,
        network: Backbone,
        card: ModelCard,
        execution: ExecutionConfig,
        autoencoder: Autoencoder | None = None,
        notices: Sequence[str] = (),
        text_encoder: ReadsTexts | None = None,
    ) -> None:
        """Moves the network to the chosen device and precision; the others load when used."""
        super().__init__(card, execution)
        self.notices = (*notices, *execution.notes)
        self.network: Any = network  # a Backbone, with the attributes of its own kind
        self.architecture = find_architecture(card.architecture)
        apply(execution, network)
        self._cache = ForwardCache()
        self.flops_done = 0.0  # operations of all network calls so far, two per multiply-add
        self._autoencoder = autoencoder
        self._text_encoder = text_encoder

    @property
    def patch_size(self) -> int:
        return self.network.config.patch_size

    @property
    def channels(self) -> int:
        """Latent channels C."""
        return self.network.config.in_channels

    @property
    def grid(self) -> tuple[int, int]:
        side = self.network.config.input_size // self.patch_size
        return side, side

    @property
    def has_difficulty(self) -> bool:
        return self.architecture.has_difficulty(self.network.config)

    @property
    def autoencoder(self) -> Autoencoder:
        if self._autoencoder is None:
            self._autoencoder = load_autoencoder(self.card)
            self._autoencoder.to(self.device, self.execution.dtype)
            channels_last(self._autoencoder)
        return self._autoencoder

    @property
    def factor(self) -> int:
        """Picture pixels per latent pixel, each side."""
        return self.autoencoder.factor

    @property
    def bytes(self) -> int:
        return super().bytes + self._cache.bytes

    def modules(self) -> Iterable[nn.Module]:
        return (self.network, *([self._autoencoder] if self._autoencoder else []))

    @torch.inference_mode()
    def velocity(
        self, x: Tensor, t: Tensor | float, condition: Any = None
    ) -> tuple[Tensor, Tensor | None]:
        """Velocity (B,C,H,W) and log-variance (B,1,H,W; None without difficulty head), float32.

        Args:
            x: state (B,C,H,W).
            t: times in [0,1], 0 noise and 1 clean: a number, (B,), (B,F) or (B,n,m).
            condition: an nn.condition, or what each picture shows: one `PictureCondition` or one
                for each, or classes as a number, a list or a tensor (B,), or prompts; None: no
                condition.

        Raises:
            InputError: shapes that do not fit, another kind of condition, or an unknown class.
        """
        times, given = self._times(x, t), self._given(condition, len(x))
        out = self._forward(x.to(self.device, torch.float32), times, given)
        log_variance = out.log_variance
        return out.velocity.to(x.device), None if log_variance is None else log_variance.to(
            x.device
        )

    @torch.inference_mode()
    def hidden(
        self, x: Tensor, t: Tensor, condition: Any, layers: Sequence[int], scan: str = ""
    ) -> Output:
        """What a call gives, with the hidden states (B,F,D) after `layers`, from 1.

        Args:
            condition: as for `velocity`, and as long as it there.
            scan: as for `field`.
        """
        times, given = self._times(x, t), self._given(condition, len(x))
        options: dict[str, Any] = {"scan": scan} if scan else {}
        out: Output = self.network(
            x.to(self.device, torch.float32), times, given, capture=layers, cache=self._cache,
            **options,
        )  # fmt: skip
        return out

    def choose_kernels(self, tokens: int, images: int) -> None:
        """Choose kernels and threads for B images of F tokens at once; the rest stays."""
        wishes = self.execution.compute
        compute = replace(wishes, device=str(self.device), precision=self.precision)
        found = choose_execution(compute, self.network, tokens, images)
        self.execution = replace(found, compute=wishes)
        self.network.kernels = found.kernels

    def prepare_run(
        self, sampler: Sampler, start: InitialState, conditions: Sequence[PictureCondition]
    ) -> None:
        """Compute the modulations of all times that a run is known to need, at once."""
        times = times_of_run(sampler, torch.unique(start.time)).to(self.device)
        if times.numel():
            own, negative = self.encode_conditions(conditions)
            both = own if negative is None else concatenate(own, negative)
            self.network.prepare(self._cache, times, both)

    def field(
        self,
        conditions: Sequence[PictureCondition],
        guidance: Guidance,
        seeds: Sequence[int] = (),
        maps: Sequence[CallMaps] = (),
        masks: RecordedMasks | None = None,
        weak: Model | None = None,
        scan: str = "",
    ) -> GuidedField:
        """The guided field that samplers follow, for B pictures.

        Args:
            seeds: of each picture, for rules that draw; () counts from 0.
            maps: asked for in every call.
            masks: what of the run's masks is known before.
            weak: the model of rules that lead away from another one.
            scan: paths that its layers scan along (core.scan_paths); "": their own.

        Raises:
            InputError: the rule needs what this model has not, or a weak model of another kind.
        """
        self._cache.begin_run()
        if weak is not None:
            check_weak_model(self, weak, guidance)
            weak._cache.begin_run()
        condition, negative = self.encode_conditions(conditions)
        seeds = tuple(seeds) or tuple(range(len(conditions)))
        source = None
        if self.card.routes:
            source = MaskSource(self.card.routes, seeds, *(masks or RecordedMasks()))
        options: dict[str, Any] = {"scan": scan} if scan else {}
        network = partial(self._forward, maps=maps, **options)
        predict = Predict(
            network, self.patch_size, negative, source, self.network.routable_layers,
            None if weak is None else weak._forward, seeds, self.classes, self.has_difficulty,
            lambda pictures: partial(network, pictures=pictures),
        )  # fmt: skip
        return GuidedField(predict, condition, guidance, torch.Generator().manual_seed(seeds[0]))

    @property
    def can_be_guided(self) -> bool:
        """Whether there is a condition to lead away from where no negative prompt is given."""
        empty_text = self.card.condition == "text" and self._knows_empty_text
        return empty_text or self.network.null_condition(1) is not None

    @property
    def _knows_empty_text(self) -> bool:
        return self.architecture.has_null_condition(self.network.config)

    def encode_conditions(
        self, conditions: Sequence[PictureCondition]
    ) -> tuple[Condition, Condition | None]:
        """What the network is given for B pictures, and what guidance leads away from.

        That is the network's null condition, except for prompts that have a negative one; a
        network that names no null text of its own is given the empty text, if it knows that.

        Raises:
            InputError: conditions of another kind, or an unknown class.
        """
        check_conditions(conditions, self.card.condition, self.name, self.classes)
        null: Condition | None = self.network.null_condition(len(conditions))
        prompts = [one for one in conditions if isinstance(one, Prompt)]
        if prompts:
            return self._encode_prompts(prompts, null)
        indices = [one.index for one in conditions if isinstance(one, ClassLabel)]
        if indices:
            return ClassLabels(torch.tensor(indices, device=self.device)), null
        return Unconditional(len(conditions)), null

    def _encode_prompts(
        self, prompts: Sequence[Prompt], null: Condition | None
    ) -> tuple[Condition, Condition | None]:
        texts = [one.text for one in prompts] + [one.negative for one in prompts]
        both = self.text_encoder(texts).embeddings.to(self.device)
        own, negative = both[: len(prompts)], both[len(prompts) :]
        if null is None:
            known = self._knows_empty_text or all(one.negative for one in prompts)
            return own, negative if known else None
        each = (negative[i] if prompt.negative else null[i] for i, prompt in enumerate(prompts))
        return own, reduce(concatenate, each)

    @property
    def classes(self) -> int:
        """Number of classes; 0 for a model that takes none."""
        return self.network.config.num_classes if self.card.condition == "class" else 0

    @property
    def text_encoder(self) -> ReadsTexts:
        """Reads prompts."""
        if self._text_encoder is None:
            self._text_encoder = load_text_encoder(self.card.text_encoder)
        return self._text_encoder

    def latent_shape(self, request: GenerateRequest) -> tuple[int, int, int]:
        """Latents (C,H,W) of a request's pictures.

        Raises:
            InputError: a side is no multiple of the patch in pixels.
        """
        own = self.network.config.input_size
        if not request.height and not request.width:
            return self.channels, own, own
        unit = self.factor * self.patch_size
        height, width = request.height or own * self.factor, request.width or own * self.factor
        if height <= 0 or width <= 0 or height % unit or width % unit:
            raise InputError(
                f"{self.name} cannot make images of {width} x {height} pixels.",
                f"Both sides must be multiples of {unit}.",
            )
        return self.channels, height // self.factor, width // self.factor

    @torch.inference_mode()
    def encode(self, pixels: npt.NDArray[np.uint8]) -> Tensor:
        """Pictures (B,H,W,3) -> latents (B,C,h,w) float32 on the CPU."""
        images = torch.from_numpy(np.array(pixels)).permute(0, 3, 1, 2).to(self.device)
        return self.autoencoder.encode(images.float() / 127.5 - 1).float().cpu()

    @torch.inference_mode()
    def decode(self, latents: Tensor | npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
        """Latents (B,C,h,w) -> pictures (B,H,W,3)."""
        return to_pixels(self.autoencoder.decode(self._latents(latents)))

    @torch.inference_mode()
    def preview(self, latents: Tensor | npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
        """As `decode`, faster and softer."""
        return to_pixels(self.autoencoder.preview(self._latents(latents)))

    @property
    def scan(self) -> str:
        """The paths that its layers scan along (core.scan_paths); "": they scan nothing."""
        return self.network.config.scan if self.network.scan_layers else ""

    def _forward(
        self,
        x: Tensor,
        t: Tensor,
        condition: Condition,
        maps: Sequence[CallMaps] = (),
        selection: TokenSelection | None = None,
        computed: ComputedLayers | None = None,
        perturbation: Perturbation | None = None,
        pictures: Tensor | None = None,
        **options: Any,
    ) -> Output:
        tokens, config = t[0].numel(), self.network.config
        depth, done = self.network.routable_layers, computed.layers if computed else 0
        blocks: tuple[list[int], ...] = ()
        for one in maps:
            options |= one.options(condition, pictures)
        if selection is not None:
            blocks = (selection.tokens_of_blocks(tokens, depth)[done:],)
            options |= {"selection": selection, "computed": computed}
        if perturbation is not None:
            skipped = sum(map(perturbation.skips, range(done + 1, depth + 1)))
            blocks = ([tokens] * (depth - done - skipped),)
            options |= {"perturbation": perturbation, "computed": computed}
        self.flops_done += len(x) * self.architecture.flops(config, tokens, *blocks)
        out: Output = self.network(x, t, condition, cache=self._cache, **options)
        for one in maps:
            one.keep(out)
        return out

    def _latents(self, latents: Tensor | npt.NDArray[Any]) -> Tensor:
        return torch.as_tensor(latents).to(self.device, torch.float32)

    def _times(self, x: Tensor, t: Tensor | float) -> Tensor:
        batch, p = len(x), self.patch_size
        grid = (x.shape[-2] // p, x.shape[-1] // p)
        times = torch.as_tensor(t, dtype=torch.float32, device=self.device)
        if times.ndim <= 1 and times.numel() in (1, batch):
            return times.reshape(-1, 1, 1).expand(batch, *grid)
        if times.numel() != batch * grid[0] * grid[1]:
            raise InputError(
                f"The times have the shape {tuple(times.shape)}.",
                f"Give a number, or one for each patch: {(batch, *grid)}.",
            )
        return times.reshape(batch, *grid)

    def _given(self, condition: Any, batch: int) -> Condition:
        """What a caller gives, as the network takes it."""
        if isinstance(condition, ClassLabels | TextEmbeddings | Unconditional):
            return condition.to(self.device)
        if condition is None:
            default = DEFAULT_CONDITIONS[self.card.condition]
            _, null = self.encode_conditions([default] * batch)
            if null is None:
                raise InputError(f"{self.name} was trained without a null condition.")
            return null
        if isinstance(condition, Tensor | np.ndarray):
            condition = condition.tolist()
        several = isinstance(condition, Sequence) and not isinstance(condition, str)
        each = list(condition) if several else [condition] * batch
        return self.encode_conditions([_as_condition(one) for one in each])[0]


def _as_condition(given: Any) -> PictureCondition:
    """A class number, a prompt, or a condition already."""
    if isinstance(given, PictureCondition):
        return given
    if isinstance(given, str):
        return Prompt(given)
    try:
        return ClassLabel(operator.index(given))
    except TypeError as error:
        raise InputError(
            f"{given!r} is no class and no prompt.", "Give the number of a class, or a text."
        ) from error


def load(
    name_or_path: str,
    device: str = "auto",
    precision: str = "auto",
    threads: int = 0,
    execution: Execution | None = None,
) -> Model:
    """Load a model by name (see `pfstudio models list`) or from a file or folder.

    Args:
        execution: of an earlier run (`Trace.execution`): compute exactly as it did.

    Raises:
        InputError: there is no such model, or the file is damaged or of another kind.
    """
    loaded = load_network(name_or_path)
    network = loaded.network
    assert isinstance(network, Backbone)
    config = choose_execution(Compute(device, precision, threads, execution), network)
    model = Model(network, loaded.card, config, notices=loaded.notices)
    model.lighter = partial(load, name_or_path, device, "bfloat16", threads)
    return model


def to_pixels(images: Tensor) -> npt.NDArray[np.uint8]:
    """(B,3,H,W) in -1..1 -> (B,H,W,3) uint8, rounded."""
    scaled = (images.float() * 127.5 + 127.5).round().clamp(0, 255).to(torch.uint8)
    return np.ascontiguousarray(scaled.permute(0, 2, 3, 1).cpu().numpy())
