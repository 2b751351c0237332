"""The look: contrast, icons in every theme, the bundled typeface, sharp at every scale."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontInfo, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

from pfstudio.core.paths import shipped
from pfstudio.ui import icons, theme
from pfstudio.ui.theme import THEMES, Tokens
from pfstudio.ui.theme.fonts import FAMILY, FILES

ICONS = sorted(path.stem for path in shipped("resources", "icons").glob("*.svg"))
SURFACES = ("base", "panel", "header", "card", "field", "hover", "raised", "soft")
PACKAGE = Path(icons.__file__).parent


def luminance(colour: str) -> float:
    """Relative luminance of "#rrggbb", 0 to 1 (WCAG 2.2)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    """Contrast ratio of two colours, 1 to 21 (WCAG 2.2)."""
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("t", THEMES.values(), ids=THEMES)
@pytest.mark.parametrize("colour", ["text", "muted", "link"])
def test_text_is_readable_on_every_surface(t: Tokens, colour: str) -> None:
    wanted = 7.0 if t.name == "high-contrast" else 4.5
    for surface in SURFACES:
        assert contrast(getattr(t, colour), getattr(t, surface)) >= wanted, surface


@pytest.mark.parametrize("t", THEMES.values(), ids=THEMES)
def test_signals_and_buttons_are_readable(t: Tokens) -> None:
    pairs = [("on_accent", "accent"), ("danger", "danger_soft"), ("danger", "panel"),
             ("danger", "card"), ("good", "panel"), ("warn", "panel")]  # fmt: skip
    for colour, surface in pairs:
        assert contrast(getattr(t, colour), getattr(t, surface)) >= 4.5, (colour, surface)
    for surface in SURFACES:  # the focus ring is no text: 3 : 1
        assert contrast(t.focus, getattr(t, surface)) >= 3.0, surface


def painted(name: str, colour: str, side: int) -> QImage:
    image = QImage(side, side, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    icons.draw(painter, name, QRectF(0, 0, side, side), colour)
    painter.end()
    return image


@pytest.mark.parametrize("name", [n for n in ICONS if n not in ("app", "trace")])
def test_icons_draw_themselves_in_the_asked_colour(name: str, qapp: QApplication) -> None:
    image = painted(name, "#ff0000", 40)
    pixels = [image.pixelColor(x, y) for x in range(40) for y in range(40)]
    drawn = [p for p in pixels if p.alpha() > 200]
    assert drawn
    assert all((p.red(), p.green(), p.blue()) == (255, 0, 0) for p in drawn)


def test_icons_are_drawings_that_stay_sharp(qapp: QApplication) -> None:
    for name in ICONS:
        text = shipped("resources", "icons", f"{name}.svg").read_text(encoding="utf-8")
        assert "<image" not in text
        assert QSvgRenderer(text.encode()).isValid()
    for scale in (1.0, 1.5, 2.0):
        made = icons.pixmap("generate", 20, "#ffffff", scale)
        assert made.width() == round(20 * scale)
        assert made.deviceIndependentSize().width() == 20


def test_no_drawing_lies_around() -> None:
    later = {"depth", "upscale", "features", "library", "models"}  # pages of the house plan
    code = "\n".join(path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py"))
    unused = [name for name in ICONS if not re.search(rf"\"{re.escape(name)}\"", code)]
    assert set(unused) <= later


def test_the_bundled_typeface_is_on(qapp: QApplication) -> None:
    theme.apply(qapp, "dark")
    for role in ("body", "strong", "small", "heading"):
        assert QFontInfo(theme.font(role)).family() == FAMILY
    for name in FILES:
        assert shipped("resources", "fonts", name).is_file()
    assert "SIL OPEN FONT" in shipped("resources", "fonts", "Inter-LICENSE.txt").read_text()


def test_system_follows_the_desktop_and_is_dark_where_that_is_silent(qapp: QApplication) -> None:
    assert theme.resolve("light") == "light"
    scheme = qapp.styleHints().colorScheme()
    assert theme.resolve("system") == ("light" if scheme == Qt.ColorScheme.Light else "dark")


SCALED = """
import sys
from PySide6.QtWidgets import QApplication
app = QApplication([])
from pfstudio.ui import theme
theme.apply(app, "dark")
from pfstudio.ui.widgets.buttons import Button
button = Button("Generate", "generate", kind="primary")
button.resize(200, 38)
print(button.grab().width(), button.devicePixelRatioF())
"""


@pytest.mark.parametrize("scale", ["1.5", "2"])
def test_the_window_draws_in_device_pixels(scale: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QT_SCALE_FACTOR", scale)
    done = subprocess.run(
        [sys.executable, "-c", SCALED], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == [str(round(200 * float(scale))), f"{float(scale)}"]
