"""Every reader of files and texts that a stranger may have written, with an original of each."""

from __future__ import annotations

import io
import json
import random
import tarfile
import time
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.numpy
import torch
from mutations import mutated, mutated_json
from PIL import Image

from pfstudio.cli.generate import read_paint
from pfstudio.core.card import CARD_NAME, WEIGHTS_NAME, ModelCard
from pfstudio.core.classify import ClassifyRequest
from pfstudio.core.conditions import labels
from pfstudio.core.depth import DepthRequest
from pfstudio.core.depth_files import NOTE, read_png16, write_png16
from pfstudio.core.errors import PfstudioError
from pfstudio.core.execution import Execution, Kernels
from pfstudio.core.features import Features, FeaturesRequest, LayerFeatures
from pfstudio.core.features_file import read_features, write_features
from pfstudio.core.image_io import read_extras, read_picture, read_thumbnail
from pfstudio.core.library import read_marks
from pfstudio.core.maps import read_maps, write_maps
from pfstudio.core.metadata import picture_notes, read_notes, read_recipe, save_picture
from pfstudio.core.models import installed_models, models_folder
from pfstudio.core.parameter_text import read_parameters
from pfstudio.core.prompts import read_prompts
from pfstudio.core.reliability import read_truth
from pfstudio.core.requests import GenerateRequest
from pfstudio.core.settings import Settings, load_settings, save_settings
from pfstudio.core.tasks import request_from_json, request_to_json
from pfstudio.core.trace import Trace
from pfstudio.core.trace_file import read_trace, write_trace
from pfstudio.core.trace_journal import RecordedCall, TraceRecorder
from pfstudio.core.upscale import UpscaleRequest
from pfstudio.core.upscale_settings import Upscale
from pfstudio.engine.initial_state import read_noise
from pfstudio.engine.queue import JobQueue
from pfstudio.train import config
from pfstudio.train.captions import read_captions
from pfstudio.train.data import decode, read_labels, read_source
from pfstudio.train.depth_data import load_depth_source
from pfstudio.train.latents import load_latents
from pfstudio.train.render_plan import read_furniture
from pfstudio.train.sweep import read_sweep
from pfstudio.ui.recipe.stored import load_recipe, recipe_path
from pfstudio.ui.restore import look_at
from pfstudio.weights.checkpoint import read_checkpoint

BYTES, JSON, TENSORS = "bytes", "json", "tensors"  # how a file is damaged
SECONDS = 2.0  # of the processor, for one file
REQUEST = GenerateRequest(conditions=labels(3), count=2)


@dataclass(frozen=True)
class Reader:
    """Reads the file `name` of a folder, which at first holds `original`."""

    name: str
    original: bytes
    read: Callable[[Path], object]
    damage: str = BYTES
    wrap: Callable[[bytes], bytes] = bytes  # puts what was damaged into the file


def _bytes(write: Callable[[Path], object], path: Path) -> bytes:
    write(path)
    return path.read_bytes()


def _trace(folder: Path) -> Trace:
    recorder = TraceRecorder(REQUEST, "tiny", folder / "journals")
    execution = Execution("cpu", "float32", 1, Kernels(), torch="2.0", machine="this")
    recorder.begin_batch(np.zeros((2, 4, 4, 4), np.float32), execution)
    maps, roles = np.full((2, 2, 2), 0.5, np.float32), np.ones((2, 2, 2), np.uint8)
    latents = np.zeros((2, 4, 4, 4), np.float16)
    for _ in range(2):
        recorder.add(RecordedCall(maps, maps, roles, maps, 8, 1.0, latents, latents))
    recorder.end_batch(np.ones((2, 4, 4, 4), np.float32))
    trace = recorder.trace()
    recorder.close()
    assert trace is not None
    return trace


def _features() -> Features:
    request = FeaturesRequest(("a.png",), "tiny", (2,), times=(0.5, 0.75), condition=labels(1)[0])
    maps = np.ones((1, 2, 2, 2), np.float32)
    return Features(
        request, "tiny", ("a.png",), np.zeros((1, 8, 8, 3), np.uint8), request.times,
        (LayerFeatures(2, np.ones((1, 2, 2, 2, 3), np.float16)),), maps, maps,
        Execution("cpu", "float32", 1, Kernels(), torch="2.0", machine="this"),
    )  # fmt: skip


