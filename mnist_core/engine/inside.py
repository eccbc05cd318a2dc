"""Looking inside a network: what each of its layers makes of one picture, and how a value of it came about."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_core import IMAGE_SHAPE
from mnist_core.engine.backend import keras, tf
from mnist_core.networks.columns import Column, columns_of

Values = NDArray[np.float32]

NUM_SHOWN = 5
"""Products that are named of a sum of many."""

NUM_CHANNELS = 3
"""Channels of a convolution's input whose patches are shown, those that add most."""

MAX_HIDDEN = 4096
"""Values of the last hidden layer that the map is drawn from; a Dense layer has no more."""


@dataclass(frozen=True)
class Look:
    """What a network makes of one picture.

    Attributes:
        image: The picture, float32, shape (28, 28), in [0, 1].
        outputs: What each layer puts out, float32, in the shapes of the layers without the batch.
    """

    image: Values
    outputs: tuple[Values, ...]

    @property
    def probabilities(self) -> Values:
        """Of each class, float32, shape (10,), as the network itself gives them."""
        return self.outputs[-1]


class Inside:
    """A network whose every value can be seen.

    Args:
        model: A Keras model of layers in one row.

    Attributes:
        layers: Its layers, without the input.
        columns: How they are shown.
    """

    def __init__(self, model: keras.Model) -> None:
        self.model = model
        self.layers = [layer for layer in model.layers if not isinstance(layer, keras.layers.InputLayer)]
        self.columns: tuple[Column, ...] = columns_of([type(layer).__name__ for layer in self.layers])
        self._input_shape = tuple(model.input_shape[1:])
        whole = keras.Model(model.inputs, [layer.output for layer in self.layers])

        @tf.function(input_signature=[tf.TensorSpec((None, *IMAGE_SHAPE), tf.float32)], autograph=False)
        def forward(images: tf.Tensor) -> list[tf.Tensor]:
            outputs = whole(tf.reshape(images, (-1, *self._input_shape)), training=False)
            return [tf.cast(output, tf.float32) for output in (outputs if isinstance(outputs, list) else [outputs])]

        self._forward = forward
        self._forward(tf.zeros((1, *IMAGE_SHAPE)))

    def look(self, image: Values) -> Look:
        """What every layer makes of a picture, float32, shape (28, 28), in [0, 1]."""
        return Look(image, tuple(output[0].numpy() for output in self._forward(image[None])))

    def last_hidden(self, look: Look) -> Values:
        """What the last column but one puts out, as one row, float32 (D,); the picture itself where there is none.

        Of maps with more than `MAX_HIDDEN` values the mean of each.
        """
        values = look.outputs[self.columns[-2].last] if len(self.columns) > 1 else look.image
        if values.ndim == 3 and values.size > MAX_HIDDEN:
            values = values.mean(axis=(0, 1))
        return values.reshape(-1)

    def last_hidden_and_answers(self, images: Values) -> tuple[Values, Values]:
        """The same for pictures, float32 (N, 28, 28), as float32 (N, D), with their probabilities, float32 (N, 10)."""
        outputs = self._forward(images)
        hidden = outputs[self.columns[-2].last] if len(self.columns) > 1 else tf.convert_to_tensor(images)
        if len(hidden.shape) == 4 and np.prod(hidden.shape[1:]) > MAX_HIDDEN:
            hidden = tf.reduce_mean(hidden, axis=(1, 2))
        return tf.reshape(hidden, (len(images), -1)).numpy(), outputs[-1].numpy()

    def explain(self, look: Look, column: int, place: Sequence[int]) -> list[dict[str, Any]]:
        """How one value came about, step by step; the value of the last step is the one that is shown.

        Args:
            look: What the network makes of the picture.
            column: Which of `columns`.
            place: The value's place in the column's output: row, column and channel, or the neuron.

        Returns:
            A step for each of the column's layers that has a say in it, as plain JSON values: "kind" and "layer" (its
            Keras name), the numbers that go in, and "value", what comes out.

        Raises:
            IndexError: if there is no such column or place.
        """
        chosen = self.columns[column]
        shape = look.outputs[chosen.last].shape
        if len(place) != len(shape) or not all(0 <= index < size for index, size in zip(place, shape, strict=True)):
            raise IndexError(f"no value at {tuple(place)} of {shape}")
        steps: list[dict[str, Any]] = []
        for number in range(chosen.first, chosen.last + 1):
            layer = self.layers[number]
            before = look.outputs[number - 1] if number else look.image.reshape(self._input_shape)
            after = look.outputs[number]
            at = tuple(place)
            if len(at) != after.ndim:  # laid out in one row by a Flatten of this column, where no later layer needs it
                at = tuple(int(index) for index in np.unravel_index(place[0], after.shape))
            explain = _EXPLAIN.get(type(layer).__name__)
            if explain:
                made = explain(layer, before, after, at)
                steps += [{"layer": layer.name, **step} for step in made]
        return steps

    def field(self, column: int, place: Sequence[int]) -> tuple[int, int, int, int] | None:
        """Which pixels a value can see: top, left, bottom and right, the last two just outside; None for all of them.

        Args:
            column: Which of `columns`.
            place: The value's place there.
        """
        if len(place) < 3:
            return None
        top, left = place[0], place[1]
        bottom, right = top + 1, left + 1
        for layer in reversed(self.layers[: self.columns[column].last + 1]):
            kind = type(layer).__name__
            if kind == "Conv2D":
                size = layer.kernel_size[0]
                border = (size - 1) // 2 if layer.padding == "same" else 0
                top, left = top - border, left - border
                bottom, right = bottom - border + size - 1, right - border + size - 1
            elif kind in ("MaxPooling2D", "AveragePooling2D"):
                size = layer.pool_size[0]
                top, left, bottom, right = top * size, left * size, bottom * size, right * size
        height, width = IMAGE_SHAPE
        return max(top, 0), max(left, 0), min(bottom, height), min(right, width)

    def weights(self) -> list[tuple[str, Values]]:
        """The weights that can be looked at as pictures: kernels and matrices, each with its layer's name."""
        return [
            (layer.name, np.asarray(layer.kernel, np.float32))
            for layer in self.layers
            if isinstance(layer, keras.layers.Conv2D | keras.layers.Dense)
        ]


