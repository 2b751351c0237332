"""Brings the Depth page into the window: made when it is first needed, with its commands."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QWidget

from pfstudio.core.depth import DepthRequest
from pfstudio.core.errors import InputError, PfstudioError
from pfstudio.core.models import InstalledModel
from pfstudio.core.paths import config_folder
from pfstudio.core.settings import read_document, write_document
from pfstudio.ui.commands import Command
from pfstudio.ui.jobs import JobHandle
from pfstudio.ui.navigation import Page
from pfstudio.ui.notify import WARNING

if TYPE_CHECKING:
    from pfstudio.ui.pages.depth_page import DepthPage
    from pfstudio.ui.view_models.depth import DepthPageModel
    from pfstudio.ui.window import MainWindow

log = logging.getLogger(__name__)

KEY = "depth"
VERSION = 1


def recipe_path() -> Path:
    """Where the last depth recipe is kept."""
    return config_folder() / "depth.json"


class DepthRoom(QObject):
    """The Depth page of a window. Nothing of it is imported until it is opened."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._page: DepthPage | None = None
        self._models: tuple[InstalledModel, ...] = ()
        self._layout: dict[str, object] = {}
        window.jobs.adopted.connect(self._on_adopted)

    @property
    def page(self) -> DepthPage:
        """The page, made now if need be."""
        if self._page is None:
            self._page = self._make()
            self._window.stack.addWidget(self._page)  # it lives and ends with the window
            self._add_commands(self._page)
        return self._page

    @property
    def model(self) -> DepthPageModel:
        """The page's view-model."""
        return self.page.model

    def _make(self) -> DepthPage:
        from pfstudio.ui.depth.save import DepthSaver
        from pfstudio.ui.pages.depth_page import DepthPage
        from pfstudio.ui.view_models.depth import DepthPageModel

        window = self._window
        model = DepthPageModel(window.jobs, window.settings, window.notifier, self)
        saver = DepthSaver(model, window.notifier, self)
        self._load(model)
        model.set_models(self._models)
        page = DepthPage(model, saver, window.commands, window.notifier)
        page.restore_layout(self._layout)
        for signal in (model.files_changed, model.shown_changed, page.stage.view_changed,
                       model.look.changed):  # fmt: skip
            signal.connect(window.commands.refresh)
        model.files_changed.connect(window.show_title)
        model.all_ended.connect(window.tell_desktop)
        return page

    # -- for the window ---------------------------------------------------------------------------

    def set_models(self, models: Iterable[InstalledModel]) -> None:
        """Tell which models are installed; with one that finds depth, the page appears."""
        self._models = tuple(model for model in models if model.card.task == "depth")
        if self._page is not None:
            self.model.set_models(self._models)
        if self._models and KEY not in self._window.pages:
            self._window.add_page(
                Page(KEY, "Depth", "depth", self._widget, "Ctrl+2", self.take, self.title)
            )
            self._window.commands.add(*self._own_commands())

    def _widget(self) -> QWidget:
        return self.page

    def take(self, paths: list[Path]) -> None:
        """Files were dropped or pasted."""
        self.model.add_paths(paths)

    def title(self) -> str:
        """Words for the window's title line."""
        return self.model.title()

    def layout_state(self) -> dict[str, object]:
        """What the user arranged, for the layout file."""
        return self._layout if self._page is None else self._page.layout_state()

    def restore_layout(self, state: object) -> None:
        """Arrange as stored, when the page is made."""
        self._layout = state if isinstance(state, dict) else {}

    def close(self) -> None:
        """Keep the recipe, and end what works beside the window."""
        if self._page is None:
            return
        self._page.model.close()
        self._page.saver.stop()
        data = {"request": self.model.request.to_json(), "formats": list(self._page.saver.formats)}
        try:
            write_document(recipe_path(), VERSION, data)
        except PfstudioError as error:
            log.error("the depth recipe is not kept: %s", error)

    def _load(self, model: DepthPageModel) -> None:
        data, notice = read_document(recipe_path(), VERSION)
        if notice:
            self._window.notifier.say(notice, level=WARNING)
        if "request" in data:
            try:
                model.request = DepthRequest.from_json(data["request"])
            except InputError as error:
                self._window.notifier.say(
                    f"The last depth recipe cannot be used: {error}", level=WARNING
                )

    @Slot(object)
    def _on_adopted(self, handle: JobHandle) -> None:
        """A run of an earlier session begins: the page must know of it."""
        if isinstance(handle.request, DepthRequest):
            self.model.adopt(handle)

    # -- commands ---------------------------------------------------------------------------------

    def _own_commands(self) -> tuple[Command, ...]:
        only = (KEY,)
        return (
            Command("depth.mask", "Mask uncertain pixels", self._toggle_mask, "View", "M",
                    checked=self._is_masked, pages=only),
            Command("depth.remove", "Take the image out of the list", self._remove_chosen, "Edit",
                    "Shift+Delete", pages=only),
        )  # fmt: skip

    def _send_to_upscale(self) -> None:
        if self.model.files.chosen is not None:
            self._window.upscale.send([self.model.files.chosen.path])

    def _toggle_mask(self) -> None:
        look = self.model.look
        look.set(masked=not look.look.masked)

    def _is_masked(self) -> bool:
        return self._page is not None and self._page.model.look.look.masked

    def _remove_chosen(self) -> None:
        if self.model.files.chosen is not None:
            self.model.remove(self.model.files.chosen)

    def _add_commands(self, page: DepthPage) -> None:
        """What the shared keys do while the page is open."""
        on, model, stage = self._window.commands.on_page, page.model, page.stage
        player = stage.player

        on(
            KEY,
            "run.generate",
            model.start_all,
            text="Estimate all",
            enabled=model.has_due,
        )
        on(
            KEY,
            "run.enqueue",
            model.start_chosen,
            text="Estimate this image again",
            enabled=model.can_start_chosen,
        )
        on(KEY, "run.stop", model.stop, text="Stop", enabled=lambda: model.busy)
        on(KEY, "file.open", page.browse)
        on(KEY, "file.export", page.save_chosen, text="Save depth …", enabled=page.can_save)
        on(KEY, "file.save_all", page.save_every, enabled=model.has_results)
        on(KEY, "edit.next_file", _later(model.files.step, 1))
        on(KEY, "edit.previous_file", _later(model.files.step, -1))
        if "file.upscale" in self._window.commands.all:
            on(
                KEY,
                "file.upscale",
                self._send_to_upscale,
                text="Send image to Upscale",
                enabled=lambda: model.files.chosen is not None,
            )
            page.add_upscale_button(self._window.commands)
        on(KEY, "view.fit", stage.fit)
        on(KEY, "tool.inspect", stage.toggle_probe, text="Probe", checked=stage.bar.probe.isChecked)
        for command_id, verb in (
            ("play", player.toggle), ("next", player.next), ("previous", player.previous),
            ("first", player.first), ("last", player.last), ("jump_on", player.jump_on),
            ("jump_back", player.jump_back),
        ):  # fmt: skip
            on(KEY, f"time.{command_id}", verb)
        for command_id, (key, button) in zip(
            ("single", "four", "overlay", "compare"), stage.bar.views.items(), strict=True
        ):
            on(
                KEY,
                f"view.{command_id}",
                _later(stage.set_view, key.value),
                text=button.accessibleName(),
                checked=button.isChecked,
            )
        for command_id, panel in (
            ("recipe", page.recipe), ("inspector", page.confidence), ("timeline", stage.flow_bar),
        ):  # fmt: skip
            on(KEY, f"view.{command_id}", _later(_toggle, panel),
               checked=_later(_is_shown, panel))  # fmt: skip


def _later(verb: Callable[..., object], value: object) -> Callable[[], object]:
    return lambda: verb(value)


def _toggle(panel: QWidget) -> None:
    panel.setVisible(panel.isHidden())


def _is_shown(panel: QWidget) -> bool:
    return not panel.isHidden()
