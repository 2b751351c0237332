"""NPY and NPZ files that a stranger may have written: nothing is run, and memory is bounded."""

from __future__ import annotations

import math
import tokenize
import warnings
import zipfile
import zlib
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

MOST_BYTES = 512 * 2**20  # of one array


def read_npy(path: Path) -> npt.NDArray[Any]:
    """The array of a .npy file.

    Raises:
        OSError, ValueError: it cannot be read, is no array of numbers, or is too large.
    """
    with path.open("rb") as file:
        return _read(file, path.stat().st_size)


def read_npz(path: Path) -> dict[str, npt.NDArray[Any]]:
    """The arrays of a .npz file by their names.

    Raises:
        OSError, ValueError: as `read_npy`.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = [info for info in archive.infolist() if info.filename.endswith(".npy")]
            if sum(info.file_size for info in members) > MOST_BYTES:
                raise ValueError(f"it unpacks to more than {MOST_BYTES / 2**20:.0f} MiB")
            found = {}
            for info in members:
                with archive.open(info) as file:
                    found[info.filename.removesuffix(".npy")] = _read(file, info.file_size)
            return found
    except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError) as error:
        raise ValueError(f"it is no whole archive: {error}") from error
    except (NotImplementedError, RuntimeError, zlib.error) as error:
        raise ValueError(f"it is packed in an unknown way: {error}") from error


def _read(file: IO[bytes], size: int) -> npt.NDArray[Any]:
    """An array whose header claims no more than there is."""
    version = np.lib.format.read_magic(file)
    header = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }.get(version)
    if header is None:
        raise ValueError(f"it has the unknown version {version}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # a file of Python 2 is as good
            shape, fortran, dtype = header(file)
    except (tokenize.TokenError, SyntaxError, RecursionError, MemoryError) as error:
        raise ValueError("its header cannot be read") from error
    count = math.prod(shape)
    if dtype.hasobject or count * dtype.itemsize > min(size, MOST_BYTES):
        raise ValueError("its header claims more than it holds")
    data = file.read(count * dtype.itemsize)
    return np.frombuffer(data, dtype, count).reshape(shape, order="F" if fortran else "C").copy()
