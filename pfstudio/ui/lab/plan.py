"""What a comparison of samplers runs: one request per sampler, all else the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from pfstudio.core.errors import InputError
from pfstudio.core.jobs import Estimated
from pfstudio.core.requests import GenerateRequest
from pfstudio.core.samplers import SAMPLERS
from pfstudio.ui.language import tr

DEFAULT_SAMPLERS = ("euler", "dual-loop", "look-ahead")


@dataclass(frozen=True)
class LabPlan:
    """Samplers to compare from the same noise and condition.

    Attributes:
        base: the recipe; its own sampler keeps its settings, the others start from their defaults.
        samplers: names in `SAMPLERS`, in the order of the columns.
        nfe: network evaluations that each sampler spends (or less, where steps do not divide them).
        seconds: compare at equal seconds instead; 0 compares at equal NFE.
    """

    base: GenerateRequest
    samplers: tuple[str, ...] = DEFAULT_SAMPLERS
    nfe: int = 48
    seconds: float = 0.0

    def __post_init__(self) -> None:
        unknown = [name for name in self.samplers if name not in SAMPLERS]
        if unknown:
            raise InputError(
                tr("Unknown sampler {name!r}.", name=unknown[0]),
                tr("Known: {names}.", names=", ".join(SAMPLERS)),
            )
        if len(set(self.samplers)) < 2:
            raise InputError(tr("A comparison needs two samplers."), tr("Choose at least two."))
        if self.base.branch is not None:
            raise InputError(
                tr("A branch starts inside another run, so its samplers have no common noise."),
                tr("Remove the branch from the recipe first."),
            )

    def request(self, sampler: str, nfe: int | None = None) -> GenerateRequest:
        """The base with another sampler that spends `nfe` (default: the plan's) evaluations."""
        own = self.base.sampler
        settings = own if own.name == sampler else SAMPLERS[sampler]()
        return replace(self.base, sampler=settings).with_nfe(nfe or self.nfe)

    def requests(self) -> tuple[GenerateRequest, ...]:
        """One request per sampler at equal NFE."""
        return tuple(self.request(name) for name in self.samplers)

    def timed_requests(self, estimates: Mapping[str, Estimated]) -> tuple[GenerateRequest, ...]:
        """One request per sampler at about `seconds` each.

        Args:
            estimates: by sampler name, the timed answer for `request(name)`; a call's cost
                differs between samplers, since some compute fewer tokens.

        Raises:
            InputError: a request cannot run.
        """
        made = []
        for name in self.samplers:
            answer = estimates[name]
            if answer.problem or not answer.seconds:
                raise InputError(answer.problem or f"{name} could not be timed.")
            per_call = answer.seconds / max(1, answer.nfe)
            made.append(self.request(name, max(1, min(1000, round(self.seconds / per_call)))))
        return tuple(made)
