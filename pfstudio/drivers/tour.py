"""The script of the demo: what it does with the window, step by step."""

from __future__ import annotations

from pathlib import Path

from pfstudio.core.conditions import PictureCondition, Prompt, labels
from pfstudio.core.errors import RunError
from pfstudio.core.paint import Paint
from pfstudio.core.paths import shipped
from pfstudio.drivers.waiter import Waiter
from pfstudio.drivers.window import start_with_model
from pfstudio.ui.export.figure import chosen_calls
from pfstudio.ui.export.plan import PictureExport, SheetExport, TraceExport, VideoExport
from pfstudio.ui.jobs import Phase
from pfstudio.ui.lab.plan import Compared
from pfstudio.ui.stage.views import View
from pfstudio.ui.window import MainWindow

SUBJECTS, SEED = ("fox", "lion"), 3
CALLS = 48
LIVE_AT = 0.63  # share of the run at which the running window is shown: inside an outer step
SAMPLERS = ("euler", "dual-loop", "look-ahead")
SAMPLE = ("samples", "room.jpg")  # in resources/
TURN = (24.0, 12.0)  # of the point cloud, in degrees
PROBED = ((140, 90), (400, 430))  # the line of the profile over it: rows and columns of its ends


class Tour:
    """The script. Every step takes a picture of the window."""

    def __init__(self, window: MainWindow, folder: Path) -> None:
        self._window = window
        self._page = window.page("generate").model
        self._folder = folder
        self._waiter = Waiter(window.notifier)
        self._count = 0

    def run(self) -> None:
        """All steps, in order."""
        window = self._window
        self._waiter.settle()
        self._grab("first-start")
        # A larger share for decoding than usual: every picture should show what it can.
        window.settings.set(theme="dark", preview_share=0.3)
        start_with_model(window, self._waiter)
        self._page.recipe.set(seed=SEED, conditions=self._conditions(SUBJECTS[0]))
        self._page.recipe.set_budget(CALLS)
        self._generate()
        self._patch()
        self._overlay()
        self._lab()
        self._compare()
        self._inpaint()
        if "upscale" in window.pages:
            self._upscale()
        if "depth" in window.pages:
            self._depth()
        window.open_page("generate")
        self._light()
        self._small()

    def _conditions(self, name: str) -> tuple[PictureCondition, ...]:
        """A prompt for it, or the class of this name, or the first one where there is none."""
        model = self._page.recipe.model
        if model is not None and model.card.condition == "text":
            return (Prompt(f"a {name}, Noto style"),)
        names = model.card.classes if model else ()
        return labels(names.index(name) if name in names else 0)

    # -- the steps ----------------------------------------------------------------------------

    def _generate(self) -> None:
        """A picture is made; the window is looked at while it is."""
        page = self._page
        page.generate()
        self._waiter.until(lambda: page.run.is_live or self._ended(), "the run", 120)
        page.jobs.pause()
        self._until_share(LIVE_AT)
        self._waiter.settle()
        page.jobs.resume()
        self._grab("generating")
        self._until_ended()
        self._waiter.settle()
        self._grab("finished")
        self._keep_results()

    def _until_share(self, share: float) -> None:
        """Single steps up to a share of the run, so that any machine is caught half-way."""
        page = self._page
        data = page.run.data
        assert data is not None
        while not data.ended and page.run.done < share * data.expected:
            before = page.run.done
            page.jobs.single_step()
            self._wait_for_call(before)

    def _wait_for_call(self, before: int) -> None:
        run = self._page.run
        self._waiter.until(lambda: run.done > before or not run.is_live, "a call", 60)

    def _patch(self) -> None:
        """Go back in time and look into the patch that was hardest there."""
        run = self._page.run
        data = run.data
        assert data is not None
        run.set_call(round(0.45 * (run.done - 1)))
        if data.has_difficulty():
            difficulty = data.difficulty[run.call, run.image]
            run.set_patch(*divmod(int(difficulty.argmax()), difficulty.shape[1]))
        self._until_decoded()
        self._grab("hardest-patch")

    def _overlay(self) -> None:
        stage = self._window.page("generate").stage
        stage.set_layout("overlay")
        self._grab("overlay")
        stage.set_layout("four")

    def _lab(self) -> None:
        """Three samplers from the same noise."""
        tools, run = self._window.page("generate"), self._page.run
        tools.show_lab(True)
        tools.lab_panel.model.compare_recipe(Compared.SAMPLER, SAMPLERS, CALLS)
        lab = tools.lab_panel.model
        self._waiter.until(lambda: bool(lab.runs) and not lab.busy, "the comparison", 180)
        lab.select(1)
        run.set_call(round(0.7 * (run.done - 1)))
        ready = [run for run in lab.runs if run.data is not None]
        self._waiter.hope(lambda: all(r.data.is_decoded(lab.call_of(r), 0) for r in ready))
        self._grab("sampler-lab")
        tools.show_lab(False)

    def _compare(self) -> None:
        """The lab's first and second run, one over the other."""
        stage, run, lab = (
            self._window.page("generate").stage,
            self._page.run,
            self._window.page("generate").lab_panel.model,
        )
        run.set_pinned(lab.runs[0].data, lab.runs[0].label)
        run.set_call(run.done - 1)
        stage.set_layout("compare")
        self._until_decoded()
        self._grab("compare")
        run.set_pinned(None)
        stage.set_layout("four")

    def _inpaint(self) -> None:
        """Keep the upper half of the first picture and let another subject make the rest."""
        page, picture = self._page, self._folder / "picture.png"
        page.recipe.set_picture(picture)
        half = page.paint.codes.size // 2
        page.recipe.set(paint=[Paint.FIXED] * half + [Paint.FREE] * half)
        page.recipe.set(conditions=self._conditions(SUBJECTS[1]))
        page.generate()
        self._waiter.until(lambda: page.run.is_live or self._ended(), "the run", 60)
        self._until_ended()
        page.run.set_call(round(LIVE_AT * (page.run.done - 1)))
        self._until_decoded()
        self._grab("in-painting")
        page.paint.clear()
        page.recipe.set_picture(None)

    def _upscale(self) -> None:
        """The generated picture four times as large, a room twice, hard patches with more steps."""
        window, model = self._window, self._window.page("upscale").model
        window.open_page("upscale")
        model.add_paths([self._folder / "picture.png", shipped("resources", *SAMPLE)])
        self._waiter.until(lambda: len(model.files.items) == 2, "the images", 30)
        shown = ((4, "wipe", "upscale"), (2, "patches", "upscale-patches"))
        for number, (factor, look, name) in enumerate(shown):
            model.files.choose(model.files.items[number])
            model.recipe.set(factor=factor, steps=4, clock="patch-wise")
            model.start_chosen()
            self._waiter.until(lambda: model.shown.result is not None, "the larger image", 300)
            window.page("upscale").stage.set_view(look)
            self._grab(name)

    def _depth(self) -> None:
        """Depth of the same picture, from several sides."""
        window, model = self._window, self._window.page("depth").model
        window.open_page("depth")
        model.add_paths([shipped("resources", *SAMPLE)])
        self._waiter.until(lambda: bool(model.finished()), "the depth", 120)
        self._waiter.until(lambda: model.detail.values is not None, "the maps of the depth")
        self._waiter.until(lambda: model.flow.missing() is None, "the film strip of the depth")
        stage = window.page("depth").stage
        stage.toggle_probe()
        stage.pair.set_line(PROBED)
        model.display.set(masked=True)
        self._grab("depth")
        model.display.set(masked=False)
        stage.set_view("wipe")
        self._grab("depth-slider")
        stage.set_view("cloud")
        stage.cloud.set_eye(stage.cloud.eye.turned(*TURN))
        self._waiter.settle()
        self._grab("point-cloud")

    def _light(self) -> None:
        self._window.settings.set(theme="light")
        self._grab("light-theme")
        self._window.settings.set(theme="dark")

    def _small(self) -> None:
        window, size = self._window, self._window.size()
        window.resize(window.minimumSize())
        self._grab("small-window")
        window.resize(size)

    # -- what they share ----------------------------------------------------------------------

    def _ended(self) -> bool:
        return self._page.jobs.phase is Phase.IDLE

    def _until_ended(self) -> None:
        self._waiter.until(self._ended, "the end of the run", 180)

    def _until_decoded(self) -> None:
        run = self._page.run
        data = run.data
        assert data is not None
        self._waiter.hope(lambda: data.is_decoded(run.call, run.image))

    def _grab(self, name: str) -> None:
        self._window.notices.dismiss_all()
        self._window.status.clear_said()
        self._waiter.settle()
        self._count += 1
        path = self._folder / f"{self._count:02d}-{name}.png"
        if not self._window.grab().save(str(path)):
            raise RunError(f"{path} could not be written.", "Check the space on this disk.")
        print(path, flush=True)

    def _keep_results(self) -> None:
        """The finished picture and trace, a video of the run, and a figure of it."""
        four = (View.PREDICTION, View.DIFFICULTY, View.TIME, View.ROLE)
        export, folder = self._window.page("generate").export, self._folder
        for plan in (
            PictureExport(folder / "picture.png"),
            TraceExport(folder / "run.pftrace"),
            VideoExport(folder / "video.mp4", views=four, side=288),
            VideoExport(folder / "video.gif", views=four[:2], side=192),
            SheetExport(
                folder / "figure.pdf", views=four, calls=chosen_calls(self._page.run.done, 6)
            ),
        ):
            export.start(plan, export.shown())
            self._waiter.until(lambda: not export.busy, plan.path.name, 120)
            print(plan.path, flush=True)
