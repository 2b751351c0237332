"""The user's settings: typed fields, kept as a sparse JSON file that is written in one piece.

Only what differs from the defaults is stored, so that better defaults reach everybody. A file that
cannot be read is set aside, never overwritten, and the caller gets a sentence to show.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from pfstudio.core.documents import read_json
from pfstudio.core.errors import InputError
from pfstudio.core.files import set_aside, write_text
from pfstudio.core.parameters import CheckedSettings, parameter
from pfstudio.core.paths import config_folder
from pfstudio.core.requests import DEVICES, MAX_THREADS, PRECISIONS, Compute

VERSION = 1
LANGUAGES = ("system", "en", "de")
THEMES = ("system", "dark", "light", "high-contrast")


@dataclass(frozen=True)
class Settings(CheckedSettings):
    """What a person chose about the program, as opposed to about one picture."""

    theme: str = parameter(
        "system", "Theme", "System follows the desktop's light or dark setting", choices=THEMES
    )
    language: str = parameter(
        "system", "Language", "Of the window, from the next start", choices=LANGUAGES
    )
    difficulty_colours: str = parameter(
        "magma", "Difficulty colours", "Colour map of difficulty",
        choices=("magma", "cividis", "viridis"),
    )  # fmt: skip
    time_colours: str = parameter(
        "Blues", "Time colours", "Colour map of time", choices=("Blues", "cividis", "viridis")
    )
    device: str = parameter(
        "auto", "Device", "Where the networks run; auto takes the fastest", choices=DEVICES
    )
    precision: str = parameter(
        "auto",
        "Precision",
        "Number format of the networks; auto picks the fastest that is accurate",
        choices=PRECISIONS,
    )
    threads: int = parameter(
        0, "Threads", "Processor threads of a run; auto is timed on this machine", minimum=0,
        maximum=MAX_THREADS, zero="auto",
    )  # fmt: skip
    preview_share: float = parameter(
        0.03, "Preview budget", "Share of a run's time for previews: decoding and drawing",
        minimum=0.0, maximum=0.5, step=0.01, zero="off", percent=True,
    )  # fmt: skip
    notify_finished: bool = parameter(
        False, "Notify when finished", "Show a desktop message when a run ends in the background"
    )
    word_maps: bool = parameter(
        True, "Word maps", "Record which words of a prompt each patch listens to"
    )
    scan_maps: bool = parameter(
        True, "Scan maps", "Record what the scans of a zigzag Mamba do to each patch"
    )
    offline: bool = parameter(
        False, "Work offline", "Download nothing, even if asked; without it, only what is asked for"
    )
    shortcuts: tuple[tuple[str, str], ...] = ()  # (command id, key sequence) that differ
    accepted_licences: tuple[str, ...] = ()  # of models that are not for commercial use

    @property
    def compute(self) -> Compute:
        """The settings that travel inside a request."""
        return Compute(self.device, self.precision, self.threads)

    def accepting(self, licence: str) -> Settings:
        """The settings with one more licence that was accepted."""
        return replace(self, accepted_licences=tuple(sorted({*self.accepted_licences, licence})))


def settings_path() -> Path:
    """Where the settings live."""
    return config_folder() / "settings.json"


def load_settings(path: Path | None = None) -> tuple[Settings, str]:
    """The stored settings, and a sentence to show if the file or a value in it was unusable."""
    data, notice = read_document(path or settings_path(), VERSION)
    settings, refused = Settings(), []
    known = {field.name for field in fields(Settings)}
    for name, value in data.items():
        if name not in known:
            continue  # written by another version; harmless
        try:
            settings = replace(settings, **{name: getattr(Settings.from_data({name: value}), name)})
        except (InputError, TypeError, ValueError):
            refused.append(name.replace("_", " "))
    if refused:
        notice = (
            f"These settings had unusable values and are the default again: {', '.join(refused)}."
        )
    return settings, notice


def save_settings(settings: Settings, path: Path | None = None) -> None:
    """Store what differs from the defaults; see `files.write_text` for what it raises."""
    default = Settings()
    data = {
        field.name: getattr(settings, field.name)
        for field in fields(settings)
        if getattr(settings, field.name) != getattr(default, field.name)
    }
    write_document(path or settings_path(), VERSION, data)


def read_document(path: Path, version: int) -> tuple[dict[str, Any], str]:
    """A versioned JSON object ({} if there is none), and a sentence if it had to be set aside."""
    try:
        data = read_json(path)
    except FileNotFoundError:
        return {}, ""
    except (OSError, ValueError) as error:
        return {}, _set_aside(path, str(error))
    try:
        found = data.pop("version")
    except (TypeError, KeyError, AttributeError):
        return {}, _set_aside(path, "it is damaged")
    if isinstance(found, bool) or not isinstance(found, int) or found > version:
        return {}, _set_aside(path, "it was written by a newer version")
    return data, ""


def write_document(path: Path, version: int, data: dict[str, Any]) -> None:
    """Store a versioned JSON object in one piece; see `files.write_text` for what it raises."""
    write_text(path, json.dumps({"version": version, **data}, indent=1) + "\n")


def _set_aside(path: Path, reason: str) -> str:
    aside = set_aside(path)
    kept = f"it was saved as {aside}" if aside else "the defaults are on"
    return f"{path.name} cannot be used ({reason}); {kept}."
