"""Dialogs that stay until their user closes them, whatever ends on the page behind them."""

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st


@dataclass(frozen=True)
class Dialog:
    """A dialog of a page; every run of the page calls `show()`, as Streamlit closes what is not shown again.

    Attributes:
        key: Where the session remembers that it is open.
        title: What stands above it.
        content: Fills it; gets what was given to `open()`.
    """

    key: str
    title: str
    content: Callable[..., None]

    def open(self, *about: str) -> None:
        """Opens it at the next run of the page; for a button's `on_click`."""
        st.session_state[self.key] = about

    def show(self) -> None:
        """Shows it where it is open."""
        if (about := st.session_state.get(self.key)) is not None:
            st.dialog(self.title, on_dismiss=self._forget)(self.content)(*about)

    def close(self) -> None:
        """Closes it and runs the page again; for what stands in it."""
        self._forget()
        st.rerun()

    def _forget(self) -> None:
        st.session_state.pop(self.key, None)
