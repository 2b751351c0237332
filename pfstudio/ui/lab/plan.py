"""What a comparison runs: one request per sampler or guidance rule, all else the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from pfstudio.core.errors import InputError
from pfstudio.core.guidance import GUIDANCES, Guidance
from pfstudio.core.guidance_rule import NO_DIFFICULTY
from pfstudio.core.jobs import Estimated
from pfstudio.core.requests import GenerateRequest
from pfstudio.core.samplers import SAMPLERS, Sampler
from pfstudio.core.sparse_guidance import MASKS, Sparse
from pfstudio.ui.language import QT_TR_NOOP, tr, tr_sentence
from pfstudio.ui.recipe.form import choice_word
from pfstudio.ui.recipe.model import NO_HEAD, RecipeModel, refusal

NO_WEAK_MODEL = QT_TR_NOOP("Choose this guidance and its weak model in the recipe first.")


class Compared(StrEnum):
    """What the columns differ in; the value is the field of the request."""

    SAMPLER = "sampler"
    GUIDANCE = "guidance"


DEFAULT_KEYS = {
    Compared.SAMPLER: ("euler", "dual-loop", "look-ahead"),
    Compared.GUIDANCE: ("none", "cfg", "sparse", "pag"),
}


@dataclass(frozen=True)
class Variant:
    """What one column runs.

    Attributes:
        key: its name among all that can be compared.
        label: the same for people, in the language of the window.
        settings: of the sampler or guidance rule.
        refusal: why the recipe's model cannot, in a sentence; "": it can.
    """

    key: str
    label: str
    settings: Sampler | Guidance
    refusal: str = ""


def variants_of(compared: Compared, recipe: RecipeModel) -> tuple[Variant, ...]:
    """All that can be compared, each with the settings that it had last in the recipe."""
    if compared is Compared.GUIDANCE:
        rules = [recipe.last_guidance(name) for name in GUIDANCES]
        return tuple(variant for rule in rules for variant in _rule_variants(rule, recipe))
    made = []
    for name, kind in SAMPLERS.items():
        why = "" if recipe.has_difficulty or not kind.needs_difficulty else tr(NO_HEAD)
        made.append(Variant(name, tr(kind.label), recipe.last_sampler(name), why))
    return tuple(made)


def _rule_variants(rule: Guidance, recipe: RecipeModel) -> list[Variant]:
    """A rule; sparse guidance with every other choice of masks as well."""
    label = tr(rule.label)
    why = tr_sentence(refusal(rule, recipe.model.card)) if recipe.model else ""
    if not why and rule.needs_weak_model and not rule.weak_model:
        why = tr(NO_WEAK_MODEL)
    made = [Variant(rule.name, label, rule, why)]
    if isinstance(rule, Sparse):
        for masks in MASKS:
            if masks != rule.masks:
                lacks = masks == "difficulty" and not recipe.has_difficulty
                words = tr("{label}: {masks}", label=label, masks=choice_word(masks))
                other = replace(rule, masks=masks)
                missing = why or (tr_sentence(NO_DIFFICULTY) if lacks else "")
                made.append(Variant(f"{rule.name}:{masks}", words, other, missing))
    return made


@dataclass(frozen=True)
class LabPlan:
    """Samplers or guidance rules to compare from the same noise and condition.

    Attributes:
        base: the recipe.
        compared: what its columns differ in.
        variants: in the order of the columns.
        nfe: network evaluations that each column spends (or less, where steps do not divide them);
            rules of several passes spend as many passes on each.
        seconds: compare at equal seconds instead; 0 compares at equal NFE.
    """

    base: GenerateRequest
    compared: Compared
    variants: tuple[Variant, ...]
    nfe: int = 48
    seconds: float = 0.0

    def __post_init__(self) -> None:
        if len(set(self.variants)) < 2:
            raise InputError(tr("A comparison needs two columns."), tr("Choose at least two."))
        refused = next((one.refusal for one in self.variants if one.refusal), "")
        if refused:
            raise InputError(refused)
        if self.base.branch is not None:
            raise InputError(
                tr("A branch starts inside another run, so its columns have no common noise."),
                tr("Remove the branch from the recipe first."),
            )

    def request(self, variant: Variant, nfe: int | None = None) -> GenerateRequest:
        """The base with this variant, spending `nfe` (default: the plan's) evaluations."""
        changed: dict[str, Any] = {self.compared.value: variant.settings}
        return replace(self.base, **changed).with_nfe(nfe or self.nfe)

    def requests(self) -> tuple[GenerateRequest, ...]:
        """One request per variant at equal NFE."""
        return tuple(self.request(variant) for variant in self.variants)

    def timed_requests(self, estimates: Sequence[Estimated]) -> tuple[GenerateRequest, ...]:
        """One request per variant at about `seconds` each.

        Args:
            estimates: the timed answers for `requests()`; a call's cost differs between variants,
                since some compute fewer tokens, or make several passes.

        Raises:
            InputError: a request cannot run.
        """
        made = []
        for variant, answer in zip(self.variants, estimates, strict=True):
            if answer.problem or not answer.seconds:
                sentence = tr("{name} could not be timed.", name=variant.label)
                raise InputError(answer.problem or sentence)
            per_call = answer.seconds / answer.request.sampler.nfe  # of all images
            made.append(self.request(variant, max(1, min(1000, round(self.seconds / per_call)))))
        return tuple(made)
