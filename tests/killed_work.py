"""What the program writes, over and over in a process of its own, until that is killed."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Mapping
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import torch
from train_worlds import forget_accelerate

from pfstudio.core.card import ModelCard
from pfstudio.core.events import Finished, Progress
from pfstudio.core.jobs import Answer
from pfstudio.core.library import Library
from pfstudio.core.models import models_folder
from pfstudio.core.paths import cache_folder, pictures_folder
from pfstudio.core.requests import Compute, GenerateRequest
from pfstudio.core.results import save_result
from pfstudio.core.samplers import Euler
from pfstudio.core.settings import Settings, save_settings
from pfstudio.core.trace_file import read_trace
from pfstudio.core.video import write_video
from pfstudio.engine.runner import Runner
from pfstudio.train.arguments import TrainingSession
from pfstudio.train.pack import write_pack
from pfstudio.train.session import run_session
from pfstudio.ui.trash import move_to_trash
from pfstudio.weights.catalogue import RemoteFile
from pfstudio.weights.download import download
from pfstudio.weights.store import import_model, save_model

Begun = Callable[[], None]  # says that writing has begun, as often as one likes


def index_file() -> Path:
    return cache_folder() / "library.sqlite"


def generating(begun: Begun, source: str) -> None:
    """A worker with one job that runs and two that wait; `source` is the model."""

    def hear(answer: Answer) -> None:
        if isinstance(answer, Progress):
            begun()
        elif isinstance(answer, Finished):
            runner.submit(request)

    request = GenerateRequest(
        model=source, count=2, sampler=Euler(steps=12), compute=Compute("cpu", "float32", 1)
    )
    runner = Runner(hear)
    for _ in range(3):
        runner.submit(request)
    runner.run()


def saving(begun: Begun, source: str) -> None:
    """Results, films and settings; `source` is a trace."""
    trace = read_trace(Path(source))
    pixels = np.random.default_rng(0).integers(0, 255, (len(trace.noise), 96, 96, 3), np.uint8)
    for number in itertools.count():
        save_result(pixels, trace)
        write_video(pictures_folder() / f"film-{number % 3}.gif", pixels, 10)
        write_video(pictures_folder() / f"film-{number % 3}.mp4", pixels, 10)
        save_settings(Settings(threads=1 + number % 4, theme="dark"))
        begun()


def converting(begun: Begun, source: str) -> None:
    """A published checkpoint into an installed model, and away again."""
    for number in itertools.count():
        import_model(Path(source), f"copy-{number % 2}-{os.getpid()}")
        begun()
        if number:
            move_to_trash([models_folder() / f"copy-{(number - 1) % 2}-{os.getpid()}"])


def replacing(begun: Begun, source: str) -> None:
    """One model, and a data set with its labels, replaced by others."""
    folder = Path(source)
    for number in itertools.count():
        card = ModelCard("model", "Model", "autoencoder-kl", training=f"{number} steps")
        save_model(folder / "model", card, {"a": torch.full((200_000,), float(number))})
        name = f"{number}.bin"
        write_pack(folder / "set.tar", [(name, bytes(200_000))], folder / "set.json", {"of": name})
        begun()


def training(begun: Begun, source: str) -> None:
    """A training that goes on where the last process was killed; `source` is its recipe."""
    recipe = Path(source)
    for steps in itertools.count(6, 6):
        forget_accelerate()
        session = TrainingSession(recipe, recipe.parent, recipe.parent / "out", "cpu", steps=steps)
        run_session(session, lambda advance: begun())


def indexing(begun: Begun, source: str) -> None:
    """A library with stars, its index made anew every other time."""
    for number in itertools.count():
        library = Library(pictures_folder(), index_file())
        library.scan(lambda read: begun() is None)
        for item in library.find()[number % 7 :: 40]:
            library.mark(item, starred=not item.starred, note=f"seen {number} times")
        begun()
        library.close()
        if number % 2:
            index_file().unlink()


def downloading(begun: Begun, source: str) -> None:
    """One file after the other from `source`, an address."""
    for number in itertools.count():
        file = RemoteFile(source, f"file-{number}", 0)
        download(file, cache_folder() / "downloads", lambda done, total: begun())


WORK = {each.__name__: each for each in (
    generating, saving, converting, replacing, training, indexing, downloading
)}  # fmt: skip


def work(kind: str, folders: Mapping[str, str], source: str, told: Connection) -> None:
    """Do it for ever, in these folders; `told` is sent True once writing has begun."""
    os.environ.update(folders)
    first = iter([True])

    def begun() -> None:
        if next(first, False):
            told.send(True)

    WORK[kind](begun, source)
