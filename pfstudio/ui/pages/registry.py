"""Every page of the window, in the order of the rail. The first is open at the start."""

from __future__ import annotations

from pfstudio.ui.commands import Command
from pfstudio.ui.context import AppContext
from pfstudio.ui.language import QT_TR_NOOP
from pfstudio.ui.pages.page import Page, PageSpec


def _generate(context: AppContext) -> Page:
    from pfstudio.ui.pages.generate_page import GeneratePage

    return GeneratePage(context)


def _depth(context: AppContext) -> Page:
    from pfstudio.ui.pages.depth_page import DepthPage

    return DepthPage(context)


def _upscale(context: AppContext) -> Page:
    from pfstudio.ui.pages.upscale_page import UpscalePage

    return UpscalePage(context)


def _library(context: AppContext) -> Page:
    from pfstudio.ui.pages.library_page import LibraryPage

    return LibraryPage(context)


def _features(context: AppContext) -> Page:
    from pfstudio.ui.pages.features_page import FeaturesPage

    return FeaturesPage(context)


def _models(context: AppContext) -> Page:
    from pfstudio.ui.pages.models_page import ModelsPage

    return ModelsPage(context)


PAGES = [
    PageSpec("generate", QT_TR_NOOP("Generate"), "generate", _generate, "Ctrl+1", ("generate",)),
    PageSpec(
        "depth", QT_TR_NOOP("Depth"), "depth", _depth, "Ctrl+2", ("depth",), "depth",
        (
            Command.declared(
                "depth.mask", QT_TR_NOOP("Hide uncertain pixels"), "View", "M", checkable=True
            ),
            Command.declared(
                "depth.remove", QT_TR_NOOP("Remove from list"), "Edit", "Shift+Delete"
            ),
        ),
    ),
    PageSpec(
        "upscale", QT_TR_NOOP("Upscale"), "upscale", _upscale, "Ctrl+3", ("upscale",), "upscale",
        (
            Command.declared("file.upscale", QT_TR_NOOP("Send to Upscale"), "File", "Ctrl+Shift+U"),
            Command.declared("edit.copy_result", QT_TR_NOOP("Copy result"), "Edit", "Ctrl+C"),
        ),
    ),
    PageSpec(
        "library", QT_TR_NOOP("Library"), "library", _library, "Ctrl+4", (), "",
        (Command.declared("library.search", QT_TR_NOOP("Search the library"), "Edit", "Ctrl+F"),),
    ),
    PageSpec(
        "features", QT_TR_NOOP("Features"), "features", _features, "Ctrl+5",
        ("features", "classify"),
    ),
    PageSpec("models", QT_TR_NOOP("Models"), "models", _models, "Ctrl+6"),
]  # fmt: skip
