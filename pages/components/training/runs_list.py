"""All runs, newest first, each one click from being opened or drawn with."""

import streamlit as st

from mnist_core.errors import InvalidInput
from mnist_core.runs.run import Run
from mnist_core.server.studio import get_studio
from pages.components.bin_panel import bin_panel, say_deleted
from pages.components.dialogs import Dialog
from pages.components.doors import in_address, leave_out_of_address, open_draw
from pages.components.labels import accuracy_text, describe_run, duration, local_time, status_text
from pages.components.messages import attempt, show_kept_problem, show_problem
from pages.components.widgets import pressed

RUNS_PER_PAGE = 8
COLUMNS = [3.2, 2.4, 1.3, 1.1, 1.0, 1.6, 2.6]


def runs_list() -> None:
    """Shows the list, with what to do where it is empty."""
    listing = get_studio().store.listing()
    st.subheader("Your runs", anchor=False)
    if listing.unreadable:
        with st.expander(f"{len(listing.unreadable)} run(s) cannot be read", icon=":material/warning:"):
            for name, sentence in listing.unreadable.items():
                with st.container(horizontal=True, vertical_alignment="center"):
                    st.text(sentence)
                    st.button(
                        "Remove",
                        key=f"damaged_{name}",
                        icon=":material/delete:",
                        on_click=attempt,
                        args=("damaged_problem", get_studio().store.delete_damaged, name),
                        help="Deletes its folder, with whatever else is in it.",
                    )
            show_kept_problem("damaged_problem")
    if not listing.runs:
        st.caption("None yet. Press Train, and your first run will be listed here.")
        _bin()
        return
    num_pages = -(-len(listing.runs) // RUNS_PER_PAGE)
    place = st.container()
    page = st.pagination(num_pages, key="train_runs_page") if num_pages > 1 else 1
    first = (min(page, num_pages) - 1) * RUNS_PER_PAGE
    with place:
        for run in listing.runs[first : first + RUNS_PER_PAGE]:
            _row(run)
    for dialog in (RENAME, DELETE):
        dialog.show()
    _bin()


def _bin() -> None:
    store = get_studio().store
    bin_panel("runs_bin", store.bin.items("run"), store.bin, store.restore)


def _row(run: Run) -> None:
    with st.container(key=f"run_{run.id}"):
        name, trained, when, right, took, status, actions = st.columns(COLUMNS, vertical_alignment="center")
        name.text(run.name)
        trained.text(describe_run(run))
        when.text(local_time(run.created))
        right.text(accuracy_text(run))
        took.text(duration(run.result.get("seconds")))
        status.markdown(status_text(run))
        with actions.container(horizontal=True, horizontal_alignment="right", gap="xsmall", wrap=False):
            if pressed("Open", key=f"open_{run.id}", help="Shows this run's curves and figures."):
                st.query_params["run"] = run.id
                st.rerun()
            if pressed(
                "Draw",
                key=f"draw_{run.id}",
                disabled=not run.has_model or run.is_active,
                help="Opens the canvas with this model.",
            ):
                open_draw(run.id)
            with st.popover("", icon=":material/more_vert:", key=f"more_{run.id}", help="Rename or delete"):
                st.button(
                    "Rename",
                    key=f"rename_{run.id}",
                    icon=":material/edit:",
                    on_click=RENAME.open,
                    args=(run.id,),
                    help="Gives the run another name.",
                )
                st.button(
                    "Delete",
                    key=f"delete_{run.id}",
                    icon=":material/delete:",
                    disabled=run.is_active,
                    on_click=DELETE.open,
                    args=(run.id,),
                    help="Asks first, then moves the run with its model into the bin.",
                )


def _rename(run_id: str) -> None:
    try:
        run = get_studio().store.get(run_id)
        name = st.text_input("Name", value=run.name, max_chars=60, key="rename_name", live=True)
        if pressed("Save", type="primary", key="rename_save"):
            get_studio().store.rename(run.id, name)
            RENAME.close()
    except InvalidInput as error:
        show_problem(error)


def _delete(run_id: str) -> None:
    try:
        run = get_studio().store.get(run_id)
        st.write("Its model, curves and figures go into the bin for 30 days:")
        st.text(f"{run.name}, {local_time(run.created)}, {describe_run(run)}")
        with st.container(horizontal=True):
            sure = pressed("Delete", type="primary", key="delete_sure")
            if pressed("Keep it", key="delete_keep"):
                DELETE.close()
        if sure:
            say_deleted(run.name, get_studio().store.delete(run.id))
            if in_address("run") == run.id:
                leave_out_of_address("run")
            DELETE.close()
    except InvalidInput as error:
        show_problem(error)


RENAME = Dialog("train_rename", "Rename the run", _rename)
DELETE = Dialog("train_delete", "Delete the run?", _delete)
