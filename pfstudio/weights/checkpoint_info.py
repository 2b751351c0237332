"""What a model or a checkpoint file is, for `pfstudio models info` and the window."""

from __future__ import annotations

from pathlib import Path

from pfstudio.core.models import CheckpointInfo
from pfstudio.weights.any_model import model_of
from pfstudio.weights.checkpoint import Checkpoint, read_checkpoint
from pfstudio.weights.load import LoadedNetwork, locate


def inspect_model(name_or_path: str | Path, weights: str = "ema", heads: int = 0) -> CheckpointInfo:
    """Read a model completely, so that what can be told is also what can be loaded.

    Raises:
        InputError: it is of an unknown kind, or damaged.
    """
    checkpoint = read_checkpoint(locate(str(name_or_path)), weights)
    return info_of(checkpoint, model_of(checkpoint, heads))


def info_of(checkpoint: Checkpoint, loaded: LoadedNetwork) -> CheckpointInfo:
    """What can be told of a checkpoint that was loaded."""
    values = checkpoint.tensors.values()
    return CheckpointInfo(
        file=str(checkpoint.file),
        layout=checkpoint.layout,
        bytes=sum(file.stat().st_size for file in checkpoint.files),
        tensors=len(values),
        parameters=sum(value.numel() for value in values),
        dtypes=tuple(sorted({str(value.dtype).removeprefix("torch.") for value in values})),
        card=loaded.card,
        foreign=checkpoint.foreign,
        notices=loaded.notices,
    )
