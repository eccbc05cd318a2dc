"""Waiting for work that goes on behind a page."""

from concurrent.futures import Future
from typing import Any

import streamlit as st

POLL_SECONDS = 0.5
"""How often a page looks at what goes on behind it."""


@st.fragment(run_every=POLL_SECONDS)
def rerun_when_done(work: Future[Any]) -> None:
    """Runs the page again as soon as the work is done."""
    if work.done():
        st.rerun()