def _picture(text: bytes, key: str) -> bytes:
    """A PNG with a text chunk, whose check sum is right however odd the text is."""
    chunk = b"iTXt" + key.encode() + bytes(5) + text
    sum_ = zlib.crc32(chunk).to_bytes(4, "big")
    file = io.BytesIO()
    Image.new("RGB", (16, 16), "red").save(file, "PNG")
    data = file.getvalue()
    end = data.rindex(b"IEND") - 4
    return data[:end] + (len(chunk) - 4).to_bytes(4, "big") + chunk + sum_ + data[end:]


def tensors_file(header: bytes, body: bytes) -> bytes:
    """A safetensors file of a header and what follows it."""
    return len(header).to_bytes(8, "little") + header + body


def _tar(pictures: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as tar:
        for name, data in pictures.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    return file.getvalue()


def _read_pack(path: Path) -> None:
    for name, data in read_source(path):
        decode(name, data)


def _read_pairs(pack: Path, labels: Path) -> None:
    for pair in load_depth_source(config.SourceConfig(str(pack), labels=str(labels)), Path()).train:
        pair.both()


def _library() -> bytes:
    file = io.BytesIO()
    about = "model#1=/a.obj\nwidth#1=80\ndepth#1=50\nheight#1=90\nelevation#1=42.0\n"
    with zipfile.ZipFile(file, "w") as library:
        library.writestr("a.obj", "")
        library.writestr("PluginFurnitureCatalog.properties", about)
    return file.getvalue()


def _read_truth(path: Path) -> None:
    for kind in ("depth", "disparity"):
        read_truth(path, kind)


def _read_queue(path: Path) -> None:
    JobQueue(path).close()


def _installed(path: Path) -> None:
    """As the window lists models: the card of a stranger's model lies among them."""
    folder = models_folder() / "strange"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / WEIGHTS_NAME).touch()
    (folder / CARD_NAME).write_bytes(path.read_bytes())
    installed_models()
    ModelCard.read(folder)


def _stored_recipe(path: Path) -> None:
    recipe_path().parent.mkdir(parents=True, exist_ok=True)
    recipe_path().write_bytes(path.read_bytes())
    load_recipe()


def _pictures(folder: Path) -> list[Reader]:
    pixels = np.random.default_rng(0).integers(0, 256, (24, 24, 3), np.uint8)
    notes = picture_notes(REQUEST, 0, (24, 24))

    def read(path: Path) -> None:
        for reader in (read_picture, read_extras, lambda path: read_thumbnail(path, 32), look_at):
            try:
                reader(path)
            except PfstudioError as error:
                checked(error)

    found = []
    for ending in (".png", ".webp", ".jpg"):
        path = folder / f"picture{ending}"
        save_picture(path, pixels, notes)
        found.append(Reader(path.name, path.read_bytes(), read))
    for name, kind in (("a.tiff", "TIFF"), ("a.gif", "GIF"), ("a.bmp", "BMP"), ("a.avif", "AVIF")):
        Image.fromarray(pixels).save(folder / name, kind)
        found.append(Reader(name, (folder / name).read_bytes(), read))
    for key, text, damage, reader in (
        ("pfstudio", notes.pfstudio, JSON, read_recipe),
        ("parameters", notes.parameters, BYTES, read_recipe),
        ("prompt", '{"3": {"class_type": "KSampler", "inputs": {}}}', JSON, read_notes),
    ):
        found.append(Reader(
            f"{key}.png", text.encode(), reader, damage,
            lambda text, key=key: _picture(text, key),
        ))  # fmt: skip
    write_png16(folder / "d.png", np.eye(8, dtype=np.float32), {"low": 0.0, "high": 1.0})
    about = json.dumps({"low": 0.0, "high": 1.0}).encode()
    found.append(Reader("d.png", (folder / "d.png").read_bytes(), read_png16))
    found.append(Reader("n.png", about, read_png16, JSON, lambda text: _picture(text, NOTE)))
    return found


