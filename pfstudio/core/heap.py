"""Memory that was freed, but that the C library keeps for later."""

from __future__ import annotations

import ctypes
import sys


def give_back() -> None:
    """Return it to the system, where the C library can (glibc). Takes milliseconds."""
    if not sys.platform.startswith("linux"):
        return
    library = ctypes.CDLL(None)
    if hasattr(library, "malloc_trim"):  # musl has none
        library.malloc_trim(0)
