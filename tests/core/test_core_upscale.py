"""Upscaling requests: JSON there and back, and sentences for what cannot be."""

import json
from dataclasses import replace

import pytest

from pfstudio.core.errors import InputError
from pfstudio.core.requests import Compute
from pfstudio.core.upscale import Upscale, UpscaleRequest


def test_a_request_survives_json() -> None:
    request = UpscaleRequest(
        "a.png", Upscale("m", 4, 3, "euler", "patch-wise", 0.7, 0.5, 256, 9, "latents")
    )
    request = replace(request, compute=Compute("cpu"))
    assert UpscaleRequest.from_json(request.to_json()) == request


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
