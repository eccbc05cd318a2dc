"""Asking a trained model what it sees, fast enough to follow a pen."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mnist_core import IMAGE_SHAPE, NUM_CLASSES
from mnist_core.engine.backend import tf
from mnist_core.engine.build import load_model
from mnist_core.engine.streams import for_each
from mnist_core.evaluation.calibration import apply_temperature, is_rejected, read_calibration
from mnist_core.paths import MODEL_FILE

PREDICTION_BATCH = 250


class Predictor:
    """A loaded model that answers in about a millisecond.

    `keras.Model.predict` takes over a hundred milliseconds for one picture, nearly all of it preparation. The same
    model in a `tf.function` of fixed signature prepares once.

    Args:
        path: A `.keras` file.

    Raises:
        InvalidInput: if the file cannot be used; see `load_model`.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.model = load_model(path, compile=False)  # the optimizer takes three times the room
        # It belongs to the run's model, not to another file that somebody put beside it.
        self.calibration = read_calibration(self.path.parent) if self.path.name == MODEL_FILE else None
        shape = self.model.input_shape[1:]

        @tf.function(input_signature=[tf.TensorSpec((None, *IMAGE_SHAPE), tf.float32)], autograph=False)
        def forward(images: tf.Tensor) -> tf.Tensor:
            return self.model(tf.reshape(images, (-1, *shape)), training=False)

        self._forward = forward
        self.predict(np.zeros((1, *IMAGE_SHAPE), np.float32))  # traces the function now, not at the first drawing

    def predict(self, images: NDArray[np.float32], *, calibrated: bool = True) -> NDArray[np.float32]:
        """Gives the probability of each class for each picture.

        Args:
            images: float32, shape (N, 28, 28), in [0, 1], white ink on black. How the model was normalised in
                training is its own affair: the layers that do it are inside the model.
            calibrated: Whether the temperature kept beside the model is applied, if there is one.

        Returns:
            float32, shape (N, 10), each row summing to 1.
        """
        images = np.asarray(images, np.float32)
        if images.ndim != 3 or images.shape[1:] != IMAGE_SHAPE:
            raise ValueError(f"pictures have shape (N, 28, 28), not {images.shape}")
        if not len(images):
            return np.zeros((0, NUM_CLASSES), np.float32)
        batches = [images[i : i + PREDICTION_BATCH] for i in range(0, len(images), PREDICTION_BATCH)]
        raw = np.concatenate(for_each(lambda batch: self._forward(batch).numpy(), batches))
        return apply_temperature(raw, self.calibration.temperature) if calibrated and self.calibration else raw

    def accepts(self, probabilities: NDArray[np.float32]) -> NDArray[np.bool_]:
        """Which of its answers, float32 (N, 10), it stands by, bool (N,): all, where the model is not calibrated."""
        return np.array([not is_rejected(self.calibration, row.max()) for row in probabilities], bool)
