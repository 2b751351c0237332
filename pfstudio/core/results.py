"""Saved results on disk: one folder a run, in one folder a day. The files are the truth.

    <pictures folder>/2026-11-23/142501-emoji-seed7/
        image-000.png ...   pictures with their recipe inside
        request.json        the whole request, with names of files, but no folders
        execution.json      how it was computed: device, precision, kernels, machine
        trace.pftrace       the trace (public format)

A stopped run has a trace but no pictures. A folder appears whole or not at all.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt

from pfstudio.core.conditions import condition_name
from pfstudio.core.documents import read_json, read_text
from pfstudio.core.errors import InputError
from pfstudio.core.execution import Execution
from pfstudio.core.files import (
    discard,
    hidden_folder,
    lock,
    numbered,
    set_aside,
    write_error,
    write_text,
)
from pfstudio.core.metadata import (
    PICTURE_FORMATS,
    picture_notes,
    read_recipe,
    recipe_of,
    save_picture,
)
from pfstudio.core.paths import pictures_folder, result_path
from pfstudio.core.requests import GenerateRequest
from pfstudio.core.result_files import REQUEST_NAME, TRACE_NAME, image_number
from pfstudio.core.trace import Trace
from pfstudio.core.trace_file import write_trace
from pfstudio.core.trace_journal import recover, unfinished

EXECUTION_NAME = "execution.json"


@dataclass(frozen=True)
class SavedResult:
    """A result folder."""

    folder: Path
    images: tuple[Path, ...]
    trace: Path | None

    @property
    def by_number(self) -> dict[int, Path]:
        """The images by their place in the run: one of them may have been deleted."""
        numbers = ((image_number(path), path) for path in self.images)
        return {number: path for number, path in numbers if number is not None}

    @property
    def files(self) -> tuple[str, ...]:
        about = [self.folder / name for name in (REQUEST_NAME, EXECUTION_NAME, TRACE_NAME)]
        return tuple(str(path) for path in (*self.images, *about) if path.is_file())

    def request(self) -> GenerateRequest:
        """The request that made it; InputError if it cannot be read."""
        try:
            text = read_text(self.folder / REQUEST_NAME)
        except (OSError, ValueError) as error:
            raise InputError(f"{self.folder} holds no readable {REQUEST_NAME}.") from error
        return GenerateRequest.from_json(text)

    def execution(self) -> Execution | None:
        """How it was computed; None where nothing readable tells it."""
        try:
            return Execution.from_data(read_json(self.folder / EXECUTION_NAME))
        except (OSError, ValueError, TypeError, KeyError, AttributeError, InputError):
            return None


def save_pictures(
    folder: Path,
    stem: str,
    images: npt.NDArray[np.uint8],
    request: GenerateRequest,
    *,
    suffix: str = ".png",
    metadata: bool = True,
    class_names: Sequence[str] = (),
    model_sha256: str = "",
    execution: Execution | None = None,
) -> tuple[Path, ...]:
    """Write images (B,H,W,3) as `stem`-000.png and so on; returns the paths."""
    paths = picture_paths(folder, stem, suffix, len(images))
    for index, pixels in enumerate(images):
        name = condition_name(request.per_image[index], class_names)
        notes = None
        if metadata:
            size = (pixels.shape[0], pixels.shape[1])
            notes = picture_notes(
                request, index, size, title=name, model_sha256=model_sha256, execution=execution
            )
        save_picture(paths[index], pixels, notes)
    return paths


def picture_paths(folder: Path, stem: str, suffix: str, images: int) -> tuple[Path, ...]:
    """Where `save_pictures` writes so many images."""
    return tuple(folder / f"{stem}-{index:03d}{suffix}" for index in range(images))


def result_stem(request: GenerateRequest) -> str:
    """A file name for a request's results, e.g. "emoji-seed7"."""
    name = Path(request.model).name or "result"
    name = "".join(c if c.isalnum() or c in "-_." else "-" for c in name)
    return f"{name.removesuffix('.ckpt').removesuffix('.safetensors')}-seed{request.seed}"


