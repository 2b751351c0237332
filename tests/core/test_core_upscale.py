"""Upscaling requests: JSON there and back, and sentences for what cannot be."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pfstudio.core.errors import InputError
from pfstudio.core.image_io import read_colour_and_alpha, read_picture
from pfstudio.core.requests import Compute
from pfstudio.core.upscale import Upscale, Upscaled, UpscaleRequest
from pfstudio.core.upscale_files import over_white, write_upscaled


def test_a_request_survives_json() -> None:
    request = UpscaleRequest(
        "a.png", Upscale("m", 4, 3, "euler", "patch-wise", 0.7, 0.5, 256, 9, "latents")
    )
    request = replace(request, compute=Compute("cpu"))
    assert UpscaleRequest.from_json(request.to_json()) == request


@pytest.mark.parametrize("metadata", [True, False])
@pytest.mark.parametrize("alpha", [None, np.full((16, 24), 9, np.uint8)])
def test_a_result_is_written_though_its_picture_is_gone(
    tmp_path: Path, metadata: bool, alpha: np.ndarray | None
) -> None:
    picture, image = np.zeros((8, 12, 3), np.uint8), np.full((16, 24, 3), 7, np.uint8)
    result = Upscaled(Upscale(), "m", picture, image, np.ones((1, 1), np.int32), None, alpha=alpha)
    path = tmp_path / "out.png"
    write_upscaled(path, result, tmp_path / "gone.png", metadata=metadata)
    layers = read_colour_and_alpha(path)
    assert np.array_equal(layers.colours, image)
    assert alpha is None or np.array_equal(layers.alpha, alpha)
    assert np.array_equal(read_picture(path), over_white(result))


@pytest.mark.parametrize(
    "values",
    [
        {"factor": 3},
        {"steps": 0},
        {"solver": "magic"},
        {"clock": "cuckoo"},
        {"enlarge": "wishes"},
        {"clock": "patch-wise", "solver": "heun"},
        {"easy_share": 1.5},
        {"consistency": -0.1},
        {"tile": -1},
        {"seed": -1},
    ],
)
def test_impossible_settings_are_refused(values: dict[str, object]) -> None:
    with pytest.raises(InputError):
        Upscale(**values)  # type: ignore[arg-type]


def test_foreign_json_is_refused() -> None:
    for text in ("", "[]", '{"schema": 1, "colour": 2}', json.dumps({"schema": 99})):
        with pytest.raises(InputError):
            UpscaleRequest.from_json(text)
