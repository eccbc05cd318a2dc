"""The network's answer: in large type, as ten bars that are a table as well, and the picture it saw."""

import base64
import io
from collections.abc import Sequence
from html import escape

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from PIL import Image

from mnist_core.datasets import unscale
from mnist_core.formatting import in_percent
from mnist_core.server.questions import Answer

NOT_SEEN = "Here you will see the 28 × 28 pixels that the network is given."
SEEN = "What the network saw: the ink cut out, made 20 pixels tall or wide, and centred in 28 × 28."
SEEN_IN_PART = "What the network saw, without the steps that you have switched off."
REJECTION = "Not a digit, I think. If I had to say:"

PNG, SVG = "png", "svg+xml"


def percent(share: float) -> str:
    """A share of 1 as people read it, never rounded up to certainty: 98.2 %, or > 99.9 %."""
    if share > 0.999:
        return "> 99.9 %"
    return in_percent(share, 1)


def show_answer(label: str, probability: float, drawing: str = "") -> None:
    """The answer in large type with its probability.

    Args:
        label: The class's name.
        probability: 0 to 1.
        drawing: Which drawing it is about, for the browser; see `drawing_name`.
    """
    kind = "digit" if len(label) == 1 else "digit word"
    st.html(
        f'<p class="answer" role="status"{_about(drawing)}><span class="{kind}">{escape(label)}</span>'
        f'<span class="share">{percent(probability)}</span></p>'
    )


def show_rejection(label: str, probability: float, drawing: str = "") -> None:
    """No digit, the network thinks; and what it would say if it had to."""
    st.html(
        f'<p class="answer refused" role="status"{_about(drawing)}><span class="hint">{REJECTION}</span>'
        f'<span class="digit small">{escape(label)}</span><span class="share">{percent(probability)}</span></p>'
    )


def show_number(number: str, drawing: str) -> None:
    """Several digits in large type, a line for each row, and which drawing they are about."""
    size = "digit lines" if "\n" in number else "digit"
    st.html(f'<p class="answer" role="status"{_about(drawing)}><span class="{size}">{escape(number)}</span></p>')


def show_found(found: Answer, class_names: Sequence[str], drawing: str = "") -> None:
    """What a model says of a drawing, or that it takes it for no digit."""
    show = show_answer if found.is_digit else show_rejection
    show(class_names[found.label], found.confidence, drawing)


def show_hint(text: str, drawing: str = "") -> None:
    """What stands in the answer's place while there is none."""
    st.html(f'<p class="answer" role="status"{_about(drawing)}><span class="hint">{escape(text)}</span></p>')


def _about(drawing: str) -> str:
    return f' data-drawing="{escape(drawing)}"' if drawing else ""


def show_bars(class_names: Sequence[str], probabilities: NDArray[np.float32] | None) -> None:
    """Ten bars on an axis from 0 to 1, as a table with the same numbers.

    Args:
        class_names: Ten names.
        probabilities: float32, shape (10,), or None for an empty chart of the same size.
    """
    values = np.zeros(len(class_names)) if probabilities is None else probabilities
    winner = None if probabilities is None else int(np.argmax(probabilities))
    rows = "".join(
        _bar(name, float(value), index == winner, probabilities is not None)
        for index, (name, value) in enumerate(zip(class_names, values, strict=True))
    )
    st.html(
        '<table class="bars"><caption class="visually-hidden">Probability of each class</caption>'
        f"<tbody>{rows}</tbody>"
        '<tfoot aria-hidden="true"><tr><td></td><td><span class="axis"><span>0</span><span>0.25</span>'
        "<span>0.5</span><span>0.75</span><span>1</span></span></td><td></td></tr></tfoot></table>"
    )


def _bar(name: str, value: float, is_winner: bool, has_value: bool) -> str:
    number = f"{value:.3f}{' ◀' if is_winner else ''}" if has_value else "–"
    return (
        f'<tr{" class=winner" if is_winner else ""}><th scope="row">{escape(name)}</th>'
        f'<td aria-hidden="true"><span class="track"><span class="fill" style="width:{value:.2%}"></span></span></td>'
        f'<td class="number">{number}</td></tr>'
    )


def show_seen(picture: NDArray[np.float32] | None, drawing: str = "", *, all_steps: bool = True) -> None:
    """The 28×28 picture that the network saw, enlarged.

    Args:
        picture: float32, shape (28, 28), or None where there is none yet.
        drawing: Which drawing it is of, for the browser; see `drawing_name`.
        all_steps: Whether no step of preparing it was left out.
    """
    if picture is None:
        image = '<div class="blank"></div>'
        text = NOT_SEEN
    else:
        source = picture_url(unscale(picture))
        image = f'<img src="{source}" alt="The drawing as 28 by 28 grey pixels, white on black">'
        text = SEEN if all_steps else SEEN_IN_PART
    st.html(f'<figure class="seen"{_about(drawing)}>{image}<figcaption>{text}</figcaption></figure>')


def picture_url(picture: NDArray[np.uint8]) -> str:
    """A grey picture, uint8, as a PNG inside a URL, so that it arrives together with the text around it."""
    return image_url(png_of(picture))


def image_url(content: bytes, kind: str = PNG) -> str:
    """The content of an image file as a URL that holds it."""
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"


def show_picture(content: bytes, width: int, alt: str, caption: str = "", kind: str = PNG) -> None:
    """A picture, with words below it where there are any.

    It lies in the page itself: where a page runs again soon, a file of its own is replaced before a browser has asked
    for it.

    Args:
        content: The content of an image file.
        width: How wide it is at most, in pixels.
        alt: What it shows, for those who do not see it.
        caption: The words below it.
        kind: `PNG` or `SVG`.
    """
    words = f"<figcaption>{escape(caption)}</figcaption>" if caption else ""
    st.html(
        f'<figure class="shown" style="max-width:{width}px"><img src="{image_url(content, kind)}" alt="{escape(alt)}">'
        f"{words}</figure>"
    )


def png_of(picture: NDArray[np.uint8]) -> bytes:
    """A picture, uint8, grey (H, W) or in colours (H, W, C), as the content of a PNG file."""
    png = io.BytesIO()
    Image.fromarray(picture).save(png, "PNG")
    return png.getvalue()
