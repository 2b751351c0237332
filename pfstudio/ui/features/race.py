"""The race of the classes: which one explains an image best, sample by sample."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Signal, Slot

from pfstudio.core.classify import MOST_EVIDENCE, ClassifyRequest, ClassifyStep, Standing
from pfstudio.core.conditions import ClassLabel, condition_name
from pfstudio.core.events import Cancelled, Failed, Final, Finished, Progress
from pfstudio.ui.features.model import FeaturesPageModel
from pfstudio.ui.job_handle import JobHandle
from pfstudio.ui.jobs import Jobs
from pfstudio.ui.language import tr


class Race(QObject):
    """One race at a time, of the images and the model of a FeaturesPageModel."""

    changed = Signal()
    failed = Signal(object)  # Failed

    def __init__(self, jobs: Jobs, page: FeaturesPageModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs, self._page = jobs, page
        self.image = 0  # from 0
        self.weighted = True
        self.rival = 1  # place of the class that the leader is compared with, from 0
        self.step: ClassifyStep | None = None
        self._handle: JobHandle | None = None
        self.stopped = False  # before it was decided
        self.picture: npt.NDArray[np.uint8] | None = None  # (H,W,3) as the model is given it
        self._of: tuple[object, ...] = ()  # what the standings are of
        page.files_changed.connect(self._follow)
        page.settings_changed.connect(self._follow)
        page.found_changed.connect(self._look)

    @property
    def busy(self) -> bool:
        return self._handle is not None

    @property
    def takes_classes(self) -> bool:
        """Whether the model has classes to choose from."""
        card = self._page.model.card if self._page.model else None
        return card is not None and card.condition == "class" and card.task == "generate"

    @property
    def can_start(self) -> bool:
        return not self.busy and self.takes_classes and bool(self._page.files)

    @property
    def shown(self) -> tuple[Standing, ...]:
        """The best classes."""
        return self.step.standings[:MOST_EVIDENCE] if self.step else ()

    @property
    def evidence(self) -> npt.NDArray[np.float32] | None:
        """(n,m) by how much the rival explains a patch worse than the leader."""
        if self.step is None or len(self.step.evidence) < 2:
            return None
        return self.step.evidence[min(self.rival, len(self.step.evidence) - 1)]

    def name(self, standing: Standing) -> str:
        """Of its class."""
        names: Sequence[str] = self._page.model.card.classes if self._page.model else ()
        return condition_name(ClassLabel(standing.index), names)

    def set_image(self, image: int) -> None:
        self.image = image
        self._follow()
        self._look()

    def set_weighted(self, on: bool) -> None:
        self.weighted = on
        self._follow()

    def set_rival(self, place: int) -> None:
        """Compare the leader with another class, by its place from 0."""
        if self.shown:
            self.rival = min(max(place, 1), len(self.shown) - 1)
            self.changed.emit()

    def start(self) -> None:
        """Let all classes race."""
        if not self.can_start:
            return
        self.step, self.rival, self.stopped = None, 1, False
        request = ClassifyRequest(
            str(self._page.files[self.image]), self._page.request.model, weighted=self.weighted,
            compute=self._page.compute,
        )  # fmt: skip
        self._handle = self._jobs.submit(request)
        self._handle.progress.connect(self._on_progress)
        self._handle.ended.connect(self._on_ended)
        self._handle.removed.connect(self._on_removed)
        self.changed.emit()

    @Slot()
    def _follow(self) -> None:
        """Another image or another model: what is known is of no use."""
        files = self._page.files
        self.image = min(self.image, max(0, len(files) - 1))
        of = (files[self.image : self.image + 1], self._page.request.model, self.weighted)
        if of != self._of:
            self._of, self.step, self.picture = of, None, None
            if self._handle is not None:
                handle, self._handle = self._handle, None
                handle.progress.disconnect(self._on_progress)
                handle.ended.disconnect(self._on_ended)
                handle.removed.disconnect(self._on_removed)
                handle.cancel()
            self.changed.emit()

    @Slot()
    def _look(self) -> None:
        """The picture stays while the features of another one are asked for."""
        pictures = self._page.pictures
        if pictures is not None:
            self.picture = pictures[self.image]
        self.changed.emit()

    def stop(self) -> None:
        """End the race before it is decided."""
        if self._handle is not None:
            self._handle.cancel()

    @Slot(list)
    def _on_progress(self, calls: list[Progress]) -> None:
        self.step = calls[-1].detail
        self.changed.emit()

    @Slot(object)
    def _on_ended(self, event: Final) -> None:
        self._handle = None
        self.stopped = isinstance(event, Cancelled)
        if isinstance(event, Finished) and self.picture is None:  # no features are known of it
            self.picture = event.result.picture
        if isinstance(event, Failed):
            self.failed.emit(event)
        self.changed.emit()

    @Slot()
    def _on_removed(self) -> None:
        self._handle = None
        self.changed.emit()

    def words(self) -> str:
        """Why there is nothing to see; empty where there is."""
        if self.step is not None:
            return ""
        if not self._page.files:
            return tr("Drop an image to see which class of a model explains it best.")
        if not self.takes_classes:
            return tr("This model has no classes. Choose one that has.")
        if self.busy:
            return tr("Asking the model…")
        return tr("Start the race: every class tries to explain the image.")

    def verdict(self) -> str:
        """Who leads, and whether that is sure."""
        if self.step is None or len(self.shown) < 2:
            return ""
        first, second = self.shown[:2]
        sure = second.behind > second.margin
        if self.busy:
            return tr(
                "{name} leads. %n classes are in the race.", "", self.step.racing,
                name=self.name(first),
            )  # fmt: skip
        if self.stopped:
            return tr("Stopped: {name} leads.", name=self.name(first))
        if sure:
            return tr("The model sees: {name}.", name=self.name(first))
        return tr(
            "{name} or {other}: too close to call.",
            name=self.name(first), other=self.name(second),
        )  # fmt: skip
