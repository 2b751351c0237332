"""A cancel ends a network call in its middle: no further layer of a tile is computed."""

from __future__ import annotations

import numpy as np
import pytest
from sessions import events_of
from small_models import small_model, small_upsampler
from torch.nn.modules.module import _global_forward_pre_hooks

from pfstudio.core.events import Cancelled, Finished, Progress, Started
from pfstudio.core.requests import GenerateRequest
from pfstudio.core.samplers import Euler
from pfstudio.core.upscale import Upscale, UpscaleRequest
from pfstudio.engine.control import Control

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
    events = events_of(request, model, control=control, picture=PICTURE)
    assert isinstance(events[-1], Cancelled)
    steps = [event for event in events if isinstance(event, Progress)]
    if name == "network":
        assert len(steps) == 1  # the first call, of two
        assert steps[0].detail.tiles == 2
    assert after == []


def test_the_model_can_be_used_again() -> None:
    model, control = small_upsampler(), Control()
    hooks = len(_global_forward_pre_hooks)
    control.cancel()
    stopped = events_of(UpscaleRequest(), model, control=control, picture=PICTURE)[-1]
    assert isinstance(stopped, Cancelled)
    assert len(_global_forward_pre_hooks) == hooks
    last = events_of(UpscaleRequest(), model, picture=PICTURE)[-1]
    assert isinstance(last, Finished)
    assert last.result.image.shape == (200, 200, 3)


def test_a_recipe_that_upscales_keeps_its_trace() -> None:
    upscaler, control = small_upsampler(), Control()
    after = watched(upscaler, upscaler.network.into, control, 1)
    request = GenerateRequest(sampler=Euler(steps=2), upscale=Upscale("small-upsampler"))
    events = events_of(request, small_model(), upscaler, control=control)
    assert [type(event) for event in events] == [Started, Progress, Progress, Cancelled]
    assert events[-1].result.trace.nfe == 2
    assert after == []
