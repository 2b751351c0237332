"""Writes one export. Runs on a thread of its own: no widgets, no pixmaps, nothing shared."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pfstudio.core.conditions import condition_name
from pfstudio.core.errors import InputError
from pfstudio.core.events import Bytes
from pfstudio.core.files import replacing
from pfstudio.core.maps import write_maps
from pfstudio.core.metadata import picture_notes, save_picture
from pfstudio.core.results import save_pictures
from pfstudio.core.trace_file import read_trace
from pfstudio.core.video import write_video
from pfstudio.ui.export.caption import condition_words
from pfstudio.ui.export.figure import build_figure
from pfstudio.ui.export.frames import VideoLook, video_frames
from pfstudio.ui.export.plan import (
    Export,
    MapsExport,
    PictureExport,
    SheetExport,
    VideoExport,
    final_images,
)
from pfstudio.ui.export.sheet import write_sheet
from pfstudio.ui.language import tr
from pfstudio.ui.stage.colours import Colouring
from pfstudio.ui.stage.views import View
from pfstudio.ui.theme import Tokens
from pfstudio.ui.view_models.run_data import RunData

Progress = Callable[[int, int], None]  # done, of; may raise to stop


@dataclass(frozen=True)
class ExportJob:
    """An export with everything that it needs."""

    plan: Export
    data: RunData
    theme: Tokens
    colours: Mapping[View, Colouring]
    trace: Path | None = None  # the run's trace file
    model_title: str = ""
    model_sha256: str = ""
    classes: tuple[str, ...] = ()
    decoded: Mapping[int, Bytes] = field(default_factory=dict)


def write(job: ExportJob, progress: Progress) -> tuple[Path, ...]:
    """Write the files of an export and return their paths.

    Raises:
        PfstudioError: in a sentence; no half-written file is left.
    """
    plan = job.plan
    if isinstance(plan, PictureExport):
        return _write_pictures(job, plan)
    if isinstance(plan, VideoExport):
        return _write_video(job, plan, progress)
    if isinstance(plan, SheetExport):
        figure = build_figure(
            job.data, plan.image, plan.calls, plan.views, decoded=job.decoded, colours=job.colours,
            model_title=job.model_title, classes=job.classes,
        )  # fmt: skip
        write_sheet(figure, plan.path)
        return (plan.path,)
    if job.trace is None or not job.trace.is_file():
        raise InputError(
            tr("The trace of this run is not on disk."),
            tr("Run it again, or open its trace first."),
        )
    if isinstance(plan, MapsExport):
        return write_maps(read_trace(job.trace), plan.path)
    with replacing(plan.path) as temporary:
        shutil.copyfile(job.trace, temporary)
    return (plan.path,)


def _write_pictures(job: ExportJob, plan: PictureExport) -> tuple[Path, ...]:
    pictures, request = final_images(job.data), job.data.request
    if plan.image is None:
        return save_pictures(
            plan.path.parent, plan.path.stem, pictures, request, suffix=plan.path.suffix,
            metadata=plan.metadata, class_names=job.classes, model_sha256=job.model_sha256,
            execution=job.data.execution,
        )  # fmt: skip
    notes, pixels = None, pictures[plan.image]
    if plan.metadata:
        name = condition_name(request.per_image[plan.image], job.classes)
        size = (pixels.shape[0], pixels.shape[1])
        sha = job.model_sha256
        notes = picture_notes(
            request, plan.image, size, title=name, model_sha256=sha, execution=job.data.execution
        )
    save_picture(plan.path, pixels, notes)
    return (plan.path,)


def _write_video(job: ExportJob, plan: VideoExport, progress: Progress) -> tuple[Path, ...]:
    title = f"{job.data.request.sampler.label} · "
    title += condition_words(job.data.request, plan.image, job.classes)
    look = VideoLook(plan.views, plan.image, plan.side, job.theme, job.colours, title)
    frames = video_frames(job.data, job.decoded, look)
    hold = round(plan.hold * plan.fps)
    write_video(plan.path, _counted(frames, job.data.done, hold, progress), plan.fps)
    return (plan.path,)


def _counted(frames: Iterator[Bytes], total: int, hold: int, progress: Progress) -> Iterator[Bytes]:
    """The frames, the last one held; tells how far it is."""
    last = None
    for count, frame in enumerate(frames, 1):
        progress(count, total)
        last = frame
        yield frame
    if last is not None:
        for _ in range(hold):
            yield last
