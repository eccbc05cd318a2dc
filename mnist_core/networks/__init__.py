"""Architectures as data: layers, shapes, presets, and your own."""
