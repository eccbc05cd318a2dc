"""What a model reads on a canvas, in little room: the answer and the picture it saw."""

import streamlit as st

from mnist_core.datasets import DATASETS
from mnist_core.drawing.inking import prepare_strokes
from mnist_core.runs.run import Run
from mnist_core.server.studio import get_studio
from pages.components.answer import show_found, show_hint, show_seen
from pages.components.drawing.canvas import Board
from pages.components.waiting import result_of


def show_reading(board: Board, run: Run, hint: str) -> None:
    """Shows what a model makes of the strokes on a canvas.

    Args:
        board: The canvas.
        run: The model.
        hint: What stands there while nothing is drawn.
    """
    drawing = board.drawing_name()
    image = prepare_strokes(board.strokes()).image
    with st.container(key=f"{board.name}_answer"):
        if image is None:
            show_hint(hint, drawing)
        else:
            asked = get_studio().engine.predict(run.model_path, image)
            found = result_of(asked, "The model is loading.", show_hint)
            if found:
                show_found(found, DATASETS[run.spec.dataset].class_names, drawing)
    with st.container(key=f"{board.name}_seen"):
        show_seen(image, drawing)
