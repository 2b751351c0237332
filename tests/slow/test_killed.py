"""Killed at any moment, the program leaves whole files or none, and goes on where it was.

280 kills: `pytest -m slow tests/slow/test_killed.py`.
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import random
import shutil
import signal
import sqlite3
import sys
import tarfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import cv2
import killed_work
import pytest
from library_results import save_results
from loopback import listening
from PIL import Image
from run_traces import made_up_trace
from safetensors import safe_open
from small_models import install_small_model
from train_worlds import generator_recipe, write_world

from pfstudio.core.card import CARD_NAME, WEIGHTS_NAME, ModelCard
from pfstudio.core.library import Library, LibraryQuery, read_marks
from pfstudio.core.models import broken_models, installed_models, models_folder
from pfstudio.core.paths import cache_folder, pictures_folder, state_folder
from pfstudio.core.requests import GenerateRequest
from pfstudio.core.results import list_results, recover_results
from pfstudio.core.settings import load_settings
from pfstudio.core.trace_file import read_trace, write_trace
from pfstudio.engine.queue import JobQueue
from pfstudio.train.trainer import STATE
from pfstudio.weights.catalogue import RemoteFile
from pfstudio.weights.disk import sha256_of
from pfstudio.weights.download import download
from pfstudio.weights.load import load_network
from pfstudio.weights.store import verify_model

KILLS = {  # and the longest time, in seconds, from the first write on to the kill
    "generating": (40, 0.6),
    "saving": (40, 0.6),
    "converting": (40, 0.6),
    "replacing": (40, 0.3),
    "training": (40, 2.0),
    "indexing": (40, 0.6),
    "downloading": (40, 0.3),
}
RESULTS = 120

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]


@pytest.fixture
def kill(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], Iterator[int]]:
    """Begins the work of a kind and kills it, again and again; yields after each kill."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))  # of the server, for its preload
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["killed_work"])
    folders = {name: value for name, value in os.environ.items() if name.startswith("PFSTUDIO_")}

    def kills(kind: str, source: str) -> Iterator[int]:
        count, longest = KILLS[kind]
        moments = random.Random(kind)
        for number in range(count):
            told, tells = context.Pipe(duplex=False)
            process = context.Process(
                target=killed_work.work, args=(kind, folders, source, tells), daemon=True
            )
            process.start()
            tells.close()
            assert told.poll(120), f"{kind} does not begin"
            assert told.recv(), f"{kind} ended by itself"
            time.sleep(moments.uniform(0, longest))
            process.kill()
            process.join()
            assert process.exitcode == -signal.SIGKILL
            told.close()
            yield number

    return kills


def test_generating(kill: Callable[[str, str], Iterator[int]]) -> None:
    install_small_model()
    recovered = 0
    for _ in kill("generating", "small"):
        queue = JobQueue()
        assert queue.problem == ""
        left = queue.left()
        assert len(left) in (2, 3)  # 2: between the end of one and the next
        assert all(isinstance(request, GenerateRequest) for request in left)
        queue.forget_left()
        queue.close()
        for result in recover_results():
            assert result.trace is not None
            assert 1 <= read_trace(result.trace).nfe <= 12
            recovered += 1
        traces = state_folder() / "traces"
        assert list(traces.iterdir()) == []
        assert_results_are_whole()
    assert recovered > KILLS["generating"][0] // 2


def test_saving(kill: Callable[[str, str], Iterator[int]], tmp_path: Path) -> None:
    write_trace(made_up_trace(), tmp_path / "run.pftrace")
    for _ in kill("saving", str(tmp_path / "run.pftrace")):
        assert_results_are_whole()
        settings, notice = load_settings()
        assert notice == ""
        assert settings.theme == "dark"
        for film in pictures_folder().glob("film-*.gif"):
            with Image.open(film) as frames:
                assert getattr(frames, "n_frames", 1) == 2
        for film in pictures_folder().glob("film-*.mp4"):
            assert cv2.VideoCapture(str(film)).get(cv2.CAP_PROP_FRAME_COUNT) == 2
        shutil.rmtree(pictures_folder())  # each kill is looked at once


def test_converting(kill: Callable[[str, str], Iterator[int]], parity: Path) -> None:
    for _ in kill("converting", str(parity / "patch_forcing" / "ckpt" / "step000010.ckpt")):
        assert broken_models() == ()
        own = [model for model in installed_models() if not model.shipped]
        assert len(own) in (1, 2)
        for model in own:
            verify_model(model.name)
            load_network(model.name)
        names = {path.name for path in models_folder().iterdir() if not path.name.startswith(".")}
        assert names == {model.name for model in own}
        for model in own:
            shutil.rmtree(model.folder)


