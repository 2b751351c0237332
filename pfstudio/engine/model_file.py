"""What a checkpoint that somebody brings is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pfstudio.core.card import ModelCard
from pfstudio.core.routes import Route
from pfstudio.weights.answers import Answers, UnansweredError, write_answers
from pfstudio.weights.checkpoint_info import inspect_model


@dataclass(frozen=True)
class UnknownDirection:
    """A file that does not say in which direction its time runs; `answer` keeps it."""

    blocks: int  # of its network


def card_of(path: Path) -> ModelCard:
    """The card of the model in a file or folder, which is read completely.

    Raises:
        InputError: it is of an unknown kind, or damaged.
    """
    return inspect_model(path).card


def card_or_question(path: Path) -> ModelCard | UnknownDirection:
    """As `card_of`, or what has to be answered first."""
    try:
        return card_of(path)
    except UnansweredError as error:
        return UnknownDirection(error.blocks)


def answer(path: Path, reversed_time: bool, routes: Sequence[Route]) -> None:
    """Keep beside a file how it was trained.

    Args:
        reversed_time: its time runs from the image (0) to noise (1).
        routes: that it was trained with.

    Raises:
        InputError, RunError: its folder cannot be written to.
    """
    write_answers(path, Answers(reversed_time, tuple(routes)))
