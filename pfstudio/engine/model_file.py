"""What a checkpoint that somebody brings is."""

from __future__ import annotations

from pathlib import Path

from pfstudio.core.card import ModelCard
from pfstudio.weights.checkpoint_info import inspect_model


def card_of(path: Path) -> ModelCard:
    """The card of the model in a file or folder, which is read completely.

    Raises:
        InputError: it is of an unknown kind, or damaged.
    """
    return inspect_model(path).card
