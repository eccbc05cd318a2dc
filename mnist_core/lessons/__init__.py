"""Guided experiments."""
