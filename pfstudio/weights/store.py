"""Install and check models in the user's folder; published files become our own format."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from safetensors.torch import save_file
from torch import Tensor

from pfstudio.core.card import CARD_NAME, WEIGHTS_NAME, ModelCard
from pfstudio.core.catalogue import CatalogueEntry, check_accepted, check_online
from pfstudio.core.errors import InputError, RunError
from pfstudio.core.models import (
    Imported,
    InstalledModel,
    find_model,
    installed_model,
    models_folder,
)
from pfstudio.core.paths import cache_folder
from pfstudio.core.settings import load_settings
from pfstudio.nn.architecture import Tensors
from pfstudio.weights.any_model import model_of
from pfstudio.weights.cards import described
from pfstudio.weights.catalogue import CATALOGUE, find_entry
from pfstudio.weights.checkpoint import read_checkpoint
from pfstudio.weights.checkpoint_info import info_of
from pfstudio.weights.disk import check_space, new_folder, sha256_of
from pfstudio.weights.download import Progress, download

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


def import_model(path: Path, name: str = "", weights: str = "ema", heads: int = 0) -> Imported:
    """Convert any known file or folder into an installed model, once it was proved to load.

    Args:
        path: see `read_checkpoint`.
        name: the new model's name; default: the file's.
        weights, heads: see `load_network`.

    Raises:
        InputError: the file cannot be used, or the name is taken or not usable.
        RunError: the disk is full or read-only.
    """
    name = name or re.sub(r"[^A-Za-z0-9._-]+", "-", path.resolve().stem).strip(".-") or "model"
    _check_name(name)
    checkpoint = read_checkpoint(path, weights)
    loaded = model_of(checkpoint, heads)
    card = loaded.card
    entry = find_entry(name)
    if entry is not None and entry.architecture == card.architecture:
        card = _with_entry(card, entry)
    model = _write(replace(card, name=name), loaded.tensors)
    return Imported(model, info_of(checkpoint, loaded))


def verify_model(name: str) -> InstalledModel:
    """Check an installed model's weights against the SHA-256 in its card.

    Raises:
        InputError: not installed, or its card holds no sum.
        RunError: the weights were altered.
    """
    model = installed_model(name)
    if not model.card.sha256:
        raise InputError(f"The card of {name} holds no check sum.", "Import the model again.")
    if sha256_of(model.folder / WEIGHTS_NAME) != model.card.sha256:
        raise RunError(
            f"The weights of {name} are damaged: they do not match the check sum of its card.",
            "Remove the model and fetch or import it again.",
        )
    return model


def download_model(
    name: str, progress: Progress = lambda done, total: None, stopped: Callable[[], bool] = bool
) -> Imported:
    """Fetch a model of the catalogue and install it; what an earlier attempt left is used.

    Args:
        progress: called with bytes so far and in all.
        stopped: asked between blocks; true pauses (RunError), keeping what was fetched.

    Raises:
        InputError: not in the catalogue, already installed, its licence was not accepted yet, or
            what came is no such model.
        RunError: the user works offline, network or disk failed, or it was paused.
    """
    settings, _ = load_settings()
    check_online(settings)
    entry = find_entry(name)
    if entry is None:
        known = ", ".join(entry.name for entry in CATALOGUE)
        raise InputError(f"There is nothing to download named {name!r}.", f"Known are: {known}.")
    _check_name(name)
    check_accepted(entry, settings)
    folder = _download_folder(name)
    before, after = 0, entry.about_bytes  # bytes of the files that are here and still to come

    def overall(done: int, total: int) -> None:
        progress(before + done, before + total + after)

    for file in entry.files:
        after -= file.about_bytes
        path = download(file, folder, overall, stopped)
        before += path.stat().st_size
    try:
        installed = import_model(folder if len(entry.files) > 1 else path, name)
    except InputError:  # not what the catalogue promises: fetching it again must start afresh
        discard_download(name)
        raise
    discard_download(name)
    return installed


def fetched_bytes(entry: CatalogueEntry) -> int:
    """What earlier attempts to download a model left to go on from."""
    folder = _download_folder(entry.name)
    ends = ((folder / f"{file.name}{end}") for file in entry.files for end in ("", ".part"))
    return sum(path.stat().st_size for path in ends if path.is_file())


def discard_download(name: str) -> None:
    """Delete what earlier attempts to download a model left."""
    shutil.rmtree(_download_folder(name), ignore_errors=True)


def _download_folder(name: str) -> Path:
    return cache_folder() / "downloads" / name


def save_model(folder: Path, card: ModelCard, tensors: Tensors) -> ModelCard:
    """Write a model folder (weights and card with their check sum) at once; returns the card.

    In a folder that is there both are replaced together, and other files are kept.

    Raises:
        InputError: the card names an unknown architecture.
        RunError: the disk is full or read-only.
    """
    check_space(folder.parent, sum(value.nbytes for value in tensors.values()))
    with new_folder(folder) as temporary:
        save_file(
            {key: _alone(value) for key, value in tensors.items()},
            temporary / WEIGHTS_NAME,
            metadata={"format": "pt"},
        )
        card = replace(described(card), sha256=sha256_of(temporary / WEIGHTS_NAME))
        (temporary / CARD_NAME).write_text(card.to_json(), encoding="utf-8")
        # safetensors makes files that only their owner may read
        shutil.copymode(temporary / CARD_NAME, temporary / WEIGHTS_NAME)
        for file in folder.iterdir() if folder.is_dir() else ():
            if file.is_file() and file.name not in (WEIGHTS_NAME, CARD_NAME):
                shutil.copy2(file, temporary)
    return card


def _write(card: ModelCard, tensors: Tensors) -> InstalledModel:
    folder = models_folder() / card.name
    return InstalledModel(card.name, folder, save_model(folder, card, tensors), shipped=False)


def _with_entry(card: ModelCard, entry: CatalogueEntry) -> ModelCard:
    return replace(
        card,
        title=entry.title,
        licence=entry.licence,
        non_commercial=entry.non_commercial,
        paper=entry.paper or card.paper,
    )


def _alone(value: Tensor) -> Tensor:
    """The tensor with its own memory: safetensors refuses views of a shared one."""
    whole = value.is_contiguous() and value.untyped_storage().nbytes() == value.nbytes
    return value if whole else value.contiguous().clone()


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise InputError(
            f"{name!r} cannot be the name of a model.",
            "Use letters, digits, dots, hyphens and underscores.",
        )
    if find_model(name) is not None:
        raise InputError(
            f"There already is a model named {name}.",
            f"Choose another name, or remove it first: pfstudio models remove {name}",
        )
