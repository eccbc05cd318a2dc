"""The plain Keras script of a run or an architecture, to read, copy and download."""

from collections.abc import Sequence

import streamlit as st

from mnist_core.runs.run import Run
from mnist_core.training.keras_script import FORMS, as_notebook, as_python, script_sections
from mnist_core.training.spec import TrainingSpec


def code_panel(spec: TrainingSpec, key: str, earlier: Sequence[Run] = (), ended: str = "") -> None:
    """Shows the script in one of Keras's three ways of writing a network.

    Args:
        spec: The run, or an architecture with the settings that a run would have.
        key: Where the panel stands, as the beginning of its widgets' keys.
        earlier: The runs that it continues, the first of all first.
        ended: How the run ended where that was not by itself.
    """
    form = (
        st.segmented_control(
            "API",
            FORMS,
            default=spec.model.style,
            key=f"{key}_form_{spec.model.style}",
            format_func=str.capitalize,
            help="Sequential is a plain stack of layers. The functional form names what goes from layer to layer. "
            "Subclassed is a class of your own, as research code is often written.",
        )
        or spec.model.style
    )
    sections = script_sections(spec, form, [run.spec for run in earlier], ended)
    name = spec.model.file_name
    with st.container(horizontal=True):
        st.download_button(
            "Download .py",
            as_python(sections),
            f"{name}.py",
            "text/x-python",
            key=f"{key}_py",
            on_click="ignore",
            help="The script as a file: run it with Python where Keras is installed.",
        )
        st.download_button(
            "Download notebook",
            as_notebook(sections),
            f"{name}.ipynb",
            "application/x-ipynb+json",
            key=f"{key}_ipynb",
            on_click="ignore",
            help="The same steps as a Jupyter notebook, one cell for each.",
        )
    with st.container(key=f"{key}_code"):
        st.code(as_python(sections), language="python")
