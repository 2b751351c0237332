"""Whether the spread of an ensemble tells where its depth is wrong, as numbers and as a figure.

Prediction and truth are compared as inverse depth, after the least-squares scale and shift. The
figure is a PNG, an SVG or a PDF with two panels: risk against coverage, and error against spread.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PIL import Image

from pfstudio.core.arrays import read_npy, read_npz
from pfstudio.core.depth import SPREAD_LABEL, DepthMap
from pfstudio.core.depth_measures import Accuracy, Reliability, accuracy, reliability
from pfstudio.core.errors import InputError
from pfstudio.core.files import replacing
from pfstudio.core.image_io import BROKEN, open_picture

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Floats = npt.NDArray[np.float32]

TRUTHS = ("disparity", "depth")
FIGURES = ("png", "svg", "pdf")
_ENDINGS = (".npz", ".npy", ".png")
_SPREAD, _ALIGNED, _RANDOM, _BEST = "#005ab5", "#d55e00", "#787e88", "#008060"
_STYLE = {
    "axes.grid": True,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "figure.titlesize": "large",
    "font.size": 9.0,
    "grid.color": "#e2e5ea",
    "legend.columnspacing": 1.0,
    "legend.fontsize": "small",
    "legend.frameon": False,
    "pdf.fonttype": 42,  # words stay words
    "svg.fonttype": "none",
    "svg.hashsalt": "pfstudio",
    "savefig.dpi": 200.0,
    "text.parse_math": False,  # a dollar in the name of a picture is a dollar
}
# Equal measurements make equal files.
_UNDATED: dict[str, dict[str, None]] = {
    "png": {}, "svg": {"Date": None}, "pdf": {"CreationDate": None},
}  # fmt: skip


@dataclass(frozen=True)
class DepthCheck:
    """A depth map against measured depth."""

    fit: Accuracy
    spread: Reliability  # of the members' log-depths
    aligned: Reliability  # of their relative depths, once aligned


def read_truth(path: Path, kind: str = TRUTHS[0]) -> Floats:
    """Measured inverse depth or disparity (H,W), 0 where there is none.

    Args:
        path: NPZ with `disp` or `depth`, NPY, or grey PNG of 8 or 16 bits.
        kind: what an NPY or PNG holds, one of TRUTHS; depth is inverted here.

    Raises:
        InputError: not such a file.
    """
    try:
        if path.suffix.lower() == ".npz":
            stored = read_npz(path)
            kind = "disparity" if "disp" in stored else "depth"
            values = stored["disp" if "disp" in stored else "depth"]
        elif path.suffix.lower() == ".npy":
            values = read_npy(path)
        elif path.suffix.lower() == ".png":
            with open_picture(path) as image:
                is_grey = image.mode == "L" or image.mode.startswith("I")
                values = np.asarray(image) if is_grey else np.empty(0)
        else:
            raise InputError(f"{path} holds no depth.", f"Give one of {', '.join(_ENDINGS)}.")
        with np.errstate(over="ignore"):
            truth = np.asarray(values, np.float32)
    except (*BROKEN, Image.DecompressionBombError) as error:
        raise InputError(f"The measured depth {path} cannot be read ({error}).") from error
    if truth.ndim != 2:
        raise InputError(f"{path} is no map with one value for each pixel.")
    if kind == "depth":
        with np.errstate(over="ignore", divide="ignore"):
            truth = np.float32(1) / truth
    return np.where(np.isfinite(truth) & (truth > 0), truth, np.float32(0))


def check_depth(found: DepthMap, truth: Floats) -> DepthCheck:
    """Compare a result with measured inverse depth (H,W) of the picture's size.

    Raises:
        InputError: another size, nothing measured, or an ensemble of one, which has no spread.
    """
    if truth.shape != found.picture.shape[:2]:
        sizes = [f"{w} x {h}" for h, w in (truth.shape, found.picture.shape[:2])]
        raise InputError(f"The measured depth has {sizes[0]} pixels, its image {sizes[1]}.")
    if found.request.ensemble_size < 2:
        raise InputError("One member has no spread to check.", "Use an ensemble of 2 or more.")
    disparity = np.exp(-found.log_depth)
    return DepthCheck(
        accuracy(disparity, truth),
        reliability(found.log_std, disparity, truth),
        reliability(found.aligned_std, disparity, truth),
    )


def table(check: DepthCheck) -> tuple[tuple[str, float], ...]:
    """The figures by name."""
    return (
        ("AbsRel", check.fit.abs_rel),
        ("delta1", check.fit.delta1),
        ("AUSE, spread of log-depth", check.spread.ause),
        ("AUSE, spread of aligned depth", check.aligned.ause),
        ("AUSE of a random order", check.spread.random_ause),
        ("rank correlation of spread and error", check.spread.rank_correlation),
    )


def require_matplotlib() -> None:
    """Find out early whether a figure can be drawn.

    Raises:
        InputError: matplotlib is not installed.
    """
    try:
        import matplotlib  # noqa: F401
    except ImportError as error:
        raise InputError(
            "The figure needs matplotlib, which is not installed.",
            "Install pfstudio with the extra `figures`, or leave the figure out.",
        ) from error


def write_figure(path: Path, check: DepthCheck, title: str) -> None:
    """Draw the reliability of a depth map; the ending of `path` is one of FIGURES.

    Raises:
        InputError: another ending, a folder that may not be written to, or no matplotlib.
    """
    kind = path.suffix.lower().lstrip(".")
    if kind not in FIGURES:
        raise InputError(
            f"A figure cannot be written as {path.name}.", f"Use {', '.join(FIGURES)}."
        )
    require_matplotlib()
    from matplotlib import style

    # From the defaults, not from the user's own settings: a figure looks the same everywhere.
    with style.context(["default", _STYLE]), replacing(path) as temporary:
        figure = _figure(check, title)
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Glyph .* missing")  # in the name of a picture
            figure.savefig(temporary, format=kind, metadata=_UNDATED[kind])


def _figure(check: DepthCheck, title: str) -> Figure:
    from matplotlib.figure import Figure  # not pyplot, which would keep it and choose a backend

    figure = Figure(figsize=(9.4, 4.8), layout="constrained")
    figure.suptitle(title, x=0.01, ha="left", weight="bold")
    figure.supxlabel(
        f"AbsRel {check.fit.abs_rel:.3f}, delta1 {check.fit.delta1:.3f}; {SPREAD_LABEL}",
        x=0.01, ha="left", size="medium", color="dimgrey",
    )  # fmt: skip
    left, right = figure.subplots(1, 2)
    _draw_risk(left, check)
    _draw_bins(right, check)
    return figure


def _draw_risk(axes: Axes, check: DepthCheck) -> None:
    own, aligned = check.spread, check.aligned
    flat = np.full_like(own.risk, own.risk[-1])
    for values, colour, line, name in (
        (flat, _RANDOM, "--", f"random order, AUSE {own.random_ause:.4f}"),
        (own.risk, _SPREAD, "-", f"spread of log-depth, AUSE {own.ause:.4f}"),
        (aligned.risk, _ALIGNED, "-", f"spread of aligned depth, AUSE {aligned.ause:.4f}"),
        (own.oracle, _BEST, "--", "best possible order"),
    ):
        axes.plot(own.coverage, values, line, color=colour, label=name)
    axes.set(xlabel="pixels kept, the most certain first", ylabel="mean relative error")
    axes.set(xlim=(0, 1), ylim=(0, None))
    axes.xaxis.set_major_formatter(lambda share, _: f"{share:.0%}")
    axes.legend(loc="lower center", bbox_to_anchor=(0.45, 1), ncols=2)


def _draw_bins(axes: Axes, check: DepthCheck) -> None:
    own = check.spread
    name = f"rank correlation {own.rank_correlation:.2f}"
    axes.plot(own.bin_spread, own.bin_error, "o-", color=_SPREAD, label=name)
    axes.set(xlabel="spread of log-depth, mean of each tenth of the pixels")
    axes.set(ylabel="mean relative error", xlim=(0, None), ylim=(0, None))
    axes.legend(loc="upper left")
