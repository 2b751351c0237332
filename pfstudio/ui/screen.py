"""Whether Qt can show a window here, asked before it is: it ends the process where it cannot."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import re
import sys
from pathlib import Path

INSTEAD = "or work in the terminal: pfstudio --help lists what it can do."


def problem() -> str:
    """A sentence that says why no window can be shown; empty where nothing speaks against it.

    Of Wayland and X11 one that works is enough; a platform that the user chose is the only one.
    """
    if not sys.platform.startswith("linux"):
        return ""
    chosen = os.environ.get("QT_QPA_PLATFORM", "").split(":")[0]
    named = {"wayland": "WAYLAND_DISPLAY", "xcb": "DISPLAY"}
    platforms = [chosen] if chosen else [key for key in named if os.environ.get(named[key])]
    found = (
        "There is no screen to open the window on (neither DISPLAY nor WAYLAND_DISPLAY is set). "
        f"Log in to a desktop, {INSTEAD}"
    )
    for platform in platforms:
        found = _missing_library(platform) or (_no_answer() if platform == "xcb" else "")
        if not found:
            return ""
    return found


def debian_package(library: str) -> str:
    """E.g. "libxcb-icccm.so.4" -> "libxcb-icccm4", by the rule for packages of libraries."""
    name, version = library.lower().split(".so.")
    return f"{name}{'-' if name[-1].isdigit() else ''}{version}"


def _missing_library(platform: str) -> str:
    """A sentence if Qt's plugin of a platform cannot be loaded."""
    spec = importlib.util.find_spec("PySide6")
    for folder in (spec and spec.submodule_search_locations) or ():
        plugin = Path(folder, "Qt", "plugins", "platforms", f"libq{platform}.so")
        try:
            if plugin.is_file():
                ctypes.CDLL(str(plugin))
        except OSError as error:
            missing = re.match(r"(lib\S+\.so\.\d+)\S*: cannot open", str(error))
            if missing is None:
                return f"Qt cannot show a window here ({error}). Install it anew, {INSTEAD}"
            return (
                f"The window needs {missing[1]}, which is not installed. Install it (Debian, "
                f"Ubuntu: sudo apt install {debian_package(missing[1])}), {INSTEAD}"
            )
    return ""


def _no_answer() -> str:
    """A sentence if the X server that DISPLAY names cannot be reached."""
    xcb = ctypes.CDLL("libxcb.so.1")  # the plugin, which needs it, was loaded
    xcb.xcb_connect.restype = ctypes.c_void_p
    connection = ctypes.c_void_p(xcb.xcb_connect(None, None))
    refused = xcb.xcb_connection_has_error(connection)
    xcb.xcb_disconnect(connection)
    if not refused:
        return ""
    name = os.environ.get("DISPLAY", "")
    return f"The screen {name!r} that DISPLAY names does not answer. Correct it, {INSTEAD}"
