"""What to train, from what, and where to: read from a command line, without importing torch."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

PRECISIONS = ("auto", "float32", "bfloat16")


@dataclass(frozen=True)
class TrainingSession:
    """One call of `pfstudio train` or of `accelerate launch -m pfstudio.train`."""

    recipe: Path
    data: Path  # folder that the recipe's data paths are relative to
    out: Path  # state, logs, samples and the finished model
    device: str = "auto"
    precision: str = ""  # "": as in the recipe
    steps: int = 0  # 0: as in the recipe
    tensorboard: bool = False


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of both ways to start a training."""
    parser.add_argument("recipe", metavar="RECIPE.toml", type=Path)
    parser.add_argument(
        "--data", type=Path, default=Path(), help="folder of the recipe's data (default: here)"
    )
    parser.add_argument(
        "--out", type=Path, help="where state, logs and model go (default: runs/RECIPE)"
    )
    parser.add_argument("--device", choices=("auto", "cpu", "cuda", "mps"), default="auto")
    parser.add_argument("--precision", choices=PRECISIONS, help="instead of the recipe's")
    parser.add_argument("--steps", type=int, default=0, help="instead of the recipe's")
    parser.add_argument(
        "--tensorboard", action="store_true", help="write a TensorBoard log as well"
    )


def session_of(args: argparse.Namespace) -> TrainingSession:
    """The session that parsed arguments describe."""
    return TrainingSession(
        recipe=args.recipe,
        data=args.data,
        out=args.out or Path("runs") / args.recipe.stem,
        device=args.device,
        precision=args.precision or "",
        steps=args.steps,
        tensorboard=args.tensorboard,
    )
