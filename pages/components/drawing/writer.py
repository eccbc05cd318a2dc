"""The name under which a visitor keeps drawings."""

from typing import Literal

import streamlit as st

from mnist_core.errors import InvalidInput
from mnist_core.server.studio import get_studio
from pages.components.messages import show_problem


def writer_name() -> str:
    """Under which name this visitor keeps drawings, or ""."""
    return str(st.session_state.get("handwriting_name") or "").strip()


def name_field(help: str, *, may_be_emptied: bool = False, width: int | Literal["stretch"] = "stretch") -> None:
    """The field for the name, with what is wrong with the last one typed.

    Args:
        help: What the name is for.
        may_be_emptied: Whether no name at all is an answer too.
        width: In pixels.
    """
    st.text_input(
        "Your name or a nickname",
        key="handwriting_name_given",
        value=writer_name(),
        max_chars=40,
        on_change=_take_name,
        args=(may_be_emptied,),
        help=help,
        width=width,
    )
    if problem := st.session_state.pop("handwriting_problem", None):
        show_problem(problem)


def _take_name(may_be_emptied: bool) -> None:
    state = st.session_state
    typed = state.handwriting_name_given
    try:
        if typed.strip() or not may_be_emptied:
            get_studio().drawings.path(typed)
    except InvalidInput as error:
        state.handwriting_problem = str(error)
    else:
        state.handwriting_name = typed.strip()
