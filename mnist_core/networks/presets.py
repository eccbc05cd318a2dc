"""The named architectures of the course notes, as data."""

from mnist_core import NUM_CLASSES
from mnist_core.errors import InvalidInput
from mnist_core.networks.layers import BatchNormalization, Conv2D, Dense, Dropout, Flatten, LayerSpec, MaxPooling2D
from mnist_core.networks.spec import ModelSpec


def _dense_stack(*units: int) -> tuple[LayerSpec, ...]:
    hidden = (Dense(size, "relu") for size in units)
    return (Flatten(), *hidden, Dense(NUM_CLASSES, "softmax"))


PRESETS = {
    spec.name: spec
    for spec in (
        ModelSpec(
            "softmax",
            _dense_stack(),
            "The smallest network there is: one weight from each pixel to each digit. A line to measure others by.",
            "Softmax (multinomial logistic) regression, the first model of the course notes.",
        ),
        ModelSpec(
            "dense_100",
            _dense_stack(100),
            "One hidden layer of 100 neurons: shows how much a single hidden layer adds to softmax.",
            "The course notes' step from logistic regression to a neural network.",
        ),
        ModelSpec(
            "fc",
            _dense_stack(128, 32),
            "Two hidden layers: quick to train and about 98 % right, so a good first experiment.",
            "The course notes' fully connected network for MNIST.",
        ),
        ModelSpec(
            "fc_deep",
            _dense_stack(128, 64, 32, 16),
            "Four hidden layers, each half the one before: shows that deeper is not always better.",
            "The course notes' deeper variant of the fully connected network.",
        ),
        ModelSpec(
            "dense_512",
            _dense_stack(512),
            "One wide hidden layer: learns the training pictures almost by heart, so good for seeing overfitting.",
            "The classic first example of the Keras documentation, and the notes' widest single layer.",
        ),
        ModelSpec(
            "dense_128",
            _dense_stack(128),
            "One hidden layer of 128 neurons, meant for clothes: the usual start on Fashion-MNIST.",
            "TensorFlow's basic classification tutorial, followed in the course notes.",
        ),
        ModelSpec(
            "cnn",
            (
                Conv2D(32, 3, "valid", "relu"),
                MaxPooling2D(2),
                Conv2D(64, 3, "valid", "relu"),
                MaxPooling2D(2),
                Flatten(),
                Dense(64, "relu"),
                Dense(NUM_CLASSES, "softmax"),
            ),
            "Looks for small patterns anywhere in the picture, so it reads drawings much better than dense networks.",
            "The course notes' convolutional network, after LeNet-5 (LeCun et al., 1998).",
        ),
        ModelSpec(
            "cnn_wide",
            (
                Conv2D(64, 3, "valid", "relu"),
                Conv2D(128, 3, "same", "relu"),
                MaxPooling2D(2),
                Conv2D(256, 3, "same", "relu"),
                MaxPooling2D(2),
                Flatten(),
                Dense(NUM_CLASSES, "softmax"),
            ),
            "Three wide convolutions: the most accurate here and by far the slowest, minutes for an epoch.",
            "The course notes' large network, written with Keras's functional API.",
            style="functional",
        ),
        ModelSpec(
            "digits",
            (
                Conv2D(32, 3, "valid", "relu"),
                BatchNormalization(),
                Conv2D(32, 3, "valid", "relu"),
                BatchNormalization(),
                MaxPooling2D(2),
                Conv2D(64, 3, "valid", "relu"),
                BatchNormalization(),
                Conv2D(64, 3, "valid", "relu"),
                BatchNormalization(),
                MaxPooling2D(2),
                Conv2D(128, 3, "same", "relu"),
                BatchNormalization(),
                Flatten(),
                Dense(128, "relu"),
                Dropout(0.4),
                Dense(NUM_CLASSES, "softmax"),
            ),
            "Five convolutions, made to read what people draw: train it with drawings and strong augmentation.",
            "A small network in the style of VGG (Simonyan and Zisserman, 2014), with batch normalisation.",
        ),
    )
}


DEFAULT_PRESET = "fc"
"""What the page and the command line train where nothing else is chosen."""


def preset(name: str) -> ModelSpec:
    """Looks an architecture up by name.

    Raises:
        InvalidInput: if no preset has this name.
    """
    if name not in PRESETS:
        raise InvalidInput(f"Preset: {name!r} is not known. Choose one of {', '.join(PRESETS)}.")
    return PRESETS[name]
