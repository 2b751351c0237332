"""`accelerate launch -m pfstudio.train RECIPE.toml`: one of several training processes."""

from __future__ import annotations

import argparse
import sys

from pfstudio.core.errors import PfstudioError
from pfstudio.train.arguments import add_arguments, session_of
from pfstudio.train.session import run_session
from pfstudio.train.trainer import Advance


def _say(advance: Advance) -> None:
    figures = ", ".join(f"{name} {value:.4g}" for name, value in advance.figures)
    print(f"step {advance.step}/{advance.steps}: {figures}", flush=True)


def main() -> int:
    """Train; every process runs this, the first one speaks."""
    parser = argparse.ArgumentParser(prog="python -m pfstudio.train")
    add_arguments(parser)
    session = session_of(parser.parse_args())
    try:
        run_session(session, _say)
    except PfstudioError as error:
        print(f"pfstudio: {error} {error.advice}".rstrip(), file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
