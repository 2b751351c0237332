"""One guard around every method that Qt calls: what it raises is reported, and Qt goes on.

Under Python 3.11 an exception that C code raises (1/0, an index of NumPy) inside an overridden
method ends the process with a segmentation fault, and the exception hook is never asked.
"""

from __future__ import annotations

import functools
import sys
import traceback
from collections.abc import Callable
from types import FunctionType

from shiboken6 import Shiboken


def guard_overrides() -> None:
    """From now on every class that is made from a class of Qt is guarded."""
    setattr(Shiboken.Object, "__init_subclass__", classmethod(_guard))  # noqa: B010


def _guard(new: type) -> None:
    """Guard what `new` and the classes it is made from override of Qt."""
    qt = [kind for kind in new.__mro__ if kind.__module__.startswith("PySide6.")]
    for kind in new.__mro__:
        if kind in qt:
            continue
        for name, function in list(vars(kind).items()):
            ours = isinstance(function, FunctionType) and not hasattr(function, "guarded")
            if ours and not name.startswith("__") and any(name in vars(base) for base in qt):
                setattr(kind, name, _guarded(function))


def _guarded(function: FunctionType) -> Callable:
    @functools.wraps(function)
    def call(*args, **values):
        try:
            return function(*args, **values)
        except Exception as error:
            sys.excepthook(type(error), error, error.__traceback__)
            # Whoever keeps the error must not keep a painter beyond its paint event.
            traceback.clear_frames(error.__traceback__)
        return no_answer(function.__annotations__.get("return", "None"))

    call.__dict__["guarded"] = True
    return call


def no_answer(kind: str) -> object:
    """What Qt takes for no answer from a method that returns `kind`; None where it is unknown."""
    from PySide6.QtCore import QMimeData, QSize, Qt
    from PySide6.QtGui import QAccessible, QPixmap

    answers: dict[str, Callable[[], object]] = {
        "bool": bool,
        "float": float,
        "int": int,
        "list[str]": list,
        "str": str,
        "QAccessible.State": QAccessible.State,
        "QMimeData": QMimeData,
        "QPixmap": QPixmap,
        "QSize": QSize,
        "Qt.DropAction": lambda: Qt.DropAction.IgnoreAction,
        "Qt.ItemFlag": lambda: Qt.ItemFlag.NoItemFlags,
    }
    return answers.get(kind, lambda: None)()
