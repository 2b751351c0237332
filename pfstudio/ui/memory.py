"""How much memory this process and this machine have."""

from __future__ import annotations

from dataclasses import dataclass

GB = 2**30


@dataclass(frozen=True)
class MemoryUse:
    """In gigabytes: what this process holds, and what the machine has."""

    own: float
    total: float


def memory_in_use() -> MemoryUse:
    """The present use."""
    import psutil  # late, to keep the start fast

    own = psutil.Process().memory_info().rss
    return MemoryUse(own / GB, psutil.virtual_memory().total / GB)
