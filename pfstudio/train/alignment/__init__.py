"""Alignment in training: a projector learns to tell features from the tokens of one layer.

A method is a settings class (`alignment.method.Method`) in a file of its own. The projector trains
with the network and is not exported.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor, nn

from pfstudio.core.errors import InputError
from pfstudio.nn.repa import make_projector
from pfstudio.train.alignment.method import AlignedStep, Method
from pfstudio.train.alignment.repa import Repa
from pfstudio.train.alignment.self_flow import SelfFlow
from pfstudio.train.alignment.sra import SelfRepresentation
from pfstudio.train.config import AlignmentConfig

METHODS: dict[str, type[Method]] = {
    "repa": Repa,
    "sra": SelfRepresentation,
    "self-flow": SelfFlow,
}


@dataclass(frozen=True)
class Alignment:
    """A method with its projector."""

    method: Method
    layer: int  # of the network that trains, from 1
    projector: nn.Module

    def loss(self, tokens: Tensor, step: AlignedStep) -> Tensor:
        """A scalar from the tokens (B,F,D) after `layer`."""
        return self.method.distance(self.projector(tokens), self.method.target(step))


def alignment_method(recipe: AlignmentConfig, layers: int, per_patch: bool) -> Method | None:
    """The method of a recipe for a network of so many layers; None: it names none.

    Raises:
        InputError: unknown, or with options or layers that it does not have.
    """
    if not recipe.method:
        return None
    kind = METHODS.get(recipe.method)
    if kind is None:
        raise InputError(
            f"The recipe cannot be used: there is no alignment {recipe.method!r}.",
            f"Known: {', '.join(METHODS)}.",
        )
    try:
        method = kind(**recipe.options)
    except TypeError as error:
        raise InputError(f"The recipe cannot be used: {recipe.method}: {error}.") from error
    for layer in (recipe.layer, *method.layers):
        if layer not in range(1, layers + 1):
            raise InputError(
                f"The recipe cannot be used: {recipe.method} cannot align layer {layer}; "
                f"the layers are 1 to {layers}."
            )
    if method.per_patch and not per_patch:
        raise InputError(
            f"The recipe cannot be used: {recipe.method} needs a network with a time per patch.",
            "Use sra.",
        )
    return method


def make_alignment(method: Method, recipe: AlignmentConfig, width: int, target: int) -> Alignment:
    """With a fresh projector, from tokens of `width` to `target` features."""
    return Alignment(method, recipe.layer, make_projector(width, recipe.projector_width, target))
