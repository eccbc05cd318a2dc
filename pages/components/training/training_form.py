"""The form that describes a run: what to train, on what, and how."""

import dataclasses
from typing import Any

import streamlit as st

from mnist_core.datasets import DATASETS
from mnist_core.drawing.archives import read_set
from mnist_core.errors import InvalidInput
from mnist_core.formatting import in_full
from mnist_core.networks.fields import limits_of
from mnist_core.networks.presets import DEFAULT_PRESET, PRESETS
from mnist_core.networks.spec import ModelSpec
from mnist_core.server.questions import measure_speed
from mnist_core.server.studio import get_studio
from mnist_core.training.augmentation import AUGMENTATIONS
from mnist_core.training.options import LABELS, OPTIMIZERS, PRECISIONS, PREPARATIONS, SCHEDULES
from mnist_core.training.spec import TrainingSpec
from pages.components.messages import show_problem
from pages.components.training.augmented import show_augmented
from pages.components.uploads import is_new
from pages.components.waiting import rerun_when_done
from pages.components.widgets import choice_widget, text_widget, whole_widget

AS_TEXT = ("learning_rate", "momentum", "time_limit", "dataset_share")
"""The settings that are typed as text."""

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
        st.session_state.setdefault("train_learning_rate", in_full(OPTIMIZERS[optimizer].learning_rate))
        rate_limits = limits_of(TrainingSpec)["learning_rate"]
        learning_rate = st.text_input(
            rate_limits.label,
            key="train_learning_rate",
            help=rate_limits.help,
            persist_state="session",
            width=150,
        )
        validation_split = st.selectbox(
            "Validate on",
            _validation_choices(),
            key="train_validation_split",
            format_func=lambda share: VALIDATION.get(share, f"{share:g} of the training pictures"),
            help="After each epoch the network is measured on pictures that it does not learn from.",
            persist_state="session",
            width=270,
        )
        momentum = (
            text_widget(TrainingSpec, "momentum", "train_momentum", width=120)
            if OPTIMIZERS[optimizer].takes_momentum
            else 0.0
        )
        preparation = choice_widget(
            TrainingSpec, "preparation", "train_preparation", lambda name: PREPARATIONS[name].title, width=200
        )
        labels = choice_widget(TrainingSpec, "labels", "train_labels", lambda name: LABELS[name].title, width=220)
        precision = choice_widget(
            TrainingSpec, "precision", "train_precision", lambda name: PRECISIONS[name].title, width=190
        )
        augmentation = choice_widget(
            TrainingSpec, "augmentation", "train_augmentation", lambda name: AUGMENTATIONS[name].title, width=150
        )
        drawings = _drawings_menu()
        non_digits = choice_widget(
            TrainingSpec, "non_digits", "train_non_digits", lambda yes: "shown too" if yes else "not shown", width=150
        )
        dataset_share = text_widget(TrainingSpec, "dataset_share", "train_dataset_share", width=160)
        schedule = choice_widget(TrainingSpec, "schedule", "train_schedule", SCHEDULES.__getitem__, width=170)
        early_stopping = whole_widget(TrainingSpec, "early_stopping", "train_early_stopping", width=150)
        time_limit = text_widget(TrainingSpec, "time_limit", "train_time_limit", width=130)
        shuffle = choice_widget(
            TrainingSpec, "shuffle", "train_shuffle", lambda yes: "every epoch" if yes else "never", width=140
        )
        seed = text_widget(TrainingSpec, "seed", "train_seed", width=130)
        name = st.text_input(
            "Name of the run",
            key="train_name",
            placeholder=model.name,
            help="What the run is called in lists and menus. You can change it later.",
            persist_state="session",
        )
        st.caption(
            f"**{OPTIMIZERS[optimizer].keras_class}**: {OPTIMIZERS[optimizer].description} "
            f"**Pixels**: {PREPARATIONS[preparation].description} **Labels**: {LABELS[labels].description} "
            f"**Precision**: {PRECISIONS[precision].description}"
        )
        if precision != "float32":
            _say_what_it_gains()
        if augmentation != "none":
            st.caption(f"**Augmentation**: {AUGMENTATIONS[augmentation].description}")
            show_augmented(dataset, augmentation)
    try:
        spec = TrainingSpec(
            model=model,
            dataset=dataset,
            epochs=_given(epochs),
            batch_size=batch_size,
            optimizer=optimizer,
            learning_rate=_given(learning_rate),
            validation_split=validation_split,
            momentum=_given(momentum),
            preparation=preparation,
            labels=labels,
            precision=precision,
            augmentation=augmentation,
            drawings=drawings,
            non_digits=non_digits,
            dataset_share=_given(dataset_share),
            schedule=schedule,
            early_stopping=_given(early_stopping),
            time_limit=_given(time_limit),
            shuffle=shuffle,
            seed=_given(seed),
        )
    except InvalidInput as error:
        show_problem(error)
        return None, name
    return spec, name


