"""Whether Qt can show a window here, asked before it is: it ends the process where it cannot."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import re
import sys
import threading
from collections.abc import Callable
from pathlib import Path

INSTEAD = "or work in the terminal: pfstudio --help lists what it can do."
_PATIENCE = 10.0  # seconds in which a screen has to answer


def problem() -> str:
    """A sentence that says why no window can be shown; empty where nothing speaks against it.

    Of Wayland and X11 one that works is enough; platforms that the user chose are the only ones.
    """
    if not sys.platform.startswith("linux"):
        return ""
    chosen = [one.split(":")[0] for one in os.environ.get("QT_QPA_PLATFORM", "").split(";")]
    named = [key for key, (variable, _) in _SCREENS.items() if os.environ.get(variable)]
    found = (
        "There is no screen to open the window on (neither DISPLAY nor WAYLAND_DISPLAY is set). "
        f"Log in to a desktop, {INSTEAD}"
    )
    for platform in list(filter(None, chosen)) or named:
        found = _missing_library(platform) or _no_answer(platform)
        if not found:
            return ""
    return found


def debian_package(library: str) -> str:
    """E.g. "libxcb-icccm.so.4" -> "libxcb-icccm4", by the rule for packages of libraries."""
    name, version = library.lower().split(".so.")
    return f"{name}{'-' if name[-1].isdigit() else ''}{version}"


def _missing_library(platform: str) -> str:
    """A sentence if Qt has no plugin of a platform, or one that cannot be loaded."""
    spec = importlib.util.find_spec("PySide6")
    for folder in (spec and spec.submodule_search_locations) or ():
        plugins = Path(folder, "Qt", "plugins", "platforms")
        plugin = plugins / f"libq{_kind(platform)}.so"
        if plugins.is_dir() and not plugin.is_file():
            return (
                f"Qt has no platform {platform[:60]!r}, which QT_QPA_PLATFORM names. "
                f"Unset it, {INSTEAD}"
            )
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


def _kind(platform: str) -> str:
    """The plugin of a platform: wayland-egl is one of Wayland's."""
    return "wayland" if platform.startswith("wayland") else platform


def _no_answer(platform: str) -> str:
    """A sentence if the server that this platform needs cannot be reached, or never answers."""
    variable, answers = _SCREENS.get(_kind(platform), ("", bool))
    if not variable:
        return ""
    heard: list[bool] = []
    # Both libraries wait for ever; a thread of theirs may be left behind.
    asked = threading.Thread(target=lambda: heard.append(answers()), daemon=True)
    asked.start()
    asked.join(_PATIENCE)
    if any(heard):
        return ""
    name = os.environ.get(variable, "")
    return f"The screen {name!r} that {variable} names does not answer. Correct it, {INSTEAD}"


def _x11_answers() -> bool:
    xcb = ctypes.CDLL("libxcb.so.1")  # the plugin, which needs it, was loaded
    xcb.xcb_connect.restype = ctypes.c_void_p
    connection = ctypes.c_void_p(xcb.xcb_connect(None, None))
    refused = xcb.xcb_connection_has_error(connection)
    xcb.xcb_disconnect(connection)
    return not refused


def _wayland_answers() -> bool:
    absolute = os.environ.get("WAYLAND_DISPLAY", "").startswith("/")
    if not absolute and not os.environ.get("XDG_RUNTIME_DIR"):
        return False  # the library would print a line of its own
    wayland = ctypes.CDLL("libwayland-client.so.0")
    wayland.wl_display_connect.restype = ctypes.c_void_p
    display = ctypes.c_void_p(wayland.wl_display_connect(None))
    if not display:
        return False
    events = wayland.wl_display_roundtrip(display)
    wayland.wl_display_disconnect(display)
    return bool(events >= 0)


# Qt's platform: the variable that names its screen, and whether that answers.
_SCREENS: dict[str, tuple[str, Callable[[], bool]]] = {
    "wayland": ("WAYLAND_DISPLAY", _wayland_answers),
    "xcb": ("DISPLAY", _x11_answers),
}