def _documents(folder: Path) -> list[Reader]:
    card = ModelCard(
        "strange", "Strange", "patch-forcing", task="generate", sizes={"depth": 2},
        classes=("a", "b"), pixels=64, quality={"FID": 3.0},
    )  # fmt: skip
    settings = folder / "settings.json"
    save_settings(Settings(theme="dark", shortcuts=(("run.generate", "F5"),)), settings)
    recipe = {"version": 1, "request": REQUEST.to_json(), "budget": 3, "keep_seed": True}
    labelled = {"classes": ["a", "b"], "train": [["x.png", 0]], "test": [["y.png", 1]]}
    caption = {"captions": ["a cat"], "flip": True, "held_out": False, "concept": "c"}
    features = FeaturesRequest(("a.png",), condition=labels(1)[0])
    requests = [REQUEST, DepthRequest("a.png"), UpscaleRequest("a.png", Upscale()), features]
    requests.append(ClassifyRequest("a.png", classes=(0, 2)))
    found = [
        Reader("card.json", card.to_json().encode(), _installed, JSON),
        Reader("settings.json", settings.read_bytes(), load_settings, JSON),
        Reader("recipe.json", json.dumps(recipe).encode(), _stored_recipe, JSON),
        Reader("labels.json", json.dumps(labelled).encode(), read_labels, JSON),
        Reader(
            "captions.json", json.dumps({"pictures": {"a.png": caption}}).encode(),
            read_captions, JSON,
        ),
        Reader(
            "library.json", b'{"image-000.png": {"starred": true, "note": "for the wall"}}',
            read_marks, JSON,
        ),
        Reader("request.json", REQUEST.to_json().encode(), look_at, JSON),
        Reader("prompts.txt", "a cat\n\nein Hündchen\n".encode(), read_prompts),
        Reader("queue.jsonl", _queue(folder, requests), _read_queue),
    ]  # fmt: skip
    for number, request in enumerate(requests):
        text = request_to_json(request).encode()
        found.append(Reader(f"task-{number}.json", text, _as_text(request_from_json), JSON))
    parameters = picture_notes(REQUEST, 0, (24, 24)).parameters.encode()
    found.append(Reader("parameters.txt", parameters, _as_text(read_parameters)))
    for path in sorted((Path(__file__).parents[1] / "resources/recipes").glob("*.toml"))[:2]:
        found.append(Reader(path.name, path.read_bytes(), config.read_recipe))
    found.append(Reader("oak.sh3f", _library(), lambda path: read_furniture(path.parent)))
    found.append(Reader("paint.txt", b"3300\n0 1 1 0\n2,2,2,2\n", read_paint))
    sweep = b'equal = ["calls"]\n[[rules]]\nrule = "sparse"\nweight = [1.3, 2]\nmasks = "nested"\n'
    found.append(Reader("sweep.toml", sweep, read_sweep))
    return found


def _as_text(read: Callable[[str], object]) -> Callable[[Path], object]:
    return lambda path: read(path.read_bytes().decode("utf-8", "surrogateescape"))


def _queue(folder: Path, requests: list[Any]) -> bytes:
    queue = JobQueue(folder / "queue.jsonl")
    for request in requests:
        queue.add(request)
    queue.close()
    return (folder / "queue.jsonl").read_bytes()


def _arrays(folder: Path) -> list[Reader]:
    trace, values = _trace(folder), np.eye(8, dtype=np.float32)
    path, found = folder / "run.pftrace", []
    write_trace(trace, path)
    found += _tensors("run.pftrace", path.read_bytes(), read_trace)
    write_features(_features(), folder / "features.safetensors")
    stored = (folder / "features.safetensors").read_bytes()
    found += _tensors("features.safetensors", stored, read_features)
    for ending in (".npz", ".npy", ".csv"):
        path = write_maps(trace, folder / f"maps{ending}")[0]
        found.append(Reader(path.name, path.read_bytes(), read_maps))
    np.save(folder / "paint.npy", values)
    found.append(Reader("paint.npy", (folder / "paint.npy").read_bytes(), read_paint))
    np.savez(folder / "t.npz", disp=values)
    np.save(folder / "t.npy", values)
    Image.fromarray(np.eye(8, dtype=np.uint16) * 900).save(folder / "t.png")
    for name in ("t.npz", "t.npy", "t.png"):
        found.append(Reader(name, (folder / name).read_bytes(), _read_truth))
    return found


