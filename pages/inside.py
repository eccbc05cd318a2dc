"""Inside: what each layer of a network makes of a drawing, while it is drawn, and how any value came about."""

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from mnist_core.datasets import DATASETS, Dataset, load_dataset
from mnist_core.networks.presets import PRESETS
from mnist_core.runs.models import DEFAULT_MODEL
from mnist_core.runs.run import Run
from mnist_core.server.studio import get_studio
from pages.components.dialogs import Dialog
from pages.components.doors import drawing_in_address, in_address, keep_in_address, new_in_address
from pages.components.drawing.canvas import Board
from pages.components.drawing.live import Reader, drawing_hint
from pages.components.gallery import Tile, gallery
from pages.components.inside.view import PANELS, ShownNetwork, show_inside
from pages.components.labels import model_label
from pages.components.messages import show_problem
from pages.components.model_menu import follow_address, listed_models
from pages.components.share import drawing_in_link, page_link, share_link

BOARD = Board("inside")
DRAWING, TEST, TRAINING = "My drawing", "Test picture", "Training picture"
IN_ADDRESS = {TEST: "", TRAINING: "train-"}
"""What stands before a picture's place in the address."""
NOBODY = "nothing"
TRAINED, FRESH = "trained", "before training"
SHARED = ("model", "weights", "compare", "picture", "panel")
"""What stands in the address of what is shown, apart from a drawing."""


def networks_on_offer() -> tuple[dict[str, str], dict[str, Run]]:
    """Every network, with what people read: trained models first, then architectures that are not trained."""
    runs = listed_models(in_address("model"), st.session_state.get("inside_model"))
    own = {name for name, spec in get_studio().architectures.all().items() if not spec.problems()}
    names = {run_id: model_label(run) for run_id, run in runs.items()}
    names |= {f"preset:{name}": f"{name} · not trained" for name in PRESETS}
    names |= {f"own:{name}": f"{name} · not trained" for name in sorted(own)}
    return names, runs


def choose_networks() -> tuple[list[ShownNetwork], str]:
    """The menus; the networks that are shown and the dataset of the first."""
    names, runs = networks_on_offer()
    options = list(names)
    follow_address("inside_model", options, default=DEFAULT_MODEL if DEFAULT_MODEL in names else options[0])
    chosen = st.selectbox(
        "Network",
        options,
        key="inside_model",
        format_func=lambda name: names.get(name, str(name)),
        help="Trained models first, then architectures with the weights that training begins with.",
        width=270,
    )
    keep_in_address("model", chosen, "inside_model_last")
    is_fresh = False
    if chosen in runs:
        if new_in_address("weights", "inside_weights_last") == "fresh":
            st.session_state.inside_weights = FRESH
        weights = st.segmented_control(
            "Weights",
            [TRAINED, FRESH],
            default=TRAINED,
            required=True,
            key="inside_weights",
            help="The same network with what it has learned, or with the random weights that it began with.",
        )
        is_fresh = weights == FRESH
    keep_in_address("weights", "fresh" if is_fresh else "", "inside_weights_last")
    dataset = runs[chosen].spec.dataset if chosen in runs else "mnist"
    same = [name for name in options if (runs[name].spec.dataset if name in runs else "mnist") == dataset]
    if (compared := new_in_address("compare", "inside_other_last")) in same:
        st.session_state.inside_other = compared
    if st.session_state.get("inside_other") not in (None, NOBODY, *same):
        st.session_state.inside_other = NOBODY
    other = st.selectbox(
        "Compare with",
        [NOBODY, *same],
        key="inside_other",
        format_func=lambda name: names.get(name, str(name)),
        persist_state="session",
        help="A second network beside or below it, with the same drawing.",
        width=230,
    )
    shown = [_shown(chosen, names, is_fresh=is_fresh)]
    if other and other != NOBODY:
        shown.append(_shown(other, names))
    keep_in_address("compare", shown[1].model if shown[1:] else "", "inside_other_last")
    return shown, dataset


