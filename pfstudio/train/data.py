"""Pictures for training: a tar pack or a folder, with or without a labels file, held in memory."""

from __future__ import annotations

import hashlib
import io
import tarfile
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from pfstudio.core.documents import LABELS_BYTES, read_json, texts
from pfstudio.core.errors import InputError
from pfstudio.core.image_io import BROKEN, open_picture, to_rgb, upright
from pfstudio.train.config import SourceConfig

_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp")
_HELD_OUT = 20  # without a labels file, every 20th picture validates
_ONE = ("picture",)  # the class of pictures that have none


@dataclass(frozen=True)
class Labels:
    """A labels file: class names, and which picture belongs where."""

    classes: tuple[str, ...]
    train: tuple[tuple[str, int], ...]
    test: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class PictureSet:
    """Pictures with their classes; sizes may differ."""

    names: tuple[str, ...]
    pictures: tuple[Tensor, ...]  # uint8 (3,H,W)
    labels: Tensor  # (N,) int64; all 0 where there are no classes

    def __len__(self) -> int:
        return len(self.names)


@dataclass(frozen=True)
class TrainingData:
    """What a recipe trains and validates on."""

    classes: tuple[str, ...]
    train: PictureSet
    test: PictureSet


def plain_name(name: str) -> str:
    """The name of a picture without the ./ of a pack that was made of a whole folder."""
    return name.removeprefix("./")


def read_labels(path: Path) -> Labels:
    """A labels file: JSON with `classes`, `train` and `test` ([[file, class index], ...]).

    Raises:
        InputError: unreadable, or not of this form.
    """
    try:
        data = read_json(path, LABELS_BYTES)
        classes = texts(data["classes"])
        train, test = (
            tuple((plain_name(str(n)), int(c)) for n, c in data[k]) for k in ("train", "test")
        )
    except OSError as error:
        raise InputError(f"The labels file {path} cannot be read ({error.strerror}).") from error
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{path} is not a labels file ({error}).",
            "It needs classes, train and test, the latter as [[file name, class index], ...].",
        ) from error
    for name, index in (*train, *test):
        if not 0 <= index < len(classes):
            raise InputError(f"{path} gives {name} the class {index} of {len(classes)}.")
    return Labels(classes, train, test)


def read_source(path: Path) -> Iterator[tuple[str, bytes]]:
    """(name, file content) of every picture in a tar pack or below a folder, in a fixed order.

    Raises:
        InputError: nothing there, or the pack is damaged.
    """
    if path.is_dir():
        for file in picture_files(path):
            yield file.relative_to(path).as_posix(), file.read_bytes()
        return
    try:
        with tarfile.open(path) as tar:
            for entry in tar:
                opened = tar.extractfile(entry) if entry.isfile() else None
                if opened is not None and entry.name.lower().endswith(_SUFFIXES):
                    yield plain_name(entry.name), opened.read()
    except FileNotFoundError as error:
        raise InputError(
            f"The pictures {path} are not there.", "Give their folder with --data."
        ) from error
    except (OSError, tarfile.TarError) as error:
        raise InputError(f"The pack {path} cannot be read ({error}).") from error


def decode(name: str, data: bytes) -> Tensor:
    """A picture file as uint8 (3,H,W), converted as `core.image_io.read_picture` does.

    Raises:
        InputError: the picture is broken.
    """
    try:
        with open_picture(io.BytesIO(data)) as opened:
            opened.load()
            pixels = to_rgb(upright(opened))
    except (*BROKEN, Image.DecompressionBombError) as error:
        raise InputError(
            f"The image {name} is broken ({error}).", "Repair it or take it out of the data."
        ) from error
    return torch.from_numpy(pixels).permute(2, 0, 1).contiguous()


