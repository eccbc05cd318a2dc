"""Sentences on a page, shown as they are."""

from collections.abc import Callable

import streamlit as st

from mnist_core.errors import InvalidInput

MARKDOWN = set("\\`*_{}[]()#+-.!|<>~$:&")


def escape_markdown(text: str) -> str:
    """A text with nothing in it that Markdown would take as an order, such as a name that people chose."""
    return "".join(f"\\{character}" if character in MARKDOWN else character for character in text)


def show_problem(problem: object) -> None:
    """Says what is wrong, in the words of an `InvalidInput` or of a sentence."""
    st.error(escape_markdown(str(problem)), icon=":material/error:")


def attempt(key: str, action: Callable[..., object], *values: object) -> None:
    """Does what a button stands for, for its `on_click`; why it cannot be done is kept for `show_kept_problem`."""
    try:
        action(*values)
    except InvalidInput as error:
        st.session_state[key] = str(error)


def show_kept_problem(key: str) -> None:
    """Says once why the last `attempt` under this key was refused."""
    if problem := st.session_state.pop(key, None):
        show_problem(problem)
