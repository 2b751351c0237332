"""A short run that nobody sees, to time a sampler: one's calls cost more than another's."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from pfstudio.core.events import Event, Progress
from pfstudio.core.requests import GenerateRequest
from pfstudio.engine.generate import load_others, run
from pfstudio.engine.model import Model
from pfstudio.engine.model_cache import ModelCache
from pfstudio.engine.reporter import Reporter

CALLS = 12


def seconds_per_call(model: Model, request: GenerateRequest, cache: ModelCache) -> float:
    """Seconds of a network call of the request's sampler, its recording included.

    Raises:
        InputError: the request does not fit the model.
    """
    elapsed: list[float] = []

    def listen(event: Event) -> None:
        if isinstance(event, Progress):
            elapsed.append(event.elapsed)

    trial = replace(request, upscale=None).with_nfe(CALLS)
    models, report = (model, *load_others(trial, cache)), Reporter(listen)
    with TemporaryDirectory() as journals:
        try:
            run(models, trial, report, decode=False, journals=Path(journals))
        finally:
            for end in report.at_end:
                end(True)
    first = elapsed[0] if len(elapsed) > 1 else 0.0  # the first call also warms up
    return (elapsed[-1] - first) / max(1, len(elapsed) - 1)