def known_architectures() -> dict[str, ModelSpec]:
    """What the menu of networks offers: presets, saved architectures, and one that a run or a link brought along."""
    brought: ModelSpec | None = st.session_state.get("train_brought")
    return {**PRESETS, **get_studio().architectures.all(), **({brought.name: brought} if brought else {})}


def fill_from(spec: TrainingSpec) -> None:
    """Sets every field to what a run had, so that it can be repeated with one thing changed."""
    bring_architecture(spec.model)
    for field in limits_of(TrainingSpec):
        value = getattr(spec, field)
        st.session_state[f"train_{field}"] = in_full(value) if field in AS_TEXT else value
    st.session_state.train_seed = str(spec.seed)
    st.session_state.train_drawings = spec.drawings


def bring_architecture(model: ModelSpec) -> None:
    """Chooses an architecture in the menu, putting it there first if it is not known."""
    if known_architectures().get(model.name) != model:
        if model.name in PRESETS:
            model = dataclasses.replace(model, name=f"{model.name} (changed)")
        st.session_state.train_brought = model
    st.session_state.train_preset = model.name


def _architecture_menu() -> ModelSpec:
    known = known_architectures()
    if st.session_state.get("train_preset") not in known:
        st.session_state.train_preset = DEFAULT_PRESET
    return known[
        st.selectbox(
            "Network",
            list(known),
            key="train_preset",
            format_func=lambda name: f"{name} · {known[name].num_params:,}" if name in known else name,
            help="The architecture, with its number of parameters. Make your own on the Build page.",
            persist_state="session",
            width=240,
        )
    ]


def _say_what_it_gains() -> None:
    """Whether reduced precision is faster on this computer, measured and not assumed."""
    measured = get_studio().engine.ask(measure_speed)
    if not measured.done():
        st.caption("Measuring whether this processor gains from it…")
        rerun_when_done(measured)
        return
    gain = measured.result().bfloat16_gain
    if gain < 1.05:
        st.warning(
            f"This processor gains nothing from it: a convolution runs at {gain:.1f} times the speed. "
            "Full precision is the better choice here.",
            icon=":material/speed:",
        )
    else:
        st.caption(f"On this processor a convolution runs at {gain:.1f} times the speed of full precision.")


def _drawings_menu() -> str:
    """Which drawings file is learned from besides the dataset, with a way to give another one."""
    kept = get_studio().drawings.names()
    state = st.session_state
    brought = state.get("train_drawings", "")
    state.setdefault("train_drawings", "")
    with st.container(horizontal=True, vertical_alignment="bottom", width=330):
        chosen = st.selectbox(
            "Drawings",
            sorted({"", *kept, brought}),
            key="train_drawings",
            format_func=lambda name: name or "none",
            help="Drawings to learn from besides the dataset, inked with many brushes.",
            persist_state="session",
            width=190,
        )
        with st.popover("Add", icon=":material/upload_file:", help="A drawings file: one JSON object a line."):
            file = st.file_uploader(
                "A drawings file (.jsonl or .jsonl.gz)",
                type=["jsonl", "gz", "npz", "zip"],
                key="train_drawings_file",
                help="Each line has a label, a writer, and strokes on a canvas of 280×280. Nothing in it is run.",
            )
            if file and is_new(file, "train_drawings_read"):
                try:
                    name = "".join(c if c.isalnum() or c in "-_" else " " for c in file.name.split(".")[0]).strip()[:40]
                    # Never over a set of this name, which may be somebody's handwriting.
                    drawings, store = read_set(file.getvalue(), file.name), get_studio().drawings
                    store.write(store.free_name(name or "drawings"), drawings)
                except InvalidInput as error:
                    show_problem(error)
                else:
                    st.rerun()
    return chosen


def _validation_choices() -> list[float]:
    """The usual shares, and any other that a repeated run had."""
    return sorted({*VALIDATION, st.session_state.get("train_validation_split", 0.0)})


def _given(value: Any) -> Any:
    """An empty field as an empty text, which the specification names as no number."""
    return "" if value is None else value


def _take_its_learning_rate() -> None:
    rate = OPTIMIZERS[st.session_state.train_optimizer].learning_rate
    st.session_state.train_learning_rate = in_full(rate)
