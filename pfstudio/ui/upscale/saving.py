"""Finished pictures, and writing them where the user wants them."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from pathlib import Path

from pfstudio.core.files import replacing
from pfstudio.core.image_io import read_colour_and_alpha
from pfstudio.core.upscale import Upscaled
from pfstudio.core.upscale_files import result_name, write_upscaled


@dataclass(frozen=True)
class Result:
    """A finished picture. Once `kept` holds its pixels, those of `upscaled` may be empty."""

    source: Path
    upscaled: Upscaled
    seconds: float
    size: tuple[int, int]  # (width, height)
    kept: Path | None = None  # where it was saved by itself

    @property
    def in_memory(self) -> bool:
        """Whether its pixels are here."""
        return bool(self.upscaled.image.size)

    def light(self) -> Result:
        """Without pixels, if they are on disk."""
        if self.kept is None:
            return self
        empty = self.upscaled.image[:0]
        return replace(
            self, upscaled=replace(self.upscaled, image=empty, picture=empty, alpha=None)
        )

    def write(self, path: Path, *, metadata: bool = True) -> tuple[Path]:
        """Write it and return the path, whose ending decides the format.

        Raises:
            InputError, RunError: it cannot be read or written.
        """
        if metadata and self.kept is not None and self.kept.suffix == path.suffix.lower():
            with replacing(path) as temporary:
                shutil.copyfile(self.kept, temporary)
            return (path,)
        upscaled = self.upscaled
        if not self.in_memory and self.kept is not None:
            layers = read_colour_and_alpha(self.kept)
            upscaled = replace(upscaled, image=layers.colours, alpha=layers.alpha)
        write_upscaled(path, upscaled, self.source, metadata=metadata)
        return (path,)

    def write_into(self, folder: Path, *, metadata: bool = True) -> tuple[Path]:
        """Write it into a folder, where nothing is overwritten; else as `write`."""
        return self.write(free_path(folder, self), metadata=metadata)


def free_path(folder: Path, result: Result) -> Path:
    """A name for a result that is not taken yet, e.g. cat-4x.png or cat-4x-2.png."""
    path = folder / result_name(result.source.stem, result.upscaled.upscale.factor)
    number, stem = 1, path.stem
    while path.exists():
        number += 1
        path = path.with_name(f"{stem}-{number}{path.suffix}")
    return path
