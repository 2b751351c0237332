"""One request, one result: everything that changes the output, as frozen plain data with JSON."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, Self

from pfstudio.core.conditions import (
    ClassLabel,
    PictureCondition,
    Prompt,
    condition_from_json,
    condition_json,
)
from pfstudio.core.errors import InputError
from pfstudio.core.execution import Execution
from pfstudio.core.guidance import GUIDANCES, ClassifierFree, Guidance
from pfstudio.core.paint import Paint
from pfstudio.core.parameters import MAX_SEED as MAX_SEED
from pfstudio.core.parameters import CheckedSettings, field_in
from pfstudio.core.request_json import read_request, write_request
from pfstudio.core.result_files import file_beside
from pfstudio.core.samplers import SAMPLERS, DualLoop, Sampler
from pfstudio.core.scan_paths import check_scan
from pfstudio.core.upscale_settings import Upscale

DEVICES = ("auto", "cpu", "cuda", "mps")
PRECISIONS = ("auto", "float32", "bfloat16", "float16")
MAX_THREADS = 256
MAX_SIDE = 16_384  # pixels of a picture that is asked for
_DEVICE = re.compile(r"auto|cpu|mps|cuda(:\d{1,2})?")


@dataclass(frozen=True)
class Compute(CheckedSettings):
    """Where and how exactly the networks run. `threads` 0 lets a measurement choose.

    With `execution`, the request's own network runs exactly as that run did, whatever else is
    wished; the upsampler of generated pictures, where nothing is measured, follows the wishes.
    """

    device: str = "auto"
    precision: str = field_in("auto", choices=PRECISIONS)
    threads: int = field_in(0, 0, MAX_THREADS)
    execution: Execution | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if not _DEVICE.fullmatch(self.device):
            known = ", ".join(DEVICES)
            raise InputError(
                f"Unknown device {self.device[:60]!r}.", f"Use one of: {known}, or cuda:1."
            )


def bare_name(path: str) -> str:
    """The last part of a path of any system."""
    return re.split(r"[/\\]", path.rstrip("/\\"))[-1]


@dataclass(frozen=True)
class Branch(CheckedSettings):
    """Start from the recorded state of an earlier run, before its network call number `call`."""

    trace: str  # path of the trace file
    call: int  # 0-based


@dataclass(frozen=True)
class GenerateRequest(CheckedSettings):
    """Pictures to generate: `count` pictures of each of the conditions.

    Picture i uses seed `seed + i` for its own CPU generator, so that a picture does not depend on
    its batch or its device.
    """

    model: str = ""  # name of an installed model, or a path
    conditions: tuple[PictureCondition, ...] = (ClassLabel(0),)
    seed: int = field_in(0, 0, MAX_SEED)
    count: int = field_in(1, 1, 10_000)
    sampler: Sampler = DualLoop()
    guidance: Guidance = ClassifierFree()
    # pixels; 0 is the model's own size (others resample its position table)
    height: int = field_in(0, 0, MAX_SIDE)
    width: int = field_in(0, 0, MAX_SIDE)
    noise_file: str = ""  # safetensors with `noise` (B,C,H,W) instead of drawn noise
    image_file: str = ""  # picture to start from: fixed patches and partial noise keep it
    # 0: pure noise, towards 1: more of the start picture is kept
    start_time: float = field_in(0.0, 0.0, 1.0)
    paint: tuple[int, ...] = ()  # one `Paint` code per patch, row-major; empty: nothing painted
    branch: Branch | None = None
    masks_file: str = ""  # trace whose patches stay in routes, call by call, instead of drawn ones
    upscale: Upscale | None = None  # of picture i with seed `upscale.seed + i`; None: not at all
    scan: str = ""  # paths of a zigzag Mamba's layers, see core.scan_paths; "": the model's own
    scan_maps: bool = False  # record what the scans do to each patch, where the model has some
    word_maps: bool = False  # record which words each patch attends to, where the model has words
    compute: Compute = Compute()

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.conditions:
            raise InputError(
                "Nothing was said of the images.", "Give at least one class or prompt."
            )
        if len({condition.kind for condition in self.conditions}) > 1:
            raise InputError("Classes and prompts cannot be mixed.", "Give only one of them.")
        if self.seed > MAX_SEED - self.images:
            raise InputError(f"Seed is {self.seed}, but must lie between 0 and {MAX_SEED}.")
        if self.upscale and self.upscale.seed > MAX_SEED - self.images:
            raise InputError(f"The upscaling seed {self.upscale.seed} is too large.")
        if self.start_time == 1:
            raise InputError("Start time is 1, but must be at least 0 and below 1.")
        if not set(self.paint) <= {Paint.FREE, Paint.FAST, Paint.SLOW, Paint.FIXED}:
            raise InputError("The painted patches hold an unknown code.", "Use 0, 1, 2 and 3.")
        if self.scan:
            check_scan(self.scan)
        if (self.start_time > 0 or Paint.FIXED in self.paint) and not (
            self.image_file or self.branch
        ):
            raise InputError(
                "Frozen patches and a start time above 0 need an image to start from.",
                "Give an image file.",
            )

    @property
    def images(self) -> int:
        """Number of pictures B."""
        return len(self.conditions) * self.count

    @property
    def prompt(self) -> str:
        """Text of the first condition; "" where it is not a prompt."""
        first = self.conditions[0]
        return first.text if isinstance(first, Prompt) else ""

    @property
    def upscale_compute(self) -> Compute:
        """How the upsampler of the pictures runs."""
        return replace(self.compute, execution=None)

    @property
    def per_image(self) -> tuple[PictureCondition, ...]:
        """Condition of each picture, (B,): all of the first round, then the next round."""
        return self.conditions * self.count

    @property
    def seeds(self) -> tuple[int, ...]:
        """Seed of each picture, (B,)."""
        return tuple(range(self.seed, self.seed + self.images))

    def of_first(self, images: int) -> Self:
        """The same for its first pictures only, each with its condition and its seed.

        Args:
            images: 1 .. `self.images`.
        """
        conditions, count = self.conditions, images // len(self.conditions)
        if images % len(conditions):
            conditions, count = self.per_image[:images], 1
        return replace(self, conditions=conditions, count=count)

    def to_json(self) -> str:
        data = asdict(self)
        data["sampler"] = {"name": self.sampler.name, **asdict(self.sampler)}
        data["guidance"] = {"name": self.guidance.name, **asdict(self.guidance)}
        data["conditions"] = [condition_json(condition) for condition in self.conditions]
        return write_request(data)

    @classmethod
    def from_json(cls, text: str) -> GenerateRequest:
        """Read what `to_json` wrote; unknown newer fields are an error, missing ones the default.

        Raises:
            InputError: not our JSON, or a schema that is newer than this program.
        """

        def build(data: dict[str, Any]) -> GenerateRequest:
            for key, registry in (("sampler", SAMPLERS), ("guidance", GUIDANCES)):
                if key in data:
                    data[key] = _settings_from(data[key], registry)
            if "conditions" in data:
                data["conditions"] = tuple(map(condition_from_json, data["conditions"]))
            return cls.from_data(data)

        return read_request(text, "recipe", build)

    def without_folders(self) -> Self:
        """The same with the names of files only: what is saved tells nothing of the machine."""
        branch = self.branch and replace(self.branch, trace=bare_name(self.branch.trace))
        guidance: Any = self.guidance
        if guidance.weak_model:
            guidance = replace(guidance, weak_model=bare_name(guidance.weak_model))
        return replace(
            self,
            guidance=guidance,
            model=bare_name(self.model),
            noise_file=bare_name(self.noise_file),
            image_file=bare_name(self.image_file),
            masks_file=bare_name(self.masks_file),
            branch=branch,
            upscale=self.upscale and replace(self.upscale, model=bare_name(self.upscale.model)),
        )

    def with_files_beside(self, file: Path) -> Self:
        """The same with the folder of the files that lie beside `file`, which holds this request.

        Saved requests hold only names. What the run itself made is never meant, see `file_beside`.
        """

        def found(name: str) -> str:
            beside = file_beside(file, name) if name and bare_name(name) == name else None
            return str(beside or name)

        branch = self.branch and replace(self.branch, trace=found(self.branch.trace))
        noise, image, masks = map(found, (self.noise_file, self.image_file, self.masks_file))
        return replace(self, branch=branch, noise_file=noise, image_file=image, masks_file=masks)

    def changes(self, other: GenerateRequest) -> tuple[tuple[str, str, str], ...]:
        """What differs: (field, value here, value there), for "what would change" previews."""
        rows = ((f.name, getattr(self, f.name), getattr(other, f.name)) for f in fields(self))
        return tuple((name, str(a), str(b)) for name, a, b in rows if a != b)

    def with_nfe(self, nfe: int) -> Self:
        """The same request with its sampler's steps chosen to spend about `nfe` network calls."""
        return replace(self, sampler=self.sampler.for_nfe(nfe))


def _settings_from(data: Any, registry: dict[str, Any]) -> Any:
    values = dict(data)
    name = values.pop("name")
    if name not in registry:
        raise InputError(f"Unknown name {name!r}.", f"Known are: {', '.join(registry)}.")
    return registry[name].from_data(values)
