"""Any file or folder of weights, read into one shape: named tensors and what is said about them.

Known are our own folder (model.safetensors + card.json), a diffusers folder (config.json), a single
.safetensors file, the published compact .ckpt (`state_dict`, `config`) and the Lightning training
.ckpt, which holds the trained and the averaged (EMA) weights side by side.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from pfstudio.core.card import CARD_NAME, WEIGHTS_NAME, ModelCard
from pfstudio.core.errors import InputError
from pfstudio.weights.file_type import check_readable, damaged, file_type
from pfstudio.weights.safe_pickle import Archive, plain, read_archive

DIFFUSERS_WEIGHTS = "diffusion_pytorch_model.safetensors"
WHICH = ("ema", "raw")


@dataclass(frozen=True)
class Checkpoint:
    """Weights of one network. The tensors are views of the mapped file, in its own precision."""

    path: Path  # as it was asked for
    layout: str  # "own", "diffusers", "safetensors", "compact" or "training"
    tensors: dict[str, Tensor] = field(repr=False)
    config: dict[str, Any]  # keyword arguments the file gives for the network; may be empty
    card: ModelCard | None = None  # our own layout only
    notices: tuple[str, ...] = ()
    foreign: tuple[str, ...] = ()  # classes that the file mentions and that were left unread
    other: dict[str, Any] = field(default_factory=dict, repr=False)  # what else a .ckpt holds

    @property
    def name(self) -> str:
        """Name for sentences."""
        return self.path.name

    @property
    def file(self) -> Path:
        """The file with the weights."""
        names = {"own": WEIGHTS_NAME, "diffusers": DIFFUSERS_WEIGHTS}
        return self.path / names[self.layout] if self.path.is_dir() else self.path


def read_checkpoint(path: Path, weights: str = "ema") -> Checkpoint:
    """Read weights of any known layout; nothing in the file is ever run.

    Args:
        path: a file, or a folder of our own or of diffusers' layout.
        weights: which set of a training checkpoint, "ema" (averaged) or "raw".

    Raises:
        InputError: no such file, damaged, of an unknown kind, or without weights.
    """
    if weights not in WHICH:
        raise InputError(f"Unknown weights {weights!r}.", f"Use one of: {', '.join(WHICH)}.")
    if path.name in (WEIGHTS_NAME, DIFFUSERS_WEIGHTS):
        beside = path.with_name(CARD_NAME if path.name == WEIGHTS_NAME else "config.json")
        path = path.parent if beside.is_file() else path
    if path.is_dir():
        return _read_folder(path)
    check_readable(path)
    if path.suffix == ".safetensors" or file_type(path) == "safetensors":
        tensors = read_safetensors(path)
        if not tensors:
            raise _no_weights(path)
        return Checkpoint(path, "safetensors", tensors, {})
    return _from_archive(path, read_archive(path), weights)


def read_safetensors(path: Path) -> dict[str, Tensor]:
    """The tensors of a .safetensors file, memory-mapped.

    Raises:
        InputError: missing, empty, cut short, or not such a file.
    """
    check_readable(path)
    kind = file_type(path)
    if kind == "zip":
        raise InputError(
            f"{path.name} is not a safetensors file: it is a zip archive, as torch.save writes.",
            "Rename it to .ckpt.",
        )
    if kind != "safetensors":
        raise InputError(
            f"{path.name} is not a safetensors file: it is {kind}.", "Choose another file."
        )
    try:
        return load_file(path)
    except (SafetensorError, OSError) as error:
        # The only way a well-begun file fails in practice: a download that stopped early.
        raise damaged(path, f"cut short or altered: {error}") from error


def _read_folder(folder: Path) -> Checkpoint:
    if (folder / CARD_NAME).is_file():
        card = ModelCard.read(folder)
        tensors = read_safetensors(folder / WEIGHTS_NAME)
        return Checkpoint(folder, "own", tensors, card.sizes, card)
    if (folder / DIFFUSERS_WEIGHTS).is_file() and (folder / "config.json").is_file():
        try:
            config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        except (ValueError, OSError) as error:
            raise damaged(folder / "config.json", str(error)) from error
        if not isinstance(config, dict):
            raise damaged(folder / "config.json")
        return Checkpoint(folder, "diffusers", read_safetensors(folder / DIFFUSERS_WEIGHTS), config)
    raise InputError(
        f"{folder} is a folder without a model.",
        f"Choose a folder with {WEIGHTS_NAME} and {CARD_NAME}, or a .ckpt or .safetensors file.",
    )


def _from_archive(path: Path, archive: Archive, weights: str) -> Checkpoint:
    tree = archive.tree
    state = tree.get("state_dict", tree) if isinstance(tree, dict) else {}
    tensors = {}
    if isinstance(state, dict):
        tensors = {k: v for k, v in state.items() if isinstance(k, str) and isinstance(v, Tensor)}
    if not tensors:
        raise _no_weights(path)
    other = {str(k): v for k, v in tree.items() if v is not state and k not in tensors}
    config = _settings(other)
    prefixes = {key.split(".")[0] for key in tensors}
    if not prefixes & {"model", "ema_model"}:
        return Checkpoint(path, "compact", tensors, config, None, (), archive.foreign, other)
    notices: tuple[str, ...] = ()
    prefix = "ema_model" if weights == "ema" else "model"
    if prefix not in prefixes:
        prefix = "model" if prefix == "ema_model" else "ema_model"
        kind = "averaged (EMA)" if prefix == "model" else "raw"
        notices = (f"{path.name} holds no {kind} weights, so the others are used.",)
    chosen = {
        k.removeprefix(prefix + "."): v for k, v in tensors.items() if k.startswith(prefix + ".")
    }
    return Checkpoint(path, "training", chosen, config, None, notices, archive.foreign, other)


def _no_weights(path: Path) -> InputError:
    return InputError(f"{path.name} holds no weights.", "Choose a checkpoint of a network.")


# Where the published trainers keep what networks and their noising need.
_SETTINGS = (
    ("config",),
    ("config", "params"),
    ("hyper_parameters", "model"),
    ("hyper_parameters", "model", "params"),
    ("ldm_hparams",),
    ("hyper_parameters", "fm_cfg", "params", "net_cfg", "params"),
)
_NOISING = ("noising_step", "scale_factor")
_SAYING = {place[0] for place in _SETTINGS} | set(_NOISING)


def _settings(other: dict[str, Any]) -> dict[str, Any]:
    """What a .ckpt says about its network: arguments of its config and of its noising."""
    try:
        said = {key: plain(value) for key, value in other.items() if key in _SAYING}
    except ValueError:  # nested without an end: the shapes tell the sizes
        return {}
    found: dict[str, Any] = {}
    for place in _SETTINGS:
        value: Any = said
        for key in place:
            value = value.get(key) if isinstance(value, dict) else None
        found |= value if isinstance(value, dict) else {}
    for holder in (said, said.get("hyper_parameters")):
        if isinstance(holder, dict):
            found |= {key: holder[key] for key in _NOISING if key in holder}
    return {key: value for key, value in found.items() if isinstance(key, str)}
