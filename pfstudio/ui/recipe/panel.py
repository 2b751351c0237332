"""The recipe panel: what goes in. It shows a RecipeModel and calls its setters."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QRegularExpression, Signal, Slot
from PySide6.QtGui import QRegularExpressionValidator
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from pfstudio.core.conditions import ClassLabel, Prompt
from pfstudio.core.conditions import labels as condition_labels
from pfstudio.core.errors import InputError
from pfstudio.core.guidance import GUIDANCES
from pfstudio.core.samplers import SAMPLERS
from pfstudio.ui.language import QT_TR_NOOP, tr, tr_sentence
from pfstudio.ui.recipe.class_field import ClassField
from pfstudio.ui.recipe.cost import CostLines
from pfstudio.ui.recipe.form import ParameterForm
from pfstudio.ui.recipe.model import NO_HEAD, RecipeModel, refusal
from pfstudio.ui.recipe.prompt_field import PromptField
from pfstudio.ui.recipe.scan import ScanSection
from pfstudio.ui.recipe.start import StartFrom
from pfstudio.ui.recipe.upscale import UpscaleSection
from pfstudio.ui.widgets.buttons import IconButton, Switch
from pfstudio.ui.widgets.fields import OPEN_MODEL, Combo, DropDown, Field
from pfstudio.ui.widgets.labels import Line, Surface, heading, label, label_of
from pfstudio.ui.widgets.layouts import fill
from pfstudio.ui.widgets.scroll import scrolling
from pfstudio.ui.widgets.segmented import Segmented
from pfstudio.ui.widgets.slider import Slider

WIDTH = 296
_TITLES = {
    "class": QT_TR_NOOP("Class"),
    "text": QT_TR_NOOP("Prompt"),
    "none": "",
}  # by kind of condition
STEPS_NAMES = ("steps", "max_nfe")  # what a fixed budget decides


class RecipePanel(Surface):
    """Every field of the request, sampler and guidance with their own parameters, and the cost."""

    open_model_wanted = Signal()

    def __init__(self, recipe: RecipeModel, parent: QWidget | None = None) -> None:
        super().__init__("panel", parent=parent)
        self._recipe = recipe
        self.setFixedWidth(WIDTH)
        self._body = fill(QVBoxLayout(), margins=(14, 0, 14, 12), spacing=6)
        self._add_model_and_class()
        self.start_from = StartFrom(recipe)  # here, where nobody overlooks it
        self._body.addWidget(self.start_from)
        self._add_seed_and_count()
        self._add_sampler()
        self._add_guidance()
        self.scan = ScanSection(recipe)
        self._body.addWidget(self.scan)
        self.upscale = UpscaleSection(recipe)
        self._body.addWidget(self.upscale)
        self._body.addStretch()
        self.cost = CostLines(recipe)
        self._lay_out()
        recipe.changed.connect(self.refresh)
        recipe.models_changed.connect(self._refresh_models)
        for signal in (recipe.estimate_changed, recipe.changed):
            signal.connect(self._show_tokens)
        self._refresh_models()

    def _lay_out(self) -> None:
        scroll = scrolling(self._body)
        scroll.verticalScrollBar().rangeChanged.connect(self._make_room)
        # The page puts undo, presets and the like into the head, Stop and Generate into the foot.
        self.head = fill(QHBoxLayout(), heading(tr("Recipe")), None, margins=(14, 6, 8, 0))
        self.foot = fill(QVBoxLayout(), self.cost, margins=(14, 8, 14, 14), spacing=8)
        fill(QVBoxLayout(self), self.head, (scroll, 1), Line(), self.foot, spacing=0)

    @Slot(int, int)
    def _make_room(self, low: int, high: int) -> None:
        """The scroll bar takes its place from the margin, not from the controls."""
        self._body.setContentsMargins(14, 0, 14 if high <= low else 4, 12)

    # -- building --------------------------------------------------------------------------------

    def _title(self, title: QLabel, value: QLabel | None = None) -> QLabel:
        parts = (title, None) if value is None else (title, None, value)
        self._body.addLayout(fill(QHBoxLayout(), *parts, margins=(0, 7, 0, 0), spacing=-1))
        return title

    def _add_model_and_class(self) -> None:
        self.model = Combo(tr("Model"))
        self._title(label_of(self.model))
        self.model.activated.connect(self._model_activated)
        self._body.addWidget(self.model)
        self._class_number = label("", colour="muted")
        self._condition_title = self._title(label("", colour="muted"), self._class_number)
        self.classes = ClassField()
        self.classes.chosen.connect(self._classes_chosen)
        self._body.addWidget(self.classes)
        self.prompt = PromptField()
        self.prompt.chosen.connect(self._prompt_chosen)
        self._body.addWidget(self.prompt)

    def _add_seed_and_count(self) -> None:
        self._seeds = label("", colour="muted")
        self.seed = Field(tr("Seed"))
        self._title(label_of(self.seed), self._seeds)
        self.seed.setValidator(_digits(19, self))
        self.seed.editingFinished.connect(self._seed_typed)
        self.dice = self.seed.add_button("dice", tr("Random seed"))
        self.dice.clicked.connect(self._recipe.roll_seed)
        self.next_seed = self.seed.add_button("next", tr("Next seed"))
        self.next_seed.clicked.connect(self._recipe.next_seed)
        self.keep_seed = self.seed.add_button("unlock", tr("Lock seed: the next run uses it again"))
        self.keep_seed.setCheckable(True)
        self.keep_seed.clicked.connect(self._recipe.set_keep_seed)
        self._body.addWidget(self.seed)
        self.count = Field(tr("Images"))
        self.count.setValidator(_digits(5, self))
        self.count.editingFinished.connect(self._count_typed)
        for icon, name, by in (("minus", tr("Fewer images"), -1), ("plus", tr("More images"), 1)):
            self.count.add_button(icon, name).clicked.connect(partial(self._count_by, by))
        self.picture_size = Combo(tr("Size"))
        self.picture_size.setToolTip(
            tr("Sizes other than the model's own interpolate its position embeddings")
        )
        self.picture_size.activated.connect(self._size_activated)
        grid = QGridLayout()
        grid.setContentsMargins(0, 7, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(6)
        for column, control in enumerate((self.count, self.picture_size)):
            grid.addWidget(label_of(control), 0, column)
            grid.addWidget(control, 1, column)
            grid.setColumnStretch(column, 1)
        self._body.addLayout(grid)

    def _add_sampler(self) -> None:
        names = [(name, tr(kind.label)) for name, kind in SAMPLERS.items()]
        self.sampler = Segmented(tr("Sampler"), names, columns=3)
        self.sampler.chosen.connect(self._recipe.choose_sampler)
        self._title(label_of(self.sampler))
        self._body.addWidget(self.sampler)
        self._body.addSpacing(2)
        self.sampler_form = ParameterForm()
        self.sampler_form.edited.connect(self._recipe.set_sampler_value)
        self._body.addWidget(self.sampler_form)
        tip = tr("Every sampler gets this many network evaluations; its steps follow from that")
        self.fix_budget = Switch(tr("Fixed budget"), tip)
        self.fix_budget.clicked.connect(self._budget_switched)
        self._body.addWidget(self.fix_budget)
        self.budget = Slider(tr("Network evaluations"), 2, 1000, 1, tip)
        self.budget.edited.connect(self._budget_edited)
        self._body.addWidget(self.budget)

    def _add_guidance(self) -> None:
        names = [(name, tr(kind.label)) for name, kind in GUIDANCES.items()]
        self.guidance = DropDown(tr("Guidance"), names)
        self.guidance.chosen.connect(self._recipe.choose_guidance)
        self._title(label_of(self.guidance))
        self._body.addWidget(self.guidance)
        self._body.addSpacing(2)
        self.guidance_about = label("", "small", "muted", wrap=True)
        self._body.addWidget(self.guidance_about)
        self.guidance_form = ParameterForm()
        self.guidance_form.edited.connect(self._recipe.set_guidance_value)
        self._body.addWidget(self.guidance_form)
        self.guidance_warning = label("", "small", "warn", wrap=True)
        self._body.addWidget(self.guidance_warning)

    def add_action(self, button: IconButton) -> None:
        """A small button beside the heading."""
        self.head.addWidget(button)

    # -- from the user ---------------------------------------------------------------------------

    @Slot(int)
    def _model_activated(self, place: int) -> None:
        name = self.model.itemData(place)
        if name == OPEN_MODEL:
            self.refresh()
            self.open_model_wanted.emit()
        else:
            self._recipe.set_model(name)

    def commit(self) -> bool:
        """Take over what is being typed; whether it can be used: otherwise the user is told."""
        for field, take in ((self.seed, self._seed_typed), (self.count, self._count_typed)):
            if field.hasFocus():
                take()
        if self._recipe.takes != "class" or self.classes.commit():
            return True
        typed = self.classes.edit.text().strip()
        self._recipe.refused.emit(
            InputError(
                tr("There is no class “{typed}”.", typed=typed), tr("Choose one from the list.")
            )
        )
        return False

    @Slot(tuple)
    def _classes_chosen(self, labels: tuple[int, ...]) -> None:
        self._recipe.set(conditions=condition_labels(*labels))

    @Slot(tuple)
    def _prompt_chosen(self, prompts: tuple[Prompt, ...]) -> None:
        self._recipe.set(conditions=prompts)

    @Slot()
    def _show_tokens(self) -> None:
        now, estimate = self._recipe.request, self._recipe.estimate
        then = estimate.request if estimate else None
        known = then and (then.model, then.conditions) == (now.model, now.conditions)
        self.prompt.show_tokens(estimate if known else None)

    @Slot()
    def _seed_typed(self) -> None:
        if self.seed.text():
            self._recipe.set(seed=int(self.seed.text()))
        self.refresh()

    @Slot()
    def _count_typed(self) -> None:
        if self.count.text():
            self._recipe.set(count=int(self.count.text()))
        self.refresh()

    @Slot(int)
    def _size_activated(self, place: int) -> None:
        height, width = self.picture_size.itemData(place)
        self._recipe.set(height=height, width=width, paint=())

    def _count_by(self, by: int, _: bool = False) -> None:
        self._recipe.set(count=max(1, self._recipe.request.count + by))

    @Slot(bool)
    def _budget_switched(self, on: bool) -> None:
        self._recipe.set_budget(self._recipe.request.sampler.nfe if on else None)

    @Slot(float)
    def _budget_edited(self, nfe: float) -> None:
        self._recipe.set_budget(int(nfe))

    # -- to the user -----------------------------------------------------------------------------

    @Slot()
    def _refresh_models(self) -> None:
        self.model.clear()
        for model in self._recipe.models:
            self.model.addItem(model.card.title or model.name, model.name)
        self.model.addItem(tr("Open a model…"), OPEN_MODEL)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Show the model's state."""
        recipe, request = self._recipe, self._recipe.request
        place = self.model.findData(request.model)
        self.model.setCurrentIndex(place)
        self.model.setPlaceholderText(Path(request.model).name or tr("No model installed"))
        model = recipe.model
        self.classes.set_model(model.card.classes if model else (), model.folder if model else None)
        labels = tuple(c.index for c in request.conditions if isinstance(c, ClassLabel))
        self.classes.set_labels(labels)
        self._class_number.setText(", ".join(str(index) for index in labels[:6]))
        self.prompt.set_model(model.card if model else None)
        self.prompt.show_conditions(request.conditions)
        title = _TITLES[recipe.takes]
        self._condition_title.setText(title and tr(title))
        for widget in (self._class_number, self.classes):
            widget.setVisible(recipe.takes == "class")
        self.prompt.setVisible(recipe.takes == "text")
        self._refresh_seed()
        self._refresh_size()
        self._refresh_sampler()
        for name, kind in GUIDANCES.items():
            why = refusal(kind, model.card) if model else ""
            self.guidance.set_usable(name, not why, tr_sentence(why or kind.about))
        self.guidance.set_key(request.guidance.name)
        self.guidance_about.setText(tr(request.guidance.about))
        self.guidance_about.setVisible(bool(request.guidance.about))
        self.guidance_warning.setText(request.guidance.warning)
        self.guidance_warning.setVisible(bool(request.guidance.warning))
        self.guidance_form.show_settings(request.guidance)

    def _refresh_seed(self) -> None:
        request, keep = self._recipe.request, self._recipe.recipe.keep_seed
        self.seed.setText(str(request.seed))
        self.count.setText(str(request.count))
        branched = request.branch is not None
        for control in (self.count, self.picture_size):
            control.setDisabled(branched)
        self.count.setToolTip(tr("As many as in the run that it branches from") if branched else "")
        self._seeds.setText(tr("to {seed}", seed=request.seeds[-1]) if request.images > 1 else "")
        self.keep_seed.setChecked(keep)
        self.keep_seed.set_icon("lock" if keep else "unlock")

    def _refresh_size(self) -> None:
        request, model = self._recipe.request, self._recipe.model
        own = model.card.pixels if model else 0
        self.picture_size.clear()
        for size in self._recipe.sizes:
            height, width = size[0] or own, size[1] or own
            self.picture_size.addItem(
                f"{width} × {height} px" if own else tr("the model's own"), size
            )
        given = (request.height, request.width)
        self.picture_size.setCurrentIndex(max(0, self.picture_size.findData(given)))

    def _refresh_sampler(self) -> None:
        recipe, sampler = self._recipe, self._recipe.request.sampler
        for name, kind in SAMPLERS.items():
            usable = recipe.has_difficulty or not kind.needs_difficulty
            self.sampler.set_usable(name, usable, "" if usable else tr(NO_HEAD))
        self.sampler.set_key(sampler.name)
        self.sampler_form.show_settings(sampler)
        budget = recipe.recipe.budget
        self.fix_budget.setChecked(budget is not None)
        self.budget.setVisible(budget is not None)
        if budget is not None:
            self.budget.set_number(budget)
        for name in STEPS_NAMES:
            if hasattr(sampler, name):
                self.sampler_form.control(name).setEnabled(budget is None)


def _digits(most: int, parent: QWidget) -> QRegularExpressionValidator:
    return QRegularExpressionValidator(QRegularExpression(rf"\d{{0,{most}}}"), parent)
