"""What a training run writes for people: tables, sample grids, and TensorBoard where wanted."""

from __future__ import annotations

import contextlib
import csv
import math
import os
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image
from torch import Tensor

from pfstudio.core.errors import InputError
from pfstudio.core.files import replacing, write_error
from pfstudio.train.task import Figures


def picture_grid(pictures: Tensor, columns: int) -> npt.NDArray[np.uint8]:
    """Pictures (B,3,H,W) in -1..1 side by side, as (rows*H, columns*W, 3)."""
    count, _, height, width = pictures.shape
    columns = min(columns, count)
    rows = math.ceil(count / columns)
    canvas = torch.ones(rows * columns, 3, height, width)
    canvas[:count] = pictures.float().clamp(-1, 1)
    tiled = canvas.reshape(rows, columns, 3, height, width).permute(0, 3, 1, 4, 2)
    whole = tiled.reshape(rows * height, columns * width, 3)
    return ((whole + 1) * 127.5).round().to(torch.uint8).numpy()


class RunReport:
    """The files of a run: log.csv, validation.csv, samples/ and, if asked for, tensorboard/."""

    def __init__(self, folder: Path, step: int, tensorboard: bool = False) -> None:
        """Rows after `step` (of a run that was killed), at 0 all, are dropped: they come again."""
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._board: Any = None
        if tensorboard:
            self._board = summary_writer()(folder / "tensorboard", purge_step=step + 1)
        for name in ("log.csv", "validation.csv"):
            _cut(folder / name, step)

    def log(self, step: int, figures: Figures) -> None:
        """One row of log.csv."""
        self._add("log.csv", "train", step, figures)

    def validation(self, step: int, figures: Figures) -> None:
        """One row of validation.csv."""
        self._add("validation.csv", "validation", step, figures)

    def samples(self, step: int, picture: npt.NDArray[np.uint8]) -> None:
        """One picture of samples/."""
        with replacing(self._folder / "samples" / f"{step:08d}.png") as temporary:
            Image.fromarray(picture).save(temporary, "PNG")
        if self._board is not None:
            self._board.add_image("samples", picture, step, dataformats="HWC")

    def close(self) -> None:
        if self._board is not None:
            self._board.close()

    def _add(self, name: str, group: str, step: int, figures: Figures) -> None:
        path = self._folder / name
        row = {"step": str(step), **{key: f"{value:.6g}" for key, value in figures}}
        columns = _columns(path, tuple(row))
        before = path.stat().st_size if path.exists() else 0
        try:
            with path.open("a", newline="", encoding="utf-8") as file:
                writer = csv.DictWriter(file, columns)
                if not before:
                    writer.writeheader()
                writer.writerow(row)
        except OSError as error:
            with contextlib.suppress(OSError):
                os.truncate(path, before)  # no half row
            raise write_error(path, error) from error
        if self._board is not None:
            for key, value in figures:
                self._board.add_scalar(f"{group}/{key}", value, step)


def _columns(path: Path, wanted: tuple[str, ...]) -> list[str]:
    """The columns of a table; those that it lacks are added, empty in its rows so far."""
    if not path.exists() or not path.stat().st_size:
        return list(wanted)
    with path.open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        columns = list(reader.fieldnames or ())
        more = [name for name in wanted if name not in columns]
        rows = list(reader) if more else []
    if more:
        with replacing(path) as part, part.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, [*columns, *more])
            writer.writeheader()
            writer.writerows(rows)
    return [*columns, *more]


def _cut(path: Path, step: int) -> None:
    if not path.exists():
        return
    if not step:
        path.unlink()
        return
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    kept = rows[:1] + [row for row in rows[1:] if row and row[0].isdigit() and int(row[0]) <= step]
    with replacing(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(kept)


def summary_writer() -> Any:
    """The class that writes for TensorBoard.

    Raises:
        InputError: it is not installed.
    """
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise InputError(
            "TensorBoard is not installed.", "pip install tensorboard, or leave it out."
        ) from error
    return SummaryWriter
