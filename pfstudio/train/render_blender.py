"""Drawing a planned room with Blender's Cycles on the CPU (the optional package bpy)."""

from __future__ import annotations

import contextlib
import importlib
import math
import os
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from pfstudio.core.errors import InputError
from pfstudio.train.render_plan import Camera, Placed, Room, RoomSurface

BPY = "4.5.15"  # the version that the extra installs; it needs Python 3.11
_GROUND = 40.0  # metres around an open room
_NEAR = 0.05
Bytes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]


def load_blender() -> Any:
    """The module bpy.

    Raises:
        InputError: it is not installed.
    """
    try:
        return importlib.import_module("bpy")
    except ImportError as error:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise InputError(
            f"Blender is not installed as a Python module ({error}).",
            f"With Python 3.11 (this is {version}): pip install bpy=={BPY}, or install pfstudio "
            "with the extra `render`.",
        ) from error


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Without the many lines that Blender's own code prints, past Python's streams."""
    sys.stdout.flush()
    sys.stderr.flush()
    kept, nowhere = (os.dup(1), os.dup(2)), os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(nowhere, stream)
    try:
        yield
    finally:
        for stream, copy in zip((1, 2), kept, strict=True):
            os.dup2(copy, stream)
            os.close(copy)
        os.close(nowhere)


class Blender:
    """Draws rooms; what it needs on disk lies in `folder`."""

    def __init__(self, folder: Path, samples: int, threads: int) -> None:
        self.bpy, self.folder = load_blender(), folder
        self.samples, self.threads = samples, threads

    def __call__(self, room: Room, pixels: int) -> Iterator[tuple[Bytes, Floats]]:
        """Picture (H,W,3) RGB and depth (H,W) in m of every camera; the sky is at infinity."""
        self.bpy.ops.wm.read_factory_settings(use_empty=True)
        self._settings(pixels)
        self._sky(room)
        self._walls(room)
        for light in room.lights:
            data = self.bpy.data.lights.new("light", "AREA")
            data.size, data.energy, data.color = light.side, light.watts, light.colour
            self._add(data).location = light.at
        for placed in room.placed:
            self._furniture(placed)
        for camera in room.cameras:
            self._camera(camera)
            yield self._render()

    def _settings(self, pixels: int) -> None:
        scene = self.bpy.context.scene
        scene.render.engine = "CYCLES"
        scene.render.resolution_x = scene.render.resolution_y = pixels
        scene.render.resolution_percentage = 100
        scene.render.use_persistent_data = True  # the room stays loaded from view to view
        scene.render.threads_mode = "FIXED" if self.threads else "AUTO"
        scene.render.threads = max(1, self.threads)
        scene.cycles.device, scene.cycles.samples = "CPU", self.samples
        scene.cycles.use_denoising, scene.cycles.max_bounces = True, 5
        scene.view_settings.view_transform = "Filmic"
        self.bpy.context.view_layer.use_pass_z = True
        scene.use_nodes = True
        tree = scene.node_tree
        tree.nodes.clear()
        layers = tree.nodes.new("CompositorNodeRLayers")
        for output, name, kind, depth in (
            ("Image", "picture", "PNG", "8"),
            ("Depth", "depth", "OPEN_EXR", "32"),
        ):
            file = tree.nodes.new("CompositorNodeOutputFile")
            file.base_path, file.file_slots[0].path = str(self.folder), name
            file.format.file_format, file.format.color_depth = kind, depth
            file.format.color_mode = "RGB" if kind == "PNG" else "BW"
            tree.links.new(layers.outputs[output], file.inputs[0])

    def _sky(self, room: Room) -> None:
        world = self.bpy.data.worlds.new("sky")
        self.bpy.context.scene.world = world
        world.use_nodes = True
        tree = world.node_tree
        lights = Path(self.bpy.utils.resource_path("LOCAL")) / "datafiles/studiolights/world"
        image = tree.nodes.new("ShaderNodeTexEnvironment")
        image.image = self.bpy.data.images.load(str(lights / f"{room.world}.exr"))
        turn, where = (tree.nodes.new(f"ShaderNode{n}") for n in ("Mapping", "TexCoord"))
        turn.inputs["Rotation"].default_value[2] = room.turn
        tree.links.new(where.outputs["Generated"], turn.inputs["Vector"])
        tree.links.new(turn.outputs["Vector"], image.inputs["Vector"])
        sky = tree.nodes["Background"]
        sky.inputs["Strength"].default_value = room.sky
        tree.links.new(image.outputs["Color"], sky.inputs["Color"])

    def _walls(self, room: Room) -> None:
        w, d, h = room.width, room.depth, room.height
        floor, wall, ceiling = (self._material(surface) for surface in room.surfaces)
        around = _GROUND if room.is_open else 0.0
        self._quad(floor, (-around, -around, 0), (w + 2 * around, 0, 0), (0, d + 2 * around, 0))
        self._quad(wall, (0, d, 0), (w, 0, 0), (0, 0, h))
        self._quad(wall, (0, 0, 0), (0, d, 0), (0, 0, h))
        if not room.is_open:
            self._quad(wall, (0, 0, 0), (w, 0, 0), (0, 0, h))
            self._quad(wall, (w, 0, 0), (0, d, 0), (0, 0, h))
            self._quad(ceiling, (0, 0, h), (w, 0, 0), (0, d, 0))

    def _quad(self, material: Any, corner: Any, along: Any, up: Any) -> None:
        a, u, v = (np.array(values, float) for values in (corner, along, up))
        mesh = self.bpy.data.meshes.new("surface")
        mesh.from_pydata([tuple(p) for p in (a, a + u, a + u + v, a + v)], [], [(0, 1, 2, 3)])
        lengths = np.linalg.norm(u), np.linalg.norm(v)
        layer = mesh.uv_layers.new()
        for place, (s, t) in enumerate(((0, 0), (1, 0), (1, 1), (0, 1))):
            layer.data[place].uv = (s * lengths[0], t * lengths[1])  # metres
        mesh.materials.append(material)
        self._add(mesh)

    def _material(self, surface: RoomSurface) -> Any:
        material = self.bpy.data.materials.new("surface")
        material.use_nodes = True
        tree = material.node_tree
        shader = tree.nodes["Principled BSDF"]
        shader.inputs["Roughness"].default_value = surface.roughness
        first, second = ((*colour, 1.0) for colour in surface.colours)
        if surface.pattern == "plain":
            shader.inputs["Base Color"].default_value = first
            return material
        where = tree.nodes.new("ShaderNodeTexCoord")
        pattern = tree.nodes.new(f"ShaderNodeTex{surface.pattern.capitalize()}")
        pattern.inputs["Scale"].default_value = surface.scale
        tree.links.new(where.outputs["UV"], pattern.inputs["Vector"])
        if surface.pattern == "wave":
            pattern.inputs["Distortion"].default_value = 4.0
        if surface.pattern in ("brick", "checker"):
            pattern.inputs["Color1"].default_value = first
            pattern.inputs["Color2"].default_value = second
            tree.links.new(pattern.outputs["Color"], shader.inputs["Base Color"])
            return material
        ramp = tree.nodes.new("ShaderNodeValToRGB")
        for element, colour in zip(ramp.color_ramp.elements, (first, second), strict=True):
            element.color = colour
        value = "Distance" if surface.pattern == "voronoi" else 0
        tree.links.new(pattern.outputs[value], ramp.inputs["Fac"])
        tree.links.new(ramp.outputs["Color"], shader.inputs["Base Color"])
        return material

    def _furniture(self, placed: Placed) -> None:
        """Bring a model to its real size and its place."""
        piece = placed.piece
        path = self.folder / piece.library / piece.member
        if not path.exists():
            near = str(PurePosixPath(piece.member).parent)
            with zipfile.ZipFile(piece.archive) as file:
                names = [n for n in file.namelist() if str(PurePosixPath(n).parent) == near]
                file.extractall(self.folder / piece.library, names)
        before = set(self.bpy.data.objects)
        with _quiet():
            self.bpy.ops.wm.obj_import(filepath=str(path))
        parts = [one for one in self.bpy.data.objects if one not in before]
        corners = np.array(
            [one.matrix_world @ self._vector(c) for one in parts for c in one.bound_box]
        )
        if not len(corners):
            return
        low, high = corners.min(axis=0), corners.max(axis=0)
        size = np.maximum(high - low, 1e-6)
        scale = np.array([piece.width, piece.depth, piece.height]) / size
        middle = np.array([*(low + high)[:2] / 2, low[2]])
        place = self._matrix().Translation((placed.x, placed.y, piece.elevation))
        place = place @ self._matrix().Rotation(placed.angle, 4, "Z")
        place = place @ self._matrix().Diagonal((*scale, 1.0))
        place = place @ self._matrix().Translation(tuple(-middle))
        for one in parts:
            one.matrix_world = place @ one.matrix_world
            for slot in one.material_slots:
                self._mend(slot.material)

    @staticmethod
    def _mend(material: Any) -> None:
        """No glass, whose two depths the depth pass would choose from by chance (cut-outs stay),
        and no textures that a library names but does not hold: Blender draws them in magenta."""
        if material is None or not material.use_nodes:
            return
        nodes = material.node_tree.nodes
        for node in list(nodes):
            if node.type == "TEX_IMAGE" and (node.image is None or not node.image.size[0]):
                nodes.remove(node)
        for node in nodes:
            if node.type == "BSDF_PRINCIPLED" and not node.inputs["Alpha"].is_linked:
                node.inputs["Alpha"].default_value = 1.0

    def _camera(self, camera: Camera) -> None:
        data = self.bpy.data.cameras.new("camera")
        data.angle, data.clip_start = math.radians(camera.field_of_view), _NEAR
        eye, to = self._vector(camera.at), self._vector(camera.target)
        thing = self._add(data)
        thing.matrix_world = (
            self._matrix().Translation(eye)
            @ (to - eye).to_track_quat("-Z", "Y").to_matrix().to_4x4()
        )
        self.bpy.context.scene.camera = thing

    def _render(self) -> tuple[Bytes, Floats]:
        with _quiet():
            self.bpy.ops.render.render()
        frame = f"{self.bpy.context.scene.frame_current:04d}"
        picture = cv2.imread(str(self.folder / f"picture{frame}.png"), cv2.IMREAD_COLOR_RGB)
        image = self.bpy.data.images.load(str(self.folder / f"depth{frame}.exr"))
        values = np.empty(image.size[0] * image.size[1] * image.channels, np.float32)
        image.pixels.foreach_get(values)
        depth = values.reshape(image.size[1], image.size[0], -1)[::-1, :, 0]  # bottom row first
        self.bpy.data.images.remove(image)
        assert picture is not None
        return np.ascontiguousarray(picture), np.ascontiguousarray(depth)

    def _add(self, data: Any) -> Any:
        thing = self.bpy.data.objects.new(data.name, data)
        self.bpy.context.collection.objects.link(thing)
        return thing

    def _matrix(self) -> Any:
        return importlib.import_module("mathutils").Matrix

    def _vector(self, values: Any) -> Any:
        return importlib.import_module("mathutils").Vector(values)
