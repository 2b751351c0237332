"""From a recipe file to a finished model; `pfstudio train` and `accelerate launch` run it."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import torch
from accelerate import Accelerator

from pfstudio.core.card import ModelCard
from pfstudio.core.errors import InputError
from pfstudio.core.files import check_writable
from pfstudio.train.arguments import Session
from pfstudio.train.autoencoder import AutoencoderTask
from pfstudio.train.config import TrainingConfig, read_training_config
from pfstudio.train.data import fingerprint, load_source, read_labels
from pfstudio.train.depth import DepthTask
from pfstudio.train.depth_data import load_depth_sources
from pfstudio.train.generator import GeneratorTask
from pfstudio.train.latents import LatentData, encode_data, load_latents, save_latents
from pfstudio.train.task import TrainingTask
from pfstudio.train.trainer import Advance, Trainer
from pfstudio.train.upsampler import UpsamplerTask
from pfstudio.weights.autoencoders import Autoencoder
from pfstudio.weights.load import load_autoencoder

_MIXED = {"float32": "no", "bfloat16": "bf16"}


def run_session(
    session: Session,
    on_advance: Callable[[Advance], None] = lambda advance: None,
    on_note: Callable[[str], None] = lambda note: None,
) -> ModelCard | None:
    """Train, or go on with a training that was stopped; the card on the first process.

    Raises:
        InputError: recipe, data or folder cannot be used.
        RunError: the training failed.
    """
    recipe = _adjusted(read_training_config(session.recipe), session)
    accelerator = _accelerator(session.device, recipe)
    if recipe.training.batch % accelerator.num_processes:
        raise InputError(
            f"A batch of {recipe.training.batch} cannot be shared evenly by "
            f"{accelerator.num_processes} processes."
        )
    check_writable(session.out)
    torch.manual_seed(recipe.training.seed)  # the first weights
    if recipe.kind == "autoencoder":
        task: TrainingTask = _autoencoder_task(recipe, session, accelerator)
    elif recipe.kind == "latent-upsampler":
        task = _upsampler_task(recipe, session, accelerator)
    elif recipe.kind == "depth":
        task = _depth_task(recipe, session, accelerator)
    else:
        task = _generator_task(recipe, session, accelerator, on_note)
    trainer = Trainer(
        recipe, task, accelerator, session.out, on_advance, tensorboard=session.tensorboard
    )
    if trainer.progress.step and accelerator.is_main_process:
        on_note(f"Going on after step {trainer.progress.step} of {recipe.training.steps}.")
    return trainer.run()


def _adjusted(recipe: TrainingConfig, session: Session) -> TrainingConfig:
    changes = {
        name: value
        for name, value in (("precision", session.precision), ("steps", session.steps))
        if value
    }
    return replace(recipe, training=replace(recipe.training, **changes))


def _accelerator(device: str, recipe: TrainingConfig) -> Accelerator:
    if device == "cuda" and not torch.cuda.is_available():
        raise InputError("There is no CUDA device on this machine.", "Use --device cpu or auto.")
    if device == "mps" and not torch.backends.mps.is_available():
        raise InputError("There is no MPS device on this machine.", "Use --device cpu or auto.")
    return Accelerator(
        cpu=device == "cpu" or os.environ.get("ACCELERATE_USE_CPU") == "true",
        mixed_precision=_MIXED[recipe.training.precision],
    )


def _autoencoder_task(
    recipe: TrainingConfig, session: Session, accelerator: Accelerator
) -> AutoencoderTask:
    data = tuple(load_source(source, session.data) for source in recipe.data.sources)
    return AutoencoderTask(recipe, data, accelerator.device)


def _depth_task(recipe: TrainingConfig, session: Session, accelerator: Accelerator) -> DepthTask:
    autoencoder = load_autoencoder(recipe.depth.autoencoder).to(accelerator.device)
    data = load_depth_sources(recipe.data.sources, session.data)
    return DepthTask(recipe, data, autoencoder, accelerator.device)


def _upsampler_task(
    recipe: TrainingConfig, session: Session, accelerator: Accelerator
) -> UpsamplerTask:
    autoencoder = load_autoencoder(recipe.upsampler.autoencoder)
    data = tuple(load_source(source, session.data) for source in recipe.data.sources)
    return UpsamplerTask(recipe, data, autoencoder, accelerator.device)


def _generator_task(
    recipe: TrainingConfig,
    session: Session,
    accelerator: Accelerator,
    on_note: Callable[[str], None],
) -> GeneratorTask:
    autoencoder = load_autoencoder(recipe.generator.autoencoder).to(accelerator.device)
    source = recipe.data.sources[0]
    classes = recipe.data.classes or _class_names(session.data, source.labels)
    cache = session.out / f"latents-{_cache_key(recipe, session)}.safetensors"
    with accelerator.main_process_first():  # the others find the file
        latents = load_latents(cache)
        if latents is None:
            on_note("Encoding the pictures once.")
            latents = _encode(recipe, session, autoencoder)
            if accelerator.is_main_process:
                save_latents(cache, latents)
                latents = load_latents(cache) or latents
    return GeneratorTask(recipe, latents, classes, autoencoder, accelerator.device)


def _encode(recipe: TrainingConfig, session: Session, autoencoder: Autoencoder) -> LatentData:
    data = load_source(recipe.data.sources[0], session.data, recipe.data.classes)
    device = next(autoencoder.parameters()).device
    return encode_data(
        data,
        recipe.data.pixels,
        recipe.data.flip,
        recipe.data.directional,
        lambda pictures: autoencoder.encode(pictures.to(device)),
    )


def _class_names(folder: Path, labels: str) -> tuple[str, ...]:
    return read_labels(folder / labels).classes if labels else ("picture",)


def _cache_key(recipe: TrainingConfig, session: Session) -> str:
    """Names the latents of this data and this autoencoder; another size or date makes new ones."""
    source = recipe.data.sources[0]
    files = [session.data / name for name in (source.path, source.test_path, source.labels) if name]
    seen = [f"{f}:{f.stat().st_size}:{f.stat().st_mtime_ns}" for f in files if f.exists()]
    scaling = load_autoencoder(recipe.generator.autoencoder).scaling
    return fingerprint(*seen, str(recipe.data), recipe.generator.autoencoder, str(scaling))
