"""A network as the columns that it is shown in: a layer that calculates something new, with those that follow it."""

from collections.abc import Sequence
from dataclasses import dataclass

STARTERS = {
    "Conv2D": "Convolution",
    "Dense": "Dense layer",
    "MaxPooling2D": "Max pooling",
    "AveragePooling2D": "Average pooling",
    "GlobalAveragePooling2D": "Mean of each map",
    "Rescaling": "Input scaling",
    "UnitNormalization": "Input scaling",
}
"""Layers that begin a column, in words."""

FOLLOWERS = {
    "BatchNormalization": "batch normalisation",
    "Activation": "activation",
    "Dropout": "dropout",
    "Flatten": "one row",
}
"""Layers that change values one by one, or only their arrangement, and join the column before them."""


@dataclass(frozen=True)
class Column:
    """Some layers in a row that are shown as one.

    Attributes:
        title: What they do, in words.
        first: The place of the first of them.
        last: The place of the last of them, whose values are shown.
    """

    title: str
    first: int
    last: int


def columns_of(kinds: Sequence[str]) -> tuple[Column, ...]:
    """Puts layers into columns, from the first to the last.

    A Flatten only lays values out for the layer after it, and so belongs to that one.

    Args:
        kinds: The Keras class of each layer.
    """
    groups: list[list[int]] = []
    for place, kind in enumerate(kinds):
        begins = kind in STARTERS and not (groups and all(kinds[i] == "Flatten" for i in groups[-1]))
        if not groups or begins or (kind == "Flatten" and place + 1 < len(kinds)):
            groups.append([place])
        else:
            groups[-1].append(place)
    return tuple(Column(_title([kinds[i] for i in group]), group[0], group[-1]) for group in groups)


def _title(kinds: Sequence[str]) -> str:
    for kind in kinds:
        if kind in STARTERS:
            return STARTERS[kind]
    named = next((kind for kind in kinds if kind != "Flatten"), kinds[0])
    return FOLLOWERS.get(named, named).capitalize()
