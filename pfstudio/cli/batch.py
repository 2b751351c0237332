"""A batch of pictures on the terminal: one after the other, and a summary that names the bad."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from pfstudio.cli.console import INTERRUPTED, ProgressBar, event_json, print_json
from pfstudio.core.events import Cancelled, Event, Failed, Final, Finished, Progress, Started
from pfstudio.core.image_batch import ImageJob, left_out

_SHOWN = 5


@dataclass
class Summary:
    """What became of the pictures."""

    done: int = 0
    skipped: int = 0
    failed: list[tuple[Path, Failed]] = field(default_factory=list)


def run_batch(
    args: argparse.Namespace,
    jobs: tuple[ImageJob, ...],
    placed: Callable[[ImageJob], ImageJob],
    is_done: Callable[[ImageJob], bool],
    run_one: Callable[[ImageJob], Final],
) -> int:
    """Run the pictures until the end or Ctrl-C, and tell how it went; returns the exit code.

    Args:
        args: with `overwrite` and `json`.
        placed: gives a picture's results a name that is nobody else's.
        is_done: whether a picture can be left out.
        run_one: runs one and returns its last event.
    """
    summary, stopped = Summary(), False
    for number, wished in enumerate(jobs, 1):
        try:
            job = placed(wished)
        except OSError as error:  # the picture went away meanwhile
            why = f"{wished.source} cannot be read ({error.strerror or error})."
            summary.failed.append((wished.source, Failed(0, why, exit_code=2)))
            tell(args, wished, summary.failed[-1][1])
            continue
        if not args.overwrite and is_done(job):
            summary.skipped += 1
            continue
        if args.json:
            about = {"file": str(job.source), "number": number, "of": len(jobs)}
            print_json({"event": "picture", **about})
        last = run_one(job)
        if isinstance(last, Cancelled):
            stopped = True
            break
        if isinstance(last, Failed):
            summary.failed.append((job.source, last))
        else:
            summary.done += 1
    _tell_summary(args, summary)
    if stopped:
        return INTERRUPTED
    if len(jobs) == 1 and summary.failed:
        return summary.failed[0][1].exit_code
    return 1 if summary.failed else 0


def tell_left_out(args: argparse.Namespace) -> None:
    """Name the pictures in the given folders that cannot be read."""
    names = left_out(args.files)
    if not names:
        return
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    sentence = f"Left out, convert to PNG or JPEG first: {', '.join(names[:_SHOWN])}{more}."
    if args.json:
        print_json({"event": "notice", "message": sentence})
    else:
        print(f"pfstudio: {sentence}", file=sys.stderr)


def follower(args: argparse.Namespace, job: ImageJob) -> Callable[[Event], None]:
    """Shows the events of one picture."""
    bar = ProgressBar()

    def show(event: Event) -> None:
        if isinstance(event, Progress) and not args.json:
            bar.show(job.source.name, event.call + 1, event.nfe, event.eta)
            return
        bar.clear()
        tell(args, job, event)

    return show


def tell(args: argparse.Namespace, job: ImageJob, event: Event) -> None:
    """An event as JSON or in words: notices, files, sentences; not its progress."""
    if args.json:
        print(event_json(event), flush=True)
    elif isinstance(event, Started):
        for notice in event.notices:
            print(f"pfstudio: {notice}", file=sys.stderr)
    elif isinstance(event, Failed):
        print(f"pfstudio: {event.message} {event.advice}".rstrip(), file=sys.stderr)
    elif isinstance(event, Cancelled):
        print(f"stopped at {job.source}", file=sys.stderr)
    elif isinstance(event, Finished):
        for notice in event.notices:
            print(f"pfstudio: {notice}", file=sys.stderr)
        if event.files:
            print(*event.files, sep="\n")


def _tell_summary(args: argparse.Namespace, summary: Summary) -> None:
    """How many were done, and each one that was not, with the reason."""
    if args.json:
        failed = [{"file": str(file), "message": why.message} for file, why in summary.failed]
        print_json({
            "event": "summary", "done": summary.done, "skipped": summary.skipped, "failed": failed,
        })  # fmt: skip
        return
    line = f"{summary.done} done"
    if summary.skipped:
        line += f", {summary.skipped} skipped"
    if summary.failed:
        line += f", {len(summary.failed)} could not be done:"
    print(line, file=sys.stderr)
    for file, why in summary.failed:
        print(f"  {file}: {why.message}", file=sys.stderr)
