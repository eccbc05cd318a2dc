"""Imports TensorFlow and Keras, without the lines about missing graphics cards that they print in doing so.

Every module of the engine takes `keras` and `tf` from here.
"""

import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

NOISE = re.compile(r"All log messages before absl::InitializeLog|\b(port|cudart_stub|cuda_platform)\.cc:\d+\]")


@contextmanager
def _without_noise() -> Iterator[None]:
    """Holds what is written to standard error back, then prints all of it but the lines that match NOISE.

    The lines come from C++ code, before its own log level applies, so only the file descriptor can catch them.
    """
    sys.stderr.flush()
    with tempfile.TemporaryFile() as held_back:
        original = os.dup(2)
        os.dup2(held_back.fileno(), 2)
        try:
            yield
        finally:
            sys.stderr.flush()
            os.dup2(original, 2)
            os.close(original)
            held_back.seek(0)
            kept = [line for line in held_back if not NOISE.search(line.decode(errors="replace"))]
            os.write(2, b"".join(kept))


with _without_noise():
    import keras
    import tensorflow as tf

    tf.config.list_physical_devices()  # looks for graphics cards now rather than at the first operation

__all__ = ["keras", "tf"]
