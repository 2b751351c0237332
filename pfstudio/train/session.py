"""From a recipe file to a finished model; `pfstudio train` and `accelerate launch` run it."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import torch
from accelerate import Accelerator
from torch import Tensor

from pfstudio.core.card import ModelCard
from pfstudio.core.errors import InputError
from pfstudio.core.files import check_writable
from pfstudio.core.requests import Compute
from pfstudio.engine.execution import default_execution
from pfstudio.nn.registry import ARCHITECTURES
from pfstudio.train.alignment import METHODS
from pfstudio.train.arguments import TrainingSession
from pfstudio.train.autoencoder import AutoencoderTask
from pfstudio.train.captions import (
    embed_captions,
    load_captioned,
    load_embeddings,
    read_captions,
    save_embeddings,
)
from pfstudio.train.conditions import (
    SAMPLES,
    CaptionConditions,
    ClassConditions,
    Conditions,
    NoConditions,
)
from pfstudio.train.config import TrainingConfig, read_recipe
from pfstudio.train.data import (
    check_held_out,
    fingerprint,
    load_source,
    picture_files,
    source_classes,
)
from pfstudio.train.depth import DepthTask
from pfstudio.train.depth_data import load_depth_sources
from pfstudio.train.generator import GeneratorTask
from pfstudio.train.latents import (
    Encode,
    LatentData,
    encode_data,
    load_latents,
    mirrorable,
    save_latents,
)
from pfstudio.train.mobilenet import feature_maps, load_mobilenet
from pfstudio.train.report import summary_writer
from pfstudio.train.task import TrainingTask
from pfstudio.train.trainer import STATE, Advance, Trainer
from pfstudio.train.upsampler import UpsamplerTask
from pfstudio.weights.autoencoders import Autoencoder
from pfstudio.weights.load import load_autoencoder, load_weights
from pfstudio.weights.text_encoders import load_text_encoder

_MIXED = {"float32": "no", "bfloat16": "bf16"}


def run_session(
    session: TrainingSession,
    on_advance: Callable[[Advance], None] = lambda advance: None,
    on_note: Callable[[str], None] = lambda note: None,
) -> ModelCard | None:
    """Train, or go on with a training that was stopped; the card on the first process.

    The precision "auto" becomes bfloat16 where the device has units for it, else float32: without
    them a processor needs many times as long for bfloat16.

    Raises:
        InputError: recipe, data or folder cannot be used.
        RunError: the training failed.
    """
    recipe = _adjusted(read_recipe(session.recipe), session)
    accelerator = Accelerator(
        cpu=_on_cpu(session.device), mixed_precision=_MIXED[recipe.training.precision]
    )
    draws = recipe.upsampler.draws if recipe.kind == "latent-upsampler" else 1
    if recipe.training.batch % (accelerator.num_processes * draws):
        each = ", each of which needs a multiple of upsampler.draws" if draws > 1 else ""
        raise InputError(
            f"A batch of {recipe.training.batch} cannot be shared evenly by "
            f"{accelerator.num_processes} processes{each}."
        )
    check_writable(session.out)
    if session.tensorboard:
        summary_writer()  # told now that it is missing, not after the encoding
    if accelerator.is_main_process:
        on_note(f"Training on {accelerator.device.type} in {recipe.training.precision}.")
    torch.manual_seed(recipe.training.seed)  # the first weights
    if recipe.kind == "autoencoder":
        task: TrainingTask = _autoencoder_task(recipe, session, accelerator)
    elif recipe.kind == "latent-upsampler":
        task = _upsampler_task(recipe, session, accelerator)
    elif recipe.kind == "depth":
        task = _depth_task(recipe, session, accelerator)
    else:
        task = _generator_task(recipe, session, accelerator, on_note)
    if recipe.training.start_from and not (session.out / STATE).is_file():
        load_weights(task.network, recipe.training.start_from)
    trainer = Trainer(
        recipe, task, accelerator, session.out, on_advance, tensorboard=session.tensorboard
    )
    if trainer.progress.step and accelerator.is_main_process:
        on_note(f"Going on after step {trainer.progress.step} of {recipe.training.steps}.")
    return trainer.run()


def _adjusted(recipe: TrainingConfig, session: TrainingSession) -> TrainingConfig:
    """The recipe with what was wished beside it, and the precision of this machine."""
    wished = session.precision or recipe.training.precision
    device = "cpu" if _on_cpu(session.device) else session.device
    precision = default_execution(Compute(device, wished)).precision
    steps = session.steps or recipe.training.steps
    return replace(recipe, training=replace(recipe.training, precision=precision, steps=steps))


def _on_cpu(device: str) -> bool:
    return device == "cpu" or os.environ.get("ACCELERATE_USE_CPU") == "true"


def _autoencoder_task(
    recipe: TrainingConfig, session: TrainingSession, accelerator: Accelerator
) -> AutoencoderTask:
    data = tuple(load_source(source, session.data) for source in recipe.data.sources)
    check_held_out(data)
    return AutoencoderTask(recipe, data, accelerator.device)


def _depth_task(
    recipe: TrainingConfig, session: TrainingSession, accelerator: Accelerator
) -> DepthTask:
    autoencoder = load_autoencoder(recipe.depth.autoencoder).to(accelerator.device)
    data = load_depth_sources(recipe.data.sources, session.data)
    return DepthTask(recipe, data, autoencoder, accelerator.device)


def _upsampler_task(
    recipe: TrainingConfig, session: TrainingSession, accelerator: Accelerator
) -> UpsamplerTask:
    autoencoder = load_autoencoder(recipe.upsampler.autoencoder)
    data = tuple(load_source(source, session.data) for source in recipe.data.sources)
    check_held_out(data)
    return UpsamplerTask(recipe, data, autoencoder, accelerator.device)


def _generator_task(
    recipe: TrainingConfig,
    session: TrainingSession,
    accelerator: Accelerator,
    on_note: Callable[[str], None],
) -> GeneratorTask:
    autoencoder = load_autoencoder(recipe.generator.autoencoder).to(accelerator.device)
    with accelerator.main_process_first():  # the others find the files
        keep = session.out if accelerator.is_main_process else None
        pixels = recipe.data.pixels
        sides = (pixels, pixels // 2) if recipe.generator.half_size_until else (pixels,)
        latents = [_latents(recipe, session, side, autoencoder, keep, on_note) for side in sides]
        maps = _maps(recipe, session, keep, on_note)
        classes: tuple[str, ...] = ()
        conditions: Conditions
        sizes: dict[str, int] = {}
        if ARCHITECTURES[recipe.kind].condition == "text":
            conditions = captions = _captions(recipe, session, keep, on_note)
            sizes = {"text_dim": captions.embeddings.tokens.shape[1]}
        elif ARCHITECTURES[recipe.kind].condition == "class":
            classes = source_classes(recipe.data.sources[0], session.data, recipe.data.classes)
            conditions = ClassConditions(classes)
            sizes = {"num_classes": len(classes)}
        else:
            conditions = NoConditions()
    half = latents[1] if len(latents) > 1 else None
    return GeneratorTask(
        recipe, latents[0], half, maps, conditions, classes, sizes, autoencoder, accelerator.device
    )


def _latents(
    recipe: TrainingConfig,
    session: TrainingSession,
    side: int,
    autoencoder: Autoencoder,
    keep: Path | None,
    on_note: Callable[[str], None],
) -> LatentData:
    """Latents of pictures of this side: those in the run's folder, or made now."""
    made_by = (recipe.generator.autoencoder, str(autoencoder.scaling))
    path = session.out / f"latents-{_cache_key(recipe, session, side, *made_by)}.safetensors"
    device = next(autoencoder.parameters()).device

    def encode(pictures: Tensor) -> Tensor:
        return autoencoder.encode(pictures.to(device))

    note = f"Encoding the images once, at {side} px."
    return _encoded_once(recipe, session, side, path, keep, encode, partial(on_note, note))


