"""Files that people give."""

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile


def is_new(file: UploadedFile, key: str) -> bool:
    """Whether a file has not been taken yet, and that it now is: its widget goes on giving it at each run of the page.

    Args:
        file: What the widget gives.
        key: Where the session remembers the last file that was taken.
    """
    if file.file_id == st.session_state.get(key):
        return False
    st.session_state[key] = file.file_id
    return True
