"""Whether a window can be shown on Linux, asked before Qt is: Qt ends the process where it cannot.

Nothing here imports Qt.
"""

from __future__ import annotations

import ctypes
import os
import socket
import sys
from collections.abc import Mapping
from pathlib import Path

TERMINAL = "or work in the terminal: pfstudio --help lists what it can do."
# What Qt's wheels expect of the system, and the package of Debian and Ubuntu that holds it.
LIBRARIES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libglib-2.0.so.0": "libglib2.0-0",
}
X11_LIBRARIES = {
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxcb.so.1": "libxcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}


def screen_problem() -> str:
    """Why no window can be shown, in a sentence; "" where one can. A chosen platform is believed.

    Where Wayland answers, Qt can do without X11 and its libraries.
    """
    if not sys.platform.startswith("linux"):
        return ""
    if missing := _missing(LIBRARIES):
        return missing
    chosen = os.environ.get("QT_QPA_PLATFORM", "")
    if (chosen and chosen != "xcb") or (not chosen and _wayland_answers()):
        return ""
    display = os.environ.get("DISPLAY", "")
    if not display:
        return (
            "There is no screen to open the window on (neither DISPLAY nor WAYLAND_DISPLAY leads "
            f"to one). Log in to a desktop, {TERMINAL}"
        )
    missing = _missing(X11_LIBRARIES)
    if missing or _x11_answers():
        return missing
    return f"The screen {display} (DISPLAY) does not answer. Log in to a desktop, {TERMINAL}"


def _missing(libraries: Mapping[str, str]) -> str:
    for library, package in libraries.items():
        try:
            ctypes.CDLL(library)
        except OSError:
            return (
                f"The window needs the library {library}, which is not installed. Install it (on "
                f"Debian and Ubuntu: sudo apt install {package}), {TERMINAL}"
            )
    return ""


def _wayland_answers() -> bool:
    name, folder = os.environ.get("WAYLAND_DISPLAY", ""), os.environ.get("XDG_RUNTIME_DIR", "")
    if not name:
        return False
    with socket.socket(socket.AF_UNIX) as connection:
        try:
            connection.connect(str(Path(folder, name)))
        except OSError:
            return False
    return True


def _x11_answers() -> bool:
    """Whether DISPLAY lets us in; libxcb is there."""
    xcb = ctypes.CDLL("libxcb.so.1")
    xcb.xcb_connect.restype = ctypes.c_void_p
    connection = ctypes.c_void_p(xcb.xcb_connect(None, None))
    answers = not xcb.xcb_connection_has_error(connection)
    xcb.xcb_disconnect(connection)
    return answers
