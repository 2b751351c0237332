"""Files of a trainer whose time runs the other way: asked once, and right from then on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import sparse_vectors as sv
import torch

from pfstudio.cli.main import main
from pfstudio.core.errors import InputError
from pfstudio.core.models import find_model
from pfstudio.core.routes import Route
from pfstudio.nn.condition import ClassLabels
from pfstudio.nn.interface import Backbone
from pfstudio.nn.modulation import ForwardCache
from pfstudio.weights.answers import Answers, UnansweredError, read_answers, write_answers
from pfstudio.weights.load import load_network

CASE = "single_route"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return sv.write_training_file(tmp_path / "step_000010.pt", CASE)


def test_a_file_that_does_not_say_its_direction_is_refused(file: Path) -> None:
    with pytest.raises(UnansweredError, match="in which direction its time runs") as found:
        load_network(file, heads=4)
    assert found.value.blocks == 6


@torch.inference_mode()
def test_once_answered_it_is_computed_in_our_direction(file: Path) -> None:
    routes = sv.routes(CASE)
    write_answers(file, Answers(reversed_time=True, routes=routes))
    loaded = load_network(file, heads=4)
    assert loaded.card.routes == routes == (Route(2, 4, 0.5),)
    assert loaded.card.sizes["reversed_time"] is True
    assert any("from the image to noise" in notice for notice in loaded.notices)
    assert "50 % of the patches skip blocks 2 to 4" in loaded.card.training
    v, network = sv.vectors(CASE), loaded.network
    t, y = 1 - v["t"][:, None, None].expand(-1, 4, 4), ClassLabels(v["y"])
    cache = ForwardCache()
    assert isinstance(network, Backbone)
    network.prepare(cache, t[:, 0, 0], y)
    for kept in (None, cache):
        velocity = network(v["x"], t, y, cache=kept).velocity
        assert sv.difference(-velocity, v["out_dense_cond"]) < 2e-5
    write_answers(file, Answers())
    other = load_network(file, heads=4).network(v["x"], t, y).velocity
    assert sv.difference(-other, v["out_dense_cond"]) > 0.01


def test_the_command_line_asks_once(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["models", "import", str(file), "--heads", "4", "--name", "tread"]
    assert main(command) == 2
    assert "--time-runs image-to-noise" in capsys.readouterr().err
    assert main([*command, "--time-runs", "image-to-noise", "--route", "2-4:0.5"]) == 0
    assert "its time runs from the image to noise" in capsys.readouterr().out
    model = find_model("tread")
    assert model is not None
    assert model.card.routes == (Route(2, 4, 0.5),)
    assert model.card.sizes["reversed_time"] is True
    assert read_answers(file) == Answers(True, (Route(2, 4, 0.5),))
    assert main(["models", "info", str(file), "--heads", "4"]) == 0
    assert "50 % of the patches skip blocks 2 to 4" in capsys.readouterr().out


def test_what_no_flag_says_stays_as_it_was_answered(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["models", "info", str(file), "--heads", "4"]
    assert main([*command, "--route", "2-4:0.5"]) == 2
    assert "--route needs the direction of time, too." in capsys.readouterr().err
    assert read_answers(file) is None
    assert main([*command, "--time-runs", "image-to-noise"]) == 0
    assert main([*command, "--route", "2-4:0.5"]) == 0
    assert read_answers(file) == Answers(True, (Route(2, 4, 0.5),))
    assert main([*command, "--time-runs", "noise-to-image"]) == 0
    assert read_answers(file) == Answers(False, (Route(2, 4, 0.5),))


def test_answers_that_cannot_be_used_are_named(file: Path) -> None:
    beside = file.with_name(file.name + ".json")
    for text, words in (
        ("[1]", "does not say"),
        ("{", "does not say"),
        (json.dumps({"routes": [{"start": 0}]}), "cannot be used"),
    ):
        beside.write_text(text, encoding="utf-8")
        with pytest.raises(InputError, match=words):
            load_network(file, heads=4)
    write_answers(file, Answers(True, (Route(2, 9),)))
    with pytest.raises(InputError, match="does not fit 6 blocks"):
        load_network(file, heads=4)
    with pytest.raises(SystemExit):
        main(["models", "import", str(file), "--route", "what"])