def _lists(
    source: SourceConfig,
    folder: Path,
    names: list[str],
    tested: Collection[str],
    wanted: tuple[str, ...],
) -> tuple[tuple[str, ...], dict[str, int], dict[str, int]]:
    """Class names, and picture -> class index for training and for validation."""
    if not source.labels:
        return _of_folders(names, tested, wanted)
    labels = read_labels(folder / source.labels)
    unknown = [name for name in wanted if name not in labels.classes]
    if unknown:
        raise InputError(f"The labels file {source.labels} has no class {unknown[0]!r}.")
    classes = wanted or labels.classes
    index = {labels.classes.index(name): i for i, name in enumerate(classes)}
    # A labels file may leave the suffix of its pictures out.
    known = {name.rpartition(".")[0]: name for name in names} | {name: name for name in names}
    train = {known.get(name, name): index[c] for name, c in labels.train if c in index}
    test = {known.get(name, name): index[c] for name, c in labels.test if c in index}
    if both := sorted(train.keys() & test.keys()):
        raise InputError(
            f"The labels file {source.labels} lists {both[0]} under train and under test.",
            "Take it out of one of them.",
        )
    check_present(source, train.keys() | test.keys(), names)
    if source.unlisted:
        listed = {known.get(name, name) for name, _ in (*labels.train, *labels.test)}
        train.update((name, 0) for name in names if name not in listed and name not in tested)
    return classes, train, test


def _of_folders(
    names: list[str], tested: Collection[str], wanted: tuple[str, ...]
) -> tuple[tuple[str, ...], dict[str, int], dict[str, int]]:
    """As `_lists`, without a file of labels.

    The folders are the classes that are wanted or, where every picture lies in one of several, all
    of them; else, or where just _ONE is wanted, all pictures are of one class. A second pack is
    what is held out; without one it is one in _HELD_OUT pictures of each class, and at least one.
    """
    folders: dict[str, list[str]] = {}
    for name in names:
        folders.setdefault(name.rpartition("/")[0], []).append(name)
    several = wanted != _ONE and (bool(wanted) or (len(folders) > 1 and "" not in folders))
    if not several:
        folders = dict.fromkeys(_ONE, names)
    elif unknown := [name for name in wanted if name not in folders]:
        raise InputError(
            f"There is no folder {unknown[0]!r} of images.",
            "Without a labels file each class is a folder.",
        )
    classes = (wanted or tuple(sorted(folders))) if several else tuple(folders)
    train: dict[str, int] = {}
    test: dict[str, int] = {}
    for index, name in enumerate(classes):
        own = folders[name]
        held = own[_HELD_OUT - 1 :: _HELD_OUT]
        if tested:
            held = [one for one in own if one in tested]
        elif several and len(own) > 1:
            held = held or own[-1:]
        test |= dict.fromkeys(held, index)
        train |= {one: index for one in own if one not in test}
    return classes, train, test


def source_classes(
    source: SourceConfig, folder: Path, wanted: tuple[str, ...] = ()
) -> tuple[str, ...]:
    """The class names of what `load_source` reads, without opening a picture.

    Raises:
        InputError: missing files, or labels that do not fit.
    """
    if wanted:
        return wanted
    if source.labels:
        return read_labels(folder / source.labels).classes
    paths = [folder / path for path in (source.path, source.test_path) if path]
    names = {name for path in paths for name in _picture_names(path)}
    return _of_folders(sorted(names), (), wanted)[0]


def _picture_names(path: Path) -> Iterator[str]:
    """The names that `read_source` gives."""
    if not path.is_dir():
        yield from (name for name, _ in read_source(path))
        return
    yield from (file.relative_to(path).as_posix() for file in picture_files(path))


def picture_files(folder: Path) -> list[Path]:
    """Every picture file below a folder."""
    found = (file for file in folder.rglob("*") if file.suffix.lower() in _SUFFIXES)
    return sorted(file for file in found if file.is_file())


def check_present(source: SourceConfig, wanted: Iterable[str], files: Iterable[str]) -> None:
    """Every picture that a labels file names has to be there.

    Raises:
        InputError: some are missing.
    """
    missing = sorted(set(wanted) - set(files))
    if missing:
        raise InputError(
            f"{len(missing)} images of {source.labels} are not in {source.path}, "
            f"for example {missing[0]}."
        )


