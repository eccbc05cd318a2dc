"""A picture in place of a drawing: a file, one that is pasted, or a photograph taken now."""

from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from mnist_core.drawing.image_files import read_picture
from mnist_core.drawing.picture_formats import ENDINGS, KINDS
from mnist_core.errors import InvalidInput
from pages.components.answer import png_of, show_picture
from pages.components.dialogs import Dialog
from pages.components.messages import show_problem
from pages.components.scripted import component
from pages.components.uploads import gives_camera, is_new

MAX_BYTES = 10_000_000
SHOWN_WIDTH, LEAST_WIDTH = 280, 140
"""How wide a picture is shown at most, and at least, in pixels."""

_PASTE = component("paste")


@dataclass(frozen=True)
class PictureInput:
    """The way to give a page a picture, and the picture that it was given.

    Attributes:
        page: What the keys of its elements begin with.
        subject: What the picture shows, such as "one digit".
        several: Whether it may show many digits.
        width: How wide it is shown at most, in pixels.
    """

    page: str
    subject: str
    several: bool = False
    width: int = SHOWN_WIDTH

    def menu(self) -> None:
        """A button that opens a choice of file and camera; a picture that is pasted goes the same way."""
        st.button(
            "Use a picture",
            icon=":material/photo_camera:",
            key=f"{self.page}_picture_menu",
            on_click=self._dialog.open,
            help=f"Reads {self.subject} on paper, from a file or from your camera. You can also paste a picture here.",
        )
        _PASTE(key=f"{self.page}_paste", data={"page": self.page}, height=1)
        self._dialog.show()

    def given(self) -> NDArray[np.uint8] | None:
        """The picture to read instead of the canvas, uint8 (H, W, 4), or None."""
        return st.session_state.get(self._given)

    def show(self) -> None:
        """The picture in the canvas's place, what of the file it is, and the ways to turn it and back to drawing."""
        picture = self.given()
        if picture is None:
            return
        with st.container(key=f"{self.page}_given_picture"):
            note = st.session_state.get(f"{self.page}_given_note") or ""
            caption = f"Your picture; shadows and specks are taken out of a photograph. {note}".strip()
            width = min(self.width, max(picture.shape[1], LEAST_WIDTH))
            show_picture(png_of(picture), width, "Your picture, as ink on white", caption)
        with st.container(horizontal=True):
            st.button(
                "Draw instead",
                key=f"{self.page}_instead",
                icon=":material/draw:",
                on_click=self._back_to_canvas,
                help="Puts the picture away and gives you the canvas back.",
            )
            st.button(
                "Turn",
                key=f"{self.page}_turn",
                icon=":material/rotate_90_degrees_cw:",
                on_click=self._turn,
                help="Turns the picture by a quarter to the right.",
            )

    @property
    def _given(self) -> str:
        return f"{self.page}_given"

    @property
    def _dialog(self) -> Dialog:
        return Dialog(f"{self.page}_choice", "Use a picture", self._choose)

    def _choose(self) -> None:
        """A file or the camera, and what is wrong with the file.

        In a dialog, as a browser shows no film of a camera that lies below the edge of the window.
        """
        problem = st.container()
        has_camera = gives_camera(st.context.url)
        if has_camera and st.toggle(
            "Use the camera", key=f"{self.page}_use_camera", help="Your browser asks for your permission first."
        ):
            hold = f"Hold {self.subject} into the picture"
            file = st.camera_input(hold, key=f"{self.page}_camera", help="Fill half the picture.")
        else:
            file = st.file_uploader(
                f"A picture of {self.subject}, up to 10 MB: choose, drag or paste it",
                type=list(ENDINGS),
                key=f"{self.page}_upload",
                help=f"{KINDS}. Dark ink on light paper, or the other way round. It is only looked at, and not kept.",
            )
            if not has_camera:
                st.caption("On a phone or tablet, choosing a file opens the camera too.")
        if file is not None and is_new(file, f"{self.page}_given_id"):
            with problem:
                self._take(file.getvalue(), file.name)

    def _take(self, content: bytes, name: str) -> None:
        try:
            if len(content) > MAX_BYTES:
                raise InvalidInput(f"{name} is larger than 10 MB. Make it smaller.")
            picture = read_picture(content, name)
        except InvalidInput as error:
            show_problem(error)
            return
        from mnist_core.drawing.photograph import as_drawing  # brings SciPy, which the first page has no need of

        st.session_state[self._given] = as_drawing(picture.pixels, several=self.several)
        st.session_state[f"{self.page}_given_note"] = picture.note
        self._dialog.close()

    def _turn(self) -> None:
        picture = self.given()
        if picture is not None:
            st.session_state[self._given] = np.ascontiguousarray(np.rot90(picture, -1))

    def _back_to_canvas(self) -> None:
        st.session_state[self._given] = None
