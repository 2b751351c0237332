"""The inspector: the patch under the cursor, all patches, and the run's figures."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from pfstudio.core.trace import Role
from pfstudio.ui.debounce import Debouncer
from pfstudio.ui.inspector.curves import PatchCurves
from pfstudio.ui.inspector.figures import FigureTable
from pfstudio.ui.inspector.histogram import DifficultyHistogram
from pfstudio.ui.language import QT_TR_NOOP, number, tr
from pfstudio.ui.player.player import Player
from pfstudio.ui.recipe.cost import compute_text
from pfstudio.ui.stage.views import place_text
from pfstudio.ui.theme import tokens
from pfstudio.ui.view_models.run import ROLE_WORDS, RunModel
from pfstudio.ui.view_models.run_data import RunData
from pfstudio.ui.widgets.buttons import Button
from pfstudio.ui.widgets.labels import heading
from pfstudio.ui.widgets.layouts import fill
from pfstudio.ui.widgets.scroll import scrolling

OVERHEAD_LIMIT = 0.03  # share of the run that live views should stay below
PATCH_ROWS = (
    QT_TR_NOOP("Timestep t"),
    QT_TR_NOOP("Difficulty log σ²"),
    QT_TR_NOOP("Difficulty rank"),
    QT_TR_NOOP("Velocity |v|"),
    QT_TR_NOOP("Guidance"),
    QT_TR_NOOP("Role"),
    QT_TR_NOOP("NFE spent"),
)
RUN_ROWS = (
    "NFE",
    QT_TR_NOOP("Elapsed · left"),
    QT_TR_NOOP("Per call"),
    QT_TR_NOOP("Tokens computed"),
    QT_TR_NOOP("Compute"),
    QT_TR_NOOP("Preview overhead"),
)


class InspectorView(QWidget):
    """Numbers and curves; asks the page to branch or to export."""

    branch_requested = Signal(int)  # call
    export_requested = Signal()

    def __init__(self, run: RunModel, player: Player, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.run, self.player = run, player
        self.title = heading(tr("Patch"))
        self.patch_table = FigureTable(tr("Patch under the cursor"), PATCH_ROWS)
        self.patch_table.setToolTip(tr("Rank 1 is the easiest patch of this call"))
        self.curves = PatchCurves(run, player)
        self.histogram = DifficultyHistogram(run)
        self.run_table = FigureTable(tr("Run"), RUN_ROWS)
        self.branch = Button(
            tr("Branch from this call"), "branch", height=34,
            tip=tr("Go on from the state before this call with other settings"), parent=self,
        )  # fmt: skip
        self.export = Button(
            tr("Export image, video, trace…"), "export", height=34,
            tip=tr("Save what is shown, the whole run, or figures of it"), parent=self,
        )  # fmt: skip
        self._arrange()
        self._debouncer = Debouncer(self)
        self._debouncer.due.connect(self.refresh)
        for signal in (run.run_changed, run.slow_refresh, run.patch_changed, run.image_changed):
            signal.connect(self._debouncer.ask)
        self.branch.clicked.connect(self._branch)
        self.export.clicked.connect(self.export_requested)
        self.refresh()

    def _arrange(self) -> None:
        column = fill(
            QVBoxLayout(), self.title, self.patch_table, self.curves, 6, heading(tr("All patches")),
            self.histogram, 6, heading(tr("Run")), self.run_table, (None, 1),
            margins=(14, 14, 14, 8), spacing=9,
        )  # fmt: skip
        self._buttons = fill(
            QVBoxLayout(), self.branch, self.export, margins=(14, 4, 14, 14), spacing=9
        )
        fill(QVBoxLayout(self), (scrolling(column), 1), self._buttons, margins=(1, 0, 0, 0))

    def add_button(self, button: Button) -> None:
        """One more button at the foot."""
        self._buttons.addWidget(button)

    def _branch(self) -> None:
        self.branch_requested.emit(self.run.call)

    # -- figures ------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Show the numbers under the cursors now."""
        known = self.run.done > 0
        self.branch.setEnabled(known)
        self.export.setEnabled(known)
        title = tr("Patch").upper()
        self.title.setText(f"{title}  {place_text(self.run.patch)}" if known else title)
        if not known:
            self.patch_table.show_values({})
            self.run_table.show_values({})
            return
        self.patch_table.show_values(self._patch_texts(self.run.shown))
        share = overhead(self.run.shown)
        colours = {}
        if share is not None:
            colours["Preview overhead"] = "good" if share <= OVERHEAD_LIMIT else "warn"
        self.run_table.show_values(run_texts(self.run.shown), colours)

    def _patch_texts(self, data: RunData) -> dict[str, str]:
        call, image, patch = self.run.call, self.run.image, self.run.patch
        difficulty = data.log_difficulty(call, image)
        rank = "–"
        if np.isfinite(difficulty).all():
            rank = tr(
                "{rank} of {count}",
                rank=1 + int((difficulty < difficulty[patch]).sum()),
                count=difficulty.size,
            )
        return {
            "Timestep t": number(data.time[call, image][patch], ".3f"),
            "Difficulty log σ²": number(float(difficulty[patch])),
            "Difficulty rank": rank,
            "Velocity |v|": number(data.speed[call, image][patch]),
            "Guidance": f"{number(data.guidance(call, image)[patch], '.1f')} ×",
            "Role": tr(ROLE_WORDS[Role(int(data.role[call, image][patch]))]),
            "NFE spent": tr(
                "{spent:.0f} of {call}", spent=data.spent(call, image)[patch], call=call + 1
            ),
        }

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self.player.accept_key(event):
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        t = tokens()
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(t.panel))
        painter.fillRect(0, 0, 1, self.height(), QColor(t.border))


def overhead(data: RunData) -> float | None:
    """Decoding and drawing of live views as a share of the run's time; None: not measured."""
    if data.view_seconds is None or not data.elapsed:
        return None
    return (data.view_seconds + data.look_seconds) / data.elapsed


def run_texts(data: RunData) -> dict[str, str]:
    """The figures of a run, by the names of RUN_ROWS."""
    share, view = data.share_computed(), overhead(data)
    eta = f" · {seconds(data.eta)}" if not data.ended else ""
    each = 1000 * data.seconds_per_call
    return {
        "NFE": f"{data.done} / {data.expected}",
        "Elapsed · left": f"{seconds(data.elapsed)}{eta}",
        "Per call": f"{number(each, '.1f')} ms" if data.elapsed else "–",
        "Tokens computed": "–" if share is None else f"{100 * share:.0f} %",
        "Compute": compute_text(data.flops / 1e12) if data.flops else "–",
        "Preview overhead": "–" if view is None else f"{number(100 * view, '.1f')} %",
    }


def seconds(value: float) -> str:
    """A duration for people."""
    if value < 100:
        return f"{number(value, '.2f' if value < 10 else '.1f')} s"
    return f"{int(value // 60)} min {int(value % 60):02d} s"
