"""Which pictures a batch takes, how their results are named, and when one counts as done."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest

from pfstudio.core.depth import DepthRequest
from pfstudio.core.depth_batch import MANIFEST_FILE, DepthManifest, collect
from pfstudio.core.depth_files import DepthExport, file_paths
from pfstudio.core.errors import InputError


def touch(*files):
    for file in files:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"x")


def test_folders_are_searched_and_kept_apart(tmp_path):
    shots, out = tmp_path / "shots", tmp_path / "out"
    touch(shots / "b.jpg", shots / "a.PNG", shots / "trip" / "a.png", shots / "notes.txt")
    touch(shots / ".hidden.png", tmp_path / "any.thing")
    jobs = collect([shots, tmp_path / "any.thing"], out)
    results = [(job.folder / job.stem).relative_to(out).as_posix() for job in jobs]
    assert results == ["a", "b", "trip/a", "any"]
    assert jobs[3].source == tmp_path / "any.thing"  # given by name: taken, whatever it is


def test_results_never_share_a_name(tmp_path):
    touch(tmp_path / "a.png", tmp_path / "a.jpg", tmp_path / "other" / "a.png")
    given = [tmp_path / "a.png", tmp_path / "a.jpg", tmp_path / "other" / "a.png"]
    stems = [job.stem for job in collect([*given, given[0]], tmp_path / "out")]
    assert stems == ["a.png", "a.jpg", "a.png-2"]


def test_what_was_written_beside_the_pictures_is_no_input(tmp_path):
    touch(tmp_path / "a.png", tmp_path / "a_depth.png", tmp_path / "a_colour.png")
    touch(tmp_path / "a_depth.tiff", tmp_path / "a_depth.npy")
    assert [job.source.name for job in collect([tmp_path], tmp_path)] == ["a.png"]


def test_nothing_to_do_is_told(tmp_path):
    with pytest.raises(InputError, match="no picture in"):
        collect([tmp_path], tmp_path)
    with pytest.raises(InputError, match=r"no file or folder .*gone\.png"):
        collect([tmp_path / "gone.png"], tmp_path)


def test_done_is_what_is_there_and_up_to_date(tmp_path):
    touch(tmp_path / "in" / "a.png")
    out, request, export = tmp_path / "out", DepthRequest(), DepthExport(("npy",))
    (job,) = collect([tmp_path / "in"], out)
    done = DepthManifest(out)
    assert not done.holds(job, request, export)
    touch(*file_paths(out, "a", ("npy",)))
    assert not done.holds(job, request, export)  # a file of unknown making
    done.add(job, request, export)
    again = DepthManifest(out)
    assert again.holds(job, request, export)
    assert again.holds(job, replace(request, image_file="in/a.png"), export)
    assert not again.holds(job, replace(request, steps=3), export)
    assert not again.holds(job, request, replace(export, quantity="disparity"))
    assert not again.holds(job, request, replace(export, formats=("npy", "ply")))
    os.utime(job.source, ns=(1, 1))
    assert not again.holds(job, request, export)


@pytest.mark.parametrize("text", ["", "[1]", "\x00", "{"])
def test_a_damaged_list_means_that_nothing_is_done(tmp_path, text):
    touch(tmp_path / "a.png")
    (tmp_path / MANIFEST_FILE).write_text(text)
    (job,) = collect([tmp_path / "a.png"], tmp_path)
    assert not DepthManifest(tmp_path).holds(job, DepthRequest(), DepthExport())
