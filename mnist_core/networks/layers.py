"""The layers an architecture can hold: their settings, and the arithmetic of shapes and parameters.

Each class carries the name and the arguments of its Keras counterpart, so that building, printing code and drawing
need no table of their own. The arithmetic runs without TensorFlow, fast enough to follow every edit on a page.
"""

import dataclasses
import re
from dataclasses import dataclass
from math import prod
from typing import Any, ClassVar

from mnist_core.errors import InvalidInput
from mnist_core.networks.fields import check_fields, choice, limits_of, number, whole

Shape = tuple[int, ...]

ACTIVATIONS = {
    "relu": "Passes positive values on and makes negative ones 0. The usual choice between layers.",
    "sigmoid": "Squeezes every value into 0 to 1. Learns slowly when stacked.",
    "tanh": "Squeezes every value into -1 to 1.",
    "elu": "Like relu, but bends smoothly to -1 for negative values.",
    "gelu": "A smooth relu that lets small negative values through; used in language models.",
    "leaky_relu": "Like relu, but negative values keep a fifth of their size.",
    "selu": "An elu scaled so that values keep their spread from layer to layer.",
    "silu": "The value times its sigmoid; also called swish.",
    "softplus": "A smooth relu that is never quite 0.",
    "linear": "Passes every value on unchanged.",
    "softmax": "Turns values into probabilities that sum to 1. Belongs at the end.",
}

ACTIVATION_HELP = "What is done to each value that the layer puts out."


def snake_case(kind: str) -> str:
    """A Keras class's name as Keras writes it in names: "MaxPooling2D" is "max_pooling2d"."""
    return re.sub("([a-z])([A-Z])", r"\1_\2", kind).lower()


@dataclass(frozen=True)
class LayerSpec:
    """One layer of an architecture, named after its Keras class.

    Shapes leave out the batch: (28, 28) is one picture, (28, 28, 1) one picture with one channel, (784,) one row.
    """

    description: ClassVar[str] = ""

    def __post_init__(self) -> None:
        check_fields(self)

    @property
    def kind(self) -> str:
        """The name of the Keras class."""
        return type(self).__name__

    def problem(self, input_shape: Shape) -> str | None:
        """Why this layer cannot take an input of this shape, with the remedy; None where it can."""
        return None

    def output_shape(self, input_shape: Shape) -> Shape:
        """The shape this layer puts out for an input of this shape."""
        return input_shape

    def count_params(self, input_shape: Shape) -> int:
        """The number of parameters, trainable or not, as Keras's `count_params` counts them."""
        return 0

    def count_macs(self, input_shape: Shape) -> int:
        """The multiplications of an input by a weight that one picture takes."""
        return 0

    def describe(self) -> str:
        """The settings in a few words, such as "128, relu"."""
        return ", ".join(_short(getattr(self, field.name)) for field in dataclasses.fields(self))

    def to_json(self) -> dict[str, Any]:
        """The layer as plain JSON values, with its kind under "layer"."""
        return {"layer": self.kind, **dataclasses.asdict(self)}


@dataclass(frozen=True)
class Flatten(LayerSpec):
    """Lays the values of a picture out in one row."""

    description = "Lays the rows of a picture end to end: 28×28 becomes 784."

    def output_shape(self, input_shape: Shape) -> Shape:
        return (prod(input_shape),)


@dataclass(frozen=True)
class Dense(LayerSpec):
    """A layer in which every output sees every input."""

    description = "Every neuron is connected to every value before it."
    units: int = whole(128, 1, 4096, "Neurons", "How many values the layer puts out.")
    activation: str = choice("relu", ACTIVATIONS, "Activation", ACTIVATION_HELP)

    def problem(self, input_shape: Shape) -> str | None:
        if len(input_shape) == 1:
            return None
        return f"Dense needs one row of values, but gets {format_shape(input_shape)}. Put a Flatten before it."

    def output_shape(self, input_shape: Shape) -> Shape:
        return (self.units,)

    def count_params(self, input_shape: Shape) -> int:
        return input_shape[0] * self.units + self.units

    def count_macs(self, input_shape: Shape) -> int:
        return input_shape[0] * self.units


class _NeedsChannels(LayerSpec):
    """What layers that slide over a picture share."""

    def problem(self, input_shape: Shape) -> str | None:
        if len(input_shape) == 3:
            return None
        return f"{self.kind} needs a picture, but gets {format_shape(input_shape)}. Move it before the Flatten."


