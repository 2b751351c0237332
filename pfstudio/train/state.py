"""The state of a training run, so that it goes on after a kill as if nothing had happened.

Nothing random is stored: every step draws from generators seeded by (seed, step, process).
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.optim import AdamW

from pfstudio.core.documents import parse_json
from pfstudio.core.errors import InputError
from pfstudio.core.files import replacing

# What a generator is for: no two purposes share numbers.
STEP, ORDER, VALIDATION, ALIGNMENT = range(4)
_MOMENTS = ("exp_avg", "exp_avg_sq")


@dataclass(frozen=True)
class TrainingProgress:
    """How far a run is."""

    step: int = 0
    seconds: float = 0.0  # spent training, over all its pieces
    processes: int = 1  # that shared each batch


def step_generator(seed: int, step: int, process: int, purpose: int = STEP) -> torch.Generator:
    """The source of randomness of one step of one process."""
    mixed = (((seed * 1_000_003 + step) * 4_099 + process) * 31 + purpose) % (1 << 63)
    return torch.Generator().manual_seed(mixed)


class Ema:
    """Exponential moving average of a network's parameters, with the usual early correction.

    The decay of update k is min(decay, (1 + k) / (10 + k)), so that a young average follows fast.

    Args:
        held_by: a network of the same kind whose parameters are the average from now on.
    """

    def __init__(self, network: nn.Module, decay: float, held_by: nn.Module | None = None) -> None:
        self.decay = decay
        if held_by is None:
            self.tensors = {name: v.detach().clone() for name, v in network.state_dict().items()}
        else:
            held_by.load_state_dict(network.state_dict())
            self.tensors = held_by.state_dict()  # its own memory

    @torch.no_grad()
    def update(self, network: nn.Module, step: int) -> None:
        """Take in the parameters after optimiser step number `step` (from 1)."""
        decay = min(self.decay, (1 + step) / (10 + step))
        for name, value in network.state_dict().items():
            mine = self.tensors[name]
            if mine.is_floating_point():
                mine.lerp_(value.to(mine.dtype), 1 - decay)
            else:
                mine.copy_(value)


def _moments(optimizer: AdamW) -> dict[str, Tensor]:
    state = optimizer.state_dict()["state"]
    tensors = {f"{m}.{i}": values[m] for i, values in state.items() for m in _MOMENTS}
    tensors.update({f"step.{i}": values["step"].reshape(1) for i, values in state.items()})
    return tensors


def save_state(
    path: Path,
    network: nn.Module,
    ema: Ema,
    optimizers: dict[str, AdamW],
    progress: TrainingProgress,
    extra: dict[str, nn.Module],
) -> None:
    """Write everything that a later process needs to go on; replaces the former state whole."""
    tensors = {f"network.{k}": v for k, v in network.state_dict().items()}
    tensors.update({f"ema.{k}": v for k, v in ema.tensors.items()})
    for name, optimizer in optimizers.items():
        tensors.update({f"optimizer.{name}.{k}": v for k, v in _moments(optimizer).items()})
    for name, module in extra.items():
        tensors.update({f"extra.{name}.{k}": v for k, v in module.state_dict().items()})
    with replacing(path) as temporary:
        save_file(
            {k: v.detach().cpu().clone().contiguous() for k, v in tensors.items()},
            temporary,
            {"progress": json.dumps(asdict(progress))},
        )


def load_state(
    path: Path,
    network: nn.Module,
    ema: Ema,
    optimizers: dict[str, AdamW],
    extra: dict[str, nn.Module],
) -> TrainingProgress:
    """Take up a stored state.

    Raises:
        InputError: it is damaged, or belongs to another recipe.
    """
    try:
        with safe_open(path, "pt") as file:
            tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
            about = parse_json(file.metadata()["progress"])
        network.load_state_dict(_below(tensors, "network."))
        for key, value in _below(tensors, "ema.").items():
            ema.tensors[key].copy_(value)
        for name, optimizer in optimizers.items():
            _load_moments(optimizer, _below(tensors, f"optimizer.{name}."))
        for name, module in extra.items():
            module.load_state_dict(_below(tensors, f"extra.{name}."))
        return TrainingProgress(
            int(about["step"]), float(about["seconds"]), int(about["processes"])
        )
    except (SafetensorError, OSError, KeyError, ValueError, RuntimeError, TypeError) as error:
        raise InputError(
            f"The training state {path} does not belong to this recipe or is damaged.",
            "Train into another folder with --out, or delete the file to start again.",
        ) from error


def _below(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {k[len(prefix) :]: v for k, v in tensors.items() if k.startswith(prefix)}


def _load_moments(optimizer: AdamW, tensors: dict[str, Tensor]) -> None:
    whole = optimizer.state_dict()
    whole["state"] = {
        int(key.split(".")[1]): {
            **{m: tensors[f"{m}.{key.split('.')[1]}"] for m in _MOMENTS},
            "step": value.reshape(()),
        }
        for key, value in tensors.items()
        if key.startswith("step.")
    }
    optimizer.load_state_dict(whole)
    for parameter, values in optimizer.state.items():
        for moment in _MOMENTS:  # the fused step pairs numbers by their place in memory
            values[moment] = torch.empty_like(parameter).copy_(values[moment])
