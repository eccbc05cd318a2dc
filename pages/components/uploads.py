"""Files that people give."""

from urllib.parse import urlsplit

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


def gives_camera(address: str | None) -> bool:
    """Whether a browser gives a page at this address the camera: over https, or on the same computer."""
    parts = urlsplit(address or "")
    host = parts.hostname or ""
    return parts.scheme == "https" or host in ("localhost", "127.0.0.1", "::1") or host.endswith(".localhost")
