"""Flags that several verbs have."""

from __future__ import annotations

import argparse

from pfstudio.core.metadata import WRITTEN_FORMATS
from pfstudio.core.requests import DEVICES, PRECISIONS, Compute

# A parser, or a group of it.
Flags = argparse._ActionsContainer


def add_compute_flags(flags: Flags, threads: str = "0: as many as torch has") -> None:
    """Where and how it is computed; `threads` says what 0 of them means."""
    flags.add_argument("--device", default="auto", help=f"one of {', '.join(DEVICES)}")
    flags.add_argument("--precision", default="auto", choices=PRECISIONS, help="(%(default)s)")
    flags.add_argument("--threads", type=int, default=0, help=threads)


def compute_from(args: argparse.Namespace) -> Compute:
    """What `add_compute_flags` was given.

    Raises:
        InputError: an unknown device, or an impossible number of threads.
    """
    return Compute(args.device, args.precision, args.threads)


def add_image_flags(flags: Flags) -> None:
    """How images are written."""
    flags.add_argument(
        "--format", choices=WRITTEN_FORMATS, default=WRITTEN_FORMATS[0], help="(%(default)s)"
    )
    flags.add_argument("--no-metadata", action="store_true", help="write no recipe into them")
