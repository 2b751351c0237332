"""A cancel ends a network call in its middle: no further layer of a tile is computed."""

from __future__ import annotations

import numpy as np
import pytest
from small_models import small_model, small_upsampler

from pfstudio.core.events import Cancelled, Started, Step
from pfstudio.core.requests import GenerateRequest
from pfstudio.core.samplers import Euler
from pfstudio.core.upscale import Upscale, UpscaleRequest, UpscaleStep
from pfstudio.engine.control import Control
from pfstudio.engine.generate import generate
from pfstudio.engine.upscale import run_upscale

PICTURE = np.random.default_rng(0).integers(0, 256, (100, 100, 3), np.uint8)
LAYERS = {  # of the network, of the decoder and of the encoder, each early in its own
    "network": lambda model: model.network.into,
    "decoder": lambda model: model.autoencoder.network.decoder.into,
    "encoder": lambda model: model.autoencoder.network.encoder.into,
}


def watched(model, layer, control, when):
    """Cancels while a layer computes for the `when`-th time; what was computed after it."""
    seen, after = [], []

    def cancel(module, inputs, output):
        seen.append(module)
        if len(seen) == when:
            control.cancel()

    def note(module, inputs, output):
        if control.cancelled and module is not layer:
            after.append(module)

    layer.register_forward_hook(cancel)
    for part in (model.network, model.autoencoder):
        for module in part.modules():
            if not list(module.children()):
                module.register_forward_hook(note)
    return after


@pytest.mark.parametrize("name", LAYERS)
def test_no_further_layer_is_computed(name) -> None:
    model, control = small_upsampler(), Control()
    after = watched(model, LAYERS[name](model), control, 2 if name == "network" else 1)
    request = UpscaleRequest(upscale=Upscale(tile=128))
    events = list(run_upscale(model, request, control, picture=PICTURE))
    assert isinstance(events[-1], Cancelled)
    steps = [event for event in events if isinstance(event, UpscaleStep)]
    if name == "network":
        assert len(steps) == 1  # the first call, of two
        assert steps[0].tiles == 2
    assert after == []


def test_the_model_can_be_used_again() -> None:
    model, control = small_upsampler(), Control()
    hooks = sum(len(m._forward_pre_hooks) for m in model.network.modules())
    control.cancel()
    assert isinstance(
        list(run_upscale(model, UpscaleRequest(), control, picture=PICTURE))[-1], Cancelled
    )
    assert sum(len(m._forward_pre_hooks) for m in model.network.modules()) == hooks
    *_, last = run_upscale(model, UpscaleRequest(), picture=PICTURE)
    assert last.result.image.shape == (200, 200, 3)


def test_a_recipe_that_upscales_keeps_its_trace() -> None:
    upscaler, control = small_upsampler(), Control()
    after = watched(upscaler, upscaler.network.into, control, 1)
    request = GenerateRequest(sampler=Euler(steps=2), upscale=Upscale("small-upsampler"))
    events = list(generate(small_model(), request, control, upscaler=upscaler))
    assert [type(event) for event in events] == [Started, Step, Step, Cancelled]
    assert events[-1].trace.nfe == 2
    assert after == []
