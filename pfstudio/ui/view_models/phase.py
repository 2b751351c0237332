"""What the worker does and how far it is, as the window shows it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Phase(Enum):
    """What the worker does; the value is the word shown."""

    STARTING = "Starting the engine"
    IDLE = "Ready"
    LOADING = "Loading"
    RUNNING = "Generating"
    PAUSED = "Paused"
    STOPPING = "Stopping"


@dataclass(frozen=True)
class HowFar:
    """How far the running job is."""

    done: int
    nfe: int
    eta: float  # seconds