def _activate(name: str, values: Values) -> Values:
    activated: Values = np.asarray(keras.activations.get(name)(tf.constant(values[None], tf.float32)))[0]
    return activated


def activation_name(layer: Any) -> str:
    """A layer's activation in Keras's words; "linear" where it has none."""
    return str(getattr(getattr(layer, "activation", None), "__name__", "linear"))


def _after_sum(layer: Any, sums: Values, place: int) -> list[dict[str, Any]]:
    """The steps from the sums of a layer's neurons, or of the one that is asked about, to its value."""
    name = activation_name(layer)
    if name == "softmax":
        return [_softmax(sums, place)]
    if name == "linear":
        return []
    before = sums[place : place + 1]
    return [_number_step("activation", float(before[0]), float(_activate(name, before)[0]), activation=name)]


def _softmax(sums: Values, place: int) -> dict[str, Any]:
    shifted = np.exp(sums - sums.max())
    total = float(shifted.sum())
    return {
        "kind": "softmax",
        "sums": sums.tolist(),
        "largest": float(sums.max()),
        "exponentials": shifted.tolist(),
        "total": total,
        "place": place,
        "value": float(shifted[place]) / total,
    }


def _number_step(kind: str, before: float, value: float, **more: Any) -> dict[str, Any]:
    return {"kind": kind, "input": before, "value": value, **more}


def _explain_convolution(layer: Any, before: Values, after: Values, place: tuple[int, ...]) -> list[dict[str, Any]]:
    row, column, channel = place
    kernel = np.asarray(layer.kernel, np.float32)[..., channel]  # (k, k, channels)
    size = kernel.shape[0]
    border = (size - 1) // 2 if layer.padding == "same" else 0
    padded = np.pad(before, ((border, size), (border, size), (0, 0)))
    patch = padded[row : row + size, column : column + size]
    products = patch * kernel
    sums = products.sum(axis=(0, 1))
    bias = float(np.asarray(layer.bias)[channel]) if layer.use_bias else 0.0
    total = float(products.sum(dtype=np.float64)) + bias
    largest = np.argsort(-np.abs(sums), kind="stable")[:NUM_CHANNELS]
    step = {
        "kind": "convolution",
        "size": size,
        "at": [row - border, column - border],
        "channels": [
            {
                "channel": int(index),
                "patch": patch[..., index].tolist(),
                "kernel": kernel[..., index].tolist(),
                "sum": float(sums[index]),
            }
            for index in largest
        ],
        "numChannels": len(sums),
        "others": float(sums.sum(dtype=np.float64) - sums[largest].sum(dtype=np.float64)),
        "bias": bias,
        "value": total,
    }
    name = activation_name(layer)
    if name == "softmax":
        everything = np.tensordot(padded[row : row + size, column : column + size], np.asarray(layer.kernel), 3)
        return [step, _softmax((everything + np.asarray(layer.bias)).astype(np.float32), channel)]
    return [step, *_after_sum(layer, np.array([total], np.float32), 0)]


