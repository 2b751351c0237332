"""`pfstudio sums`: the verb of the toy task."""

from __future__ import annotations

import argparse
from typing import Any

from toy_task import SumRequest

from pfstudio.cli.console import event_json
from pfstudio.core.events import Failed


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser("sums", help="sum rows")
    parser.add_argument("--rows", type=int, default=3)


def run(args: argparse.Namespace) -> int:
    from pfstudio.engine.session import SaveByItself, Session

    request = SumRequest(args.rows)
    last = Session(save=SaveByItself()).run(request, lambda event: print(event_json(event)))
    return last.exit_code if isinstance(last, Failed) else 0
