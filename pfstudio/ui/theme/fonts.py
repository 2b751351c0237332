"""The bundled typeface and its few roles."""

from __future__ import annotations

from functools import cache

from PySide6.QtGui import QFont, QFontDatabase

from pfstudio.core.paths import shipped

FAMILY = "Inter"
FILES = ("Inter-Regular.otf", "Inter-Medium.otf", "Inter-SemiBold.otf")

# Role: (pixels, weight, letter spacing in pixels).
_ROLES = {
    "body": (13, QFont.Weight.Normal, 0.0),
    "strong": (13, QFont.Weight.DemiBold, 0.0),
    "value": (13, QFont.Weight.Medium, 0.0),
    "small": (12, QFont.Weight.Normal, 0.0),
    "small-strong": (12, QFont.Weight.DemiBold, 0.0),
    "tiny": (11, QFont.Weight.Normal, 0.0),
    "heading": (11, QFont.Weight.DemiBold, 0.7),
    "title": (20, QFont.Weight.DemiBold, -0.2),
}


def load() -> None:
    """Register the bundled files with Qt; needs a QGuiApplication."""
    for name in FILES:
        QFontDatabase.addApplicationFont(str(shipped("resources", "fonts", name)))


@cache
def font(role: str = "body") -> QFont:
    """The font of a role: body, strong, value, small, small-strong, tiny, heading or title.

    Figures have equal widths, so that numbers that change do not dance.
    """
    pixels, weight, spacing = _ROLES[role]
    made = QFont(FAMILY)
    made.setPixelSize(pixels)
    made.setWeight(weight)
    if spacing:
        made.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, spacing)
    if hasattr(QFont, "setFeature"):  # Qt 6.7
        made.setFeature(QFont.Tag("tnum"), 1)
    return made