def _maps(
    recipe: TrainingConfig,
    session: TrainingSession,
    keep: Path | None,
    on_note: Callable[[str], None],
) -> LatentData | None:
    """What MobileNetV2 sees in the pictures, where the recipe asks for it; kept like latents."""
    kind = METHODS.get(recipe.alignment.method)
    if not recipe.report.features and (kind is None or not kind.encoder):
        return None
    side, mobilenet = recipe.data.pixels, load_mobilenet(head=False)
    path = session.out / f"maps-{_cache_key(recipe, session, side, 'mobilenet-v2')}.safetensors"
    note = "Looking at the images once with MobileNetV2."
    encode = partial(feature_maps, mobilenet)
    return _encoded_once(recipe, session, side, path, keep, encode, partial(on_note, note))


def _encoded_once(
    recipe: TrainingConfig,
    session: TrainingSession,
    side: int,
    path: Path,
    keep: Path | None,
    encode: Encode,
    on_begin: Callable[[], None],
) -> LatentData:
    """The recipe's pictures through `encode`: those in the file, or made now."""
    encoded = load_latents(path)
    if encoded is not None:
        return encoded
    on_begin()
    source = recipe.data.sources[0]
    if ARCHITECTURES[recipe.kind].condition == "text":
        pictures = read_captions(session.data / source.labels)
        data = load_captioned(source, session.data, pictures)
        may_flip = pictures.flip[data.train.labels]
    else:
        data = load_source(source, session.data, recipe.data.classes)
        may_flip = mirrorable(data.train.labels, data.classes, recipe.data.directional)
    check_held_out([data])
    encoded = encode_data(data, side, may_flip & recipe.data.flip, encode)
    if keep is not None:
        save_latents(path, encoded)
        encoded = load_latents(path) or encoded  # rounded as every later session sees them
    return encoded


