"""The form that describes a run: what to train, on what, and how."""

import dataclasses
import json
from collections.abc import Iterable, Mapping
from typing import Any

import streamlit as st

from mnist_core.errors import InvalidInput
from mnist_core.files import read_json
from mnist_core.formatting import in_full
from mnist_core.networks.fields import Limits, limits_of
from mnist_core.networks.presets import DEFAULT_PRESET, PRESETS
from mnist_core.networks.sharing import architecture_code, read_architecture_code
from mnist_core.networks.spec import ModelSpec
from mnist_core.server.studio import get_studio
from mnist_core.training.options import OPTIMIZERS
from mnist_core.training.spec import TrainingSpec
from pages.components.doors import new_in_address
from pages.components.drafts import keep_draft
from pages.components.messages import escape_markdown, show_problem
from pages.components.training.augmented import show_augmented
from pages.components.uploads import is_new
from pages.components.waiting import rerun_when_done
from pages.components.widgets import can_hold, field_widget, widget_value

MAX_TEXT = 200
FIRST = ("dataset", "epochs")
"""The settings that every run needs a thought about."""

GROUPS = {
    "Data": ("validation_split", "dataset_share", "augmentation", "non_digits", "preparation", "labels"),
    "Learning": ("batch_size", "optimizer", "learning_rate", "momentum", "schedule", "precision"),
    "Stopping": ("early_stopping", "time_limit"),
}
"""The others by what they are about; what stands in none is about repeatability."""

LAST_GROUP = "Repeatability"


def training_form() -> tuple[TrainingSpec | None, str]:
    """Shows the form: a widget for each field of `TrainingSpec`, those of `FIRST` in sight and the others folded away.

    Returns:
        What it describes, or None where something in it cannot be used, which is then said below the fields; and the
        run's name, which may be empty.
    """
    settings = limits_of(TrainingSpec)
    values: dict[str, Any] = {}
    with st.container(horizontal=True):
        model = _architecture_menu()
        for field in FIRST:
            values[field] = field_widget(TrainingSpec, field, f"train_{field}")
    st.caption(escape_markdown(f"{model.description} {model.source}"))
    with st.expander("More settings"):
        for group, fields in _groups(settings).items():
            st.markdown(f"**{group}**")
            with st.container(horizontal=True):
                for field in fields:
                    if settings[field].applies(values):
                        values[field] = _setting(field, values)
                if group == "Data":
                    drawings = _drawings_menu()
        name = st.text_input(
            "Name of the run",
            key="train_name",
            placeholder=model.name,
            help="What the run is called in lists and menus. You can change it later.",
            persist_state="session",
        )
        _explain(settings, values)
    keep_draft("train", _as_draft(model, name), _take_back, about=st.query_params.get("network", ""))
    try:
        spec = TrainingSpec(model=model, drawings=drawings, **values)
    except InvalidInput as error:
        show_problem(error)
        return None, name
    return spec, name


def _others(settings: Iterable[str]) -> list[str]:
    return [field for field in settings if field not in FIRST]


def _groups(settings: Iterable[str]) -> dict[str, list[str]]:
    """The settings that are seldom changed, by group, each in its place."""
    others = _others(settings)
    grouped = {group: [field for field in fields if field in others] for group, fields in GROUPS.items()}
    named = {field for fields in grouped.values() for field in fields}
    return {**grouped, LAST_GROUP: [field for field in others if field not in named]}


def _setting(field: str, values: Mapping[str, Any]) -> Any:
    """The widget of a setting that is seldom changed; the learning rate begins with what its optimizer has."""
    key = f"train_{field}"
    if field == "learning_rate":
        st.session_state.setdefault(key, in_full(OPTIMIZERS[values["optimizer"]].learning_rate))
    return field_widget(TrainingSpec, field, key, _take_its_learning_rate if field == "optimizer" else None)