def _explain_dense(layer: Any, before: Values, after: Values, place: tuple[int, ...]) -> list[dict[str, Any]]:
    (neuron,) = place
    inputs = before.reshape(-1)
    weights = np.asarray(layer.kernel, np.float32)
    products = inputs * weights[:, neuron]
    bias = np.asarray(layer.bias, np.float32) if layer.use_bias else np.zeros(weights.shape[1], np.float32)
    order = np.argsort(products, kind="stable")

    def named(places: NDArray[np.int64]) -> list[dict[str, Any]]:
        return [
            {
                "place": int(i),
                "input": float(inputs[i]),
                "weight": float(weights[i, neuron]),
                "product": float(products[i]),
            }
            for i in places
        ]

    total = float(products.sum(dtype=np.float64) + bias[neuron])
    step = {
        "kind": "dense",
        "numInputs": len(inputs),
        "for": named(order[::-1][:NUM_SHOWN][products[order[::-1][:NUM_SHOWN]] > 0]),
        "against": named(order[:NUM_SHOWN][products[order[:NUM_SHOWN]] < 0]),
        "positive": float(products[products > 0].sum(dtype=np.float64)),
        "negative": float(products[products < 0].sum(dtype=np.float64)),
        "bias": float(bias[neuron]),
        "weights": weights[:, neuron].tolist(),
        "products": products.tolist(),
        "value": total,
    }
    sums = (inputs @ weights + bias).astype(np.float32) if activation_name(layer) == "softmax" else None
    if sums is not None:
        return [step, _softmax(sums, neuron)]
    return [step, *_after_sum(layer, np.array([total], np.float32), 0)]


def _explain_pooling(layer: Any, before: Values, after: Values, place: tuple[int, ...]) -> list[dict[str, Any]]:
    row, column, channel = place
    size = layer.pool_size[0]
    window = before[row * size : (row + 1) * size, column * size : (column + 1) * size, channel]
    is_max = "Max" in type(layer).__name__
    return [
        {
            "kind": "pooling",
            "at": [row * size, column * size],
            "window": window.tolist(),
            "chosen": [int(i) for i in np.unravel_index(window.argmax(), window.shape)] if is_max else None,
            "value": float(window.max() if is_max else window.mean()),
        }
    ]


def _explain_mean(layer: Any, before: Values, after: Values, place: tuple[int, ...]) -> list[dict[str, Any]]:
    field = before[..., place[0]]
    return [{"kind": "mean", "size": list(field.shape), "sum": float(field.sum()), "value": float(field.mean())}]


def _explain_normalisation(layer: Any, before: Values, after: Values, place: tuple[int, ...]) -> list[dict[str, Any]]:
    channel = place[-1]

    def of(weight: Any, otherwise: float) -> float:
        return otherwise if weight is None else float(np.asarray(weight)[channel])

    mean, variance = of(layer.moving_mean, 0.0), of(layer.moving_variance, 1.0)
    gamma, beta = of(layer.gamma, 1.0), of(layer.beta, 0.0)
    value = float(before[place])
    out = gamma * (value - mean) / math.sqrt(variance + layer.epsilon) + beta
    numbers = {"mean": mean, "variance": variance, "epsilon": layer.epsilon, "gamma": gamma, "beta": beta}
    return [_number_step("normalisation", value, out, **numbers)]


def _explain_activation(layer: Any, before: Values, after: Values, place: tuple[int, ...]) -> list[dict[str, Any]]:
    name = activation_name(layer)
    if name == "softmax":
        return [_softmax(before[place[:-1]], place[-1])]
    value = before[place]
    return [_number_step("activation", float(value), float(_activate(name, value[None])[0]), activation=name)]


def _explain_dropout(layer: Any, before: Values, after: Values, place: tuple[int, ...]) -> list[dict[str, Any]]:
    return [_number_step("dropout", float(before[place]), float(before[place]), rate=float(layer.rate))]


def _explain_rescaling(layer: Any, before: Values, after: Values, place: tuple[int, ...]) -> list[dict[str, Any]]:
    value = float(before[place])
    scale, offset = float(layer.scale), float(layer.offset)
    return [_number_step("scaling", value, value * scale + offset, scale=scale, offset=offset)]


def _explain_unit(layer: Any, before: Values, after: Values, place: tuple[int, ...]) -> list[dict[str, Any]]:
    line = before[place[0]].reshape(-1)
    length = float(np.sqrt((line.astype(np.float64) ** 2).sum()))
    value = float(before[place])
    return [_number_step("length", value, value / length if length else 0.0, length=length)]


_EXPLAIN = {
    "Conv2D": _explain_convolution,
    "Dense": _explain_dense,
    "MaxPooling2D": _explain_pooling,
    "AveragePooling2D": _explain_pooling,
    "GlobalAveragePooling2D": _explain_mean,
    "BatchNormalization": _explain_normalisation,
    "Activation": _explain_activation,
    "Dropout": _explain_dropout,
    "Rescaling": _explain_rescaling,
    "UnitNormalization": _explain_unit,
}
"""How the value of a layer is explained, by its Keras class; a Flatten changes no value."""
