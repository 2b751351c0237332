"""Back-projection: an enlarged picture is moved so that, shrunk again, it becomes the picture.

Irani and Peleg, "Improving resolution by image registration" (1991): what the shrunk result lacks
is enlarged and added, a few times over. It also takes out differences of colour between tiles.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

_ROUNDS = 4  # after these the shrunk result is within half a grey level of the picture


def back_project(result: Floats, picture: Floats, strength: float = 1.0) -> Floats:
    """The result (F H,F W,3), moved by `strength` of the way towards consistency.

    Args:
        result: enlarged by a whole factor F, in any units.
        picture: (H,W,3) that it was made of, in the same units.
        strength: 0 returns the result as it is, 1 the consistent one.
    """
    if strength == 0:
        return result
    corrected = result
    for _ in range(_ROUNDS):
        corrected = corrected + enlarged(picture - shrunk(corrected, picture), result)
    return (result + np.float32(strength) * (corrected - result)).astype(np.float32)


def shrunk(result: Floats, picture: Floats) -> Floats:
    """The result at the size of the picture: the mean of every F x F pixels."""
    height, width = picture.shape[:2]
    return np.asarray(cv2.resize(result, (width, height), interpolation=cv2.INTER_AREA))


def enlarged(picture: Floats, result: Floats) -> Floats:
    """The picture at the size of the result, bicubic."""
    height, width = result.shape[:2]
    return np.asarray(cv2.resize(picture, (width, height), interpolation=cv2.INTER_CUBIC))
