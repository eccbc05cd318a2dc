"""A training run as data: its settings, its pictures, and the Keras script that does the same."""
