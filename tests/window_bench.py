"""A real window over a scripted runner, for the tests of the window and the end-to-end promises."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from scripted_runner import ScriptedRunner

from pfstudio.core.card import CARD_NAME, WEIGHTS_NAME, ModelCard
from pfstudio.core.models import models_folder
from pfstudio.core.samplers import Euler
from pfstudio.ui import theme
from pfstudio.ui.jobs import Phase
from pfstudio.ui.notify import Notice, Notifier
from pfstudio.ui.view_models.generate import GeneratePageModel
from pfstudio.ui.window import MainWindow, layout_path

CLASSES = ("tabby cat", "tiger cat", "grey wolf", "house", "rowing boat")


def install_models() -> None:
    """Two models that can be chosen (not run): with and without a difficulty head."""
    sizes = {"input_size": 8, "patch_size": 2}
    for name, title, kind, scale in (
        ("little-pft", "Little PFT", "patch-forcing", 3.0),
        ("plain-dit", "Plain DiT", "dit", 1.5),
    ):
        folder = models_folder() / name
        folder.mkdir(parents=True, exist_ok=True)
        card = ModelCard(
            name,
            title,
            kind,
            task="generate",
            condition="class",
            time="per patch" if kind == "patch-forcing" else "uniform",
            has_difficulty=kind == "patch-forcing",
            sizes=sizes,
            pixels=64,
            classes=CLASSES,
            default_guidance=scale,
        )
        (folder / CARD_NAME).write_text(card.to_json(), encoding="utf-8")
        (folder / WEIGHTS_NAME).write_bytes(b"")


def install_text_model(**known: Any) -> None:
    """One that can be chosen (not run) and takes prompts; in front of `open_window`."""
    folder = models_folder() / "little-writer"
    folder.mkdir(parents=True)
    card = ModelCard(
        "little-writer", "Little writer", "patch-forcing", sizes={"input_size": 8, "patch_size": 2},
        pixels=64, task="generate", condition="text", default_guidance=5.0, **known,
    )  # fmt: skip
    (folder / CARD_NAME).write_text(card.to_json(), encoding="utf-8")
    (folder / WEIGHTS_NAME).write_bytes(b"")


class Recorder(Notifier):
    """Remembers what the user was told."""

    def __init__(self) -> None:
        super().__init__()
        self.notices: list[Notice] = []

    def post(self, notice: Notice) -> None:
        self.notices.append(notice)
        super().post(notice)


@dataclass
class Bench:
    """A window and the runner behind it."""

    window: MainWindow
    qtbot: QtBot
    runners: list[ScriptedRunner]
    notices: list[Notice]

    @property
    def page(self) -> GeneratePageModel:
        return self.window.page("generate").model

    @property
    def runner(self) -> ScriptedRunner:
        return self.runners[-1]

    def until(self, condition: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(condition, timeout=10_000)

    def until_phase(self, *phases: Phase) -> None:
        self.until(lambda: self.page.jobs.phase in phases)

    def until_calls(self, calls: int) -> None:
        self.until(lambda: self.page.run.done == calls)

    def generate(self, steps: int = 6, **values: object) -> None:
        """Choose a sampler of `steps` calls and press Generate."""
        self.page.recipe.set(sampler=Euler(steps), **values)
        self.window.commands.action("run.generate").trigger()

    def said(self) -> list[str]:
        """Every sentence that the user was told."""
        return [notice.text for notice in self.notices]


@pytest.fixture
def open_window(qtbot: QtBot, qapp: QApplication) -> Iterator[Callable[..., Bench]]:
    """Makes windows; each is closed at the end, with its worker."""
    benches: list[Bench] = []

    def open_one(allowed: float = float("inf"), *, start: bool = True) -> Bench:
        install_models()
        theme.apply(qapp, "dark")
        runners: list[ScriptedRunner] = []

        def make(emit: Callable[[object], None]) -> ScriptedRunner:
            runners.append(ScriptedRunner(emit, allowed))
            return runners[-1]

        recorder = Recorder()
        window = MainWindow(make, recorder)
        bench = Bench(window, qtbot, runners, recorder.notices)
        benches.append(bench)
        if not layout_path().exists():
            window.resize(1400, 800)  # roomy, whatever the screen of the tests is
        window.show()
        if start:
            window.start()
            bench.until(lambda: window.jobs.engine.ready)
        return bench

    yield open_one
    for bench in benches:
        bench.window.close()
        bench.window.deleteLater()
    qapp.processEvents()
