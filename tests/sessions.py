"""Runs requests through a session and keeps every event."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from pfstudio.core.events import Event, Finished
from pfstudio.engine.control import Control
from pfstudio.engine.session import Session


def events_of(
    request: Any,
    *models: Any,
    control: Control | None = None,
    job: int = 0,
    at: Callable[[Event], None] = lambda event: None,
    clock: Callable[[], float] = time.monotonic,
    **options: Any,
) -> list[Event]:
    """All events of a run with loaded models; `at` is called at each."""
    events: list[Event] = []

    def emit(event: Event) -> None:
        events.append(event)
        at(event)

    Session(clock=clock).run(request, emit, control, job, models=models, **options)
    return events


def finish(request: Any, *models: Any, **options: Any) -> Finished:
    """The last event of a run that must end well."""
    last = events_of(request, *models, **options)[-1]
    assert isinstance(last, Finished), last
    return last
