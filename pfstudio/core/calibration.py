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
    order: Reliability  # of the variance, against the squared error


def calibration(variance: Array, error: Array) -> Calibration:
    """Compare predicted variances with squared errors, of any equal shape.

    Reliability diagram as in Kuleshov et al. (ICML 2018), sparsification as in Ilg et al.,
    "Uncertainty Estimates and Multi-Hypotheses Networks for Optical Flow" (ECCV 2018).
    """
    told, measured = (part.ravel().astype(np.float64) for part in (variance, error))
    ratio = float(measured.mean() / max(told.mean(), 1e-12))
    return Calibration(len(told), ratio, reliability_of(told, measured))
