"""What Qt calls is guarded everywhere: an exception there would end the process."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication
from shiboken6 import Shiboken

import pfstudio.drivers
import pfstudio.ui
from pfstudio.ui.overrides import no_answer

POINTERS = ("None", "object", "QIconEngine", "QMimeData", "str | None")  # Qt takes None


def subclasses(kind: type) -> Iterator[type]:
    for one in kind.__subclasses__():
        yield one
        yield from subclasses(one)


def overrides() -> dict[str, object]:
    """Every function of the window and its drivers that hides one of Qt, by its full name."""
    for room in (pfstudio.ui, pfstudio.drivers):
        for module in pkgutil.walk_packages(room.__path__, f"{room.__name__}."):
            if module.name != "pfstudio.ui.depth.cloud_gl":  # needs OpenGL
                importlib.import_module(module.name)
    found: dict[str, object] = {}
    for kind in subclasses(Shiboken.Object):
        qt = [base for base in kind.__mro__ if base.__module__.startswith("PySide6.")]
        for base in set(kind.__mro__) - set(qt):
            for name, function in vars(base).items():
                hides = not name.startswith("__") and any(hasattr(one, name) for one in qt)
                if base.__module__.startswith("pfstudio.") and hides and callable(function):
                    found[f"{base.__module__}.{base.__qualname__}.{name}"] = function
    return found


def test_every_override_is_guarded() -> None:
    found = overrides()
    assert len(found) > 100
    bare = [name for name, function in found.items() if not hasattr(function, "guarded")]
    assert not bare


def test_every_override_has_an_answer_that_qt_takes(qapp: QApplication) -> None:
    for name, function in overrides().items():
        kind = str(inspect.signature(function).return_annotation)
        known = kind in POINTERS or no_answer(kind) is not None
        assert known, f"{name} returns {kind}: no_answer() in ui/overrides.py must know it"


@pytest.mark.parametrize(
    ("kind", "answer"), [("bool", "False"), ("int", "0"), ("QSize", "PySide6.QtCore.QSize(-1, -1)")]
)
def test_no_answer(kind: str, answer: str) -> None:
    assert repr(no_answer(kind)) == answer
