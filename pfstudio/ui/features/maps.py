"""What the Features page shows of features, as arrays. No Qt, no torch.

I pictures, a layer has h x w places of D features.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np
import numpy.typing as npt

from pfstudio.core.clustering import (
    NO_LABEL,
    attention_groups,
    k_means,
    nearest_labels,
    spectral_clusters,
    spread_scribbles,
)
from pfstudio.core.colour import apply
from pfstudio.core.feature_maps import (
    Components,
    carry_over,
    cosine_similarity,
    fit_components,
    mutual_nearest,
)
from pfstudio.core.features import Features, LayerFeatures
from pfstudio.ui.language import QT_TR_NOOP

Bytes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.floating]
Labels = npt.NDArray[np.intp]
MOST_GROUPED = 1024  # places: spectral clusters cost their third power, and a click waits for it
GROUP_COLOURS = np.array(
    [  # Okabe and Ito's, told apart by everyone
        (0, 114, 178), (230, 159, 0), (0, 158, 115), (204, 121, 167), (86, 180, 233),
        (213, 94, 0), (240, 228, 66), (120, 120, 120), (90, 60, 150), (160, 220, 160),
        (140, 80, 40), (250, 190, 200),
    ],
    np.uint8,
)  # fmt: skip
_UNKNOWN = np.array((70, 70, 74), np.uint8)


class MapKind(Enum):
    """What the map shows; the value is the word for it."""

    COMPONENTS = QT_TR_NOOP("Components")
    NORM = QT_TR_NOOP("Norm")
    DIFFICULTY = QT_TR_NOOP("Difficulty")
    ERROR = QT_TR_NOOP("Error")
    ATTENTION = QT_TR_NOOP("Attention")


class Grouping(Enum):
    """How places are grouped."""

    K_MEANS = QT_TR_NOOP("K-means")
    SPECTRAL = QT_TR_NOOP("Spectral")
    ATTENTION = QT_TR_NOOP("Attention")
    SCRIBBLES = QT_TR_NOOP("Scribbles")


@dataclass(frozen=True)
class Place:
    """A place of a layer's grid, from 0."""

    image: int
    row: int
    column: int


@dataclass(frozen=True)
class Match:
    """Where a place was found again."""

    place: Place
    similarity: float
    mutual: bool  # from there, the first place is the most similar as well


def layer_of(features: Features, layer: int) -> LayerFeatures | None:
    """What a layer holds, if it was asked for."""
    return next((one for one in features.layers if one.layer == layer), None)


def joint_components(layer: LayerFeatures) -> Components:
    """Fitted to all pictures and times of a layer, so that no colour flickers."""
    return fit_components(layer.values)


def component_colours(values: Floats, components: Components) -> Bytes:
    """(...,D) -> (...,3)."""
    return np.round(255 * components.colours(values)).astype(np.uint8)


def scalar_colours(values: Floats, colormap: str = "viridis") -> Bytes:
    """Values (I,h,w) in colours (I,h,w,3), over their joint range."""
    low, high = float(values.min()), float(values.max())
    return apply(values.astype(np.float32), low, max(high, low + 1e-9), colormap)


def similarity(values: Floats, place: Place) -> Floats:
    """Cosine of every place (I,h,w) with one of them."""
    rows = values.reshape(-1, values.shape[-1])
    one = values[place.image, place.row, place.column][None]
    return cosine_similarity(one, rows)[0].reshape(values.shape[:3])


def matches(values: Floats, place: Place) -> tuple[Match, ...]:
    """The most similar place in each of the other pictures."""
    images, _, columns, width = values.shape
    start = place.row * columns + place.column
    found = []
    for image in range(images):
        if image != place.image:
            similar = cosine_similarity(
                values[place.image].reshape(-1, width), values[image].reshape(-1, width)
            )
            best, mutual = mutual_nearest(similar)
            there = Place(image, *divmod(int(best[start]), columns))
            found.append(Match(there, float(similar[start, best[start]]), bool(mutual[start])))
    return tuple(found)


def carried(values: Floats, mask: npt.NDArray[np.bool_], image: int) -> npt.NDArray[np.bool_]:
    """A mask (h,w) that was painted on one picture, on all of them (I,h,w)."""
    images, rows, columns, width = values.shape
    painted = values[image].reshape(-1, width)
    found = np.zeros((images, rows, columns), bool)
    for other in range(images):
        similar = cosine_similarity(painted, values[other].reshape(-1, width))
        found[other] = carry_over(mask.ravel(), similar).reshape(rows, columns)
    found[image] = mask
    return found


def groups(values: Floats, how: Grouping, count: int, scribbles: Labels, seed: int = 0) -> Labels:
    """Labels (I,h,w), joint over all pictures.

    Of many places some are grouped, and each of the others joins the most similar one of those.

    Args:
        scribbles: (I,h,w), NO_LABEL where nothing was painted.
    """
    rows = values.reshape(-1, values.shape[-1]).astype(np.float32)
    if how is Grouping.SCRIBBLES:
        return spread_scribbles(rows, scribbles.ravel()).reshape(values.shape[:3])
    cluster = spectral_clusters if how is Grouping.SPECTRAL else k_means
    if len(rows) <= MOST_GROUPED:
        return cluster(rows, count, seed).reshape(values.shape[:3])
    some = np.random.default_rng(seed).permutation(len(rows))[:MOST_GROUPED]
    labels = cluster(rows[some], count, seed)
    return nearest_labels(rows[some], labels, rows, nearest=1).reshape(values.shape[:3])


def groups_of_attention(attention: Floats, count: int) -> Labels:
    """Labels (I,h,w) of attention (I,h,w,P), each picture by itself."""
    places = attention.shape[-1]
    each = [attention_groups(one.reshape(places, places), count) for one in attention]
    return np.stack(each).reshape(attention.shape[:3])


def looked_at(attention: Floats, place: Place) -> Floats:
    """What a place looks at, (I,h,w): nothing outside its own picture."""
    found = np.zeros(attention.shape[:3], np.float32)
    found[place.image] = attention[place.image, place.row, place.column].reshape(found.shape[1:])
    return found


def group_colours(labels: Labels) -> Bytes:
    """Labels (...) in colours (...,3); no label is dark grey."""
    colours = np.concatenate([GROUP_COLOURS, _UNKNOWN[None]])
    return colours[np.where(labels == NO_LABEL, len(GROUP_COLOURS), labels % len(GROUP_COLOURS))]