def test_replacing(kill: Callable[[str, str], Iterator[int]], tmp_path: Path) -> None:
    described = 0
    for _ in kill("replacing", str(tmp_path)):
        card = ModelCard.read(tmp_path / "model")
        assert card.sha256 == sha256_of(tmp_path / "model" / WEIGHTS_NAME)
        names = {path.name for path in tmp_path.iterdir() if not path.name.startswith(".")}
        assert names - {"set.json"} == {"model", "set.tar"}
        with tarfile.open(tmp_path / "set.tar") as pack:
            (name,) = pack.getnames()
        if "set.json" in names:
            assert json.loads((tmp_path / "set.json").read_text()) == {"of": name}
            described += 1
    assert described > KILLS["replacing"][0] // 2


def test_training(kill: Callable[[str, str], Iterator[int]], tmp_path: Path) -> None:
    write_world(tmp_path)
    recipe, step = generator_recipe(tmp_path), 0
    for _ in kill("training", str(recipe)):
        out = tmp_path / "out"
        for file in out.glob("*.safetensors"):
            with safe_open(file, "pt") as tensors:
                for key in tensors.keys():  # noqa: SIM118
                    tensors.get_tensor(key)
        if (out / STATE).is_file():
            with safe_open(out / STATE, "pt") as state:
                now = json.loads(state.metadata()["progress"])["step"]
            assert now >= step
            step = now
        if (out / "model" / CARD_NAME).is_file():
            card = ModelCard.read(out / "model")
            assert card.sha256 == sha256_of(out / "model" / WEIGHTS_NAME)
            load_network(str(out / "model"))
    assert step > 6


def test_indexing(kill: Callable[[str, str], Iterator[int]]) -> None:
    save_results([f"a red fox {number}" for number in range(RESULTS)])
    for number in kill("indexing", ""):
        if killed_work.index_file().is_file():
            with closing(sqlite3.connect(killed_work.index_file())) as database:
                assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        library = Library(pictures_folder(), killed_work.index_file())
        library.scan()
        assert len(library) == RESULTS
        assert len(library.find(LibraryQuery("fox 7"))) == 11
        starred = library.find(LibraryQuery(starred=True))
        marks = [read_marks(file) for file in pictures_folder().glob("*/*/library.json")]
        assert len(starred) == sum(mark["starred"] for file in marks for mark in file.values())
        assert number == 0 or marks
        library.close()
        assert_results_are_whole()


def test_downloading(kill: Callable[[str, str], Iterator[int]]) -> None:
    data = random.Random(0).randbytes(6 * 2**20)
    asked: list[str] = []

    def answer(request: BaseHTTPRequestHandler) -> None:
        asked.append(request.headers.get("Range", ""))
        start = int(asked[-1].removeprefix("bytes=").removesuffix("-") or 0)
        request.send_response(206 if start else 200)
        request.send_header("Content-Length", str(len(data) - start))
        request.send_header("ETag", '"one"')
        if start:
            request.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        request.end_headers()
        for at in range(start, len(data), 2**16):
            try:
                request.wfile.write(data[at : at + 2**16])
            except OSError:  # killed
                return
            time.sleep(0.001)

    with listening(answer) as root:
        address = f"{root}file"
        folder, wanted = cache_folder() / "downloads", hashlib.sha256(data).hexdigest()
        for _ in kill("downloading", address):
            for file in folder.glob("file-*"):
                if file.suffix != ".part" and file.suffix != ".json":
                    assert sha256_of(file) == wanted
            for part in folder.glob("*.part"):
                done = download(RemoteFile(address, part.stem, len(data), wanted), folder)
                assert sha256_of(done) == wanted
            shutil.rmtree(folder)
    assert sum(bool(start) for start in asked) > KILLS["downloading"][0] // 2


def assert_results_are_whole() -> None:
    """Every result opens, picture by picture; nothing lies outside of one."""
    for result in list_results():
        result.request()
        for image in result.images:
            with Image.open(image) as picture:
                picture.load()
        if result.trace is not None:
            read_trace(result.trace)
    found = {path.parent for path in pictures_folder().glob("*/*/*")}
    hidden = {folder for folder in found if folder.name.startswith(".")}
    assert found - hidden == {result.folder for result in list_results()}
