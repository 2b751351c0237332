"""`pfstudio selftest`: does everything work on this machine?"""

from __future__ import annotations

import argparse
from typing import Any

from pfstudio.cli.console import print_json


def add_parser(subparsers: Any) -> None:
    """Add the verb."""
    parser = subparsers.add_parser("selftest", help="check that everything works here")
    parser.add_argument("--json", action="store_true", help="print one check per line as JSON")


def run(args: argparse.Namespace) -> int:
    """Print every check; 1 if one failed."""
    from pfstudio.engine.selftest import selftest

    passed = True
    for check in selftest():
        passed = passed and check.passed
        if args.json:
            print_json(check)
        else:
            print(f"{'ok    ' if check.passed else 'FAILED'} {check.name}: {check.detail}")
    return 0 if passed else 1
