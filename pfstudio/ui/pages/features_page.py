"""The Features page: images and model left; map, matches, segments, race or calibration beside."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from pfstudio.core.errors import InputError
from pfstudio.core.events import Failed
from pfstudio.core.image_io import SUFFIXES
from pfstudio.core.models import InstalledModel
from pfstudio.core.paths import pictures_folder
from pfstudio.ui.commands import Command
from pfstudio.ui.context import AppContext
from pfstudio.ui.features.calibration_view import CalibrationView
from pfstudio.ui.features.context_experiment import ContextExperiment
from pfstudio.ui.features.matrix import LayerMatrix
from pfstudio.ui.features.model import MOST_PICTURES, FeaturesPageModel, Tab
from pfstudio.ui.features.panel import FeaturesPanel
from pfstudio.ui.features.race import Race
from pfstudio.ui.features.race_view import RaceView
from pfstudio.ui.features.stage import FeatureStage
from pfstudio.ui.files.find import find_pictures
from pfstudio.ui.language import tr
from pfstudio.ui.pages.page import Page
from pfstudio.ui.widgets.labels import Line
from pfstudio.ui.widgets.layouts import fill
from pfstudio.ui.widgets.segmented import Segmented


class FeaturesPage(Page):
    """Shows what the layers of a model hold of up to four pictures."""

    def __init__(self, context: AppContext) -> None:
        super().__init__(context)
        self.model = model = FeaturesPageModel(context.jobs, context.settings, self)
        self.race = Race(context.jobs, model, self)
        self.panel = FeaturesPanel(model, self.race)
        self.drop_zone = self.panel.drop
        self.stage = FeatureStage(model)
        self.experiment = ContextExperiment(context.jobs, model, self)
        self.calibration = CalibrationView(model, self.experiment)
        self.race_view = RaceView(self.race)
        self.matrix = LayerMatrix(model)
        self.tabs = Segmented(tr("View"), [(tab.name, tr(tab.value)) for tab in Tab], room=math.inf)
        self.tabs.setMaximumWidth(560)
        self._middle = QStackedWidget()
        for view in (self.stage, self.race_view, self.calibration):
            self._middle.addWidget(view)
        bar = fill(QHBoxLayout(), (self.tabs, 1), (None, 1), margins=(12, 8, 12, 8))
        self._line = Line()
        centre = QWidget()
        fill(QVBoxLayout(centre), bar, Line(), (self._middle, 1), self._line, self.matrix)
        fill(QHBoxLayout(self), self.panel, Line(vertical=True), (centre, 1))
        self.tabs.set_key(model.tab.name)
        self.tabs.chosen.connect(self._tab_chosen)
        self.panel.drop.browsed.connect(self.browse)
        open_model = context.commands.action("file.open_model").trigger
        self.panel.open_model_wanted.connect(open_model)
        context.commands.bind(self.panel.start, "run.generate", hint=True)
        context.commands.bind(self.panel.stop, "run.stop", hint=True)
        for failed in (model.failed, self.race.failed, self.experiment.failed):
            failed.connect(self._on_failed)
        model.files_changed.connect(self.changed)
        for signal in (model.busy_changed, self.race.changed, self.experiment.changed):
            signal.connect(context.commands.refresh_soon)

    @Slot(str)
    def _tab_chosen(self, key: str) -> None:
        tab = Tab[key]
        self.tabs.set_key(key)
        views = {Tab.CALIBRATION: self.calibration, Tab.RACE: self.race_view}
        self._middle.setCurrentWidget(views.get(tab, self.stage))
        for part in (self._line, self.matrix):
            part.setHidden(tab in views)  # they are of no layer and of all times
        self.model.set_view(tab=tab)
        self.changed.emit()

    @Slot(object)
    def _on_failed(self, event: Failed) -> None:
        self.context.notifier.error(InputError(event.message, event.advice))

    # -- as a page -------------------------------------------------------------------------------

    def commands(self) -> Iterable[Command]:
        return (
            Command("file.open", tr("Add images…"), self.browse),
            Command(
                "run.generate", tr("Start race"), self.race.start,
                enabled=lambda: self.model.tab is Tab.RACE and self.race.can_start,
            ),
            Command(
                "run.stop", tr("Stop"), self.stop,
                enabled=lambda: self._busy() or self.context.jobs.can_stop,
            ),
        )  # fmt: skip

    def set_models(self, models: Sequence[InstalledModel]) -> None:
        self.model.set_models(models)

    def choose_model(self, name: str) -> None:
        self.model.set_request(model=name)

    def accept(self, paths: Sequence[Path]) -> None:
        left_out = self.model.add_files(find_pictures(paths))
        if left_out:
            self.context.notifier.say(
                tr(
                    "Only {count} images are looked at at once.",
                    count=MOST_PICTURES,
                )
            )

    def title(self) -> str:
        count = len(self.model.files)
        return tr("%n images · {page}", "", count, page=tr("Features")) if count else ""

    def state(self) -> dict[str, Any]:
        return {"tab": self.model.tab.name}

    def restore_state(self, state: dict[str, Any]) -> None:
        if state.get("tab") in Tab.__members__:
            self._tab_chosen(state["tab"])

    def _busy(self) -> bool:
        return self.model.busy or self.race.busy or self.experiment.busy

    @Slot()
    def stop(self) -> None:
        """Stop what the tab is about, what it waits for, or else what runs."""
        if self.model.tab is Tab.RACE and self.race.busy:
            self.race.stop()
        elif self.model.tab is Tab.CALIBRATION and self.experiment.busy:
            self.experiment.stop()
        elif self.model.busy:
            self.model.stop()
        else:
            self.context.jobs.stop()

    @Slot()
    def browse(self) -> None:
        """Choose files."""
        patterns = " ".join(f"*{suffix}" for suffix in SUFFIXES)
        names, _ = QFileDialog.getOpenFileNames(
            self,
            tr("Images to look at"),
            str(pictures_folder()),
            tr("Images ({patterns})", patterns=patterns),
        )
        if names:
            self.accept([Path(name) for name in names])
