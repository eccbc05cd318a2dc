"""Starting processes that leave Ctrl-C to the server."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_interrupts() -> Iterator[None]:
    """Blocks SIGINT in the threads and processes that are started inside, where the system can.

    Ctrl-C in a terminal reaches every process of its group. It is for the server alone, which then ends the others;
    left to themselves they would each print a traceback, as they do on Windows, which has no such mask.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