def _tensors(name: str, data: bytes, read: Callable[[Path], object]) -> list[Reader]:
    """Damaged anywhere, and with a header that is JSON but says something else."""
    size = 8 + int.from_bytes(data[:8], "little")
    body = data[size:]
    return [
        Reader(name, data, read),
        Reader(name, data[8:size], read, TENSORS, lambda header: tensors_file(header, body)),
    ]


def _weights(folder: Path) -> list[Reader]:
    state = {"blocks.0.weight": torch.ones(3, 4), "pos_embed": torch.zeros(1, 4, 8)}
    training = {"ema": state, "model": state, "opt": {"step": 1}, "args": {"lr": 1e-4}}
    torch.save(training, folder / "training.pt")
    torch.save(state, folder / "old.pt", _use_new_zipfile_serialization=False)
    arrays = {name: value.numpy() for name, value in state.items()}
    found = _tensors("w.safetensors", safetensors.numpy.save(arrays), read_checkpoint)
    noise = safetensors.numpy.save({"noise": np.zeros((1, 4, 8, 8), np.float32)})
    found += _tensors("noise.safetensors", noise, read_noise)
    kept = {
        f"{part}.{name}": value
        for part in ("train", "test")
        for name, value in (
            ("latents", np.zeros((2, 4, 2, 2), np.float16)), ("labels", np.zeros(2, np.int64)),
        )
    }  # fmt: skip
    found += _tensors("latents.safetensors", safetensors.numpy.save(kept), load_latents)
    for name in ("training.pt", "old.pt"):
        found.append(Reader(name, (folder / name).read_bytes(), read_checkpoint))
    picture = _picture(b"", "none")
    found.append(Reader("pack.tar", _tar({"a.png": picture, "b.png": picture}), _read_pack))
    return [*found, *_pairs(folder)]


def _pairs(folder: Path) -> list[Reader]:
    """A pack of pictures with depth, and its labels."""
    files = {}
    for name, kind, mode in (("a.jpg", "JPEG", "RGB"), ("a.png", "PNG", "I;16")):
        file = io.BytesIO()
        Image.new(mode, (16, 16)).save(file, kind)
        files[name] = file.getvalue()
    pair = {"name": "a", "scene": "s", "inverse_min": 0.5, "inverse_max": 2.0}
    pack, labels = folder / "pairs.tar", folder / "pairs.json"
    pack.write_bytes(_tar(files))
    labels.write_text(json.dumps({"bits": 12, "pairs": [pair]}), encoding="utf-8")
    return [
        Reader(pack.name, pack.read_bytes(), lambda path: _read_pairs(path, labels)),
        Reader(labels.name, labels.read_bytes(), lambda path: _read_pairs(pack, path), JSON),
    ]


def every_reader(folder: Path) -> list[Reader]:
    """All of them; `folder` is for making the originals."""
    return [*_pictures(folder), *_documents(folder), *_arrays(folder), *_weights(folder)]


def checked(error: PfstudioError) -> None:
    """The sentence of an error: one, and short."""
    text = str(error)
    assert text
    assert "\n\n" not in text
    assert len(text) < 500
    assert "Traceback" not in text


def read_mutated(reader: Reader, folder: Path, seed: int) -> bytes:
    """Read one damaged file and return it: a value or one sentence comes back, and soon.

    Raises:
        Exception: any but a PfstudioError is a fault of the reader.
    """
    chance = random.Random(f"{reader.name} {reader.damage} {seed}")
    damage = mutated if reader.damage == BYTES else mutated_json
    data = reader.wrap(damage(reader.original, chance))
    path = folder / reader.name
    path.write_bytes(data)
    began = time.process_time()
    try:
        reader.read(path)
    except PfstudioError as error:
        checked(error)
    finally:
        path.unlink(missing_ok=True)
    took = time.process_time() - began
    assert took < SECONDS, f"{took:.1f} s"
    return data
