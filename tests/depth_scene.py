"""Small rendered scenes with their depth, and a made-up estimate of it, for tests of the window."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QWidget

from pfstudio.core.card import CARD_NAME, WEIGHTS_NAME, ModelCard
from pfstudio.core.depth import DepthMap, DepthRequest, DepthStep
from pfstudio.core.errors import InputError
from pfstudio.core.events import Failed, Finished, Progress, Started
from pfstudio.core.image_io import read_picture
from pfstudio.core.models import models_folder

SIZE = (96, 128)  # rows, columns
LATENT = (4, 12, 16)
SECONDS_PER_CALL = 0.4


@cache
def scene(seed: int, size: tuple[int, int] = SIZE) -> tuple[np.ndarray, np.ndarray]:
    """Balls on a chequered floor: picture (H,W,3) and distance along z (H,W)."""
    rng = np.random.default_rng(seed)
    height, width = size
    ys, xs = np.mgrid[0:height, 0:width]
    rays = np.stack(
        [(xs + 0.5 - width / 2) / width, (ys + 0.5 - height / 2) / width, np.full(size, 0.9)], -1
    )
    depth = np.full(size, 14.0)
    colour = np.broadcast_to([0.62, 0.74, 0.9], (*size, 3)) * (1 - 0.4 * ys[..., None] / height)
    floor = rays[..., 1] > 1e-6
    t = np.where(floor, 1.6 / np.maximum(rays[..., 1], 1e-6), np.inf)
    near = floor & (t * rays[..., 2] < 14)
    where = np.where(near[..., None], rays * np.where(near, t, 0)[..., None], 0)
    check = (np.floor(where[..., 0]) + np.floor(where[..., 2])) % 2
    shade = np.where(check > 0, 0.72, 0.42)[..., None] * np.array([1.0, 0.93, 0.82])
    colour = np.where(near[..., None], shade, colour)
    depth = np.where(near, where[..., 2], depth)
    light = np.array([-0.5, -0.75, -0.45])
    light = light / np.linalg.norm(light)
    for _ in range(6):
        centre = np.array([rng.uniform(-3, 3), rng.uniform(0.2, 1.1), rng.uniform(4, 9)])
        radius, tint = rng.uniform(0.4, 1.0), rng.uniform(0.25, 0.95, 3)
        a = (rays**2).sum(-1)
        b = -2 * rays @ centre
        inside = b * b - 4 * a * (centre @ centre - radius**2)
        hit = np.where(inside > 0, (-b - np.sqrt(np.maximum(inside, 0))) / (2 * a), np.inf)
        closer = (inside > 0) & (hit * rays[..., 2] < depth)
        points = rays * np.where(closer, hit, 0)[..., None]
        normals = (points - centre) / radius
        lit = np.clip(normals @ light, 0, 1)[..., None] * 0.8 + 0.2
        colour = np.where(closer[..., None], tint * lit, colour)
        depth = np.where(closer, points[..., 2], depth)
    return (np.clip(colour, 0, 1) * 255).astype(np.uint8), depth.astype(np.float32)


def install_depth_card(name: str = "scenes") -> None:
    """A depth model that can be chosen (not run)."""
    folder = models_folder() / name
    folder.mkdir(parents=True, exist_ok=True)
    card = ModelCard(name, "Scenes", "depth-fm", task="depth", pixels=128)
    (folder / CARD_NAME).write_text(card.to_json(), encoding="utf-8")
    (folder / WEIGHTS_NAME).write_bytes(b"")


def drop(widget: QWidget, *paths: Path) -> None:
    """Drop files on a widget, as a desktop does: first they hang over it."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    place, copy = widget.rect().center(), Qt.DropAction.CopyAction
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    for event in (
        QDragEnterEvent(place, copy, data, left, none),
        QDropEvent(place.toPointF(), copy, data, left, none),
    ):
        QApplication.sendEvent(widget, event)


def write_scene(folder: Path, seed: int, size: tuple[int, int] = SIZE) -> Path:
    """A scene as a file whose name says its seed."""
    path = folder / f"scene-{seed}.png"
    Image.fromarray(scene(seed, size)[0]).save(path)
    return path


def log_depth_of(path: str, size: tuple[int, int]) -> np.ndarray:
    """The true log-depth of a written scene, in -1..1."""
    seed = int((re.findall(r"\d+", Path(path).stem) or ["0"])[-1])
    values = np.log(scene(seed, size)[1])
    return (2 * (values - values.min()) / np.ptp(values) - 1).astype(np.float32)


def made_up_spread(log_depth: np.ndarray) -> np.ndarray:
    """Large at edges and far away."""
    rows, columns = np.gradient(log_depth)
    return (0.01 + 0.25 * np.hypot(rows, columns) + 0.01 * (log_depth + 1)).astype(np.float32)


def events(job: int, request: DepthRequest) -> Iterator[object]:
    """What the engine would say, at once: the truth as the result."""
    try:
        picture = read_picture(request.image_file)
    except InputError as error:
        yield Failed(job, str(error), error.advice, "", error.exit_code)
        return
    nfe = request.steps
    yield Started(job, nfe, 1, LATENT[1:], "cpu", "float32", 1, ())
    for call in range(nfe):
        latents = np.full((request.ensemble_size, *LATENT), call + 1, np.float16)
        elapsed, eta = (call + 1) * SECONDS_PER_CALL, (nfe - call - 1) * SECONDS_PER_CALL
        detail = DepthStep(call / nfe, 0, request.ensemble_size, 0, 0, latents, latents)
        yield Progress(job, call, nfe, elapsed, eta, detail)
    values = log_depth_of(request.image_file, picture.shape[:2])
    spread = made_up_spread(values) * (request.ensemble_size > 1)
    processed = np.stack([values, spread, spread / 4])
    latents = np.zeros((request.ensemble_size, *LATENT), np.float32)
    result = DepthMap(request, "Scenes", picture, processed, latents)
    yield Finished(job, result, nfe * SECONDS_PER_CALL)


def decoded(request: DepthRequest, latents: np.ndarray) -> np.ndarray:
    """(E,h,w) what made-up latents show: the truth, ever less blurred."""
    picture = read_picture(request.image_file)
    values = log_depth_of(request.image_file, picture.shape[:2])
    share = min(float(latents.flat[0]) / request.steps, 1.0)
    rng = np.random.default_rng(0)
    noise = rng.normal(size=values.shape) * (1 - share) * 0.5
    return (values * (0.4 + 0.6 * share) + noise).astype(np.float32)[None].repeat(len(latents), 0)
