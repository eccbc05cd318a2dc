"""How long training will take on this computer: from a run that was the same, or from the work and a measured speed."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import prod

from mnist_core.networks.layers import BatchNormalization
from mnist_core.networks.spec import ModelSpec
from mnist_core.runs.run import Run
from mnist_core.training.augmentation import AUGMENTATIONS
from mnist_core.training.spec import TrainingSpec
from mnist_core.training.training_set import num_training_images

# Fitted to the presets' epochs, measured on two cores; the rate of matrix products carries them to other computers.
SHARE_OF_RATE = 1.1
SECONDS_PER_VALUE = 1.2e-9
"""Writing a value of a layer's output, reading it in the next layer, and the same on the way back."""
SECONDS_PER_NORMALIZED_VALUE = 7e-9
"""What batch normalisation writes; it needs the whole batch, so that nothing is worked on side by side."""
SECONDS_PER_PARAM = 0.7e-9
SECONDS_PER_STEP = 6e-5
SECONDS_PER_VARIED_IMAGE = 3e-5
SECONDS_PER_VARIED_STEP = 3e-4
"""A step of dense layers that varies its pictures is not compiled whole with the others."""

EPOCH_WORK = (
    "batch_size",
    "optimizer",
    "precision",
    "validation_split",
    "augmentation",
    "non_digits",
    "dataset_share",
    "drawings",
)
"""What an epoch's time depends on besides the layers: fields of `TrainingSpec`."""


@dataclass(frozen=True)
class Speed:
    """How fast this computer calculates.

    Attributes:
        matmul_flops: Floating-point operations a second in a product of two large float32 matrices.
        bfloat16_gain: How many times as fast a convolution is in bfloat16 as in float32.
    """

    matmul_flops: float
    bfloat16_gain: float


def training_flops(model: ModelSpec) -> int:
    """Floating-point operations to train on one picture: forward, and twice as many backward.

    The first layer with weights passes nothing on to the picture, which saves a third of its own.
    """
    products = [row.layer.count_macs(row.input_shape) for row in model.rows() if row.input_shape]
    first = next((count for count in products if count), 0)
    return 6 * sum(products) - 2 * first


def estimate_epoch(spec: TrainingSpec, speed: Speed, num_drawings: int = 0) -> float:
    """Seconds of one epoch, to within about a third, from the work there is and the speed of the computer.

    Args:
        spec: The run.
        speed: Of this computer.
        num_drawings: Labelled drawings in the run's drawings file.
    """
    num_images = num_training_images(spec, num_drawings)
    # Values of pictures cross the memory; those of dense layers stay in the processor.
    shapes = [(row.layer, row.output_shape) for row in spec.model.rows()]
    written = [(layer, prod(shape)) for layer, shape in shapes if shape and len(shape) == 3]
    values = sum(count for _, count in written)
    normalized = sum(count for layer, count in written if isinstance(layer, BatchNormalization))
    per_image = training_flops(spec.model) / (SHARE_OF_RATE * speed.matmul_flops)
    per_image += values * SECONDS_PER_VALUE + normalized * SECONDS_PER_NORMALIZED_VALUE
    per_step = spec.model.num_params * SECONDS_PER_PARAM + SECONDS_PER_STEP
    if not AUGMENTATIONS[spec.augmentation].is_none:
        per_image += SECONDS_PER_VARIED_IMAGE
        per_step += 0 if values else SECONDS_PER_VARIED_STEP
    return num_images * per_image + num_images / spec.batch_size * per_step


def measured_epoch(spec: TrainingSpec, runs: Iterable[Run]) -> float | None:
    """Seconds of one epoch in the newest run of the same work, or None if there was none."""
    wanted = _work(spec)
    for run in runs:
        epochs, seconds = run.result.get("epochs"), run.result.get("seconds")
        if run.status == "finished" and epochs and seconds and _work(run.spec) == wanted:
            return float(seconds) / int(epochs)
    return None


def _work(spec: TrainingSpec) -> tuple[object, ...]:
    return (spec.model.layers, *(getattr(spec, name) for name in EPOCH_WORK))
