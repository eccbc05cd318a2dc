"""A link for somebody else: to copy by hand where a browser does not let it be copied, and to photograph."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

import segno
import streamlit as st

from mnist_core.drawing.sharing import drawing_code
from mnist_core.drawing.strokes import Stroke

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


def page_link(shown: Mapping[str, str | None]) -> str:
    """The address of the page that is open, with what it shows; parts that are empty are left out."""
    return f"{page_address()}?{urlencode({name: value for name, value in shown.items() if value})}"


def drawing_in_link(strokes: Sequence[Stroke], otherwise: str) -> str | None:
    """A drawing's part of a link; None where there are no strokes.

    Args:
        strokes: What is drawn. Where it has too many points it is left out as well, which is said.
        otherwise: What the link opens then.
    """
    code = drawing_code(strokes) if strokes else None
    if strokes and code is None:
        st.caption(f"The drawing has too many points for a link. The link opens {otherwise}.")
    return code


def page_address() -> str:
    """The address of the page that is open, without what it shows."""
    return (st.context.url or "http://localhost:8501/").split("?")[0]
