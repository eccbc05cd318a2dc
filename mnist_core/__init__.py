"""Everything Digit Studio does, without its pages: data, architectures, training, drawings and runs."""

IMAGE_SIZE = 28
"""Width and height of a picture, in pixels, as MNIST was made."""

IMAGE_SHAPE = (IMAGE_SIZE, IMAGE_SIZE)
NUM_CLASSES = 10
NUM_TRAIN_IMAGES = 60_000
NUM_TEST_IMAGES = 10_000
