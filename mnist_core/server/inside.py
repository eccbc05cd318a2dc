"""What a browser asks about the inside of a network, and the answers as bytes for its canvas."""

import base64
import binascii
import functools
import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mnist_core import IMAGE_SHAPE, NUM_CLASSES, NUM_TEST_IMAGES
from mnist_core.datasets import load_dataset
from mnist_core.drawing.inking import prepare_strokes
from mnist_core.drawing.strokes import Stroke, read_strokes
from mnist_core.errors import InvalidInput
from mnist_core.networks.spec import ModelSpec
from mnist_core.server.frames import NO_FRAME
from mnist_core.server.packing import grey, pack, scaled, whole
from mnist_core.server.questions import ModelFile, needs_tensorflow

if TYPE_CHECKING:
    from mnist_core.engine.inside import Inside, Look
    from mnist_core.engine.maps import Map, Maps
    from mnist_core.engine.reasons import Reasons

MAX_OPEN = 6
MAX_WEIGHTS_SENT = 2_000_000
"""Numbers of one answer about weights: those of the first neurons and filters, where there are more."""

INSIDE = "inside"
METHODS = ("gradient", "integrated", "occlusion", "cam", "strokes", "fool")
STARS = {"map": "star", "neighbours": "neighbourStar"}
"""The maps, and what the place of a drawing on each is called in an answer."""


@dataclass(frozen=True)
class Fresh:
    """A network before training: fresh weights, always the same ones.

    Attributes:
        spec: The architecture.
        preparation: What is done to the pixels first.
    """

    spec: ModelSpec
    preparation: str = "scale"


Network = ModelFile | Fresh


@dataclass(frozen=True)
class InsideFrame:
    """A drawing or a picture, and what is to be told of a network that reads it.

    Attributes:
        number: What the browser calls it.
        model: The network's name: of a run, or "preset:" and "own:" with that of an architecture.
        is_fresh: Whether with the weights that it began with.
        strokes: What is drawn.
        picture: A picture instead of a drawing, float32 (28, 28) in [0, 1] as bytes, or None.
        unit: A value to explain: the column, then its place there; or None.
        wish: "values" for what all layers put out, "weights", "map", "neighbours" for the other map, "picture" for a
            test picture, or one of `METHODS`.
        index: Which test picture.
        wanted: The class that is asked about, or None for the answer.
        other: The class that it is compared with, or None.
    """

    number: int
    model: str
    is_fresh: bool
    strokes: tuple[Stroke, ...]
    picture: bytes | None
    unit: tuple[int, ...] | None
    wish: str
    index: int
    wanted: int | None
    other: int | None

    def image(self) -> NDArray[np.float32] | None:
        """What the network sees, float32 (28, 28), or None where nothing is drawn."""
        if self.picture is not None:
            return np.frombuffer(self.picture, np.float32).reshape(IMAGE_SHAPE)
        return prepare_strokes(self.strokes).image


def read_inside_frame(value: dict[str, Any]) -> InsideFrame:
    """Reads a message of a browser, which `read_message` has read as JSON.

    Raises:
        InvalidInput: if it is none of ours.
    """
    model, strokes, wish = value.get("model"), value.get("strokes", []), value.get("wish", "values")
    if not isinstance(model, str) or not isinstance(strokes, list):
        raise InvalidInput(NO_FRAME)
    if wish not in ("values", "weights", *STARS, "picture", *METHODS):
        raise InvalidInput(NO_FRAME)
    unit = value.get("unit")
    if unit is not None and not (isinstance(unit, list) and 2 <= len(unit) <= 4 and all(map(_is_place, unit))):
        raise InvalidInput(NO_FRAME)
    return InsideFrame(
        value["id"],
        model,
        value.get("fresh") is True,
        read_strokes(strokes) if strokes else (),
        _picture(value.get("picture")),
        None if unit is None else tuple(unit),
        wish,
        index % NUM_TEST_IMAGES if type(index := value.get("index", 0)) is int else 0,
        _class(value.get("wanted")),
        _class(value.get("other")),
    )


def _is_place(value: Any) -> bool:
    return type(value) is int and 0 <= value < 1_000_000


def _class(value: Any) -> int | None:
    if value is None or (type(value) is int and 0 <= value < NUM_CLASSES):
        return value
    raise InvalidInput(NO_FRAME)


def _picture(code: Any) -> bytes | None:
    """784 bytes in base64, as float32."""
    if not code:
        return None
    try:
        pixels = np.frombuffer(base64.b64decode(code, validate=True), np.uint8)
    except (binascii.Error, TypeError, ValueError) as error:
        raise InvalidInput(NO_FRAME) from error
    if pixels.size != IMAGE_SHAPE[0] * IMAGE_SHAPE[1]:
        raise InvalidInput(NO_FRAME)
    return (pixels.astype(np.float32) / 255).tobytes()


@dataclass(frozen=True)
class Opened:
    """A network, and what asks it for reasons.

    Attributes:
        identity: What tells it from any other network: the content of its file, or its architecture.
    """

    inside: "Inside"
    reasons: "Reasons"
    identity: bytes


_open: "OrderedDict[Network, Opened]" = OrderedDict()


