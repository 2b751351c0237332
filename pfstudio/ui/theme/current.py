"""Put a theme on the application, and say which one is on."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QStyleFactory

from pfstudio.ui.theme import fonts
from pfstudio.ui.theme.palettes import DARK, THEMES, Tokens
from pfstudio.ui.theme.stylesheet import stylesheet

_PROPERTY = "pfstudio_theme"  # name of the theme, kept on the application as its palette is
_now = DARK  # asked for by every stroke, so it is at hand


def tokens() -> Tokens:
    """The theme that is on."""
    return _now


def resolve(choice: str) -> str:
    """The theme meant by a setting; "system" follows the desktop, dark where that is silent."""
    if choice != "system":
        return choice
    scheme = QApplication.styleHints().colorScheme()
    return "light" if scheme == Qt.ColorScheme.Light else "dark"


def follow(choice: str) -> None:
    """Put on what a setting means, and let native title bars agree with it."""
    app, hints = QApplication.instance(), QApplication.styleHints()
    assert isinstance(app, QApplication)
    if choice == "system":
        hints.unsetColorScheme()
    else:
        dark = THEMES[choice].dark
        hints.setColorScheme(Qt.ColorScheme.Dark if dark else Qt.ColorScheme.Light)
    name = resolve(choice)
    if app.property(_PROPERTY) != name:
        apply(app, name)


def apply(app: QApplication, name: str) -> None:
    """Switch the whole application to the theme `name`; widgets repaint by themselves."""
    global _now
    theme = _now = THEMES[name]
    first = app.property(_PROPERTY) is None
    app.setProperty(_PROPERTY, name)
    if first:
        fonts.load()
        app.setStyle(QStyleFactory.create("Fusion"))
        app.setFont(fonts.font("body"))
    app.setStyleSheet("")  # Qt polishes from nothing three times as fast as from another sheet
    app.setPalette(_palette(theme))
    app.setStyleSheet(stylesheet(theme))


def _palette(theme: Tokens) -> QPalette:
    role = QPalette.ColorRole
    colours = {
        role.Window: theme.panel,
        role.WindowText: theme.text,
        role.Base: theme.field,
        role.AlternateBase: theme.card,
        role.ToolTipBase: theme.raised,
        role.ToolTipText: theme.text,
        role.PlaceholderText: theme.muted,
        role.Text: theme.text,
        role.Button: theme.field,
        role.ButtonText: theme.text,
        role.BrightText: theme.danger,
        role.Link: theme.link,
        role.Highlight: theme.accent,
        role.HighlightedText: theme.on_accent,
        role.Accent: theme.accent,
        role.Light: theme.hover,
        role.Midlight: theme.hover,
        role.Mid: theme.border,
        role.Dark: theme.border,
        role.Shadow: theme.base,
    }
    palette = QPalette()
    for key, colour in colours.items():
        palette.setColor(key, QColor(colour))
    for key in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, key, QColor(theme.faint))
    return palette
