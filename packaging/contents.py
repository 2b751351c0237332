"""What goes into the bundle and what stays out, as data; read by pfstudio.spec and the tests."""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path, PurePath

# Never needed by the program, but found by following every import of what it uses.
EXCLUDED = (
    # Of the program itself: it moves the mouse for the pictures of the README.
    "pfstudio.drivers.walk",
    # Packages that others can use. Without hf_xet the client of the hub downloads by plain HTTPS.
    "IPython", "bpy", "cryptography", "docutils", "hf_xet", "jax", "keyring", "matplotlib",
    "networkx", "pandas", "pip", "pydantic", "pydantic_core", "pydoc_data", "pygments", "pytest",
    "readline", "resvg_py", "rich", "scipy", "setuptools", "tensorboard", "tkinter", "twine",
    "wheel",
    # Parts of packages: pipelines, consoles, and the compiler of torch.
    "diffusers.experimental", "diffusers.modular_pipelines", "diffusers.pipelines", "numpy.f2py",
    "pyqtgraph.canvas", "pyqtgraph.console", "pyqtgraph.flowchart", "torch._inductor.codegen",
    "torch._inductor.fx_passes", "torch._inductor.ir", "torch._inductor.kernel",
    "torch._inductor.lowering", "torch._inductor.scheduler", "torch._inductor.select_algorithm",
    "torch._vendor.quack", "torch.utils.benchmark", "torch.utils.hipify", "torch.utils.tensorboard",
    # Tests of torch.
    "torch.testing._internal.common_methods_invocations", "torch.testing._internal.common_modules",
    "torch.testing._internal.common_nn", "torch.testing._internal.common_quantization",
    "torch.testing._internal.common_utils", "torch.testing._internal.distributed.distributed_test",
    "torch.testing._internal.distributed.rpc", "torch.testing._internal.generated",
    "torch.testing._internal.opinfo",
    # Parts of Qt.
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

# Files that are left out, by their place in the bundle.
_DROPPED = (
    # Tests and headers of torch, and its programs but the one without which it does not start.
    r"torch/bin/(?!torch_shm_manager)",
    r"torch/(test|include|share)/",
    r"torch/lib/lib(jitbackend_test|torchbind_test|backend_with_compiler|aoti_custom_ops)",
    r"torch/.*\.(a|lib|jinja)$",
    # Sources beside the compiled modules. torch reads those of its settings, and of functions that
    # have several forms in TorchScript; transformers finds its models by them.
    r"torch/(?!(nn/)?functional\.py$|nn/modules/rnn\.py$)(?!.*config[^/]*$).*\.py$",
    r"transformers/(?!models/|__init__\.py$).*\.py$",
    # What only pip reads, and pyqtgraph's own colours.
    r"[^/]*\.dist-info/(RECORD|sboms/)",
    r"pyqtgraph/colors/",
    # A window, its screen and its accessibility, and a socket to a second start: no plugins for
    # tablets, boards, QML or GTK, and none that watch or encrypt the network.
    r"PySide6/(Qt/)?plugins/(egldeviceintegrations|generic|networkinformation|qmltooling|tls)/",
    r"PySide6/(Qt/)?plugins/platforminputcontexts/.*virtual",
    r"PySide6/(Qt/)?plugins/platforms/.*(eglfs|linuxfb|vnc|vkkhr|minimal)",
    r"PySide6/(Qt/)?plugins/platformthemes/.*gtk3",
    r"PySide6/(Qt/)?translations/(?!qtbase_(de|en)\.qm)",
    r"PySide6/(Qt/)?qml/",
    r"(.*/)?(lib)?Qt6(Qml|Quick|VirtualKeyboard|EglF[sS]|Pdf|Sql|Test|Designer|Help|UiTools)",
    # The system's own, of the machine that builds: they come in with the theme of GTK.
    r"lib(gtk-3|gdk-3|gdk_pixbuf|pango|atk-|atk_|atspi|cairo|harfbuzz|fribidi|epoxy|thai|datrie|"
    r"gio-2|gobject-2|gmodule-2|mount\.|blkid\.|selinux\.|pixman-1|graphite2|jpeg\.|"
    r"X(composite|cursor|damage|fixes|i|inerama|randr|render)\.)",
    # And of CUDA, which PyInstaller takes where it finds it.
    r"libcudart\.",
    # A first stage, and the class model on another backbone: for going on, or comparing.
    r"pfstudio/_data/models/(pft-emoji-text-64|zigma-s-emoji-64)/",
)
_dropped = re.compile("|".join(f"(?:{pattern})" for pattern in _DROPPED))


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
