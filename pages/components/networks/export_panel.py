"""Taking a trained model away: as it lies here, or in a format of another program, checked before it is given."""

from concurrent.futures import Future

import streamlit as st

from mnist_core.runs.models import about
from mnist_core.runs.run import Run
from mnist_core.server.questions import ModelFile
from mnist_core.server.studio import get_studio
from mnist_core.training.formats import BUNDLE, FORMATS, INSTALL_COMMAND, Exported
from pages.components.waiting import result_of
from pages.components.widgets import pressed

Wanted = tuple[ModelFile, str, bool]
"""A model, a format's ending, and whether an example goes with it."""


def export_panel(run: Run) -> None:
    """The model's file, and a panel to have it in another format."""
    with st.container(horizontal=True):
        st.download_button(
            "Download .keras",
            run.model_path.read_bytes,
            f"{run.spec.model.file_name}.keras",
            key="model_keras",
            on_click="ignore",
            help="The trained model for keras.models.load_model, in Keras 3.4 and newer.",
        )
        with st.popover("Other formats", icon=":material/output:", key="export_panel", width="content"):
            _other_formats(run)


def _other_formats(run: Run) -> None:
    ending = st.selectbox(
        "Format",
        list(FORMATS),
        index=list(FORMATS).index(".onnx"),
        key="export_format",
        format_func=_title,
        help="What opens the file. Each is loaded again and compared before you get it.",
        persist_state="session",
    )
    wanted_format = FORMATS[ending]
    st.caption(wanted_format.help)
    if wanted_format.missing():
        st.info("This format needs more packages than the app. Whoever runs the app installs them with:")
        st.code(INSTALL_COMMAND, language=None)
    with_example = bool(wanted_format.load) and st.checkbox(
        "With an example, ten pictures and how drawings are prepared",
        value=True,
        key="export_example",
        help="A .zip with all that one needs to use the model elsewhere. Otherwise its file alone.",
        persist_state="session",
    )
    wanted = (ModelFile.at(run.model_path), ending, with_example)
    if pressed(
        "Prepare the file",
        key="export_make",
        icon=":material/output:",
        disabled=bool(wanted_format.missing()),
        help="Writes it and checks it, which takes a few seconds.",
    ):
        asked = get_studio().engine.export(run.model_path, ending, about(run), with_example=with_example)
        st.session_state.export_asked = (wanted, asked)
    _result(run, wanted)


def _result(run: Run, wanted: Wanted) -> None:
    """What was asked for last in this session, if it is what the panel now says."""
    asked: tuple[Wanted, Future[Exported]] | None = st.session_state.get("export_asked")
    if not asked or asked[0] != wanted:
        return
    with st.container(key="export_result"):
        exported = result_of(asked[1], "Writing the file and comparing what it answers…", _say_working)
        if exported is None:
            return
        st.caption(f":material/check_circle: {exported.sentence}")
        _, ending, with_example = wanted
        name = f"{run.spec.model.file_name}{_ending_of_zip(ending) if with_example else ending}"
        st.download_button(
            f"Download {name} ({len(exported.content) / 1e6:.1f} MB)",
            lambda: exported.content,
            name,
            key="export_download",
            type="primary",
            on_click="ignore",
        )


def _say_working(text: str) -> None:
    st.caption(f":material/hourglass_top: {text}")


def _ending_of_zip(ending: str) -> str:
    """ "-onnx.zip", so that two bundles of one model have two names."""
    return f"-{ending.removesuffix(BUNDLE).strip('.')}{BUNDLE}"


def _title(ending: str) -> str:
    found = FORMATS.get(ending)
    if found is None:
        return str(ending)
    return f"{found.title} ({ending})" + (" · packages missing" if found.missing() else "")
