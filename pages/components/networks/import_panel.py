"""Bringing a model in that somebody else trained."""

from concurrent.futures import Future

import streamlit as st

from mnist_core.errors import InvalidInput
from mnist_core.runs.imported import MODEL_ENDINGS, keep_imported, name_of_file
from mnist_core.runs.run import IMPORTED, Run
from mnist_core.server.studio import get_studio
from mnist_core.training.foreign import Foreign
from pages.components.doors import open_model
from pages.components.messages import escape_markdown, show_problem
from pages.components.uploads import is_new
from pages.components.waiting import result_of

MAX_UPLOAD_MB = 40


def import_menu() -> None:
    """A button that takes a file; the model in it becomes a run."""
    with st.popover("Open a model file", icon=":material/upload_file:", key="import_panel", width="content"):
        st.caption(
            "A .keras or .h5 file that you or anyone saved with model.save, in Keras 2 or 3. Its layers and weights "
            "are read; nothing in it is run."
        )
        file = st.file_uploader(
            "A model file",
            type=[ending.strip(".") for ending in MODEL_ENDINGS],
            key="import_file",
            max_upload_size=MAX_UPLOAD_MB,
            help="It must take one 28×28 picture and know ten classes.",
        )
        if file and is_new(file, "import_read"):
            name = name_of_file(file.name)
            st.session_state.import_asked = (file.name, get_studio().engine.read_model_file(file.getvalue(), name))
        asked: tuple[str, Future[Foreign]] | None = st.session_state.get("import_asked")
        if file and asked:
            _take(*asked)


def _take(file_name: str, asked: "Future[Foreign]") -> None:
    """Keeps the model once it is read, and opens it."""
    foreign = result_of(asked, "Reading the file, and trying the model on test pictures…")
    if foreign is None:
        return
    del st.session_state.import_asked
    try:
        run = keep_imported(foreign, get_studio().store, file_name)
    except InvalidInput as error:
        show_problem(error)
        return
    open_model(run.id)


def show_import_notes(run: Run) -> None:
    """What was recognised and adapted when a run's model was brought in."""
    for event in get_studio().store.events(run):
        notes = event.get("notes")
        if event["event"] == IMPORTED and isinstance(notes, list):
            sentences = " ".join(str(note) for note in notes[:20])
            st.caption(escape_markdown(f"From the file {str(event.get('file'))[:200]}. {sentences}"))
