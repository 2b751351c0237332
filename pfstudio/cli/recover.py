"""`pfstudio recover`: save what crashed runs, or runs that could not be saved, had recorded."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from pfstudio.cli.console import print_json
from pfstudio.core.results import recover_results


def add_parser(subparsers: Any) -> None:
    """Add the verb."""
    parser = subparsers.add_parser("recover", help="save the traces of interrupted runs")
    parser.add_argument("--out", type=Path, metavar="DIR", help="default: the results folder")
    parser.add_argument("--json", action="store_true", help="print one JSON object per line")


def run(args: argparse.Namespace) -> int:
    """Save them; errors are raised as PfstudioError."""
    saved = recover_results(args.out)
    for result in saved:
        if args.json:
            print_json({"event": "recovered", "folder": str(result.folder)})
        else:
            print(result.folder)
    if not saved and not args.json:
        print("Nothing is left of an interrupted run.")
    return 0
