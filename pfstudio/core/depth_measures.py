"""The numbers behind a depth map: its views, the members' spread, and how good both are.

Log-depth L (...,H,W) comes from the network, nominally -1..1. Everything is computed in float64.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pfstudio.core.depth import DepthMap
from pfstudio.core.errors import InputError

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

QUANTITIES = ("depth", "log-depth", "disparity")
_NEAREST_RATIO = 1.25  # of the delta1 measure
_POINTS = 20  # of the risk-coverage curve
_BINS = 10  # of the error by spread, each of as many pixels


def to_unit_range(values: Doubles) -> Doubles:
    """Stretched to [0,1] over the last two axes; a flat map becomes 0."""
    low = values.min(axis=(-2, -1), keepdims=True)
    width = values.max(axis=(-2, -1), keepdims=True) - low
    return (values - low) / np.where(width > 0, width, 1.0)


def relative_depth(log_depth: Floats) -> Floats:
    """exp(L) stretched to [0,1], larger is farther: what the published program gives out."""
    return to_unit_range(np.exp(log_depth.astype(np.float64))).astype(np.float32)


def least_certain(spread: Floats) -> float:
    """Where the least certain 5 % of a spread (H,W) begin."""
    return float(np.percentile(spread, 95))


def view(log_depth: Floats, quantity: str) -> Floats:
    """A map of `quantity`: "depth" (see `relative_depth`), "log-depth" or "disparity".

    Disparity is exp(-L) stretched to [0,1], larger is nearer.

    Raises:
        InputError: there is no such quantity.
    """
    if quantity == "depth":
        return relative_depth(log_depth)
    if quantity == "log-depth":
        return log_depth
    if quantity == "disparity":
        return relative_depth(-log_depth)
    raise InputError(f"Unknown quantity {quantity!r}.", f"Use one of: {', '.join(QUANTITIES)}.")


def spread_of(depth: DepthMap, quantity: str) -> Floats:
    """Spread (H,W) of the members in the units of `view(depth.log_depth, quantity)`.

    That of disparity is to first order, from the mean and spread of log-depth that a map keeps:
    exp(-L) * log_std over the width of exp(-L). It is not aligned as that of depth is.
    """
    if quantity == "depth":
        return depth.aligned_std
    if quantity == "log-depth":
        return depth.log_std
    inverse = np.exp(-depth.log_depth.astype(np.float64))
    width = inverse.max() - inverse.min()
    return (inverse * depth.log_std / (width if width > 0 else 1.0)).astype(np.float32)


def fit_affine(values: npt.ArrayLike, target: npt.ArrayLike) -> tuple[float, float]:
    """Least-squares (scale, shift) with scale * values + shift near target; flat values: 0, mean.

    Both are arrays of one shape.
    """
    x, y = np.asarray(values, np.float64).ravel(), np.asarray(target, np.float64).ravel()
    x_mean, y_mean = float(x.mean()), float(y.mean())
    variance = float(((x - x_mean) ** 2).mean())
    scale = float(((x - x_mean) * (y - y_mean)).mean()) / variance if variance > 0 else 0.0
    return scale, y_mean - scale * x_mean


def log_std(members: Floats) -> Floats:
    """Population standard deviation (H,W) of the members' log-depths (E,H,W)."""
    return _std(members)


def _std(members: Floats) -> Floats:
    # Row by row: large maps in float64 would take more memory than the rest of a run.
    rows = [members[:, row].std(axis=0, dtype=np.float64) for row in range(members.shape[1])]
    return np.stack(rows).astype(np.float32)


def aligned_members(members: Floats) -> Floats:
    """Relative depths (E,H,W) of log-depths (E,H,W), each fitted to the mean of all of them."""
    depths = np.stack([relative_depth(member) for member in members])
    mean = depths.mean(axis=0, dtype=np.float64)
    for depth in depths:  # in place: these maps can be large
        scale, shift = fit_affine(depth, mean)
        depth *= scale
        depth += shift
    return depths


def aligned_std(members: Floats) -> Floats:
    """Population standard deviation (H,W) of `aligned_members` of log-depths (E,H,W)."""
    return _std(aligned_members(members))


@dataclass(frozen=True)
class Accuracy:
    """How near an affine-aligned prediction comes to measured depth."""

    abs_rel: float  # mean of |prediction - truth| / truth
    delta1: float  # share of pixels with a ratio below 1.25 either way
    scale: float
    shift: float


