"""The text that A1111 and many galleries keep in a picture, read as far as it means something."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from pfstudio.core.conditions import ClassLabel, NoCondition, PictureCondition, Prompt
from pfstudio.core.documents import parse_json
from pfstudio.core.errors import InputError
from pfstudio.core.guidance import GUIDANCES, ClassifierFree, Guidance, NoGuidance
from pfstudio.core.parameters import MAX_SEED, parameters_of
from pfstudio.core.requests import MAX_SIDE, GenerateRequest
from pfstudio.core.samplers import SAMPLERS, Euler, Heun, Sampler
from pfstudio.core.scan_paths import check_scan

_PAIR = re.compile(r'\s*(\w[\w \-/]*):\s*("(?:\\.|[^"\\])*"|[^,]*)(?:,|$)')
_LONGEST = 100_000  # characters of a line of settings
_NEGATIVE = "Negative prompt:"


@dataclass(frozen=True)
class ReadParameters:
    """What a text tells."""

    request: GenerateRequest
    set_back: tuple[str, ...] = ()  # names of settings that are not possible here, so the defaults


def is_parameter_text(text: str) -> bool:
    """Whether a text is one of A1111's, and not just any comment on a picture."""
    return _settings_line(text.splitlines()) is not None


def read_parameters(text: str) -> ReadParameters:
    """As much of a request as an A1111 text tells; the rest keeps its defaults.

    Raises:
        InputError: it is no such text.
    """
    lines = text.strip().splitlines()
    place = _settings_line(lines)
    if place is None:
        raise InputError("This text is not an A1111 parameter line.")
    return _Reader(_pairs(lines[place]), lines[:place]).read()


def _settings_line(lines: list[str]) -> int | None:
    """Number of the last line that gives settings: others may follow, such as hashes."""
    for place in reversed(range(len(lines))):
        line = lines[place]
        if "Steps:" in line and len(line) <= _LONGEST and len(_pairs(line)) >= 3:
            return place
    return None


def _pairs(line: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in _PAIR.findall(line):
        try:
            found[key.strip()] = str(parse_json(value)) if value.startswith('"') else value.strip()
        except ValueError:
            found[key.strip()] = value
    return found


class _Reader:
    """Takes settings out of a text's pairs, and notes those that are not possible here."""

    def __init__(self, pairs: dict[str, str], above: list[str]) -> None:
        self.pairs, self.above = pairs, above
        self.set_back: list[str] = []

    def read(self) -> ReadParameters:
        width, _, height = self.pairs.get("Size", "").partition("x")
        request = GenerateRequest(
            model=self.pairs.get("Model", ""),
            conditions=(self._condition(),),
            seed=self._within("Seed", int, 0, MAX_SEED - 1) or 0,
            sampler=self._sampler(),
            guidance=self._guidance(),
            height=self._side(height),
            width=self._side(width),
            scan=self._scan(),
        )
        return ReadParameters(request, tuple(self.set_back))

    def _side(self, text: str) -> int:
        side = _number(text, int) or 0
        if not 0 <= side <= MAX_SIDE:
            self._note("Size")
            return 0
        return int(side)

    def _scan(self) -> str:
        scan = self.pairs.get("Scan", "")
        try:
            check_scan(scan or "v2")
        except InputError:
            self._note("Scan")
            return ""
        return scan

    def _note(self, label: str) -> None:
        if label not in self.set_back:
            self.set_back.append(label)

    def _within(self, label: str, kind: type, low: float, high: float) -> Any:
        """The number of this label; None where there is none, or one that is not possible."""
        text = self.pairs.get(label)
        value = _number(text, kind)
        if text and (value is None or not low <= value <= high):
            self._note(label)
            return None
        return value

    def _condition(self) -> PictureCondition:
        """A class, or a prompt and from the line "Negative prompt:" on a negative one."""
        label = self.pairs.get("Class")
        if label == "none":
            return NoCondition()
        if (index := self._within("Class", int, 0, 2**31)) is not None:
            return ClassLabel(index)
        lines = [line.strip() for line in self.above]
        place = next((i for i, line in enumerate(lines) if line.startswith(_NEGATIVE)), len(lines))
        negative = " ".join(lines[place:]).removeprefix(_NEGATIVE)
        return Prompt(" ".join(" ".join(lines[:place]).split()), " ".join(negative.split()))

    def _sampler(self) -> Sampler:
        name = self.pairs.get("Sampler", "")
        if name in SAMPLERS:
            values = self._settings(SAMPLERS[name], {})
            if "max_nfe" in {about.name for about in parameters_of(SAMPLERS[name])}:
                values |= self._settings(SAMPLERS[name], {"max_nfe": "Steps"}, ("max_nfe",))
            return SAMPLERS[name](**values)
        if name and name.lower().split()[0] not in ("euler", "heun"):
            self._note("Sampler")
        kind: type[Sampler] = Heun if name.lower().startswith("heun") else Euler
        # A foreign sampler's other settings mean other things.
        return kind(**self._settings(kind, {}, ("steps",)))

    def _guidance(self) -> Guidance:
        scale = _number(self.pairs.get("CFG scale"), float)
        name = self.pairs.get("Guidance", "")
        if scale is None or (not name and scale == 1):
            return NoGuidance()
        kind = GUIDANCES.get(name, ClassifierFree)
        values = self._settings(kind, {"scale": "CFG scale"})
        try:
            return kind(**values)
        except InputError:  # values that are possible one by one, but not together
            self._note("Guidance")
            return kind()

    def _settings(
        self, kind: Any, labels: dict[str, str], names: tuple[str, ...] = ()
    ) -> dict[str, Any]:
        """The parameters of a kind, or some of them; `labels` are what the text calls them."""
        values: dict[str, Any] = {}
        for about in parameters_of(kind):
            label = labels.get(about.name, about.label)
            if names and about.name not in names:
                continue
            if about.choices:
                text = self.pairs.get(label)
                if text in about.choices:
                    values[about.name] = text
                elif text:
                    self._note(label)
                continue
            if about.task:
                values[about.name] = self.pairs.get(label, "")
                continue
            low, high = about.limits or (about.minimum or 0.0, about.maximum or 0.0)
            value = self._within(label, about.kind, low, high)
            if value is not None:
                values[about.name] = value
        return values


def _number(text: str | None, kind: type) -> Any:
    """The number in a text, or None."""
    try:
        return kind(text) if text else None
    except (ValueError, OverflowError):
        return None
