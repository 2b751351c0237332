"""A run's maps as numbers for other programs: CSV for tables, NPY and NPZ for arrays."""

from __future__ import annotations

import csv
import math
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from pfstudio.core.arrays import read_npy, read_npz
from pfstudio.core.errors import InputError
from pfstudio.core.files import replacing
from pfstudio.core.trace import Trace

MAP_SUFFIXES = (".csv", ".npy", ".npz")
NAMES = ("time", "difficulty", "role", "speed")
COLUMNS = ("call", "image", "row", "col", *NAMES)

# One element of the NPY file's array, which has the shape (T,B,n,m).
PATCH = np.dtype([("time", "<f4"), ("difficulty", "<f4"), ("role", "u1"), ("speed", "<f4")])


def write_maps(trace: Trace, path: Path) -> tuple[Path, ...]:
    """Write time, difficulty, role and speed of every patch in every call; the files written.

    * `.csv`: one line per patch and call with the columns COLUMNS, all counted from 0. Numbers have
      as many digits as float32 needs to be read back exactly; a missing difficulty is empty.
    * `.npy`: a structured array (T,B,n,m) of PATCH: `numpy.load(path)["difficulty"]`.
    * `.npz`: four arrays (T,B,n,m) by their names.

    Raises:
        InputError: another ending, or a folder that may not be written to.
        RunError: the disk is full.
    """
    suffix = path.suffix.lower()
    if suffix not in MAP_SUFFIXES:
        raise InputError(
            f"{path.name} is no table this program can write.",
            f"Use one of the endings {', '.join(MAP_SUFFIXES)}.",
        )
    maps = {name: getattr(trace, name) for name in NAMES}
    with replacing(path) as temporary:
        if suffix == ".csv":
            _write_csv(temporary, maps)
        else:
            with temporary.open("wb") as file:
                if suffix == ".npz":
                    np.savez_compressed(file, **maps)
                else:
                    np.save(file, _structured(maps))
    return (path,)


def read_maps(path: Path) -> dict[str, npt.NDArray[np.generic]]:
    """The arrays (T,B,n,m) by name from a file that `write_maps` wrote.

    Raises:
        InputError: it is not such a file.
    """
    try:
        if path.suffix.lower() == ".csv":
            return _read_csv(path)
        loaded: Any = read_npz(path) if path.suffix.lower() == ".npz" else read_npy(path)
        return {name: loaded[name] for name in NAMES}
    except (OSError, ValueError, LookupError, TypeError, ArithmeticError, csv.Error) as error:
        raise InputError(f"{path} holds no maps of a run ({error}).") from error


def _structured(maps: dict[str, npt.NDArray[np.generic]]) -> npt.NDArray[np.void]:
    patches = np.empty(maps["time"].shape, PATCH)
    for name in NAMES:
        patches[name] = maps[name]
    return patches


def _write_csv(path: Path, maps: dict[str, npt.NDArray[np.generic]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for place in np.ndindex(maps["time"].shape):
            writer.writerow([*place, *(_text(maps[name][place]) for name in NAMES)])


def _text(value: Any) -> str:
    return "" if value != value else str(value)  # NaN alone differs from itself


def _read_csv(path: Path) -> dict[str, npt.NDArray[np.generic]]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    places = np.array([[int(row[name]) for name in COLUMNS[:4]] for row in rows])
    shape = tuple(int(last) + 1 for last in places.max(axis=0))
    if places.min() < 0 or math.prod(shape) != len(rows):
        raise ValueError("there is not one line for each patch")
    maps: dict[str, npt.NDArray[np.generic]] = {}
    for name in NAMES:
        values = [row[name] or "nan" for row in rows]
        array = np.full(shape, np.nan) if name != "role" else np.zeros(shape)
        array[tuple(places.T)] = np.array(values, np.float64)
        with np.errstate(invalid="raise", over="raise"):
            maps[name] = array.astype(np.uint8 if name == "role" else np.float32)
    return maps
