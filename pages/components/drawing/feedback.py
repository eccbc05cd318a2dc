"""The question whether an answer was right; the drawing is kept as handwriting if the person wants it to be."""

import streamlit as st

from mnist_core.drawing.strokes import Drawing
from mnist_core.errors import InvalidInput
from mnist_core.server.studio import get_studio
from pages.components.drawing.canvas import DRAW_BOARD
from pages.components.drawing.writer import name_field, writer_name
from pages.components.messages import escape_markdown, show_problem


def ask_whether_right(answer: int | None) -> None:
    """Yes, or the digit that it was; kept under the visitor's name where one is given.

    Args:
        answer: The digit that was read; None where it was taken for no digit, and so cannot be right as one.
    """
    strokes = DRAW_BOARD.strokes()
    if not strokes or st.session_state.get("draw_given") is not None:
        return
    drawing_id = DRAW_BOARD.drawing_id()
    with st.container(horizontal=True, key="draw_feedback", vertical_alignment="center", gap="small"):
        if st.session_state.get("draw_kept") == drawing_id:
            st.caption(f"Kept in the handwriting of {escape_markdown(writer_name())}. Thank you.")
            return
        st.caption("Was it a digit all the same?" if answer is None else "Was this right?", width="content")
        if not writer_name():
            with st.popover("Yes / no", key="draw_feedback_name", help="Keeps this drawing as your handwriting."):
                name_field("Drawings are kept under it, on this server alone, and only when you say so.")
                st.caption("Then your answers keep the drawing as your handwriting. See it on the Handwriting page.")
            return
        if answer is not None:
            st.button(
                "Yes", key="draw_right", icon=":material/check:", on_click=_keep, args=(answer,),
                help="Keeps this drawing in your handwriting with the digit that was read.",
            )  # fmt: skip
        wrong = st.popover(
            "Yes, it was…" if answer is None else "No, it was…",
            key="draw_wrong",
            help="Keeps this drawing with the digit that it is.",
        )
        with wrong, st.container(horizontal=True):
            for digit in range(10):
                st.button(str(digit), key=f"draw_was_{digit}", on_click=_keep, args=(digit,), help=f"It was a {digit}.")
    if problem := st.session_state.pop("handwriting_problem", None):
        show_problem(problem)


def _keep(label: int) -> None:
    state = st.session_state
    try:
        get_studio().drawings.add(writer_name(), Drawing(DRAW_BOARD.strokes(), label, writer_name()))
    except InvalidInput as error:
        state.handwriting_problem = str(error)
    else:
        state.draw_kept = DRAW_BOARD.drawing_id()