@needs_tensorflow
def look_inside(network: Network, frame: InsideFrame, dataset: str) -> bytes:
    """The answer to a frame: the length of a JSON header, the header, and numbers.

    Args:
        network: Which one.
        frame: What is asked.
        dataset: The one whose test pictures its map shows.

    Returns:
        Four bytes (little endian) for the header's length, the header as UTF-8, and what its "parts" list: for each a
        name, a type ("int8", "uint8" or "float32"), a shape, and a scale by which the numbers are multiplied.

    Raises:
        InvalidInput: if the network cannot be used, or has no such value.
    """
    if frame.wish == "picture":
        data = load_dataset(dataset)
        told = {"id": frame.number, "index": frame.index, "label": int(data.y_test[frame.index])}
        return pack(told, [whole("picture", data.x_test[frame.index])])
    opened = _opened(network)
    inside = opened.inside
    if frame.wish == "weights":
        return _weights(frame, inside)
    if frame.wish in STARS:
        found = _maps().find(frame.wish, inside, opened.identity, dataset)
        return pack({"id": frame.number, "progress": found}, []) if isinstance(found, float) else _map(frame, found)
    image = frame.image()
    is_blank = image is None
    look = inside.look(np.zeros(IMAGE_SHAPE, np.float32) if image is None else image)
    if frame.wish != "values":
        if is_blank:
            return pack({"id": frame.number, "blank": True}, [])
        from mnist_core.server.reasons import reasons_of

        told, parts = reasons_of(opened.reasons, look, frame)
        return pack({"id": frame.number, **told}, parts)
    header: dict[str, Any] = {
        "id": frame.number,
        "columns": _columns(inside),
    }
    if not is_blank:  # an empty picture has values inside, but gets no answer
        # To four digits, and not to so many places: the least ones differ too.
        header["probabilities"] = [float(f"{value:.4g}") for value in look.probabilities.tolist()]
        for kind, star in STARS.items():
            if known := _maps().known(kind, opened.identity, dataset):
                header[star] = known.place(inside.last_hidden(look))
    if frame.unit:
        header["steps"] = explain(inside, look, frame.unit)
        header["unit"] = list(frame.unit)
        header["field"] = inside.field(frame.unit[0], frame.unit[1:])
    shown = [scaled(f"column {place}", look.outputs[column.last]) for place, column in enumerate(inside.columns)]
    return pack(header, [grey("picture", look.image), *shown])


def explain(inside: "Inside", look: "Look", unit: tuple[int, ...]) -> list[dict[str, Any]]:
    """How a value came about.

    Raises:
        InvalidInput: if there is none at this place.
    """
    try:
        return inside.explain(look, unit[0], unit[1:])
    except IndexError as error:
        raise InvalidInput("This network has no such value. Choose another one.") from error


def _opened(network: Network) -> "Opened":
    """The network, opened; the one that was not asked for longest gives way to it."""
    if network not in _open:
        from mnist_core.engine.backend import keras
        from mnist_core.engine.build import build_model, load_model
        from mnist_core.engine.inside import Inside
        from mnist_core.engine.reasons import Reasons

        if isinstance(network, Fresh):
            keras.utils.set_random_seed(0)
            inside = Inside(build_model(network.spec, network.preparation))
            identity = repr(network).encode()
        else:
            inside = Inside(load_model(network.path, compile=False))
            identity = hashlib.sha256(network.path.read_bytes()).digest()
        _open[network] = Opened(inside, Reasons(inside), identity)
    _open.move_to_end(network)
    while len(_open) > MAX_OPEN:
        _open.popitem(last=False)
    return _open[network]


@functools.cache
def _maps() -> "Maps":
    from mnist_core.engine.maps import Maps

    return Maps()


def _columns(inside: "Inside") -> list[dict[str, Any]]:
    from mnist_core.engine.inside import activation_name

    found = []
    for column in inside.columns:
        layers = inside.layers[column.first : column.last + 1]
        shape = layers[-1].output.shape[1:]
        found.append(
            {
                "title": column.title,
                "keras": " → ".join(type(layer).__name__ for layer in layers),
                "activation": ", ".join(name for layer in layers if (name := activation_name(layer)) != "linear"),
                "shape": [int(size) for size in shape],
            }
        )
    return found


def _weights(frame: InsideFrame, inside: "Inside") -> bytes:
    """Kernels and matrices, as many of their filters or neurons as one answer holds, and how all are spread."""
    parts, layers = [], []
    for name, kernel in inside.weights():
        units = kernel.shape[-1]
        shown = max(min(units, MAX_WEIGHTS_SENT // max(kernel.size // units, 1)), 1)
        counts, edges = np.histogram(kernel, bins=40)
        layers.append(
            {
                "layer": name,
                "shape": list(kernel.shape),
                "units": units,
                "counts": counts.tolist(),
                "edges": [float(edges[0]), float(edges[-1])],
            }
        )
        parts.append(scaled(name, np.moveaxis(kernel[..., :shown], -1, 0)))
    return pack({"id": frame.number, "layers": layers}, parts)


def _map(frame: InsideFrame, found: "Map") -> bytes:
    return pack(
        {"id": frame.number, "kind": frame.wish, "kept": getattr(found, "kept", None)},
        [
            whole("points", found.points),
            whole("labels", found.labels),
            whole("answers", found.answers),
        ],
    )
