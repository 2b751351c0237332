"""What the program can be asked to do: one entry a kind of task, as plain data.

A new kind is one entry here and one engine module with

    load(request, cache) -> models      from a pfstudio.engine.model_cache.ModelCache, as a tuple
    run(models, request, report) -> result      see pfstudio.engine.reporter.Reporter
    save(result, request, models, saving) -> files      see pfstudio.engine.saving.Saving
    decode(request, cache, latents) -> array      only where the window shows a run's latents

The queue, its file, the window's progress and popover, the CLI and Python then know it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pfstudio.core.classify import Classified, ClassifyRequest
from pfstudio.core.conditions import conditions_title
from pfstudio.core.depth import DepthMap, DepthRequest
from pfstudio.core.documents import parse_json
from pfstudio.core.errors import InputError
from pfstudio.core.features import Features, FeaturesRequest, features_title
from pfstudio.core.generation import Generated
from pfstudio.core.models import find_model
from pfstudio.core.request_json import Request
from pfstudio.core.requests import GenerateRequest
from pfstudio.core.upscale import Upscaled, UpscaleRequest


@dataclass(frozen=True)
class TaskKind:
    """A kind of task."""

    name: str  # in stored queues, on model cards, and as the CLI's verb
    request: type[Any]  # frozen dataclass with `to_json` and `from_json`
    result: type[Any]  # frozen dataclass with `summary`
    module: str  # its part of the engine; a name, so that no front needs torch
    verb: str  # module of the CLI with `add_parser` and `run`
    help: str  # what the verb does
    activity: Callable[[Any], str]  # what is done while it runs
    title: Callable[[Any], str]  # what a request is about, in a few words
    settings: Callable[[Any], str]  # and how it will be done
    is_kept: bool = True  # for a later session; not what only an open page can show


def _images_title(request: GenerateRequest) -> str:
    """E.g. "tabby cat"."""
    model = find_model(request.model) or find_model(Path(request.model).name)
    return conditions_title(request.conditions, model.card.classes if model else ())


def _images_settings(request: GenerateRequest) -> str:
    sampler = request.sampler
    if request.images > 1:
        count = request.images
        return f"seed {request.seed} · {count} images · {sampler.label}, {sampler.nfe} calls"
    return f"seed {request.seed} · {sampler.label}, {sampler.nfe} calls"


def _file_title(request: Any) -> str:
    return Path(request.image_file).name


def _depth_settings(request: DepthRequest) -> str:
    return f"depth · {request.ensemble_size} members, {request.steps} steps"


def _features_settings(request: FeaturesRequest) -> str:
    times = ", ".join(f"{time:g}" for time in request.times)
    return f"features · {request.noise} noise, time {times}"


def _upscale_settings(request: UpscaleRequest) -> str:
    return f"upscale · {request.upscale.factor}×, {request.upscale.steps} steps"


TASKS: dict[str, TaskKind] = {
    task.name: task
    for task in (
        TaskKind(
            name="generate",
            request=GenerateRequest,
            result=Generated,
            module="pfstudio.engine.generate",
            verb="pfstudio.cli.generate",
            help="make images",
            activity=lambda request: "Generating",
            title=_images_title,
            settings=_images_settings,
        ),
        TaskKind(
            name="depth",
            request=DepthRequest,
            result=DepthMap,
            module="pfstudio.engine.depth",
            verb="pfstudio.cli.depth",
            help="estimate the depth of images",
            activity=lambda request: f"Depth of {_file_title(request)}",
            title=_file_title,
            settings=_depth_settings,
        ),
        TaskKind(
            name="upscale",
            request=UpscaleRequest,
            result=Upscaled,
            module="pfstudio.engine.upscale",
            verb="pfstudio.cli.upscale",
            help="make images larger and sharper",
            activity=lambda request: f"Upscaling {_file_title(request)}",
            title=_file_title,
            settings=_upscale_settings,
        ),
        TaskKind(
            name="features",
            request=FeaturesRequest,
            result=Features,
            module="pfstudio.engine.features",
            verb="pfstudio.cli.features",
            help="write what the layers of a model hold of images",
            activity=lambda request: f"Features of {features_title(request)}",
            title=features_title,
            settings=_features_settings,
            is_kept=False,
        ),
        TaskKind(
            name="classify",
            request=ClassifyRequest,
            result=Classified,
            module="pfstudio.engine.classify",
            verb="pfstudio.cli.classify",
            help="ask a generator which class an image shows",
            activity=lambda request: f"Class of {_file_title(request)}",
            title=_file_title,
            settings=lambda request: f"class · {request.stages[-1].samples} samples at most",
            is_kept=False,
        ),
    )
}


def kind_of(request: Request) -> TaskKind:
    """The kind of a request.

    Raises:
        InputError: no kind has requests of this class.
    """
    for task in TASKS.values():
        if type(request) is task.request:
            return task
    raise InputError(f"Nothing is known about a {type(request).__name__}.")


def request_to_json(request: Request) -> str:
    """A request of any kind, with its kind."""
    return json.dumps({"kind": kind_of(request).name, "request": request.to_json()})


def request_from_json(text: str) -> Request:
    """Read what `request_to_json` wrote.

    Raises:
        InputError: not our JSON, or of a newer program.
    """
    try:
        data = parse_json(text)
        request: Request = TASKS[data["kind"]].request.from_json(data["request"])
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise InputError(f"This is no request that this program knows ({error}).") from error
    return request
