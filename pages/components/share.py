"""A link for somebody else: to copy by hand where a browser does not let it be copied, and to photograph."""

import segno
import streamlit as st

MAX_QR = 2_900
"""Characters that such a code can hold."""


def share_link(link: str) -> None:
    """Shows a link as a text and as a QR code.

    Args:
        link: The whole address.
    """
    st.code(link, language=None, wrap_lines=True)
    if len(link) <= MAX_QR:
        code = segno.make(link, error="l", micro=False)
        picture = code.svg_data_uri(dark="#000", light="#fff", border=3, scale=4)
        st.html(f'<img class="qr" alt="The link as a QR code" src="{picture}">')
    else:
        st.caption("It is too long for a QR code.")


def page_address() -> str:
    """The address of the page that is open, without what it shows."""
    return (st.context.url or "http://localhost:8501/").split("?")[0]
