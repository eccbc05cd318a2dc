"""The ways from one screen to another: an address, which the screen that it opens reads, as it does a link."""

from collections.abc import Iterable, Sequence
from urllib.parse import urlencode

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from mnist_core.drawing.sharing import drawing_code, read_drawing_code
from mnist_core.drawing.strokes import Stroke
from mnist_core.errors import InvalidInput
from mnist_core.networks.sharing import architecture_code
from mnist_core.networks.spec import ModelSpec
from pages.components.messages import show_problem
from pages.components.scripted import component

# Streamlit's own st.query_params adds an entry to the history at each change, and Back would lead to the same page.
_ADDRESS = component("address")


def open_draw(model: str) -> None:
    """Opens the canvas with a trained model, named by its run's id."""
    st.switch_page("draw.py", query_params={"model": model})


def open_number(strokes: Sequence[Stroke] = (), picture: NDArray[np.uint8] | None = None) -> None:
    """Opens the page that reads several digits, with a drawing or a picture, uint8 (H, W, 4)."""
    st.session_state.number_given = picture
    code = drawing_code(strokes) if strokes else None
    st.switch_page("number.py", query_params={"drawing": code} if code else {})


def open_model(model: str) -> None:
    """Opens the layers, the summary and the downloads of a trained model, named by its run's id."""
    st.switch_page("model.py", query_params={"model": model})


def open_inside(model: str) -> None:
    """Opens the inside of a network, named by its run's id, or as "preset:" or "own:" with its name."""
    st.switch_page("inside.py", query_params={"model": model})


def inside_address(model: str, picture: str) -> str:
    """The address of the inside of a network that reads a picture: "17" among the test pictures, or "train-17"."""
    return f"inside?{urlencode({'model': model, 'picture': picture})}"


def open_evaluate(model: str, pictures: str) -> None:
    """Opens the figures of a trained model on some pictures: a dataset's name, or "drawings/" and that of a set."""
    st.switch_page("evaluate.py", query_params={"model": model, "pictures": pictures})


def open_compare(runs: Iterable[str]) -> None:
    """Opens the curves of runs, named by their ids, laid over each other."""
    st.switch_page("compare.py", query_params={"runs": ",".join(runs)})


def open_sweep(tag: str) -> None:
    """Opens what comes of the runs of a sweep, named by their tag."""
    st.switch_page("several.py", query_params={"sweep": tag})


def open_train(network: ModelSpec) -> None:
    """Opens the training form with this architecture."""
    st.switch_page("train.py", query_params={"network": architecture_code(network)})


def in_address(name: str) -> str | None:
    """What the address says, also where the browser has not told yet that `keep_in_address` has changed it."""
    value = st.query_params.get(name)
    before, after = st.session_state.get(f"address_{name}", (None, None))
    if after is not None and value == before:
        return str(after)
    st.session_state.pop(f"address_{name}", None)
    return value


def new_in_address(name: str, taken: str) -> str | None:
    """What the address says, where this session has not taken it yet; called before the widget that follows it.

    Args:
        name: The part of the address, such as "network".
        taken: Where the session remembers what it took last.
    """
    value = in_address(name)
    if not value or value == st.session_state.get(taken):
        return None
    st.session_state[taken] = value
    return value


def drawing_in_address(taken: str) -> tuple[Stroke, ...]:
    """The drawing in the address, once, as `new_in_address` gives it; none where there is none, or no whole one."""
    code = new_in_address("drawing", taken)
    try:
        return read_drawing_code(code) if code else ()
    except InvalidInput as error:
        show_problem(error)
        return ()


def leave_out_of_address(name: str) -> None:
    """Takes a part out of the address, such as what is deleted."""
    st.session_state.pop(f"address_{name}", None)
    st.query_params.pop(name, None)


def keep_in_address(name: str, value: str, taken: str) -> None:
    """Writes what a widget shows into the address, so that a reload or a link shows the same; called after it.

    The browser's history gets no entry by it: one step back leads to the page before.

    Args:
        name: The part of the address, such as "model".
        value: What it is to say.
        taken: Where the session remembers what it took last.
    """
    if in_address(name) != value:
        st.session_state[f"address_{name}"] = (st.query_params.get(name), value)
    st.session_state[taken] = value
    _ADDRESS(key=f"address_keeper_{taken}", data={"name": name, "value": value}, height=0)
