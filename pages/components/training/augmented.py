"""What an augmentation makes of a few pictures."""

import numpy as np
import streamlit as st

from mnist_core.server.studio import get_studio
from pages.components.answer import picture_url
from pages.components.messages import show_problem
from pages.components.waiting import rerun_when_done


def show_augmented(dataset: str, augmentation: str) -> None:
    """Training pictures, and below each what the network would see of it in four epochs."""
    asked = get_studio().engine.augmented_examples(dataset, augmentation)
    if not asked.done():
        st.caption("Making examples…")
        rerun_when_done(asked)
        return
    if asked.exception():
        show_problem(asked.exception())
        return
    rows = asked.result()  # (rows, columns, 28, 28)
    sheet = np.concatenate([np.concatenate(list(row), axis=1) for row in rows], axis=0)
    st.html(f'<img class="sheet" src="{picture_url(255 - sheet)}" alt="Training pictures above, varied copies below">')
    st.caption("Above as they are, below as the network sees them in four epochs.")
