"""The real window, opened by a script."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtWidgets import QApplication

from pfstudio.core.errors import PfstudioError, RunError
from pfstudio.drivers.waiter import Waiter
from pfstudio.ui import theme
from pfstudio.ui.app import scripted_environment
from pfstudio.ui.window import MainWindow
from pfstudio.ui.worker import GuiCollector, MakeRunner, make_engine_runner


@contextmanager
def own_folders(pictures: Path | None = None) -> Iterator[None]:
    """From now on this process neither reads nor changes the user's settings, queue and recipe.

    Pictures are saved in `pictures`, or are dropped at the end with everything else.
    """
    with tempfile.TemporaryDirectory(prefix="pfstudio-") as name:
        folder = Path(name)
        os.environ["PFSTUDIO_CONFIG"] = str(folder / "config")
        os.environ["PFSTUDIO_STATE"] = str(folder / "state")
        os.environ["PFSTUDIO_PICTURES"] = str(pictures or folder / "pictures")
        yield


@contextmanager
def scripted_window(make: MakeRunner = make_engine_runner) -> Iterator[MainWindow]:
    """A dark window, not yet shown; closed at the end, with its engine."""
    scripted_environment()
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        app = QApplication(sys.argv[:1])
    theme.apply(app, "dark")
    window, collector = MainWindow(make), GuiCollector()
    collector.start()
    window.jobs.bridge.ready.connect(collector.settle)
    try:
        yield window
    finally:
        window.close()
        collector.stop()
        window.deleteLater()


def start_engine(window: MainWindow, waiter: Waiter) -> None:
    """Start the engine and wait for it.

    Raises:
        RunError: it did not start.
    """
    window.start()
    waiter.until(lambda: window.jobs.engine.ready, "the engine", 120)


def start_with_model(window: MainWindow, waiter: Waiter) -> None:
    """As `start_engine`, for a script that generates.

    Raises:
        RunError: the engine did not start, or no model is installed.
    """
    start_engine(window, waiter)
    if window.page("generate").model.recipe.model is None:
        raise RunError("No model is installed, so there is nothing to run.")


def run_in_folder(
    name: str,
    arguments: Sequence[str] | None,
    size: tuple[int, int],
    script: Callable[[MainWindow, Path], None],
    *,
    keep_results: bool = False,
) -> int:
    """Let a script use a window and leave its files in the folder that the command line names.

    Args:
        name: of the script's module.
        arguments: the command line; None: that of this process.
        keep_results: what the window saves by itself stays too, in `results`.

    Returns:
        The exit code.
    """
    names = sys.argv[1:] if arguments is None else list(arguments)
    if len(names) != 1 or names[0].startswith("-"):
        print(f"usage: python -m pfstudio.drivers.{name} FOLDER", file=sys.stderr)
        return 2
    folder = Path(names[0]).resolve()
    results = folder / "results" if keep_results else None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with own_folders(results), scripted_window() as window:
            window.resize(*size)
            window.show()
            script(window, folder)
    except OSError as error:
        print(f"pfstudio: {folder} cannot be written ({error.strerror}).", file=sys.stderr)
        return 1
    except PfstudioError as error:
        print(f"pfstudio: {error} {error.advice}".rstrip(), file=sys.stderr)
        return error.exit_code
    return 0
