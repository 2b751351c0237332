"""Pictures in, what the layers of a model hold of them out.

After "Emergent Correspondence from Image Diffusion" (DIFT, NeurIPS 2023): noise the picture to a
time, call the network once, keep the hidden states; an ensemble averages them over noises. With the
noise "context", which only networks with a time per patch can have, one patch of four is noisy and
the others are clean; four calls let every patch be a noisy one once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from pfstudio.core.application import TRACE_SUFFIX
from pfstudio.core.calibration import ContextCurve
from pfstudio.core.depth import DepthRequest
from pfstudio.core.errors import InputError
from pfstudio.core.features import Features, FeaturesRequest, FeaturesStep, LayerFeatures
from pfstudio.core.image_io import read_filling
from pfstudio.core.models import find_model
from pfstudio.core.trace import Trace
from pfstudio.core.trace_file import read_trace
from pfstudio.engine.feature_context import PHASES, context_sums, context_times
from pfstudio.engine.feature_source import (
    FeatureSource,
    Given,
    Hidden,
    RunStates,
    encode,
    pixels_of,
    source_of,
)
from pfstudio.engine.loaded_model import LoadedModel
from pfstudio.engine.memory import SteppingDown
from pfstudio.engine.model import Model
from pfstudio.engine.model_cache import ModelCache, depth_model, generator, upsampler
from pfstudio.engine.model_file import card_of
from pfstudio.engine.reporter import Reporter
from pfstudio.engine.saving import Saving
from pfstudio.flow.add_noise import ensemble_noise

Bytes = npt.NDArray[np.uint8]
Models = tuple[LoadedModel]
MOST_BYTES = 2 * 2**30  # of the features of one request
MOST_PLACES = 1024  # whose attention is told
_PIXELS = 256 * 16  # latent pixels of one call: more at once is no faster


@dataclass(frozen=True)
class _LastFiles:
    """What a model was given last: who scrubs through time asks for the same files again."""

    files: tuple[tuple[str, int, int], ...]  # name, time of change, bytes
    pictures: Bytes
    given: Given


_LAST: WeakKeyDictionary[LoadedModel, _LastFiles] = WeakKeyDictionary()


def load(request: FeaturesRequest, cache: ModelCache) -> Models:
    """The model of a request, whatever it is for; a trace names its own."""
    trace = None if request.model else _trace(request)
    name = trace.model if trace else request.model
    known = find_model(name)
    task = known.card.task if known else card_of(Path(name)).task if name else "generate"
    if task == "depth":
        return (cache.get(depth_model(DepthRequest(model=name, compute=request.compute))),)
    if task == "upscale":
        return (cache.get(upsampler(name, request.compute)),)
    return (cache.get(generator(name, request.compute)),)


def run(
    models: Models, request: FeaturesRequest, report: Reporter, *, pictures: Bytes | None = None
) -> Features:
    """Find the features.

    Args:
        pictures: (I,H,W,3) RGB instead of the request's files.

    Raises:
        Stopped: the job was cancelled.
        InputError: a picture cannot be read, the model has no such layer or noise, or the features
            would fill more than MOST_BYTES.
    """
    return _Run(models[0], request, report, pictures).run()


def save(
    result: Features, request: FeaturesRequest, models: Models, saving: Saving
) -> tuple[str, ...]:
    """Nothing: features are looked at; who wants them as a file says where."""
    return ()


class _Run:
    """The state of one run."""

    def __init__(
        self, model: LoadedModel, request: FeaturesRequest, report: Reporter, given: Bytes | None
    ) -> None:
        self.request, self.report = request, report
        self.memory = SteppingDown(model, "pictures", report.free, self._restart)
        self.trace = _trace(request) if given is None else None
        self.calls: list[int] = []
        if self.trace is not None:
            self._check_run(self.trace)
            means = self.trace.time.mean(axis=(1, 2, 3))
            self.calls = sorted({int(np.abs(means - time).argmin()) for time in request.times})
            self.times = tuple(float(means[call]) for call in self.calls)
            assert isinstance(model, Model)
            self.pictures = model.decode(self.trace.latents)
            stem = Path(request.files[0]).name.removesuffix(TRACE_SUFFIX)
            self.names = tuple(f"{stem} {i + 1}" for i in range(len(self.pictures)))
        else:
            self.times = (1.0,) if request.noise == "clean" else request.times
            self.stamps = () if given is not None else _stamps(request.files)
            last = _LAST.get(model)
            if given is not None:
                self.pictures = given
            elif last is not None and last.files == self.stamps:
                self.pictures = last.pictures
            else:
                self.pictures = _read(request.files, pixels_of(model))
            files = [Path(file).name for file in request.files]
            self.names = tuple(files) or tuple(str(i + 1) for i in range(len(self.pictures)))
        self.sources: dict[tuple[int, int], FeatureSource] = {}
        self.arrays: dict[int, npt.NDArray[np.float16]] = {}
        self.attention: dict[int, npt.NDArray[np.float16]] = {}
        self.maps: dict[str, npt.NDArray[np.float32]] = {}

    def run(self) -> Features:
        source = self.memory.whole(lambda model: self._source(0))
        self.layers = self.request.layers or ((source.layers + 1) // 2,)
        if self.request.all_layers:
            self.layers = tuple(range(1, source.layers + 1))
        self._check(source)
        self.phases = PHASES if self.request.noise == "context" else ()
        self.batch = max(1, _PIXELS // source.latents[0, 0].numel())
        self.batch_began = 0
        known = source.per_patch and getattr(self.memory.model, "has_difficulty", False)
        self.shares = self.request.context_shares if known else ()
        self.report.part(self._calls())
        self._start()
        for index in range(len(self.times)):
            work = lambda images, index=index: self._find(index, images)  # noqa: E731
            self.memory.in_batches(range(len(self.pictures)), work, self.batch)
        context = self._context()
        return Features(
            replace(self.request, layers=self.layers, model=self.memory.model.name),
            self.memory.model.name,
            self.names,
            self.pictures,
            self.times,
            tuple(
                LayerFeatures(layer, self.arrays[layer], self.attention.get(layer))
                for layer in self.layers
            ),
            self.maps.get("difficulty"),
            self.maps.get("error"),
            self.memory.execution,
            context,
        )

    @torch.inference_mode()
    def _find(self, index: int, images: Sequence[int]) -> None:
        """Fill in the features of some pictures at one time."""
        self.batch_began = self.report.done
        source, part = self._source(index), slice(images[0], images[-1] + 1)
        shape, count = tuple(source.latents.shape[1:]), self.request.ensemble_size
        members = []
        for member in range(count):
            seeds = (self.request.seed + i * count + member for i in images)
            noise = torch.cat([ensemble_noise(range(1), shape, seed) for seed in seeds])
            about = FeaturesStep(self.times[index], images[0], len(images), member)
            members.append(self._one(source, part, noise, about))
        self._keep(index, part, members)

    def _context(self) -> ContextCurve | None:
        """Of noisy patches among more and more clean ones."""
        if not self.shares:
            return None
        sums = torch.zeros(len(self.shares), 2, dtype=torch.float64)
        for index in range(len(self.times)):
            work = lambda images, index=index: self._add_context(sums, index, images)  # noqa: E731
            self.memory.in_batches(range(len(self.pictures)), work, self.batch)
        variance, error = (sums / self.maps["error"].size).T.tolist()
        return ContextCurve(self.shares, tuple(variance), tuple(error))

    def _add_context(self, sums: Tensor, index: int, images: Sequence[int]) -> None:
        """Of some pictures at one time, added at the end: with less memory they begin anew."""
        self.batch_began = self.report.done
        source, part = self._source(index), slice(images[0], images[-1] + 1)
        shape, seed, time = tuple(source.latents.shape[1:]), self.request.seed, self.times[index]
        noise = torch.cat([ensemble_noise(range(1), shape, seed + i) for i in images])
        about = FeaturesStep(time, images[0], len(images), 0)

        def call(times: Tensor) -> Hidden:
            return self._call(source, part, noise, times, about, ())

        sums += context_sums(call, time, source.grid, self.shares, seed)

    def _one(
        self, source: FeatureSource, images: slice, noise: Tensor, about: FeaturesStep
    ) -> Hidden:
        """Of one noise."""
        if not self.phases:
            full = torch.full(source.grid, about.time)
            return self._call(source, images, noise, full, about, self.layers)
        found: Hidden | None = None
        for row, column in self.phases:
            times = context_times(about.time, (row, column), source.grid)
            call = self._call(source, images, noise, times, about, self.layers)
            found = found or call
            place = (slice(None), slice(row, None, 2), slice(column, None, 2))
            for kept, told in ((found.layers, call.layers), (found.attention, call.attention)):
                for layer, values in told.items():
                    kept[layer][place] = values[place]
            for own, new in ((found.difficulty, call.difficulty), (found.error, call.error)):
                if own is not None and new is not None:
                    own[place] = new[place]
        assert found is not None
        return found

    def _call(
        self, source: FeatureSource, images: slice, noise: Tensor, times: Tensor,
        about: FeaturesStep, layers: Sequence[int],
    ) -> Hidden:  # fmt: skip
        self.report.checkpoint()
        attention = self.request.attention and source.grid[0] * source.grid[1] <= MOST_PLACES
        each = times.expand(len(noise), *times.shape)
        found = source.at(images, noise, each, layers, attention)
        for values in found.layers.values():
            self.report.check_finite(values)
        self.report.progress(about)
        return found

    def _keep(self, index: int, images: slice, members: Sequence[Hidden]) -> None:
        """The mean over the members."""
        counts = (len(self.pictures), len(self.times))
        first = members[0]
        if not self.arrays:
            sizes, shares = (
                {layer: (*counts, *values.shape[1:]) for layer, values in kind.items()}
                for kind in (first.layers, first.attention)
            )
            every = (*sizes.values(), *shares.values())
            _check_bytes(sum(2 * int(np.prod(size)) for size in every))
            self.arrays, self.attention = (
                {layer: np.zeros(size, np.float16) for layer, size in kind.items()}
                for kind in (sizes, shares)
            )
        most = float(np.finfo(np.float16).max)  # a few features of large networks lie beyond
        for layer, array in self.arrays.items():
            mean = torch.stack([member.layers[layer] for member in members]).mean(dim=0)
            array[images, index] = mean.clamp(-most, most).numpy()
        for layer, array in self.attention.items():
            mean = torch.stack([member.attention[layer] for member in members]).mean(dim=0)
            array[images, index] = mean.numpy()
        for name in ("difficulty", "error"):
            each = [getattr(member, name) for member in members]
            if each[0] is not None:
                full = np.zeros((*counts, *each[0].shape[1:]), np.float32)
                self.maps.setdefault(name, full)[images, index] = torch.stack(each).mean(0).numpy()

    def _source(self, index: int) -> FeatureSource:
        """The model with the pictures, or with the states of a call."""
        model, run = self.memory.model, self.trace is not None
        key = (id(model), index if run else 0)
        if key not in self.sources:
            if run:
                assert isinstance(model, Model)
                assert self.trace is not None
                self.sources[key] = RunStates(model, self.trace, self.calls[index])
            else:
                given = self._given(model)
                self.sources[key] = source_of(model, given, self.request.condition)
        return self.sources[key]

    def _given(self, model: LoadedModel) -> Given:
        last = _LAST.get(model)
        if last is not None and self.stamps and last.files == self.stamps:
            return last.given
        given = encode(model, self.pictures)
        if self.stamps:
            _LAST[model] = _LastFiles(self.stamps, self.pictures, given)
        return given

    def _start(self) -> None:
        notices = tuple(getattr(self.memory.model, "notices", ())) + self.memory.notices
        grid = self._source(0).grid
        self.report.start(self.memory.model, grid, len(self.pictures), notices)

    def _restart(self) -> None:
        """Some pictures begin anew, with less memory."""
        self.report.take_back(self.report.done - self.batch_began)
        self.report.plan(self._calls())
        self._start()

    def _calls(self) -> int:
        batches = -(-len(self.pictures) // min(self.batch, self.memory.most))
        members = self.request.ensemble_size * max(1, len(self.phases))
        return batches * len(self.times) * (members + len(self.shares) * len(PHASES))

    def _check_run(self, trace: Trace) -> None:
        if self.request.noise != "uniform" or self.request.ensemble_size > 1:
            raise InputError(
                "The states of a run are noisy as they are.",
                "Leave noise and ensemble size as they are.",
            )
        if self.request.condition is not None:
            raise InputError("A run has conditions of its own.", "Give no class and no prompt.")
        name, of = self.memory.model.name, trace.model
        if name != of:
            raise InputError(f"That is a run of {of}, not of {name}.", f"Choose {of}.")

    def _check(self, source: FeatureSource) -> None:
        name = self.memory.model.name
        for layer in self.layers:
            if layer > source.layers:
                raise InputError(
                    f"{name} has no layer {layer}.", f"Its layers are 1 to {source.layers}."
                )
        if self.request.noise == "context" and not source.per_patch:
            raise InputError(
                f"{name} cannot see clean and noisy patches at once.",
                "Use uniform noise, or a generator with a time per patch.",
            )


def _trace(request: FeaturesRequest) -> Trace | None:
    """The run whose states are wanted, if it is one.

    Raises:
        InputError: nothing is wanted, or a run together with other files.
    """
    if not request.files:
        raise InputError("There is no image.", "Give image files, or a trace.")
    if not any(file.endswith(TRACE_SUFFIX) for file in request.files):
        return None
    if len(request.files) > 1:
        raise InputError("A run cannot be looked at together with other files.", "Give it alone.")
    return read_trace(request.files[0])


def _stamps(files: Sequence[str]) -> tuple[tuple[str, int, int], ...]:
    """What tells whether files are still the same; () where one of them is not there."""
    try:
        found = [(file, Path(file).stat()) for file in files]
    except OSError:
        return ()
    return tuple((file, about.st_mtime_ns, about.st_size) for file, about in found)


def _read(files: Sequence[str], side: int) -> Bytes:
    return np.stack([read_filling(file, (side, side)) for file in files])


def _check_bytes(size: int) -> None:
    if size > MOST_BYTES:
        raise InputError(
            f"These features would fill {size / 2**30:.1f} GB, more than {MOST_BYTES // 2**30} GB.",
            "Ask for fewer images, layers or times.",
        )
