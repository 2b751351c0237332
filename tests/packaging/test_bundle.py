"""What goes into the bundle, what the systems are told, and the package for Debian."""

from __future__ import annotations

import ctypes
import plistlib
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from PIL import Image
from PySide6.QtWidgets import QApplication

from pfstudio.core.application import APP_ID, APP_NAME, TRACE_SUFFIX
from pfstudio.core.metadata import PICTURE_FORMATS
from pfstudio.ui import app
from pfstudio.weights.text_encoders import ENCODER_KINDS

PACKAGING = Path(__file__).parents[2] / "packaging"


@pytest.fixture(autouse=True)
def packaging_on_the_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(PACKAGING))


@pytest.mark.parametrize(
    ("place", "kept"),
    [
        ("torch/bin/torch_shm_manager", True), ("torch/bin/test_api", False),
        ("torch/lib/libtorch_cpu.so", True), ("torch/lib/libtorchbind_test.so", False),
        ("torch/include/ATen/ATen.h", False), ("torch/nn/functional.py", True),
        ("torch/_inductor/config.py", True), ("torch/fx/experimental/_config.py", True),
        ("torch/optim/adam.py", False), ("transformers/trainer.py", False),
        ("transformers/__init__.py", True), ("transformers/models/bert/modeling_bert.py", True),
        ("libgtk-3.so.0", False), ("libXi.so.6", False), ("libX11.so.6", True),
        ("libjpeg.so.62", False), ("libjpeg-6dc8d115.so.62.4.0", True),
        ("torch-2.13.0.dist-info/RECORD", False), ("torch-2.13.0.dist-info/METADATA", True),
        ("PySide6/Qt/plugins/platforms/libqxcb.so", True),
        ("PySide6/Qt/plugins/platforms/libqoffscreen.so", True),
        ("PySide6/Qt/plugins/platforms/libqlinuxfb.so", False),
        ("PySide6\\plugins\\platforms\\qwindows.dll", True),
        ("PySide6/Qt/translations/qtbase_de.qm", True),
        ("PySide6/Qt/translations/qtbase_fr.qm", False),
        ("PySide6/Qt/lib/libQt6Quick.so.6", False), ("PySide6/Qt/lib/libQt6Gui.so.6", True),
        ("pfstudio/_data/models/ae-f4/model.safetensors", True),
        ("pfstudio/_data/models/pft-emoji-text-64/card.json", False),
        ("pfstudio/_data/models/zigma-s-emoji-64/card.json", False), ("licences/LICENSE", True),
    ],
)  # fmt: skip
def test_what_is_kept(place: str, kept: bool) -> None:
    import contents

    assert contents.wanted(place) == kept


def test_every_text_encoder_is_in_it(tmp_path: Path) -> None:
    import contents

    assert set(ENCODER_KINDS) <= contents.TEXT_MODELS
    for name in ("bert", "llama"):
        (tmp_path / "models" / name).mkdir(parents=True)
        (tmp_path / "models" / name / "__init__.py").touch()
    assert contents.excluded_text_models(tmp_path) == ["transformers.models.llama"]


def test_packages_and_what_they_need(monkeypatch: pytest.MonkeyPatch) -> None:
    import contents

    needs = {"a-b": ["c[x]>=2", 'd>1; extra == "dev"'], "c": ["a_b"]}

    def requires(name: str) -> list[str]:
        if name not in needs:
            raise contents.PackageNotFoundError
        return needs[name]

    monkeypatch.setattr(contents, "requires", requires)
    assert contents.distributions(["A_b>=1", "gone"]) == ["a-b", "c"]


def test_macos_knows_the_program_and_its_files() -> None:
    import mac

    told = plistlib.loads(plistlib.dumps(mac.info_plist("1.2")))
    assert told["CFBundleShortVersionString"] == "1.2"
    (exported,) = told["UTExportedTypeDeclarations"]
    types = [name for kind in told["CFBundleDocumentTypes"] for name in kind["LSItemContentTypes"]]
    assert exported["UTTypeIdentifier"] in types
    tags = exported["UTTypeTagSpecification"]
    assert tags["public.filename-extension"] == [TRACE_SUFFIX[1:]]
    assert mac.IDENTIFIER == APP_ID
    assert plistlib.loads((PACKAGING / "entitlements.plist").read_bytes())


