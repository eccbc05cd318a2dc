"""A canvas, and what is said of the drawing on it."""
