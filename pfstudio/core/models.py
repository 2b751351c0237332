"""The models on this machine, shipped ones and the user's own, found by their cards (no torch)."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from safetensors import SafetensorError, safe_open

from pfstudio.core.card import CARD_NAME, WEIGHTS_NAME, ModelCard
from pfstudio.core.errors import InputError
from pfstudio.core.paths import data_folder, shipped

# Used in this order where none is chosen, as long as there are no models of the user's own.
DEFAULT_MODELS = ("pft-emoji-text-128", "pft-ti-emoji-64", "depthfm-s", "upsampler-s")


@dataclass(frozen=True)
class InstalledModel:
    """A model folder that can be loaded."""

    name: str  # the folder's name
    folder: Path
    card: ModelCard
    shipped: bool  # came with the program and cannot be removed

    @property
    def bytes(self) -> int:
        """Size of the weights on disk."""
        return (self.folder / WEIGHTS_NAME).stat().st_size

    @property
    def parameters(self) -> int:
        """Numbers in the weights; 0 where the file cannot be read."""
        try:
            with safe_open(self.folder / WEIGHTS_NAME, framework="numpy") as file:
                shapes = [file.get_slice(name).get_shape() for name in file.keys()]  # noqa: SIM118
        except (OSError, SafetensorError):
            return 0
        return sum(math.prod(shape) for shape in shapes)


@dataclass(frozen=True)
class CheckpointInfo:
    """What a file of weights was recognised as; the card of a published one is made from it."""

    file: str
    layout: str  # as in `weights/checkpoint.py`
    bytes: int
    tensors: int
    parameters: int
    dtypes: tuple[str, ...]
    card: ModelCard
    foreign: tuple[str, ...]  # classes in the file that were left unread
    notices: tuple[str, ...]  # sentences to show: licence, assumptions


@dataclass(frozen=True)
class Imported:
    """A model that was installed, and what its files were recognised as."""

    model: InstalledModel
    found: CheckpointInfo


def models_folder() -> Path:
    """Where the user's own models live, one folder each."""
    return data_folder() / "models"


def installed_models(task: str = "") -> tuple[InstalledModel, ...]:
    """All models that can be loaded, or those for a task, each kind by name: the user's own, which
    hide shipped namesakes, then the default ones, then the other shipped ones.
    """
    found: dict[str, InstalledModel] = {}
    for folder, is_shipped in _folders():
        if folder.name not in found and (model := _model(folder, is_shipped)) is not None:
            found[folder.name] = model
    models = sorted(
        found.values(),
        key=lambda m: (m.shipped, _place(m.name) if m.shipped else 0, m.name),
    )
    return tuple(model for model in models if task in ("", model.card.task))


def _place(name: str) -> int:
    """Of a shipped model: the default ones in their order, then all others."""
    return DEFAULT_MODELS.index(name) if name in DEFAULT_MODELS else len(DEFAULT_MODELS)


def broken_models() -> tuple[tuple[Path, str], ...]:
    """Model folders that cannot be loaded, each with a sentence why."""
    broken = []
    for folder, _ in _folders():
        try:
            ModelCard.read(folder)
        except InputError as error:
            broken.append((folder, str(error)))
            continue
        if not (folder / WEIGHTS_NAME).is_file():
            broken.append((folder, f"{folder} holds a card, but no {WEIGHTS_NAME}."))
    return tuple(broken)


def find_model(name: str) -> InstalledModel | None:
    """The installed model of this name; looks into no other folder."""
    models = (_model(*found) for found in _folders(name))
    return next((model for model in models if model is not None), None)


def installed_model(name: str) -> InstalledModel:
    """As `find_model`; InputError if there is none."""
    model = find_model(name)
    if model is None:
        raise InputError(
            f"There is no installed model named {name!r}.", "See: pfstudio models list"
        )
    return model


def _model(folder: Path, is_shipped: bool) -> InstalledModel | None:
    """The model in a folder, if it can be loaded; `broken_models` tells why not."""
    if not (folder / WEIGHTS_NAME).is_file():
        return None
    try:
        about = (folder / CARD_NAME).stat()
        card = _card(folder, about.st_ino, about.st_mtime_ns, about.st_size)
    except (InputError, OSError):
        return None
    return InstalledModel(folder.name, folder, card, is_shipped)


@functools.lru_cache(maxsize=256)
def _card(folder: Path, *_: int) -> ModelCard:
    """The card, read once as long as the file stays the same: every job asks for it."""
    return ModelCard.read(folder)


def _folders(name: str | None = None) -> Iterator[tuple[Path, bool]]:
    """All folders of models, or those of one name."""
    for root, is_shipped in ((models_folder(), False), (shipped("models"), True)):
        if root.is_dir():
            for folder in sorted(root.iterdir()):
                wanted = name in (None, folder.name) and not folder.name.startswith(".")
                if wanted and (folder / CARD_NAME).is_file():
                    yield folder, is_shipped
