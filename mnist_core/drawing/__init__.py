"""From ink on a canvas or on paper to the 28×28 pixels that a network sees."""

from mnist_core.drawing.preprocessing import Prepared, prepare

__all__ = ["Prepared", "prepare"]
