"""Which class a picture shows, asked of a generator: request, what its calls tell, and result.

n x m patches; the evidence is told of K classes, the best MOST_EVIDENCE of them.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from pfstudio.core.errors import InputError
from pfstudio.core.execution import Execution
from pfstudio.core.parameters import MAX_SEED, CheckedSettings, field_in, parameter
from pfstudio.core.request_json import read_request, write_request
from pfstudio.core.requests import Compute

Floats = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Stage(CheckedSettings):
    """All classes still in the race have `samples` in all, then the best `keep` go on."""

    samples: int = field_in(4, 1, 4096)
    keep: int = field_in(1, 1, 100_000)


MOST_EVIDENCE = 10
STAGES = (Stage(4, 40), Stage(12, 10), Stage(40, 3), Stage(100, 1))


@dataclass(frozen=True)
class ClassifyRequest(CheckedSettings):
    """One picture."""

    image_file: str = ""
    model: str = ""  # name of an installed generator with classes, or a path
    classes: tuple[int, ...] = ()  # that may be, from 0; empty: all
    stages: tuple[Stage, ...] = STAGES
    weighted: bool = parameter(
        True, "Weigh by variance",
        "Errors where the model expects them count less; needs a difficulty head",
    )  # fmt: skip
    seed: int = field_in(0, 0, MAX_SEED)
    compute: Compute = field(default_factory=Compute)

    def __post_init__(self) -> None:
        super().__post_init__()
        pairs = zip(self.stages, self.stages[1:], strict=False)
        if not self.stages or any(a.samples >= b.samples or a.keep < b.keep for a, b in pairs):
            raise InputError(
                "Stages must take more samples of fewer classes, one after the other.",
                "Write e.g. 4:40,12:10,100:1.",
            )
        if len(set(self.classes)) < len(self.classes):
            raise InputError("One of the classes is given twice.")
        if len(self.classes) == 1:
            raise InputError("With one class there is nothing to choose.", "Give two or more.")

    def to_json(self) -> str:
        return write_request(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> ClassifyRequest:
        """Read what `to_json` wrote; unknown newer fields are an error, missing ones the default.

        Raises:
            InputError: not our JSON, or a schema that is newer than this program.
        """
        return read_request(text, "classification recipe", cls.from_data)


@dataclass(frozen=True)
class Standing:
    """How a class stands. Losses are means over the samples; smaller is better."""

    index: int  # of the class, from 0
    samples: int
    loss: float
    behind: float  # the leader, on the samples that both have; 0 for the leader
    margin: float  # half of the 95 % interval of `behind`; NaN for fewer than two samples


@dataclass(frozen=True)
class ClassifyStep:
    """A network call was made.

    The standings are those of the samples that all classes in the race have: they change once a
    sample. While the first one is taken, they grow.
    """

    sample: int  # from 0
    racing: int  # classes that are still in the race
    standings: tuple[Standing, ...]  # of those, and then of the others, each part the best first
    evidence: Floats = field(repr=False)  # as in `Classified`


@dataclass(frozen=True)
class Classified:
    """What came out."""

    request: ClassifyRequest
    model: str
    standings: tuple[Standing, ...]  # of all classes: the last in the race first, each best first
    picture: Bytes = field(repr=False)  # (H,W,3) as the model was given it
    # (K,n,m) by how much each of the best classes explains a patch worse than the very best
    evidence: Floats = field(repr=False)
    nfe: int = 0  # network evaluations, one a class and sample
    execution: Execution | None = None  # how it ran; None: not in one way from start to end

    def summary(self) -> dict[str, Any]:
        """For a line of JSON: the best ten; a margin that is not known is null."""
        best = [
            asdict(one) | {"margin": one.margin if math.isfinite(one.margin) else None}
            for one in self.standings[:10]
        ]
        return {"model": self.model, "nfe": self.nfe, "best": best}
