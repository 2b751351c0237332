"""Runs exports one at a time: gets the pictures, writes on its own thread, says how it went."""

from __future__ import annotations

import threading
import traceback
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from pfstudio.core.errors import InputError, PfstudioError, RunError
from pfstudio.core.models import find_model
from pfstudio.core.requests import GenerateRequest
from pfstudio.ui.export.collect import PictureCollector
from pfstudio.ui.export.plan import Export, SheetExport, ShownRun, VideoExport
from pfstudio.ui.language import tr, tr_sentence
from pfstudio.ui.notify import ERROR, GOOD, Notice, Notifier
from pfstudio.ui.stage.colours import ColourModel
from pfstudio.ui.stage.views import View
from pfstudio.ui.theme import tokens
from pfstudio.ui.view_models.generate import GeneratePageModel

if TYPE_CHECKING:  # the window starts without what writes
    from pfstudio.ui.export.work import ExportJob

NEEDS_PICTURES = (View.PREDICTION, View.ROLE)


class ExportStoppedError(Exception):
    """The user stopped the export."""


class ExportModel(QObject):
    """Exports runs that the page has shown."""

    busy_changed = Signal()
    progressed = Signal(str, int, int)  # what, done, of
    written = Signal(tuple)  # paths
    failed = Signal(str)  # why, and what to do

    _written = Signal(tuple)
    _failed = Signal(object, str)  # PfstudioError (None: stopped), details
    _counted = Signal(int, int)

    def __init__(
        self, page: GeneratePageModel, colours: ColourModel, notifier: Notifier,
        parent: QObject | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._page = page
        self.colours = colours
        self._notifier = notifier
        self._collector = PictureCollector(page.jobs, self)
        self._job: ExportJob | None = None
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()
        self._collector.progressed.connect(self._on_collecting)
        self._collector.collected.connect(self._on_collected)
        self._collector.failed.connect(self._on_not_collected)
        self._written.connect(self._on_written)
        self._failed.connect(self._on_failed)
        self._counted.connect(self._on_counted)

    @property
    def busy(self) -> bool:
        """Whether an export is under way."""
        return self._job is not None

    def ready(self) -> bool:
        """Whether there is a run that has ended, so that it can be exported."""
        data = self._page.run.data
        return data is not None and data.ended and data.done > 0

    def shown(self) -> ShownRun:
        """The run that the page shows now.

        Raises:
            InputError: there is none that has ended.
        """
        run, trace = self._page.run, self._page.trace_file()
        if run.data is None or not self.ready():
            raise InputError(
                tr("There is no finished run to export."), tr("Generate an image first.")
            )
        return ShownRun(run.data, run.image, run.call, Path(trace) if trace else None)

    def about(self, request: GenerateRequest) -> tuple[str, str, tuple[str, ...]]:
        """Title, check sum and class names of a request's model."""
        model = find_model(request.model) or find_model(Path(request.model).name)
        if model is None:
            return Path(request.model).name, "", ()
        return model.card.title, model.card.sha256, model.card.classes

    # -- an export ----------------------------------------------------------------------------

    def start(self, plan: Export, run: ShownRun) -> None:
        """Export a run.

        Raises:
            InputError: another export is under way.
        """
        if self.busy:
            raise InputError(tr("Another export is running."), tr("Wait until it is finished."))
        from pfstudio.ui.export.work import ExportJob

        data = run.data
        title, sha, classes = self.about(data.request)
        colours = self.colours.all()
        self._job = ExportJob(plan, data, tokens(), colours, run.trace, title, sha, classes)
        self._stop.clear()
        self.busy_changed.emit()
        calls: tuple[int, ...] = ()
        if isinstance(plan, VideoExport) and set(plan.views) & set(NEEDS_PICTURES):
            calls = tuple(range(data.done))
        elif isinstance(plan, SheetExport) and View.PREDICTION in plan.views:
            calls = plan.calls
        self._collector.start(data, getattr(plan, "image", None) or 0, calls)

    def stop(self) -> None:
        """Stop the export; nothing half-written is left."""
        self._stop.set()
        if self._thread is None and self._job is not None:
            self._collector.stop()
            self._end()

    def wait(self) -> None:
        """Stop, and wait for the writing thread; for closing the window."""
        self.stop()
        if self._thread is not None:
            self._thread.join()

    @Slot(int, int)
    def _on_collecting(self, done: int, total: int) -> None:
        if total:
            self.progressed.emit(tr("Decoding"), done, total)

    @Slot(object)
    def _on_collected(self, found: dict) -> None:
        if self._job is None:
            return
        self._job = replace(self._job, decoded=found)
        self._thread = threading.Thread(target=self._work, args=(self._job,), name="export")
        self._thread.start()

    def _work(self, job: ExportJob) -> None:
        """On the export's own thread; answers by signals, which this object owns."""
        try:
            from pfstudio.ui.export.work import write

            self._written.emit(write(job, self._count))
        except ExportStoppedError:
            self._failed.emit(None, "")
        except PfstudioError as error:
            self._failed.emit(error, "")
        except Exception:
            told = RunError(
                tr("The export failed."), tr("Please copy the report and send it to us.")
            )
            self._failed.emit(told, traceback.format_exc())

    def _count(self, done: int, total: int) -> None:
        if self._stop.is_set():
            raise ExportStoppedError
        self._counted.emit(done, total)

    @Slot(int, int)
    def _on_counted(self, done: int, total: int) -> None:
        self.progressed.emit(tr("Writing"), done, total)

    @Slot(tuple)
    def _on_written(self, paths: tuple[Path, ...]) -> None:
        self._end()
        name = paths[0].name if len(paths) == 1 else tr("%n files", "", len(paths))
        self._notifier.post(
            Notice(
                GOOD,
                tr("Exported {name}.", name=name),
                tr("It is in {folder}.", folder=paths[0].parent),
            )
        )
        self.written.emit(paths)

    @Slot(object, str)
    def _on_failed(self, error: PfstudioError | None, details: str) -> None:
        self._end()
        if error is not None:
            self._notifier.post(Notice(ERROR, str(error), error.advice, details))
            self.failed.emit(f"{tr_sentence(error)} {tr_sentence(error.advice)}")

    @Slot(object)
    def _on_not_collected(self, error: PfstudioError) -> None:
        self._on_failed(error, "")

    def _end(self) -> None:
        self._job = None
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        self.busy_changed.emit()
