"""Whether the variance that a network predicts tells where its velocity is wrong."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pfstudio.core.depth_measures import Reliability, reliability_of

Array = npt.NDArray[np.floating]


@dataclass(frozen=True)
class Calibration:
    """Of patches whose squared error was measured."""

    patches: int
    ratio: float  # mean squared error / mean variance: 1 is calibrated, above is overconfident
    within_time: float  # mean over the times of the rank correlation at each, -1..1
    order: Reliability  # of the variance, against the squared error


@dataclass(frozen=True)
class ContextCurve:
    """Noisy patches seen beside more and more clean ones: means over pictures, times and patches.

    One patch of four is noisy and counts; of the others a share is clean, the rest as noisy.
    """

    shares: tuple[float, ...]  # (S,) of the other patches, 0..1
    variance: tuple[float, ...]  # (S,) predicted
    error: tuple[float, ...]  # (S,) squared, measured

    def rows(self) -> tuple[tuple[float, float, float], ...]:
        """Share, variance and error, one after the other."""
        return tuple(zip(self.shares, self.variance, self.error, strict=True))


def calibration(variance: Array, error: Array) -> Calibration:
    """Compare predicted variances with squared errors, (I,T,n,m) both.

    Variance and error both change with the time, so their order over all times says little of the
    patches: the rank correlation is that within a time.

    Reliability diagram as in Kuleshov et al. (ICML 2018), sparsification as in Ilg et al.,
    "Uncertainty Estimates and Multi-Hypotheses Networks for Optical Flow" (ECCV 2018).
    """
    told, measured = (part.ravel().astype(np.float64) for part in (variance, error))
    ratio = float(measured.mean() / max(told.mean(), 1e-12))
    each = [
        reliability_of(*(part[:, t].ravel().astype(np.float64) for part in (variance, error)))
        for t in range(variance.shape[1])
    ]
    within = float(np.nanmean([one.rank_correlation for one in each]))
    return Calibration(len(told), ratio, within, reliability_of(told, measured))
