"""The depth of many pictures at once: which ones, and which are done already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from pfstudio.core import image_batch
from pfstudio.core.depth import DepthRequest
from pfstudio.core.depth_files import FORMATS, DepthExport, file_paths
from pfstudio.core.image_batch import ImageJob, written_here
from pfstudio.core.image_io import SUFFIXES

MANIFEST_FILE = "pfstudio-depth.jsonl"  # in the folder of the results
_OURS = tuple(ending for ending in FORMATS.values() if Path(ending).suffix in SUFFIXES)


def collect(paths: Sequence[Path], out: Path) -> tuple[ImageJob, ...]:
    """All pictures of files and folders, without the depth maps among them.

    Raises:
        InputError: nothing there, or no picture in it.
    """
    return image_batch.collect(
        paths, out, lambda file: file.name.endswith(_OURS) and written_here(file)
    )


class DepthManifest:
    """Which depth files in a folder are up to date; see `image_batch.Manifest`."""

    def __init__(self, out: Path) -> None:
        self._done = image_batch.Manifest(out, MANIFEST_FILE)

    def placed(self, job: ImageJob, request: DepthRequest, export: DepthExport) -> ImageJob:
        """The job under a name that is its own, or free."""
        return self._done.placed(job, _settings(request, export), lambda job: _files(job, export))

    def holds(self, job: ImageJob, request: DepthRequest, export: DepthExport) -> bool:
        """Every file is there and was made of this picture with these settings."""
        return self._done.holds(job, _settings(request, export), _files(job, export))

    def claim(self, job: ImageJob, request: DepthRequest, export: DepthExport) -> None:
        """Take the name for files that are about to be written.

        Raises:
            InputError, RunError: the list cannot be written.
        """
        self._done.claim(job, _settings(request, export), _files(job, export))

    def add(self, job: ImageJob, request: DepthRequest, export: DepthExport) -> None:
        """Remember a picture whose files were just written.

        Raises:
            InputError, RunError: the list cannot be written.
        """
        self._done.add(job, _settings(request, export), _files(job, export))


def _files(job: ImageJob, export: DepthExport) -> tuple[Path, ...]:
    return file_paths(job.folder, job.stem, export.formats)


def _settings(request: DepthRequest, export: DepthExport) -> str:
    """Every setting, but not the choice of formats."""
    settings = replace(request, image_file="").to_json()
    above = "" if export.threshold is None else f" {export.threshold}"
    return (
        f"{settings} {export.quantity} {export.colours} {export.field_of_view} {export.axes}{above}"
    )
