"""How to upscale: settings, as frozen plain data, for a task of its own and inside a recipe."""

from __future__ import annotations

from dataclasses import dataclass

from pfstudio.core.errors import InputError
from pfstudio.core.parameters import MAX_SEED, CheckedSettings, field_in, parameter

FACTORS = (2, 4)  # 4 is two passes of 2
SOLVERS = ("euler", "midpoint", "heun", "rk4", "dopri5")
CLOCKS = ("uniform", "patch-wise")
PIXELS, LATENTS = ENLARGINGS = ("pixels", "latents")  # where the small picture is enlarged
MOST_STEPS = 1000


@dataclass(frozen=True)
class Upscale(CheckedSettings):
    """How to upscale, whatever is upscaled: a file here, a generated picture in a recipe."""

    model: str = ""  # name of an installed upsampler, or a path; "" is the first installed
    factor: int = field_in(2, choices=FACTORS)
    steps: int = parameter(
        2,
        "Steps",
        "Solver steps of each pass; with per-patch timesteps: of the hard patches",
        minimum=1,
        maximum=MOST_STEPS,
    )
    solver: str = parameter(
        SOLVERS[0], "Solver", "How the flow is followed from step to step", choices=SOLVERS
    )
    clock: str = parameter(
        CLOCKS[0],
        "Timesteps",
        "Per patch: flat patches finish early, details get all steps",
        choices=CLOCKS,
    )
    easy_share: float = parameter(
        0.5,
        "Easy share",
        "Share of the patches that finish in the first step",
        minimum=0.0,
        maximum=1.0,
        step=0.05,
    )
    consistency: float = parameter(
        1.0,
        "Consistency",
        "How closely the result, shrunk again, must match the image",
        minimum=0.0,
        maximum=1.0,
        step=0.05,
    )
    # side in pixels of the result that the network is given at once; 0: its own
    tile: int = field_in(0, 0, 16_384)
    seed: int = field_in(0, 0, MAX_SEED)
    enlarge: str = parameter(
        PIXELS,
        "Enlarge",
        "Pixels: as in training; latents: encodes the small image only, quicker and softer",
        choices=ENLARGINGS,
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.clock != CLOCKS[0] and self.solver != SOLVERS[0]:
            raise InputError(
                f"Per-patch timesteps need the {SOLVERS[0]} solver, not {self.solver}."
            )
