"""The view of what happens inside a network."""
