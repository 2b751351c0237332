"""What of the survey "Diffusion Models and Representation Learning" runs here, and where.

Fuest et al. 2024 (arXiv 2407.00783). Its groups, and a row for each kind of work in them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from pfstudio.ui.language import QT_TR_NOOP, tr
from pfstudio.ui.widgets.buttons import Button
from pfstudio.ui.widgets.labels import heading, label
from pfstudio.ui.widgets.layouts import fill
from pfstudio.ui.widgets.scroll import scrolling


@dataclass(frozen=True)
class Work:
    """A kind of work; `page` and `view` say where it is opened, "": it does not run here."""

    name: str
    examples: str  # as their authors call them
    here: str
    page: str = ""
    view: str = ""  # of the Features page


TAXONOMY: tuple[tuple[str, tuple[Work, ...]], ...] = (
    (
        QT_TR_NOOP("Diffusion models that represent"),
        (
            Work(
                QT_TR_NOOP("Activations between layers"), "DIFT, DDAE, DDPM-Seg",
                QT_TR_NOOP("Maps of every layer and time, and matches between images"),
                "features", "MATCH",
            ),
            Work(
                QT_TR_NOOP("Segments without training"), "DiffSeg, DDPM-Seg",
                QT_TR_NOOP("Clusters, merged attention, a few scribbles"), "features", "SEGMENT",
            ),
            Work(
                QT_TR_NOOP("A generator as a classifier"), "Diffusion Classifier",
                QT_TR_NOOP("A race of all classes, with evidence of each patch"),
                "features", "RACE",
            ),
            Work(
                QT_TR_NOOP("What a model expects of its error"), "Patch Forcing",
                QT_TR_NOOP("Predicted variance against the measured error"),
                "features", "CALIBRATION",
            ),
            Work(
                QT_TR_NOOP("Knowledge handed to another network"), "DreamTeacher, CleanDIFT",
                QT_TR_NOOP("Not here"),
            ),
            Work(
                QT_TR_NOOP("Encoders with a bottleneck"), "DiffAE, SODA, InfoDiffusion",
                QT_TR_NOOP("Not here"),
            ),
            Work(
                QT_TR_NOOP("One network that makes and names"), "HybViT, JDM, DiffMAE",
                QT_TR_NOOP("Not here"),
            ),
        ),
    ),
    (
        QT_TR_NOOP("Representations that guide"),
        (
            Work(
                QT_TR_NOOP("Guidance by a weaker prediction"), "CFG, AutoGuidance, Sparse Guidance",
                QT_TR_NOOP("Rules of guidance in the recipe, compared in the sampler lab"),
                "generate",
            ),
            Work(
                QT_TR_NOOP("Alignment in training"), "REPA, SRA, Self-Flow",
                QT_TR_NOOP("Options of a training, in its recipe's [alignment]"),
            ),
            Work(
                QT_TR_NOOP("Conditions from clusters or retrieval"), "RCG, RDM, kNN-Diffusion",
                QT_TR_NOOP("Not here"),
            ),
            Work(
                QT_TR_NOOP("Prediction as generation"), "DepthFM",
                QT_TR_NOOP("Depth by a flow from the image, with confidence"), "depth",
            ),
            Work(
                QT_TR_NOOP("Detail as generation"), "FM-Boosting",
                QT_TR_NOOP("Larger images by a flow between latents"), "upscale",
            ),
        ),
    ),
)  # fmt: skip


class TaxonomyView(QWidget):
    """A row a kind of work, with a button that opens it."""

    wanted = Signal(str, str)  # page, view

    def __init__(self) -> None:
        super().__init__()
        words = label(
            tr(
                "The kinds of work in the survey Diffusion Models and Representation Learning "
                "(Fuest et al. 2024), and what of them runs here."
            ),
            "small", "muted", wrap=True,
        )  # fmt: skip
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        row = 0
        self.buttons: dict[str, Button] = {}
        for group, works in TAXONOMY:
            grid.addWidget(heading(tr(group)), row, 0, 1, 3)
            for below, work in enumerate(works, 1):
                self._add(grid, row + below, work)
            grid.setRowMinimumHeight(row + len(works) + 1, 10)
            row += len(works) + 2
        body = fill(QVBoxLayout(), words, 6, grid, None, margins=(0, 0, 10, 0), spacing=6)
        fill(QVBoxLayout(self), scrolling(body))

    def _add(self, grid: QGridLayout, row: int, work: Work) -> None:
        name = label(tr(work.name), "body", wrap=True)
        name.setMinimumWidth(200)
        colour = "text" if work.page else "muted"
        told = fill(
            QVBoxLayout(),
            label(tr(work.here), "body", colour, wrap=True),
            label(work.examples, "small", "muted", wrap=True),
            spacing=1,
        )
        grid.addWidget(name, row, 0, Qt.AlignmentFlag.AlignTop)
        grid.addLayout(told, row, 1)
        if work.page:
            button = Button(tr("Open"), tip=tr("Open {name}", name=tr(work.name)))
            button.setAccessibleName(tr("Open {name}", name=tr(work.name)))
            button.clicked.connect(partial(self.wanted.emit, work.page, work.view))
            self.buttons[work.name] = button
            grid.addWidget(button, row, 2, Qt.AlignmentFlag.AlignTop)