def test_windows_has_the_same_names() -> None:
    """The text of the installer; it has not been run."""
    import build

    script = (PACKAGING / "pfstudio.iss").read_text("utf-8")
    parts = re.split(r"^\[(\w+)\]$", script, flags=re.MULTILINE)[1:]
    sections = dict(zip(parts[::2], parts[1::2], strict=True))
    setup = dict(line.split("=", 1) for line in sections["Setup"].split("\n") if line)
    assert f'#define Id "{APP_ID}"' in script
    assert f'#define Name "{APP_NAME}"' in script
    assert setup["AppId"] == "{#Id}"
    assert setup["PrivilegesRequired"] == "lowest"  # for one person, without a password
    assert beside(setup["OutputDir"]) == build.DIST
    assert beside(setup["SetupIconFile"]) == build.WORK / "pfstudio.ico"
    (source,) = re.findall(r'Source: "(.*)\\\*"', sections["Files"])
    assert beside(source) == build.BUNDLE
    assert 'AppUserModelID: "{#Id}"' in sections["Icons"]
    assert f"Classes\\{TRACE_SUFFIX}" in sections["Registry"]
    supported = set(re.findall(r'ValueName: "(\.\w+)"', sections["Registry"]))
    assert supported <= {*PICTURE_FORMATS}
    started = set(re.findall(r"\{app\}\\([\w.-]+)", script))
    assert started == {"pfstudio.exe"}  # as the spec names it
    assert 'executable("pfstudio", ' in (PACKAGING / "pfstudio.spec").read_text("utf-8")
    assert beside(setup["LicenseFile"]).is_file()
    assert script.count('\\shell\\open\\command"; ValueType: string; ValueData: """{app}') == 2
    assert (
        "UninstallDelete" not in sections
    )  # pictures, models and settings are kept, and it says so
    assert "Your images in Pictures\\{#Name}" in sections["Code"]


def test_windows_groups_the_windows_under_the_shortcut(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    shell = SimpleNamespace(SetCurrentProcessExplicitAppUserModelID=told.append)
    monkeypatch.setattr(ctypes, "windll", SimpleNamespace(shell32=shell), raising=False)
    monkeypatch.setattr(sys, "platform", "win32")
    app._tell_windows()
    assert told == [APP_ID]


def beside(path: str) -> Path:
    """A path as Windows writes it, from the folder of the script."""
    return (PACKAGING / path.replace("\\", "/")).resolve()


@pytest.mark.parametrize(("name", "sides"), [("x.ico", (16, 256)), ("x.icns", (512,))])
def test_icons_of_other_systems(
    name: str, sides: tuple[int, ...], tmp_path: Path, qapp: QApplication
) -> None:
    import build

    build.write_icon_file(tmp_path / name)
    with Image.open(tmp_path / name) as icon:
        found = {size[0] for size in icon.info["sizes"]}
    assert set(sides) <= found


@pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="needs dpkg-deb")
def test_the_debian_package(tmp_path: Path, qapp: QApplication, monkeypatch) -> None:
    import build

    bundle = tmp_path / "dist" / "pfstudio"
    bundle.mkdir(parents=True)
    (bundle / "pfstudio").write_text("#!/bin/sh\necho started\n")
    (bundle / "pfstudio").chmod(0o755)
    monkeypatch.setattr(build, "DIST", bundle.parent)
    monkeypatch.setattr(build, "BUNDLE", bundle)
    package, root = build.build_deb(), tmp_path / "root"
    subprocess.run(["dpkg-deb", "--extract", package, root], check=True)
    entry = (root / f"usr/share/applications/{APP_ID}.desktop").read_text()
    assert "Exec=/usr/bin/pfstudio %F" in entry
    assert subprocess.check_output([root / "usr/bin/pfstudio"], text=True) == "started\n"
    assert (root / "usr/share/icons/hicolor/48x48/apps" / f"{APP_ID}.png").is_file()
    fields = subprocess.check_output(["dpkg-deb", "--field", package], text=True)
    assert "libxcb-cursor0" in fields
    assert "Installed-Size: 0" not in fields
    assert [path.name for path in (tmp_path / "dist").iterdir()] != []


def test_a_bundle_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    command = [sys.executable, PACKAGING / "smoke_test.py", tmp_path / "pfstudio"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "build it with" in done.stdout
