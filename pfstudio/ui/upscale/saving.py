"""Saving results where the user wants them. Runs beside the window."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from pathlib import Path

from pfstudio.core.errors import PfstudioError
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

    def write(self, path: Path, *, metadata: bool = True) -> None:
        """Write it; the ending of `path` decides the format.

        Raises:
            InputError, RunError: it cannot be read or written.
        """
        if metadata and self.kept is not None and self.kept.suffix == path.suffix.lower():
            with replacing(path) as temporary:
                shutil.copyfile(self.kept, temporary)
            return
        upscaled = self.upscaled
        if not self.in_memory and self.kept is not None:
            layers = read_colour_and_alpha(self.kept)
            upscaled = replace(upscaled, image=layers.colours, alpha=layers.alpha)
        write_upscaled(path, upscaled, self.source, metadata=metadata)


@dataclass(frozen=True)
class Saved:
    """What was written, and what went wrong."""

    paths: tuple[Path, ...]
    problems: tuple[PfstudioError, ...] = ()


@dataclass(frozen=True)
class SaveOne:
    """A job for the background: one result, to a file."""

    result: Result
    path: Path
    metadata: bool = True

    def __call__(self) -> Saved:
        try:
            self.result.write(self.path, metadata=self.metadata)
        except PfstudioError as error:
            return Saved((), (error,))
        return Saved((self.path,))


@dataclass(frozen=True)
class SaveAll:
    """A job for the background: many results, into a folder. Nothing there is overwritten."""

    results: tuple[Result, ...]
    folder: Path
    metadata: bool = True

    def __call__(self) -> Saved:
        paths: list[Path] = []
        for result in self.results:
            path = free_path(self.folder, result)
            try:
                result.write(path, metadata=self.metadata)
            except PfstudioError as error:
                return Saved(tuple(paths), (error,))  # the next one would fail as well
            paths.append(path)
        return Saved(tuple(paths))


def free_path(folder: Path, result: Result) -> Path:
    """A name for a result that is not taken yet, e.g. cat-4x.png or cat-4x-2.png."""
    path = folder / result_name(result.source.stem, result.upscaled.upscale.factor)
    number, stem = 1, path.stem
    while path.exists():
        number += 1
        path = path.with_name(f"{stem}-{number}{path.suffix}")
    return path
