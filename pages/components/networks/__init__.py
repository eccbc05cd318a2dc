"""Layers to see and to edit, and their Keras code."""
