"""Small pictures with captions, in rows that fit the page."""

from dataclasses import dataclass
from html import escape

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from pages.components.answer import picture_url


@dataclass(frozen=True)
class Tile:
    """One picture of a gallery.

    Attributes:
        picture: uint8, shape (28, 28), 255 is ink.
        caption: What stands below it.
        tone: "right", "wrong" or "" for the caption's colour; the caption says it in words too.
        bars: float32, shape (10,), the probabilities to show beside it, or None.
        truth: The true class, marked among the bars.
        link: Where a click on the picture leads, an address beside this page's, or "".
    """

    picture: NDArray[np.uint8]
    caption: str
    tone: str = ""
    bars: NDArray[np.float32] | None = None
    truth: int = 0
    link: str = ""


def gallery(tiles: list[Tile], size: int = 84) -> None:
    """Shows tiles; each picture is as many pixels wide as `size` says."""
    st.html(f'<div class="gallery">{"".join(_tile(tile, size) for tile in tiles)}</div>')


def _tile(tile: Tile, size: int) -> str:
    source = picture_url(255 - tile.picture)
    image = f'<img src="{source}" alt="{escape(tile.caption)}" style="width:{size}px;height:{size}px">'
    if tile.link:
        image = f'<a href="{escape(tile.link)}" target="_self" title="See inside a network that reads it">{image}</a>'
    bars = "" if tile.bars is None else bars_html(tile.bars, tile.truth, size)
    return f'<figure class="tile {tile.tone}">{image}{bars}<figcaption>{escape(tile.caption)}</figcaption></figure>'


def bars_html(values: NDArray[np.float32], truth: int, size: int) -> str:
    """Ten upright bars as HTML: blue the true class, red a wrong guess, grey the rest."""
    guess = int(values.argmax())
    parts = []
    for index, value in enumerate(values):
        tone = "right" if index == truth else "wrong" if index == guess else ""
        parts.append(
            f'<span class="{tone}" title="{index}: {value:.3f}" style="height:{max(float(value), 0.01):.0%}"></span>'
        )
    return f'<span class="mini" aria-hidden="true" style="height:{size}px">{"".join(parts)}</span>'


def numbers_table(picture: NDArray[np.uint8]) -> None:
    """A picture as its 28×28 numbers, each on the grey that it stands for."""
    rows = "".join(
        "<tr>"
        + "".join(f'<td style="background:rgb({255 - v},{255 - v},{255 - v});color:{_ink(v)}">{v}</td>' for v in row)
        + "</tr>"
        for row in picture.tolist()
    )
    st.html(f'<div class="numbers"><table aria-label="28 by 28 pixel values">{rows}</table></div>')


def _ink(value: int) -> str:
    return "#fff" if value > 127 else "#222"
