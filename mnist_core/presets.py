"""The named architectures, where notebooks and scripts look for them."""

from mnist_core.networks.presets import DEFAULT_PRESET, PRESETS, preset

__all__ = ["DEFAULT_PRESET", "PRESETS", "preset"]
