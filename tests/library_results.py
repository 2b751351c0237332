"""Results on disk for tests of the library."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from pfstudio.core.conditions import Prompt
from pfstudio.core.paths import pictures_folder
from pfstudio.core.requests import GenerateRequest
from pfstudio.core.result_files import REQUEST_NAME
from pfstudio.core.results import save_pictures

MORNING = datetime(2026, 11, 23, 10)


def save_results(prompts: Sequence[str], *, images: int = 1) -> list[Path]:
    """A result folder for each prompt, a minute apart, the last the newest; their first images."""
    found = []
    for number, prompt in enumerate(prompts):
        when = MORNING + timedelta(minutes=number)
        folder = pictures_folder() / f"{when:%Y-%m-%d}" / f"{when:%H%M%S}-writer"
        folder.mkdir(parents=True)
        request = GenerateRequest(model="writer", conditions=(Prompt(prompt),), count=images)
        pixels = np.full((images, 16, 16, 3), 40 * number % 256, np.uint8)
        paths = save_pictures(folder, "image", pixels, request)
        (folder / REQUEST_NAME).write_text(request.to_json(), encoding="utf-8")
        for path in paths:
            os.utime(path, (when.timestamp(),) * 2)
        found.append(paths[0])
    return found
