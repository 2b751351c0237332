"""Makes the small pictures of a model's classes that its class list shows.

    python -m pfstudio.drivers.class_pictures MODEL

One picture of each class, seed 0, none chosen, in a square sheet in the model's folder.
"""

from __future__ import annotations

import math
import sys

import numpy as np
from PIL import Image

import pfstudio
from pfstudio.core.errors import InputError
from pfstudio.core.metadata import save_picture
from pfstudio.core.models import find_model
from pfstudio.ui.recipe.class_field import PICTURES_NAME

SIDE = 32
STEPS = 40
_AT_ONCE = 32


def make_class_pictures(name: str) -> None:
    """Write the sheet; it takes about a second a class.

    Raises:
        InputError: there is no such model, or it has no classes.
    """
    model = find_model(name)
    if model is None or not model.card.classes:
        raise InputError(f"There is no model {name!r} with classes.")
    count = len(model.card.classes)
    columns = math.ceil(math.sqrt(count))
    sheet = np.full((-(-count // columns) * SIDE, columns * SIDE, 3), 255, np.uint8)
    loaded = pfstudio.load(name)
    for first in range(0, count, _AT_ONCE):
        wanted = list(range(first, min(first + _AT_ONCE, count)))
        run = pfstudio.generate(loaded, classes=wanted, sampler="euler", steps=STEPS)
        for index, pixels in zip(wanted, run.images, strict=True):
            row, column = divmod(index, columns)
            small = Image.fromarray(pixels).resize((SIDE, SIDE), Image.Resampling.LANCZOS)
            place = slice(row * SIDE, (row + 1) * SIDE), slice(column * SIDE, (column + 1) * SIDE)
            sheet[place] = np.asarray(small)
    save_picture(model.folder / PICTURES_NAME, sheet)


if __name__ == "__main__":
    make_class_pictures(sys.argv[1])
