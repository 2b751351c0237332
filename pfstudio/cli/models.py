"""`pfstudio models`: what is installed, what can be had, and moving models in and out."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pfstudio.core.card import ModelCard
from pfstudio.core.errors import InputError
from pfstudio.core.models import (
    CheckpointInfo,
    InstalledModel,
    broken_models,
    installed_model,
    installed_models,
)
from pfstudio.core.routes import Route
from pfstudio.core.settings import load_settings, save_settings

FROM_NOISE, FROM_IMAGE = "noise-to-image", "image-to-noise"


def add_parser(subparsers: Any) -> None:
    """Add the verb and its own verbs."""
    parser = subparsers.add_parser("models", help="list, inspect, import, download, remove models")
    verbs = parser.add_subparsers(dest="models_verb", required=True, metavar="VERB")
    _verb(verbs, "list", "what is installed and what can be downloaded", _list)
    info = _verb(verbs, "info", "what a model or a checkpoint file is", _info)
    info.add_argument("model", metavar="FILE_OR_NAME")
    bring = _verb(verbs, "import", "convert a checkpoint into an installed model", _import)
    bring.add_argument("file", metavar="FILE", type=Path, help=".ckpt, .safetensors or a folder")
    bring.add_argument("--name", default="", help="name of the new model (default: the file's)")
    for verb in (info, bring):
        verb.add_argument(
            "--weights",
            choices=("ema", "raw"),
            default="ema",
            help="which weights of a training checkpoint: averaged or raw (default: %(default)s)",
        )
        verb.add_argument(
            "--heads", type=int, default=0, help="attention heads, where the file does not say"
        )
        verb.add_argument(
            "--time-runs",
            choices=(FROM_NOISE, FROM_IMAGE),
            help="in which direction a file was trained that does not say so; kept beside it",
        )
        verb.add_argument(
            "--route", action="append", default=[], metavar="FIRST-LAST:SHARE", type=_route,
            help="blocks, from 1, that a share of the patches skipped in training, e.g. 3-9:0.5; "
            "kept beside the file",
        )  # fmt: skip
    fetch = _verb(verbs, "download", "fetch and install a published model", _download)
    check = _verb(verbs, "verify", "check an installed model's weights", _verify)
    remove = _verb(verbs, "remove", "move an installed model to the trash", _remove)
    for verb in (fetch, check, remove):
        verb.add_argument("name", metavar="NAME")
    fetch.add_argument(
        "--accept-licence", action="store_true",
        help="accept, once, that the model is not for commercial use",
    )  # fmt: skip


def run(args: argparse.Namespace) -> int:
    """Do what the parsed arguments say; errors are raised as PfstudioError."""
    args.action(args)
    return 0


def _verb(verbs: Any, name: str, text: str, action: Any) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = verbs.add_parser(name, help=text, description=text)
    parser.add_argument("--json", action="store_true", help="print one JSON object per line")
    parser.set_defaults(action=action)
    return parser


def _list(args: argparse.Namespace) -> None:
    from pfstudio.weights.catalogue import CATALOGUE

    installed = installed_models()
    names = {model.name for model in installed}
    missing = [entry for entry in CATALOGUE if entry.name not in names]
    if args.json:
        for model in installed:
            _event("installed", **_about(model))
        for entry in missing:
            _event("available", **asdict(entry), about_bytes=entry.about_bytes)
        for folder, why in broken_models():
            _event("broken", folder=str(folder), message=why)
        return
    print("Installed:")
    for model in installed:
        source = "shipped" if model.shipped else "yours"
        print(f"  {model.name:<24} {_size(model.bytes):>9}  {source:<8} {model.card.title}")
    if not installed:
        print("  none")
    for folder, why in broken_models():
        print(f"  {folder.name:<24} cannot be used: {why}")
    if missing:
        print("To download (pfstudio models download NAME):")
    for entry in missing:
        print(f"  {entry.name:<24} {_size(entry.about_bytes):>9}  {entry.title}; {entry.licence}")


def _info(args: argparse.Namespace) -> None:
    from pfstudio.weights.checkpoint_info import inspect_model

    _keep_answers(args, Path(args.model))
    info = inspect_model(args.model, args.weights, args.heads)
    if args.json:
        _event("model", **asdict(info))
        return
    card = info.card
    rows = [
        ("name", card.name),
        ("title", card.title),
        ("task", card.task),
        ("kind", card.architecture),
        ("conditioned", f"on {card.condition}" if card.condition != "none" else ""),
        ("difficulty", "predicted" if card.has_difficulty else ""),
        ("file", f"{info.file} ({_size(info.bytes)}, {info.layout}, {', '.join(info.dtypes)})"),
        ("parameters", f"{info.parameters:,} in {info.tensors} tensors"),
        ("routes", "; ".join(map(str, card.routes))),
        ("sizes", ", ".join(f"{key} {value}" for key, value in card.sizes.items())),
        ("pictures", f"{card.pixels} px" if card.pixels else ""),
        ("autoencoder", card.autoencoder),
        ("classes", _classes(card)),
        ("licence", card.licence),
        ("data", card.data),
        ("training", card.training),
        ("quality", ", ".join(f"{key} {value}" for key, value in card.quality.items())),
        ("limits", card.limits),
        ("paper", card.paper),
        ("sha256", card.sha256),
        ("left unread", ", ".join(info.foreign)),
    ]
    for label, value in rows:
        if value:
            print(f"{label:<12} {value}")
    _notices(args, info.notices)


def _import(args: argparse.Namespace) -> None:
    from pfstudio.weights.store import import_model

    _keep_answers(args, args.file)
    made = import_model(args.file, args.name, args.weights, args.heads)
    _done(args, "imported", made.model, f"Imported {made.model.name} into {made.model.folder}.")
    _report(args, made.found)


def _route(text: str) -> Route:
    """E.g. 3-9:0.5."""
    blocks, _, share = text.partition(":")
    first, _, last = blocks.partition("-")
    try:
        return Route(int(first), int(last or first), float(share))
    except (ValueError, InputError) as error:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no route; write for instance 3-9:0.5"
        ) from error


def _keep_answers(args: argparse.Namespace, file: Path) -> None:
    """Store beside a file what its flags say of it."""
    if args.time_runs is None and not args.route:
        return
    if not file.is_file():
        raise InputError("--time-runs and --route belong to a file of weights.", "Leave them out.")
    from pfstudio.weights.answers import Answers, read_answers, write_answers

    told = args.time_runs is not None
    known = None if told and args.route else read_answers(file)
    if not told and known is None:
        raise InputError(
            "--route needs the direction of time, too.",
            f"Add --time-runs {FROM_NOISE} or --time-runs {FROM_IMAGE}.",
        )
    known = known or Answers()  # what no flag says stays as it was answered
    reversed_time = args.time_runs == FROM_IMAGE if told else known.reversed_time
    write_answers(file, Answers(reversed_time, tuple(args.route) or known.routes))


def _download(args: argparse.Namespace) -> None:
    from pfstudio.weights.catalogue import find_entry
    from pfstudio.weights.store import download_model

    entry = find_entry(args.name)
    if args.accept_licence and entry is not None:
        settings, _ = load_settings()
        save_settings(settings.accepting(entry.licence))
    made = download_model(args.name, _Meter(args.json))
    _done(args, "downloaded", made.model, f"Installed {made.model.name} in {made.model.folder}.")
    _report(args, made.found)


def _verify(args: argparse.Namespace) -> None:
    from pfstudio.weights.store import verify_model

    model = verify_model(args.name)
    _done(args, "verified", model, f"{model.name} is intact: its weights match their check sum.")


def _remove(args: argparse.Namespace) -> None:
    from pfstudio.ui.trash import move_to_trash

    model = installed_model(args.name)
    if model.shipped:
        raise InputError(f"{model.name} was shipped with the program and cannot be removed.")
    (moved,) = move_to_trash([model.folder])
    place = str(moved.place or "")
    if args.json:
        _event("removed", name=model.name, trash=place)
    else:
        print(f"Moved {model.name} to the trash{f' ({place})' if place else ''}.")
        print(f"To undo this, restore it there; it goes back to {model.folder}.")


class _Meter:
    """Progress of a download: a line that is rewritten, or one event per percent."""

    def __init__(self, as_json: bool) -> None:
        self.as_json = as_json
        self.shown = -1

    def __call__(self, done: int, total: int) -> None:
        percent = 100 * done // total if total else 0
        if percent == self.shown:
            return
        self.shown = percent
        if self.as_json:
            _event("progress", done=done, total=total)
        else:
            end = "\n" if percent == 100 else ""
            text = f"\r{percent:3d} %  {_size(done)} of {_size(total)}   "
            print(text, end=end, file=sys.stderr, flush=True)


def _done(args: argparse.Namespace, event: str, model: InstalledModel, sentence: str) -> None:
    if args.json:
        _event(event, **_about(model))
    else:
        print(sentence)


def _report(args: argparse.Namespace, found: CheckpointInfo) -> None:
    """What the files of an import were recognised as."""
    if not args.json:
        print(f"Recognised as {found.card.architecture} ({found.layout} layout): "
              f"{found.parameters:,} parameters, {', '.join(found.dtypes)}.")  # fmt: skip
    _notices(args, found.notices)


def _notices(args: argparse.Namespace, notices: tuple[str, ...]) -> None:
    for notice in notices:
        if args.json:
            _event("notice", message=notice)
        else:
            print(f"Note: {notice}")


def _about(model: InstalledModel) -> dict[str, Any]:
    card = asdict(model.card)
    return {
        "name": model.name,
        "folder": str(model.folder),
        "shipped": model.shipped,
        "bytes": model.bytes,
        "card": card,
    }


def _classes(card: ModelCard) -> str:
    if not card.classes:
        return str(card.sizes.get("num_classes", ""))
    shown = ", ".join(card.classes[:3])
    return f"{len(card.classes)}: {shown}{', ...' if len(card.classes) > 3 else ''}"


def _size(count: int) -> str:
    return f"{count / 1e9:.2f} GB" if count >= 1e9 else f"{count / 1e6:.1f} MB"


def _event(event: str, **values: Any) -> None:
    print(json.dumps({"event": event, **values}, ensure_ascii=False), flush=True)
