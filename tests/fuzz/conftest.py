"""The fixtures that strange input is tried with: those of the screens."""

from tests.pages.conftest import engine, studio  # noqa: F401