def read_files(source: SourceConfig, folder: Path) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """The content of all picture files by name: those of a source, and those of its test pack.

    Raises:
        InputError: a pack has none, or both have one of the same name.
    """
    files, tested = (
        dict(read_source(folder / path)) if path else {} for path in (source.path, source.test_path)
    )
    for path, found in ((source.path, files), (source.test_path, tested)):
        if path and not found:
            raise InputError(f"There are no images in {folder / path}.")
    if both := sorted(files.keys() & tested.keys()):
        raise InputError(
            f"{source.path} and {source.test_path} both have an image {both[0]}.",
            "Take out or rename one of each such pair.",
        )
    return files, tested


def load_source(source: SourceConfig, folder: Path, classes: tuple[str, ...] = ()) -> TrainingData:
    """Every picture of a source that trains or validates, decoded.

    Args:
        source: what to read.
        folder: that its paths are relative to.
        classes: take these only, numbered in this order; empty: all of the labels or folders.

    Raises:
        InputError: missing or broken files, or labels that do not fit.
    """
    files, tested = read_files(source, folder)
    files |= tested
    names, train, test = _lists(source, folder, sorted(files), tested, classes)
    if not train:
        raise InputError(f"No picture of {source.path} is left to train on.")

    def load(listed: dict[str, int]) -> PictureSet:
        pictures = tuple(decode(name, files[name]) for name in listed)
        return PictureSet(tuple(listed), pictures, torch.tensor(list(listed.values())))

    return TrainingData(names, load(train), load(test))


def to_unit(pictures: Tensor) -> Tensor:
    """uint8 -> float32 in -1..1."""
    return pictures.float() / 127.5 - 1.0


def fit(picture: Tensor, side: int) -> Tensor:
    """The centre square of a picture (3,H,W), resized to side x side, uint8 (bicubic)."""
    if picture.shape[1:] == (side, side):
        return picture
    short = min(picture.shape[1:])
    top, left = ((length - short) // 2 for length in picture.shape[1:])
    square = picture[:, top : top + short, left : left + short].permute(1, 2, 0).numpy()
    resized = Image.fromarray(square).resize((side, side), Image.Resampling.BICUBIC)
    return torch.from_numpy(np.array(resized)).permute(2, 0, 1).contiguous()


def fitted(pictures: PictureSet, side: int) -> Tensor:
    """All pictures as one uint8 tensor (N,3,side,side)."""
    return torch.stack([fit(picture, side) for picture in pictures.pictures])


def random_crop(picture: Tensor, side: int, generator: torch.Generator, flip: bool) -> Tensor:
    """A random square of a picture (3,H,W), as side x side float32 in -1..1.

    A picture of just that side is shifted by up to an eighth over its border colour; a larger one
    is cut at a random place and, up to three times the side, at a random scale.
    """

    def below(limit: int) -> int:
        return int(torch.randint(limit + 1, (), generator=generator))

    height, width = picture.shape[1:]
    if min(height, width) <= side:
        x = to_unit(fit(picture, side))[None]
        margin = side // 8
        x = F.pad(x, (margin,) * 4, mode="replicate")
        cut = side
    else:
        x = to_unit(picture)[None]
        cut = side + below(min(height, width, 3 * side) - side)
    top, left = below(x.shape[2] - cut), below(x.shape[3] - cut)
    x = x[:, :, top : top + cut, left : left + cut]
    if cut != side:
        x = F.interpolate(x, (side, side), mode="bicubic", antialias=True).clamp(-1, 1)
    return (x.flip(-1) if flip and below(1) else x)[0]


def fingerprint(*parts: str) -> str:
    """A short name for something that these texts decide."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def check_held_out(data: Iterable[TrainingData]) -> None:
    """Progress is measured on pictures that are never trained on.

    Raises:
        InputError: no source holds one out.
    """
    if not any(len(part.test) for part in data):
        raise InputError(
            "No picture is left to measure progress on.",
            "Name some under test in the labels file; without one, "
            f"every {_HELD_OUT}th picture is held out.",
        )
