"""What was deleted lately, to bring back."""

from collections.abc import Callable, Sequence

import streamlit as st

from mnist_core.recycle_bin import KEPT_DAYS, Deleted, RecycleBin
from pages.components.labels import local_time
from pages.components.messages import attempt, escape_markdown, show_kept_problem

SHOWN = 20


def bin_panel(key: str, items: Sequence[Deleted], bin: RecycleBin, restore: Callable[[str], object]) -> None:
    """Shows what lies in the bin, with a way back for each, and one to empty it; nothing where there is nothing.

    Args:
        key: What its widgets' keys begin with.
        items: What is offered.
        bin: Where it lies.
        restore: Brings one of it back, by its id.
    """
    show_kept_problem(f"{key}_problem")
    if not items:
        return
    with st.expander(f"Deleted lately ({len(items)})", icon=":material/restore_from_trash:", key=f"{key}_panel"):
        for item in items[:SHOWN]:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.text(f"{item.title}, {local_time(item.deleted)}", width=330)
                st.button(
                    "Restore",
                    key=f"{key}_restore_{item.id}",
                    icon=":material/undo:",
                    on_click=attempt,
                    args=(f"{key}_problem", restore, item.id),
                    help="Puts it back where it was.",
                )
        if len(items) > SHOWN:
            st.caption(f"The last {SHOWN} of {len(items)}.")
        st.caption(f"It is kept for {KEPT_DAYS} days, then deleted for good.")
        st.button(
            "Delete all of this for good",
            key=f"{key}_empty",
            icon=":material/delete_forever:",
            on_click=_empty,
            args=(bin, [item.id for item in items]),
            help="Frees the room on the disk. There is no way back.",
        )


def say_deleted(what: str, gone: Sequence[str]) -> None:
    """Says that something is in the bin now, and what had to make room for it."""
    st.toast(f"{escape_markdown(what)} is deleted. You find it under *Deleted lately* for {KEPT_DAYS} days.")
    if gone:
        st.toast(f"The disk is full, so this is gone for good: {escape_markdown(', '.join(gone))}")


def _empty(bin: RecycleBin, ids: Sequence[str]) -> None:
    for item_id in ids:
        bin.remove(item_id)
