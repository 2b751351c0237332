"""What desktops know the program and its files by; the same names wherever they are written."""

from __future__ import annotations

import os
import sys
from pathlib import Path

APP_NAME = "Patch Forcing Studio"
APP_ID = "io.github.patch_forcing_studio"  # desktop entry, AppStream, macOS and Windows
TRACE_SUFFIX = ".pftrace"  # a safetensors file; the ending tells desktops who opens it
TRACE_SUFFIXES = (TRACE_SUFFIX, ".safetensors")  # the second is how other programs name it
TRACE_TYPE = "application/x-pfstudio-trace"


def program_command() -> list[str]:
    """What starts this program: the bundle, the installed script, or Python with the package."""
    if getattr(sys, "frozen", False):
        return [sys.executable]
    script = Path(sys.executable).with_name("pfstudio.exe" if os.name == "nt" else "pfstudio")
    return [str(script)] if script.is_file() else [sys.executable, "-m", "pfstudio"]
