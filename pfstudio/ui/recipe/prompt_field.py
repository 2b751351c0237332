"""Prompts and a negative prompt, for models that take text."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QEvent, QMimeData, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QMenu,
    QPlainTextEdit,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from pfstudio.core.card import ModelCard
from pfstudio.core.conditions import MOST_LETTERS, PictureCondition, Prompt
from pfstudio.core.jobs import Estimated
from pfstudio.core.parameter_text import is_parameter_text, read_parameters
from pfstudio.core.prompts import prompt_lines, style_of, with_style
from pfstudio.ui.language import QT_TR_NOOP, tr
from pfstudio.ui.recipe.prompt_history import read_history, remember_prompt
from pfstudio.ui.theme import font
from pfstudio.ui.widgets.buttons import GHOST, Button
from pfstudio.ui.widgets.choice import MenuIconButton
from pfstudio.ui.widgets.fields import Field, holds_files, pastes_files
from pfstudio.ui.widgets.labels import label, set_colour
from pfstudio.ui.widgets.layouts import fill
from pfstudio.ui.widgets.popover import RoundMenu
from pfstudio.ui.widgets.scroll import clear
from pfstudio.ui.widgets.segmented import PANEL

_ROWS = (2, 6)  # of text that are shown, at least and at most
_EXAMPLES = 3
_STYLE = " style"  # at the end of a style, too long for a button
_GAP, _PADDING = 5, 14  # between the styles, and what one takes beside its name
_SHORT = 60  # characters of a prompt in the menu
TIP = QT_TR_NOOP("One prompt per line. Return generates, Shift+Return starts a new line.")


class PromptEdit(QPlainTextEdit):
    """Text as high as its lines; Return runs."""

    run_wanted = Signal()
    parameters_pasted = Signal(str)  # an A1111 text

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setToolTip(tr(TIP))
        self.setTabChangesFocus(True)
        self.document().setDocumentMargin(0)
        self.document().documentLayout().documentSizeChanged.connect(self._fit)
        self._fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        new_line = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not new_line:
            self.run_wanted.emit()
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if pastes_files(event):
            event.ignore()
            return False
        return super().event(event)

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        return not holds_files(source) and super().canInsertFromMimeData(source)

    def insertFromMimeData(self, source: QMimeData) -> None:
        if source.hasText() and is_parameter_text(source.text()):
            self.parameters_pasted.emit(source.text())
        else:
            super().insertFromMimeData(source)

    @Slot()
    def _fit(self) -> None:
        lines = round(self.document().size().height())
        rows = min(max(lines, _ROWS[0]), _ROWS[1])
        # A bar that comes as needed takes width, which makes lines, which make height, and back.
        bar = Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        if lines > _ROWS[1]:
            bar = Qt.ScrollBarPolicy.ScrollBarAlwaysOn
        self.setVerticalScrollBarPolicy(bar)
        self.setFixedHeight(rows * self.fontMetrics().lineSpacing() + 16)


class PromptField(QWidget):
    """`chosen(prompts)` at every change, so that a run never misses a word."""

    chosen = Signal(tuple)
    run_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._styles: tuple[str, ...] = ()
        self._examples: tuple[str, ...] = ()
        self.text = PromptEdit(tr("Prompt"))
        self.text.setPlaceholderText(tr("What the image shows"))
        self.text.textChanged.connect(self._commit)
        self.text.run_wanted.connect(self.run_wanted)
        self.text.parameters_pasted.connect(self._take_parameters)
        self.negative = Field(tr("Negative prompt"))
        self.negative.setPlaceholderText(tr("Negative prompt"))
        self.negative.textEdited.connect(self._commit)
        self.negative.returnPressed.connect(self.run_wanted)
        self.tokens = label("", "small", "muted", wrap=True)
        self.history = MenuIconButton("list", tr("Earlier prompts"), self._earlier_prompts, side=24)
        self._style_buttons: dict[str, Button] = {}
        self._style_rows, self._example_column = QVBoxLayout(), QVBoxLayout()
        self._style_rows.setSpacing(_GAP)
        self._example_column.setSpacing(0)
        below = fill(QHBoxLayout(), (self.tokens, 1), self.history, spacing=4)
        fill(
            QVBoxLayout(self), self.text, below, self._example_column, self._style_rows,
            self.negative, spacing=6,
        )  # fmt: skip
        self._showing = False  # what others chose, which is no choice of the user

    def set_model(self, card: ModelCard | None) -> None:
        """Offer the styles and examples of this model."""
        styles, examples = (card.prompt_styles, card.prompt_examples) if card else ((), ())
        if (styles, examples) == (self._styles, self._examples):
            return
        self._styles, self._examples = styles, examples
        self._offer_styles()
        clear(self._example_column)
        for example in examples[:_EXAMPLES]:
            button = Button(example, kind=GHOST, tip=tr("Try this prompt"), height=24)
            button.setFont(font("small"))
            button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            button.clicked.connect(partial(self._use, example))
            self._example_column.addWidget(button)
        self._refresh()

    def _offer_styles(self) -> None:
        """As many in a row as there is room for their names."""
        clear(self._style_rows)
        self._style_buttons = {style: self._style_button(style) for style in self._styles}
        left, row = 0, QHBoxLayout()
        for button in self._style_buttons.values():
            width = button.fontMetrics().horizontalAdvance(button.text()) + _PADDING
            if width > left:
                holder, left = QWidget(), PANEL
                row = fill(QHBoxLayout(holder), spacing=_GAP)
                self._style_rows.addWidget(holder)
            row.addWidget(button, width)
            left -= width + _GAP

    def _style_button(self, style: str) -> Button:
        button = Button("", height=26, centred=True, tip=style)
        button.setFont(font("small"))
        button.setStyleSheet("padding: 0 3px")
        name, cut = style.removesuffix(_STYLE), Qt.TextElideMode.ElideRight
        button.setText(button.fontMetrics().elidedText(name, cut, PANEL - _PADDING))
        button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        button.setAccessibleName(style)
        button.setCheckable(True)
        button.clicked.connect(partial(self._choose_style, style))
        return button

    def show_conditions(self, conditions: Sequence[PictureCondition]) -> None:
        """Show the prompts of a request, and the negative prompt of the first."""
        prompts = [one for one in conditions if isinstance(one, Prompt)] or [Prompt()]
        texts = tuple(one.text for one in prompts if one.text)
        self._showing = True
        if texts != prompt_lines(self.text.toPlainText()):  # setting it would move the cursor
            self.text.setPlainText("\n".join(texts))
        if self.negative.text() != prompts[0].negative:
            self.negative.setText(prompts[0].negative)
        self._showing = False
        self._refresh()

    def show_tokens(self, estimate: Estimated | None) -> None:
        """How much of the longest prompt is read."""
        count, limit = (estimate.prompt_tokens, estimate.max_prompt_tokens) if estimate else (0, 0)
        over = max(0, count - limit)
        text = tr("{count} of {limit} tokens")
        if over:
            text = tr("{count} of {limit} tokens, the last {over} are not read")
        known = text.format(count=count, limit=limit, over=over) if limit and count else ""
        self.tokens.setText(known)
        set_colour(self.tokens, "warn" if over else "muted")

    @Slot()
    def remember(self) -> None:
        """Keep the prompts in the history."""
        if text := "\n".join(prompt_lines(self.text.toPlainText())):
            remember_prompt(text)

    @Slot()
    def _commit(self) -> None:
        if not self._showing:
            texts = prompt_lines(self.text.toPlainText()) or ("",)
            negative = _typed(self.negative.text())
            self.chosen.emit(tuple(Prompt(_typed(text), negative) for text in texts))
            self._refresh()

    def _refresh(self) -> None:
        texts = prompt_lines(self.text.toPlainText())
        found = {style_of(text, self._styles) for text in texts}
        for style, button in self._style_buttons.items():
            button.setChecked(found == {style})
            button.setEnabled(bool(texts))
        for place in range(self._example_column.count()):
            item = self._example_column.itemAt(place)
            if item is not None and (example := item.widget()) is not None:
                example.setVisible(not texts)

    def _choose_style(self, style: str) -> None:
        """Into this style, or out of it."""
        texts = prompt_lines(self.text.toPlainText())
        there = all(style_of(text, self._styles) == style for text in texts)
        wanted = "" if there else style
        self._use("\n".join(with_style(text, wanted, self._styles) for text in texts))

    def _use(self, text: str) -> None:
        """Put other prompts in, so that Ctrl+Z in the field takes them back."""
        cursor = self.text.textCursor()
        cursor.select(cursor.SelectionType.Document)
        cursor.insertText(text)
        self.text.setFocus()

    @Slot(str)
    def _take_parameters(self, text: str) -> None:
        """The prompt and the negative prompt of an A1111 text, each into its field."""
        (one,) = read_parameters(text).request.conditions
        if isinstance(one, Prompt):
            self.negative.setText(one.negative)
            self._use(one.text)
        else:
            self.text.insertPlainText(text)
        self._commit()

    def _earlier_prompts(self) -> QMenu:
        menu = RoundMenu(tr("Earlier prompts"), self)
        for text in read_history():
            line = " / ".join(prompt_lines(text))
            short = line if len(line) <= _SHORT else f"{line[: _SHORT - 1].rstrip()}…"
            action = menu.addAction(short.replace("&", "&&"))
            action.triggered.connect(partial(self._use, text))
        if menu.isEmpty():
            menu.addAction(tr("No earlier prompts")).setEnabled(False)
        return menu


def _typed(text: str) -> str:
    """What was typed or pasted as a prompt may be: half a character is left out, the rest cut."""
    return text[:MOST_LETTERS].encode("utf-8", "ignore").decode("utf-8")
