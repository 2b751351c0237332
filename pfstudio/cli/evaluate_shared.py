"""What the evaluations share: where their images are, and the card that keeps the figures."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pfstudio.core.card import CARD_NAME, ModelCard
from pfstudio.core.errors import InputError
from pfstudio.core.files import check_writable, write_text

if TYPE_CHECKING:
    from pfstudio.train.config import SourceConfig


def labels_of(args: argparse.Namespace) -> Path | None:
    """The labels that were given, or those beside the pack; None if there are none."""
    if args.labels:
        return Path(args.labels).resolve()
    pack: Path = args.data.resolve()
    for stem in (pack.stem, pack.stem.removesuffix("-train")):
        beside = pack.with_name(f"{stem}-labels.json")
        if beside.exists():
            return beside
    return None


def caption_labels_of(args: argparse.Namespace) -> Path:
    """As `labels_of`, for a model that learned from captions.

    Raises:
        InputError: there are none.
    """
    labels = labels_of(args)
    if labels is None:
        raise InputError(
            f"There are no labels beside {args.data}, but {args.model} needs captions.",
            "Name their file with --labels.",
        )
    return labels


def source_of(args: argparse.Namespace) -> SourceConfig:
    """The images of --data and --test-data, as a recipe names them."""
    from pfstudio.train.config import SourceConfig

    return SourceConfig(
        str(args.data.resolve()),
        test_path=str(args.test_data.resolve()) if args.test_data else "",
        labels=str(labels_of(args) or ""),
    )


def check_card(args: argparse.Namespace) -> None:
    """Prove before measuring that --write-card can be done.

    Raises:
        InputError: the model has no card, or it cannot be written.
    """
    from pfstudio.weights.load import locate

    if not args.write_card:
        return
    folder = locate(args.model)
    if not (folder / CARD_NAME).is_file():
        raise InputError(
            f"{args.model} has no card to write to.", "Name its folder, or leave --write-card out."
        )
    check_writable(folder)


def keep_in_card(args: argparse.Namespace, quality: Mapping[str, Any]) -> None:
    """Add figures to those that the card has already, where --write-card is given."""
    from pfstudio.weights.load import locate

    if not args.write_card:
        return
    path = locate(args.model) / CARD_NAME
    card = ModelCard.read(path.parent)
    write_text(path, replace(card, quality={**card.quality, **quality}).to_json())
