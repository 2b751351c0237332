"""The style sheet of the window, written from the tokens."""

from __future__ import annotations

from pfstudio.ui.theme.palettes import Tokens


def stylesheet(t: Tokens) -> str:
    """Qt style sheet for the theme `t`."""
    knob_edge = 0 if t.dark else 1
    # Of what is on; in high contrast a change of surface alone is too little.
    edge = f"1px solid {t.focus}" if t.name == "high-contrast" else "0"
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

Surface[surface="base"] {{ background: {t.base}; }}
Surface[surface="panel"], FittingBar {{ background: {t.panel}; }}
NoticeBar {{ background: {t.field if t.dark else t.card}; border-top: 1px solid {t.border}; }}
NoticeBar[level="error"] {{ border-top-color: {t.danger_border}; }}
FittingBar {{ border-bottom: 1px solid {t.border}; }}
Line {{ background: {t.border}; }}

QLabel {{ background: transparent; }}
QLabel[colour="muted"] {{ color: {t.muted}; }}
QLabel[colour="faint"] {{ color: {t.faint}; }}
QLabel[colour="danger"] {{ color: {t.danger}; }}
QLabel[colour="good"] {{ color: {t.good}; }}
QLabel[colour="warn"] {{ color: {t.warn}; }}
QLineEdit, QPlainTextEdit, QTextEdit {{
    background: {t.field}; color: {t.text}; border: 1px solid {t.border};
    border-radius: {t.radius}px; padding: 6px 9px;
    selection-background-color: {t.accent}; selection-color: {t.on_accent};
}}
KeyField {{ background: {t.field}; border: 1px solid {t.border}; border-radius: 6px; }}
KeyField:hover {{ background: {t.hover}; }}
KeyField:focus {{ border: 2px solid {t.focus}; }}
QKeySequenceEdit > QLineEdit {{ background: transparent; border: 0; padding: 0; }}
QLineEdit:hover {{ background: {t.hover}; }}
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus {{ border-color: {t.focus}; }}
QLineEdit:disabled {{ color: {t.faint}; }}

QPushButton {{
    background: {t.field}; color: {t.text}; border: 1px solid {t.border};
    border-radius: {t.radius}px; padding: 0 11px; text-align: left;
}}
QPushButton[centred="true"], QDialogButtonBox QPushButton {{ text-align: center; }}
QDialogButtonBox QPushButton {{ min-height: 28px; }}
QPushButton:hover {{ background: {t.hover}; }}
QPushButton:pressed {{ background: {t.raised}; }}
QPushButton:checked {{ background: {t.soft}; border-color: {t.soft_border}; }}
QPushButton:disabled {{ background: {t.panel}; color: {t.faint}; border-color: {t.border}; }}
QPushButton[kind="primary"]:enabled {{
    background: {t.accent}; color: {t.on_accent}; border-color: {t.accent};
}}
QPushButton[kind="primary"]:enabled:hover {{
    background: {t.accent_hover}; border-color: {t.accent_hover};
}}
QPushButton[kind="danger"]:enabled {{
    background: {t.danger_soft}; color: {t.danger}; border-color: {t.danger_border};
}}
QPushButton[kind="danger"]:enabled:hover {{ border-color: {t.danger}; }}
QPushButton[kind="ghost"] {{
    background: transparent; color: {t.muted}; border-color: transparent;
}}
QPushButton[kind="ghost"]:hover {{ background: {t.hover}; color: {t.text}; }}

QToolButton {{ background: transparent; border: 0; border-radius: 6px; padding: 0; }}
QToolButton:hover {{ background: {t.hover}; }}
QToolButton:pressed {{ background: {t.raised}; }}
QToolButton:checked {{ background: {t.soft}; border: 1px solid {t.soft_border}; }}
QToolButton:disabled {{ background: transparent; color: {t.faint}; }}
Segmented {{ background: {t.field}; border: 1px solid {t.border}; border-radius: {t.radius}px; }}
Segment {{
    background: transparent; color: {t.muted}; border: 0; border-radius: 5px; padding: 0 2px;
    text-align: center;
}}
Segment:hover {{ background: transparent; color: {t.text}; }}
Segment:checked {{
    background: {t.raised}; color: {t.text}; border: {edge};
}}
Segment:disabled {{ background: transparent; color: {t.faint}; border: 0; }}

QComboBox {{
    background: {t.field}; color: {t.text}; border: 1px solid {t.border};
    border-radius: {t.radius}px; padding: 0 9px;
}}
QComboBox:hover {{ background: {t.hover}; }}
QComboBox:disabled {{ background: {t.field}; color: {t.faint}; }}
QComboBox::drop-down {{ border: 0; width: 20px; }}
QComboBox::down-arrow {{ image: none; }}

QSlider::groove:horizontal {{ background: {t.track}; height: 4px; border-radius: 2px; }}
QSlider::sub-page:horizontal {{ background: {t.accent}; border-radius: 2px; }}
QSlider::sub-page:horizontal:disabled {{ background: {t.faint}; }}
QSlider::handle:horizontal {{
    background: {t.knob}; border: {knob_edge}px solid {t.accent};
    width: {12 - 2 * knob_edge}px; margin: -4px 0; border-radius: 6px;
}}
QSlider::handle:horizontal:hover {{
    width: {14 - 2 * knob_edge}px; margin: -5px -1px; border-radius: 7px;
}}
QSlider::handle:horizontal:disabled {{ background: {t.faint}; }}
Slider {{ padding-top: 17px; }}
QProgressBar {{ background: {t.track}; border: 0; border-radius: 2px; }}
QProgressBar::chunk {{ background: {t.accent}; border-radius: 2px; }}

QAbstractItemView {{
    background: {t.card}; color: {t.text}; border: 1px solid {t.border}; outline: 0;
    selection-background-color: {t.soft}; selection-color: {t.text};
}}
QAbstractItemView::item {{ padding: 6px 8px; border-radius: 5px; }}
QAbstractItemView::item:disabled {{ color: {t.faint}; }}
QAbstractItemView::item:hover {{ background: {t.hover}; }}
QAbstractItemView::item:selected {{ background: {t.soft}; color: {t.text}; }}
Popover QAbstractItemView {{ background: transparent; border: 0; }}
ResultsStrip {{ background: {t.panel}; border: 0; border-top: 1px solid {t.border}; }}
ResultsStrip::item {{ padding: 4px 2px; }}
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
