"""A scripted run whose cost, difference map and pictures follow the passes of its guidance."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from scripted_runner import Script, decoded, events, kept

from pfstudio.core.events import Event, Finished, Progress
from pfstudio.core.generation import Generated
from pfstudio.core.requests import GenerateRequest

FLOPS = 1e9  # of a pass


def _priced(job: int, request: GenerateRequest) -> Iterator[Event]:
    passes = request.guidance.passes
    for event in events(job, request):
        if isinstance(event, Progress):
            gap = np.full(event.detail.time.shape, passes, np.float32)
            detail = replace(event.detail, flops=FLOPS * passes, difference=gap)
            event = replace(event, detail=detail)
        if isinstance(event, Finished):
            trace, images = event.result.trace, event.result.images
            flops = np.full(len(trace.tokens), FLOPS * passes)
            gap = np.full_like(trace.time, passes)
            told = replace(trace, flops=flops, difference=gap)
            event = replace(event, result=Generated(images + np.uint8(4 * passes), told))
        yield event


PRICED = Script(_priced, decoded, kept)