def _explain(settings: Mapping[str, Limits], values: Mapping[str, Any]) -> None:
    """A sentence on each choice, and what can be seen or measured of it."""
    sentences = ((settings[field], settings[field].descriptions.get(values[field])) for field in _others(values))
    st.caption(" ".join(f"**{limits.label}**: {sentence}" for limits, sentence in sentences if sentence))
    if values["precision"] != "float32":
        _say_what_it_gains()
    if values["augmentation"] != "none":
        show_augmented(values["dataset"], values["augmentation"])


def known_architectures() -> dict[str, ModelSpec]:
    """What the menu of networks offers: presets, saved architectures, and one that a run or a link brought along."""
    brought: ModelSpec | None = st.session_state.get("train_brought")
    return {**PRESETS, **get_studio().architectures.all(), **({brought.name: brought} if brought else {})}


def fill_from(spec: TrainingSpec) -> None:
    """Sets every field to what a run had, so that it can be repeated with one thing changed."""
    bring_architecture(spec.model)
    for field, limits in limits_of(TrainingSpec).items():
        st.session_state[f"train_{field}"] = widget_value(limits, getattr(spec, field))
    st.session_state.train_drawings = spec.drawings


def _as_draft(model: ModelSpec, name: str) -> str:
    """What stands in the form, for the browser to keep."""
    state = st.session_state
    fields = {field: state[f"train_{field}"] for field in limits_of(TrainingSpec) if f"train_{field}" in state}
    return json.dumps(
        {"network": architecture_code(model), "fields": fields, "name": name, "drawings": state.train_drawings}
    )


def _take_back(draft: str) -> None:
    """Fills the form with what stood in it before a reload; what no field can hold is left out."""
    state = st.session_state
    try:
        saved = read_json(draft)
        bring_architecture(read_architecture_code(saved["network"]).check())
        fields, texts = saved["fields"], {"train_name": saved["name"], "train_drawings": saved["drawings"]}
        values = {field: fields[field] for field in limits_of(TrainingSpec) if field in fields}
    except (ValueError, TypeError, KeyError, AttributeError):
        return
    for field, limits in limits_of(TrainingSpec).items():
        if field in values and can_hold(limits, values[field]):
            state[f"train_{field}"] = values[field]
    state.update({key: text for key, text in texts.items() if isinstance(text, str) and len(text) <= MAX_TEXT})


def bring_architecture(model: ModelSpec) -> None:
    """Chooses an architecture in the menu, putting it there first if it is not known."""
    if known_architectures().get(model.name) != model:
        if model.name in PRESETS:
            model = dataclasses.replace(model, name=f"{model.name} (changed)")
        st.session_state.train_brought = model
    st.session_state.train_preset = model.name


def _open_from_address() -> None:
    """Chooses the architecture in the address, once."""
    code = new_in_address("network", "train_opened")
    try:
        if code:
            bring_architecture(read_architecture_code(code).check())
    except InvalidInput as error:
        show_problem(error)


def _architecture_menu() -> ModelSpec:
    _open_from_address()
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
            width=230,
        )
    ]


def _say_what_it_gains() -> None:
    """Whether reduced precision is faster on this computer, measured and not assumed."""
    measured = get_studio().engine.speed()
    if not measured.done():
        st.caption("Measuring whether this processor gains from it…")
        rerun_when_done(measured)
        return
    if measured.exception():
        show_problem(measured.exception())
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
    if state.setdefault("train_drawings", "") not in ("", *kept):
        state.train_drawings = ""
        st.warning("The drawings that were chosen are not kept here. None are taken.")
    with st.container(horizontal=True, vertical_alignment="bottom", width=330):
        chosen = st.selectbox(
            "Drawings",
            ["", *kept],
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
                    get_studio().drawings.add_file(file.getvalue(), file.name)
                except InvalidInput as error:
                    show_problem(error)
                else:
                    st.rerun()
    return str(chosen)


def _take_its_learning_rate() -> None:
    if optimizer := OPTIMIZERS.get(st.session_state.train_optimizer):
        st.session_state.train_learning_rate = in_full(optimizer.learning_rate)
