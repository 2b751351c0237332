"""Set up Patch Forcing Studio on a fresh machine and run it, or its tests. Standard library only.

    python3 packaging/bootstrap.py run     makes .venv, installs, opens the program
    python3 packaging/bootstrap.py test    makes .venv, installs, runs the default tests

On a machine without a screen, `run` renders the same window into pictures under pfstudio-demo/.
Running it again only does what is missing.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
DEMO = ROOT / "pfstudio-demo"
OLDEST_PYTHON = (3, 11)
NEEDED_GB = 4
# What the tests were run with; a machine with an NVIDIA driver gets the index's CUDA build.
TORCH_PINNED = "torch==2.13.0"
TORCH_ANY = "torch>=2.6"

# Libraries that Qt loads at run time, by the Debian package that brings each.
QT_LIBRARIES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libglib-2.0.so.0": "libglib2.0-0",
}
SCREEN_LIBRARIES = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}


class SetupError(Exception):
    """Told to the user as one sentence."""


def say(text: str) -> None:
    print(f"[pfstudio] {text}", flush=True)


def succeeds(command: list[str]) -> bool:
    return subprocess.run(command, capture_output=True).returncode == 0


def check_machine() -> None:
    """Refuse early, with a sentence, what cannot work."""
    if sys.version_info < OLDEST_PYTHON:
        have, need = (".".join(map(str, v[:2])) for v in (sys.version_info, OLDEST_PYTHON))
        raise SetupError(f"Python {have} is too old: install Python {need} or newer and try again.")
    free = shutil.disk_usage(ROOT).free / 1e9
    if not VENV.exists() and free < NEEDED_GB:
        raise SetupError(
            f"Only {free:.1f} GB are free on this disk, but setting up needs {NEEDED_GB} GB: "
            "make room and try again."
        )


def venv_python() -> Path:
    return VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def make_venv() -> None:
    if venv_python().exists():
        return
    say(f"Making a virtual environment in {VENV.name}/")
    shutil.rmtree(VENV, ignore_errors=True)
    done = subprocess.run([sys.executable, "-m", "venv", str(VENV)], capture_output=True, text=True)
    if done.returncode == 0:
        return
    shutil.rmtree(VENV, ignore_errors=True)
    if sys.platform == "linux" and apt_install(["python3-venv"]):
        done = subprocess.run([sys.executable, "-m", "venv", str(VENV)])
        if done.returncode == 0:
            return
    reason = (done.stdout or done.stderr or "").strip().splitlines() or ["no reason given"]
    raise SetupError(f"The virtual environment could not be made: {reason[-1]}")


def has_nvidia_driver() -> bool:
    return Path("/proc/driver/nvidia/version").exists() or shutil.which("nvidia-smi") is not None


def pip(*arguments: str) -> None:
    command = [str(venv_python()), "-m", "pip", "install", "--disable-pip-version-check", "-q"]
    done = subprocess.run([*command, *arguments], cwd=ROOT, stderr=subprocess.PIPE, text=True)
    if done.returncode == 0:
        return
    print(done.stderr, file=sys.stderr)
    errors = [line for line in done.stderr.splitlines() if line.lower().startswith("error")]
    raise SetupError(
        f"Installing {' '.join(arguments)} failed: {(errors or ['see above'])[-1]} "
        "Check that this machine reaches the Python package index and has room on its disk, "
        "then run the same command again."
    )


def torch_is_there() -> bool:
    """An installed torch stays, whatever build it is: pip checks its version against our range."""
    return succeeds(
        [str(venv_python()), "-c", "import importlib.metadata as m; m.version('torch')"]
    )


def install(extras: str) -> None:
    """Install the program (editable) with `extras`, unless exactly this was installed before."""
    wanted = hashlib.sha256()
    wanted.update((ROOT / "pyproject.toml").read_bytes() + str(ROOT).encode())
    stamp = VENV / f"installed{extras}"
    if stamp.exists() and stamp.read_text() == wanted.hexdigest():
        return
    if not torch_is_there():
        torch = TORCH_ANY if has_nvidia_driver() else TORCH_PINNED
        say(f"Installing {torch}")
        pip(torch)
    say("Installing Patch Forcing Studio and what it needs")
    pip("-e", f".{extras}")
    stamp.write_text(wanted.hexdigest())


def apt_install(packages: list[str]) -> bool:
    """Install Debian packages where that is allowed without asking; True if it worked."""
    if shutil.which("apt-get") is None:
        return False
    if os.geteuid() == 0:
        prefix = []
    elif (
        shutil.which("sudo")
        and subprocess.run(["sudo", "-n", "true"], capture_output=True).returncode == 0
    ):
        prefix = ["sudo", "-n"]
    else:
        return False
    say(f"Installing system libraries: {' '.join(packages)}")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (
        ["update", "-qq"],
        ["install", "-y", "-qq", "--no-install-recommends", *packages],
    ):
        command = [*prefix, "apt-get", *arguments]
        if subprocess.run(command, env=environment, stdout=subprocess.DEVNULL).returncode != 0:
            return False
    return True


def missing_libraries() -> list[str]:
    wanted = dict(QT_LIBRARIES)
    if has_screen():
        wanted.update(SCREEN_LIBRARIES)
    missing = []
    for name, package in wanted.items():
        try:
            ctypes.CDLL(name)
        except OSError:
            missing.append(package)
    return missing


def add_system_libraries() -> None:
    """Bring what Qt needs from the system (Linux only; elsewhere the wheel holds everything)."""
    if sys.platform != "linux":
        return
    missing = missing_libraries()
    if missing and not apt_install(missing):
        raise SetupError(
            "Qt needs libraries that this system lacks. Run this, then try again: "
            f"sudo apt-get install {' '.join(missing)}  (or your system's packages of these names)"
        )


def has_screen() -> bool:
    if sys.platform != "linux":
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def environment() -> dict[str, str]:
    return {**os.environ, "OMP_WAIT_POLICY": "PASSIVE", "PYTHONFAULTHANDLER": "1"}


def run() -> int:
    install("")
    add_system_libraries()
    python = str(venv_python())
    if has_screen():
        say("Opening Patch Forcing Studio")
        return subprocess.run([python, "-m", "pfstudio"], cwd=ROOT, env=environment()).returncode
    say(f"There is no screen here: rendering the window into {DEMO.name}/ instead")
    offscreen = {**environment(), "QT_QPA_PLATFORM": "offscreen"}
    return subprocess.run(
        [python, "-m", "pfstudio.drivers.demo", str(DEMO)], cwd=ROOT, env=offscreen
    ).returncode


def test() -> int:
    install("[dev]")
    add_system_libraries()
    offscreen = {**environment(), "QT_QPA_PLATFORM": "offscreen", "OMP_NUM_THREADS": "1"}
    tests = ["-m", "pytest", "-q", "-n", "2", "--dist", "loadfile"]
    return subprocess.run([str(venv_python()), *tests], cwd=ROOT, env=offscreen).returncode


def main() -> int:
    jobs = {"run": run, "test": test}
    if len(sys.argv) != 2 or sys.argv[1] not in jobs:
        print(__doc__)
        return 2
    try:
        check_machine()
        make_venv()
        return jobs[sys.argv[1]]()
    except SetupError as error:
        say(str(error))
        return 1
    except OSError as error:
        say(f"Setting up stopped: {error}. Check the free space and your rights in this folder.")
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
