"""The style sheet of Qt's own widgets, written from the tokens. Own widgets draw themselves."""

from __future__ import annotations

from pfstudio.ui.theme.palettes import Tokens


def stylesheet(t: Tokens) -> str:
    """Qt style sheet for the theme `t`."""
    return f"""
QMainWindow, QDialog {{ background: {t.panel}; }}
QToolTip {{
    background: {t.raised}; color: {t.text}; border: 1px solid {t.border}; padding: 5px 8px;
}}
QMenuBar {{ background: {t.base}; color: {t.muted}; padding: 0 6px; }}
QMenuBar::item {{ padding: 9px 9px; background: transparent; border-radius: 5px; }}
QMenuBar::item:selected, QMenuBar::item:pressed {{ color: {t.text}; background: {t.hover}; }}
QMenu {{
    background: {t.card}; color: {t.text}; border: 1px solid {t.border}; padding: 5px;
    border-radius: 8px;
}}
QMenu::item {{ padding: 6px 22px 6px 26px; border-radius: 5px; }}
QMenu::item:selected {{ background: {t.soft}; color: {t.text}; }}
QMenu::item:disabled {{ color: {t.faint}; }}
QMenu::separator {{ height: 1px; background: {t.border}; margin: 5px 8px; }}

QLabel {{ background: transparent; }}
QLabel[ink="muted"] {{ color: {t.muted}; }}
QLabel[ink="faint"] {{ color: {t.faint}; }}
QLabel[ink="danger"] {{ color: {t.danger}; }}
QLabel[ink="good"] {{ color: {t.good}; }}
QLabel[ink="warn"] {{ color: {t.warn}; }}
QLineEdit, QPlainTextEdit, QTextEdit {{
    background: {t.field}; color: {t.text}; border: 1px solid {t.border};
    border-radius: {t.radius}px; padding: 6px 9px;
    selection-background-color: {t.accent}; selection-color: {t.on_accent};
}}
QLineEdit:hover {{ background: {t.hover}; }}
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus {{ border-color: {t.focus}; }}
QLineEdit:disabled {{ color: {t.faint}; }}
QLineEdit#bare, QLineEdit#bare:hover {{ background: transparent; border: 0; padding: 0 7px; }}

QAbstractItemView {{
    background: {t.card}; color: {t.text}; border: 1px solid {t.border}; outline: 0;
    selection-background-color: {t.soft}; selection-color: {t.text};
}}
QAbstractItemView::item {{ padding: 6px 8px; border-radius: 5px; }}
QAbstractItemView::item:hover {{ background: {t.hover}; }}
QAbstractItemView::item:selected {{ background: {t.soft}; color: {t.text}; }}
QHeaderView::section {{
    background: {t.panel}; color: {t.muted}; border: 0; border-bottom: 1px solid {t.border};
    padding: 7px 8px;
}}
QTableView {{ gridline-color: {t.border}; }}

QScrollArea {{ background: transparent; border: 0; }}
QScrollArea > QWidget > QWidget {{ background: transparent; }}
QScrollBar:vertical {{ background: transparent; width: 10px; margin: 2px; }}
QScrollBar:horizontal {{ background: transparent; height: 10px; margin: 2px; }}
QScrollBar::handle {{
    background: {t.track}; border-radius: 3px; min-height: 28px; min-width: 28px;
}}
QScrollBar::handle:hover {{ background: {t.muted}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QSplitter::handle {{ background: {t.border}; }}
QSplitter::handle:horizontal {{ width: 1px; }}
QSplitter::handle:vertical {{ height: 1px; }}
QSplitter::handle:hover {{ background: {t.accent}; }}
"""
