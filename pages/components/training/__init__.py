"""Describing, following and listing runs."""
