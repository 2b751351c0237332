"""Whether one model can be the weak model of another, away from whose prediction guidance leads."""

from __future__ import annotations

from typing import Protocol

from pfstudio.core.card import ModelCard
from pfstudio.core.errors import InputError
from pfstudio.core.guidance import Guidance


class MakesLatents(Protocol):
    """What is looked at of a `Model`."""

    card: ModelCard

    @property
    def name(self) -> str: ...

    @property
    def channels(self) -> int: ...

    @property
    def patch_size(self) -> int: ...


def check_weak_model(model: MakesLatents, weak: MakesLatents, guidance: Guidance) -> None:
    """See that both make the same latents of the same conditions, by routes that the rule can use.

    Raises:
        InputError: they do not.
    """
    if _kind(model) != _kind(weak):
        raise InputError(
            f"{weak.name} makes other latents than {model.name}, or for other classes or "
            "prompts, so it cannot be its weak model.",
            "Choose an earlier or smaller model of the same data.",
        )
    if guidance.needs_routes and model.card.routes != weak.card.routes:
        raise InputError(
            f"{weak.name} was trained with other routes than {model.name}.",
            "Choose the guidance auto, or another weak model.",
        )


def _kind(model: MakesLatents) -> tuple[object, ...]:
    card = model.card
    return (
        card.condition, card.classes, card.text_encoder, model.channels, model.patch_size,
        card.latent_scale, card.latent_shift,
    )  # fmt: skip
