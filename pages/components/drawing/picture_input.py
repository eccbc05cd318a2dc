"""A picture in place of a drawing: a file, or a photograph taken now."""

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from mnist_core.drawing.image_files import read_picture
from mnist_core.errors import InvalidInput
from pages.components.dialogs import Dialog
from pages.components.messages import show_problem
from pages.components.uploads import is_new

MAX_BYTES = 10_000_000


def picture_menu() -> None:
    """The way to give a picture: a button that opens a choice of file and camera."""
    st.button(
        "Use a picture",
        icon=":material/photo_camera:",
        key="draw_picture_menu",
        on_click=CHOICE.open,
        help="Reads a digit on paper, from a file or from your camera.",
    )
    CHOICE.show()


def _choose_picture() -> None:
    """A file or the camera, and what is wrong with the file.

    In a dialog, as a browser shows no film of a camera that lies below the edge of the window.
    """
    problem = st.container()
    if st.toggle("Use the camera", key="draw_use_camera", help="Your browser asks for your permission first."):
        file = st.camera_input("Hold the digit into the picture", key="draw_camera", help="Fill half the picture.")
    else:
        file = st.file_uploader(
            "A picture of one digit (PNG or JPEG, up to 10 MB)",
            type=["png", "jpg", "jpeg"],
            key="draw_upload",
            help="Dark ink on light paper, or the other way round. It is only looked at, and not kept.",
        )
    if file is not None and is_new(file, "draw_given_id"):
        with problem:
            _take(file.getvalue(), file.name)


CHOICE = Dialog("draw_choice", "Use a picture", _choose_picture)


def given_picture() -> NDArray[np.uint8] | None:
    """The picture to read instead of the canvas, uint8 (H, W, 4), or None."""
    return st.session_state.get("draw_given")


def show_given(picture: NDArray[np.uint8]) -> None:
    """The picture in the canvas's place, with the way back to drawing."""
    with st.container(key="draw_given_picture"):
        st.image(picture, width=280, caption="Your picture; shadows and specks are taken out of a photograph")
    st.button(
        "Draw instead",
        key="draw_instead",
        icon=":material/draw:",
        on_click=_back_to_canvas,
        help="Puts the picture away and gives you the canvas back.",
    )


def _take(content: bytes, name: str) -> None:
    try:
        if len(content) > MAX_BYTES:
            raise InvalidInput(f"{name} is larger than 10 MB. Make it smaller.")
        picture = read_picture(content, name)
    except InvalidInput as error:
        show_problem(error)
        return
    from mnist_core.drawing.photograph import as_drawing  # brings SciPy, which the first page has no need of

    st.session_state.draw_given = as_drawing(picture)
    CHOICE.close()


def _back_to_canvas() -> None:
    st.session_state.draw_given = None
