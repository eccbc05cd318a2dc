"""What a run can be trained with: optimizers, schedules, input scalings, labels and precisions."""

from dataclasses import dataclass


@dataclass(frozen=True)
class OptimizerInfo:
    """An optimizer without its code.

    Attributes:
        name: Keras's identifier, in lower case.
        keras_class: The class's name in `keras.optimizers`.
        learning_rate: Keras's default.
        description: One sentence on how it works.
        takes_momentum: Whether a run's momentum applies to it.
    """

    name: str
    keras_class: str
    learning_rate: float
    description: str
    takes_momentum: bool = False


OPTIMIZERS = {
    info.name: info
    for info in (
        OptimizerInfo("adam", "Adam", 0.001, "Adapts the step of each weight; a good first choice."),
        OptimizerInfo("sgd", "SGD", 0.01, "Plain gradient descent: every weight takes the same step size.", True),
        OptimizerInfo("rmsprop", "RMSprop", 0.001, "Divides each step by the recent size of its gradients."),
        OptimizerInfo("adamax", "Adamax", 0.001, "Adam measured by the largest recent gradient; calmer."),
        OptimizerInfo("adamw", "AdamW", 0.001, "Adam that also pulls all weights a little towards 0."),
        OptimizerInfo("nadam", "Nadam", 0.001, "Adam that looks one step ahead."),
    )
}

SCHEDULES = {
    "constant": "constant",
    "cosine": "falling (cosine)",
}
"""How the learning rate goes over the epochs, with the names people read."""


@dataclass(frozen=True)
class InputScalingInfo:
    """One way to prepare pixels.

    Attributes:
        name: The name used in code and in saved runs.
        title: The name people read.
        description: One sentence on what it does and when to choose it.
        keras_layer: The Keras layer that does it inside the model, with its arguments; None for no layer.
        code: The line of a plain Keras script that does the same to the pixels in the array `{x}`.
    """

    name: str
    title: str
    description: str
    keras_layer: tuple[str, dict[str, float]] | None
    code: str


INPUT_SCALINGS = {
    info.name: info
    for info in (
        InputScalingInfo(
            "scale",
            "Scaled to 0–1",
            "Divides every pixel by 255. The usual choice: small numbers of one size keep the corrections steady.",
            None,
            '{x} = {x}.astype("float32") / 255',
        ),
        InputScalingInfo(
            "l2",
            "L2-normalised",
            "Gives each row of pixels length 1, as keras.utils.normalize does. Faint and bold writing become alike.",
            ("UnitNormalization", {"axis": 2}),  # axis 0 is the batch, 1 the rows, 2 the pixels of a row
            "{x} = keras.utils.normalize({x}, axis=2)",
        ),
        InputScalingInfo(
            "raw",
            "As they are, 0–255",
            "Leaves the pixels as they are, to see why not: large inputs make the first corrections far too large.",
            ("Rescaling", {"scale": 255.0}),
            '{x} = {x}.astype("float32")',
        ),
    )
}


@dataclass(frozen=True)
class LabelsInfo:
    """One way to write labels down.

    Attributes:
        name: The name used in code and in saved runs.
        title: The name people read.
        loss: Keras's identifier of the loss that goes with it.
        description: One sentence on what changes.
    """

    name: str
    title: str
    loss: str
    description: str


LABELS = {
    info.name: info
    for info in (
        LabelsInfo(
            "integers",
            "integers (7)",
            "sparse_categorical_crossentropy",
            "Labels stay the numbers 0 to 9; the loss looks up the probability at that place.",
        ),
        LabelsInfo(
            "one_hot",
            "one-hot (0000000100)",
            "categorical_crossentropy",
            "Each label becomes ten numbers, one of them 1. The loss is the same figure, so results need not change.",
        ),
    )
}


@dataclass(frozen=True)
class PrecisionInfo:
    """One way to calculate.

    Attributes:
        name: The name used in code and in saved runs.
        title: The name people read.
        policy: Keras's dtype policy.
        description: One sentence on what it does.
    """

    name: str
    title: str
    policy: str
    description: str


PRECISIONS = {
    info.name: info
    for info in (
        PrecisionInfo(
            "float32",
            "full (float32)",
            "float32",
            "Calculates with seven digits, as everybody does unless told otherwise.",
        ),
        PrecisionInfo(
            "bfloat16",
            "reduced (bfloat16)",
            "mixed_bfloat16",
            "Calculates with three digits and keeps weights with seven: faster, but only where the processor is made "
            "for it, and good enough for learning.",
        ),
    )
}