def _shown(name: str, names: dict[str, str], *, is_fresh: bool = False) -> ShownNetwork:
    label = names[name].split(" · ")[0] if is_fresh else names[name]
    return ShownNetwork(name, f"{label} · {FRESH}" if is_fresh else label, is_fresh or ":" in name)


def choose_picture(dataset: str) -> NDArray[np.uint8] | None:
    """A picture of the dataset, uint8 (28, 28), or None for what is drawn."""
    data = load_dataset(dataset)
    state = st.session_state
    if address := new_in_address("picture", "inside_picture_last"):
        part = TRAINING if address.startswith(IN_ADDRESS[TRAINING]) else TEST
        place = address.removeprefix(IN_ADDRESS[TRAINING])
        if place.isascii() and place.isdecimal() and int(place[:9]) < len(images_of(data, part)):
            state.inside_source, state.inside_place = part, int(place[:9])
        else:
            show_problem(f"There is no picture {address[:20]}. Choose one below.")
    state.setdefault("inside_source", DRAWING)
    source = st.segmented_control("What it reads", [DRAWING, TEST, TRAINING], required=True, key="inside_source")
    if source not in IN_ADDRESS:
        keep_in_address("picture", "", "inside_picture_last")
        return None
    images = images_of(data, source)
    last = len(images) - 1
    state.inside_place = min(int(state.get("inside_place") or 0), last)
    chosen = st.number_input(
        f"Picture, 0 to {last:,}", 0, last, key="inside_place", width=160, help="Its place in the array, from 0."
    )
    st.button(
        "Another", icon=":material/shuffle:", key="inside_another", on_click=_another, args=(last,),
        help="A picture at random.",
    )  # fmt: skip
    keep_in_address("picture", f"{IN_ADDRESS[source]}{chosen}", "inside_picture_last")
    return np.asarray(images[chosen])


def images_of(data: Dataset, part: str) -> NDArray[np.uint8]:
    """The test or the training pictures of a dataset, uint8 (N, 28, 28)."""
    return data.x_train if part == TRAINING else data.x_test


def _another(last: int) -> None:
    st.session_state.inside_place = int(np.random.default_rng().integers(last + 1))


def share() -> None:
    """A link to what is shown: the networks, the panel below, and the picture or the drawing."""
    shown = {name: in_address(name) for name in SHARED}
    shown["drawing"] = drawing_in_link(() if shown["picture"] else BOARD.strokes(), "the rest")
    st.caption("This link shows others the same:")
    share_link(page_link(shown))


SHARE = Dialog("inside_sharing", "Share", share)


def open_from_address() -> None:
    """Takes the drawing and the panel in the address, once."""
    if (panel := new_in_address("panel", "inside_panel_opened")) in PANELS:
        st.session_state.inside_panel = panel
    if strokes := drawing_in_address("inside_opened"):
        BOARD.draw(strokes)


@st.fragment
def look_inside() -> None:
    """The whole screen; after a stroke only this runs again."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="inside_controls"):
        networks, dataset = choose_networks()
        picture = choose_picture(dataset)
        what = "A link to what you see here."
        st.button("Share", icon=":material/share:", key="inside_share", on_click=SHARE.open, help=what)
    with st.container(key="inside_layout"):
        with st.container(key="inside_pad"):
            if picture is None:
                BOARD.show(reader=Reader(None))
            else:
                gallery([Tile(255 - picture, "")], size=280)
        with st.container(key="inside_view"):
            show_inside(BOARD.name, networks, DATASETS[dataset].class_names, drawing_hint(dataset), picture)
            panel = st.session_state.inside_panel
            keep_in_address("panel", "" if panel == next(iter(PANELS)) else panel, "inside_panel_opened")
    SHARE.show()


BOARD.keep()
open_from_address()
look_inside()
