"""The optimizers on offer, with the learning rate each starts from in Keras."""

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
