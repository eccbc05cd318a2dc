"""Build: an architecture of one's own, layer by layer."""

import contextlib

import streamlit as st

from mnist_core.errors import InvalidInput
from mnist_core.networks.presets import PRESETS
from mnist_core.networks.sharing import (
    architecture_code,
    architecture_file,
    architecture_link,
    read_architecture,
    read_architecture_code,
)
from mnist_core.networks.spec import ModelSpec
from mnist_core.networks.store import NameTaken
from mnist_core.server.studio import get_studio
from mnist_core.training.spec import TrainingSpec
from pages.components.bin_panel import bin_panel, say_deleted
from pages.components.doors import new_in_address, open_train
from pages.components.drafts import keep_draft
from pages.components.messages import escape_markdown, show_problem
from pages.components.networks.code_panel import code_panel
from pages.components.networks.layer_editor import edit, edited_layers, layer_editor
from pages.components.networks.layers_table import layers_picture
from pages.components.share import page_address, share_link
from pages.components.uploads import is_new
from pages.components.widgets import pressed

OWN_NAME = "my network"


def open_from_address() -> None:
    """Takes the architecture in the address into the editor, once."""
    code = new_in_address("network", "build_opened")
    try:
        if code:
            edit(read_architecture_code(code))
    except InvalidInput as error:
        show_problem(error)


def take_back(draft: str) -> None:
    """Takes the architecture from before a reload into the editor, if it is one."""
    with contextlib.suppress(InvalidInput):
        edit(read_architecture_code(draft))


def start_menu() -> None:
    """Where to start from: a preset, a saved architecture, a file, or nothing."""
    saved = get_studio().architectures.all()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        known = {**PRESETS, **saved}
        name = st.selectbox(
            "Start from",
            list(known),
            index=list(known).index("fc"),
            key="build_start",
            help="The presets, then the architectures you have saved.",
            width=220,
        )
        if pressed("Use it", key="build_take", help="Replaces the layers below by this architecture's."):
            edit(known[name])
            st.session_state.build_name = name if name in saved else f"{name}, changed"
        with st.popover("Open a file", icon=":material/upload_file:", help="Takes an architecture from a file."):
            file = st.file_uploader(
                "An architecture saved by this page (.json)",
                type="json",
                key="build_file",
                help="It replaces the layers in the editor. Nothing in the file is run.",
            )
            if file and is_new(file, "build_file_opened"):
                try:
                    edit(read_architecture(file.getvalue()))
                except InvalidInput as error:
                    show_problem(error)
        if name in saved and pressed(
            f"Delete {escape_markdown(name)}",
            key="build_delete",
            icon=":material/delete:",
            help="Takes it out of the menus of networks. Runs that trained it stay.",
        ):
            try:
                say_deleted(name, get_studio().architectures.delete(name))
            except InvalidInput as error:
                show_problem(error)
            else:
                st.rerun()
    store = get_studio().architectures
    bin_panel("networks_bin", store.bin.items("network"), store.bin, store.bin.restore)


def save(spec: ModelSpec, *, replace: bool = False) -> None:
    """Saves the architecture, or asks where another one is kept under its name."""
    state = st.session_state
    try:
        get_studio().architectures.save(spec, replace=replace)
    except NameTaken:
        state.build_name_taken = spec.name
    except InvalidInput as error:
        show_problem(error)
    else:
        state.build_name_taken = None
        st.toast(f"Saved. {escape_markdown(spec.name)} is now in the menus of networks.")
        st.rerun()


def say_whether_taken(spec: ModelSpec) -> None:
    """That the last press on Save would have overwritten another network."""
    if st.session_state.get("build_name_taken") == spec.name:
        name = escape_markdown(spec.name)
        st.warning(f"Another network is kept as {name}. Press *Replace it*, or give this one another name.")


def keep_menu(spec: ModelSpec) -> None:
    """What to do with the architecture: train it, save it, share it."""
    problems = spec.problems()
    with st.container(horizontal=True):
        if pressed(
            "Train it",
            key="build_train",
            type="primary",
            icon=":material/play_arrow:",
            disabled=bool(problems),
            help="Takes this network to the Train page.",
        ):
            open_train(spec)
        if pressed(
            "Save", key="build_save", icon=":material/save:", help="Keeps it by its name, in the menus of networks."
        ):
            save(spec)
        if st.session_state.get("build_name_taken") == spec.name and pressed(
            "Replace it",
            key="build_replace",
            icon=":material/sync:",
            help="Overwrites the network that is kept under this name. Or choose another name above.",
        ):
            save(spec, replace=True)
        with st.popover("Share", icon=":material/share:", help="As a link or as a file."):
            st.caption("This link opens the architecture on any Digit Studio:")
            share_link(architecture_link(spec, page_address()))
            st.download_button(
                "Download .json",
                architecture_file(spec),
                f"{spec.file_name}.json",
                "application/json",
                on_click="ignore",
                help="A small file that this page opens on any computer.",
            )


open_from_address()
if "build_layers" not in st.session_state:
    edit(PRESETS["fc"])
    st.session_state.build_name = OWN_NAME
start_menu()

with st.container(horizontal=True):
    st.session_state.setdefault("build_name", OWN_NAME)
    name = st.text_input(
        "Name",
        key="build_name",
        max_chars=60,
        width=300,
        persist_state="session",
        help="What it is saved and trained as.",
    )
    st.session_state.setdefault("build_style", "sequential")
    style = st.selectbox(
        "API",
        ["sequential", "functional"],
        key="build_style",
        width=180,
        persist_state="session",
        help="Which of Keras's two ways of writing a model is used. The network is the same.",
    )
try:
    spec = ModelSpec(name, edited_layers(), "An architecture of your own.", "Made on the Build page.", style)
except InvalidInput as error:
    show_problem(error)
    st.stop()

keep_draft("build", architecture_code(spec), take_back, about=st.query_params.get("network", ""))
rows = spec.rows()
keep_menu(spec)
say_whether_taken(spec)
st.markdown(f"{spec.shape_line()} · **{spec.num_params:,}** parameters")
for problem in spec.problems():
    if not problem.startswith("Layer "):
        show_problem(problem)
layer_editor(rows)
if not spec.problems():
    layers_picture(spec)
    with st.expander("Keras code"):
        code_panel(TrainingSpec(spec), "build")
