"""Everything that people set says what it may be, and refuses the rest in one sentence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, replace
from typing import Any

import pytest

from pfstudio.core.card import ModelCard
from pfstudio.core.conditions import ClassLabel, Prompt
from pfstudio.core.depth import DepthRequest
from pfstudio.core.errors import InputError
from pfstudio.core.execution import Execution, Kernels
from pfstudio.core.guidance import GUIDANCES, ClassifierFree, Interval
from pfstudio.core.parameters import parameters_of
from pfstudio.core.requests import Branch, Compute, GenerateRequest
from pfstudio.core.samplers import SAMPLERS, Euler
from pfstudio.core.settings import Settings
from pfstudio.core.upscale import Upscale, UpscaleRequest

GOOD = (
    GenerateRequest(branch=Branch("a", 1), upscale=Upscale(), compute=Compute("cuda:1")),
    DepthRequest(),
    UpscaleRequest(),
    Upscale(),
    Compute(),
    Settings(),
    Execution("cpu", "float32", 2),
    Kernels(),
    Euler(),
    ClassLabel(),
    Prompt(),
    ModelCard("a", "A", "dit"),
)
NO_FIELD_TAKES_THESE = (object(), {"a": object}, b"bytes", ("x", 1.5, None))


@pytest.mark.parametrize("good", GOOD, ids=lambda good: type(good).__name__)
def test_no_field_of_any_kind_takes_a_value_of_another_type(good: Any) -> None:
    for name in (field.name for field in fields(good)):
        for wrong in NO_FIELD_TAKES_THESE:
            if isinstance(wrong, dict) and isinstance(getattr(good, name), dict):
                continue
            with pytest.raises(InputError, match="is "):
                replace(good, **{name: wrong})


@pytest.mark.parametrize(
    ("good", "changes"),
    [
        (GenerateRequest(), {"seed": 1.5}),
        (GenerateRequest(), {"seed": True}),
        (GenerateRequest(), {"height": -64}),
        (GenerateRequest(), {"width": 10**7}),
        (GenerateRequest(), {"start_time": float("nan")}),
        (GenerateRequest(), {"count": 0}),
        (DepthRequest(), {"ensemble_size": 2.5}),
        (DepthRequest(), {"flip_augmentation": "no"}),
        (DepthRequest(), {"processing_resolution": 10**7}),
        (DepthRequest(), {"seed": 10**400}),
        (Upscale(), {"factor": 2.0}),
        (Upscale(), {"tile": 10**7}),
        (Compute(), {"threads": 100_000}),
        (Compute(), {"device": "cpu:"}),
        (Compute(), {"device": "cpu:7"}),
        (Compute(), {"precision": "bananas"}),
        (Settings(), {"preview_share": float("inf")}),
        (Euler(), {"grid": (0.0, 1.0)}),
        (Euler(2), {"grid": (0.0, float("nan"), 1.0)}),
    ],
)
def test_values_outside_their_range_are_refused(good: Any, changes: Any) -> None:
    with pytest.raises(InputError) as told:
        replace(good, **changes)
    assert len(str(told.value)) < 500


def test_what_is_allowed_beyond_what_is_offered_stays_allowed() -> None:
    assert DepthRequest(seed=2**40, processing_resolution=-1, tile=4096).tile == 4096


@pytest.mark.parametrize(
    "good", [one for one in GOOD if hasattr(one, "to_json")], ids=lambda good: type(good).__name__
)
def test_json_gives_back_what_it_was_made_of(good: Any) -> None:
    text = good.to_json()
    if isinstance(good, ModelCard):
        text = text.replace('"task": ""', '"task": "generate"')
        good = replace(good, task="generate")
    assert type(good).from_json(text) == good


def test_an_interval_without_length_guides_nothing() -> None:
    nothing = Interval(4.0, 0.0, 0.0)
    assert not nothing.needs_negative
    assert nothing.passes == 1.0
    import numpy as np

    time = np.linspace(0, 1, 5, dtype=np.float32)
    assert nothing.strength(time).tolist() == [1.0] * 5
    assert ClassifierFree(4.0).needs_negative


def test_no_sampler_and_no_rule_share_a_label() -> None:
    """The A1111 text of a picture tells both by their labels alone."""

    def labels_of(kinds: Iterable[Any]) -> set[str]:
        return {about.label for kind in kinds for about in parameters_of(kind)}

    assert not labels_of(SAMPLERS.values()) & labels_of(GUIDANCES.values())
