"""A generator ready to use: network, card and autoencoder on one device in one precision."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from pfstudio.core.card import ModelCard
from pfstudio.core.errors import InputError
from pfstudio.core.guidance import Guidance
from pfstudio.core.requests import Compute, GenerateRequest
from pfstudio.core.samplers import Sampler
from pfstudio.engine.execution import ExecutionConfig, apply, choose_execution
from pfstudio.engine.loaded_model import LoadedModel
from pfstudio.flow.guidance import GuidedField
from pfstudio.flow.guidance.predict import Predict
from pfstudio.flow.precompute import times_of_run
from pfstudio.flow.step import InitialState
from pfstudio.nn.condition import ClassLabels, Condition, concatenate
from pfstudio.nn.interface import Output
from pfstudio.nn.modulation import ForwardCache
from pfstudio.nn.patch_forcing import PatchForcingTransformer
from pfstudio.weights.autoencoders import Autoencoder
from pfstudio.weights.load import load_autoencoder, load_network


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
        network: PatchForcingTransformer,
        card: ModelCard,
        execution: ExecutionConfig,
        autoencoder: Autoencoder | None = None,
        notices: Sequence[str] = (),
    ) -> None:
        """Moves the network to the chosen device and precision; the autoencoder loads when used."""
        super().__init__(card, execution)
        self.notices = (*notices, *execution.notes)
        self.network = network
        apply(execution, network)
        self._cache = ForwardCache()
        self._autoencoder = autoencoder

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
        return self.network.config.predict_uncertainty

    @property
    def autoencoder(self) -> Autoencoder:
        if self._autoencoder is None:
            self._autoencoder = load_autoencoder(self.card)
            self._autoencoder.to(self.device, self.execution.dtype)
            nhwc = torch.channels_last  # convolutions on CPUs are faster in this order
            self._autoencoder.to(memory_format=nhwc)  # type: ignore[call-overload]
        return self._autoencoder

    @property
    def factor(self) -> int:
        """Picture pixels per latent pixel, each side."""
        return self.autoencoder.factor

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
            condition: class of each picture: a number, a list or tensor (B,); None: no class.

        Raises:
            InputError: shapes that do not fit, or an unknown class.
        """
        times, labels = self._times(x, t), self._labels(condition, len(x))
        out = self._forward(x.to(self.device, torch.float32), times, ClassLabels(labels))
        log_variance = out.log_variance
        return out.velocity.to(x.device), None if log_variance is None else log_variance.to(
            x.device
        )

    def prepare_run(self, sampler: Sampler, start: InitialState, labels: Sequence[int]) -> None:
        """Compute the modulations of all times that a run is known to need, at once."""
        times = times_of_run(sampler, torch.unique(start.time)).to(self.device)
        condition: Condition = ClassLabels(self._labels(list(labels), len(labels)))
        null = self.network.null_condition(1)
        if null is not None:
            condition = concatenate(condition, null)
        if times.numel():
            self.network.prepare(self._cache, times, condition)

    def field(self, classes: Sequence[int], guidance: Guidance) -> GuidedField:
        """The guided field that samplers follow, for pictures of these classes (B,)."""
        condition = ClassLabels(self._labels(list(classes), len(classes)))
        negative = self.network.null_condition(len(classes))
        return GuidedField(Predict(self._forward, self.patch_size, negative), condition, guidance)

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
                f"{self.name} cannot make pictures of {width} x {height} pixels.",
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
        return _to_pixels(self.autoencoder.decode(self._latents(latents)))

    @torch.inference_mode()
    def preview(self, latents: Tensor | npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
        """As `decode`, faster and softer."""
        return _to_pixels(self.autoencoder.preview(self._latents(latents)))

    def use_less_memory(self) -> None:
        """Go on in bfloat16."""
        self.execution = replace(self.execution, dtype=torch.bfloat16)
        apply(self.execution, self.network)
        self.autoencoder.to(torch.bfloat16)
        self._cache = ForwardCache()

    def _forward(self, x: Tensor, t: Tensor, condition: Condition) -> Output:
        out: Output = self.network(x, t, condition, cache=self._cache)
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

    def _labels(self, condition: Any, batch: int) -> Tensor:
        if condition is None:
            if self.network.null_label is None:
                raise InputError(f"{self.name} was trained without a null class.", "Give a class.")
            condition = self.network.null_label
        labels = torch.as_tensor(condition, dtype=torch.int64, device=self.device)
        known = self.network.config.num_classes + (self.network.null_label is not None)
        if bool(((labels < 0) | (labels >= known)).any()):
            raise InputError(
                f"{self.name} has no class {int(labels.max())}.",
                f"Its classes are 0 to {self.network.config.num_classes - 1}.",
            )
        return labels.expand(batch) if labels.ndim == 0 else labels


def load(
    name_or_path: str, device: str = "auto", precision: str = "auto", threads: int = 0
) -> Model:
    """Load a model by name (see `pfstudio models list`) or from a file or folder.

    Raises:
        InputError: there is no such model, or the file is damaged or of another kind.
    """
    loaded = load_network(name_or_path)
    assert isinstance(loaded.network, PatchForcingTransformer)
    execution = choose_execution(Compute(device, precision, threads), loaded.network)
    return Model(loaded.network, loaded.card, execution, notices=loaded.notices)


def _to_pixels(images: Tensor) -> npt.NDArray[np.uint8]:
    """(B,3,H,W) in -1..1 -> (B,H,W,3) uint8, rounded."""
    scaled = (images.float() * 127.5 + 127.5).round().clamp(0, 255).to(torch.uint8)
    return np.ascontiguousarray(scaled.permute(0, 2, 3, 1).cpu().numpy())
