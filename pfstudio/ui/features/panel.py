"""The left side of the Features page: which images, which model, and what is looked at."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from pfstudio.core.features import NOISES
from pfstudio.core.models import InstalledModel
from pfstudio.ui.features.maps import Grouping, MapKind
from pfstudio.ui.features.model import MOST_PICTURES, FeaturesPageModel, Tab
from pfstudio.ui.features.race import Race
from pfstudio.ui.files.drop_zone import DropZone
from pfstudio.ui.language import QT_TR_NOOP, tr
from pfstudio.ui.widgets.buttons import DANGER, PRIMARY, Button, IconButton, Switch
from pfstudio.ui.widgets.fields import OPEN_MODEL, Combo
from pfstudio.ui.widgets.labels import Elided, Surface, heading, label
from pfstudio.ui.widgets.layouts import fill
from pfstudio.ui.widgets.scroll import clear, scrolling
from pfstudio.ui.widgets.segmented import Segmented
from pfstudio.ui.widgets.slider import Slider

PANEL_WIDTH = 296
LABELS = 4
NO_CONTEXT = QT_TR_NOOP("The chosen model has one timestep for the whole image")
HINTS = {
    Tab.MAP: QT_TR_NOOP("Equal colours mean equal features, in all images and at all times."),
    Tab.MATCH: QT_TR_NOOP("Click a patch: how similar is every other one?"),
    Tab.SEGMENT: QT_TR_NOOP("Patches with similar features, joint over all images."),
    Tab.RACE: QT_TR_NOOP(
        "Noise the image, ask for it back as each class in turn, and see which one does it best."
    ),
    Tab.CALIBRATION: QT_TR_NOOP("Does the model know where it errs?"),
}


class FeaturesPanel(Surface):
    """Shows a FeaturesPageModel and its race, and calls their verbs."""

    open_model_wanted = Signal()

    def __init__(self, model: FeaturesPageModel, race: Race, parent: QWidget | None = None) -> None:
        super().__init__("panel", parent=parent)
        self._model, self._race = model, race
        self.setFixedWidth(PANEL_WIDTH)
        self.drop = DropZone(tr("Drop images here"))
        self._list = fill(QVBoxLayout(), spacing=2)
        self._build_model()
        self._build_view()
        self._build_race()
        body = fill(
            QVBoxLayout(), heading(tr("Images")), self.drop, self._list, 6,
            heading(tr("Model"), self.model), self.model, self.noise, self.members, self.time, 6,
            self.view_head, self.hint, self.kind, self.marking, self.grouping, self.count,
            self.labels, self.clear, self.image, self.weighted, self.start, self.stop, None,
            margins=(14, 12, 14, 12), spacing=8,
        )  # fmt: skip
        fill(QVBoxLayout(self), scrolling(body))
        model.files_changed.connect(self._refresh_files)
        model.settings_changed.connect(self.refresh)
        model.found_changed.connect(self.refresh)
        race.changed.connect(self._refresh_race)
        self.refresh()

    def _build_model(self) -> None:
        model = self._model
        self.model = Combo(tr("Model"))
        self.model.setPlaceholderText(tr("No model installed"))
        self._listed: tuple[InstalledModel, ...] | None = None  # the models that it offers
        self.model.activated.connect(self._model_activated)
        self.noise = Segmented(tr("Noise"), [(name, tr(name.capitalize())) for name in NOISES])
        self.noise.setToolTip(tr(
            "Uniform: one time for all. Clean: no noise. Context: one patch of four is noisy, the "
            "others are clean"
        ))  # fmt: skip
        self.noise.chosen.connect(lambda key: model.set_request(noise=key))
        self.members = Slider(
            tr("Ensemble size"), 1, 8, 1, tr("Noises whose features are averaged")
        )
        self.members.edited.connect(lambda n: model.set_request(ensemble_size=int(n)))
        self.time = Slider(tr("Time"), 0, 1, 0.05, tr("0 is noise, 1 is the clean image"))
        self.time.edited.connect(model.set_time)

    def _build_view(self) -> None:
        model = self._model
        self.view_head = heading("")
        self.hint = label("", "small", "muted", wrap=True)
        self.kind = Segmented(
            tr("Map"), [(kind.name, tr(kind.value)) for kind in MapKind], columns=2
        )
        self.kind.chosen.connect(lambda key: model.set_view(kind=MapKind[key]))
        self.marking = Segmented(tr("Mark"), [("patch", tr("Patch")), ("mask", tr("Mask"))])
        self.marking.chosen.connect(lambda key: model.set_view(masking=key == "mask"))
        self.grouping = Segmented(
            tr("Grouping"), [(one.name, tr(one.value)) for one in Grouping], columns=2
        )
        self.grouping.chosen.connect(lambda key: model.set_view(grouping=Grouping[key]))
        self.count = Slider(tr("Groups"), 2, 12, 1, tr("How many groups of patches"))
        self.count.edited.connect(lambda n: model.set_view(group_count=int(n)))
        names = [(str(i), str(i + 1)) for i in range(LABELS)]
        self.labels = Segmented(tr("Label"), names)
        self.labels.setToolTip(tr("What the next scribble means"))
        self.labels.chosen.connect(lambda key: model.set_view(label=int(key)))
        self.clear = Button(tr("Clear marks"), "eraser")
        self.clear.clicked.connect(model.clear_marks)

    def _build_race(self) -> None:
        race = self._race
        numbers = [(str(i), str(i + 1)) for i in range(MOST_PICTURES)]
        self.image = Segmented(tr("Image"), numbers)
        self.image.setToolTip(tr("Which image the classes race for"))
        self.image.chosen.connect(lambda key: race.set_image(int(key)))
        self.weighted = Switch(
            tr("Weigh by variance"),
            tr("Errors where the model expects them count less; needs a difficulty head"),
        )
        self.weighted.toggled.connect(race.set_weighted)
        self.start = Button(tr("Start race"), "play", kind=PRIMARY, height=36)
        self.stop = Button(tr("Stop"), "stop", kind=DANGER, height=36)

    @Slot(int)
    def _model_activated(self, place: int) -> None:
        name = self.model.itemData(place)
        if name == OPEN_MODEL:
            self.refresh()
            self.open_model_wanted.emit()
        else:
            self._model.set_request(model=name)

    @Slot()
    def _refresh_files(self) -> None:
        clear(self._list)
        for place, path in enumerate(self._model.files):
            name, remove = (
                Elided("body", "text"),
                IconButton("close", tr("Remove {name}", name=path.name)),
            )
            name.say(path.name)
            remove.clicked.connect(partial(self._model.remove_file, place))
            row = QWidget()
            fill(QHBoxLayout(row), (name, 1), remove, spacing=4)
            self._list.addWidget(row)

    def _list_models(self) -> None:
        self._listed = self._model.models
        self.model.clear()
        for one in self._listed:
            self.model.addItem(one.card.title or one.name, one.name)
        self.model.addItem(tr("Open a model…"), OPEN_MODEL)

    @Slot()
    def refresh(self) -> None:
        """Show the settings."""
        model, tab = self._model, self._model.tab
        if model.models is not self._listed:
            self._list_models()
        self.model.setCurrentIndex(self.model.findData(model.request.model))
        self.noise.set_key(model.request.noise)
        fits = model.takes_context
        self.noise.set_usable("context", fits, "" if fits else tr(NO_CONTEXT))
        self.members.set_number(model.request.ensemble_size)
        racing = tab is Tab.RACE  # it has noises and times of its own
        for part in (self.noise, self.members, self.time):
            part.setHidden(racing)
        noisy = model.request.noise != "clean"
        self.members.setEnabled(noisy)
        self.time.setEnabled(noisy)
        self.time.set_number(model.time if noisy else 1)
        self.time.update()
        self.view_head.setText(tr(tab.value).upper())
        scribbling = tab is Tab.SEGMENT and model.grouping is Grouping.SCRIBBLES
        masking = tab is Tab.MATCH and model.masking
        words = tr(HINTS[tab])
        if scribbling:
            words = tr("Paint a few patches of each label; the others follow.")
        elif tab is Tab.SEGMENT and model.grouping is Grouping.ATTENTION:
            words = tr("Patches that look at the same places, in each image by itself.")
        elif tab is Tab.MAP and model.kind is MapKind.ATTENTION:
            words = tr("Click a patch: what does it look at?")
        elif masking:
            words = tr("Paint over a part of one image; it is found in the others.")
        self.hint.setText(words)
        self.kind.set_key(model.kind.name)
        self.kind.setVisible(tab is Tab.MAP)
        for kind in (MapKind.DIFFICULTY, MapKind.ERROR):
            known = model.matrix is None or model.scalar(kind) is not None
            self.kind.set_usable(
                kind.name, known, "" if known else tr("This model does not tell it")
            )
        looks = model.matrix is None or model.attention is not None
        for choice in (self.kind, self.grouping):
            choice.set_usable(
                MapKind.ATTENTION.name, looks, "" if looks else tr("This layer has no attention")
            )
        self.marking.set_key("mask" if model.masking else "patch")
        self.marking.setVisible(tab is Tab.MATCH)
        self.grouping.set_key(model.grouping.name)
        self.grouping.setVisible(tab is Tab.SEGMENT)
        self.count.set_number(model.group_count)
        self.count.setVisible(tab is Tab.SEGMENT and not scribbling)
        self.labels.set_key(str(model.label))
        self.labels.setVisible(scribbling)
        self.clear.setVisible(tab in (Tab.MATCH, Tab.SEGMENT))
        marked = (model.place, model.mask, model.scribbles)
        self.clear.setEnabled(any(one is not None for one in marked))
        self._refresh_race()

    @Slot()
    def _refresh_race(self) -> None:
        race, racing = self._race, self._model.tab is Tab.RACE
        count = len(self._model.files)
        self.image.setVisible(racing and count > 1)
        self.image.set_key(str(race.image))
        for place in range(MOST_PICTURES):
            self.image.set_usable(str(place), place < count)
        card = self._model.model.card if self._model.model else None
        self.weighted.setVisible(racing)
        self.weighted.setEnabled(card is not None and card.has_difficulty)
        self.weighted.setChecked(race.weighted)
        self.start.setVisible(racing and not race.busy)
        self.stop.setVisible(racing and race.busy)
