"""Where and how results are saved by themselves."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Saving:
    """What the `save` of a task is told."""

    folder: Path | None = None  # None: the user's pictures folder
    suffix: str = ".png"
    metadata: bool = True
