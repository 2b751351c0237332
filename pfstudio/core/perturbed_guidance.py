"""Settings of the rules that lead away from what a model says with some of its blocks disturbed.

v = v_weak + w (v_strong - v_weak); published scales are w - 1. The weak prediction has the same
condition, so the layers before the first disturbed block are computed once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from pfstudio.core.guidance_rule import (
    Disturbed,
    Extrapolated,
    NetworkPass,
    strength_field,
    t_max_field,
    t_min_field,
)
from pfstudio.core.parameters import parameter


def _block() -> int:
    text = "The first transformer block that is disturbed; 0 is the middle one"
    value: int = parameter(0, "Block", text, minimum=0, maximum=32, zero="middle",
                           limits=(0, 1000))  # fmt: skip
    return value


def _blocks() -> int:
    text = "How many transformer blocks in a row are disturbed"
    value: int = parameter(1, "Blocks", text, minimum=1, maximum=32, limits=(1, 1000))
    return value


class Perturbed(Extrapolated):
    """What these rules share: the disturbed blocks."""

    needs_attention: ClassVar[bool] = True
    skips: ClassVar[bool] = False  # the blocks are left out

    block: int
    blocks: int

    @property
    def disturbed(self) -> Disturbed:
        """The blocks."""
        return Disturbed(self.block, self.blocks, self.skips)

    def passes_at(self, time: float) -> tuple[NetworkPass, ...]:
        if self.weight == 1 or not self.holds_at(time):
            return (NetworkPass(),)
        return NetworkPass(), NetworkPass(disturbed=self.disturbed)


@dataclass(frozen=True)
class PerturbedAttention(Perturbed):
    """Perturbed-Attention Guidance (Ahn et al. 2024): there each patch sees only itself."""

    name: ClassVar[str] = "pag"
    label: ClassVar[str] = "PAG"
    about: ClassVar[str] = (
        "Away from what the model says where patches do not look at each other. Costs up to one "
        "more pass; needs no class or prompt."
    )

    weight: float = strength_field(6.0)
    block: int = _block()
    blocks: int = _blocks()
    t_min: float = t_min_field()
    t_max: float = t_max_field()


@dataclass(frozen=True)
class SmoothedEnergy(Perturbed):
    """Smoothed Energy Guidance (Hong 2024): there the queries of attention are blurred."""

    name: ClassVar[str] = "seg"
    label: ClassVar[str] = "SEG"
    about: ClassVar[str] = (
        "Away from what the model says where the questions of all patches are blurred. Costs up to "
        "one more pass; needs no class or prompt."
    )

    weight: float = strength_field(4.0)
    blur: float = parameter(
        0.0, "Blur", "Standard deviation of the blur, in patches; 0 makes all patches ask alike",
        minimum=0.0, maximum=16.0, step=0.5, zero="whole image",
    )  # fmt: skip
    block: int = _block()
    blocks: int = _blocks()
    t_min: float = t_min_field()
    t_max: float = t_max_field()


@dataclass(frozen=True)
class SkipLayer(Perturbed):
    """Skip-layer guidance, as for Stable Diffusion 3.5: there the blocks are left out.

    Strength and interval are those that diffusers has for that model.
    """

    name: ClassVar[str] = "slg"
    label: ClassVar[str] = "SLG"
    about: ClassVar[str] = (
        "Away from what the model says without some of its blocks. Costs less than one more pass; "
        "needs no class or prompt."
    )
    skips: ClassVar[bool] = True

    weight: float = strength_field(3.8)
    block: int = _block()
    blocks: int = _blocks()
    t_min: float = t_min_field()
    t_max: float = t_max_field(0.2)


Perturbing = PerturbedAttention | SmoothedEnergy | SkipLayer
