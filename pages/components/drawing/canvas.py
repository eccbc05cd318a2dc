"""Canvases to draw on, each with undo and clear, that keep what is drawn while other pages are open."""

import contextlib
import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from streamlit_drawable_canvas import CanvasResult, st_canvas

from mnist_core.drawing.image_files import CANVAS_UNREADABLE, read_canvas
from mnist_core.drawing.inking import ink, ink_again
from mnist_core.drawing.strokes import (
    CANVAS_SIZE,
    Stroke,
    canvas_objects,
    objects_of_canvas,
    strokes_of_canvas,
)
from mnist_core.errors import InvalidInput
from mnist_core.files import read_json
from pages.components.drafts import keep_draft
from pages.components.drawing.live import Reader, drawing_name, follow_pen
from pages.components.messages import show_problem

PAPER = "#ffffff"
INK = "#101418"
BRUSHES = (6, 40)
DEFAULT_BRUSH = 20
MAX_OUTDATED = 16
"""So many drawings that a canvas held before it was filled anew are told apart from new ones."""


@dataclass(frozen=True)
class Board:
    """One canvas; its state lies in the session under its name.

    Attributes:
        name: What its elements' keys begin with.
        width: In pixels.
        height: In pixels.
    """

    name: str
    width: int = CANVAS_SIZE
    height: int = CANVAS_SIZE

    @property
    def _key(self) -> str:
        """The canvas's key in this session."""
        return f"{self.name}_board{self._get('canvas') or ''}"

    def keep(self) -> None:
        """Puts the last drawing back on the canvas; called once whenever the whole page runs.

        The component forgets its strokes when another page has been open; the session does not.
        """
        if self._get("strokes") and self._key not in st.session_state:
            self.put(self._get("strokes"))

    def show(self, brush: int | None = None, about: str = "", reader: Reader | None = None) -> NDArray[np.uint8] | None:
        """Shows the canvas with its buttons.

        Args:
            brush: Width of strokes still to come, in pixels; by default that of the Draw page.
            about: What the drawing belongs to; see `keep_draft`.
            reader: Who reads it while it is drawn; by default nobody.

        Returns:
            What is drawn, uint8 of shape (height, width, 4), or None before the first stroke.
        """
        brush = brush or st.session_state.get("draw_brush", DEFAULT_BRUSH)
        with st.container(key=f"{self.name}_canvas"):
            result = st_canvas(
                stroke_width=brush,
                stroke_color=INK,
                background_color=PAPER,
                width=self.width,
                height=self.height,
                initial_drawing=self._get("on_canvas"),
                return_image_data=True,
                key=self._key,
            )
        self._take(result)
        with st.container(horizontal=True, key=f"{self.name}_buttons"):
            # Never greyed out: they act in the browser, before the server knows that there is anything to undo.
            for word, icon, act in (
                ("Undo", "undo", self._undo),
                ("Redo", "redo", self._redo),
                ("Eraser", "ink_eraser", None),
                ("Clear", "delete", self._clear),
            ):
                st.button(word, icon=f":material/{icon}:", key=f"{self.name}_{word.lower()}", on_click=act)
        if reader:
            follow_pen(
                self.name,
                reader,
                self.strokes(),
                self._get("revision") or 0,
                brush,
                (self.width, self.height),
                self._erase,
            )
        keep_draft(self.name, self._draft(), self._take_back, about=about)
        pixels: NDArray[np.uint8] | None = self._get("pixels")
        return pixels

    def remember(self) -> None:
        """Takes back what was drawn before a reload, on a page that shows no canvas but makes use of the drawing."""
        keep_draft(self.name, self._draft(), self._take_back, about=None)

    def _draft(self) -> str:
        strokes = self._get("strokes")
        return json.dumps({"objects": strokes}) if strokes else ""

    def strokes(self) -> tuple[Stroke, ...]:
        """What is drawn, as strokes; none where there is nothing, or more than a drawing can hold."""
        try:
            return strokes_of_canvas({"objects": self._get("strokes") or []})[0]
        except InvalidInput:
            return ()

    def inked_again(self) -> NDArray[np.uint8] | None:
        """What is drawn, where it was drawn, with MNIST's width of pen, uint8 (H, W, 4); None where nothing is."""
        strokes = self.strokes()
        return ink_again(strokes, in_place=True) if strokes else None

    def drawing_name(self) -> str:
        """What its answers say which drawing they are about."""
        return drawing_name(self.strokes())

    def drawing_id(self) -> int:
        """A number that is another one for each drawing."""
        return hash(repr(self._get("strokes")))

    def clear(self) -> None:
        """Takes all ink off the canvas for good."""
        self._set(erased_from=None)
        self.put([])

    def put(self, strokes: list[dict[str, Any]]) -> None:
        """Replaces what is drawn by strokes as the component gives them."""
        # The number makes each replacement a new one, even by the same strokes.
        revision = (self._get("revision") or 0) + 1
        filled_with = (self._get("on_canvas") or {}).get("objects")
        outdated = [*(self._get("outdated") or []), self._get("strokes"), filled_with]
        self._set(
            revision=revision,
            on_canvas={"objects": strokes, "revision": revision},
            strokes=strokes,
            outdated=[drawing for drawing in outdated if drawing not in (None, strokes)][-MAX_OUTDATED:],
            png=None,
        )
        if not strokes:
            self._set(pixels=None)

    def _take(self, result: CanvasResult) -> None:
        """Remembers what the canvas sent, unless it is still what was there before it was filled anew."""
        try:
            png = result.image_bytes
            if png is None or png == self._get("png"):
                return
            strokes = objects_of_canvas(result.json_data)
            if strokes in (self._get("outdated") or []):
                return
            pixels = read_canvas(png, self.width, self.height)
        except (ValueError, AttributeError) as error:  # what no canvas sends: no base64, no PNG, no list of strokes
            show_problem(error if isinstance(error, InvalidInput) else CANVAS_UNREADABLE)
            return
        if strokes != self._get("strokes"):
            self._set(undone=[], outdated=[])  # what the person has drawn on it was sent after all those
        self._set(png=png, pixels=pixels, strokes=strokes)

    def draw(self, strokes: tuple[Stroke, ...]) -> None:
        """Puts strokes from elsewhere on the canvas, with the usual brush; before it is shown."""
        self._begin_with(canvas_objects(strokes, DEFAULT_BRUSH, INK), strokes, DEFAULT_BRUSH)

    def _begin_with(self, objects: list[dict[str, Any]], strokes: tuple[Stroke, ...], brush: float) -> None:
        """Has another canvas begin with a drawing: what the one that is there still sends is of no use."""
        self._set(canvas=(self._get("canvas") or 0) + 1)
        self.put(objects)
        # It sends no pixels before the next stroke.
        self._set(pixels=ink(strokes, brush, max(self.width, self.height))[: self.height, : self.width])

    def _take_back(self, draft: str) -> None:
        """Puts a drawing from before a reload on the canvas, if it is one."""
        with contextlib.suppress(ValueError):
            drawn = read_json(draft)
            self._begin_with(objects_of_canvas(drawn), *strokes_of_canvas(drawn))

    # The browser undoes what was drawn since the canvas was last filled from here; these do the rest.

    def _clear(self) -> None:
        self._set(erased_from=self._get("strokes"))
        self.put([])

    def _undo(self) -> None:
        strokes, erased_from = self._get("strokes") or [], self._get("erased_from")
        if erased_from and strokes == self._get("on_canvas")["objects"]:
            self._set(erased_from=None)
            self.put(erased_from)
        elif strokes:
            self._set(undone=[*(self._get("undone") or []), strokes[-1]])
            self.put(strokes[:-1])

    def _redo(self) -> None:
        if undone := self._get("undone"):
            self._set(undone=undone[:-1])
            self.put([*(self._get("strokes") or []), undone[-1]])

    def _erase(self, index: int, count: int) -> None:
        """Takes one of so many strokes away; nothing where the browser speaks of another drawing."""
        strokes = self._get("strokes") or []
        if count == len(strokes) and 0 <= index < count:
            self._set(erased_from=strokes)
            self.put(strokes[:index] + strokes[index + 1 :])

    def _get(self, what: str) -> Any:
        return st.session_state.get(f"{self.name}_{what}")

    def _set(self, **values: Any) -> None:
        for what, value in values.items():
            st.session_state[f"{self.name}_{what}"] = value


DRAW_BOARD = Board("draw")


def brush_slider() -> None:
    """The width of the brush, for strokes still to come."""
    st.slider(
        "Brush width",
        *BRUSHES,
        value=DEFAULT_BRUSH,
        step=2,
        key="draw_brush",
        persist_state="session",
        help="In pixels of the canvas, which is 280 wide. MNIST's digits were written with a pen of about 20.",
    )
