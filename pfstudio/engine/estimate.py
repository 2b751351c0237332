"""What a run costs: operations and memory from the network's sizes, seconds from the last run."""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass

from pfstudio.core.conditions import Prompt
from pfstudio.core.documents import read_json
from pfstudio.core.errors import PfstudioError
from pfstudio.core.files import write_text
from pfstudio.core.jobs import Estimated
from pfstudio.core.paths import cache_folder
from pfstudio.core.requests import GenerateRequest
from pfstudio.core.routes import kept_tokens, shared_blocks, tokens_of_blocks
from pfstudio.engine.initial_state import read_branch
from pfstudio.engine.memory import batch_size
from pfstudio.engine.model import Model

_FILE = "seconds.json"


@dataclass(frozen=True)
class Plan:
    """How a run will be carried out."""

    tokens: int  # per picture, F
    passes: int  # of a picture in a call, at most: guidance asks more than once
    image_bytes: int  # that a picture fills at the peak of a call
    batch: int  # pictures sampled at once
    batches: int


def plan(model: Model, request: GenerateRequest, shape: tuple[int, int, int]) -> Plan:
    """How many pictures of latents (C,H,W) to sample at once."""
    tokens = shape[1] * shape[2] // model.patch_size**2
    size = model.execution.dtype.itemsize
    each = model.architecture.activation_bytes(model.network.config, tokens, size)
    passes = math.ceil(request.guidance.passes)
    image = passes * each
    then = request.compute.execution
    batch = (
        batch_size(request.images, image, str(model.device))
        if then is None
        else min(request.images, then.batch)
    )
    return Plan(tokens, passes, image, batch, -(-request.images // batch))


def estimate(model: Model, request: GenerateRequest) -> Estimated:
    """Calls, operations, memory and, once this model was timed here, seconds."""
    planned = plan(model, request, model.latent_shape(request))
    config, times = model.network.config, _times_of_calls(request)
    flops = request.images * flops_of_image(model, request, planned.tokens, times)
    tokens = flops / model.architecture.flops(config, planned.tokens) * planned.tokens
    memory = model.bytes + planned.batch * planned.image_bytes
    per_token = seconds_per_token(model)
    prompts = [one for one in request.conditions if isinstance(one, Prompt)]
    texts = [one.text for one in prompts if one.text]
    encoder = model.text_encoder if texts else None
    return Estimated(
        request,
        len(times) * planned.batches,
        flops / 1e12,
        memory / 2**20,
        None if per_token is None else per_token * tokens,
        execution=model.execution.record(),
        prompt_tokens=max(encoder.count_tokens(texts)) if encoder else 0,
        max_prompt_tokens=encoder.max_tokens if encoder else 0,
        calls=len(times),
    )


def _times_of_calls(request: GenerateRequest) -> list[float]:
    """Mean time of the patches at each call of a batch, evenly apart; a branch makes the last ones.

    Raises:
        InputError: its trace cannot be read, or does not fit.
    """
    nfe = request.sampler.nfe
    if request.branch is None:
        return [call / nfe for call in range(nfe)]
    _, begin = read_branch(request, whole=False)
    if begin.goes_on:
        return [call / nfe for call in range(request.branch.call, nfe)]
    nfe = begin.sampler.nfe
    return [1 - begin.left + begin.left * call / nfe for call in range(nfe)]


def flops_of_image(
    model: Model, request: GenerateRequest, tokens: int, times: Sequence[float] | None = None
) -> float:
    """Operations of all calls of one picture of so many tokens.

    Args:
        times: of the calls; None: those of a whole run, evenly apart.
    """
    config, blocks = model.network.config, model.network.routable_layers
    routes, flops = model.card.routes, model.architecture.flops
    nfe, total = request.sampler.nfe, 0.0
    for time in [call / nfe for call in range(nfe)] if times is None else times:
        for one in request.guidance.passes_at(time):
            if one.disturbed is not None and blocks:
                total += flops(config, tokens, [tokens] * one.disturbed.computed(blocks))
                continue
            if not (one.share or one.shared) or not routes:
                total += flops(config, tokens)
                continue
            kept = [kept_tokens(tokens, one.share)] * len(routes)
            counts = tokens_of_blocks(tokens, blocks, routes, kept)
            total += flops(config, tokens, counts[shared_blocks(routes) if one.shared else 0 :])
    return total


def seconds_per_token(model: Model) -> float | None:
    """Measured at the last run of this model on this device in this precision; None: never."""
    value = _measured().get(_key(model))
    return value if isinstance(value, float) else None


def remember_seconds(model: Model, seconds: float, tokens: int) -> None:
    """Store what a finished run took."""
    measured = _measured() | {_key(model): seconds / max(1, tokens)}
    try:
        write_text(cache_folder() / _FILE, json.dumps(measured))
    except PfstudioError as error:  # an estimate is no reason to fail a run that succeeded
        logging.getLogger(__name__).warning("timings are not remembered: %s", error)


def _key(model: Model) -> str:
    wished = model.execution.compute.threads  # 0: what is chosen changes with the images at once
    return f"{model.name} {model.device} {model.precision} {wished}"


def _measured() -> dict[str, float]:
    try:
        data = read_json(cache_folder() / _FILE)
    except (OSError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}
