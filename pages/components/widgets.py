"""Widgets made from a field's own limits, so that a page cannot say other things than the checks."""

from collections.abc import Callable
from typing import Any, Literal

import streamlit as st

from mnist_core.formatting import in_full
from mnist_core.networks.fields import Limits, limits_of


def choice_widget(spec: Any, field: str, key: str, format_func: Callable[[Any], str] = str, **options: Any) -> Any:
    """A menu for a field that takes one of a list of values."""
    limits = _limits(spec, field)
    choices = list(limits.choices)
    st.session_state.setdefault(key, _default(spec, field))
    return st.selectbox(
        limits.label,
        choices,
        key=key,
        format_func=format_func,
        help=limits.help,
        persist_state="session",
        **options,
    )


def whole_widget(spec: Any, field: str, key: str, width: int | Literal["stretch"] = "stretch") -> Any:
    """A field with a plus and a minus for a whole number. What is out of range is left to the specification to say."""
    limits = _limits(spec, field)
    st.session_state.setdefault(key, _default(spec, field))
    return st.number_input(limits.label, step=1, key=key, help=limits.help, persist_state="session", width=width)


def text_widget(spec: Any, field: str, key: str, width: int | Literal["stretch"] = "stretch") -> str:
    """A field for a number in any spelling: 0.001, 1e-3. What is no number is left to the specification to say."""
    limits = _limits(spec, field)
    st.session_state.setdefault(key, in_full(_default(spec, field)))
    return st.text_input(limits.label, key=key, help=limits.help, persist_state="session", width=width)


def _limits(spec: Any, field: str) -> Limits:
    return limits_of(spec)[field]


def _default(spec: Any, field: str) -> Any:
    return spec.__dataclass_fields__[field].default
