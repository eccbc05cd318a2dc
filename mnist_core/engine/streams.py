"""Working on the parts of a batch side by side, one on each core."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from mnist_core.engine.backend import NUM_STREAMS, tf

Item = TypeVar("Item")
Result = TypeVar("Result")


def split(batch: tf.Tensor, num_parts: int) -> list[tf.Tensor]:
    """Cuts a batch of known size into parts of about the same size, or into fewer where there are not enough rows.

    What a `tf.function` does to each part, it does side by side.
    """
    num_rows = batch.shape[0]
    num_parts = min(num_parts, num_rows)
    parts: list[Any] = tf.split(batch, [num_rows // num_parts + (i < num_rows % num_parts) for i in range(num_parts)])
    return parts


def for_each(function: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    """Calls a function that TensorFlow does the work of with each item, side by side, and returns what it returned."""
    if len(items) < 2:
        return [function(item) for item in items]
    with ThreadPoolExecutor(NUM_STREAMS) as pool:
        return list(pool.map(function, items))
