"""What the evaluations share: where their images are."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from pfstudio.core.errors import InputError

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
