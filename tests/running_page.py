"""The Generate page's model with the real queue, bridge and worker, and a scripted runner."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pytestqt.qtbot import QtBot
from scripted_runner import ScriptedRunner

from pfstudio.ui.jobs import Jobs
from pfstudio.ui.notify import Notifier
from pfstudio.ui.view_models.generate import GeneratePageModel
from pfstudio.ui.view_models.settings import SettingsModel


@contextmanager
def running_page(
    qtbot: QtBot, notifier: Notifier
) -> Iterator[tuple[GeneratePageModel, list[ScriptedRunner]]]:
    """The page, and the runners that its engine made; ready at first, stopped in the end."""
    runners: list[ScriptedRunner] = []

    def make(emit) -> ScriptedRunner:
        runners.append(ScriptedRunner(emit))
        return runners[-1]

    jobs = Jobs(notifier, make)
    page = GeneratePageModel(jobs, SettingsModel(notifier), notifier)
    jobs.engine.start()
    qtbot.waitUntil(lambda: jobs.engine.ready)
    yield page, runners
    assert jobs.engine.stop()
