"""Reading an architecture out of a Keras model's configuration: as data, in our own layers; nothing in it is run."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mnist_core import IMAGE_SHAPE, NUM_CLASSES
from mnist_core.errors import InvalidInput
from mnist_core.networks.layers import (
    Activation,
    AveragePooling2D,
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalAveragePooling2D,
    LayerSpec,
    MaxPooling2D,
    snake_case,
)
from mnist_core.networks.spec import MAX_LAYERS, ModelSpec

Config = Mapping[str, Any]

INPUT_SHAPES: tuple[tuple[int, ...], ...] = (IMAGE_SHAPE, (*IMAGE_SHAPE, 1), (IMAGE_SHAPE[0] * IMAGE_SHAPE[1],))
"""What a picture can be given as."""

BATCH_NORMALIZATION_EPSILON = 1e-3


@dataclass(frozen=True)
class Weighted:
    """A layer that has weights of its own.

    Attributes:
        name: Its name in the file.
        kind: Its Keras class.
        config: Its configuration in the file.
        number: Which one of its kind it is, from 0.
    """

    name: str
    kind: str
    config: Config
    number: int


@dataclass(frozen=True)
class FromKeras:
    """An architecture that was read from a configuration.

    Attributes:
        layers: Our own layers, from input to output.
        weighted: Those that have weights, in the same order.
        rescalings: Scale and offset of each rescaling of the pixels inside the model, first to last.
        notes: What was adapted, a sentence each.
    """

    layers: tuple[LayerSpec, ...]
    weighted: tuple[Weighted, ...]
    rescalings: tuple[tuple[float, float], ...]
    notes: tuple[str, ...]


def architecture_from_keras(config: Any) -> FromKeras:
    """Reads the configuration that Keras 2 or 3 saves with a model.

    Args:
        config: What `config.json` of a `.keras` file holds, or an `.h5` file's attribute `model_config`.

    Raises:
        InvalidInput: if it is no stack of layers that are known here, takes no 28×28 pictures, or gives no ten classes;
            the sentence names the layer.
    """
    items = _chain(config)
    notes: list[str] = []
    rescalings: list[tuple[float, float]] = []
    layers: list[LayerSpec] = []
    weighted: list[Weighted] = []
    counts: dict[str, int] = {}
    for kind, name, settings in items:
        number = counts.get(kind, 0)
        counts[kind] = number + 1
        if kind == "Rescaling":
            if weighted:
                raise InvalidInput(f"The layer {name} rescales in the middle. Only pixels can be rescaled.")
            rescalings.append((_number(settings, "scale", 1.0), _number(settings, "offset", 0.0)))
            continue
        if kind == "InputLayer":
            continue
        if kind == "Reshape":
            layers += _reshaping(name, settings)
            continue
        layers.append(_layer(kind, name, settings))
        if kind in WEIGHTED:
            weighted.append(Weighted(name, kind, settings, number))
    if not weighted:
        raise InvalidInput("This model has no layer with weights that could be read.")
    if _input_shape(items) == INPUT_SHAPES[-1] and not any(isinstance(layer, Flatten) for layer in layers[:1]):
        layers.insert(0, Flatten())
        notes.append("It takes 784 numbers, so a layer that flattens the picture was put in front.")
    for scale, offset in rescalings:
        notes.append(f"Its rescaling of the pixels (× {scale:g}, + {offset:g}) became part of the first weights.")
    layers = _with_softmax(_without_repeated_flatten(layers), notes)
    return FromKeras(tuple(layers), tuple(weighted), tuple(rescalings), tuple(notes))


def _with_softmax(layers: list[LayerSpec], notes: list[str]) -> list[LayerSpec]:
    """The same layers with probabilities at the end."""
    last = layers[-1]
    activation = getattr(last, "activation", None)
    if isinstance(last, Dense) and last.units != NUM_CLASSES:
        raise InvalidInput(f"This model has {last.units} classes. Digits and clothes have {NUM_CLASSES}.")
    if activation == "linear" and isinstance(last, Dense):
        layers[-1] = Dense(last.units, "softmax")
        notes.append("It ended with logits, so softmax was put at the end: answers are probabilities now.")
    elif activation != "softmax":
        raise InvalidInput(
            f"This model ends with {activation or last.kind}, which gives no ten probabilities that sum to 1. "
            "Give a model that ends in softmax or in plain logits."
        )
    return layers


def _without_repeated_flatten(layers: list[LayerSpec]) -> list[LayerSpec]:
    """A second flattening changes nothing."""
    first = next((index for index, layer in enumerate(layers) if isinstance(layer, Flatten)), None)
    return [layer for index, layer in enumerate(layers) if not isinstance(layer, Flatten) or index == first]


def _chain(config: Any) -> list[tuple[str, str, Config]]:
    """Kind, name and settings of each layer of a stack, in order."""
    if not isinstance(config, dict) or not isinstance(config.get("config"), dict | list):
        raise InvalidInput("The file holds no architecture. Give a model that was saved whole, not its weights alone.")
    kind = config.get("class_name")
    if kind not in ("Sequential", "Functional", "Model"):
        raise InvalidInput(
            f"The model is of the class {str(kind)[:60]}, whose code is not in the file and is never run here. "
            "Build it as keras.Sequential or with the functional API, and save it again."
        )
    inner = config["config"]
    found = inner if isinstance(inner, list) else inner.get("layers")
    if not isinstance(found, list) or not found:
        raise InvalidInput("The model has no layers.")
    if len(found) > MAX_LAYERS + 5:
        raise InvalidInput(f"{len(found)} layers are too many. Use at most {MAX_LAYERS}.")
    items = []
    known: set[str] = set()
    before = ""
    for layer in found:
        if not isinstance(layer, dict) or not isinstance(layer.get("config"), dict):
            raise InvalidInput("The model's description of its layers is damaged.")
        settings = layer["config"]
        name = str(settings.get("name") or layer.get("name") or layer.get("class_name"))[:60]
        if kind != "Sequential" and before and not set(_names_in(layer.get("inbound_nodes"), known)) <= {before}:
            raise InvalidInput(f"The layer {name} takes from others than the one before it. Only stacks can be read.")
        if kind != "Sequential" and before and not list(_names_in(layer.get("inbound_nodes"), known)):
            raise InvalidInput(f"The model has a second input, {name}. Only stacks of layers can be read.")
        items.append((str(layer.get("class_name")), name, settings))
        known.add(name)
        before = name
    return items


def _names_in(value: Any, known: set[str]) -> Iterator[str]:
    """The names of layers that a node's description mentions."""
    if isinstance(value, str) and value in known:
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _names_in(item, known)
    elif isinstance(value, list):
        for item in value:
            yield from _names_in(item, known)


