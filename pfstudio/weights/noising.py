"""The step of the noising where a flow between latents starts, as cards keep it."""

from __future__ import annotations

from pfstudio.core.card import ModelCard
from pfstudio.core.errors import InputError

_MOST = 999


def noising_step(card: ModelCard, name: str) -> int:
    """The step, 0 to 999.

    Raises:
        InputError: the card gives another one.
    """
    step = card.sizes.get("noising_step")
    if isinstance(step, bool) or not isinstance(step, int) or not 0 <= step <= _MOST:
        raise InputError(f"{name} gives the noising step {step!r}.", "It lies between 0 and 999.")
    return step
