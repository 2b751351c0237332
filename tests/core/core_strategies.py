"""Random but valid requests and traces for property tests."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from hypothesis import strategies as st

from pfstudio.core.conditions import ClassLabel, NoCondition, PictureCondition, Prompt
from pfstudio.core.execution import Execution, Kernels
from pfstudio.core.guidance import GUIDANCES
from pfstudio.core.parameters import parameters_of
from pfstudio.core.requests import DEVICES, PRECISIONS, Branch, Compute, GenerateRequest
from pfstudio.core.samplers import SAMPLERS
from pfstudio.core.trace import Trace

NAMES = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=12)


@cache
def settings_of(kind: Any) -> st.SearchStrategy[Any]:
    fields: dict[str, st.SearchStrategy[Any]] = {}
    for about in parameters_of(kind):
        if about.task:
            fields[about.name] = NAMES
        elif about.choices:
            fields[about.name] = st.sampled_from(about.choices)
        elif about.kind is int:
            fields[about.name] = st.integers(int(about.minimum or 0), int(about.maximum or 9))
        else:
            low, high = about.minimum or 0.0, about.maximum or 1.0
            hundredths = st.integers(round(low * 100), round(high * 100))
            fields[about.name] = hundredths.map(lambda n: n / 100)
    if "t_min" in fields:  # in this order
        fields["t_min"] = st.integers(0, 50).map(lambda n: n / 100)
        fields["t_max"] = st.integers(50, 100).map(lambda n: n / 100)
    return st.builds(kind, **fields)


@cache
def conditions() -> st.SearchStrategy[tuple[PictureCondition, ...]]:
    """Of one kind, up to four."""
    kinds = (st.builds(ClassLabel, st.integers(0, 999)), st.builds(Prompt, NAMES, NAMES))
    lists = [st.lists(kind, min_size=1, max_size=4) for kind in kinds]
    return st.one_of(*lists, st.just([NoCondition()])).map(tuple)


@st.composite
def requests(draw: st.DrawFn) -> GenerateRequest:
    image = draw(st.sampled_from(["", "photo.png"]))
    paint = draw(st.lists(st.integers(0, 3 if image else 2), max_size=16))
    return GenerateRequest(
        model=draw(NAMES),
        conditions=draw(conditions()),
        seed=draw(st.integers(0, 2**62)),
        count=draw(st.integers(1, 5)),
        sampler=draw(st.one_of([settings_of(kind) for kind in SAMPLERS.values()])),
        guidance=draw(st.one_of([settings_of(kind) for kind in GUIDANCES.values()])),
        height=draw(st.sampled_from([0, 64, 96])),
        width=draw(st.sampled_from([0, 64, 96])),
        noise_file=draw(NAMES),
        masks_file=draw(NAMES),
        image_file=image,
        start_time=draw(st.sampled_from([0.0, 0.25, 0.875])) if image else 0.0,
        paint=tuple(paint),
        branch=draw(st.none() | st.builds(Branch, NAMES, st.integers(0, 99))),
        compute=Compute(
            draw(st.sampled_from(DEVICES)),
            draw(st.sampled_from(PRECISIONS)),
            draw(st.integers(0, 8)),
            draw(st.none() | executions()),
        ),
    )


def executions() -> st.SearchStrategy[Execution]:
    return st.builds(
        Execution,
        st.sampled_from(["cpu", "cuda:1", "mps"]),
        st.sampled_from(PRECISIONS[1:]),
        st.integers(0, 64),
        st.builds(
            Kernels,
            st.sampled_from(["sdpa", "matmul"]),
            st.sampled_from(["tanh", "erf"]),
            st.sampled_from(["plain", "packed"]),
        ),
        st.sampled_from(["highest", "medium"]),
        NAMES,
        NAMES,
        st.integers(1, 9),
    )


@st.composite
def traces(draw: st.DrawFn) -> Trace:
    nfe, images = draw(st.integers(1, 4)), draw(st.integers(1, 3))
    rows, columns = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    latents = (images, 4, rows * 2, columns * 2)

    def floats(*shape: int, kind: Any = np.float32) -> Any:
        return random.standard_normal(shape).astype(kind)

    kept = draw(st.booleans())
    maps = (nfe, images, rows, columns)
    return Trace(
        draw(requests()),
        draw(NAMES),
        noise=floats(*latents),
        latents=floats(*latents),
        time=random.random(maps, np.float32),
        difficulty=np.full(maps, np.nan, np.float32) if draw(st.booleans()) else floats(*maps),
        role=random.integers(0, 6, maps).astype(np.uint8),
        speed=floats(*maps),
        tokens=random.integers(0, 99, nfe).astype(np.int32),
        seconds=np.cumsum(random.random(nfe, np.float32), dtype=np.float32),
        states=floats(nfe + 1, *latents, kind=np.float16) if kept else None,
        predictions=floats(nfe, *latents, kind=np.float16) if kept else None,
        kept=random.integers(0, 2, (nfe, images, 2, 1, rows, columns), np.uint8) if kept else None,
        difference=np.abs(floats(*maps)) if kept else None,
        flops=random.random(nfe) if kept else None,
        execution=draw(st.none() | executions()),
    )
