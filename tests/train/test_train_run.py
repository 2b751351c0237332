"""Whole small trainings: resume, several processes, export, failures."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import types
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
import torch
from PIL import Image
from torch import Tensor
from toy_backbone import TOY, ToyConfig, registered
from train_worlds import autoencoder_recipe, generator_recipe, plain_recipe, png, write_world

from pfstudio.cli.main import main
from pfstudio.core.card import ModelCard
from pfstudio.core.errors import InputError, RunError
from pfstudio.core.guidance import ClassifierFree
from pfstudio.core.samplers import DualLoop
from pfstudio.flow.guidance import GuidedField
from pfstudio.flow.guidance.predict import Predict
from pfstudio.flow.samplers import sample
from pfstudio.flow.step import InitialState
from pfstudio.nn.condition import ClassLabels, Condition
from pfstudio.nn.interface import Backbone, Output
from pfstudio.train.arguments import TrainingSession
from pfstudio.train.report import RunReport
from pfstudio.train.session import run_session
from pfstudio.train.trainer import STATE, Advance
from pfstudio.weights.load import load_autoencoder, load_network

ON_CPU = "Training on cpu in float32."


@pytest.fixture
def world(tmp_path: Path) -> Path:
    write_world(tmp_path)
    return tmp_path


def session(recipe: Path, out: str, **changes: object) -> TrainingSession:
    return TrainingSession(recipe, recipe.parent, recipe.parent / out, device="cpu", **changes)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def losses(folder: Path) -> list[tuple[str, str]]:
    return [(row["step"], row["loss"]) for row in rows(folder / "log.csv")]


def test_a_killed_run_goes_on_with_the_same_losses_and_weights(world: Path) -> None:
    recipe = generator_recipe(world)
    run_session(session(recipe, "whole"))

    def stop(advance: Advance) -> None:  # after the state of step 3 is stored, like a kill
        if advance.step == 5:
            raise SystemExit

    with pytest.raises(SystemExit):
        run_session(session(recipe, "killed"), stop)
    notes: list[str] = []
    run_session(session(recipe, "killed"), on_note=notes.append)
    assert notes == [ON_CPU, "Going on after step 3 of 6."]
    assert losses(world / "killed") == losses(world / "whole")
    assert [step for step, _ in losses(world / "whole")] == [str(i) for i in range(1, 7)]
    assert rows(world / "killed" / "validation.csv") == rows(world / "whole" / "validation.csv")
    weights = [(world / out / "model" / "model.safetensors") for out in ("whole", "killed")]
    assert weights[0].read_bytes() == weights[1].read_bytes()


def test_a_run_starts_from_the_weights_of_another_model(world: Path) -> None:
    first = generator_recipe(world)
    run_session(session(first, "first"))
    again = world / "again.toml"
    begin = f"[training]\nstart_from = {json.dumps(str(world / 'first' / 'model'))}"
    text = first.read_text(encoding="utf-8").replace("[training]", begin)
    again.write_text(text.replace("learning_rate = 1e-3", "learning_rate = 1e-30"))
    run_session(session(again, "again"))
    before, after = (load_network(world / out / "model").network for out in ("first", "again"))
    for name, value in after.state_dict().items():
        torch.testing.assert_close(value, before.state_dict()[name])
    found, measured = (rows(world / out / "validation.csv") for out in ("first", "again"))
    assert measured[0]["step"] == "0"  # what the later ones are compared with
    assert float(measured[0]["loss"]) == pytest.approx(float(found[-1]["loss"]), rel=1e-3)
    (world / "again" / STATE).unlink()  # as if it was killed before the first state
    run_session(session(again, "again"))
    assert rows(world / "again" / "validation.csv") == measured


@pytest.mark.parametrize(
    ("flags", "precision"),
    [((), "float32"), (("avx2", "avx512f"), "float32"), (("avx512_bf16",), "bfloat16")],
)
def test_a_recipe_that_names_no_precision_takes_that_of_the_processor(
    world: Path, monkeypatch: pytest.MonkeyPatch, flags: tuple[str, ...], precision: str
) -> None:
    monkeypatch.setattr("pfstudio.engine.execution.cpu_flags", lambda: flags)
    recipe = generator_recipe(world, precision="auto")
    notes: list[str] = []
    card = run_session(session(recipe, "out", steps=1), on_note=notes.append)
    assert notes[0] == f"Training on cpu in {precision}."
    assert card is not None
    assert precision in card.training


def test_a_run_goes_on_without_the_model_it_started_from(world: Path) -> None:
    recipe = generator_recipe(world)
    run_session(session(recipe, "first", steps=1))
    begin = f"[training]\nstart_from = {json.dumps(str(world / 'first' / 'model'))}"
    text = recipe.read_text(encoding="utf-8").replace("[training]", begin)
    recipe.write_text(text, encoding="utf-8")
    run_session(session(recipe, "again", steps=3))
    shutil.rmtree(world / "first")
    assert run_session(session(recipe, "again")) is not None


def test_an_unknown_class_of_the_grid_is_told_before_the_training(world: Path) -> None:
    recipe = generator_recipe(world)
    text = recipe.read_text(encoding="utf-8")
    recipe.write_text(text.replace("[report]", '[report]\ngrid_classes = ["cow"]'))
    with pytest.raises(InputError, match="grid_classes names 'cow', which is no class"):
        run_session(session(recipe, "out"), lambda advance: pytest.fail("it trained"))


def test_a_small_rate_is_told_in_json(world: Path, capsys: pytest.CaptureFixture[str]) -> None:
    recipe = generator_recipe(world)
    text = recipe.read_text(encoding="utf-8").replace("rate = 1e-3", "rate = 2e-7")
    recipe.write_text(text, encoding="utf-8")
    where = ["--data", str(world), "--out", str(world / "out"), "--device", "cpu"]
    assert main(["train", str(recipe), *where, "--steps", "1", "--json"]) == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["rate"] for one in told if one["event"] == "step"] == [1e-7]  # warming up


def test_a_column_that_comes_later_is_empty_before(tmp_path: Path) -> None:
    RunReport(tmp_path, 0).log(1, (("loss", 0.5), ("rate", 1e-7)))
    report = RunReport(tmp_path, 1)
    report.log(2, (("loss", 0.25), ("alignment", 0.1), ("rate", 1e-7)))
    report.log(3, (("loss", 0.25), ("rate", 1e-7)))
    assert (tmp_path / "log.csv").read_text(encoding="utf-8").splitlines() == [
        "step,loss,rate,alignment",
        "1,0.5,1e-07,",
        "2,0.25,1e-07,0.1",
        "3,0.25,1e-07,",
    ]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="limits of file sizes are POSIX")
def test_a_table_that_cannot_grow_keeps_no_half_row(tmp_path: Path) -> None:
    import resource

    report = RunReport(tmp_path, 0)
    report.log(1, (("loss", 0.5),))
    table = tmp_path / "log.csv"
    before = table.read_bytes()
    limit, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.getsignal(signal.SIGXFSZ)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 2, limit[1]))
    try:
        with pytest.raises(RunError, match=r"log\.csv could not be written"):
            report.log(2, (("loss", 0.25),))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
        signal.signal(signal.SIGXFSZ, handler)
    assert table.read_bytes() == before


def test_a_run_does_not_start_from_another_kind_of_model(world: Path) -> None:
    recipe = generator_recipe(world)
    begin = f"[training]\nstart_from = {json.dumps(str(world / 'ae'))}"
    text = recipe.read_text(encoding="utf-8").replace("[training]", begin)
    recipe.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="ae cannot be loaded"):
        run_session(session(recipe, "out"))


def test_a_generator_learns_the_classes_that_folders_are(world: Path) -> None:
    for i, name in enumerate(("ant", "bee", "cow")):
        (world / "pictures" / name).mkdir(parents=True)
        for j in range(7):
            (world / "pictures" / name / f"{j}.png").write_bytes(png((80 * i, 30 * j, 0)))
    recipe = generator_recipe(world)
    text = recipe.read_text(encoding="utf-8")
    pack = 'path = "pack.tar", labels = "labels.json"'
    assert pack in text
    recipe.write_text(text.replace(pack, 'path = "pictures"'), encoding="utf-8")
    run_session(session(recipe, "out"))
    assert ModelCard.read(world / "out" / "model").classes == ("ant", "bee", "cow")
    (world / "pictures" / "ant" / "0.png").write_bytes(png((1, 2, 3)))
    run_session(session(recipe, "out"))  # what is kept of other pictures is not used
    assert len(list((world / "out").glob("latents-*.safetensors"))) == 2
    unclassed = text.replace(pack, 'path = "pictures"').replace(
        "[data]", '[data]\nclasses = ["picture"]'
    )
    recipe.write_text(unclassed, encoding="utf-8")
    run_session(session(recipe, "as one"))
    assert ModelCard.read(world / "as one" / "model").classes == ("picture",)


def test_an_interrupted_run_keeps_its_last_step(world: Path) -> None:
    recipe = generator_recipe(world)

    def interrupt(advance: Advance) -> None:
        if advance.step == 2:
            signal.raise_signal(signal.SIGINT)  # as Ctrl-C does

    with pytest.raises(KeyboardInterrupt):
        run_session(session(recipe, "out"), interrupt)
    notes: list[str] = []
    run_session(session(recipe, "out"), on_note=notes.append)
    assert notes == [ON_CPU, "Going on after step 2 of 6."]
    assert [step for step, _ in losses(world / "out")] == [str(i) for i in range(1, 7)]


def test_tensorboard_gets_the_same_figures(world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[tuple[str, int]] = []

    class Writer:
        def __init__(self, folder: Path, purge_step: int) -> None:
            assert (folder.name, purge_step) == ("tensorboard", 1)

        def add_scalar(self, name: str, value: float, step: int) -> None:
            written.append((name, step))

        def add_image(self, name: str, picture: object, step: int, dataformats: str) -> None:
            written.append((name, step))

        def close(self) -> None:
            written.append(("closed", 0))

    board = types.ModuleType("torch.utils.tensorboard")
    board.SummaryWriter = Writer  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", board)
    run_session(session(generator_recipe(world), "out", steps=3, tensorboard=True))
    assert {("train/flow", 1), ("validation/loss", 3), ("samples", 3)} <= set(written)
    assert written[-1] == ("closed", 0)


def test_tensorboard_that_is_missing_is_named(world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    (world / "out").mkdir()
    (world / "out" / "log.csv").write_text("step\n1\n", encoding="utf-8")
    with pytest.raises(InputError, match="TensorBoard is not installed"):
        run_session(session(generator_recipe(world), "out", tensorboard=True))
    assert [path.name for path in (world / "out").iterdir()] == ["log.csv"]  # no latents either


def two_processes(recipe: Path, out: str) -> subprocess.Popen[str]:
    """A training by two processes, as several cards would share it."""
    command = [sys.executable, "-m", "accelerate.commands.launch", "--multi_gpu"]
    command += ["--num_processes", "2"]  # --multi_gpu means: launch several; --device cpu decides
    command += ["--num_machines", "1", "--mixed_precision", "no", "--dynamo_backend", "no"]
    command += ["--main_process_port", "0", "-m", "pfstudio.train", str(recipe)]
    command += ["--data", str(recipe.parent), "--out", str(recipe.parent / out), "--device", "cpu"]
    root = Path(__file__).resolve().parents[2]
    return subprocess.Popen(
        command,
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root), "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.timeout(400)
def test_two_processes_train_one_model(world: Path) -> None:
    recipe = generator_recipe(world)
    with two_processes(recipe, "two") as launched:
        told, errors = launched.communicate(timeout=380)
    assert launched.returncode == 0, errors[-2000:]
    assert re.findall(r"step (\d)/6", told) == list("123456")
    assert "2 processes" in ModelCard.read(world / "two" / "model").training
    load_network(world / "two" / "model")
    again = run_session(session(recipe, "two"))  # there is nothing left to train
    assert again is not None
    assert "2 processes" in again.training


@pytest.mark.timeout(400)
def test_both_processes_stop_where_one_was_interrupted(world: Path) -> None:
    recipe = generator_recipe(world)
    text = recipe.read_text(encoding="utf-8").replace("steps = 6", "steps = 100000")
    text = text.replace("every = 3", "every = 100000")
    recipe.write_text(text, encoding="utf-8")
    with two_processes(recipe, "two") as launched:
        assert launched.stdout is not None
        assert launched.stdout.readline().startswith("step 1/")
        second = next(
            child
            for child in psutil.Process(launched.pid).children(recursive=True)
            if child.environ().get("RANK") == "1"
        )
        second.send_signal(signal.SIGINT)
        _, errors = launched.communicate(timeout=380)
    assert launched.returncode
    last = losses(world / "two")[-1][0]
    notes: list[str] = []
    more = int(last) + 1
    run_session(session(recipe, "two", steps=more), on_note=notes.append)
    assert notes == [ON_CPU, f"Going on after step {last} of {more}."], errors[-2000:]


def test_the_exported_model_loads_and_its_card_tells_the_truth(world: Path) -> None:
    card = run_session(session(generator_recipe(world), "out"))
    assert card is not None
    loaded = load_network(world / "out" / "model")
    assert loaded.card == card
    assert card.classes == ("left one", "other")
    assert card.has_difficulty
    assert loaded.network.config.input_size == 4
    assert card.latent_scale == 2.0
    segments = card.quality["validation loss in 8 segments of time"]
    last = rows(world / "out" / "validation.csv")[-1]
    assert card.quality["validation loss"] == pytest.approx(float(last["loss"]), abs=1e-4)
    assert segments == pytest.approx([float(last[f"segment_{i}"]) for i in range(1, 9)], abs=1e-4)
    with Image.open(world / "out" / "samples" / "00000006.png") as grid:
        assert grid.size == (32, 16)


def test_flow_matching_trains_the_baseline(world: Path) -> None:
    card = run_session(session(generator_recipe(world, kind="dit"), "out", steps=2))
    assert card is not None
    assert card.architecture == "dit"
    assert not card.has_difficulty
    assert "nll" not in rows(world / "out" / "log.csv")[0]


def test_patch_forcing_trains_on_the_zigzag_backbone(world: Path) -> None:
    recipe = generator_recipe(world)
    text = recipe.read_text(encoding="utf-8").replace('"patch-forcing"', '"zigma-patch-forcing"')
    recipe.write_text(text.replace("num_heads = 2", "patch_size = 2"), encoding="utf-8")
    card = run_session(session(recipe, "out", steps=4))
    assert card is not None
    assert (card.architecture, card.has_difficulty) == ("zigma-patch-forcing", True)
    assert {"flow", "nll"} <= rows(world / "out" / "log.csv")[0].keys()
    network = load_network(world / "out" / "model").network
    condition, negative = ClassLabels(torch.tensor([1])), network.null_condition(1)
    field = GuidedField(Predict(network, 2, negative), condition, ClassifierFree(2.0))
    start = InitialState(torch.randn(1, 4, 4, 4), torch.zeros(1, 2, 2))
    with torch.inference_mode():
        steps = list(sample(field, start, DualLoop(steps=2, inner_steps=2)))
    assert len(steps) == 4
    assert any(len(step.time.unique()) > 1 for step in steps)
    assert all(step.difficulty is not None for step in steps)


def test_bfloat16_keeps_the_weights_in_float32(world: Path) -> None:
    card = run_session(session(generator_recipe(world, precision="bfloat16"), "out", steps=2))
    assert card is not None
    assert "bfloat16" in card.training
    from safetensors import safe_open

    with safe_open(world / "out" / STATE, "pt") as state:
        kept = {state.get_tensor(key).dtype for key in state.keys()}  # noqa: SIM118
    assert kept == {torch.float32}


@pytest.mark.parametrize("adversarial", [0.0, 0.1])
def test_an_autoencoder_trains_and_loads(world: Path, adversarial: float) -> None:
    card = run_session(session(autoencoder_recipe(world, adversarial), "out"))
    assert card is not None
    loaded = load_autoencoder(str(world / "out" / "model"))
    picture = torch.rand(2, 3, 16, 16) * 2 - 1
    latents = loaded.encode(picture)
    assert latents.shape == (2, 4, 4, 4)
    assert loaded.decode(latents).shape == picture.shape
    assert loaded.preview(latents).shape == picture.shape
    assert ("adversarial" in rows(world / "out" / "log.csv")[0]) == (adversarial > 0)
    assert card.quality["psnr pack.tar"] > 0


class PlainBackbone(Backbone):
    """A convolution, which no condition reaches."""

    def __init__(self, config: ToyConfig) -> None:
        super().__init__()
        self.config = config
        self.layer = torch.nn.Conv2d(config.in_channels, config.in_channels, 3, padding=1)
        self.kinds: set[str] = set()

    def forward(self, x: Tensor, t: Tensor, condition: Condition, **options: object) -> Output:
        self.kinds.add(condition.kind)
        return Output(self.layer(x))


def test_a_network_without_a_condition_learns_and_shows_samples(world: Path) -> None:
    made: list[PlainBackbone] = []

    def build(config: ToyConfig) -> PlainBackbone:
        made.append(PlainBackbone(config))
        return made[-1]

    plain = replace(TOY, name="plain", network=build, condition="none")
    with registered(plain):
        card = run_session(session(plain_recipe(world), "out"))
    assert card is not None
    assert (card.condition, card.classes) == ("none", ())
    assert made[0].kinds == {"none"}
    assert list((world / "out" / "samples").glob("*.png"))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ("[upsampler]\nnoising_step = 1000", r"upsampler\.noising_step must lie in 0\.\.999"),
        ("[depth]\nnoising_step = -1", r"depth\.noising_step must lie in 0\.\.999"),
    ],
)
def test_a_start_that_no_card_could_keep_is_refused(
    world: Path, change: str, sentence: str
) -> None:
    recipe = autoencoder_recipe(world)
    recipe.write_text(recipe.read_text(encoding="utf-8") + f"\n{change}\n", encoding="utf-8")
    with pytest.raises(InputError, match=sentence):
        run_session(session(recipe, "out"))


@pytest.mark.parametrize("recipe", [autoencoder_recipe, generator_recipe])
def test_data_without_held_out_pictures_is_refused(
    world: Path, recipe: Callable[[Path], Path]
) -> None:
    labels = json.loads((world / "labels.json").read_text(encoding="utf-8"))
    (world / "labels.json").write_text(json.dumps(labels | {"test": []}), encoding="utf-8")
    with pytest.raises(InputError, match="left to measure progress on") as caught:
        run_session(session(recipe(world), "out"))
    assert "under test" in caught.value.advice


def test_a_state_of_another_recipe_is_refused(world: Path) -> None:
    run_session(session(autoencoder_recipe(world), "out"))
    with pytest.raises(InputError, match="does not belong to this recipe"):
        run_session(session(generator_recipe(world), "out"))


def test_a_loss_that_is_no_number_stops_the_run(world: Path) -> None:
    recipe = generator_recipe(world)
    text = recipe.read_text(encoding="utf-8").replace("rate = 1e-3", "rate = 1e30")
    recipe.write_text(text, encoding="utf-8")
    with pytest.raises(RunError, match="no longer a number"):
        run_session(session(recipe, "out", steps=60))