def _captions(
    recipe: TrainingConfig,
    session: TrainingSession,
    keep: Path | None,
    on_note: Callable[[str], None],
) -> CaptionConditions:
    """The captions' embeddings: those in the run's folder, or made now."""
    encoder = load_text_encoder(recipe.generator.text_encoder)
    labels = session.data / recipe.data.sources[0].labels
    key = fingerprint(*_seen([labels]), recipe.generator.text_encoder)
    path = session.out / f"captions-{key}.safetensors"
    pictures, embeddings = read_captions(labels), load_embeddings(path)
    if embeddings is None:
        on_note("Embedding the captions once.")
        embeddings = embed_captions(pictures, lambda t: encoder.together(t).embeddings)
        if keep is not None:
            save_embeddings(path, embeddings)
    first = tuple(dict.fromkeys(own[0] for own in pictures.captions))
    names = recipe.report.grid_classes or first[:SAMPLES]
    prompts = {name: encoder([name]).embeddings for name in names}
    return CaptionConditions(embeddings, prompts, recipe.generator.caption_dropout)


def _cache_key(recipe: TrainingConfig, session: TrainingSession, side: int, *made_by: str) -> str:
    """Names what was made of this data by this network; another size or date makes new ones."""
    source = recipe.data.sources[0]
    files = [session.data / name for name in (source.path, source.test_path, source.labels) if name]
    return fingerprint(*_seen(files), str(replace(recipe.data, pixels=side)), *made_by)


def _seen(files: list[Path]) -> list[str]:
    """What tells one state of these files from another; of a folder, that of every picture."""
    each = [one for f in files for one in (picture_files(f) if f.is_dir() else [f])]
    return [f"{f}:{f.stat().st_size}:{f.stat().st_mtime_ns}" for f in each if f.exists()]
