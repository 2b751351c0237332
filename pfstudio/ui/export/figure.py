"""What a figure sheet shows: rows of views, columns of calls, and the words around them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pfstudio.core.colour import role_colours
from pfstudio.core.errors import InputError
from pfstudio.core.events import Bytes
from pfstudio.core.trace import Role
from pfstudio.ui.export.caption import caption
from pfstudio.ui.language import tr
from pfstudio.ui.stage.colours import Colouring, ColourScale, scale_over
from pfstudio.ui.stage.views import VIEWS, View, map_values, role_shares
from pfstudio.ui.view_models.run_data import RunData

# What stands left of a row: name and unit.
LABELS = {
    View.PREDICTION: ("Prediction", "x̂₁"),
    View.NOISY: ("State", "x, latent colours"),
    View.DIFFICULTY: ("Difficulty", "log σ²"),
    View.TIME: ("Time", "t"),
    View.ROLE: ("Role", "in this call"),
    View.SPEED: ("Speed", "|v|"),
    View.SPENT: ("NFE spent", "per patch"),
    View.GUIDANCE: ("Guidance", "strength"),
    View.MASKS: ("Masks", "passes per patch"),
    View.DIFFERENCE: ("Strong − weak", "|Δv|"),
}


@dataclass(frozen=True)
class Row:
    """One view at the chosen calls."""

    label: str
    unit: str
    pictures: tuple[Bytes, ...]  # (H,W,3) each; of a map one pixel per patch
    is_map: bool = False  # drawn with hard patch edges
    scale: ColourScale | None = None  # of the bar; None: no bar
    roles: tuple[Role, ...] = ()  # legend instead of a bar


@dataclass(frozen=True)
class Figure:
    """A sheet, ready to draw."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    title: str
    body: str


def build_figure(
    data: RunData,
    image: int,
    calls: tuple[int, ...],
    views: tuple[View, ...],
    *,
    decoded: Mapping[int, Bytes],
    colours: Mapping[View, Colouring],
    model_title: str = "",
    classes: tuple[str, ...] = (),
) -> Figure:
    """Collect a figure of picture number `image` of a run.

    Args:
        decoded: decoded predictions by call; others are shown as `data` has them.
        colours: of the maps; a row has one range, so that its columns can be compared.

    Raises:
        InputError: no call or no view is chosen, or the run keeps no pictures.
    """
    if not calls or not views:
        raise InputError("The figure is empty.", "Choose at least one view and one column.")
    rows = tuple(_row(data, image, calls, view, decoded, colours) for view in views)
    title, body = caption(data, image, calls, views, model_title=model_title, classes=classes)
    return Figure(tuple(f"call {call + 1}" for call in calls), rows, title, body)


def _row(
    data: RunData, image: int, calls: tuple[int, ...], view: View, decoded: Mapping[int, Bytes],
    colours: Mapping[View, Colouring],
) -> Row:  # fmt: skip
    label, unit = LABELS[view]
    if view is View.ROLE:
        cells = tuple(role_colours(data.role[call, image]) for call in calls)
        seen = {role for call in calls for role, _ in role_shares(data, call, image)}
        roles = tuple(role for role in Role if role in seen)
        return Row(label, unit, cells, is_map=True, roles=roles)
    if not VIEWS[view].is_map:
        known = decoded if view is View.PREDICTION else {}
        pictures = tuple(
            known[call] if call in known else _picture(data, image, call, view) for call in calls
        )
        return Row(label, unit, pictures)
    scale = scale_over(colours[view], view, data, image, calls)
    cells = tuple(scale.colours(map_values(data, view, call, image)) for call in calls)
    return Row(label, unit, cells, is_map=True, scale=scale)


def _picture(data: RunData, image: int, call: int, view: View) -> Bytes:
    found = data.noisy(call, image) if view is View.NOISY else data.prediction(call, image)
    if found is None:
        raise InputError(
            tr("This run's trace holds no images of its calls."),
            tr("Leave the prediction and the noisy state out of the figure."),
        )
    return found.pixels


def chosen_calls(total: int, columns: int) -> tuple[int, ...]:
    """`columns` calls spread evenly over a run of `total` calls, first and last included."""
    columns = max(1, min(columns, total))
    if columns == 1:
        return (total - 1,)
    return tuple(dict.fromkeys(round(i * (total - 1) / (columns - 1)) for i in range(columns)))
