"""`pfstudio depth`: the stored pipeline through the command, and a folder of every kind of file."""

from __future__ import annotations

import json
import struct
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
import torch
from depth_vectors import CONFIG, EMBEDDING, close, vectors, weights, write_autoencoder
from PIL import Image
from safetensors.numpy import load_file
from safetensors.torch import save_file

import pfstudio
from pfstudio.cli.main import main
from pfstudio.core.depth_files import read_png16
from pfstudio.core.errors import InputError, RunError
from pfstudio.core.execution import Execution
from pfstudio.engine.control import Control


@pytest.fixture(scope="module")
def tiny(tmp_path_factory) -> list[str]:
    """Flags of the stored model and its autoencoder."""
    folder = tmp_path_factory.mktemp("tiny")
    tree = {
        "noising_step": 400,
        EMBEDDING: vectors()[EMBEDDING],
        "ldm_hparams": CONFIG["ldm_hparams"],
        "state_dict": weights(),
    }
    torch.save(tree, folder / "tiny.ckpt")
    vae = write_autoencoder(folder / "vae")
    where = ["--model", str(folder / "tiny.ckpt"), "--autoencoder", str(vae)]
    exact = ["--device", "cpu", "--precision", "float32", "--threads", "1"]
    return [*where, *exact, "--processing-resolution", "24", "--tile", "24"]


def stored_picture(path: Path) -> Path:
    Image.fromarray(vectors()["vae.image_u8"].permute(1, 2, 0).numpy()).save(path)
    return path


@pytest.mark.parametrize("mode", CONFIG["attention_modes"])
@pytest.mark.parametrize(("name", "members", "steps"), [("pipe", 4, 2), ("single", 1, 1)])
def test_the_command_reproduces_the_published_pipeline(tmp_path, tiny, name, members, steps, mode):
    picture = stored_picture(tmp_path / "a.png")
    noise = tmp_path / "noise.safetensors"
    save_file({"noise": vectors()[f"{name}.noise"]}, noise)
    command = ["depth", str(picture), *tiny, "--members", str(members), "--steps", str(steps)]
    command += ["--noise", str(noise), "--attention", mode, "--out", str(tmp_path / "out")]
    command += ["--formats", "npy,spread,latents,png16,mask", "--mask-above", "0.01"]
    assert main(command) == 0
    out = tmp_path / "out"
    close(load_file(out / "a_latents.safetensors")["latents"], f"{mode}.{name}.depth_z")
    close(np.load(out / "a_depth.npy")[None, None], f"{mode}.{name}.depth")
    stored = vectors()[f"{mode}.{name}.depth"][0, 0].numpy()
    values, about = read_png16(out / "a_depth.png")
    assert np.abs(values - stored).max() < 2e-4
    execution = Execution.from_data(about["execution"])
    assert (execution.device, execution.dtype) == ("cpu", "float32")
    if (name, mode) == ("pipe", "standard"):
        spread = np.load(out / "a_spread.npy")
        close(spread[:1][None], "standard.conf.log_std")
        close(spread[1:][None], "standard.conf.aligned_std")
        with Image.open(out / "a_mask.png") as mask:
            assert np.array_equal(np.asarray(mask) == 0, spread[1] > 0.01)


