"""Models on their way in and out, for the window, which knows only this room."""

from __future__ import annotations

from pathlib import Path

from pfstudio.core.card import ModelCard
from pfstudio.weights.catalogue import CATALOGUE
from pfstudio.weights.checkpoint_info import inspect_model
from pfstudio.weights.store import (
    discard_download,
    download_model,
    fetched_bytes,
    import_model,
    verify_model,
)

__all__ = [
    "CATALOGUE",
    "card_of",
    "discard_download",
    "download_model",
    "fetched_bytes",
    "import_model",
    "verify_model",
]


def card_of(path: Path) -> ModelCard:
    """The card of the model in a file or folder, which is read completely.

    Raises:
        InputError: it is of an unknown kind, or damaged.
    """
    return inspect_model(path).card
