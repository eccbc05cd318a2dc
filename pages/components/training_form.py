"""The form that describes a run: what to train, on what, and how."""

from typing import Any

import streamlit as st

from mnist_core.datasets import DATASETS
from mnist_core.errors import InvalidInput
from mnist_core.optimizers import OPTIMIZERS
from mnist_core.presets import PRESETS
from mnist_core.specs import ModelSpec, TrainingSpec
from pages.components.widgets import choice_widget, text_widget, whole_widget

VALIDATION = {
    0.0: "the 10,000 test pictures",
    0.1: "a tenth of the training pictures",
    0.2: "a fifth of the training pictures",
}


def training_form() -> tuple[TrainingSpec | None, str]:
    """Shows the form.

    Returns:
        What it describes, or None where something in it cannot be used, which is then said below the fields; and the
        run's name, which may be empty.
    """
    with st.container(horizontal=True):
        model = _architecture_menu()
        dataset = choice_widget(TrainingSpec, "dataset", "train_dataset", lambda name: DATASETS[name].title, width=170)
        epochs = whole_widget(TrainingSpec, "epochs", "train_epochs", width=130)
    st.caption(f"{model.description} {model.source}")
    with st.expander("More settings"), st.container(horizontal=True):
        batch_size = choice_widget(TrainingSpec, "batch_size", "train_batch_size", width=130)
        optimizer = choice_widget(
            TrainingSpec, "optimizer", "train_optimizer", width=150, on_change=_take_its_learning_rate
        )
        st.session_state.setdefault("train_learning_rate", f"{OPTIMIZERS[optimizer].learning_rate:g}")
        learning_rate = st.text_input(
            "Learning rate",
            key="train_learning_rate",
            help="The size of each correction. Too small learns slowly, too large never settles.",
            persist_state="session",
            width=150,
        )
        validation_split = st.selectbox(
            "Validate on",
            list(VALIDATION),
            key="train_validation_split",
            format_func=VALIDATION.__getitem__,
            help="After each epoch the network is measured on pictures that it does not learn from.",
            persist_state="session",
            width=270,
        )
        seed = text_widget(TrainingSpec, "seed", "train_seed")
        name = st.text_input(
            "Name of the run",
            key="train_name",
            placeholder=model.name,
            help="What the run is called in lists and menus. You can change it later.",
            persist_state="session",
        )
        st.caption(OPTIMIZERS[optimizer].description)
    try:
        spec = TrainingSpec(
            model=model,
            dataset=dataset,
            epochs=_given(epochs),
            batch_size=batch_size,
            optimizer=optimizer,
            learning_rate=_given(learning_rate),
            validation_split=validation_split,
            seed=_given(seed),
        )
    except InvalidInput as error:
        st.error(str(error), icon=":material/error:")
        return None, name
    return spec, name


def _architecture_menu() -> ModelSpec:
    st.session_state.setdefault("train_preset", "fc")
    return PRESETS[
        st.selectbox(
            "Network",
            list(PRESETS),
            key="train_preset",
            format_func=lambda name: f"{name} · {PRESETS[name].num_params:,}",
            help="The architecture, with its number of parameters. More parameters can learn more, and take longer.",
            persist_state="session",
            width=190,
        )
    ]


def _given(value: Any) -> Any:
    """An empty field as an empty text, which the specification names as no number."""
    return "" if value is None else value


def _take_its_learning_rate() -> None:
    rate = OPTIMIZERS[st.session_state.train_optimizer].learning_rate
    st.session_state.train_learning_rate = f"{rate:g}"
