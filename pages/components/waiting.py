"""Waiting for work that goes on behind a page."""

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

import streamlit as st

from mnist_core.errors import InvalidInput
from pages.components.messages import show_problem

Result = TypeVar("Result")

POLL_SECONDS = 0.5
"""How often a page looks at what goes on behind it."""

PATIENCE_SECONDS = 0.5
"""How long a page waits for an answer before it says that it is on its way."""


@st.fragment(run_every=POLL_SECONDS)
def rerun_when_done(work: Future[Any]) -> None:
    """Runs the page again as soon as the work is done."""
    if work.done():
        st.rerun()


def result_of(
    work: Future[Result], meanwhile: str, say: Callable[[str], object] = st.caption, patience: float = PATIENCE_SECONDS
) -> Result | None:
    """The result of work; None where the page now says that it is on its way, or why there is none.

    Args:
        work: What goes on behind the page.
        meanwhile: What is said until it is done; then the page runs again.
        say: How that is said.
        patience: Seconds to wait for it first.
    """
    try:
        return work.result(timeout=patience)
    except TimeoutError:
        say(meanwhile)
        rerun_when_done(work)
    except InvalidInput as error:
        show_problem(error)
    return None
