"""More context: how difficulty and error fall as more of the patches around are clean."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, Signal, Slot

from pfstudio.core.calibration import ContextCurve
from pfstudio.core.events import Failed, Final, Finished
from pfstudio.core.features import CONTEXT_SHARES, CONTEXT_TIME
from pfstudio.ui.features.model import FeaturesPageModel, Tab
from pfstudio.ui.job_handle import JobHandle
from pfstudio.ui.jobs import Jobs


class ContextExperiment(QObject):
    """Asks once the calibration of a FeaturesPageModel is looked at, where the model can tell."""

    changed = Signal()
    failed = Signal(object)  # Failed

    def __init__(self, jobs: Jobs, page: FeaturesPageModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs, self._page = jobs, page
        self.curve: ContextCurve | None = None
        self._handle: JobHandle | None = None
        self._of: object = None  # the matrix that was asked about
        page.settings_changed.connect(self._follow)
        page.found_changed.connect(self._follow)

    @property
    def busy(self) -> bool:
        return self._handle is not None

    @Slot()
    def _follow(self) -> None:
        page, before = self._page, self._of
        stopped = self.curve is None and not self.busy and page.tab is not Tab.CALIBRATION
        if page.matrix is not self._of or stopped:
            self._of = self.curve = None
            self.stop()
        wanted = page.tab is Tab.CALIBRATION and page.takes_context and self._of is None
        if wanted and not self.busy and page.calibration() is not None:
            self._of = page.matrix
            about = replace(
                page.request, all_layers=False, layers=(1,), times=(CONTEXT_TIME,),
                noise="uniform", attention=False, ensemble_size=1, context_shares=CONTEXT_SHARES,
                compute=page.compute,
            )  # fmt: skip
            self._handle = self._jobs.submit(about)
            self._handle.ended.connect(self._on_ended)
            self._handle.removed.connect(self._on_removed)
        if self._of is not before:
            self.changed.emit()

    def stop(self) -> None:
        """Ask no further, until the tab is opened again."""
        if self._handle is not None:
            self._handle.cancel()

    @Slot(object)
    def _on_ended(self, event: Final) -> None:
        self._handle = None
        if self._of is not None and isinstance(event, Finished):
            self.curve = event.result.context
        elif self._of is not None and isinstance(event, Failed):
            self.failed.emit(event)
        self._follow()
        self.changed.emit()

    @Slot()
    def _on_removed(self) -> None:
        self._handle = None
        self.changed.emit()
