"""What goes into the bundle and what stays out, as data; read by pfstudio.spec and the tests."""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path, PurePath

# Never needed by the program, but found by following every import of what it uses. Without hf_xet
# the client of the hub downloads by plain HTTPS.
EXCLUDED = (
    "IPython", "bpy", "cryptography", "diffusers.experimental", "diffusers.modular_pipelines",
    "diffusers.pipelines", "docutils", "hf_xet", "jax", "keyring", "matplotlib", "pandas", "pip",
    "pydantic", "pydantic_core", "pygments", "pyqtgraph.canvas", "pyqtgraph.console",
    "pyqtgraph.flowchart", "pytest", "resvg_py", "rich", "scipy", "setuptools", "tensorboard",
    "tkinter", "torch.utils.tensorboard", "twine", "wheel",
    "PySide6.QtDesigner", "PySide6.QtHelp", "PySide6.QtQml", "PySide6.QtQuick",
    "PySide6.QtQuickWidgets", "PySide6.QtSql", "PySide6.QtTest", "PySide6.QtUiTools",
)  # fmt: skip

# Of the hundreds of models of transformers: the text encoders that the program reads, and what
# diffusers imports with its autoencoders.
TEXT_MODELS = {
    "align", "auto", "bert", "clip", "dinov2_with_registers", "encoder_decoder", "qwen2",
    "qwen2_vl", "qwen3_vl", "siglip", "vit_mae",
}  # fmt: skip

# Imported by their names only.
HIDDEN = (
    "OpenGL.GL", "diffusers.models.autoencoders.autoencoder_kl",
    "diffusers.models.autoencoders.autoencoder_tiny", "transformers.models.bert.modeling_bert",
    "transformers.models.qwen3_vl.modeling_qwen3_vl",
)  # fmt: skip

# Files by their place in the bundle. torch does not start without its torch_shm_manager.
_DROPPED = (
    r"torch/bin/(?!torch_shm_manager)",
    r"torch/(test|include|share)/",
    r"torch/lib/lib(jitbackend_test|torchbind_test|backend_with_compiler|aoti_custom_ops)",
    r"torch/.*\.(a|lib)$",
    # Sources beside the compiled modules: TorchScript reads some, and torch those of its settings.
    r"torch/(_export|_functorch|_inductor|ao|distributed|export|fx|onnx|quantization|testing)/"
    r"(?!.*config[^/]*$).*\.py$",
    # A window, its screen and its accessibility: no plugins for tablets, boards, QML or GTK.
    r"PySide6/(Qt/)?plugins/(egldeviceintegrations|qmltooling|platforminputcontexts/.*virtual)",
    r"PySide6/(Qt/)?plugins/platforms/.*(eglfs|linuxfb|vnc|vkkhr|minimal)",
    r"PySide6/(Qt/)?plugins/platformthemes/.*gtk3",
    r"PySide6/(Qt/)?translations/(?!qtbase_(de|en)\.qm)",
    r"PySide6/(Qt/)?qml/",
    r"(.*/)?(lib)?Qt6(Qml|Quick|VirtualKeyboard|EglFS|Pdf|Sql|Test|Designer|Help|UiTools)",
    # The system's own, of the machine that builds: they come in with the theme of GTK.
    r"lib(gtk-3|gdk-3|gdk_pixbuf|pango|atk-|atk_|atspi|cairo|harfbuzz|fribidi|epoxy|thai|datrie)",
)
_dropped = re.compile("|".join(f"(?:{pattern})" for pattern in _DROPPED))

# Libraries with symbols of no use at run time. Others were changed by the makers of their wheels in
# a way that strip would break.
STRIPPED = ("torch/lib/*.so", "libpython*.so*")


def wanted(place: str) -> bool:
    """Whether the file that would lie at `place` in the bundle is needed."""
    return _dropped.match(PurePath(place.replace("\\", "/")).as_posix()) is None


def excluded_text_models(transformers: Path) -> list[str]:
    """Names of the models in the package transformers that the program cannot use."""
    folders = (transformers / "models").iterdir()
    names = {path.name for path in folders if (path / "__init__.py").is_file()}
    return sorted(f"transformers.models.{name}" for name in names - TEXT_MODELS)


_WITHOUT = {"hf-xet", "setuptools"}  # a package that is listed, but not there, is missed


def distributions(requirements: Iterable[str]) -> list[str]:
    """The installed packages that these requirements need, themselves and what they need."""
    found: set[str] = set()
    todo = list(requirements)
    while todo:
        requirement = todo.pop()
        if "extra ==" in requirement:
            continue
        name = re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0].lower().replace("_", "-")
        if name in found or name in _WITHOUT:
            continue
        try:
            todo += requires(name) or []
        except PackageNotFoundError:  # for another system
            continue
        found.add(name)
    return sorted(found)
