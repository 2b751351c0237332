"""How often a running job may be shown, by what showing it is measured to cost.

Looks come in two kinds. A quick look moves the maps; a full look also brings the numbers, words,
curves and the film strip up to date, at several times the cost.
"""

from __future__ import annotations

TICK_MS = 33
SLOWEST_MS = 1000  # however long a look takes, there is one a second
QUICK = 0.65  # of the budget goes to quick looks; full ones wait until the rest has been saved up
_NEW = 0.2  # weight of the last look in the mean cost of its kind


class FrameBudget:
    """Keeps looks within `share` of the time, on the whole. All costs are milliseconds."""

    def __init__(self, share: float) -> None:
        self.share = share
        self._mean = {False: 0.0, True: 0.0}  # full look?: its cost
        self._saved = 0.0
        self._counted = 0.0  # seconds on the clock up to which the budget was counted

    @property
    def wait(self) -> float:
        """Milliseconds from one look to the next."""
        wanted = self._mean[False] / max(QUICK * self.share, 1e-3)
        return min(max(wanted, TICK_MS), SLOWEST_MS)

    def can_be_full(self, now: float) -> bool:
        """Whether enough was saved up to `now` (seconds) for a full look."""
        earned = (now - self._counted) * 1000 * self.share
        most = self._mean[True]
        self._saved = min(self._saved + earned, most)
        self._counted = now
        return self._saved >= most

    def took(self, cost: float, *, full: bool) -> None:
        """A look has cost this much."""
        mean = self._mean[full]
        self._mean[full] = mean + _NEW * (cost - mean) if mean else cost
        self._saved -= cost
