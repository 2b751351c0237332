"""Build Patch Forcing Studio for people without Python, for the system this runs on.

    python3 packaging/build.py              dist/pfstudio/, a folder with everything in it
    python3 packaging/build.py archive      and that folder as one compressed file
    python3 packaging/build.py deb          and a package for Debian and Ubuntu
    python3 packaging/build.py installer    and an installer for Windows (not run yet)

With --keep, a folder that was built before is taken as it is. The Python that this is run with is
taken if PyInstaller and torch are there, else it makes .venv. A bundle holds the torch of that
Python: build with the CPU one (CUDA makes it 4 GB). On Linux building needs a C compiler, and the
bundle runs where glibc is as new as here, or newer. `python3 packaging/smoke_test.py` tries it.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path[:0] = [str(ROOT), str(HERE)]

import bootstrap  # noqa: E402
import thin  # noqa: E402

DIST, WORK = ROOT / "dist", ROOT / "build"
BUNDLE = DIST / "pfstudio"
GLIBC = platform.libc_ver()[1]


def build_bundle() -> None:
    """dist/pfstudio/."""
    lacking = [tool for tool in thin.TOOLS if sys.platform == "linux" and not shutil.which(tool)]
    if lacking:
        raise bootstrap.SetupError(
            f"Building needs {', '.join(lacking)}: install a C compiler (on Debian and Ubuntu: "
            "sudo apt-get install gcc), and try again."
        )
    if sys.platform != "linux":
        write_icon_file(WORK / ("pfstudio.ico" if os.name == "nt" else "pfstudio.icns"))
    subprocess.run(
        [
            sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN",
            "--distpath", str(DIST), "--workpath", str(WORK), str(HERE / "pfstudio.spec"),
        ],
        cwd=ROOT,
        check=True,
    )  # fmt: skip
    if sys.platform == "linux":
        thin.thin(BUNDLE / "_internal")


def write_icon_file(path: Path) -> None:
    """The program's icon in the format of Windows (.ico) or macOS (.icns)."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PIL import Image
    from PySide6.QtGui import QGuiApplication

    from pfstudio.ui.desktop_entry import write_icon

    painting = QGuiApplication.instance() or QGuiApplication([])
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        write_icon(Path(folder, "icon.png"), "app", 1024)
        with Image.open(Path(folder, "icon.png")) as drawn:
            sizes = {"sizes": [(side, side) for side in (16, 24, 32, 48, 64, 128, 256)]}
            drawn.save(path, **(sizes if path.suffix == ".ico" else {}))
    del painting


def build_archive() -> Path:
    """The bundle as one file beside it."""
    name = DIST / f"pfstudio-{version()}-{sys.platform}-{platform.machine()}"
    form = "zip" if os.name == "nt" else "xztar"  # links inside the bundle survive only in a tar
    return Path(shutil.make_archive(str(name), form, DIST, BUNDLE.name))


def build_deb() -> Path:
    """The bundle as a Debian package: /usr/lib/pfstudio, its command, and the start menu."""
    architecture = subprocess.check_output(["dpkg", "--print-architecture"], text=True).strip()
    path = DIST / f"pfstudio_{version()}_{architecture}.deb"
    with tempfile.TemporaryDirectory(dir=DIST) as name:
        root = Path(name, "root")
        shutil.copytree(BUNDLE, root / "usr/lib/pfstudio", symlinks=True, copy_function=os.link)
        fill_deb(root, architecture)
        subprocess.run(
            ["dpkg-deb", "--root-owner-group", "-Zxz", "--build", str(root), str(path)], check=True
        )
    return path


def fill_deb(root: Path, architecture: str) -> None:
    """What a package has beside the bundle."""
    from pfstudio.ui import desktop_entry

    desktop_entry.install(root / "usr/share", ["/usr/bin/pfstudio"])
    (root / "usr/bin").mkdir(parents=True)
    (root / "usr/bin/pfstudio").symlink_to("../lib/pfstudio/pfstudio")
    doc = root / "usr/share/doc/pfstudio"
    doc.mkdir(parents=True)
    (doc / "copyright").write_text((ROOT / "NOTICE").read_text("utf-8"), encoding="utf-8")
    files = (path for path in root.rglob("*") if path.is_file() and not path.is_symlink())
    kib = sum(path.stat().st_size for path in files) // 1024
    (root / "DEBIAN").mkdir()
    (root / "DEBIAN/control").write_text(control(architecture, kib), encoding="utf-8")
    for path in (root, *root.rglob("*")):  # whatever the modes where it is built
        if not path.is_symlink():
            runs = path.is_dir() or path.stat().st_mode & 0o100
            path.chmod(0o755 if runs else 0o644)


def control(architecture: str, kib: int) -> str:
    """The description of the package."""
    libraries = {**bootstrap.QT_LIBRARIES, **bootstrap.SCREEN_LIBRARIES}.values()
    return (
        "Package: pfstudio\n"
        f"Version: {version()}\n"
        f"Architecture: {architecture}\n"
        "Maintainer: The Patch Forcing Studio developers <pfstudio@localhost>\n"
        f"Installed-Size: {kib}\n"
        f"Depends: {', '.join((f'libc6 (>= {GLIBC})', *libraries))}\n"
        "Recommends: desktop-file-utils, hicolor-icon-theme, shared-mime-info\n"
        "Section: graphics\n"
        "Priority: optional\n"
        "Description: see how a flow model makes an image\n"
        " Patch Forcing with live difficulty and time maps, depth with confidence, and\n"
        " upscaling. Works offline with the models that come with it.\n"
    )


def build_installer() -> None:
    """An installer for Windows, by Inno Setup. Not run yet: there was no such machine."""
    compiler = shutil.which("ISCC")
    if compiler is None:
        raise bootstrap.SetupError("ISCC is not on the PATH: install Inno Setup 6, and try again.")
    subprocess.run([compiler, f"/DVersion={version()}", str(HERE / "pfstudio.iss")], check=True)


def version() -> str:
    """Of the program in this checkout."""
    from pfstudio.version import __version__

    return __version__


def in_venv() -> int:
    """Run this again with the Python of .venv, which gets what building needs."""
    bootstrap.check_machine()
    bootstrap.make_venv()
    bootstrap.install("[bundle]")
    command = [str(bootstrap.venv_python()), str(HERE / "build.py"), *sys.argv[1:]]
    return subprocess.run(command).returncode


def main() -> int:
    """Build what is asked for; returns the exit code."""
    forms = {"archive": build_archive, "deb": build_deb, "installer": build_installer}
    parser = argparse.ArgumentParser(description="Build the program for people without Python.")
    parser.add_argument("form", nargs="?", choices=forms, help="without it only dist/pfstudio/")
    parser.add_argument("--keep", action="store_true", help="take dist/pfstudio/ as it is")
    args = parser.parse_args()
    try:
        if not all(map(importlib.util.find_spec, ("PyInstaller", "torch", "PySide6"))):
            return in_venv()
        if not (args.keep and BUNDLE.is_dir()):
            build_bundle()
        if args.form:
            print(forms[args.form]() or "")
        return 0
    except bootstrap.SetupError as error:
        bootstrap.say(str(error))
        return 1
    except subprocess.CalledProcessError as error:
        bootstrap.say(f"{Path(error.cmd[0]).name} failed; it says why above.")
        return 1


if __name__ == "__main__":
    sys.exit(main())
