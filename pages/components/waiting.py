"""Waiting for work that goes on behind a page."""

from collections.abc import Callable
from concurrent.futures import Future, wait
from itertools import count
from typing import Any, TypeVar

import streamlit as st

from mnist_core.errors import InvalidInput
from pages.components.messages import show_problem

Result = TypeVar("Result")

POLL_SECONDS = 0.5
"""How often a page looks at what goes on behind it."""

PATIENCE_SECONDS = 0.5
"""How long a page waits for an answer before it says that it is on its way."""


def rerun_when_done(*works: Future[Any]) -> None:
    """Runs the page again as soon as all work is done; does nothing where it is done already.

    In a fragment it is to be called whether the work is done or not, each time in the same place. A look that falls
    due while that fragment runs keeps the browser from hearing that it ended well, and so from taking away what it
    does not show any more. The look, if it is still there, finds the work done and runs the whole page, which does so.
    """
    looks = count()

    def are_done() -> bool:
        return all(work.done() for work in works)

    def look() -> None:
        is_of_the_page = next(looks) == 0
        if are_done() and not is_of_the_page:
            st.rerun()

    st.fragment(look, run_every=None if are_done() else POLL_SECONDS)()


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
    wait([work], timeout=patience)
    rerun_when_done(work)
    try:
        return work.result(timeout=0)
    except TimeoutError:
        say(meanwhile)
    except InvalidInput as error:
        show_problem(error)
    return None
