"""What is known beforehand to teach a network little or nothing: said before a run is started, and not forbidden."""

from mnist_core.networks.layers import Activation, Conv2D, Dense
from mnist_core.training.options import OPTIMIZERS
from mnist_core.training.spec import TrainingSpec

RATE_TIMES = 30
"""A learning rate so many times the optimizer's own seldom settles."""

RAW_RATE = 1e-4
"""Pixels up to 255 make gradients that much larger, for which plain gradient descent needs a rate below this."""

MANY_SIGMOIDS = 3


def cautions(spec: TrainingSpec) -> list[str]:
    """Sentences on what of a run will keep it from learning well, each with what to do instead; none where all is well.

    Args:
        spec: The run.
    """
    hidden = [layer for layer in spec.model.layers[:-1] if isinstance(layer, Dense | Conv2D | Activation)]
    activations = [layer.activation for layer in hidden]
    found = []
    if "softmax" in activations:
        found.append(
            "A softmax between layers makes its values compete and nearly all of them 0: the layers before it learn "
            "little. Use relu there."
        )
    if hidden and set(activations) <= {"linear"}:
        found.append(
            "Without activation functions, several layers can do no more than one. Set relu in all but the last."
        )
    if sum(activation == "sigmoid" for activation in activations) >= MANY_SIGMOIDS:
        found.append(
            "Through so many sigmoids gradients shrink to nearly nothing, so the first layers hardly learn. Use relu."
        )
    usual, rate = OPTIMIZERS[spec.optimizer].learning_rate, spec.learning_rate or 0.0
    if rate > RATE_TIMES * usual:
        found.append(
            f"A learning rate of {rate:g} is {rate / usual:.0f} times what {spec.optimizer} usually has: the loss will "
            "most likely jump about or grow beyond all numbers."
        )
    elif spec.preparation == "raw" and spec.optimizer == "sgd" and rate > RAW_RATE:
        found.append(
            "Raw pixels go up to 255, which makes the first corrections huge: with sgd and a learning rate of "
            f"{rate:g} the run will most likely diverge. Scale the pixels, or take a rate below 0.0001."
        )
    return found