def _input_shape(items: list[tuple[str, str, Config]]) -> tuple[int, ...]:
    """What the model takes, without the batch."""
    for _, _, settings in items:
        shape = settings.get("batch_shape") or settings.get("batch_input_shape")
        if isinstance(shape, list) and tuple(shape[1:]) in INPUT_SHAPES:
            return tuple(shape[1:])
        if shape:
            raise InvalidInput(
                f"This model takes {str(shape[1:] if isinstance(shape, list) else shape)[:60]}. It must take one "
                "picture: (28, 28), (28, 28, 1) or (784,)."
            )
    raise InvalidInput("The model does not say what it takes. Begin it with keras.Input((28, 28)) and save it again.")


def _reshaping(name: str, settings: Config) -> list[LayerSpec]:
    """What a reshaping is here: flattening, or nothing."""
    shape = _sizes(settings.get("target_shape"))
    if shape not in (*INPUT_SHAPES, (-1,)):
        raise InvalidInput(f"The layer {name} reshapes to something else than a picture of 28×28 or its 784 pixels.")
    return [Flatten()] if len(shape) == 1 else []


def _layer(kind: str, name: str, settings: Config) -> LayerSpec:
    """One of our own layers for one of Keras's."""
    if kind not in LAYERS:
        known = ", ".join(sorted([*LAYERS, "Rescaling", "Reshape"]))
        raise InvalidInput(
            f"The layer {name} is of the kind {kind[:60]}, which is not known here and never run. Build the model of "
            f"these: {known}."
        )
    for setting, usual in USUAL.get(kind, {}).items():
        value = settings.get(setting, usual[0])
        if value not in usual and not (isinstance(value, list) and tuple(value) in usual):
            raise InvalidInput(
                f"The layer {name} has {setting} {str(value)[:60]}, which is not known here. Use {usual[0]!r}."
            )
    try:
        return LAYERS[kind](settings)
    except InvalidInput as error:
        raise InvalidInput(f"The layer {name} cannot be used. {error}") from error
    except (TypeError, ValueError, KeyError) as error:
        raise InvalidInput(f"The description of the layer {name} is damaged.") from error