def free_stem(folder: Path, stem: str, suffix: str, trace: Trace) -> str:
    """The stem, or one with a number where a file of it is the picture of another run."""
    request = trace.request.without_folders()
    for free in numbered(stem):
        names = picture_paths(folder, free, suffix, request.images)
        if all(_shows(path, request, index) for index, path in enumerate(names)):
            return free
    raise AssertionError("names never end")


def _shows(path: Path, request: GenerateRequest, image: int) -> bool:
    """Whether a file is this picture of a request, or there is none."""
    if not path.exists():
        return True
    try:
        return recipe_of(request, image) == read_recipe(path).request
    except InputError:
        return False


def save_result(
    images: npt.NDArray[np.uint8] | None,
    trace: Trace,
    *,
    root: Path | None = None,
    when: datetime | None = None,
    suffix: str = ".png",
    metadata: bool = True,
    class_names: Sequence[str] = (),
    model_sha256: str = "",
) -> SavedResult:
    """Save a run (stopped runs: `images=None`) as a new folder below `root`.

    Raises:
        InputError, RunError: it could not be written; nothing is left behind.
    """
    path = result_path(result_stem(trace.request), root, when)
    with hidden_folder(path) as folder:
        if images is not None:
            save_pictures(
                folder,
                "image",
                images,
                trace.request,
                suffix=suffix,
                metadata=metadata,
                class_names=class_names,
                model_sha256=model_sha256,
                execution=trace.execution,
            )
        write_text(folder / REQUEST_NAME, trace.request.without_folders().to_json())
        if trace.execution is not None:
            write_text(folder / EXECUTION_NAME, json.dumps(asdict(trace.execution)))
        write_trace(trace, folder / TRACE_NAME)
        final = _settle(folder, path.name)
    return _result(final)


def _settle(folder: Path, name: str) -> Path:
    """Give a filled folder its final name; a number is added where the name is taken."""
    for free in numbered(name):
        final = folder.with_name(free)
        try:
            return folder.rename(final)
        except OSError as error:
            if not final.exists():
                raise write_error(final, error) from error
    raise AssertionError("names never end")


def recover_results(root: Path | None = None) -> list[SavedResult]:
    """Save what crashed runs recorded as results, and remove their journals.

    Journals that cannot be read are set aside. Of two processes only one recovers a journal.

    Raises:
        InputError, RunError: it could not be written; the journal is kept.
    """
    saved = []
    for journal in unfinished():
        try:
            with journal.open("rb+") as file:
                if not lock(file.fileno()):
                    continue
                try:
                    trace, damaged = recover(journal), False
                except InputError as error:
                    trace, damaged = None, journal.stat().st_size > 0  # else nothing was written
                    if damaged:
                        logging.getLogger(__name__).warning("%s is set aside: %s", journal, error)
                if trace is not None:
                    saved.append(save_result(None, trace, root=root))
                if not damaged:
                    discard(file, journal)
            if damaged:  # once it is closed: Windows renames no open file
                set_aside(journal)
        except OSError as error:
            logging.getLogger(__name__).warning("%s cannot be recovered: %s", journal, error)
    return saved


def list_results(root: Path | None = None) -> list[SavedResult]:
    """Every saved result below `root`, newest first."""
    requests = (root or pictures_folder()).glob(f"*/*/{REQUEST_NAME}")
    folders = [path.parent for path in requests if not path.parent.name.startswith(".")]
    return [_result(folder) for folder in sorted(folders, reverse=True)]


def result_of(path: Path) -> SavedResult | None:
    """The result that a picture or trace belongs to, if it lies in a result folder."""
    return _result(path.parent) if (path.parent / REQUEST_NAME).is_file() else None


def _result(folder: Path) -> SavedResult:
    pictures = [p for p in folder.glob("image-*") if p.suffix.lower() in PICTURE_FORMATS]
    pictures.sort(key=lambda path: (image_number(path) or 0, path))  # 1000 comes after 999
    trace = folder / TRACE_NAME
    return SavedResult(folder, tuple(pictures), trace if trace.is_file() else None)
