"""Any file or folder of weights, read into one shape: named tensors and what is said about them.

Known are our own folder (model.safetensors + card.json), a diffusers folder (config.json), a single
.safetensors file, the published compact .ckpt (`state_dict`, `config`) and training files, which
hold the trained and the averaged (EMA) weights side by side. A folder may keep its weights in
several files with an index. Whatever wraps the names of tensors (`module.`, `_orig_mod.`, `model.`,
`ema_model.`, in any order) is taken off.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from pfstudio.core.card import CARD_NAME, WEIGHTS_NAME, ModelCard
from pfstudio.core.documents import read_json
from pfstudio.core.errors import InputError
from pfstudio.nn.registry import recognise
from pfstudio.weights.file_type import check_readable, damaged, file_type
from pfstudio.weights.inert import plain
from pfstudio.weights.safe_pickle import read_archive

DIFFUSERS_WEIGHTS = "diffusion_pytorch_model.safetensors"
CONFIG = "config.json"
WHICH = ("ema", "raw")
_INDEX = ".index.json"
_MOST_TENSORS, _MOST_WRAPPERS = 200_000, 8


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
    files: tuple[Path, ...] = ()  # with the weights
    other: dict[str, Any] = field(default_factory=dict, repr=False)  # what else a .ckpt holds

    @property
    def name(self) -> str:
        """Name for sentences."""
        return self.path.name

    @property
    def file(self) -> Path:
        """The file with the weights, or the first of them."""
        return self.files[0]


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
        beside = path.with_name(CARD_NAME if path.name == WEIGHTS_NAME else CONFIG)
        path = path.parent if beside.is_file() else path
    if path.is_dir():
        return _read_folder(path, weights)
    if path.name.endswith(_INDEX):
        return _read_shards(path.parent, path, weights)
    check_readable(path)
    if path.suffix == ".safetensors" or file_type(path) == "safetensors":
        tensors = dict[str, Any](read_safetensors(path))
        return _unwrapped(path, tensors, "safetensors", weights, (path,))
    archive = read_archive(path)
    tree = archive.tree if isinstance(archive.tree, dict) else {}
    return _unwrapped(path, tree, "compact", weights, (path,), archive.foreign)


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


def _read_folder(folder: Path, weights: str) -> Checkpoint:
    if (folder / CARD_NAME).is_file():
        card = ModelCard.read(folder)
        tensors = read_safetensors(folder / WEIGHTS_NAME)
        return Checkpoint(folder, "own", tensors, card.sizes, card, files=(folder / WEIGHTS_NAME,))
    whole = folder / DIFFUSERS_WEIGHTS
    if whole.is_file() and (folder / CONFIG).is_file():
        tensors = read_safetensors(whole)
        return Checkpoint(folder, "diffusers", tensors, _config(folder), files=(whole,))
    if indices := sorted(folder.glob(f"*{_INDEX}")):
        return _read_shards(folder, indices[0], weights)
    raise InputError(
        f"{folder} is a folder without a model.",
        f"Choose a folder with {WEIGHTS_NAME} and {CARD_NAME}, or a .ckpt or .safetensors file.",
    )


def _config(folder: Path) -> dict[str, Any]:
    """What a folder's config.json says; nothing where there is none."""
    try:
        config = read_json(folder / CONFIG)
    except FileNotFoundError:
        return {}
    except (ValueError, OSError) as error:
        raise damaged(folder / CONFIG, str(error)) from error
    if not isinstance(config, dict):
        raise damaged(folder / CONFIG)
    return config


def _read_shards(folder: Path, index: Path, weights: str) -> Checkpoint:
    """Weights in several files of a folder, as an index lists them."""
    try:
        placed = read_json(index)["weight_map"]
        names = sorted(set(placed.values()))
        if not names or any(Path(name).name != name for name in names):
            raise ValueError("it names files elsewhere")
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise damaged(index, str(error)) from error
    files = tuple(folder / name for name in names)
    tensors: dict[str, Any] = {}
    for file in files:
        check_readable(file)
        pickled = file_type(file) != "safetensors"
        tensors |= read_archive(file).tree if pickled else read_safetensors(file)
    if missing := sorted(placed.keys() - tensors.keys()):
        raise InputError(f"{folder.name} is incomplete: its files lack {missing[0]}.")
    layout = "diffusers" if (folder / CONFIG).is_file() else "safetensors"
    found = _unwrapped(folder, tensors, layout, weights, files)
    return replace(found, config=_config(folder))


# What trainers and wrappers put before the names of a network's tensors, and what it says of them.
_WRAPPERS = {
    "state_dict": "", "module": "", "_orig_mod": "", "model": "raw", "model_state_dict": "raw",
    "ema": "ema", "ema_model": "ema", "ema_state_dict": "ema",
}  # fmt: skip


def _unwrapped(
    path: Path,
    tree: dict[str, Any],
    layout: str,
    weights: str,
    files: tuple[Path, ...],
    foreign: tuple[str, ...] = (),
) -> Checkpoint:
    """The wished weights of a tree of tensors, without what wraps their names."""
    found: dict[str, dict[str, Tensor]] = {"": {}, "raw": {}, "ema": {}}
    budget = itertools.count()

    def collect(branch: dict[Any, Any], wrappers: tuple[str, ...]) -> None:
        for key, value in branch.items():
            if next(budget) > _MOST_TENSORS or len(wrappers) > _MOST_WRAPPERS:
                raise damaged(path, "its weights are nested without an end")
            if isinstance(value, dict) and key in _WRAPPERS:
                collect(value, (*wrappers, key))
            elif isinstance(key, str) and isinstance(value, Tensor):
                around, name = wrappers, key
                while name.partition(".")[0] in _WRAPPERS and "." in name:
                    first, _, name = name.partition(".")
                    around = (*around, first)
                kinds = {_WRAPPERS[one] for one in around}
                kind = "ema" if "ema" in kinds else "raw" if "raw" in kinds else ""
                found[kind].setdefault(name, value)

    collect(tree, ())
    other = {str(k): v for k, v in tree.items() if not (isinstance(v, dict) and k in _WRAPPERS)}
    other = {key: value for key, value in other.items() if not isinstance(value, Tensor)}
    if not any(found.values()):
        raise _no_weights(path)
    config = _settings(other)
    about: dict[str, Any] = {"foreign": foreign, "other": other, "files": files}
    if not (found["raw"] or found["ema"]) or (not found["ema"] and _beside(found)):
        return Checkpoint(path, layout, found[""], config, **about)
    notices: tuple[str, ...] = ()
    chosen = weights
    if not found[chosen]:
        chosen = "raw" if chosen == "ema" else "ema"
        kind = "averaged (EMA)" if chosen == "raw" else "raw"
        if layout == "compact" or weights == "raw":  # bare weights may be averages
            notices = (f"{path.name} holds no {kind} weights, so the others are used.",)
    layout = "training" if layout == "compact" else layout
    about["other"] = {**other, **found[""]}
    return Checkpoint(path, layout, found[chosen], config, None, notices, **about)


def _beside(found: dict[str, dict[str, Tensor]]) -> bool:
    """Whether what can be used are the tensors without a wrapper, as in Stable Diffusion's files.

    Their `model.` is the network of another program, beside which lies an autoencoder.
    """
    known = recognise(found["raw"] | found[""])
    return known is not None and known.recognise(found[""])


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