def accuracy(prediction: Floats, truth: Floats, valid: Mask | None = None) -> Accuracy:
    """Accuracy of a relative map (H,W) after the best scale and shift on the valid pixels.

    Args:
        prediction: in the same kind of quantity as `truth` (depth or disparity).
        truth: positive where valid.
        valid: pixels with a measurement; None: where truth is positive and finite.

    Raises:
        InputError: no pixel is valid.
    """
    mask = _valid(truth, valid)
    x, y = prediction[mask].astype(np.float64), truth[mask].astype(np.float64)
    scale, shift = fit_affine(x, y)
    fitted = scale * x + shift
    ratio = np.maximum(fitted / y, y / np.where(fitted > 0, fitted, np.nan))
    near = np.nan_to_num(ratio, nan=np.inf) < _NEAREST_RATIO  # zero and below are never near
    return Accuracy(float((np.abs(fitted - y) / y).mean()), float(near.mean()), scale, shift)


@dataclass(frozen=True)
class Reliability:
    """How well a spread tells where the errors are. K points of coverage, ending at 1."""

    coverage: Doubles  # (K,) share of pixels kept, the ones with the smallest spread
    risk: Doubles  # (K,) their mean error
    oracle: Doubles  # (K,) mean error if the pixels with the smallest errors were kept
    ause: float  # mean of risk - oracle: 0 is perfect
    random_ause: float  # the same for a spread that knows nothing
    rank_correlation: float  # Spearman's, of spread and error; NaN where either is constant
    bin_spread: Doubles  # (B,) mean spread of each tenth of the pixels, in order of their spread
    bin_error: Doubles  # (B,) their mean error


def reliability(
    spread: Floats, prediction: Floats, truth: Floats, valid: Mask | None = None
) -> Reliability:
    """Risk-coverage curve and AUSE of `spread` against |aligned prediction - truth| / truth.

    Maps are (H,W); see `accuracy` for the others.

    Raises:
        InputError: no pixel is valid.
    """
    mask, fit = _valid(truth, valid), accuracy(prediction, truth, valid)
    y = truth[mask].astype(np.float64)
    error = np.abs(fit.scale * prediction[mask].astype(np.float64) + fit.shift - y) / y
    return reliability_of(spread[mask].astype(np.float64), error)


def reliability_of(spreads: Doubles, error: Doubles) -> Reliability:
    """The same for errors that were measured already, (N,) both."""
    kept = np.maximum(1, np.arange(1, _POINTS + 1) * len(error) // _POINTS)
    risk, oracle = _risk(error, spreads, kept), _risk(error, error, kept)
    return Reliability(
        coverage=kept / len(error),
        risk=risk,
        oracle=oracle,
        ause=float((risk - oracle).mean()),
        random_ause=float((error.mean() - oracle).mean()),
        rank_correlation=_rank_correlation(spreads, error),
        bin_spread=_bins(spreads, spreads),
        bin_error=_bins(error, spreads),
    )


def _valid(truth: Floats, valid: Mask | None) -> Mask:
    mask: Mask = np.isfinite(truth) & (truth > 0)
    if valid is not None:
        mask &= valid
    if not mask.any():
        raise InputError("The ground truth has no valid pixel.", "Give positive, finite values.")
    return mask


def _risk(error: Doubles, order_by: Doubles, kept: npt.NDArray[np.int64]) -> Doubles:
    """Mean error of the first `kept` pixels in order; equal ones share the error of their like."""
    _, like = np.unique(order_by, return_inverse=True)
    means = np.bincount(like, error) / np.bincount(like)
    ordered = means[like][np.argsort(order_by, kind="stable")]
    return np.cumsum(ordered)[kept - 1] / kept


def _bins(values: Doubles, order_by: Doubles) -> Doubles:
    """Means (B,) of equally many values each, in order; fewer than B where there are fewer."""
    parts = np.array_split(values[np.argsort(order_by, kind="stable")], min(_BINS, len(values)))
    return np.array([part.mean() for part in parts])


def _rank_correlation(a: Doubles, b: Doubles) -> float:
    ranks = []
    for values in (a, b):
        _, like, counts = np.unique(values, return_inverse=True, return_counts=True)
        ranks.append((np.cumsum(counts) - (counts - 1) / 2)[like])
    if any(rank.std() == 0 for rank in ranks):
        return float("nan")
    return float(np.corrcoef(ranks[0], ranks[1])[0, 1])
