"""`pfstudio selftest`: does everything work on this machine?"""

from __future__ import annotations

import argparse
import importlib
import multiprocessing
import pkgutil
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any

import pfstudio
from pfstudio.cli.console import print_json
from pfstudio.core.errors import RunError

EXTRAS = {"OpenGL", "matplotlib", "tensorboard", "bpy", "resvg_py"}  # packages that may be missing
# Of large packages, which import their parts by name: what a bundle could have left out.
PARTS = (
    ("diffusers", "AutoencoderKL"),
    ("diffusers", "AutoencoderTiny"),
    ("transformers", "BertModel"),
    ("transformers", "Qwen3VLModel"),
)


def add_parser(subparsers: Any) -> None:
    """Add the verb."""
    parser = subparsers.add_parser("selftest", help="check that everything works here")
    parser.add_argument("--json", action="store_true", help="print one check per line as JSON")


def run(args: argparse.Namespace) -> int:
    """Print every check; 1 if one failed."""
    from pfstudio.engine.selftest import CHECKS, tried

    passed = True
    for name, check in {"imports": imports, **CHECKS, "window": _window}.items():
        found = tried(name, check)
        passed = passed and found.passed
        if args.json:
            print_json(found)
        else:
            print(f"{'ok    ' if found.passed else 'FAILED'} {name}: {found.detail}", flush=True)
    return 0 if passed else 1


def imports() -> str:
    """Every module of the program, and the parts of other packages that it asks for late."""
    found, without = 0, set()
    for module in pkgutil.walk_packages(pfstudio.__path__, "pfstudio."):
        if module.name.endswith("__main__"):
            continue
        try:
            importlib.import_module(module.name)
            found += 1
        except ModuleNotFoundError as error:
            if error.name not in EXTRAS:
                raise
            without.add(error.name)
    for package, part in PARTS:
        getattr(importlib.import_module(package), part)
    extras = f", without {', '.join(sorted(without))}" if without else ""
    return f"{found} modules{extras}"


def _window() -> str:
    """The window with every page, in a process of its own: Qt ends one where it cannot start."""
    from pfstudio.drivers.selftest import show_pages

    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        try:
            return pool.submit(show_pages).result()
        except BrokenProcessPool as error:
            raise RunError(
                "The window's process ended before every page was shown.",
                "Qt says above what it lacks, often a library of the system.",
            ) from error
