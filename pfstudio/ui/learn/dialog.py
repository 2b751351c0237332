"""Help > Learn: what flow models have in common, what they cost here, and what the field does."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from pfstudio.core.models import InstalledModel
from pfstudio.ui.jobs import Jobs
from pfstudio.ui.language import tr
from pfstudio.ui.learn.backbones_view import BackbonesView
from pfstudio.ui.learn.formulations_view import FormulationsView
from pfstudio.ui.learn.taxonomy import TaxonomyView
from pfstudio.ui.widgets.buttons import Button
from pfstudio.ui.widgets.dialog import Dialog
from pfstudio.ui.widgets.layouts import fill
from pfstudio.ui.widgets.segmented import Segmented


class LearnDialog(Dialog):
    """Three views; it stays open beside the window."""

    def __init__(
        self, jobs: Jobs, models: Sequence[InstalledModel], open_view: Callable[[str, str], None],
        parent: QWidget,
    ) -> None:  # fmt: skip
        """Make it.

        Args:
            open_view: opens a page by its key, and a view of it by its name, "" for any.
        """
        super().__init__(tr("Learn"), parent, (940, 780))
        self.formulations = FormulationsView()
        self.backbones = BackbonesView(jobs, models)
        self.taxonomy = TaxonomyView()
        self.taxonomy.wanted.connect(open_view)
        views: dict[str, tuple[str, QWidget]] = {
            "formulations": (tr("One flow, six ways"), self.formulations),
            "backbones": (tr("Backbones"), self.backbones),
            "taxonomy": (tr("The field"), self.taxonomy),
        }
        self._views = {key: view for key, (_, view) in views.items()}
        self.tabs = Segmented(
            tr("View"), [(key, text) for key, (text, _) in views.items()], room=math.inf
        )
        self.tabs.setMaximumWidth(480)
        self._stack = QStackedWidget()
        for view in self._views.values():
            self._stack.addWidget(view)
        close = Button(tr("Close"))
        close.clicked.connect(self.accept)
        bar = fill(QHBoxLayout(), (self.tabs, 1), (None, 1), close, spacing=8)
        fill(QVBoxLayout(self), bar, (self._stack, 1), margins=(16, 14, 16, 16), spacing=12)
        self.tabs.set_key("formulations")
        self.tabs.chosen.connect(self.show_view)

    @Slot(str)
    def show_view(self, key: str) -> None:
        """Go to a view."""
        self.tabs.set_key(key)
        self._stack.setCurrentWidget(self._views[key])
