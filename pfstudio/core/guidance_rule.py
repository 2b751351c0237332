"""What every guidance rule's settings say of themselves."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from pfstudio.core.parameters import CheckedSettings


class NetworkPass(NamedTuple):
    """One pass of a network in a call."""

    share: float = 0.0  # of the patches that is taken out of each route
    shared: bool = False  # its layers before the first route are those of the pass before


class GuidanceRule(CheckedSettings):
    """Base of the settings; a rule without further costs or needs has nothing to add."""

    needs_routes: ClassVar[bool] = False  # a model that was trained with token routing
    weak_model: str = ""  # name or path of a second model; a rule that needs one has a field for it

    @property
    def warning(self) -> str:
        """Why these settings cannot help, in a sentence; "": they may."""
        return ""

    def passes_at(self, time: float) -> tuple[NetworkPass, ...]:
        """The network passes of a call at a time, for estimates."""
        return (NetworkPass(),)