def _square(settings: Config, name: str) -> Any:
    sizes = _sizes(settings[name])
    if len(set(sizes)) != 1:
        raise InvalidInput(f"{name} is {sizes}: only squares are known here.")
    return sizes[0]


def _sizes(value: Any) -> tuple[int, ...]:
    return tuple(value) if isinstance(value, list | tuple) else (value,)


def _number(settings: Config, name: str, usual: float) -> float:
    value = settings.get(name, usual)
    if isinstance(value, bool) or not isinstance(value, int | float) or not -1e6 < value < 1e6:
        raise InvalidInput(f"A rescaling has the {name} {str(value)[:60]}. One number is needed.")
    return float(value)


def _activation(settings: Config) -> Any:
    found = settings.get("activation", "linear")
    if isinstance(found, dict):  # Keras 3 writes some as objects
        found = snake_case(str(found.get("class_name")))
    return {"swish": "silu"}.get(found, found)


def _pool(make: Callable[[int], LayerSpec]) -> Callable[[Config], LayerSpec]:
    def read(settings: Config) -> LayerSpec:
        size = _square(settings, "pool_size")
        if settings.get("strides") is not None and set(_sizes(settings["strides"])) != {size}:
            raise InvalidInput("Its strides are not its pool size.")
        return make(size)

    return read


def _convolution(settings: Config) -> LayerSpec:
    return Conv2D(
        settings["filters"], _square(settings, "kernel_size"), settings.get("padding", "valid"), _activation(settings)
    )


def _leaky(settings: Config) -> LayerSpec:
    slope = settings.get("negative_slope", settings.get("alpha", 0.3))
    if abs(float(slope) - 0.2) > 1e-6:
        raise InvalidInput("Its slope is not 0.2, which leaky_relu has here.")
    return Activation("leaky_relu")


LAYERS: dict[str, Callable[[Config], LayerSpec]] = {
    "Flatten": lambda _: Flatten(),
    "Dense": lambda settings: Dense(settings["units"], _activation(settings)),
    "Conv2D": _convolution,
    "MaxPooling2D": _pool(MaxPooling2D),
    "AveragePooling2D": _pool(AveragePooling2D),
    "GlobalAveragePooling2D": lambda _: GlobalAveragePooling2D(),
    "Dropout": lambda settings: Dropout(float(settings["rate"])),
    "BatchNormalization": lambda _: BatchNormalization(),
    "Activation": lambda settings: Activation(_activation(settings)),
    "ReLU": lambda _: Activation("relu"),
    "LeakyReLU": _leaky,
    "Softmax": lambda _: Activation("softmax"),
}
"""How each of Keras's layers is written here."""

ONE = (1, (1, 1))
USUAL: dict[str, dict[str, tuple[Any, ...]]] = {
    "Conv2D": {
        "strides": ONE,
        "dilation_rate": ONE,
        "groups": (1,),
        "data_format": ("channels_last", None),
        "padding": ("valid", "same"),
    },
    "MaxPooling2D": {"padding": ("valid",), "data_format": ("channels_last", None)},
    "AveragePooling2D": {"padding": ("valid",), "data_format": ("channels_last", None)},
    "GlobalAveragePooling2D": {"keepdims": (False,), "data_format": ("channels_last", None)},
    "BatchNormalization": {"axis": (-1, 3, 1, (3,), (1,))},
    "ReLU": {"max_value": (None,), "negative_slope": (0.0, 0), "threshold": (0.0, 0)},
    "Softmax": {"axis": (-1,)},
}
"""Settings that our layers do not have, with the values that they stand for."""

WEIGHTED = ("Dense", "Conv2D", "BatchNormalization")


def as_spec(found: FromKeras, name: str) -> ModelSpec:
    """The architecture under a name, checked.

    Raises:
        InvalidInput: if its layers do not fit one another.
    """
    return ModelSpec(name, found.layers, "Read from a file.").check()
