"""The user guide in a window of its own, from the files that come with the program."""

from __future__ import annotations

from PySide6.QtCore import QUrl, Slot
from PySide6.QtGui import QColor, QDesktopServices, QTextCursor, QTextTable
from PySide6.QtWidgets import QHBoxLayout, QTextBrowser, QVBoxLayout, QWidget

from pfstudio.core.paths import shipped
from pfstudio.ui.language import tr
from pfstudio.ui.theme import font, tokens
from pfstudio.ui.widgets.buttons import Button
from pfstudio.ui.widgets.dialog import Dialog
from pfstudio.ui.widgets.layouts import fill

FIRST_PAGE = "index.md"


class Browser(QTextBrowser):
    """Pages of the guide open here, addresses on the web in the browser of the system."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(tr("User guide"))
        self.setFont(font("body"))
        self.setOpenLinks(False)
        self.setFrameShape(QTextBrowser.Shape.NoFrame)
        self.document().setDocumentMargin(22)
        self.anchorClicked.connect(self.follow)
        self.sourceChanged.connect(self._lay_out)

    def follow(self, link: QUrl) -> None:
        """Open a link."""
        target = self.source().resolved(link)
        if target.isLocalFile() and target.path().endswith(".md"):
            self.setSource(target)
        else:
            QDesktopServices.openUrl(target)

    @Slot()
    def _lay_out(self) -> None:
        """More air than Qt gives Markdown, and tables in the colours of the theme."""
        cursor = QTextCursor(self.document())
        block = self.document().begin()
        while block.isValid():
            cursor.setPosition(block.position())
            form = block.blockFormat()
            if cursor.currentTable() is None:
                form.setBottomMargin(4 if block.textList() else 9)
                form.setTopMargin(12 if form.headingLevel() else 0)
                cursor.setBlockFormat(form)
            block = block.next()
        for frame in self.document().rootFrame().childFrames():
            if isinstance(frame, QTextTable):
                table = frame.format().toTableFormat()
                table.setBorderBrush(QColor(tokens().border))
                table.setCellPadding(5)
                table.setBottomMargin(10)
                frame.setFormat(table)
        cursor.setPosition(0)
        self.setTextCursor(cursor)


class GuideDialog(Dialog):
    """Contents, back, and the page."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(tr("User guide"), parent, (820, 720))
        self.browser = Browser()
        palette = self.browser.palette()
        palette.setColor(palette.ColorRole.Link, tokens().link)
        self.browser.setPalette(palette)
        self.contents = Button(tr("Contents"), "list")
        self.back = Button(tr("Back"), "undo")
        self.back.setEnabled(False)
        close = Button(tr("Close"))
        first = QUrl.fromLocalFile(str(shipped("docs", FIRST_PAGE)))
        self.contents.clicked.connect(lambda: self.browser.setSource(first))
        self.back.clicked.connect(self.browser.backward)
        self.browser.backwardAvailable.connect(self.back.setEnabled)
        close.clicked.connect(self.accept)
        bar = fill(QHBoxLayout(), self.contents, self.back, None, close, spacing=8)
        fill(QVBoxLayout(self), bar, self.browser, margins=(14, 14, 14, 14), spacing=10)
        self.browser.setSource(first)
