"""Videos: what is written opens again with every frame; frames show the run's maps."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from run_traces import made_up_pictures, made_up_trace

from pfstudio.core import video, video_frames
from pfstudio.core.colour import ROLE_COLOURS, lookup
from pfstudio.core.contact_sheet import contact_sheet
from pfstudio.core.errors import InputError, RunError
from pfstudio.core.trace import Role


def moving_frames(count: int = 7, height: int = 48, width: int = 64) -> list[np.ndarray]:
    """A bright bar that wanders over grey."""
    frames = []
    for k in range(count):
        frame = np.full((height, width, 3), 60, np.uint8)
        frame[:, 8 * k : 8 * k + 8] = (250, 200, 40)
        frames.append(frame)
    return frames


def opened_again(path: Path) -> list[np.ndarray]:
    """Frames (H,W,3) RGB of a video."""
    if path.suffix == ".mp4":
        reader, frames = cv2.VideoCapture(str(path)), []
        while (answer := reader.read())[0]:
            frames.append(cv2.cvtColor(answer[1], cv2.COLOR_BGR2RGB))
        reader.release()
        return frames
    with Image.open(path) as picture:
        frames = []
        for index in range(picture.n_frames):
            picture.seek(index)
            frames.append(np.asarray(picture.convert("RGB")))
        return frames


@pytest.mark.parametrize("suffix", video.VIDEO_SUFFIXES)
def test_videos_open_again_with_every_frame(tmp_path: Path, suffix: str) -> None:
    path, frames = tmp_path / f"run{suffix}", moving_frames()
    video.write_video(path, iter(frames), 12)
    found = opened_again(path)
    assert len(found) == len(frames)
    for frame, again in zip(frames, found, strict=True):
        assert np.abs(frame.astype(int) - again).mean() < (1 if suffix == ".png" else 8)
    assert [p.name for p in tmp_path.iterdir()] == [path.name]  # nothing temporary is left


def test_odd_sides_are_made_even_for_mp4(tmp_path: Path) -> None:
    video.write_video(tmp_path / "odd.mp4", moving_frames(height=47, width=65), 12)
    assert {frame.shape for frame in opened_again(tmp_path / "odd.mp4")} == {(48, 66, 3)}


def test_an_mp4_holds_what_browsers_play(tmp_path: Path) -> None:
    video.write_video(tmp_path / "run.mp4", moving_frames(), 12)
    codec = int(cv2.VideoCapture(str(tmp_path / "run.mp4")).get(cv2.CAP_PROP_FOURCC))
    assert codec.to_bytes(4, "little") == b"VP90"


def test_speed_is_kept(tmp_path: Path) -> None:
    video.write_video(tmp_path / "a.mp4", moving_frames(), 8)
    assert cv2.VideoCapture(str(tmp_path / "a.mp4")).get(cv2.CAP_PROP_FPS) == pytest.approx(8)
    video.write_video(tmp_path / "a.gif", moving_frames(), 8)
    with Image.open(tmp_path / "a.gif") as picture:
        assert picture.info["duration"] == 120  # 125 ms, in the 10 ms that GIF knows
        assert picture.info["loop"] == 0


def test_bad_videos_are_refused_and_leave_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "run.mp4"
    path.write_bytes(b"old")
    with pytest.raises(InputError, match="no frames"):
        video.write_video(path, [], 12)
    with pytest.raises(InputError, match="one size"):
        video.write_video(path, [*moving_frames(2), np.zeros((8, 8, 3), np.uint8)], 12)
    with pytest.raises(InputError, match="0 frames a second"):
        video.write_video(path, moving_frames(), 0)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(InputError, match=r"run\.avi"):
        video.write_video(tmp_path / "run.avi", moving_frames(), 12)


def test_a_video_that_did_not_arrive_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Lossy:
        """An encoder on a full disk: it says nothing and writes nothing."""

        fourcc = staticmethod(cv2.VideoWriter.fourcc)

        def __init__(self, path: str, *_: object) -> None:
            Path(path).write_bytes(b"")

        def isOpened(self) -> bool:  # noqa: N802
            return True

        def write(self, frame: np.ndarray) -> None: ...

        def release(self) -> None: ...

    monkeypatch.setattr(cv2, "VideoWriter", Lossy)
    with pytest.raises(RunError, match="0 of 7 frames"):
        video.write_video(tmp_path / "run.mp4", moving_frames(), 12)
    assert not list(tmp_path.iterdir())


def test_one_even_frame_per_call() -> None:
    trace = made_up_trace(nfe=5)
    frames = list(video_frames.frames_of(trace, made_up_pictures(5), side=65))
    assert len(frames) == 5
    assert len({frame.shape for frame in frames}) == 1
    height, width, _ = frames[0].shape
    assert height % 2 == width % 2 == 0
    assert (height, width) > (2 * 65, 2 * 65)


def test_frames_show_prediction_maps_and_roles() -> None:
    trace, pictures = made_up_trace(), made_up_pictures()
    size, top = 64, video_frames._HEAD
    frames = list(video_frames.frames_of(trace, pictures, ("prediction", "time", "role"), 1, size))
    for call in (0, 3):
        panels = [
            frames[call][top : top + size, video_frames._GAP + k * (size + video_frames._GAP) :][
                :, :size
            ]
            for k in range(3)
        ]
        assert (panels[0] == pictures[call, 0, 0]).all()
        first_patch = lookup("Blues")[round(float(trace.time[call, 1, 0, 0]) * 255)]
        assert (panels[1][:16, :16] == first_patch).all()
        grey = pictures[call].mean()
        expected = 0.45 * grey + 0.55 * np.array(ROLE_COLOURS)[trace.role[call, 1, 3, 3]]
        assert np.abs(panels[2][-8:, -8:] - expected).max() < 2


def test_a_legend_keeps_its_lines_and_names_every_role() -> None:
    few, all_roles = np.full((4, 4), Role.SLOW, np.uint8), np.arange(16, dtype=np.uint8) % 6
    roles = video_frames.roles_of(all_roles)
    assert roles == tuple(Role)
    lines = []
    for codes in (few, all_roles.reshape(4, 4)):
        legend = tuple((r, r.name.lower(), video_frames.share_of(codes, r)) for r in roles)
        panel = video_frames.Panel("Role", legend=legend)
        lines.append(video_frames._legend_lines(panel, 200))
    assert [len(line) for line in lines[0]] == [len(line) for line in lines[1]] == [2, 2, 2]
    assert lines[0][1][0][1] == "slow 100 %"
    assert lines[1][0][1][1] == "fast 19 %"
    frame = video_frames.compose([panel], video_frames.FrameStyle(64, (1, 3)), 1, 2)
    for role in Role:  # its swatch is there
        assert (frame == ROLE_COLOURS[role]).all(axis=2).sum() >= 64


def test_a_map_carries_its_colour_bar() -> None:
    bar = video_frames.Bar("viridis", "0", "1", ("still", "fast"))
    panel = video_frames.Panel("Speed", np.zeros((4, 4, 3), np.uint8), bar)
    frame = video_frames.compose([panel], video_frames.FrameStyle(128, (4, 4)), 1, 2)
    foot = frame[video_frames._HEAD + 128 :]
    for colour in lookup("viridis")[[20, 128, 235]]:
        assert (np.abs(foot.astype(int) - colour).max(axis=2) < 6).any()


def test_a_run_without_difficulty_still_makes_a_video() -> None:
    trace = made_up_trace()
    trace.difficulty[:] = np.nan
    assert (
        len(list(video_frames.frames_of(trace, made_up_pictures(), ("difficulty", "speed")))) == 6
    )


def test_what_cannot_be_shown_is_named() -> None:
    trace, pictures = made_up_trace(), made_up_pictures()
    with pytest.raises(InputError, match="'depth'"):
        next(video_frames.frames_of(trace, pictures, ("depth",)))
    with pytest.raises(InputError, match="no image 2"):
        next(video_frames.frames_of(trace, pictures, image=2))
    with pytest.raises(InputError, match="6 calls"):
        next(video_frames.frames_of(trace, pictures[:3]))


def test_contact_sheet_places_every_picture() -> None:
    images = made_up_pictures(5, side=64)
    sheet = contact_sheet(images, [f"class {k}" for k in range(5)], columns=3, side=64)
    assert sheet.shape == (2 * (64 + 24 + 8) + 8, 3 * (64 + 8) + 8, 3)
    assert (sheet[8 : 8 + 64, 8 : 8 + 64] == 0).all()
    assert (sheet[8 + 96 : 8 + 96 + 64, 8 + 72 : 8 + 72 + 64] == 255).all()  # the last one
    label = sheet[8 + 64 : 8 + 88, 8 : 8 + 64]
    assert label.max() > 200  # words are there
    long = contact_sheet(images[:1], ["a very long name of a class indeed"], columns=4, side=64)
    assert long.shape[1] == 64 + 16


def test_contact_sheet_refuses_what_does_not_fit() -> None:
    images = made_up_pictures(2)
    for arguments in ((images, ["one"], 2), ([], [], 2), (images, ["a", "b"], 0)):
        with pytest.raises(InputError, match="contact sheet"):
            contact_sheet(*arguments)
