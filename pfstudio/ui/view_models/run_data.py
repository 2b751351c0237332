"""What is known about one run, growing while it runs. Plain numpy; no Qt and no torch.

Calls, patch rows, patch columns and images all count from 0. T calls, B images, n x m patches.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from enum import Enum

import numpy as np
import numpy.typing as npt

from pfstudio.core.conditions import Prompt
from pfstudio.core.events import Bytes, Floats, Halfs, Progress, Started
from pfstudio.core.execution import Execution
from pfstudio.core.generation import Generated, GenerateStep
from pfstudio.core.requests import GenerateRequest
from pfstudio.core.trace import Role, Trace
from pfstudio.core.words import words_of
from pfstudio.ui.language import QT_TR_NOOP
from pfstudio.ui.view_models.latent_colours import LatentColours
from pfstudio.ui.view_models.scan_data import ScanData

MOVING = (Role.TOGETHER, Role.FAST, Role.SLOW)  # roles in which a patch takes a step
NOISY_PICTURES = 64  # decoded states that one run keeps: only those under the cursor are asked for
MASK_WORDS = (
    QT_TR_NOOP("skipped"),
    QT_TR_NOOP("weak only"),
    QT_TR_NOOP("strong only"),
    QT_TR_NOOP("both"),
)
PICTURE_BYTES = 256 * 2**20  # decoded pictures that one run keeps in memory
_opened = itertools.count(1)  # numbers of the runs that were opened from files


class Source(Enum):
    """Where a shown picture comes from."""

    FINAL = QT_TR_NOOP("final image")
    DECODED = QT_TR_NOOP("decoded")
    LINEAR = QT_TR_NOOP("linear preview")
    NEAREST = QT_TR_NOOP("decoded nearby")


@dataclass(frozen=True)
class Picture:
    """A picture to show. `pixels` (H,W,3) RGB; `call` is the call that it belongs to."""

    pixels: Bytes
    source: Source
    call: int


def patch_on(grid: tuple[int, int], patch: tuple[int, int], of: tuple[int, int]) -> tuple[int, int]:
    """The patch of a grid where a patch of another has its middle."""
    row, column = ((2 * at + 1) * n // (2 * m) for at, n, m in zip(patch, grid, of, strict=True))
    return row, column


class RunData:
    """The maps, latents and pictures of one run. Only the GUI thread touches it.

    Large runs are sampled in batches of images one after the other, so how many calls are known
    depends on the image.
    """

    def __init__(
        self, request: GenerateRequest, job: int, nfe: int, images: int, grid: tuple[int, int]
    ) -> None:
        self.request = request
        self.execution: Execution | None = None  # how it was computed; known at the end
        self.job = job
        self.images = images
        self.grid = grid
        self.expected = max(nfe, 1)  # calls for an image, as far as known
        self.ended = False
        self.started: Started | None = None
        self.elapsed = 0.0  # seconds of sampling up to now
        self.eta = 0.0  # expected seconds until the end
        self.view_seconds: float | None = None  # decoding for live views; None: not measured
        self.look_seconds = 0.0  # drawing them: processor time of the window's thread
        self.word: int | None = None  # the word of the prompt that is looked at
        self.layer: int | None = None  # of its attention; None: the mean of all
        self.tokens_computed = 0
        self.flops = 0.0  # operations of all calls so far
        self._kept: dict[tuple[int, int], Bytes] = {}  # (call, image): (2,R,n,m)
        self._differences: dict[tuple[int, int], Floats] = {}  # (call, image): (n,m)
        self.patch_calls = 0  # patches times calls, as if nothing had been saved
        self.final: Bytes | None = None  # (B,H,W,3)
        self.colours = LatentColours()
        self.scan = ScanData(grid)
        self.batch = range(images)  # of images that calls are made for now
        self._known = [0] * images
        self._states: dict[tuple[int, int], Halfs] = {}  # (call, image): (C,H,W)
        self._words: dict[tuple[int, int], Halfs] = {}  # (call, image): (layers,n,m,W)
        self._predictions: dict[tuple[int, int], Halfs] = {}
        self._pictures: dict[tuple[int, int], Bytes] = {}  # (call, image): (H,W,3)
        self._noisy: dict[tuple[int, int], Bytes] = {}  # decoded states (H,W,3)
        self._newest: dict[int, int] = {}  # image: the call whose picture came last
        self._pictures_came = 0
        self._allocate(self.expected)

    @classmethod
    def live(cls, started: Started, request: GenerateRequest) -> RunData:
        """The empty beginning of a run."""
        data = cls(request, started.job, started.nfe, started.images, started.grid)
        data.started = started
        return data

    @classmethod
    def opened(cls, trace: Trace, images: Bytes | None) -> RunData:
        """A finished run, e.g. from a trace file; its number is that of no job."""
        rows, columns = trace.time.shape[2:]
        data = cls(trace.request, -next(_opened), trace.nfe, trace.time.shape[1], (rows, columns))
        data.finish(Generated(images, trace))
        return data

    # -- growing ------------------------------------------------------------------------------

    def append(self, progress: Progress) -> None:
        """Take one call. Calls that were skipped on the way here repeat this one's maps.

        A call that is known already is told again: two views follow the same run.
        """
        step: GenerateStep = progress.detail
        call = step.call
        if call < self._known[step.first]:
            return
        if call >= len(self.time):
            self._allocate(max(2 * len(self.time), call + 1))
        images = self.batch = range(step.first, step.first + len(step.time))
        rows = slice(self._known[step.first], call + 1)
        at = (rows, slice(images.start, images.stop))
        self.time[at] = step.time
        self.difficulty[at] = np.nan if step.difficulty is None else step.difficulty
        self.speed[at] = step.speed
        self.role[at] = step.role
        told = (
            (step.state, self._states), (step.prediction, self._predictions),
            (step.words, self._words), (step.kept, self._kept),
            (step.difference, self._differences),
        )  # fmt: skip
        for place, image in enumerate(images):
            for values, of in told:
                if values is not None:
                    of[call, image] = values[place]
            self._known[image] = max(self._known[image], call + 1)
        if step.scans is not None:
            self.scan.keep(call, step.first, step.scans, step.scan)
        self.expected = max(step.nfe, call + 1)
        self.tokens_computed += step.tokens
        self.flops += step.flops
        self.patch_calls += step.role.size
        self.elapsed, self.eta = progress.elapsed, progress.eta
        self.view_seconds = step.view_seconds or self.view_seconds

    def finish(self, result: Generated | None) -> None:
        """The run is over (done or stopped); the trace replaces what was collected live.

        Of a run that was stopped it has only the images that were begun.
        """
        self.ended = True
        self.eta = 0.0
        if result is None:
            self.expected = max(self.done, 1)
            return
        trace, images = result.trace, result.images
        self.final = images
        self.execution = trace.execution
        self.expected = max(trace.nfe, 1)
        self.images = trace.time.shape[1]
        self._known = [trace.nfe] * self.images
        self.time, self.difficulty = trace.time, trace.difficulty
        self.speed, self.role = trace.speed, trace.role
        self.tokens_computed = int(trace.tokens.sum())
        self.patch_calls = trace.role.size
        self.elapsed = float(trace.seconds[-1]) if trace.nfe else 0.0
        places = [(call, image) for call in range(trace.nfe) for image in range(self.images)]
        for values, of in (
            (trace.states, self._states), (trace.predictions, self._predictions),
            (trace.words, self._words), (trace.kept, self._kept),
            (trace.difference, self._differences),
        ):  # fmt: skip
            if values is not None:
                of.update({at: values[at] for at in places})
        for call, records in enumerate(() if trace.scans is None else trace.scans):
            self.scan.keep(call, 0, records, trace.request.scan)
        self.flops = 0.0 if trace.flops is None else float(trace.flops.sum())
        if images is not None:
            self.colours.fit(trace.latents, images)

    def keep_picture(self, call: int, images: Bytes, first: int = 0) -> None:
        """Remember decoded predictions (b,H,W,3) of a call, from image `first` on.

        The oldest pictures are let go when there are too many.
        """
        known = []
        for image, pixels in enumerate(images, start=first):
            self._pictures.pop((call, image), None)
            self._pictures[call, image] = pixels
            self._newest[image] = call
            if (call, image) in self._predictions:
                known.append(self._predictions[call, image])
        limit = max(PICTURE_BYTES // images[0].nbytes, self.images)
        while len(self._pictures) > limit:
            self._pictures.pop(next(iter(self._pictures)))
        self._pictures_came += 1
        # 1, 2, 4, 8 ...: each says less than the last
        due = self._pictures_came & (self._pictures_came - 1) == 0
        if due and self.final is None and len(known) == len(images):
            self.colours.fit(np.stack(known), images)

    def place(self, call: int, image: int, *, noisy: bool = False) -> int:
        """A number for the picture of a call: of its prediction, or of its noisy state."""
        return (call + self.expected * noisy) * self.images + image

    def keep_decoded(self, place: int, images: Bytes) -> int:
        """Remember the decoded picture (1,H,W,3) that belongs to a `place`; returns its call."""
        call, image = divmod(place, self.images)
        if call < self.expected:
            self.keep_picture(call, images, image)
            return call
        call -= self.expected
        self._noisy[call, image] = images[0]
        while len(self._noisy) > NOISY_PICTURES:
            self._noisy.pop(next(iter(self._noisy)))
        return call

    # -- how far ------------------------------------------------------------------------------

    @property
    def done(self) -> int:
        """Calls known of the image that is furthest."""
        return max(self._known)

    def known(self, image: int) -> int:
        """Calls known of an image."""
        return self._known[image]

    @property
    def seconds_per_call(self) -> float:
        """Mean time of a call of all images, in however many batches; 0: not known."""
        return self.elapsed * self.images / max(sum(self._known), 1)

    # -- maps, each (n,m) ---------------------------------------------------------------------

    def log_difficulty(self, call: int, image: int) -> Floats:
        """log sigma^2 of each patch; NaN where the model has no difficulty head."""
        return _log(self.difficulty[call, image])

    def guidance(self, call: int, image: int) -> Floats:
        """Guidance strength of each patch in this call."""
        return self.request.guidance.strength(self.time[call, image])

    def masks(self, call: int, image: int) -> Floats:
        """Codes (n,m) of `MASK_WORDS`: which passes computed each patch in a route; NaN: no masks.

        Where there are several routes, what at least one of them kept.
        """
        kept = self._kept.get((call, image))
        if kept is None:
            return np.full(self.grid, np.nan, np.float32)
        strong, weak = kept.max(axis=1).astype(np.float32)
        return 2 * strong + weak

    def difference(self, call: int, image: int) -> Floats:
        """|v_strong - v_weak| of each patch (n,m); NaN where the guidance has no such passes."""
        none = np.full(self.grid, np.nan, np.float32)
        return self._differences.get((call, image), none)

    def spent(self, call: int, image: int) -> Floats:
        """In how many calls, this one included, the patch took a step."""
        moved = np.isin(self.role[: call + 1, image], MOVING)
        return moved.sum(axis=0).astype(np.float32)

    def words(self, image: int) -> tuple[str, ...]:
        """The words of a picture's prompt that were read, if it is known which patches attend to
        them."""
        condition = self.request.per_image[image]
        shares = next((maps for (_, i), maps in self._words.items() if i == image), None)
        if shares is None or not isinstance(condition, Prompt):
            return ()
        read = np.flatnonzero(shares.any(axis=(0, 1, 2)))  # a text encoder reads only so far
        words = words_of(condition.text)[: int(read[-1]) + 1 if len(read) else 0]
        return tuple(word.text for word in words)

    @property
    def attention_layers(self) -> int:
        """Layers whose attention to the words is known."""
        return len(next(iter(self._words.values()), ()))

    def word_shares(self, call: int, image: int) -> Floats | None:
        """Share of each patch's attention that each word has, (n,m,W), in `layer`."""
        maps = self._words.get((call, image))
        if maps is None:
            return None
        of = maps.astype(np.float32)
        return of.mean(axis=0) if self.layer is None else of[self.layer]

    def word_map(self, call: int, image: int) -> Floats:
        """Attention of each patch to `word`; NaN where no word is looked at, or none is known."""
        shares = self.word_shares(call, image)
        if shares is None or self.word is None or self.word >= len(self.words(image)):
            return np.full(self.grid, np.nan, np.float32)
        return shares[..., self.word]

    # -- curves over the run ------------------------------------------------------------------

    def curve(self, name: str, image: int, patch: tuple[int, int]) -> Floats:
        """The values of one patch in every known call, (T,); difficulty as log sigma^2."""
        values: Floats = getattr(self, name)[: self._known[image], image, patch[0], patch[1]]
        return _log(values) if name == "difficulty" else values

    def has_difficulty(self) -> bool:
        """Whether the model predicts difficulty at all."""
        image = self._known.index(self.done)
        return self.done > 0 and bool(np.isfinite(self.difficulty[0, image]).any())

    def threshold(self, call: int, image: int) -> float | None:
        """log sigma^2 below which patches counted as easy when this call's roles were chosen.

        The easy share's quantile in the call that chose them. None: the sampler has no such share.
        """
        share = getattr(self.request.sampler, "easy_share", None)
        if share is None or not self.has_difficulty():
            return None
        while call > 0 and (self.role[call, image] == Role.CONTEXT).any():
            call -= 1  # the roles of a call with context patches were chosen before
        return float(np.quantile(self.log_difficulty(call, image), share))

    def share_computed(self) -> float | None:
        """Tokens really computed over the tokens of full calls, up to now, 0..1."""
        if not self.patch_calls:
            return None
        passes = math.ceil(self.request.guidance.passes)
        return self.tokens_computed / (self.patch_calls * passes)

    # -- pictures -----------------------------------------------------------------------------

    @property
    def width(self) -> int:
        """Pixels across a decoded picture; 0 as long as there is none."""
        if self.final is not None:
            return self.final.shape[2]
        return next((pixels.shape[1] for pixels in self._pictures.values()), 0)

    def prediction_latents(self, call: int, image: int) -> Halfs | None:
        """Predicted clean latents (C,H,W) of a call."""
        return self._predictions.get((call, image))

    def is_decoded(self, call: int, image: int) -> bool:
        """Whether the decoded prediction of this very call is in memory."""
        return (call, image) in self._pictures or self._is_final(call, image)

    def _is_final(self, call: int, image: int) -> bool:
        return self.final is not None and call == self._known[image] - 1

    def source(self, call: int, image: int) -> tuple[Source, int] | None:
        """What `prediction` would show: where from, and of which call."""
        if self._is_final(call, image):
            return Source.FINAL, call
        if (call, image) in self._pictures:
            return Source.DECODED, call
        recent = self._newest.get(image)
        if not self.ended and recent is not None and 0 <= call - recent <= self.expected // 20:
            return Source.DECODED, recent  # hardly older, and no flicker between two looks
        if (call, image) in self._predictions:
            return Source.LINEAR, call
        near = [known for known, of in self._pictures if of == image]
        if near:
            return Source.NEAREST, min(near, key=lambda known: abs(known - call))
        return None

    def prediction(self, call: int, image: int) -> Picture | None:
        """The best picture of the prediction at a call that is at hand now."""
        best = self.source(call, image)
        return None if best is None else self.picture(best, image)

    def picture(self, best: tuple[Source, int], image: int) -> Picture:
        """The picture that `source` names."""
        source, call = best
        if source is Source.FINAL and self.final is not None:
            return Picture(self.final[image], source, call)
        if source is Source.LINEAR:
            return Picture(self.colours.apply(self._predictions[call, image]), source, call)
        return Picture(self._pictures[call, image], source, call)

    def noisy(self, call: int, image: int) -> Picture | None:
        """The state that the call was given, coloured by a linear map of its latents."""
        latents = self._states.get((call, image))
        if latents is None:
            return None
        return Picture(self.colours.apply(latents), Source.LINEAR, call)

    def noisy_latents(self, call: int, image: int) -> Halfs | None:
        """The state (C,H,W) that the call was given."""
        return self._states.get((call, image))

    def noisy_decoded(self, call: int, image: int) -> Picture | None:
        """The same as the decoder sees it, where that was asked for."""
        pixels = self._noisy.get((call, image))
        return None if pixels is None else Picture(pixels, Source.DECODED, call)

    # -- inside -------------------------------------------------------------------------------

    def _allocate(self, nfe: int) -> None:
        shape = (nfe, self.images, *self.grid)
        self.time = self._grown("time", shape)
        self.difficulty = self._grown("difficulty", shape)
        self.speed = self._grown("speed", shape)
        self.role = self._grown("role", shape, np.uint8)

    def _grown(self, name: str, shape: tuple[int, ...], kind: type = np.float32) -> npt.NDArray:
        fresh: npt.NDArray = np.zeros(shape, kind)
        before = getattr(self, name, None)
        if before is not None:
            fresh[: len(before)] = before
        return fresh


def _log(difficulty: Floats) -> Floats:
    return np.log(np.maximum(difficulty, np.float32(1e-12)))
