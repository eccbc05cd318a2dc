"""Editing an architecture layer by layer. What is edited lives in the session as `build_layers`."""

import dataclasses
import itertools
from typing import Any

import streamlit as st

from mnist_core.errors import InvalidInput
from mnist_core.networks.fields import Limits, limits_of
from mnist_core.networks.layers import LAYERS, Dense, Flatten, LayerSpec, format_shape
from mnist_core.networks.spec import MAX_LAYERS, LayerRow, ModelSpec
from pages.components.messages import show_problem

_numbers = itertools.count(1)


@dataclasses.dataclass
class EditedLayer:
    """A layer under edit.

    Attributes:
        number: Tells its widgets from those of any other layer, wherever it moves.
        layer: The layer.
        refused: Why the last value typed was not taken, or None.
    """

    number: int
    layer: LayerSpec
    refused: str | None = None


def edit(spec: ModelSpec) -> None:
    """Takes an architecture into the editor, in place of what is there."""
    state = st.session_state
    state.build_layers = [EditedLayer(next(_numbers), layer) for layer in spec.layers]
    state.build_name = spec.name
    state.build_style = spec.style


def edited_layers() -> tuple[LayerSpec, ...]:
    """The layers as they stand in the editor."""
    return tuple(item.layer for item in st.session_state.build_layers)


def layer_editor(rows: list[LayerRow]) -> None:
    """Shows each layer with its settings, shape and parameters, what is wrong with it, and what can be done with it.

    Args:
        rows: The arithmetic of the edited layers, in the same order.
    """
    items: list[EditedLayer] = st.session_state.build_layers
    for index, (item, row) in enumerate(zip(items, rows, strict=True)):
        _row(index, item, row, is_last=index == len(items) - 1)
    with st.container(horizontal=True):
        st.button(
            "Add a layer",
            key="build_add",
            icon=":material/add:",
            on_click=_add,
            disabled=len(items) >= MAX_LAYERS,
            help="Adds a layer before the output. Choose its kind and settings then.",
        )
        st.button(
            "Remove all",
            key="build_clear",
            icon=":material/delete_sweep:",
            on_click=items.clear,
            help="Begins again with no layers.",
        )


def _row(index: int, item: EditedLayer, row: LayerRow, *, is_last: bool) -> None:
    with st.container(key=f"build_layer_{index + 1}", border=True, gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            kind_key = f"build_kind_{item.number}"
            st.session_state[kind_key] = item.layer.kind
            st.selectbox(
                f"Layer {index + 1}",
                list(LAYERS),
                key=kind_key,
                help=item.layer.description,
                on_change=_change_kind,
                args=(item, kind_key),
                width=230,
            )
            for field, limits in limits_of(item.layer).items():
                _setting(item, field, limits)
            shape = format_shape(row.output_shape) if row.output_shape else "–"
            st.markdown(f"→ **{shape}** · {row.num_params:,} parameters", width="stretch")
            _button("↑", "Move up", "up", item, _move, index, -1, disabled=index == 0)
            _button("↓", "Move down", "down", item, _move, index, 1, disabled=is_last)
            _button("✕", "Remove", "remove", item, _remove, index)
        if item.refused:
            show_problem(item.refused)
        if row.problem:
            show_problem(row.problem)


def _setting(item: EditedLayer, field: str, limits: Limits) -> None:
    key = f"build_{field}_{item.number}"
    st.session_state[key] = getattr(item.layer, field)
    common: dict[str, Any] = {
        "key": key,
        "help": limits.help,
        "on_change": _change,
        "args": (item, field, key),
    }
    if limits.choices:
        st.selectbox(limits.label, list(limits.choices), width=135, **common)
    elif limits.whole:
        st.number_input(limits.label, step=1, width=120, **common)
    else:
        st.number_input(limits.label, step=0.05, width=120, **common)


def _button(
    label: str, help: str, action: str, item: EditedLayer, on_click: Any, *args: Any, disabled: bool = False
) -> None:
    key = f"build_{action}_{item.number}"
    st.button(label, key=key, help=help, on_click=on_click, args=args, disabled=disabled, width=44)


def _change_kind(item: EditedLayer, key: str) -> None:
    """Another kind of layer, which keeps the settings that both kinds have."""
    kind = LAYERS.get(st.session_state[key], type(item.layer))
    shared = limits_of(kind).keys() & limits_of(item.layer).keys()
    item.layer = kind(**{field: getattr(item.layer, field) for field in shared})


def _change(item: EditedLayer, field: str, key: str) -> None:
    value = st.session_state[key]
    item.refused = None
    if value is None:
        return
    try:
        item.layer = dataclasses.replace(item.layer, **{field: value})
    except InvalidInput as error:
        item.refused = f"{error} {getattr(item.layer, field)} is kept."


def _add() -> None:
    """Adds the layer that is most likely meant: before the output if there is one, else the output's own."""
    items: list[EditedLayer] = st.session_state.build_layers
    ends_in_softmax = bool(items) and getattr(items[-1].layer, "activation", "") == "softmax"
    layer = Flatten() if not items else Dense(64, "relu") if ends_in_softmax else Dense(10, "softmax")
    items.insert(len(items) - ends_in_softmax, EditedLayer(next(_numbers), layer))


def _move(index: int, by: int) -> None:
    items: list[EditedLayer] = st.session_state.build_layers
    items[index], items[index + by] = items[index + by], items[index]


def _remove(index: int) -> None:
    del st.session_state.build_layers[index]
