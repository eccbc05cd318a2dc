"""The plain Keras script of a run or an architecture, to read, copy and download."""

from collections.abc import Sequence

import streamlit as st

from mnist_core.errors import InvalidInput
from mnist_core.runs.models import drawings_file
from mnist_core.runs.run import Run
from mnist_core.server.studio import get_studio
from mnist_core.training.keras_script import FORMS, as_notebook, as_python, script_sections
from mnist_core.training.script_data import needs_pictures, pictures_file
from mnist_core.training.spec import TrainingSpec
from mnist_core.training.training_set import as_npz, pictures_besides
from pages.components.messages import escape_markdown


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
    if needs_pictures(spec):
        _pictures_button(spec, key)
    with st.container(key=f"{key}_code"):
        st.code(as_python(sections), language="python")


def _pictures_button(spec: TrainingSpec, key: str) -> None:
    """Offers the pictures that the script reads from a file of their own."""
    try:
        drawings = drawings_file(spec, get_studio().store)
    except InvalidInput as error:
        st.caption(escape_markdown(f"The script reads pictures that cannot be made any more. {error}"))
        return
    st.download_button(
        f"Download {pictures_file(spec)}",
        lambda: as_npz(pictures_besides(spec, drawings)),
        pictures_file(spec),
        key=f"{key}_pictures",
        on_click="ignore",
        help="What it learned from besides its dataset. Put it beside the script. Making it takes some seconds.",
    )
