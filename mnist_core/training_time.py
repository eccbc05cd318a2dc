"""How long training will take on this computer: from a run that was the same, or from the work and a measured speed."""

from mnist_core.runs.training_time import Speed


def measure_speed() -> Speed:
    """Measures this computer, in about a second; runs where TensorFlow may be imported."""
    from mnist_core.engine.speed import bfloat16_gain, matrix_product_rate

    return Speed(matrix_product_rate(), bfloat16_gain())
