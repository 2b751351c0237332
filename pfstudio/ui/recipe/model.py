"""The recipe being edited: one request, with undo, remembered settings and a fixed budget.

One list of whole states takes back whatever was changed, strokes on the patches included.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import SystemRandom
from time import monotonic
from typing import Any

from PySide6.QtCore import QObject, Signal

from pfstudio.core.card import ModelCard
from pfstudio.core.conditions import (
    DEFAULT_CONDITIONS,
    ClassLabel,
    PictureCondition,
    conditions_title,
)
from pfstudio.core.errors import InputError
from pfstudio.core.execution import Execution
from pfstudio.core.guidance import GUIDANCES, ClassifierFree, Guidance, NoGuidance
from pfstudio.core.jobs import Estimated
from pfstudio.core.models import InstalledModel
from pfstudio.core.paint import Paint
from pfstudio.core.requests import MAX_SEED, Branch, GenerateRequest
from pfstudio.core.samplers import SAMPLERS, Sampler
from pfstudio.core.scan_paths import is_path
from pfstudio.ui.language import QT_TR_NOOP

DICE_SIDES = 2**32
MERGE_SECONDS = 0.8  # edits of one field that follow each other this fast are one undo step
DEPTH = 200
NO_HEAD = QT_TR_NOOP("This sampler needs a difficulty head, which the chosen model does not have.")
_PICTURES = ("image_file", "branch")  # what fixed patches can keep


@dataclass(frozen=True)
class Recipe:
    """Everything that is chosen. `budget` fixes the number of network evaluations.

    `painted` holds the `Paint` code of each patch, row by row; empty: nothing painted. The request
    lacks its fixed patches as long as there is no picture that they could keep.
    """

    request: GenerateRequest
    budget: int | None = None
    keep_seed: bool = False
    painted: tuple[int, ...] = ()


class RecipeModel(QObject):
    """State of the recipe panel. Widgets call the setters and redraw at `changed`."""

    changed = Signal()
    estimate_changed = Signal()
    models_changed = Signal()
    refused = Signal(object)  # InputError: a value that the request does not allow

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.recipe = Recipe(GenerateRequest())
        self.models: tuple[InstalledModel, ...] = ()
        self.estimate: Estimated | None = None
        self.execution: Execution | None = None  # how this machine computes, as last heard
        self._past: list[tuple[str, Recipe]] = []  # what was changed, and the state before
        self._future: list[tuple[str, Recipe]] = []  # the same, and the state after
        self._merge_until = 0.0
        self._samplers: dict[str, Sampler] = {}
        self._guidances: dict[str, Guidance] = {}
        self._conditions: dict[str, tuple[PictureCondition, ...]] = {}  # by their kind

    # -- reading ---------------------------------------------------------------------------------

    @property
    def request(self) -> GenerateRequest:
        """The request as it would run now (without the device settings)."""
        return self.recipe.request

    @property
    def model(self) -> InstalledModel | None:
        """The chosen model, if it is installed."""
        return next((m for m in self.models if m.name == self.request.model), None)

    @property
    def title(self) -> str:
        """What the recipe makes, in a few words."""
        names = self.model.card.classes if self.model else ()
        return conditions_title(self.request.conditions, names)

    @property
    def takes(self) -> str:
        """Kind of condition that the chosen model takes: "class", "text" or "none"."""
        return self.model.card.condition if self.model else self.request.conditions[0].kind

    @property
    def own_scan(self) -> str:
        """The scan that the chosen model was trained with (core.scan_paths); "": it has none."""
        return str(self.model.card.sizes.get("scan", "")) if self.model else ""

    @property
    def scan(self) -> str:
        """The scan of the next run; "": its model has none."""
        return self.own_scan and (self.request.scan or self.own_scan)

    @property
    def has_difficulty(self) -> bool:
        """Whether the chosen model can lead samplers by difficulty."""
        return self.model is None or self.model.card.has_difficulty

    @property
    def sizes(self) -> tuple[tuple[int, int], ...]:
        """Heights and widths that the chosen model can be asked for; (0, 0) is its own."""
        side = self.model.card.pixels if self.model else 0
        if not side:
            return ((0, 0),)
        more, double = side * 3 // 2, side * 2
        own = ((0, 0), (side, more), (more, side), (more, more), (double, double))
        given = (self.request.height, self.request.width)
        return own if given in own else (*own, given)

    # -- editing ---------------------------------------------------------------------------------

    def _edit(self, what: str, make: Callable[[], Recipe], seconds: float = MERGE_SECONDS) -> None:
        """Change `what`: one undo step with its changes of the last `seconds`."""
        try:
            recipe = make()
        except InputError as error:
            self.refused.emit(error)
            self.changed.emit()  # the widgets show the old value again
            return
        if recipe == self.recipe:
            return
        if not (self._past and self._past[-1][0] == what and monotonic() < self._merge_until):
            self._past = [*self._past[-DEPTH:], (what, self.recipe)]
        self._future = []
        self._go_to(recipe, monotonic() + seconds)

    def _with(self, **values: Any) -> Recipe:
        """The recipe with other values in its request, and with the paint that this can hold."""
        painted = tuple(values.pop("paint", self.recipe.painted))
        picture = {name: values.get(name, getattr(self.request, name)) for name in _PICTURES}
        kept = painted if any(picture.values()) else tuple(p * (p != Paint.FIXED) for p in painted)
        request = replace(self.request, **values, paint=kept if any(kept) else ())
        return replace(self.recipe, request=request, painted=painted if any(painted) else ())

    def set(self, **values: Any) -> None:
        """Change fields of the request; a value it does not allow is refused, with a sentence.

        Kernels that were right for another model or size go with it.
        """
        what = ",".join(values)
        if values.keys() & {"model", "height", "width"}:
            values = {"compute": replace(self.request.compute, execution=None), **values}
            if is_path(self.request.scan):  # it is one over the patches of another size
                values = {"scan": "", **values}
        self._edit(what, lambda: self._with(**values))

    def paint(self, codes: Sequence[int], stroke: int) -> None:
        """Put `Paint` codes on the patches; a numbered stroke is one undo step, however slow."""
        self._edit(f"paint {stroke}", lambda: self._with(paint=codes), math.inf)

    def draw_scan(self, scan: str) -> None:
        """Scan along a path that was drawn: one undo step, however fast strokes follow."""
        self._edit("scan", lambda: self._with(scan=scan), 0.0)

    def set_request(self, request: GenerateRequest) -> None:
        """Replace the whole request (a preset, a dropped picture): one undo step."""
        recipe = Recipe(request, None, self.recipe.keep_seed, request.paint)
        self._edit("request", lambda: recipe, 0.0)

    def start_anew(self) -> None:
        """Everything as it is at first, but for the model: one undo step."""
        model, fresh = self.model, GenerateRequest(compute=self.request.compute)
        recipe = Recipe(_adapted(fresh, model) if model else fresh)
        self._edit("anew", lambda: recipe, 0.0)

    def set_recipe(self, recipe: Recipe) -> None:
        """Start from a stored recipe, without an undo step."""
        self._past, self._future = [], []
        self._go_to(recipe)

    def set_models(self, models: Sequence[InstalledModel]) -> None:
        """The installed models; the recipe moves to one of them if it names none."""
        self.models = tuple(model for model in models if model.card.task == "generate")
        if self.models and not self.request.model:
            request = _adapted(self.request, self.models[0])
            self.recipe = replace(self.recipe, request=request)
            self._remember()
        self.models_changed.emit()
        self.changed.emit()

    def set_model(self, name: str) -> None:
        """Choose another model; conditions and sampler move to what it can do."""
        if name == self.request.model:
            return
        model = next(m for m in self.models if m.name == name)
        conditions = _conditions_for(model.card, self._conditions.get(model.card.condition, ()))
        guidance = self._guidance_for(model.card)
        compute = replace(self.request.compute, execution=None)

        def make() -> Recipe:
            sampler = self._budgeted(_sampler_for(model.card, self.request.sampler))
            return self._with(
                model=name, conditions=conditions, sampler=sampler, guidance=guidance,
                paint=(), branch=None, masks_file="", scan="", compute=compute,
            )  # fmt: skip

        self._edit("model", make)

    def _guidance_for(self, card: ModelCard) -> Guidance:
        """The rule in use at a model's own scale, or the model's best one."""
        rule: Any = self.request.guidance
        was_best = self.model is not None and rule == _best_guidance(self.model.card)
        lacks_null = rule.unconditional and not card.has_null_condition
        if was_best or lacks_null or refusal(rule, card):
            return _best_guidance(card)
        return replace(rule, scale=card.default_guidance) if hasattr(rule, "scale") else rule

    def choose_sampler(self, name: str) -> None:
        """Choose a sampler, with the settings it had last."""
        sampler = self.last_sampler(name)
        self._edit("sampler", lambda: self._with(sampler=self._budgeted(sampler)))

    def choose_guidance(self, name: str) -> None:
        """Choose a guidance rule, with the settings it had last, at the scale in use."""
        guidance = self.last_guidance(name)
        masks = self.request.masks_file if guidance.needs_routes else ""
        self.set(guidance=guidance, masks_file=masks)

    def last_sampler(self, name: str) -> Sampler:
        """A sampler with the settings it had last."""
        return self._samplers.get(name) or SAMPLERS[name]()

    def last_guidance(self, name: str) -> Guidance:
        """A guidance rule with the settings it had last, at the scale in use."""
        guidance = self._guidances.get(name) or GUIDANCES[name]()
        scale = getattr(self.request.guidance, "scale", None)
        if scale is not None and hasattr(guidance, "scale"):
            guidance = replace(guidance, scale=scale)
        return guidance

    def set_sampler_value(self, name: str, value: Any) -> None:
        """Change one parameter of the sampler; a fixed budget adjusts its steps."""

        def make() -> Recipe:
            return self._with(
                sampler=self._budgeted(replace(self.request.sampler, **{name: value}))
            )

        self._edit(f"sampler.{name}", make)

    def set_guidance_value(self, name: str, value: Any) -> None:
        """Change one parameter of the guidance rule."""
        self._edit(
            f"guidance.{name}",
            lambda: self._with(guidance=replace(self.request.guidance, **{name: value})),
        )

    def set_budget(self, nfe: int | None) -> None:
        """Fix the number of network calls (None: the sampler's own steps count)."""

        def make() -> Recipe:
            request = self.request if nfe is None else self.request.with_nfe(nfe)
            return replace(self.recipe, budget=nfe, request=request)

        self._edit("budget", make)

    def _budgeted(self, sampler: Sampler) -> Sampler:
        return sampler if self.recipe.budget is None else sampler.for_nfe(self.recipe.budget)

    def set_branch(self, branch: Branch | None) -> None:
        """Start from a recorded call instead of from noise."""
        self.set(branch=branch)

    def set_picture(self, path: Path | None) -> None:
        """Start from a picture (in-painting, partial noise)."""
        if path is None:
            self.set(image_file="", start_time=0.0, paint=())
        else:
            self.set(image_file=str(path))

    # -- seeds -----------------------------------------------------------------------------------

    def roll_seed(self) -> None:
        """A random seed."""
        self.set(seed=SystemRandom().randrange(DICE_SIDES))

    def next_seed(self) -> None:
        """The first seed that this recipe has not used."""
        self.set(seed=min(self.request.seed + self.request.images, MAX_SEED - self.request.images))

    def set_keep_seed(self, keep: bool) -> None:
        """Keep the seed after a run, instead of moving on to the next."""
        self._edit("keep_seed", lambda: replace(self.recipe, keep_seed=keep))

    # -- undo ------------------------------------------------------------------------------------

    @property
    def can_undo(self) -> bool:
        """Whether there is something to take back."""
        return bool(self._past)

    @property
    def can_redo(self) -> bool:
        """Whether something was taken back."""
        return bool(self._future)

    @property
    def undoes_paint(self) -> bool:
        """Whether the last change put paint on the patches, or took some away."""
        return bool(self._past) and self._past[-1][0].startswith("paint")

    @property
    def lacks_picture(self) -> bool:
        """Whether fixed patches wait for a picture that they could keep."""
        return self.recipe.painted != self.request.paint

    def undo(self) -> None:
        """Take the last change back."""
        self._step(self._past, self._future)

    def redo(self) -> None:
        """Make the change that was taken back."""
        self._step(self._future, self._past)

    def _step(self, source: list[tuple[str, Recipe]], other: list[tuple[str, Recipe]]) -> None:
        if source:
            what, recipe = source.pop()
            other.append((what, self.recipe))
            self._go_to(recipe)

    def _go_to(self, recipe: Recipe, merge_until: float = 0.0) -> None:
        self._merge_until = merge_until
        self.recipe = recipe
        self._remember()
        self.changed.emit()

    def _remember(self) -> None:
        self._samplers[self.request.sampler.name] = self.request.sampler
        self._guidances[self.request.guidance.name] = self.request.guidance
        self._conditions[self.request.conditions[0].kind] = self.request.conditions

    # -- cost ------------------------------------------------------------------------------------

    def set_estimate(self, estimate: Estimated) -> None:
        """What the worker says a request would cost."""
        self.estimate = estimate
        self.execution = estimate.execution or self.execution
        self.estimate_changed.emit()

    @property
    def estimate_is_current(self) -> bool:
        """Whether the estimate speaks of the recipe as it is now (the device settings aside)."""
        if self.estimate is None:
            return False
        now = self.request
        then = replace(
            self.estimate.request,
            compute=now.compute, word_maps=now.word_maps, scan_maps=now.scan_maps,
        )  # fmt: skip
        return then == now


def _adapted(request: GenerateRequest, model: InstalledModel) -> GenerateRequest:
    """A request of this model, as the model is best guided."""
    card = model.card
    return replace(
        request,
        model=model.name,
        conditions=_conditions_for(card, request.conditions),
        sampler=_sampler_for(card, request.sampler),
        guidance=_best_guidance(card),
    )


def _best_guidance(card: ModelCard) -> Guidance:
    """Classifier-free where there is something to lead away from."""
    return ClassifierFree(card.default_guidance) if card.has_null_condition else NoGuidance()


def refusal(rule: Guidance | type[Guidance], card: ModelCard) -> str:
    """Why a model cannot be guided by a rule, in a sentence; "": it can."""
    return rule.refusal(
        null=card.has_null_condition or card.condition == "text",  # away from a negative prompt
        routed=bool(card.routes),
        classes=card.condition == "class",
        difficulty=card.has_difficulty,
        blocks=card.blocks > 0,
    )


def _sampler_for(card: ModelCard, sampler: Sampler) -> Sampler:
    """This sampler, where the model can be led by it."""
    if sampler.needs_difficulty and not card.has_difficulty:
        return SAMPLERS["euler"]()
    return sampler


def _conditions_for(
    card: ModelCard, conditions: Sequence[PictureCondition]
) -> tuple[PictureCondition, ...]:
    """Those that a model can follow, or its default one."""
    most = max(1, len(card.classes))
    kept = tuple(
        one
        for one in conditions
        if one.kind == card.condition and not (isinstance(one, ClassLabel) and one.index >= most)
    )
    return kept or (DEFAULT_CONDITIONS[card.condition],)
