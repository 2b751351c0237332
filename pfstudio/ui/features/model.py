"""What the Features page shows: pictures, a model, a layer and a time, and what was found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from enum import Enum
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Signal, Slot

from pfstudio.core.calibration import Calibration, calibration
from pfstudio.core.clustering import NO_LABEL
from pfstudio.core.events import Failed, Final, Finished
from pfstudio.core.feature_maps import Components
from pfstudio.core.features import DEFAULT_TIME, Features, FeaturesRequest, LayerFeatures
from pfstudio.core.models import InstalledModel
from pfstudio.core.requests import Compute
from pfstudio.ui.features import maps
from pfstudio.ui.features.maps import Grouping, MapKind, Match, Place
from pfstudio.ui.job_handle import JobHandle
from pfstudio.ui.jobs import Jobs
from pfstudio.ui.language import QT_TR_NOOP
from pfstudio.ui.view_models.settings import SettingsModel

MOST_PICTURES = 4
MATRIX_TIMES = (0.1, 0.3, 0.5, 0.7, 0.9)
TASKS = ("generate", "depth", "upscale")  # whose models can be asked; the first come first

Bytes = npt.NDArray[np.uint8]


class Tab(Enum):
    """What is looked at; the value is the word for it."""

    MAP = QT_TR_NOOP("Map")
    MATCH = QT_TR_NOOP("Match")
    SEGMENT = QT_TR_NOOP("Segment")
    RACE = QT_TR_NOOP("Race")
    CALIBRATION = QT_TR_NOOP("Calibration")


class FeaturesPageModel(QObject):
    """One job at a time; the last wish is always followed."""

    files_changed = Signal()
    settings_changed = Signal()  # model, noise, ensemble, layer, time, tab and its choices
    found_changed = Signal()  # other features, or other maps of them
    busy_changed = Signal()
    failed = Signal(object)  # Failed

    def __init__(self, jobs: Jobs, settings: SettingsModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs, self._settings = jobs, settings
        self.models: tuple[InstalledModel, ...] = ()
        self.files: tuple[Path, ...] = ()
        self.request = FeaturesRequest(all_layers=True, times=MATRIX_TIMES, attention=True)
        self.layer, self.time = 0, DEFAULT_TIME  # 0: the middle one, once it is known
        self.tab, self.kind = Tab.MAP, MapKind.COMPONENTS
        self.grouping, self.group_count, self.label = Grouping.K_MEANS, 4, 0
        self.masking = False  # on Match: a mask is painted, not a patch picked
        self.place: Place | None = None
        self.scribbles: npt.NDArray[np.intp] | None = None  # (I,h,w)
        self.mask: npt.NDArray[np.bool_] | None = None  # (h,w) on picture `mask_image`
        self.mask_image = 0
        self.matrix: Features | None = None  # at MATRIX_TIMES
        self._at_time: Features | None = None  # at another time
        self._handle: JobHandle | None = None
        self._wishes: list[FeaturesRequest] = []
        self._stopped = False  # nothing more is wished of what is under way
        self._components: dict[int, Components] = {}

    # -- what is asked ---------------------------------------------------------------------------

    @property
    def busy(self) -> bool:
        return self._handle is not None

    @property
    def compute(self) -> Compute:
        """Where and how the settings want it computed."""
        return self._settings.settings.compute

    def set_models(self, models: Sequence[InstalledModel]) -> None:
        usable = (model for model in models if model.card.task in TASKS)
        self.models = tuple(sorted(usable, key=lambda model: TASKS.index(model.card.task)))
        names = [model.name for model in self.models]
        if self.request.model not in names:
            self.set_request(model=names[0] if names else "")
        self.settings_changed.emit()

    @property
    def model(self) -> InstalledModel | None:
        """The model that is chosen."""
        return next((one for one in self.models if one.name == self.request.model), None)

    @property
    def takes_context(self) -> bool:
        """Whether the model can see noisy and clean patches at once."""
        card = self.model.card if self.model else None
        return card is not None and card.task == "generate" and card.time == "per patch"

    def add_files(self, paths: Sequence[Path]) -> int:
        """Show these as well, up to the most; how many were left out."""
        files = list(dict.fromkeys((*self.files, *paths)))
        self._set_files(tuple(files[:MOST_PICTURES]))
        return len(files) - len(self.files)

    def remove_file(self, place: int) -> None:
        self._set_files(self.files[:place] + self.files[place + 1 :])

    def _set_files(self, files: tuple[Path, ...]) -> None:
        if files == self.files and (self.matrix is not None or self.busy):
            return
        self.files = files
        self.files_changed.emit()
        self.set_request(files=tuple(map(str, files)))

    def set_request(self, **values: Any) -> None:
        """Choose the model, the noise or the size of the ensemble."""
        request = replace(self.request, **values, compute=self.compute)
        if "model" in values:
            self.request, self.layer = request, 0
            if request.noise == "context" and not self.takes_context:
                request = replace(request, noise="uniform")
        self.request = request
        self.matrix = self._at_time = None
        self._stopped = False
        self._forget_marks()
        self.settings_changed.emit()
        self.found_changed.emit()
        self._wishes = [self.request] if self.files and self.request.model else []
        if self.time not in MATRIX_TIMES and self._wishes:
            self._wishes.append(self._scrub())
        if self._handle is not None:
            self._handle.cancel()
        self._next()

    def set_time(self, time: float) -> None:
        """Look at another time; where it is not known, it is asked for."""
        if time == self.time:
            return
        self.time = time
        self.settings_changed.emit()
        if self.features is not None:
            self.found_changed.emit()
        elif not self.files or not self.request.model:
            return
        elif self.matrix is None and (self._stopped or not self.busy):
            self.set_request()  # of that time and of the matrix, which gives the colours
        else:
            self._wishes = [one for one in self._wishes if one == self.request] + [self._scrub()]
            self._next()

    def _scrub(self) -> FeaturesRequest:
        return replace(self.request, times=(self.time,), compute=self.compute)

    def _next(self) -> None:
        if self._handle is None and self.matrix is None and self.request not in self._wishes:
            self._wishes = []  # the matrix was cancelled in the queue: no time has colours
        if self._handle is None and self._wishes:
            self._handle = self._jobs.submit(self._wishes.pop(0))
            self._handle.ended.connect(self._on_ended)
            self._handle.removed.connect(self._on_removed)
        self.busy_changed.emit()

    def stop(self) -> None:
        """Compute no further."""
        self._wishes, self._stopped = [], True
        if self._handle is not None:
            self._handle.cancel()

    @Slot(object)
    def _on_ended(self, event: Final) -> None:
        asked = self._handle.request if self._handle else None
        self._handle = None
        same = {"times": MATRIX_TIMES, "compute": self.request.compute}  # may differ for a time
        ours = asked is not None and replace(asked, **same) == self.request
        if isinstance(event, Finished) and asked is not None and ours:
            if asked.times == MATRIX_TIMES:
                self._take_matrix(event.result)
            else:
                self._at_time = event.result
            self.found_changed.emit()
        elif isinstance(event, Failed) and ours:  # else another model or noise was chosen since
            self._wishes = []
            self.failed.emit(event)
        self._next()

    @Slot()
    def _on_removed(self) -> None:
        self._handle = None
        self._next()

    def _take_matrix(self, features: Features) -> None:
        self.matrix = features
        self._components = {}
        numbers = [one.layer for one in features.layers]
        if self.layer not in numbers:
            self.layer = numbers[(len(numbers) - 1) // 2]
        own = features.times != MATRIX_TIMES and self.request.noise != "clean"  # a run's times
        if own and self.time not in features.times and not self._wishes:
            self.time = min(features.times, key=lambda time: abs(time - self.time))
        self.settings_changed.emit()

    # -- what is looked at -----------------------------------------------------------------------

    def set_layer(self, layer: int) -> None:
        if layer != self.layer:
            before = self._grid
            self.layer = layer
            if self._grid != before:
                self._forget_marks()
            self.settings_changed.emit()
            self.found_changed.emit()

    def set_view(self, **values: object) -> None:
        """Choose `tab`, `kind`, `grouping`, `group_count`, `label` or `masking`."""
        for name, value in values.items():
            setattr(self, name, value)
        self.settings_changed.emit()
        self.found_changed.emit()

    def clear_marks(self) -> None:
        """Forget the picked patch, the mask and the scribbles."""
        self._forget_marks()
        self.found_changed.emit()

    def _forget_marks(self) -> None:
        self.place = self.scribbles = self.mask = None

    @property
    def features(self) -> Features | None:
        """What was found at the time that is looked at."""
        return self._found(exact=True)

    def _found(self, *, exact: bool) -> Features | None:
        clean = self.request.noise == "clean"
        if self.matrix is not None and (clean or self.time in self.matrix.times):
            return self.matrix
        scrubbed = self._at_time
        if scrubbed is not None and (not exact or scrubbed.request.times == (self.time,)):
            return scrubbed
        return None if exact else self.matrix

    @property
    def layers(self) -> tuple[int, ...]:
        """Numbers of the layers that are known."""
        return tuple(one.layer for one in self.matrix.layers) if self.matrix else ()

    def _index(self, features: Features) -> int:
        return features.times.index(self.time) if self.time in features.times else 0

    @property
    def _grid(self) -> tuple[int, ...]:
        """Images, rows and columns of what is looked at; () while nothing is known."""
        return () if self.values is None else self.values.shape[:3]

    @property
    def values(self) -> npt.NDArray[np.float16] | None:
        """(I,h,w,D) of the layer and the time, or of the time that was last known."""
        held = self._held()
        return None if held is None else held[0].values[:, held[1]]

    @property
    def attention(self) -> npt.NDArray[np.float16] | None:
        """(I,h,w,P) of the same layer and time; None: this layer has none."""
        held = self._held()
        shares = held[0].attention if held else None
        return None if held is None or shares is None else shares[:, held[1]]

    def _held(self) -> tuple[LayerFeatures, int] | None:
        """The layer, and the place of the time in it."""
        features = self._found(exact=False)
        layer = maps.layer_of(features, self.layer) if features else None
        return None if features is None or layer is None else (layer, self._index(features))

    @property
    def pictures(self) -> Bytes | None:
        """(I,H,W,3) as the model was given them."""
        return self.matrix.pictures if self.matrix else None

    def components(self, layer: int) -> Components | None:
        """Fitted to all pictures and times of the matrix, so colours stay while one scrubs."""
        held = maps.layer_of(self.matrix, layer) if self.matrix else None
        if held is None:
            return None
        if layer not in self._components:
            self._components[layer] = maps.joint_components(held)
        return self._components[layer]

    def thumbnails(self, layer: int) -> Bytes | None:
        """(T,h,w,3) of the first picture, at each time of the matrix."""
        held = maps.layer_of(self.matrix, layer) if self.matrix else None
        components = self.components(layer)
        if held is None or components is None:
            return None
        return maps.component_colours(held.values[0], components)

    def map(self) -> Bytes | None:
        """What the tab shows of every picture, (I,h,w,3); None: nothing is known."""
        values = self.values
        if values is None:
            return None
        if self.tab is Tab.MATCH:
            return self._match_map(values)
        if self.tab is Tab.SEGMENT:
            labels = self.labels(values)
            return None if labels is None else maps.group_colours(labels)
        if self.kind is MapKind.COMPONENTS:
            components = self.components(self.layer)
            assert components is not None
            return maps.component_colours(values, components)
        if self.kind is MapKind.NORM:
            return maps.scalar_colours(np.linalg.norm(values.astype(np.float32), axis=-1))
        if self.kind is MapKind.ATTENTION:
            return self._attention_map()
        scalar = self.scalar(self.kind)
        return None if scalar is None else maps.scalar_colours(scalar, "magma")

    def scalar(self, kind: MapKind) -> npt.NDArray[np.float32] | None:
        """Difficulty or error (I,n,m) at the time, where the model tells it."""
        features = self._found(exact=False)
        if features is None:
            return None
        array = features.difficulty if kind is MapKind.DIFFICULTY else features.error
        return None if array is None else array[:, self._index(features)]

    def _attention_map(self) -> Bytes | None:
        attention = self.attention
        if attention is None:
            return None
        if self.place is None:
            return maps.scalar_colours(np.zeros(attention.shape[:3]))
        return maps.scalar_colours(maps.looked_at(attention, self.place))

    def _match_map(self, values: npt.NDArray[np.float16]) -> Bytes:
        if self.masking:
            if self.mask is None:
                return maps.group_colours(np.full(values.shape[:3], NO_LABEL))
            carried = maps.carried(values, self.mask, self.mask_image)
            return maps.group_colours(np.where(carried, 1, NO_LABEL))
        if self.place is None:
            return maps.scalar_colours(np.zeros(values.shape[:3]))
        return maps.scalar_colours(maps.similarity(values, self.place))

    def labels(self, values: npt.NDArray[np.float16]) -> npt.NDArray[np.intp] | None:
        """Group of every place, (I,h,w); None: there is no attention to group by."""
        if self.grouping is Grouping.ATTENTION:
            attention = self.attention
            if attention is None:
                return None
            return maps.groups_of_attention(attention, self.group_count)
        scribbles = self.scribbles
        if scribbles is None:
            scribbles = np.full(values.shape[:3], NO_LABEL)
        return maps.groups(values, self.grouping, self.group_count, scribbles)

    def matches(self) -> tuple[Match, ...]:
        """Where the picked patch was found again."""
        values = self.values
        if values is None or self.place is None or self.tab is not Tab.MATCH or self.masking:
            return ()
        return maps.matches(values, self.place)

    def calibration(self) -> Calibration | None:
        """Over all pictures and times of the matrix; None: no difficulty, or no true error."""
        found = self.matrix
        if found is None or found.difficulty is None or found.error is None:
            return None
        return calibration(found.difficulty, found.error)

    # -- marks -----------------------------------------------------------------------------------

    def touch(self, place: Place) -> None:
        """A patch was clicked or painted over, whatever that means now."""
        values = self.values
        if values is None:
            return
        if self.tab is Tab.SEGMENT and self.grouping is Grouping.SCRIBBLES:
            if self.scribbles is None:
                self.scribbles = np.full(values.shape[:3], NO_LABEL)
            self.scribbles[place.image, place.row, place.column] = self.label
        elif self.tab is Tab.MATCH and self.masking:
            if self.mask is None or self.mask_image != place.image:
                self.mask, self.mask_image = np.zeros(values.shape[1:3], bool), place.image
            if self.mask.shape != values.shape[1:3]:
                self.mask = np.zeros(values.shape[1:3], bool)
            self.mask[place.row, place.column] = True
        self.place = place
        self.found_changed.emit()
