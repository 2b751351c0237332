"""What the worker does for a request, one function per kind of request."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from pfstudio.core.depth import DepthRequest
from pfstudio.core.errors import PfstudioError
from pfstudio.core.events import Cancelled, Finished, Loading
from pfstudio.core.jobs import JobEvent
from pfstudio.core.requests import GenerateRequest
from pfstudio.core.results import save_result
from pfstudio.core.trace import Trace
from pfstudio.core.upscale import UpscaleFinished, UpscaleRequest
from pfstudio.core.upscale_files import save_upscaled
from pfstudio.engine.control import Control
from pfstudio.engine.depth import run_depth
from pfstudio.engine.estimate import remember_seconds
from pfstudio.engine.generate import failure, generate
from pfstudio.engine.model import Model
from pfstudio.engine.model_cache import ModelCache, ModelKey, depth_model, generator, upsampler
from pfstudio.engine.queue import Job
from pfstudio.engine.upscale import run_upscale
from pfstudio.engine.upscale_model import UpscaleModel

_Ended = TypeVar("_Ended", Finished, Cancelled)


@dataclass(frozen=True)
class Saving:
    """Where and how results are saved by themselves."""

    folder: Path | None = None  # None: the user's pictures folder
    suffix: str = ".png"
    metadata: bool = True


@dataclass(frozen=True)
class Task:
    """One job and what it works with."""

    job: Job
    model_cache: ModelCache
    control: Control
    saving: Saving | None  # None: save nothing


def run_task(task: Task) -> Iterator[JobEvent]:
    """All events of a job; exactly one final event comes, and it comes last."""
    try:
        request = task.job.request
        if isinstance(request, GenerateRequest):
            yield from _generate(task, request)
        elif isinstance(request, DepthRequest):
            yield from _depth(task, request)
        else:
            yield from _upscale(task, request)
    except Exception as error:
        yield failure(task.job.number, error)


def _generate(task: Task, request: GenerateRequest) -> Iterator[JobEvent]:
    wanted = generator(request.model, request.compute)
    yield from _loading(task, wanted)
    model = task.model_cache.get(wanted)
    upscaler: UpscaleModel | None = None
    if request.upscale is not None:
        needed = upsampler(request.upscale.model, request.compute)
        yield from _loading(task, needed)
        upscaler = task.model_cache.get(needed)
    for event in generate(model, request, task.control, task.job.number, upscaler=upscaler):
        if isinstance(event, Finished):
            tokens = int(event.trace.tokens.sum())
            remember_seconds(model, float(event.trace.seconds[-1]), tokens)
            yield _saved(task, event, event.images, event.trace, model)
        elif isinstance(event, Cancelled) and event.trace is not None:
            yield _saved(task, event, None, event.trace, model)
        else:
            yield event


def _depth(task: Task, request: DepthRequest) -> Iterator[JobEvent]:
    wanted = depth_model(request)
    yield from _loading(task, wanted)
    yield from run_depth(task.model_cache.get(wanted), request, task.control, task.job.number)


def _upscale(task: Task, request: UpscaleRequest) -> Iterator[JobEvent]:
    wanted = upsampler(request.upscale.model, request.compute)
    yield from _loading(task, wanted)
    model = task.model_cache.get(wanted)
    for event in run_upscale(model, request, task.control, task.job.number):
        if isinstance(event, UpscaleFinished) and task.saving is not None:
            yield _saved_upscaled(task.saving, event, request.image_file)
        else:
            yield event


def _saved_upscaled(saving: Saving, event: UpscaleFinished, source: str) -> UpscaleFinished:
    """As `_saved`."""
    try:
        path = save_upscaled(
            event.result,
            source,
            root=saving.folder,
            suffix=saving.suffix,
            metadata=saving.metadata,
        )
    except (PfstudioError, OSError) as error:
        return replace(event, notices=(f"The result is not saved: {error}",))
    return replace(event, files=(str(path),))


def _loading(task: Task, wanted: ModelKey[Any]) -> Iterator[JobEvent]:
    if not task.model_cache.holds(wanted):
        yield Loading(task.job.number, f"Loading {Path(wanted.name).name}")


def _saved(
    task: Task, event: _Ended, images: npt.NDArray[np.uint8] | None, trace: Trace, model: Model
) -> _Ended:
    """The event with the files that were written, or with the sentence why none were."""
    if task.saving is None:
        return event
    try:
        saved = save_result(
            images,
            trace,
            root=task.saving.folder,
            suffix=task.saving.suffix,
            metadata=task.saving.metadata,
            class_names=model.card.classes,
            model_sha256=model.card.sha256,
        )
    except (PfstudioError, OSError) as error:
        return replace(event, notices=(f"The result is not saved: {error}",))
    return replace(event, files=saved.files)
