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


def test_what_was_written_here_is_no_input_but_a_picture_of_that_name_is(tmp_path):
    touch(tmp_path / "a.png", tmp_path / "scene_depth.png", tmp_path / "a_colour.png")
    (job,) = collect([tmp_path / "a.png"], tmp_path)
    (tmp_path / "b_depth.png").write_bytes(b"...pfstudio-depth...")
    done, export = DepthManifest(tmp_path), DepthExport(("colour",))
    done.add(job, DepthRequest(), export)
    done.claim(replace(job, stem="c"), DepthRequest(), export)
    touch(tmp_path / "c_colour.png")  # killed before the list said more
    names = [job.source.name for job in collect([tmp_path], tmp_path)]
    assert names == ["a.png", "scene_depth.png"]


def test_nobody_elses_result_is_overwritten(tmp_path):
    cameras = [tmp_path / "one" / "a.png", tmp_path / "two" / "a.png"]
    out, request, export = tmp_path / "out", DepthRequest(), DepthExport(("npy",))
    touch(*cameras)
    stems = []
    for source in (*cameras, cameras[0]):  # three calls
        done = DepthManifest(out)
        job = done.placed(collect([source], out)[0], request, export)
        stems.append(job.stem)
        touch(*file_paths(out, job.stem, export.formats))
        done.add(job, request, export)
    assert stems == ["a", "a-2", "a"]
    other = DepthManifest(out).placed(
        collect(cameras[:1], out)[0], replace(request, steps=3), export
    )
    assert other.stem == "a-3"
    touch(tmp_path / "x.png", out / "x_depth.npy")  # the user's own
    assert DepthManifest(out).placed(
        collect([tmp_path / "x.png"], out)[0], request, export
    ).stem == ("x-2")


def test_two_processes_add_to_one_list(tmp_path):
    touch(*(tmp_path / "in" / f"{n}.png" for n in range(4)))
    jobs, request, export = collect([tmp_path / "in"], tmp_path), DepthRequest(), DepthExport()
    one, two = DepthManifest(tmp_path), DepthManifest(tmp_path)
    for job, manifest in zip(jobs, (one, two, one, two), strict=True):
        touch(*file_paths(job.folder, job.stem, export.formats))
        manifest.add(job, request, export)
    assert all(DepthManifest(tmp_path).holds(job, request, export) for job in jobs)


def test_files_of_a_kill_are_not_done_and_nobody_elses(tmp_path):
    touch(tmp_path / "in" / "a.png")
    out, request, export = tmp_path / "out", DepthRequest(), DepthExport(("npy", "ply"))
    (job,) = collect([tmp_path / "in"], out)
    touch(*file_paths(out, "a", ("npy",)))  # the user's own
    job = DepthManifest(out).placed(job, request, export)
    DepthManifest(out).claim(job, request, export)
    touch(*file_paths(out, "a-2", ("npy",)))  # killed before the second
    done = DepthManifest(out)
    (again,) = collect([tmp_path / "in"], out)
    assert done.placed(again, request, export).stem == "a-2"
    assert done.placed(again, replace(request, steps=3), export).stem == "a-3"
    assert not done.holds(job, request, export)
    done.add(job, request, DepthExport(("npy",)))
    assert DepthManifest(out).holds(job, request, DepthExport(("npy",)))
    assert not DepthManifest(out).holds(job, request, export)


def test_an_empty_result_is_made_again_and_names_are_short_enough(tmp_path):
    touch(tmp_path / ("x" * 246 + ".png"))
    (job,) = collect([tmp_path / ("x" * 246 + ".png")], tmp_path)
    export, done = DepthExport(), DepthManifest(tmp_path)
    (path,) = file_paths(job.folder, job.stem, export.formats)
    touch(path)
    done.add(job, DepthRequest(), export)
    assert done.holds(job, DepthRequest(), export)
    path.write_bytes(b"")
    assert not done.holds(job, DepthRequest(), export)


def test_names_that_are_no_text(tmp_path):
    name = os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.png")
    with open(name, "wb") as file:
        file.write(b"x")
    (job,) = collect([tmp_path], tmp_path)
    touch(*file_paths(job.folder, job.stem, ("png16",)))
    DepthManifest(tmp_path).add(job, DepthRequest(), DepthExport())
    assert DepthManifest(tmp_path).holds(job, DepthRequest(), DepthExport())


def test_nothing_to_do_is_told(tmp_path):
    with pytest.raises(InputError, match="no image in"):
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
    touch(*file_paths(out, "a", ("ply",)))
    again.add(job, request, DepthExport(("ply",)))
    assert not again.holds(job, request, export)  # that one is of the older picture


def test_a_picture_that_went_away_is_not_done(tmp_path):
    touch(tmp_path / "in" / "a.png", tmp_path / "in" / "b.png")
    out, request, export = tmp_path / "out", DepthRequest(), DepthExport(("npy",))
    before, during = collect([tmp_path / "in"], out)
    done = DepthManifest(out)
    for job in (before, during):
        touch(*file_paths(out, job.stem, ("npy",)))
        job.source.unlink()
    assert not done.holds(before, request, export)
    done.claim(during, request, export)
    done.add(during, request, export)  # it was read, then it went away
    for manifest in (done, DepthManifest(out)):
        assert not manifest.holds(during, request, export)
        assert manifest.placed(during, request, export) == during


@pytest.mark.parametrize("text", ["", "[1]", "\x00", "{"])
def test_a_damaged_list_means_that_nothing_is_done(tmp_path, text):
    touch(tmp_path / "a.png")
    (tmp_path / MANIFEST_FILE).write_text(text)
    (job,) = collect([tmp_path / "a.png"], tmp_path)
    assert not DepthManifest(tmp_path).holds(job, DepthRequest(), DepthExport())
