"""What the recipe will cost on this machine, before it runs."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from pfstudio.ui.language import QT_TR_NOOP, number, tr, tr_sentence
from pfstudio.ui.recipe.model import RecipeModel
from pfstudio.ui.widgets.buttons import IconButton
from pfstudio.ui.widgets.labels import label, row
from pfstudio.ui.widgets.layouts import fill

WAITING = "…"
TIPS = {
    "NFE": QT_TR_NOOP("Network evaluations, times the passes of guidance"),
    QT_TR_NOOP("Memory"): QT_TR_NOOP("Memory that the run will need"),
    QT_TR_NOOP("Compute"): QT_TR_NOOP("Operations of all network evaluations"),
    QT_TR_NOOP("Time"): QT_TR_NOOP(
        "Expected time on this machine, known after a run; upscaling comes on top"
    ),
}


def seconds_text(seconds: float) -> str:
    """A duration in the unit that fits: 0.9 s, 14 s, 3 min 20 s, 2 h 5 min."""
    if seconds < 10:
        return f"{number(seconds, '.1f')} s"
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 100:
        return f"{minutes} min {rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min"


def memory_text(megabytes: float) -> str:
    """320 MB or 3.1 GB."""
    return f"{megabytes:.0f} MB" if megabytes < 1000 else f"{number(megabytes / 1024, '.1f')} GB"


def compute_text(tflop: float) -> str:
    """Operations in the unit that fits: 12 TFLOP, 3.1 GFLOP."""
    count, unit = (tflop, "TFLOP") if tflop >= 0.1 else (tflop * 1000, "GFLOP")
    return f"{number(count, '.0f' if count >= 10 else '.1f')} {unit}"


class CostLines(QWidget):
    """Network evaluations, compute, memory and expected seconds."""

    def __init__(self, recipe: RecipeModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._recipe = recipe
        self.nfe, self.compute, self.memory, self.seconds = (label("", "value") for _ in range(4))
        values = {"NFE": self.nfe, "Compute": self.compute, "Time": self.seconds,
                  "Memory": self.memory}  # fmt: skip
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(3)
        for place, (name, value) in enumerate(values.items()):
            at = 3 * (place % 2)
            grid.addWidget(label(tr(name), "small", "muted"), place // 2, at)
            grid.addWidget(value, place // 2, at + 1)
            grid.setColumnStretch(at + 1, 1)
            value.setAlignment(Qt.AlignmentFlag.AlignRight)
            value.setToolTip(tr(TIPS[name]))
        grid.setColumnMinimumWidth(2, 4)
        lines = fill(QVBoxLayout(self), grid, spacing=3)
        self.exactly = label("", "value")
        self.release = IconButton("close", tr("Compute as the settings say again"))
        self._then = QWidget()
        line = row(tr("As in that run"), self.exactly)
        line.addWidget(self.release)
        self._then.setLayout(line)
        lines.addWidget(self._then)
        self.release.clicked.connect(self._release)
        self.problem = label("", "small", "danger", wrap=True)
        lines.addWidget(self.problem)
        recipe.changed.connect(self.refresh)
        recipe.estimate_changed.connect(self.refresh)
        self.refresh()

    @Slot()
    def _release(self) -> None:
        compute = replace(self._recipe.request.compute, execution=None)
        self._recipe.set(compute=compute)

    @Slot()
    def refresh(self) -> None:
        """Calls are known at once; the rest when the worker has answered for this very request.

        The calls that a branch has left hang on its run, which the worker reads.
        """
        request, estimate = self._recipe.request, self._recipe.estimate
        then = request.compute.execution
        self.exactly.setText(tr_sentence(then.sentence) if then else "")
        self._then.setVisible(then is not None)
        passes = request.guidance.passes
        times = f" × {number(passes, 'g')}" if passes > 1 else ""
        current = estimate is not None and self._recipe.estimate_is_current
        calls = request.sampler.nfe
        if request.branch is not None:
            calls = estimate.calls if estimate is not None and current else 0
        self.nfe.setText(f"{calls}{times}" if calls else WAITING)
        self.problem.setText(
            tr_sentence(estimate.problem) if estimate is not None and current else ""
        )
        self.problem.setVisible(bool(self.problem.text()))
        if estimate is None or not current or estimate.problem:
            for value in (self.compute, self.memory, self.seconds):
                value.setText(WAITING)
            return
        self.compute.setText(compute_text(estimate.tflop))
        self.memory.setText(memory_text(estimate.memory_mb))
        more = " +" if request.upscale else ""
        seconds = estimate.seconds
        self.seconds.setText(tr("after a run") if seconds is None else seconds_text(seconds) + more)
