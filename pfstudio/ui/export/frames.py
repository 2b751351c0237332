"""The frames of a video of a run: chosen views of every call, in the colours of the stage."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pfstudio.core.events import Bytes
from pfstudio.core.video_frames import (
    Bar,
    FrameStyle,
    Panel,
    compose,
    roles_of,
    share_of,
)
from pfstudio.ui.export.figure import LABELS
from pfstudio.ui.export.sheet import number
from pfstudio.ui.stage.colours import Colouring, ColourScale, scale_over
from pfstudio.ui.stage.views import VIEWS, View, map_values
from pfstudio.ui.theme import Tokens
from pfstudio.ui.view_models.run import ROLE_WORDS
from pfstudio.ui.view_models.run_data import RunData


@dataclass(frozen=True)
class VideoLook:
    """What every frame of a video shares."""

    views: tuple[View, ...]
    image: int
    side: int  # height of a view in pixels
    theme: Tokens
    colours: Mapping[View, Colouring]
    title: str = ""


def video_frames(
    data: RunData, decoded: Mapping[int, Bytes], look: VideoLook, calls: range | None = None
) -> Iterator[Bytes]:
    """One RGB frame (H,W,3) per call; width and height are even, as video codecs want.

    Args:
        decoded: decoded predictions by call; others are shown as `data` has them.
        calls: only these; by default all.
    """
    t, every = look.theme, range(data.done)
    style = FrameStyle(look.side, data.grid, look.title, t.base, t.text, t.muted, t.accent)
    scales = {
        view: scale_over(look.colours[view], view, data, look.image, every)
        for view in look.views
        if VIEWS[view].is_map
    }
    for call in every if calls is None else calls:
        panels = [_panel(data, decoded, view, scales, call, look.image) for view in look.views]
        yield compose(panels, style, call + 1, data.done)


def _panel(
    data: RunData, decoded: Mapping[int, Bytes], view: View, scales: Mapping[View, ColourScale],
    call: int, image: int,
) -> Panel:  # fmt: skip
    title, kind = LABELS[view][0], VIEWS[view]
    if kind.is_map:
        scale = scales[view]
        low, high = map(number, scale.limits)
        bar = Bar(scale.colormap, low, high, (kind.low, kind.high))
        return Panel(title, scale.colours(map_values(data, view, call, image)), bar)
    picture = None if view is View.NOISY else decoded.get(call)
    if picture is None:
        found = data.noisy(call, image) if view is View.NOISY else data.prediction(call, image)
        picture = found.pixels if found else None
    if view is not View.ROLE:
        return Panel(title, picture)
    role = data.role[call, image]
    roles = roles_of(data.role[: data.done, image])
    legend = tuple((code, ROLE_WORDS[code], share_of(role, code)) for code in roles)
    return Panel(title, picture, roles=role, legend=legend)