@dataclass(frozen=True)
class Conv2D(_NeedsChannels):
    """Small filters slid over the picture, each looking for one pattern everywhere."""

    description = "Slides small filters over the picture; each learns one pattern and finds it anywhere."
    filters: int = whole(32, 1, 512, "Filters", "How many patterns the layer can learn.")
    kernel_size: int = whole(3, 1, 11, "Kernel size", "Width and height of each filter, in pixels.")
    padding: str = choice(
        "valid", ("valid", "same"), "Padding", "same adds a border of zeros, so that the picture keeps its size."
    )
    activation: str = choice("relu", ACTIVATIONS, "Activation", ACTIVATION_HELP)

    def problem(self, input_shape: Shape) -> str | None:
        problem = super().problem(input_shape)
        if problem or self.padding == "same" or self.kernel_size <= min(input_shape[:2]):
            return problem
        size = self.kernel_size
        return (
            f"A {size}×{size} kernel does not fit a picture of {format_shape(input_shape[:2])}. "
            'Use a smaller kernel, padding "same", or less pooling before it.'
        )

    def output_shape(self, input_shape: Shape) -> Shape:
        loss = 0 if self.padding == "same" else self.kernel_size - 1
        return (input_shape[0] - loss, input_shape[1] - loss, self.filters)

    def count_macs(self, input_shape: Shape) -> int:
        return prod(self.output_shape(input_shape)) * self.kernel_size**2 * input_shape[2]

    def describe(self) -> str:
        padding = "" if self.padding == "valid" else f"{self.padding}, "
        return f"{self.filters} of {self.kernel_size}×{self.kernel_size}, {padding}{self.activation}"

    def count_params(self, input_shape: Shape) -> int:
        return (self.kernel_size**2 * input_shape[2] + 1) * self.filters


@dataclass(frozen=True)
class _Pooling2D(_NeedsChannels):
    pool_size: int = whole(2, 2, 14, "Pool size", "Width and height of the square that becomes one value.")

    def problem(self, input_shape: Shape) -> str | None:
        problem = super().problem(input_shape)
        if problem or self.pool_size <= min(input_shape[:2]):
            return problem
        size = self.pool_size
        return (
            f"A {size}×{size} pool does not fit a picture of {format_shape(input_shape[:2])}. "
            "Use a smaller pool, or remove a pooling layer before it."
        )

    def describe(self) -> str:
        return f"{self.pool_size}×{self.pool_size}"

    def output_shape(self, input_shape: Shape) -> Shape:
        return (input_shape[0] // self.pool_size, input_shape[1] // self.pool_size, input_shape[2])


@dataclass(frozen=True)
class MaxPooling2D(_Pooling2D):
    """Keeps the largest value of each square."""

    description = "Keeps the largest value of each square, so that the picture shrinks and patterns may shift a little."


@dataclass(frozen=True)
class AveragePooling2D(_Pooling2D):
    """Keeps the mean of each square."""

    description = "Keeps the average of each square, so that the picture shrinks."


@dataclass(frozen=True)
class GlobalAveragePooling2D(_NeedsChannels):
    """Keeps one mean for each channel."""

    description = "Keeps one average for each channel; a light replacement for Flatten."

    def output_shape(self, input_shape: Shape) -> Shape:
        return (input_shape[2],)


@dataclass(frozen=True)
class Dropout(LayerSpec):
    """Zeroes random values while training."""

    description = "Sets random values to 0 while training, so that no neuron is relied on alone."
    rate: float = number(0.25, 0.0, 0.95, "Rate", "The share of values set to 0, such as 0.25.")


@dataclass(frozen=True)
class BatchNormalization(LayerSpec):
    """Brings each channel to mean 0 and spread 1 over the batch."""

    description = "Brings values to a common scale over each batch, so that training is steadier."

    def count_params(self, input_shape: Shape) -> int:
        return 4 * input_shape[-1]


@dataclass(frozen=True)
class Activation(LayerSpec):
    """An activation as a layer of its own."""

    description = "Applies an activation as a layer of its own, for instance after BatchNormalization."
    activation: str = choice("relu", ACTIVATIONS, "Activation", ACTIVATION_HELP)


LAYERS: dict[str, type[LayerSpec]] = {
    layer.__name__: layer
    for layer in (
        Flatten,
        Dense,
        Conv2D,
        MaxPooling2D,
        AveragePooling2D,
        GlobalAveragePooling2D,
        Dropout,
        BatchNormalization,
        Activation,
    )
}


def layer_from_json(value: Any) -> LayerSpec:
    """Makes a layer from what `LayerSpec.to_json` gives.

    Raises:
        InvalidInput: if the value is not a layer, or one of its settings is missing, unknown or not allowed.
    """
    kind = value.get("layer") if isinstance(value, dict) else value
    if not isinstance(value, dict) or not isinstance(kind, str) or kind not in LAYERS:
        raise InvalidInput(f"Layer: {str(kind)[:40]!r} is not known. Choose one of {', '.join(LAYERS)}.")
    layer = LAYERS[kind]
    settings = {name: setting for name, setting in value.items() if name != "layer"}
    unknown = settings.keys() - limits_of(layer).keys()
    if unknown:
        raise InvalidInput(f"Layer {layer.__name__}: it has no setting {', '.join(sorted(map(str, unknown)))}.")
    try:
        return layer(**settings)
    except InvalidInput as error:
        raise InvalidInput(f"Layer {layer.__name__}: {error}") from None


def format_shape(shape: Shape) -> str:
    """A shape as people write it: 26×26×32, or 784 for a row."""
    return "×".join(str(size) for size in shape)


def _short(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
