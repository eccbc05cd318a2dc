"""Imports TensorFlow and Keras, shares the cores out, and leaves out the lines about missing graphics cards.

Every module of the engine takes `keras` and `tf` from here. By itself TensorFlow cuts each operation into a piece for
each core. Those of small networks are too short for that: the cores wait for one another most of the time. Here an
operation stays on its core where it can, and batches are cut instead, into as many parts as there are streams.
"""

import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

NOISE = re.compile(r"All log messages before absl::InitializeLog|\b(port|cudart_stub|cuda_platform)\.cc:\d+\]")

NUM_CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
NUM_STREAMS = min(NUM_CORES, 4)
"""Parts of a batch that are worked on side by side. More would leave too few pictures in each."""

# What XLA compiles shares its work out by itself; through this interface it does so on threads of its own.
os.environ["TF_XLA_FLAGS"] = f"{os.environ.get('TF_XLA_FLAGS', '')} --tf_xla_use_device_api=true".strip()


@contextmanager
def _without_noise() -> Iterator[None]:
    """Holds what is written to standard error back, then prints all of it but the lines that match NOISE.

    The lines come from C++ code, before its own log level applies, so only the file descriptor can catch them.
    """
    sys.stderr.flush()
    with tempfile.TemporaryFile() as held:
        original = os.dup(2)
        os.dup2(held.fileno(), 2)
        try:
            yield
        finally:
            sys.stderr.flush()
            os.dup2(original, 2)
            os.close(original)
            held.seek(0)
            kept = [line for line in held if not NOISE.search(line.decode(errors="replace"))]
            os.write(2, b"".join(kept))


with _without_noise():
    import keras
    import tensorflow as tf

    tf.config.list_physical_devices()  # looks for graphics cards now rather than at the first operation

tf.config.threading.set_intra_op_parallelism_threads(NUM_CORES // NUM_STREAMS)
tf.config.threading.set_inter_op_parallelism_threads(NUM_CORES)

__all__ = ["NUM_STREAMS", "keras", "tf"]
