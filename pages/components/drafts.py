"""What is unfinished on a page outlives a reload: it is kept in the browser's tab, and taken back from there once."""

import secrets
from collections.abc import Callable

import streamlit as st

from pages.components.scripted import component

MAX_DRAFT = 2_000_000
"""Characters; a browser keeps about five million for all of a tab."""

_DRAFT = component("draft")


def keep_draft(name: str, content: str, take: Callable[[str], None], about: str | None = "") -> None:
    """Keeps what is unfinished in the browser's tab; after a reload it comes back, before the page is drawn again.

    Args:
        name: What it is, which no other draft is called.
        content: All of it as a text, or "" where there is nothing.
        take: Puts such a text back into the session. It comes from a browser, so it may be anything.
        about: What it belongs to, such as the network in the address; a draft of something else is not taken back.
            None takes back whatever there is, and keeps nothing: on a page where it is not worked on.
    """
    state, key = st.session_state, f"draft_{name}"

    def take_once() -> None:
        saved = getattr(state[key], "saved", None)
        if isinstance(saved, str) and 0 < len(saved) <= MAX_DRAFT and not state.get(f"{key}_taken"):
            state[f"{key}_taken"] = True
            take(saved)

    session = state.setdefault("draft_session", secrets.token_hex(8))
    kept = content if len(content) <= MAX_DRAFT else ""
    data = {"name": name, "session": session, "about": about, "content": kept}
    _DRAFT(key=key, data=data, on_saved_change=take_once, height=0)
