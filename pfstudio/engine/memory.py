"""How many pictures fit at once, and what running out of memory looks like."""

from __future__ import annotations

import os

import torch

# Pictures per batch: beyond these nothing gets faster, but stopping takes longer.
_MOST_ON_CPU, _MOST_ON_GPU = 8, 64
_WORDS = ("out of memory", "not enough memory", "can't allocate memory")  # CUDA, CPU, CPU on Linux
_SHARE = 0.5  # of the free memory that one call may fill


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an exception means that memory ran out, on any device."""
    if isinstance(error, (MemoryError, torch.OutOfMemoryError)):
        return True
    text = str(error).lower()
    return isinstance(error, RuntimeError) and any(words in text for words in _WORDS)


def free_bytes(device: str) -> int:
    """Free memory of a device in bytes; half of all memory where the system does not say."""
    if device.startswith("cuda"):
        return int(torch.cuda.mem_get_info(torch.device(device))[0])
    try:
        with open("/proc/meminfo", encoding="ascii") as file:
            lines = dict(line.split(":", 1) for line in file)
        return int(lines["MemAvailable"].split()[0]) * 1024
    except (OSError, KeyError, ValueError):
        return _total_bytes() // 2


def _total_bytes() -> int:
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):  # Windows has no sysconf
        return 8 * 2**30


def batch_size(images: int, bytes_per_image: int, device: str) -> int:
    """Pictures to sample at once, at least 1."""
    most = _MOST_ON_GPU if device.startswith(("cuda", "mps")) else _MOST_ON_CPU
    fitting = int(free_bytes(device) * _SHARE) // max(1, bytes_per_image)
    return max(1, min(images, most, fitting))
