"""How fast this computer calculates."""

import time
from collections.abc import Callable

from mnist_core.engine.backend import NUM_STREAMS, tf
from mnist_core.engine.streams import for_each

SIZE = 1024
ROUNDS = 7


def matmul_rate() -> float:
    """Floating-point operations a second in products of float32 matrices, on all cores, the best of a few."""
    matrix = tf.random.normal((SIZE, SIZE))
    streams = range(NUM_STREAMS)
    seconds = _seconds(lambda: for_each(lambda _: tf.matmul(matrix, matrix).numpy(), streams))
    return len(streams) * 2 * SIZE**3 / seconds


def bfloat16_gain() -> float:
    """How many times as fast a convolution of pictures is in bfloat16 as in float32, measured one after the other."""
    return _convolution(tf.float32) / _convolution(tf.bfloat16)


def _convolution(dtype: tf.DType) -> float:
    pictures = tf.cast(tf.random.normal((64, 26, 26, 32)), dtype)
    filters = tf.cast(tf.random.normal((3, 3, 32, 64)), dtype)
    return _seconds(lambda: tf.nn.conv2d(pictures, filters, 1, "VALID").numpy())


def _seconds(work: Callable[[], object]) -> float:
    work()
    times = []
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return min(times)
