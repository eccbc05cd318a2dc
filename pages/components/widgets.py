"""Widgets made from a field's own limits, so that a page cannot say other things than the checks."""

import time
from collections.abc import Callable
from typing import Any

import streamlit as st

from mnist_core.errors import InvalidInput
from mnist_core.formatting import in_full
from mnist_core.networks.fields import Limits, limits_of

MAX_STEPPED = 10_000
"""Whole numbers up to this have buttons for one more and one less; larger ones, as a seed, are typed."""

WIDTHS = (115, 290)
"""The narrowest and the widest widget of a form, in pixels."""


PRESS_SECONDS = 10.0
"""A press whose page has not got to it within this time is given up; the person may be elsewhere by now."""


def pressed(label: str, key: str, **options: Any) -> bool:
    """A button, and whether it has been pressed: once for each press, and for none never.

    What `st.button` says is lost where the page begins again before it got there, as it does when work ends behind it.
    """
    st.button(label, key=key, on_click=_remember_press, args=(key,), **options)
    pressed_at: float | None = st.session_state.pop(f"{key}_pressed", None)
    return pressed_at is not None and time.monotonic() - pressed_at < PRESS_SECONDS


def _remember_press(key: str) -> None:
    st.session_state[f"{key}_pressed"] = time.monotonic()


def field_widget(spec: Any, field: str, key: str, on_change: Callable[[], None] | None = None) -> Any:
    """The widget for a field of a specification: a menu, a number with a plus and a minus, or a text.

    What is out of range is left to the specification to say, and so is what is no number.

    Args:
        spec: The dataclass.
        field: The field's name.
        key: The widget's key.
        on_change: Called when the person changes it.

    Returns:
        What stands in it: a value of the field, or a text for the specification to read; "" where it is empty.
    """
    limits = limits_of(spec)[field]
    state, label = st.session_state, limits.label_with_unit
    default = widget_value(limits, spec.__dataclass_fields__[field].default)
    state.setdefault(key, default)
    common: dict[str, Any] = {"key": key, "help": limits.help, "persist_state": "session", "on_change": on_change}
    if _is_menu(limits):
        if not _is_allowed(limits, state[key]):
            state[key] = default
        options = list(limits.choices) or sorted({*limits.titles, state[key]})
        width = _width(label, *(limits.title(option) for option in options))
        return st.selectbox(label, options, format_func=limits.title, width=width, **common)
    if _is_stepped(limits):
        value = st.number_input(label, step=1, width=_width(label, "+ − 00"), **common)
        return "" if value is None else value
    return st.text_input(label, width=_width(label), **common)


def widget_value(limits: Limits, value: Any) -> Any:
    """What the widget of a field holds where the field has this value: the value, or the text to type for it."""
    if _is_menu(limits) or _is_stepped(limits):
        return value
    return "" if value is None else in_full(value)


def can_hold(limits: Limits, value: Any) -> bool:
    """Whether the widget of a field can hold a value from elsewhere, right or wrong: a menu one of its own."""
    if _is_menu(limits):
        return _is_allowed(limits, value)
    if _is_stepped(limits):
        return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**53
    return isinstance(value, str) and len(value) <= 100


def _is_allowed(limits: Limits, value: Any) -> bool:
    """Whether a field can have the value: a menu holds whatever a browser sends."""
    try:
        return bool(limits.check(value) == value)
    except InvalidInput:
        return False


def _is_menu(limits: Limits) -> bool:
    return bool(limits.choices or limits.titles)


def _is_stepped(limits: Limits) -> bool:
    return limits.whole and limits.maximum <= MAX_STEPPED


def _width(*texts: str) -> int:
    narrowest, widest = WIDTHS
    return min(max(8 * max(map(len, texts)) + 52, narrowest), widest)
