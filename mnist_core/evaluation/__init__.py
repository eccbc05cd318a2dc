"""How good and how honest a model is."""