def bomb(path: Path) -> None:
    """A tiny PNG that says it has 900 million pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 99)) + chunk(b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + body)


def mixed_folder(folder: Path) -> tuple[set[str], set[str]]:
    """Names of good and of bad pictures."""
    folder.mkdir()
    ramp = np.linspace(0, 255, 16 * 24).reshape(16, 24)
    colour = np.stack([ramp, ramp[::-1], ramp * 0.5], axis=2).astype(np.uint8)
    Image.fromarray(colour).save(folder / "plain.png")
    Image.fromarray((ramp * 257).astype(np.uint16)).save(folder / "sixteen.png")
    Image.fromarray(colour).convert("CMYK").save(folder / "print.jpg")
    Image.fromarray(colour).convert("L").save(folder / "grey.webp")
    Image.fromarray(np.dstack([colour, colour[..., 0]])).save(folder / "glass.png")
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(colour).save(folder / "turned.jpg", exif=exif)
    good = {file.name for file in folder.iterdir()}
    bomb(folder / "bomb.png")
    (folder / "text.jpg").write_text("no image")
    (folder / "empty.png").touch()
    (folder / "cut.png").write_bytes((folder / "plain.png").read_bytes()[:60])
    (folder / "notes.txt").write_text("left alone")
    return good, {"bomb.png", "text.jpg", "empty.png", "cut.png"}


def test_a_mixed_folder_ends_with_a_summary_and_resumes(tmp_path, tiny, capsys):
    good, bad = mixed_folder(tmp_path / "in")
    command = ["depth", str(tmp_path / "in"), *tiny, "--members", "1", "--steps", "1"]
    command += ["--out", str(tmp_path / "out")]
    assert main(command) == 1
    told = capsys.readouterr()
    assert f"{len(good)} done, {len(bad)} could not be done:" in told.err
    summary = told.err.partition("could not be done:")[2].splitlines()[1:]
    assert {Path(line.split(": ")[0].strip()).name for line in summary} == bad
    assert len(told.out.splitlines()) == len(good)
    written = {path.name for path in (tmp_path / "out").glob("*.png")}
    assert written == {f"{Path(name).stem}_depth.png" for name in good}
    assert read_png16(tmp_path / "out" / "turned_depth.png")[0].shape == (24, 16)
    # Once more: nothing is done twice, and a file that went missing is made again.
    (tmp_path / "out" / "grey_depth.png").unlink()
    assert main([*command, "--json"]) == 1
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert (events[-1]["done"], events[-1]["skipped"]) == (1, len(good) - 1)
    assert {Path(entry["file"]).name for entry in events[-1]["failed"]} == bad
    finished = [event for event in events if event["event"] == "finished"]
    assert [Path(file).name for event in finished for file in event["files"]] == ["grey_depth.png"]
    assert finished[0]["size"] == [16, 24]
    # Other settings make everything again.
    assert main([*command, "--seed", "1", "--json"]) == 1
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["skipped"] == 0


def test_without_a_model_one_sentence_says_which_to_bring(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("pfstudio.engine.depth_model.installed_models", lambda task: ())
    assert main(["depth", str(stored_picture(tmp_path / "a.png"))]) == 2
    told = capsys.readouterr().err.strip()
    assert "open depthfm-v1.ckpt as its model" in told
    assert len(told.splitlines()) == 1


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--formats", "jpg"], "jpg"),
        (["--members", "0"], "Ensemble size is 0"),
        (["--device", "tpu"], "tpu"),
        (["--model", "nothing-like-it"], "nothing-like-it"),
    ],
)
def test_bad_usage_is_exit_2(tmp_path, capsys, flags, words):
    picture = stored_picture(tmp_path / "a.png")
    assert main(["depth", str(picture), "--out", str(tmp_path), *flags]) == 2
    assert words in capsys.readouterr().err


def test_one_bad_picture_is_exit_2(tmp_path, tiny, capsys):
    (tmp_path / "a.png").write_text("no image")
    assert main(["depth", str(tmp_path / "a.png"), *tiny, "--out", str(tmp_path)]) == 2
    assert "a.png is not an image that can be read" in capsys.readouterr().err


def test_a_picture_that_goes_away_fails_alone(tmp_path, tiny, capsys, monkeypatch):
    (tmp_path / "in").mkdir()
    for name in "abc":
        stored_picture(tmp_path / "in" / f"{name}.png")
    gone = tmp_path / "in" / "b.png"
    command = ["depth", str(tmp_path / "in"), *tiny, "--members", "1", "--steps", "1", "--json"]
    command += ["--out", str(tmp_path / "out")]
    assert main(command) == 0
    monkeypatch.setattr("pfstudio.cli.depth.tell_left_out", lambda args: gone.unlink())
    assert main(command) == 1  # its line in the list of what is done does no harm
    summary = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (summary["done"], summary["skipped"]) == (0, 2)
    assert [failed["file"] for failed in summary["failed"]] == [str(gone)]


def test_a_file_that_cannot_be_written_is_told_and_not_counted_as_done(
    tmp_path, tiny, capsys, monkeypatch
):
    def full(*_, **__):
        raise RunError("The disk is full.")

    monkeypatch.setattr("pfstudio.cli.depth.write_depth", full)
    picture = stored_picture(tmp_path / "a.png")
    command = ["depth", str(picture), *tiny, "--members", "1", "--out", str(tmp_path / "out")]
    assert main(command) == 1
    assert "The disk is full." in capsys.readouterr().err
    monkeypatch.undo()
    assert main([*command, "--json"]) == 0
    assert '"done": 1' in capsys.readouterr().out


def test_ctrl_c_stops_the_batch_and_keeps_what_is_done(tmp_path, tiny, capsys, monkeypatch):
    (tmp_path / "in").mkdir()
    for name in "abc":
        stored_picture(tmp_path / "in" / f"{name}.png")
    asked, checkpoint = [], Control.checkpoint

    def counting(control: Control) -> None:
        asked.append(1)
        if len(asked) == 2:
            control.cancel()
        checkpoint(control)

    monkeypatch.setattr(Control, "checkpoint", counting)
    command = ["depth", str(tmp_path / "in"), *tiny, "--members", "1", "--steps", "1"]
    assert main([*command, "--out", str(tmp_path / "out")]) == 130
    assert "1 done" in capsys.readouterr().err
    assert [path.name for path in (tmp_path / "out").glob("*.png")] == ["a_depth.png"]


def test_the_python_interface(tmp_path, tiny):
    model = pfstudio.load_depth(tiny[1], tiny[3], "cpu", threads=1)
    picture = stored_picture(tmp_path / "a.png")
    seen = []
    settings = {"ensemble_size": 2, "steps": 1, "processing_resolution": 24, "tile": 24}
    from_file = pfstudio.depth(model, picture, on_event=seen.append, **settings)
    from_pixels = pfstudio.depth(model, np.asarray(Image.open(picture)), **settings)
    assert np.array_equal(from_file.log_depth, from_pixels.log_depth)
    assert seen[-1].result is from_file
    with pytest.raises(InputError, match="do not fit together"):
        pfstudio.depth(model, picture, colour="red")
    with pytest.raises(InputError, match="float64"):
        pfstudio.depth(model, np.zeros((4, 4, 3)))
    with pytest.raises(InputError, match="can be read"):
        pfstudio.depth(model, tmp_path / "gone.png")
    control = Control()
    control.cancel()
    with pytest.raises(RunError, match="cancelled"):
        pfstudio.depth(model, picture, control=control)


def test_measured_depth_is_checked_and_drawn(tmp_path, tiny, capsys):
    picture = stored_picture(tmp_path / "a.png")
    height, width = np.asarray(Image.open(picture)).shape[:2]
    truth = np.linspace(1, 3, height * width, dtype=np.float32).reshape(height, width)
    np.save(tmp_path / "truth.npy", truth)
    command = ["depth", str(picture), *tiny, "--members", "3", "--out", str(tmp_path / "out")]
    command += ["--truth", str(tmp_path / "truth.npy"), "--truth-kind", "depth"]
    for kind in ("svg", "pdf"):  # the second run is not skipped, though the depth is done
        assert main([*command, "--figure", kind]) == 0
        assert (tmp_path / "out" / f"a-reliability.{kind}").stat().st_size > 1000
    printed = capsys.readouterr().out
    assert "AUSE of a random order" in printed
    assert "a-reliability.pdf" in printed
    (tmp_path / "out" / "a-reliability.pdf").unlink()
    assert main([*command, "--json"]) == 0
    assert not (tmp_path / "out" / "a-reliability.pdf").exists()
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    written = next(event["files"] for event in events if event.get("files"))
    assert all(Path(file).is_file() for file in written)
    check = next(event for event in events if event["event"] == "check")
    assert 0 < check["AbsRel"] < 1
    stored_picture(tmp_path / "b.png")
    assert main(["depth", str(tmp_path / "b.png"), *command[1:]]) == 2
    assert "one image, not to 2" in capsys.readouterr().err
    assert main(["depth", str(picture), *tiny, "--figure", "svg"]) == 2
    assert "Add --truth FILE" in capsys.readouterr().err


def test_a_figure_without_matplotlib_is_refused_before_anything_is_loaded(
    tmp_path, tiny, capsys, monkeypatch
):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    np.save(tmp_path / "truth.npy", np.ones((4, 4), np.float32))
    picture = stored_picture(tmp_path / "a.png")
    command = ["depth", str(picture), *tiny, "--truth", str(tmp_path / "truth.npy")]
    assert main([*command, "--figure", "pdf", "--out", str(tmp_path / "out")]) == 2
    assert "extra `figures`" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
