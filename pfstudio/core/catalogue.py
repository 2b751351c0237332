"""What can be had from the network, as the program knows it; `weights/catalogue.py` lists it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pfstudio.core.errors import InputError, RunError
from pfstudio.core.settings import Settings

_YES = ("1", "on", "yes", "true")


@dataclass(frozen=True)
class RemoteFile:
    """One file at an address. `about_bytes` is for people; `sha256` is checked where known."""

    url: str
    name: str
    about_bytes: int
    sha256: str = ""


@dataclass(frozen=True)
class CatalogueEntry:
    """A published model that the program knows how to fetch and to load."""

    name: str
    title: str
    files: tuple[RemoteFile, ...]
    architecture: str
    licence: str
    non_commercial: bool = False
    paper: str = ""
    sizes: Mapping[str, Any] = field(default_factory=dict)  # tell its checkpoint from others
    note: str = ""

    @property
    def about_bytes(self) -> int:
        return sum(file.about_bytes for file in self.files)


def check_online(settings: Settings) -> None:
    """See that the user allows the network.

    Raises:
        RunError: offline, by HF_HUB_OFFLINE or by the settings.
    """
    if os.environ.get("HF_HUB_OFFLINE", "").lower() in _YES:
        raise RunError(
            "Nothing is downloaded: HF_HUB_OFFLINE is set.", "Unset it and download again."
        )
    if settings.offline:
        raise RunError(
            "Nothing is downloaded: the program is set to work offline.",
            "Turn Work offline off in the settings.",
        )


def check_accepted(entry: CatalogueEntry, settings: Settings) -> None:
    """See that the user has accepted that a model is not for commercial use.

    Raises:
        InputError: not yet.
    """
    if entry.non_commercial and entry.licence not in settings.accepted_licences:
        raise InputError(
            f"{entry.name} is for non-commercial use only ({entry.licence}).",
            f"To accept this once: pfstudio models download {entry.name} --accept-licence",
        )
