"""The layers of an architecture as a table and as a picture."""

from html import escape

import streamlit as st

from mnist_core import IMAGE_SIZE
from mnist_core.networks.layers import Shape, format_shape
from mnist_core.networks.spec import ModelSpec
from pages.components.answer import SVG, show_picture

PICTURE_HEIGHT = 190


def layers_table(spec: ModelSpec) -> None:
    """Each layer with its settings, output shape and number of parameters."""
    rows = spec.rows()
    st.table(
        {
            "Layer": [row.layer.kind for row in rows],
            "Settings": [row.layer.describe() or "–" for row in rows],
            "Output shape": [format_shape(row.output_shape) if row.output_shape else "–" for row in rows],
            "Parameters": [f"{row.num_params:,}" for row in rows],
        },
        hide_index=True,
        border="horizontal",
    )


def layers_picture(spec: ModelSpec) -> None:
    """The layers from left to right: stacks of pictures while they are pictures, columns of neurons after."""
    stages: list[tuple[str, Shape]] = [("Input", spec.input_shape)]
    stages += [(row.layer.kind, row.output_shape) for row in spec.rows() if row.output_shape]
    width = 124
    parts = [
        _stage(kind, shape, left=index * width, width=width, is_last=index == len(stages) - 1)
        for index, (kind, shape) in enumerate(stages)
    ]
    words = ", then ".join(f"{kind} {format_shape(shape)}" for kind, shape in stages)
    ink = "#e8edf3" if st.context.theme.type == "dark" else "#1b2430"
    total = len(stages) * width
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{total}" height="{PICTURE_HEIGHT}" '
        f'viewBox="0 0 {total} {PICTURE_HEIGHT}" color="{ink}" font-family="sans-serif">{"".join(parts)}</svg>'
    )
    show_picture(svg.encode(), total, words, kind=SVG)


def _stage(kind: str, shape: Shape, *, left: int, width: int, is_last: bool) -> str:
    middle, centre = left + (width - 22) / 2, 84
    body = _stack_of_maps(shape, middle, centre) if len(shape) > 1 else _column_of_neurons(shape[0], middle, centre)
    arrow = f'<path d="M{left + width - 22} {centre}h12m-5 -4 5 4 -5 4" fill="none" stroke="currentColor"/>'
    return (
        f"{body}{'' if is_last else arrow}"
        f'<text x="{middle}" y="164" text-anchor="middle" font-size="12" fill="currentColor">{escape(kind)}</text>'
        f'<text x="{middle}" y="181" text-anchor="middle" font-size="12" fill="currentColor" opacity="0.75">'
        f"{format_shape(shape)}</text>"
    )


def _stack_of_maps(shape: Shape, middle: float, centre: float) -> str:
    """Squares behind each other: their size is the picture's, their number grows with the channels."""
    side = 22 + 46 * shape[0] / IMAGE_SIZE
    sheets = 1 if len(shape) == 2 or shape[2] == 1 else min(2 + shape[2] // 32, 8)
    squares = []
    for sheet in range(sheets):
        shift = (sheet - (sheets - 1) / 2) * 4
        squares.append(
            f'<rect x="{middle - side / 2 + shift:.1f}" y="{centre - side / 2 + shift:.1f}" width="{side:.1f}" '
            f'height="{side:.1f}" fill="#1f5fbf" fill-opacity="0.55" stroke="currentColor" stroke-width="0.8"/>'
        )
    return "".join(squares)


def _column_of_neurons(count: int, middle: float, centre: float) -> str:
    """Up to ten circles in a column, with dots where there are more."""
    shown = min(count, 10)
    spacing = 13
    circles = []
    for index in range(shown):
        y = centre + (index - (shown - 1) / 2) * spacing
        if count > shown and index == shown // 2:
            circles.append(f'<text x="{middle}" y="{y + 3:.1f}" text-anchor="middle" fill="currentColor">⋮</text>')
        else:
            circles.append(
                f'<circle cx="{middle}" cy="{y:.1f}" r="5" fill="#c2571a" fill-opacity="0.7" '
                'stroke="currentColor" stroke-width="0.8"/>'
            )
    return "".join(circles)
